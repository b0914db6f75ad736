//! The cases behind an outcome that is not a pass, by name and worst first.

use serde_json::{Value, json};

use crate::check::support::{compared, judged_by, samples};

fn named(gate: &Value) -> Vec<String> {
    let cases = gate["cases"].as_array().unwrap();
    cases.iter().map(|case| case["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_failed_rate_names_its_bad_cases_and_counts_the_rest() {
    let rows = samples(300, |i| format!(r#""toxic": {}"#, i % 10 == 3));
    let checked = judged_by(&["Toxicity < 1%"], &rows).check();
    let gate = checked.gate("");
    assert_eq!((named(&gate).len(), &gate["cases_omitted"]), (20, &json!(10)));
    assert!(named(&gate).iter().all(|id| id.ends_with('3')), "{gate:#}");
    assert!(checked.flat().contains("; and 10 more"), "{}", checked.stdout);
}

#[test]
fn the_worst_value_stands_first_and_what_has_no_score_before_it() {
    let rows = samples(200, |i| match i {
        7 => r#""latency_ms": null"#.to_owned(),
        _ => format!(r#""latency_ms": {}"#, if i % 5 == 0 { 900 + i } else { 100 }),
    });
    let gate = judged_by(&["p50 latency < 99ms", "p95 latency < 1000ms"], &rows).check().gate("p95-latency");
    assert_eq!(named(&gate)[..3], ["q7", "q195", "q190"], "{gate:#}");
    assert_eq!((&gate["cases"][0]["value"], &gate["cases"][1]["value"]), (&json!(null), &json!(1095.0)));
}

#[test]
fn a_change_names_the_cases_that_got_worse_with_what_they_were() {
    let rows = |bad: usize| samples(400, |i| format!(r#""score": {}"#, if i == bad { 0.1 } else { 0.9 }));
    let rule = "{ id: s, rule: 'mean score drop < 0.01% of baseline' }";
    let gate = compared(&[rule], &rows(5), &rows(9)).check().gate("s");
    assert_eq!(named(&gate), ["q5"], "{gate:#}");
    assert_eq!((&gate["cases"][0]["value"], &gate["cases"][0]["baseline"]), (&json!(0.1), &json!(0.9)));
}

#[test]
fn a_slice_that_decides_names_its_own() {
    let rows = samples(4000, |i| {
        format!(r#""correct": {}, "lang": "{}""#, i % 40 != 1 && i != 2, if i % 4 == 1 { "de" } else { "en" })
    });
    let gate = judged_by(&["{ id: a, rule: 'accuracy >= 95%', by: [lang] }"], &rows).check().gate("a");
    assert_eq!(gate["outcome"], "fail", "{gate:#}");
    assert!(!named(&gate).contains(&"q2".to_owned()), "{gate:#}");
    assert_eq!((named(&gate).len(), &gate["cases_omitted"]), (20, &json!(80)));
}

#[test]
fn a_pass_names_none() {
    let rows = samples(2000, |i| format!(r#""toxic": {}"#, i == 3));
    let gate = judged_by(&["Toxicity < 1%"], &rows).check().gate("");
    assert_eq!((&gate["outcome"], &gate["cases"]), (&json!("pass"), &json!(null)));
}
