//! What was measured on both sides: values as `check` shows them, differences with the interval of the method.

use serde_json::Value;

use crate::diff::support::{AFTER, BEFORE, events, gates, listed, measured, samples};

/// Value, lower and upper limit.
#[track_caller]
fn limits(estimate: &Value) -> [f64; 3] {
    ["value", "lower", "upper"].map(|key| estimate[key].as_f64().unwrap_or_else(|| panic!("{estimate:#}")))
}

fn close(found: [f64; 3], expected: [f64; 3]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 5e-5, "{found} is not {expected}");
    }
}

#[test]
fn rates_on_the_same_cases_are_paired() {
    let figures = measured("Toxicity < 5%", &events("toxic", 10, 1000), &events("toxic", 30, 1000)).json();
    let figure = &figures["figures"][0];
    assert_eq!((&figure["gates"][0], &figure["unit"]), (&"toxicity".into(), &"fraction".into()));
    // Clopper-Pearson at 95 % on each side, as `check` shows it.
    close(limits(&figure["before"]), [0.01, 0.005_435, 0.016_903]);
    close(limits(&figure["after"]), [0.03, 0.021_675, 0.040_472]);
    let difference = &figure["difference"];
    assert_eq!((&difference["method"], &difference["paired"]), (&"gaffke".into(), &true.into()));
    assert_eq!(difference["relative"], false);
    // 20 pairs disagree, all one way: where the characteristic function of the weighed differences, inverted, gives 5 %.
    close(limits(difference), [0.02, 0.012_057, 0.028_930]);
}

#[test]
fn other_cases_are_compared_side_by_side() {
    let renamed = events("toxic", 30, 1000).replace("\"q", "\"r");
    let figures = measured("Toxicity < 5%", &events("toxic", 10, 1000), &renamed).json();
    let difference = &figures["figures"][0]["difference"];
    assert_eq!((&difference["method"], &difference["paired"]), (&"melded".into(), &false.into()));
    // Half of the cases and less: two case sets, which nothing compares.
    let half = events("toxic", 30, 1000)
        .replace("\"q1", "\"r1")
        .replace("\"q2", "\"r2")
        .replace("\"q3", "\"r3")
        .replace("\"q4", "\"r4")
        .replace("\"q5", "\"r5");
    let figures = measured("Toxicity < 5%", &events("toxic", 10, 1000), &half).json();
    let figure = &figures["figures"][0];
    assert!(figure["difference"].is_null(), "{figure:#}");
    assert_eq!(figure["note"], "less than half of the cases are the same");
    assert_eq!(figure["after"]["value"], 0.03);
}

#[test]
fn means_quantiles_and_ratios_have_their_methods() {
    let rows = |factor: f64| {
        samples(400, |i| {
            let ms = (100.0 + i as f64) * factor;
            format!(r#""latency_ms": {ms}, "cost_usd": {}, "tokens": {}"#, ms / 1e5, 500 + i)
        })
    };
    let body = "metrics: { dearness: { evidence: answers, as: ratio, field: cost_usd, per: tokens, scale: 1000, unit: usd } }\n";
    let gate = ["p95 latency < 1200ms", "cost < $0.02", "Cost increase < 50%", "dearness < $9"];
    let listed = format!("evidence: {{ answers: {{ path: answers.jsonl }} }}\n{body}{}", listed(&gate));
    let project = measured("cost < $0.02", &rows(1.0), &rows(1.1))
        .file("before/release.yaml", format!("{BEFORE}{listed}"))
        .file("after/release.yaml", format!("{AFTER}{listed}"));
    let json = project.json();
    let figures = json["figures"].as_array().unwrap();
    let told: Vec<(String, &str, bool)> = figures
        .iter()
        .map(|one| {
            let difference = &one["difference"];
            (one["gates"].to_string(), difference["method"].as_str().unwrap(), difference["relative"] == true)
        })
        .collect();
    assert_eq!(
        told,
        [
            (r#"["p95-latency"]"#.to_owned(), "two-limits", true),
            // One quantity that two gates are about is told once.
            (r#"["cost","cost-increase"]"#.to_owned(), "student-t", false),
            (r#"["dearness"]"#.to_owned(), "student-t", false),
        ]
    );
    let [value, lower, upper] = limits(&figures[0]["difference"]);
    assert!((value - 0.1).abs() < 1e-9 && lower < 0.1 && upper > 0.1);
    let shown = project.diff().stdout;
    assert!(shown.contains("+10") && shown.contains("+$0.000"), "{shown}");
}

#[test]
fn stated_numbers_are_compared_where_they_can_be() {
    let stated = |numbers: &str| format!(r#"{{"schema": "relgate/metrics/v1", "metrics": {numbers}}}"#);
    let body = format!(
        "evidence: {{ answers: {{ path: answers.json }} }}\n{}",
        listed(&["Toxicity < 5%", "f1 >= 50%"])
    );
    let project = gates(&["Toxicity < 5%"], &["Toxicity < 5%"])
        .file("before/release.yaml", format!("{BEFORE}{body}"))
        .file("after/release.yaml", format!("{AFTER}{body}"))
        .file("before/answers.json", stated(r#"{"toxicity": {"events": 10, "n": 1000}, "f1": 0.8}"#))
        .file("after/answers.json", stated(r#"{"toxicity": {"events": 30, "n": 1000}, "f1": 0.9}"#));
    let json = project.json();
    assert_eq!(json["figures"][0]["difference"]["method"], "melded");
    let points = &json["figures"][1];
    assert_eq!(
        (&points["note"], &points["difference"]["lower"]),
        (&"no interval".into(), &Value::Null),
        "{points:#}"
    );
    assert!((points["difference"]["value"].as_f64().unwrap() - 0.1).abs() < 1e-12);
    assert!(project.diff().stdout.contains("+10pp (no interval)"), "{}", project.diff().stdout);
}

#[test]
fn results_that_are_not_there_are_said_and_stop_nothing() {
    let gate = "Toxicity < 5%";
    let only_after = gates(&[gate], &[gate]).file("after/answers.jsonl", events("toxic", 1, 200));
    let json = only_after.json();
    assert_eq!(json["figures"], serde_json::json!([]));
    assert_eq!(
        json["notes"],
        serde_json::json!(["no figures for `answers`: the results before are not there"])
    );
    only_after.diff().ends(0, &["note: no figures for `answers`"]);
    let neither = gates(&[gate], &[gate]);
    assert_eq!(neither.json()["notes"].as_array().unwrap().len(), 2);
    // "no changes" alone would read as "nothing got worse".
    neither
        .diff()
        .ends(0, &["1.2.3: no changes are declared; results are missing on both sides (of `answers`)"]);
    only_after.diff().ends(0, &["no changes are declared; results are missing before (of `answers`)"]);
    let only_before = |after| gates(&[gate], &[after]).file("before/answers.jsonl", events("toxic", 1, 200));
    only_before(gate).diff().ends(0, &["no changes are declared; results are missing after (of `answers`)"]);
    only_before("Toxicity < 6%")
        .diff()
        .ends(0, &["1 looser (blocking); results are missing after (of `answers`)"]);
    // No results are looked at where nobody wants figures.
    assert_eq!(only_after.args(&["--no-evidence"]).json()["notes"], serde_json::json!([]));
}

/// Cases that are gone may have failed: where nobody can tell, it is said.
#[test]
fn failed_cases_that_nobody_knows_of_are_said() {
    let suite = |version: &str| {
        format!("artifacts: {{ eval_suites: {{ bench: {{ version: {version}, path: cases.jsonl }} }} }}\n")
    };
    let evidence = "evidence: { answers: { path: answers.jsonl } }\n";
    let with = |gate: &str| {
        gates(&[gate], &[gate])
            .file("before/release.yaml", format!("{BEFORE}{}{evidence}{}", suite("v1"), listed(&[gate])))
            .file("after/release.yaml", format!("{AFTER}{}{evidence}{}", suite("v2"), listed(&[gate])))
            .file("before/cases.jsonl", "{\"id\": \"q0\"}\n{\"id\": \"q1\"}\n")
            .file("after/cases.jsonl", "{\"id\": \"q1\"}\n")
    };
    let unknown = "which cases of the changed evaluation suites failed before is not known";
    let (rate, mean) = ("Toxicity < 5%", "mean dearness < 3");
    let rows = samples(200, |i| format!("\"toxic\": {}, \"dearness\": 1.5", i == 0));
    let missing = with(rate).diff();
    missing.ends(0, &["1 case is gone, q0"]);
    let told = missing.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("{unknown}: results are missing (of `answers`)")), "{told}");
    let means = with(mean).file("before/answers.jsonl", &rows).json();
    assert!(means["notes"].to_string().contains(&format!("{unknown}: no gate is about a rate")), "{means:#}");
    let asked = with(rate).args(&["--no-evidence"]).json();
    assert_eq!(asked["notes"], serde_json::json!([format!("{unknown}: `--no-evidence`")]));
    let known = with(rate).file("before/answers.jsonl", &rows);
    known.diff().ends(0, &["1 case that failed before is gone, q0"]);
    assert!(!known.json()["notes"].to_string().contains(unknown));
}

#[test]
fn what_the_release_before_did_not_measure_is_said() {
    let gate = "Toxicity < 5%";
    let other = measured(gate, &samples(200, |_| "\"helpful\": true".to_owned()), &events("toxic", 1, 200));
    assert_eq!(
        other.json()["notes"],
        serde_json::json!(["no figures for `toxicity`: the results before have no `toxic`"])
    );
    // Results of another prompt say nothing about this one.
    let artifacts = "artifacts: { prompts: { system: { version: v1, path: system.md } } }\n";
    let head = r#"{"schema": "relgate/samples/v1", "created": "2026-11-20T09:00:00Z", "artifacts": {"prompts.system": "v0"}}"#;
    let manifest =
        format!("{BEFORE}{artifacts}evidence: {{ answers: {{ path: answers.jsonl }} }}\n{}", listed(&[gate]));
    let foreign = measured(gate, &format!("{head}\n{}", events("toxic", 1, 200)), &events("toxic", 1, 200))
        .file("before/release.yaml", manifest)
        .file("before/system.md", "x\n");
    let json = foreign.json();
    assert_eq!(json["figures"], serde_json::json!([]));
    assert!(json["notes"][0].as_str().unwrap().contains("made with prompts.system v0"), "{json:#}");
}

#[test]
fn the_same_results_are_no_comparison() {
    let same = events("toxic", 3, 300);
    let json = measured("Toxicity < 5%", &same, &same).json();
    let figure = &json["figures"][0];
    assert_eq!(
        (&figure["difference"], &figure["note"]),
        (&Value::Null, &"the same results on both sides".into())
    );
    assert_eq!(figure["before"], figure["after"]);
}

#[test]
fn a_difference_on_fewer_cases_than_the_values_says_so() {
    let json = measured("Toxicity < 5%", &events("toxic", 10, 300), &events("toxic", 10, 280)).json();
    let figure = &json["figures"][0];
    assert_eq!(figure["note"], "on the 280 cases that both have");
    // Ten of ten stay, and twenty cases have no counterpart, which may have been anything.
    assert!(limits(&figure["difference"])[0].abs() < 1e-12, "{figure:#}");
    let same = measured("Toxicity < 5%", &events("toxic", 10, 300), &events("toxic", 11, 300)).json();
    assert!(same["figures"][0]["note"].is_null());
}
