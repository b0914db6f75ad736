//! What relgate says about what it could not know: rows left out, limits that may have been meant otherwise, words that are
//! nearly right, and what never helps somebody to loosen a gate.

use crate::check::support::{ANSWERS, Project, events, judged_by, listed, project, samples, summed_up};

#[track_caller]
fn warned(project: &Project, code: &str, words: &[&str]) {
    let checked = project.check();
    assert!(checked.warnings().contains(&code.to_owned()), "{code}\n{}{}", checked.stdout, checked.stderr);
    let flat = checked.flat();
    for word in words {
        assert!(flat.contains(word), "{word:?} is not in\n{flat}");
    }
}

#[test]
fn rows_without_the_field_of_a_selection_are_counted() {
    let rows = samples(1000, |i| {
        if i % 10 == 0 {
            r#""toxic": false, "graded": true"#.to_owned()
        } else {
            r#""toxic": false"#.to_owned()
        }
    });
    let of = |graded: &str, rows: &str| {
        let body = format!(
            "evidence: {{ answers: {{ path: answers.jsonl, where: {{ {graded} }} }} }}\n{}",
            listed(&["Toxicity < 10%"])
        );
        project().manifest(&body).file("answers.jsonl", rows)
    };
    warned(&of("graded: true", &rows), "rows-without-field", &["900 of 1000 rows", "no `graded`"]);
    let all = samples(1000, |i| format!(r#""toxic": false, "graded": {}"#, i % 10 == 0));
    assert!(of("graded: true", &all).check().warnings().is_empty(), "rows that say no are no surprise");
    // An error that left a row without it counts as missing, and is not one of them.
    let errors = samples(100, |i| {
        if i == 0 {
            r#""error": "timeout""#.to_owned()
        } else {
            r#""toxic": false, "graded": true"#.to_owned()
        }
    });
    assert!(of("graded: true", &errors).check().warnings().is_empty());
}

#[test]
fn a_bare_fraction_for_a_bad_rate_is_told_as_a_percentage() {
    let rows = events("toxicity", 300, 1000);
    warned(&judged_by(&["toxicity < 0.5"], &rows), "bare-fraction", &["lets 50% through"]);
    assert!(judged_by(&["toxicity < 50%"], &rows).check().warnings().is_empty());
    // Nobody takes 0.9 of the good ones for 0.9 %.
    assert!(judged_by(&["accuracy >= 0.5"], &events("accuracy", 900, 1000)).check().warnings().is_empty());
}

#[test]
fn values_tens_of_times_past_the_limit_are_told() {
    let of =
        |value: &str, rule: &str| judged_by(&[rule], &samples(300, |_| format!(r#""latency_ms": {value}"#)));
    warned(&of("3.1", "p95 latency < 500ms"), "far-from-limit", &["below the limit", "is it in ms"]);
    warned(&of("120000", "max latency < 500ms"), "far-from-limit", &["above the limit"]);
    assert!(of("120", "p95 latency < 500ms").check().warnings().is_empty());
    let mixed = samples(300, |i| format!(r#""latency_ms": {}"#, if i == 0 { 400 } else { 3 }));
    assert!(judged_by(&["p95 latency < 500ms"], &mixed).check().warnings().is_empty());
}

#[test]
fn help_names_what_was_meant_and_nothing_looser() {
    let rows = samples(300, |i| format!(r#""latency_ms": {i}, "accuracy": true, "passes": true"#));
    let refused = |rule: &str, words: &[&str], never: &[&str]| {
        let checked = judged_by(&[rule], &rows).check();
        checked.refuses(words);
        for word in never {
            assert!(!checked.stderr.contains(word), "{word:?} is in\n{}", checked.stderr);
        }
    };
    refused("p95 latency < 800 msec", &["write `p95 latency < 800ms`"], &["`sec`"]);
    refused("p95 latency < 800 millis", &["write `p95 latency < 800ms`"], &["800min"]);
    refused("p95 latency < 2 minutes", &["write `p95 latency < 2min`"], &[]);
    refused("p95 latency < 2 parsec", &["units are"], &["did you mean"]);
    refused("latency p95 < 800ms", &["`p95 latency < 800ms`"], &[]);
    refused("p95(latency) < 800ms", &["`p95 latency < 800ms`"], &[]);
    refused("avg latency < 800ms", &["`mean latency < 800ms`"], &[]);
    refused("median latency < 800ms", &["`p50 latency < 800ms`"], &[]);
    refused("passes rate >= 90%", &["`rate passes >= 90%`"], &[]);
    for (rule, words, never) in [
        ("accuracy drop < 0.03", "`3pp`", "0.03pp"),
        ("accuracy drop < 3%", "`3pp`", "0.03"),
        ("accuracy drop < 0.5%", "`0.5pp`", "50"),
    ] {
        let checked = judged_by(&[rule], &rows).after("", &rows).check();
        checked.refuses(&["ambiguous-change", words]);
        assert!(!checked.stderr.contains(never), "{rule}\n{}", checked.stderr);
    }
}

#[test]
fn a_spread_is_no_error_of_the_mean() {
    for key in ["std", "stddev", "SD"] {
        let checked =
            summed_up(&["f1 >= 50%"], &format!(r#"{{"f1": {{"value": 0.8, "{key}": 0.1, "n": 900}}}}"#))
                .check();
        checked.refuses(&["unknown-key", "the spread of the samples"]);
        assert!(!checked.stderr.contains("did you mean"), "{}", checked.stderr);
    }
}

#[test]
fn regressions_say_what_they_need() {
    let rows = samples(100, |i| format!(r#""toxic": false, "score": 0.{i}"#));
    let checked = judged_by(&["regressions <= 0"], &rows).after("", &rows).check();
    checked.refuses(&[
        "nothing in the evidence says whether a case passed",
        "true/false",
        "`FIELD regressions <= 0`",
    ]);
}

#[test]
fn a_required_gate_that_shows_no_uncertainty_is_named() {
    let checked = summed_up(&["Toxicity < 1%"], r#"{"toxicity": 0.001}"#)
        .and("policy: { require: [safety] }\n")
        .check();
    checked.refuses(&[]);
    let flat = checked.flat();
    assert!(flat.contains("`toxicity` does not stand for it") && !flat.contains("may state"), "{flat}");
}

fn waived(owner: &str, approver: &str, expires: &str, policy: &str) -> Project {
    let waiver = format!(
        "waivers:\n  - {{ gate: toxicity, reason: r, owner: \"{owner}\", approver: \"{approver}\", expires: {expires}, limit: 10% }}\n{policy}"
    );
    judged_by(&["Toxicity < 1%"], &events("toxicity", 30, 1000))
        .manifest(&(ANSWERS.to_owned() + &listed(&["Toxicity < 1%"]) + &waiver))
}

#[test]
fn a_waiver_ends_and_somebody_else_approves_it() {
    let ends = |expires: &str, policy: &str| waived("team", "board", expires, policy).check();
    assert_eq!(ends("2026-12-31", "").code, 0);
    assert_eq!(ends("2027-11-20", "").code, 0, "a year");
    ends("2027-11-21", "").refuses(&["waiver-too-long", "365d", "2027-11-20"]);
    ends("9999-12-31", "").refuses(&["waiver-too-long"]);
    ends("2027-02-01", "policy: { waiver_at_most: 30d }\n").refuses(&["waiver-too-long", "30d"]);
    assert_eq!(ends("2028-01-01", "policy: { waiver_at_most: 800d }\n").code, 0);
    // Cyrillic, full width, another form of one letter, a sign that shows nothing.
    for approver in ["аnna", "ａｎｎａ", "AN\u{200b}NA", "anna\u{fe0f}", " Anna "] {
        waived("anna", approver, "2026-12-31", "").check().refuses(&["self-approved-waiver"]);
    }
    assert_eq!(waived("anna", "hanna", "2026-12-31", "").check().code, 0);
}
