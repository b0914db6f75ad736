//! The candidate against the baseline: every method on both sides of its boundary, against the numbers of SciPy.
//!
//! SciPy 1.17.1 and statsmodels 0.15.0; `c` and `b` stand for the values of candidate and baseline.

use serde_json::Value;

use crate::check::support::{Checked, compared, number, samples, side_by_side};

/// Asserts one p-value or limit of the first gate.
#[track_caller]
fn near(gate: &Value, pointer: &str, expected: f64, tolerance: f64) {
    let value = number(gate.pointer(pointer).unwrap());
    assert!((value - expected).abs() <= tolerance, "{pointer}: {value} and not {expected}\n{gate:#}");
}

/// Exit code, outcome, method and pairing of the first gate.
#[track_caller]
fn ends(checked: &Checked, code: i32, outcome: &str, method: &str, paired: bool) -> Value {
    checked.ends(code, outcome);
    let gate = checked.gate("");
    assert_eq!(
        (&gate["change"]["method"], &gate["change"]["paired"]),
        (&method.into(), &paired.into()),
        "{gate:#}"
    );
    gate
}

const PASS: &str = "pass bound-clears-threshold";
const FAIL: &str = "fail bound-violates-threshold";
const OPEN: &str = "inconclusive threshold-inside-interval";

/// The four rules of the issue, verbatim; the counts of 5,000 answers, how many are slow, and the cost of one.
fn issue(hallucinated: usize, toxic: usize, slow: usize, dearer: f64) -> Checked {
    let cost = |i: usize| 0.01 + 0.001 * ((i * 7919 % 101) as f64 - 50.0) / 50.0;
    let rows = |hallucinated: usize, toxic: usize, slow: usize, dearer: f64, spread: f64| {
        samples(5000, |i| {
            // Noise adds up to nothing over 101 rows.
            let noise = spread * ((i * 31 % 101) as f64 - 50.0) / 50.0;
            format!(
                r#""hallucinated": {}, "toxic": {}, "latency_ms": {}, "cost_usd": {:.9}"#,
                i < hallucinated,
                i < toxic,
                if i < slow { 1300 } else { 400 + i % 300 },
                (cost(i) + noise) * dearer
            )
        })
    };
    let rules =
        ["Hallucination rate < 1.5%", "Toxicity < 0.1%", "p95 latency < 1200ms", "Cost increase < 5%"];
    compared(&rules, &rows(hallucinated, toxic, slow, dearer, 0.0005), &rows(9, 1, 30, 1.0, 0.0)).check()
}

#[test]
fn the_four_rules_of_the_issue_in_one_manifest() {
    let ids = ["hallucination-rate", "toxicity", "p95-latency", "cost-increase"];
    let all = |checked: &Checked, code: i32, outcome: &str| {
        let outcomes = ids.map(|id| checked.outcome(id));
        assert_eq!(outcomes, [outcome; 4], "{}\n{}", checked.stdout, checked.stderr);
        assert_eq!(checked.code, code);
    };
    all(&issue(40, 1, 150, 1.02), 0, PASS);
    all(&issue(150, 25, 400, 1.08), 1, FAIL);
    // 75 of 5,000 are 1.5 %, 5 are 0.1 %, 250 leave 95 % below, and 5 % more is 5 % more.
    all(&issue(75, 5, 250, 1.05), 3, OPEN);
    // One of the four decides.
    for (one, id) in [
        (issue(150, 1, 150, 1.02), ids[0]),
        (issue(40, 25, 150, 1.02), ids[1]),
        (issue(40, 1, 400, 1.02), ids[2]),
        (issue(40, 1, 150, 1.08), ids[3]),
    ] {
        assert_eq!((one.code, one.outcome(id).as_str()), (1, FAIL), "{}", one.stdout);
        let passed = ids.iter().filter(|id| one.outcome(id) == PASS).count();
        assert_eq!(passed, 3, "{}", one.stdout);
    }
}

/// 1,000 questions: `won` that only the candidate answers, `lost` that only the baseline did, one in ten that neither does.
fn pairs(rule: &str, won: usize, lost: usize) -> Checked {
    let (first, both) = (won, won + lost);
    let answers = samples(1000, |i| format!(r#""correct": {}"#, i < first || (i >= both && i % 10 != 0)));
    let before = samples(1000, |i| {
        format!(r#""correct": {}"#, (first..both).contains(&i) || (i >= both && i % 10 != 0))
    });
    compared(&[rule], &answers, &before).check()
}

#[test]
fn paired_rates_are_judged_by_their_differences() {
    // P(Gamma(lost + 1) 0.98 - Gamma(won) 1.02 - Gamma(rest) 0.02 >= 0) by Gil-Pelaez inversion; p_fail mirrored.
    for (lost, p_pass, p_fail, code, outcome) in [
        (15, 0.004_661_424_4, 0.998_393_039_9, 0, PASS),
        (20, 0.055_075_973_8, 0.973_191_454_7, 3, OPEN),
        (21, 0.079_323_931_0, 0.959_057_740_5, 3, OPEN),
        (30, 0.552_407_309_6, 0.572_951_766_4, 3, OPEN),
        (41, 0.958_214_071_4, 0.076_809_765_0, 3, OPEN),
        (42, 0.968_780_722_3, 0.059_297_846_8, 3, OPEN),
    ] {
        let gate = ends(&pairs("accuracy drop < 2pp", 10, lost), code, outcome, "gaffke", true);
        near(&gate, "/p_pass", p_pass, 1e-7);
        near(&gate, "/p_fail", p_fail, 1e-7);
        near(&gate, "/change/value", (lost as f64 - 10.0) / 1000.0, 1e-12);
        near(&gate, "/threshold/value", 0.02, 1e-15);
        assert_eq!(gate["change"]["relative"], false);
    }
    // The other direction: `accuracy increase > 2pp`, superiority by a margin. The same at 0.02.
    let gate = ends(&pairs("accuracy increase > 2pp", 40, 5), 0, PASS, "gaffke", true);
    near(&gate, "/p_pass", 0.013_695_835_4, 1e-7);
    ends(&pairs("accuracy increase > 2pp", 30, 5), 3, OPEN, "gaffke", true);
    ends(&pairs("accuracy increase > 2pp", 5, 30), 1, FAIL, "gaffke", true);
}

#[test]
fn a_margin_of_zero_is_mcnemars_exact_test() {
    // binomtest(b, b + c, .5, alternative='greater').pvalue
    for (won, p_pass, p_fail, code, outcome) in [
        (32, 0.032_454_323_5, 0.983_580_431_2, 0, PASS),
        (31, 0.059_460_226_3, 0.967_545_676_5, 3, OPEN),
        (25, 0.556_137_586_3, 0.556_137_586_3, 3, OPEN),
        (19, 0.967_545_676_5, 0.059_460_226_3, 3, OPEN),
        (18, 0.983_580_431_2, 0.032_454_323_5, 1, FAIL),
    ] {
        let gate = ends(&pairs("accuracy drop <= 0pp", won, 50 - won), code, outcome, "gaffke", true);
        near(&gate, "/p_pass", p_pass, 1e-8);
        near(&gate, "/p_fail", p_fail, 1e-8);
    }
    // Where no pair disagrees nothing was seen; another answer text keeps the two files apart.
    let rows = |text: &str| samples(1000, |i| format!(r#""correct": {}, "text": "{text}""#, i % 10 != 0));
    let none = compared(&["accuracy drop <= 0pp"], &rows("now"), &rows("then")).check();
    assert_eq!((none.code, number(&none.gate("")["p_pass"]) >= 1.0), (3, true), "{}", none.stdout);
}

/// A latency of each of 40 questions before.
fn old(i: usize) -> usize {
    500 + i * 37 % 101
}

/// And now: 29.775 ms longer on average.
fn new(i: usize) -> usize {
    old(i) + 10 + i * 53 % 41
}

/// 40 latencies now and then, on the same questions or on others.
fn latencies(rule: &str, paired: bool) -> Checked {
    let answers = samples(40, |i| format!(r#""latency_ms": {}"#, new(i)));
    let before = samples(40, |i| format!(r#""latency_ms": {}"#, old(i)));
    if paired {
        return compared(&[rule], &answers, &before).check();
    }
    side_by_side(&[rule], &answers, &before.replace("\"q", "\"other-")).check()
}

#[test]
fn paired_means_are_judged_by_t_on_the_differences() {
    // ttest_1samp(c - b - m, 0, alternative='less').pvalue
    for (margin, p_pass, code, outcome) in [
        (36, 0.001_129_304_1, 0, PASS),
        (33, 0.049_161_654_9, 0, PASS),
        (32, 0.124_864_516_0, 3, OPEN),
        (30, 0.453_275_592_4, 3, OPEN),
        (25, 0.991_784_245_7, 1, FAIL),
    ] {
        let rule = format!("mean latency increase < {margin}ms");
        let gate = ends(&latencies(&rule, true), code, outcome, "student-t", true);
        near(&gate, "/p_pass", p_pass, 1e-8);
        near(&gate, "/p_fail", 1.0 - p_pass, 1e-9);
        near(&gate, "/change/value", 29.775, 1e-9);
        near(&gate, "/candidate/value", 579.625, 1e-9);
        near(&gate, "/baseline/value", 549.85, 1e-9);
    }
    // `drop` counts downwards: it got slower, so nothing dropped.
    let gate = ends(&latencies("mean latency drop > 0ms", true), 1, FAIL, "student-t", true);
    near(&gate, "/change/value", -29.775, 1e-9);
}

#[test]
fn relative_changes_are_judged_by_fiellers_contrast() {
    // ttest_1samp(c - 1.06 b, 0, alternative='less').pvalue
    for (margin, p_pass, code, outcome) in [
        ("7%", 2.498_712_2e-5, 0, PASS),
        ("6%", 0.049_880_813_1, 0, PASS),
        ("5%", 0.881_088_537_1, 3, OPEN),
        ("4%", 0.999_896_016_2, 1, FAIL),
        ("6% of baseline", 0.049_880_813_1, 0, PASS),
        ("1.06x", 0.049_880_813_1, 0, PASS),
    ] {
        let rule = format!("mean latency increase < {margin}");
        let gate = ends(&latencies(&rule, true), code, outcome, "fieller", true);
        near(&gate, "/p_pass", p_pass, 1e-8);
        near(&gate, "/change/value", 0.054_151_132_1, 1e-9);
        assert_eq!(gate["change"]["relative"], true);
    }
}

#[test]
fn other_questions_are_compared_side_by_side() {
    // ttest_ind(c - m, b, equal_var=False, alternative='less').pvalue
    for (margin, p_pass, code, outcome) in
        [(45, 0.016_652_800_9, 0, PASS), (40, 0.074_800_852_2, 3, OPEN), (30, 0.487_266_747_7, 3, OPEN)]
    {
        let rule = format!("mean latency increase < {margin}ms");
        let gate = ends(&latencies(&rule, false), code, outcome, "student-t", false);
        near(&gate, "/p_pass", p_pass, 1e-8);
    }
    ends(&latencies("mean latency increase < 5ms", false), 1, FAIL, "student-t", false);
    // t.cdf((mean(c) - R mean(b)) / sqrt(vc + R^2 vb), df), df = (vc + s)^2 / (vc^2/39 + s^2/39), s = (mean(c)/mean(b))^2 vb
    for (margin, p_pass, code, outcome) in
        [("8%", 0.027_322_627_7, 0, PASS), ("5%", 0.624_188_745_6, 3, OPEN), ("3%", 0.967_005_945_9, 1, FAIL)]
    {
        let rule = format!("mean latency increase < {margin}");
        let gate = ends(&latencies(&rule, false), code, outcome, "fieller", false);
        near(&gate, "/p_pass", p_pass, 1e-7);
    }
}

#[test]
fn rates_on_other_questions_meld_their_confidence() {
    // The wrong answers' upper limit is Beta(k + 1, 1000 - k), the baseline's lower Beta(110, 891): Simpson's rule over the
    // density of the one times the tail of the other, in Python; p_fail with both limits the other way round.
    for (correct, p, code, outcome) in [
        (894, 0.048_825_124_6, 0, PASS),
        (893, 0.056_899_946_0, 3, OPEN),
        (870, 0.5, 3, OPEN),
        (845, 0.056_437_679_3, 3, OPEN),
        (844, 0.049_563_521_9, 1, FAIL),
    ] {
        let answers = samples(1000, |i| format!(r#""correct": {}"#, i < correct));
        let before = samples(1000, |i| format!(r#""correct": {}"#, i < 890)).replace("\"q", "\"other-");
        let checked = side_by_side(&["accuracy drop < 2pp"], &answers, &before).check();
        let gate = ends(&checked, code, outcome, "melded", false);
        if correct != 870 {
            near(&gate, if correct > 870 { "/p_pass" } else { "/p_fail" }, p, 1e-8);
        }
        near(&gate, "/change/value", (890.0 - correct as f64) / 1000.0, 1e-12);
        assert_eq!(
            (&gate["candidate"]["events"], &gate["baseline"]["events"]),
            (&correct.into(), &890.into())
        );
    }
}

#[test]
fn quantiles_are_compared_by_their_ratio() {
    let check = |rule: &str, factor: f64| {
        let rows = |factor: f64| {
            samples(1000, |i| {
                format!(r#""latency_ms": {:.6}"#, (600.0 + (i * 37 % 1000) as f64 * 0.4) * factor)
            })
        };
        compared(&[rule], &rows(factor), &rows(1.0).replace('}', ", \"old\": true}")).check()
    };
    // On the same questions each side has its own order statistics at half of the level: ranks 936 and 964 of binom(1000, .95).
    let at = |rank: f64| 600.0 + (rank - 1.0) * 0.4;
    let reach = |factor: f64| (factor * at(936.0) / at(964.0), factor * at(964.0) / at(936.0));
    for rule in ["p95 latency increase < 10%", "p95 latency increase < 1.1x"] {
        for (factor, code, outcome) in [(1.08, 0, PASS), (1.10, 3, OPEN), (1.13, 1, FAIL)] {
            let (lower, upper) = reach(factor);
            let gate = ends(&check(rule, factor), code, outcome, "two-limits", true);
            near(&gate, "/change/lower", lower - 1.0, 1e-8);
            near(&gate, "/change/upper", upper - 1.0, 1e-8);
            near(&gate, "/change/value", factor - 1.0, 1e-8);
        }
    }
}

#[test]
fn a_change_either_way_takes_two_one_sided_tests() {
    // max(ttest_1samp(c - b - m, 0, alternative='less'), ttest_1samp(c - b + m, 0, alternative='greater')); outside:
    // twice the smaller of the other two
    for (margin, p_pass, p_fail, code, outcome) in [
        (35, 0.004_564_755_2, 1.0, 0, PASS),
        (30, 0.453_275_592_4, 1.0, 3, OPEN),
        (25, 0.991_784_245_7, 0.016_431_508_6, 1, FAIL),
    ] {
        let rule = format!("mean latency change < {margin}ms");
        let gate = ends(&latencies(&rule, true), code, outcome, "student-t", true);
        near(&gate, "/p_pass", p_pass, 1e-8);
        near(&gate, "/p_fail", p_fail, 1e-8);
    }
    // Faster by as much is as much of a change.
    let faster = |rule: &str| {
        let answers = samples(40, |i| format!(r#""latency_ms": {}"#, old(i)));
        compared(&[rule], &answers, &samples(40, |i| format!(r#""latency_ms": {}"#, new(i)))).check()
    };
    ends(&faster("mean latency change < 35ms"), 0, PASS, "student-t", true);
    ends(&faster("mean latency change < 25ms"), 1, FAIL, "student-t", true);
    ends(&faster("mean latency increase < 25ms"), 0, PASS, "student-t", true);
}
