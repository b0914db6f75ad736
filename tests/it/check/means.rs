//! Means and ratios of sums: the boundaries are those of a printed t table, not of relgate's own code.

use crate::check::oracle::at_most;
use crate::check::support::{Checked, balanced, judged_by, number, samples, values};

/// The 95 % quantile of Student's t with 29 degrees of freedom.
const T29: f64 = 1.699_127;

/// 30 numbers around 1,000 whose mean has a standard error of 10/sqrt(29) = 1.857; nothing says what they can be.
fn thirty() -> String {
    values("wobble", &balanced(1000.0, 10.0, 30))
}

#[test]
fn a_mean_is_decided_where_the_t_table_says() {
    let reach = T29 * 10.0 / 29_f64.sqrt();
    for (t, code, outcome) in [
        (1000.0 + reach + 0.01, 0, "pass bound-clears-threshold"),
        (1000.0 + reach - 0.01, 3, "inconclusive threshold-inside-interval"),
        (1000.0, 3, "inconclusive threshold-inside-interval"),
        (1000.0 - reach + 0.01, 3, "inconclusive threshold-inside-interval"),
        (1000.0 - reach - 0.01, 1, "fail bound-violates-threshold"),
    ] {
        let checked = judged_by(&[&format!("mean wobble < {t}")], &thirty()).check();
        checked.ends(code, outcome);
        let candidate = checked.gate("")["candidate"].clone();
        assert_eq!(candidate["method"], "student-t");
        assert!((number(&candidate["upper"]) - (1000.0 + reach)).abs() < 1e-4, "{candidate}");
        assert!((number(&candidate["lower"]) - (1000.0 - reach)).abs() < 1e-4, "{candidate}");
    }
    let at = judged_by(&["mean wobble < 1000"], &thirty()).check().gate("");
    assert!((number(&at["p_pass"]) - 0.5).abs() < 1e-9 && (number(&at["p_fail"]) - 0.5).abs() < 1e-9);
}

#[test]
fn a_mean_that_should_be_high_is_the_mirror_image() {
    let reach = T29 * 10.0 / 29_f64.sqrt();
    let rows = thirty();
    for (t, code, outcome) in [
        (1000.0 - reach - 0.01, 0, "pass bound-clears-threshold"),
        (1000.0 - reach + 0.01, 3, "inconclusive threshold-inside-interval"),
        (1000.0 + reach + 0.01, 1, "fail bound-violates-threshold"),
    ] {
        judged_by(&[&format!("mean wobble >= {t}")], &rows).check().ends(code, outcome);
    }
}

#[test]
fn too_few_numbers_say_nothing_of_how_far_the_others_lie() {
    for n in [2, 3, 9] {
        let rows = values("wobble", &balanced(1000.0, 10.0, 10)[..n]);
        judged_by(&["mean wobble < 2000"], &rows).check().ends(3, "inconclusive too-few-for-a-variance");
    }
}

/// Of equal values the integral is a power: an unseen one at three times the limit above it is reckoned with, or, where high
/// values are good, one at 0.
#[test]
fn a_mean_without_an_upper_end_reckons_with_what_was_not_seen() {
    let latency =
        |n: usize| judged_by(&["mean latency < 800ms"], &values("latency_ms", &vec![500.0; n])).check();
    let p = |n: i32| (2400.0_f64 / (2400.0 + 300.0)).powi(n);
    for (n, code) in [(20, 3), (25, 3), (26, 0), (40, 0)] {
        let checked = latency(n);
        let gate = checked.gate("");
        assert_eq!((gate["candidate"]["method"].as_str(), checked.code), (Some("gaffke-open"), code), "{n}");
        assert!((number(&gate["p_pass"]) - p(n as i32)).abs() < 1e-8, "{n}: {gate:#}");
    }
    let throughput =
        |n: usize| judged_by(&["throughput >= 20 tokens/s"], &values("throughput", &vec![25.0; n])).check();
    for (n, code) in [(13, 3), (14, 0)] {
        let checked = throughput(n);
        assert_eq!(checked.code, code, "{n}: {}", checked.stdout);
        assert!((number(&checked.gate("")["p_pass"]) - 0.8_f64.powi(n as i32)).abs() < 1e-8);
    }
}

#[test]
fn fewer_than_eleven_latencies_never_show_a_mean() {
    for n in [1, 2, 5, 10] {
        let rows = values("latency_ms", &vec![1.0; n]);
        let checked = judged_by(&["mean latency < 100000ms"], &rows).check();
        checked.ends(3, "inconclusive too-few-samples");
        assert!(checked.flat().contains("11"), "{}", checked.stdout);
    }
    let rows = values("latency_ms", &[1.0; 11]);
    judged_by(&["mean latency < 100000ms"], &rows).check().ends(0, "pass bound-clears-threshold");
}

#[test]
fn a_score_that_gets_lost_never_helps_a_skewed_mean() {
    // At 150 scores the mean of a bounded score leaves one bound for the other.
    let rows = |missing: usize| {
        samples(150, |i| match i {
            _ if i < 15 => r#""bias_score": 0.99"#.to_owned(),
            _ if i >= 150 - missing => r#""bias_score": null"#.to_owned(),
            _ => r#""bias_score": 0"#.to_owned(),
        })
    };
    let check = |missing| judged_by(&["mean bias < 20%"], &rows(missing)).check();
    let (all, fewer) = (check(0), check(1));
    assert!(all.code == 0 || fewer.code != 0, "{}\n{}", all.stdout, fewer.stdout);
}

#[test]
fn equal_bounded_scores_say_how_much_may_be_unseen() {
    let n = 50;
    let mut seen = Vec::new();
    for step in 0..40 {
        let short = (f64::from(step) + 0.25) / f64::from(n);
        let rows = values("f1", &[1.0 - short; 50]);
        let checked = judged_by(&["F1 >= 90%"], &rows).check();
        let gate = checked.gate("");
        assert_eq!(gate["candidate"]["method"], "gaffke");
        let unseen = |good: f64, limit: f64| if good > limit { (limit / good).powi(n) } else { 1.0 };
        let (pass, fail) = (unseen(1.0 - short, 0.9), unseen(short, 0.1));
        assert!((number(&gate["p_pass"]) - pass.min(1.0)).abs() < 1e-7, "{short}: {gate:#}\n{pass}");
        assert!((number(&gate["p_fail"]) - fail.min(1.0)).abs() < 1e-7, "{short}: {gate:#}\n{fail}");
        let code = if fail <= 0.05 {
            1
        } else if pass <= 0.05 {
            0
        } else {
            3
        };
        assert_eq!(checked.code, code, "{short}: {}", checked.stdout);
        seen.push(code);
    }
    seen.dedup();
    assert_eq!(seen, [0, 3, 1], "from good to bad: pass, open, fail");
}

/// Where the bad end is one of two values, Gaffke's bound is the exact binomial test of how often it occurs.
#[test]
fn a_bounded_score_away_from_its_edge_gets_gaffkes_bound() {
    let mut seen = Vec::new();
    for ones in (40..=100).step_by(3) {
        let scores: Vec<f64> = (0..300).map(|i| if i < ones { 1.0 } else { 0.1 }).collect();
        let checked = judged_by(&["mean bias < 30%"], &values("bias_score", &scores)).check();
        let gate = checked.gate("");
        assert_eq!(gate["candidate"]["method"], "gaffke");
        let p = at_most(ones, 300, (0.3 - 0.1) / 0.9);
        assert!((number(&gate["p_pass"]) - p).abs() < 1e-8, "{ones}: {gate:#}\n{p}");
        let passes = p <= 0.05;
        assert_eq!(checked.code == 0, passes, "{ones}: {}", checked.stdout);
        assert_eq!(number(&gate["candidate"]["upper"]) < 0.3, passes, "{ones}: {gate:#}");
        seen.push(checked.code);
    }
    seen.dedup();
    assert_eq!(seen, [0, 3, 1], "from good to bad: pass, open, fail");
}

/// A thousand scores far more alike than the limit is near: Student's t would be sure. That a spike of 1 is one in a
/// thousand, and the mean broken, has a third of a chance to go unseen.
#[test]
fn spikes_that_may_be_unseen_keep_a_bounded_mean_open() {
    let check = |n: usize| {
        let scores: Vec<f64> = (0..n).map(|i| 0.0285 + 0.001 * ((i % 2) as f64)).collect();
        judged_by(&["mean bias < 3%"], &values("bias_score", &scores)).check()
    };
    check(1000).ends(3, "inconclusive threshold-inside-interval");
    let unseen = ((1.0_f64 - 0.03) / (1.0 - 0.029)).powi(1000);
    assert!((number(&check(1000).gate("")["p_pass"]) - unseen).abs() < 0.001);
    check(4000).ends(0, "pass bound-clears-threshold");
}

#[test]
fn missing_samples_of_a_bounded_score_stand_at_the_bad_edge() {
    let rows = |missing: usize, value: f64| {
        samples(200, |i| if i < missing { r#""f1": null"#.to_owned() } else { format!(r#""f1": {value}"#) })
    };
    let code = |missing, value| judged_by(&["F1 >= 80%"], &rows(missing, value)).check().code;
    assert_eq!(code(0, 1.0), 0);
    let turning = (1..200).find(|missing| code(*missing, 1.0) != 0).unwrap();
    // As many zeros do the same.
    let zeros = |n: usize| {
        let scores: Vec<f64> = (0..200).map(|i| if i < n { 0.0 } else { 1.0 }).collect();
        judged_by(&["F1 >= 80%"], &values("f1", &scores)).check().code
    };
    assert_eq!((zeros(turning - 1), zeros(turning)), (0, 3));
    // For a fail they stand at the good edge.
    assert_eq!(code(0, 0.5), 1);
    assert_eq!(code(150, 0.5), 3);
}

#[test]
fn a_missing_sample_without_a_bound_could_be_anything() {
    let rows = |missing: usize| {
        samples(100, |i| {
            if i < missing {
                r#""latency_ms": null"#.to_owned()
            } else {
                format!(r#""latency_ms": {}"#, 500 + i % 10)
            }
        })
    };
    judged_by(&["mean latency < 1000ms"], &rows(0)).check().ends(0, "pass bound-clears-threshold");
    let checked = judged_by(&["mean latency < 1000ms"], &rows(1)).check();
    checked.ends(3, "inconclusive missing-samples-unbounded");
    assert_eq!(checked.gate("")["candidate"]["unbounded"], serde_json::json!(["upper"]));
    assert!(checked.gate("")["candidate"]["upper"].is_null());
    // A latency is never below 0: the other direction stays decidable.
    judged_by(&["mean latency < 400ms"], &rows(1)).check().ends(1, "fail bound-violates-threshold");
    let bounds = "metrics: { latency: { field: latency_ms, unit: ms, bounds: [0, 2000] } }\n";
    judged_by(&["mean latency < 1000ms"], &rows(1))
        .and(bounds)
        .check()
        .ends(0, "pass bound-clears-threshold");
}

#[test]
fn a_mean_without_spread_is_not_a_mean_without_doubt() {
    let check = |n, rule: &str| judged_by(&[rule], &values("wobble", &vec![500.0; n])).check();
    check(100, "mean wobble < 1000").ends(3, "inconclusive zero-variance");
    check(1, "mean wobble < 1000").ends(3, "inconclusive too-few-for-a-variance");
    let candidate = check(100, "mean wobble < 1000").gate("")["candidate"].clone();
    assert!(candidate["upper"].is_null(), "never an interval of width 0: {candidate}");
}

const COST: &str =
    "metrics: { cost_per_1k_tokens: { as: ratio, field: cost_usd, per: tokens, scale: 1000 } }\n";

fn ratio(rule: &str, rows: &str) -> Checked {
    judged_by(&[rule], rows).and(COST).check()
}

#[test]
fn a_ratio_of_sums_with_one_denominator_is_a_mean() {
    let costs = balanced(0.01, 0.0001, 30);
    let rows = samples(30, |i| format!(r#""cost_usd": {}, "tokens": 1000"#, costs[i]));
    let means: Vec<f64> = costs.clone();
    for t in [0.0098, 0.0105, 0.013, 0.016] {
        let of_sums = ratio(&format!("cost per 1k tokens < ${t}"), &rows);
        let of_mean = judged_by(&[&format!("mean cost < ${t}")], &values("cost_usd", &means)).check();
        assert_eq!(of_sums.code, of_mean.code, "{t}");
        let p = |checked: &Checked, key: &str| number(&checked.gate("")[key]);
        for key in ["p_pass", "p_fail"] {
            let (one, other) = (p(&of_sums, key), p(&of_mean, key));
            assert!((one - other).abs() < 1e-8 + 1e-6 * other, "{t} {key}: {one} {other}");
        }
        assert_eq!(of_sums.gate("")["candidate"]["method"], "gaffke-open");
    }
}

#[test]
fn a_ratio_of_sums_weighs_rows_by_their_denominator() {
    // 40 short dear answers and 40 long cheap ones: 0.08 dollars over 440,000 tokens, and not the mean of the rows' ratios.
    let rows = samples(80, |i| {
        let noise = (i % 5) as f64 * 1e-5;
        if i % 2 == 0 {
            format!(r#""cost_usd": {}, "tokens": 1000"#, 0.001 + noise)
        } else {
            format!(r#""cost_usd": {}, "tokens": 10000"#, 0.001 + noise)
        }
    });
    let checked = ratio("cost per 1k tokens < $0.0003", &rows);
    checked.ends(0, "pass bound-clears-threshold");
    let value = number(&checked.gate("")["candidate"]["value"]);
    let expected = 1000.0 * (0.08 + 16.0 * (0.0 + 1.0 + 2.0 + 3.0 + 4.0) * 1e-5) / 440_000.0;
    assert!((value - expected).abs() < 1e-12, "{value} {expected}");
    ratio("cost per 1k tokens < $0.0001", &rows).ends(1, "fail bound-violates-threshold");
    ratio(&format!("cost per 1k tokens < ${expected:.12}"), &rows)
        .ends(3, "inconclusive threshold-inside-interval");
}

#[test]
fn a_ratio_with_a_missing_side_could_be_anything() {
    for hole in [
        r#""cost_usd": null, "tokens": 1000"#,
        r#""cost_usd": 0.01, "tokens": null"#,
        r#""cost_usd": 0.01, "tokens": 1000, "error": "timeout""#,
    ] {
        let rows = samples(100, |i| {
            if i == 50 { hole.to_owned() } else { format!(r#""cost_usd": 0.01, "tokens": {}"#, 1000 + i) }
        });
        ratio("cost per 1k tokens < $1", &rows).ends(3, "inconclusive missing-samples-unbounded");
    }
}

/// A cap makes a cost a bounded score, whose bound is promised; how often it is above the cap is the other gate's business.
#[test]
fn a_cap_bounds_a_mean_and_asks_for_a_gate_on_its_tail() {
    // Two of a hundred costs are spikes of a hundred times.
    let costs: Vec<f64> = (0..400).map(|i| if i % 200 == 7 { 0.5 } else { 0.005 }).collect();
    let rows = values("cost_usd", &costs);
    let capped = "metrics: { cost: { field: cost_usd, cap: 0.05 } }\n";
    let tail = "p98 cost < $0.05";
    let checked = judged_by(&["mean cost < $0.01", tail], &rows).and(capped).check();
    checked.ends(0, "pass bound-clears-threshold");
    let candidate = checked.gate("mean-cost")["candidate"].clone();
    assert_eq!(candidate["method"], "gaffke");
    assert!(
        (number(&candidate["value"]) - (0.005 * 398.0 + 0.05 * 2.0) / 400.0).abs() < 1e-12,
        "{candidate}"
    );
    assert_eq!(checked.warnings(), ["capped-values"], "and nothing is not promised");
    assert!(checked.flat().contains("2 of 400 values of `cost_usd` are above the cap"), "{}", checked.stdout);
    let plain = judged_by(&["mean cost < $0.01", tail], &rows).check();
    assert_eq!(
        (plain.code, plain.gate("mean-cost")["candidate"]["method"].as_str()),
        (3, Some("gaffke-open"))
    );
    // Where a tenth are spikes the mean of what counts is still low, and the other gate says no.
    let worse: Vec<f64> = (0..400).map(|i| if i % 10 == 7 { 0.5 } else { 0.001 }).collect();
    let failed = judged_by(&["mean cost < $0.01", tail], &values("cost_usd", &worse)).and(capped).check();
    assert_eq!((failed.code, failed.outcome("mean-cost").as_str()), (1, "pass bound-clears-threshold"));
    for (gates, definition, words) in [
        (&["mean cost < $0.01"][..], capped, &["cap-without-tail", "release.yaml:", "p99 cost"][..]),
        (&["mean cost < $0.01", "p98 cost < $0.2"], capped, &["cap-without-tail"]),
        (
            &["mean cost < $0.01", "{ rule: 'p98 cost < $0.05', enforcement: warn }"],
            capped,
            &["cap-without-tail"],
        ),
        (
            &["mean cost < $0.01", "{ rule: 'p98 cost < $0.05', when: { changed: [models] } }"],
            capped,
            &["cap-without-tail"],
        ),
        (&["mean cost < $0.06", tail], capped, &["always-holds"]),
        (
            &["mean cost < $0.01", tail],
            "metrics: { cost: { field: cost_usd, cap: 0.05, bounds: [0, 1] } }\n",
            &["cap-misplaced", "bounds"],
        ),
        (
            &["mean cost < $0.01", tail],
            "metrics: { cost: { field: cost_usd, cap: 0 } }\n",
            &["cap-misplaced"],
        ),
    ] {
        judged_by(gates, &rows).and(definition).check().refuses(words);
    }
    let negative = values("balance", &[-1.0, 2.0, 3.0]);
    let of_any = "metrics: { balance: { as: mean, cap: 5 } }\n";
    judged_by(&["balance < 3", "p95 balance < 5"], &negative).and(of_any).check().refuses(&["cap-misplaced"]);
}
