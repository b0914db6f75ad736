//! Both sides of a comparison are measured alike: by one judge, under one load.

use std::fs;
use std::path::Path;

use crate::check::support::{Checked, project};

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tools").join(name)).unwrap()
}

/// Judges a rule on a file of a tool and one of the release before.
fn compared(rule: &str, now: (&str, &[u8]), before: (&str, &[u8])) -> Checked {
    let manifest = format!(
        "evidence: {{ answers: {{ path: {}, baseline: {} }} }}\ngates: ['{rule}']\npolicy: {{ point_estimates: accept }}\n",
        now.0, before.0
    );
    project().manifest(&manifest).file(now.0, now.1).file(before.0, before.1).check()
}

#[test]
fn promptfoo_with_another_grader_is_no_comparison() {
    let (one, other) =
        (fixture("promptfoo-0.123.0/judged.json"), fixture("promptfoo-0.123.0/judged_other.json"));
    let rule = "rate pass drop < 60pp";
    let checked = compared(rule, ("now.json", &one), ("before.json", &other));
    assert_eq!(checked.code, 2, "{}", checked.stdout);
    checked.refuses(&[
        "error[other-judge]",
        "evidence `answers` was scored by `judge-1 (file://judge.py)`, `judge-2 (file://judge.py)`",
        "and the baseline's by `judge-2 (file://judge.py)`, `judge-9 (file://judge.py)`",
        "score the answers of both with the same model",
    ]);
    // The same judges: the cases are too few, and that is all.
    let slower = |text: &[u8]| {
        let mut json: serde_json::Value = serde_json::from_slice(text).unwrap();
        for (case, row) in json["results"]["results"].as_array_mut().unwrap().iter_mut().enumerate() {
            row["latencyMs"] = (100 + case).into();
        }
        json["metadata"]["evaluationCreatedAt"] = "2026-11-18T10:00:00.000Z".into();
        json.to_string()
    };
    let again = slower(&one);
    let checked = compared(rule, ("now.json", &one), ("before.json", again.as_bytes()));
    assert_eq!(checked.code, 3, "{}{}", checked.stdout, checked.stderr);
    // A side that names no judge says nothing against the other.
    let silent = slower(&other).replace("judge-9", "").replace("judge-2", "").replace("file://judge.py", "");
    let checked = compared(rule, ("now.json", &one), ("before.json", silent.as_bytes()));
    assert_eq!(checked.code, 3, "{}{}", checked.stdout, checked.stderr);
}

#[test]
fn inspect_with_another_model_in_the_role_of_the_grader_is_no_comparison() {
    let log = |judge: &str| fixture(&format!("inspect-0.3.230/brief.{judge}.eval"));
    let checked = compared(
        "rate model graded qa drop < 60pp",
        ("now.eval", &log("judge-1")),
        ("before.eval", &log("judge-2")),
    );
    assert_eq!(checked.code, 2, "{}", checked.stdout);
    checked.refuses(&[
        "error[other-judge]",
        "was scored by `mockllm/judge-1`, and the baseline's by `mockllm/judge-2`",
    ]);
}

#[test]
fn a_load_of_another_size_is_no_comparison() {
    let summary = String::from_utf8(fixture("ab-2.3/summary.txt")).unwrap();
    let later = summary.replace("0.889 seconds", "0.901 seconds").replace(" 121\n", " 122\n");
    let rule = "p95_latency_ms increase < 50%";
    let checked = compared(rule, ("now.txt", summary.as_bytes()), ("before.txt", later.as_bytes()));
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    let wider = later.replace("Concurrency Level:      5", "Concurrency Level:      50");
    let checked = compared(rule, ("now.txt", summary.as_bytes()), ("before.txt", wider.as_bytes()));
    assert_eq!(checked.code, 2, "{}", checked.stdout);
    checked.refuses(&[
        "error[other-scenario]",
        "evidence `answers` was measured with concurrency `5`, and the baseline's with `50`",
        "measure both under the same load",
    ]);
    // Of two tools that name different settings nothing is known.
    let (wrk, cannon) = (fixture("wrk-4.1.0/latency.txt"), fixture("autocannon-7.15.0/fifty.json"));
    let checked = compared("p99_latency_ms increase < 900%", ("now.txt", &wrk), ("before.json", &cannon));
    checked.refuses(&["error[other-scenario]", "connections `4`"]);
    let checked = compared(
        "p99_latency_ms increase < 9000%",
        ("now.txt", &wrk),
        ("before.txt.json", summary.as_bytes()),
    );
    assert!(!checked.stderr.contains("other-scenario"), "{}", checked.stderr);
}

/// A bundle remembers who scored it, as it holds no answers to score again.
#[test]
fn a_bundle_names_the_judge_of_its_numbers() {
    let log = |judge: &str| fixture(&format!("inspect-0.3.230/brief.{judge}.eval"));
    let rule = "evidence: { answers: { path: now.eval } }\ngates: ['rate model graded qa >= 1%', 'rate model graded qa drop < 60pp']\n";
    let first = "evidence: { answers: { path: now.eval } }\ngates: ['rate model graded qa >= 1%']\n";
    let before = project().manifest(first).file("now.eval", log("judge-1"));
    let older = fs::read_to_string(before.path("release.yaml")).unwrap().replace("1.2.3", "1.2.2");
    before.again("release.yaml", older).check().ends(0, "pass bound-clears-threshold");
    let bundle = before.path("relgate-report/bundle");
    let bundle = bundle.to_str().unwrap();
    let after = |judge: &str| {
        project().manifest(rule).file("now.eval", log(judge)).args(&["--baseline", bundle]).check()
    };
    after("judge-2").refuses(&[
        "error[other-judge]",
        "was scored by `mockllm/judge-2`, and the baseline's by `mockllm/judge-1`",
    ]);
    let same = after("judge-1");
    assert!(!same.stderr.contains("other-judge"), "{}", same.stderr);
}
