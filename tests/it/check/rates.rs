//! Rates: exact counts on both sides of every boundary, and what missing samples do to them.

use std::fmt::Write as _;

use crate::check::oracle::{at_least, at_most, fewest_that_fail, most_that_pass};
use crate::check::support::{ANSWERS, events, judged_by, listed, number, project, samples};

const RULE: &str = "Hallucination rate < 1.5%";

#[test]
fn a_low_rate_passes_fails_and_stays_open_at_exactly_the_right_counts() {
    for (n, limit, t) in [(1000, "1.5%", 0.015), (300, "0.05", 0.05), (3000, "0.1%", 0.001)] {
        let rule = format!("Hallucination rate < {limit}");
        let pass = most_that_pass(n, t, 0.05).unwrap();
        let fail = fewest_that_fail(n, t, 0.05);
        let at = (n as f64 * t) as u64;
        let open = "inconclusive threshold-inside-interval";
        for (count, code, outcome) in [
            (0, 0, "pass bound-clears-threshold"),
            (pass, 0, "pass bound-clears-threshold"),
            (pass + 1, 3, open),
            (at, 3, open),
            (fail - 1, 3, open),
            (fail, 1, "fail bound-violates-threshold"),
            (n, 1, "fail bound-violates-threshold"),
        ] {
            let checked = judged_by(&[&rule], &events("hallucinated", count, n)).check();
            checked.ends(code, outcome);
            let gate = checked.gate("");
            assert!(
                (number(&gate["p_pass"]) - at_most(count, n, t)).abs() < 1e-9,
                "{count} of {n}: {gate:#}"
            );
            assert!(
                (number(&gate["p_fail"]) - at_least(count, n, t)).abs() < 1e-9,
                "{count} of {n}: {gate:#}"
            );
            assert_eq!(gate["candidate"]["method"], "clopper-pearson");
            assert_eq!((&gate["candidate"]["events"], &gate["candidate"]["n"]), (&count.into(), &n.into()));
        }
    }
}

#[test]
fn a_high_rate_is_the_mirror_image() {
    let n = 400;
    let pass = most_that_pass(n, 0.1, 0.05).unwrap();
    let fail = fewest_that_fail(n, 0.1, 0.05);
    for (wrong, code, outcome) in [
        (pass, 0, "pass bound-clears-threshold"),
        (pass + 1, 3, "inconclusive threshold-inside-interval"),
        (40, 3, "inconclusive threshold-inside-interval"),
        (fail - 1, 3, "inconclusive threshold-inside-interval"),
        (fail, 1, "fail bound-violates-threshold"),
    ] {
        judged_by(&["Accuracy >= 90%"], &events("correct", n - wrong, n)).check().ends(code, outcome);
    }
}

#[test]
fn the_limits_stand_on_the_side_of_the_threshold_that_the_outcome_says() {
    let n = 1000;
    let pass = most_that_pass(n, 0.015, 0.05).unwrap();
    let upper = |count| {
        number(&judged_by(&[RULE], &events("hallucinated", count, n)).check().gate("")["candidate"]["upper"])
    };
    assert!(upper(pass) < 0.015);
    assert!(upper(pass + 1) >= 0.015);
}

/// `bad` events, `missing` rows without a usable score, of `n` rows.
fn with_missing(bad: usize, missing: usize, n: usize) -> String {
    samples(n, |i| match i {
        _ if i < bad => r#""hallucinated": true"#.to_owned(),
        _ if i >= n - missing => match i % 3 {
            0 => r#""hallucinated": null"#.to_owned(),
            1 => r#""hallucinated": false, "error": "timeout""#.to_owned(),
            _ => r#""lang": "de""#.to_owned(),
        },
        _ => r#""hallucinated": false"#.to_owned(),
    })
}

#[test]
fn a_missing_sample_counts_as_a_bad_one_for_a_pass() {
    let most = most_that_pass(1000, 0.015, 0.05).unwrap() as usize;
    for missing in [1, 2, most] {
        let checked = judged_by(&[RULE], &with_missing(most - missing, missing, 1000)).check();
        checked.ends(0, "pass bound-clears-threshold");
        assert_eq!(checked.gate("")["candidate"]["missing"], missing);
        assert_eq!(checked.gate("")["candidate"]["n"], 1000 - missing);
        let checked = judged_by(&[RULE], &with_missing(most - missing, missing + 1, 1000)).check();
        let told = format!("{} without a score", missing + 1);
        assert!(checked.flat().contains(&told), "{}", checked.stdout);
        assert!(checked.flat().contains("selected rows have no usable score"), "{}", checked.stdout);
        checked.ends(3, "inconclusive threshold-inside-interval");
    }
}

#[test]
fn a_missing_sample_counts_as_a_good_one_for_a_fail() {
    let fewest = fewest_that_fail(1000, 0.015, 0.05);
    judged_by(&[RULE], &with_missing(fewest as usize, 0, 1000))
        .check()
        .ends(1, "fail bound-violates-threshold");
    let enough = (0..1000).find(|more| at_least(fewest, 1000 + more, 0.015) > 0.05).unwrap() as usize;
    let rows = |missing| with_missing(fewest as usize, missing, 1000 + missing);
    judged_by(&[RULE], &rows(enough - 1)).check().ends(1, "fail bound-violates-threshold");
    judged_by(&[RULE], &rows(enough)).check().ends(3, "inconclusive threshold-inside-interval");
}

#[test]
fn a_small_share_of_missing_samples_is_left_out_where_the_policy_says_so() {
    let policy = "policy: { missing_samples: { exclude_up_to: 1% } }\n";
    // 10 of 1,000 is exactly 1 %, 11 is not.
    let most = most_that_pass(989, 0.015, 0.05).unwrap() as usize;
    let checked = judged_by(&[RULE], &with_missing(most, 10, 1000)).and(policy).check();
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(checked.gate("")["candidate"]["missing"], 10, "left out is not forgotten");
    judged_by(&[RULE], &with_missing(most, 11, 1000))
        .and(policy)
        .check()
        .ends(3, "inconclusive threshold-inside-interval");
    judged_by(&[RULE], &with_missing(most, 10, 1000))
        .check()
        .ends(3, "inconclusive threshold-inside-interval");
}

#[test]
fn rows_outside_where_do_not_count() {
    // 300 graded answers without a hallucination; 700 ungraded ones full of them.
    let rows = samples(1000, |i| {
        format!(
            r#""hallucinated": {}, "graded": {}, "lang": "{}""#,
            i >= 300,
            i < 300,
            ["de", "en", "fr"][i % 3]
        )
    });
    let graded = format!(
        "evidence: {{ answers: {{ path: answers.jsonl, where: {{ graded: true }} }} }}\n{}",
        listed(&[RULE])
    );
    let checked = project().manifest(&graded).file("answers.jsonl", &rows).check();
    checked.ends(0, "pass bound-clears-threshold");
    let candidate = checked.gate("")["candidate"].clone();
    assert_eq!(
        (&candidate["selected"], &candidate["rows"], &candidate["n"]),
        (&300.into(), &1000.into(), &300.into())
    );
    judged_by(&[RULE], &rows).check().ends(1, "fail bound-violates-threshold");

    let of_metric =
        "metrics: { hallucination_rate: { field: hallucinated, where: { graded: true, lang: [de, en] } } }\n";
    let checked = judged_by(&[RULE], &rows).and(of_metric).check();
    checked.ends(0, "pass bound-clears-threshold");
    assert_eq!(checked.gate("")["candidate"]["n"], 200);
}

#[test]
fn where_that_keeps_nothing_is_an_error() {
    for rows in [events("hallucinated", 0, 500), samples(500, |_| r#""hallucinated": null"#.to_owned())] {
        let body = "evidence: { answers: { path: answers.jsonl, where: { id: [q900] } } }\n";
        let none =
            project().manifest(&(body.to_owned() + &listed(&[RULE]))).file("answers.jsonl", &rows).check();
        assert_ne!(none.code, 0, "{}", none.stdout);
    }
    let rows = samples(500, |_| r#""hallucinated": false, "graded": false"#.to_owned());
    let body = "evidence: { answers: { path: answers.jsonl, where: { graded: true } } }\n";
    let checked =
        project().manifest(&(body.to_owned() + &listed(&[RULE]))).file("answers.jsonl", rows).check();
    checked.ends(2, "error no-samples");
    assert!(checked.stdout.contains("none of 500 rows is selected"), "{}", checked.stdout);
    judged_by(&[RULE], &samples(500, |_| r#""hallucinated": null"#.to_owned()))
        .check()
        .ends(2, "error no-samples");
}

#[test]
fn a_gate_may_ask_for_more_confidence() {
    let most = most_that_pass(1000, 0.015, 0.05).unwrap();
    let surer = most_that_pass(1000, 0.015, 0.01).unwrap();
    assert!(surer < most);
    let gate = "{ id: g, rule: 'Hallucination rate < 1.5%', confidence: 99% }";
    judged_by(&[gate], &events("hallucinated", surer, 1000)).check().ends(0, "pass bound-clears-threshold");
    let checked = judged_by(&[gate], &events("hallucinated", surer + 1, 1000)).check();
    checked.ends(3, "inconclusive threshold-inside-interval");
    assert!((number(&checked.gate("g")["candidate"]["confidence"]) - 0.99).abs() < 1e-12);
}

#[test]
fn the_policy_alone_says_how_sure_a_fail_must_be() {
    let fewest = fewest_that_fail(1000, 0.015, 0.001);
    let policy = "policy: { fail_confidence: 99.9% }\n";
    let check = |count| judged_by(&[RULE], &events("hallucinated", count, 1000)).and(policy).check();
    check(fewest).ends(1, "fail bound-violates-threshold");
    check(fewest - 1).ends(3, "inconclusive threshold-inside-interval");
}

#[test]
fn looks_share_the_level() {
    for looks in [2, 10] {
        let alpha = 0.05 / f64::from(looks);
        let policy = format!("policy: {{ looks: {looks} }}\n");
        let check = |count| judged_by(&[RULE], &events("hallucinated", count, 1000)).and(&policy).check();
        let (most, fewest) =
            (most_that_pass(1000, 0.015, alpha).unwrap(), fewest_that_fail(1000, 0.015, alpha));
        check(most).ends(0, "pass bound-clears-threshold");
        check(most + 1).ends(3, "inconclusive threshold-inside-interval");
        check(fewest - 1).ends(3, "inconclusive threshold-inside-interval");
        check(fewest).ends(1, "fail bound-violates-threshold");
    }
}

#[test]
fn too_few_samples_turn_a_pass_but_not_a_fail() {
    let gate = |min: u32| format!("{{ id: g, rule: 'Hallucination rate < 1.5%', min_samples: {min} }}");
    let good = events("hallucinated", 0, 1000);
    judged_by(&[&gate(1000)], &good).check().ends(0, "pass bound-clears-threshold");
    judged_by(&[&gate(1001)], &good).check().ends(3, "inconclusive below-min-samples");
    judged_by(&[&gate(1001)], &events("hallucinated", 100, 1000))
        .check()
        .ends(1, "fail bound-violates-threshold");
    // Rows without a score are no samples.
    judged_by(&[&gate(1000)], &with_missing(0, 1, 1000)).check().ends(3, "inconclusive below-min-samples");
}

#[test]
fn an_inconclusive_gate_says_what_a_fresh_run_would_need() {
    let checked = judged_by(&[RULE], &events("hallucinated", 0, 150)).check();
    checked.ends(3, "inconclusive too-few-samples");
    assert_eq!(checked.gate("")["needed"]["least"], 199);
    assert!(
        checked
            .stdout
            .contains("150 samples can never show < 1.5%: 199 without a single bad one are the least"),
        "{}",
        checked.stdout
    );
    judged_by(&[RULE], &events("hallucinated", 0, 198)).check().ends(3, "inconclusive too-few-samples");
    judged_by(&[RULE], &events("hallucinated", 0, 199)).check().ends(0, "pass bound-clears-threshold");

    // The size that is named has the power that is named, at the rate that is named, and one less has not.
    let checked = judged_by(&[RULE], &events("hallucinated", 10, 1000)).check();
    let needed = checked.gate("")["needed"].clone();
    let (n, assumed) = (needed["samples"].as_u64().unwrap(), number(&needed["assumed"]));
    assert!((assumed - 0.01).abs() < 0.001, "{needed}");
    let power = |n| most_that_pass(n, 0.015, 0.05).map_or(0.0, |most| at_most(most, n, assumed));
    assert!(power(n) >= 0.8, "{needed}: {}", power(n));
    assert!(power(n * 9 / 10) < 0.8, "{needed}: a tenth less would do");
    assert!(!checked.stdout.contains("more samples and"), "never an invitation to peek: {}", checked.stdout);

    let checked = judged_by(&[RULE], &events("hallucinated", 18, 1000)).check();
    checked.ends(3, "inconclusive threshold-inside-interval");
    assert!(checked.gate("")["needed"]["samples"].is_null());
    assert!(checked.stdout.contains("no number of samples will show < 1.5%"), "{}", checked.stdout);
}

#[test]
fn csv_says_the_same_as_jsonl() {
    let most = most_that_pass(1000, 0.015, 0.05).unwrap() as usize;
    for (bad, code) in [(most, 0), (most + 1, 3)] {
        let csv = (0..1000).fold("id,lang,hallucinated\n".to_owned(), |mut text, i| {
            let _ = writeln!(text, "{i},de,{}", i < bad);
            text
        });
        let manifest = format!("{}{}", ANSWERS.replace("jsonl", "csv"), listed(&[RULE]));
        let checked = project().manifest(&manifest).file("answers.csv", csv).check();
        assert_eq!(checked.code, code, "{}{}", checked.stdout, checked.stderr);
    }
}

#[test]
fn the_rules_of_the_issue_are_read_word_for_word() {
    let rows = samples(4000, |i| {
        format!(r#""hallucinated": false, "toxic": false, "latency_ms": {}, "cost_usd": 0.01"#, 400 + i % 300)
    });
    let rules = ["Hallucination rate < 1.5%", "Toxicity < 0.1%", "p95 latency < 1200ms"];
    let checked = judged_by(&rules, &rows).check();
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    let report = checked.report();
    let told: Vec<&str> =
        report["gates"].as_array().unwrap().iter().map(|gate| gate["rule"].as_str().unwrap()).collect();
    assert_eq!(told, rules);
    // The fourth compares with a baseline, see `comparisons`; without one it is refused rather than misjudged.
    judged_by(&["Cost increase < 5%"], &rows).check().refuses(&[
        "no-baseline-evidence",
        "release.yaml:5",
        "compared with the baseline by a gate",
    ]);
}
