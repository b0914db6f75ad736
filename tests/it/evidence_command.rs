//! `relgate evidence`: what it prints of real files, and that its lines work where they are pasted.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::check::support::{Checked, project, relgate};

fn evidence(folder: &Path, args: &[&str]) -> Checked {
    Checked::new(&relgate(folder).arg("evidence").args(args).output().unwrap(), None)
}

fn told(folder: &Path, args: &[&str]) -> Value {
    let out = evidence(folder, &[args, &["--format", "json"]].concat());
    serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", out.stdout, out.stderr))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn runs_and_their_ledger_are_told_apart() {
    let told = told(root(), &["examples/promptfoo-ab/results.json.gz"]);
    assert_eq!(told["schema"], "relgate/evidence/v1");
    let file = &told["files"][0];
    assert_eq!(
        (file["format"].as_str(), file["tool"].as_str()),
        (Some("promptfoo"), Some("promptfoo 0.123.0"))
    );
    let runs = file["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    for (run, (prompt, right)) in runs.iter().zip([("long", 117), ("short", 116)]) {
        assert_eq!(run["select"]["prompt"], prompt);
        assert_eq!(
            (run["attempts"].as_u64(), run["cases"].as_u64(), run["errored"].as_u64()),
            (Some(120), Some(120), Some(0))
        );
        let pass = &run["metrics"]["pass"];
        assert_eq!(
            (pass["type"].as_str(), pass["n"].as_u64(), pass["missing"].as_u64()),
            (Some("rate"), Some(120), Some(0))
        );
        assert!((pass["value"].as_f64().unwrap() - f64::from(right) / 120.0).abs() < 1e-12);
        assert!(pass["lower"].as_f64().unwrap() < pass["value"].as_f64().unwrap());
        assert_eq!(run["metrics"]["latency_ms"]["unit"], "ms");
        assert_eq!(run["labels"]["vars.kind"], serde_json::json!({"checklist": 12, "open": 108}));
        assert_eq!(run["model"], "shop-small-1");
    }
}

#[test]
fn the_lines_that_it_prints_are_lines_of_a_manifest() {
    for file in [
        "examples/promptfoo-ab/results.json.gz",
        "examples/pytest-junit/results/2.0.1.xml",
        "examples/inspect/results/staff.eval",
    ] {
        let copied = file.rsplit('/').next().unwrap();
        let mut project = project().manifest("");
        project = project.file(copied, fs::read(root().join(file)).unwrap());
        let printed = evidence(&project.path("."), &[copied]);
        assert_eq!(printed.code, 0, "{}", printed.stderr);
        let lines = printed.stdout.split_once("For release.yaml:\n\n").unwrap().1;
        let project = project.manifest(lines);
        let checked = project.check();
        // A limit that was made of the results is met or cannot be shown, and is never nonsense.
        assert!(
            matches!(checked.code, 0 | 3),
            "{file}: {}\n{}{}",
            checked.code,
            checked.stdout,
            checked.stderr
        );
    }
}

#[test]
fn what_so_few_samples_can_never_show_is_counted() {
    let rows: String = (0..12).map(|id| format!("{{\"id\": {id}, \"correct\": true}}\n")).collect();
    let project = project().manifest("").file("few.jsonl", rows);
    let printed = evidence(&project.path("."), &["few.jsonl"]);
    assert!(
        printed
            .stdout
            .contains("12 samples can never show `correct >= 98%` (149 without a bad one are the least)"),
        "{}",
        printed.stdout
    );
    assert!(printed.stdout.contains("- 'count correct >= 12'"), "{}", printed.stdout);
    let lines = printed.stdout.split_once("For release.yaml:\n\n").unwrap().1;
    project.manifest(lines).check().ends(0, "pass fact-holds");
}

#[test]
fn a_file_that_is_not_understood_ends_with_2_and_says_why() {
    let project =
        project().manifest("").file("x.bin", "\u{1}\u{2}").file("rows.csv", "id,correct\n1,true\n2,false\n");
    let printed = evidence(&project.path("."), &["rows.csv", "x.bin"]);
    assert_eq!(printed.code, 2);
    assert!(printed.stdout.contains("rows.csv: csv"), "{}", printed.stdout);
    printed.refuses(&["relgate does not understand this file", "promptfoo", "inspect"]);
    let json = told(&project.path("."), &["rows.csv", "x.bin"]);
    assert_eq!(json["files"][1]["format"], Value::Null);
    assert_eq!(json["files"][1]["problems"][0]["code"], "unknown-format");
    assert_eq!(json["files"][0]["runs"][0]["metrics"]["correct"]["n"], 2);
}

#[test]
fn nothing_in_a_file_steers_a_terminal() {
    let rows =
        "{\"id\": \"a\\u001b[31m\", \"la\\u202ebel\\u001b]0;x\\u0007\": \"v\\u001b[2J\", \"correct\": true}\n"
            .to_owned()
            + "{\"id\": \"b\", \"la\\u202ebel\\u001b]0;x\\u0007\": \"v\\u001b[2J\", \"correct\": false}\n";
    let project = project().manifest("").file("hostile.jsonl", rows);
    for format in ["terminal", "json"] {
        let printed = evidence(&project.path("."), &["hostile.jsonl", "--format", format]);
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!printed.stdout.contains(steers) && !printed.stderr.contains(steers), "{:?}", printed.stdout);
    }
}

#[test]
fn a_key_in_a_file_is_printed_nowhere() {
    let key = ["gh", "p_", "16C7e42F292c6912", "E7710c838347Ae178B4a"].concat();
    let rows: String = (0..40)
        .map(|id| {
            format!(
                "{{\"id\": {id}, \"correct\": true, \"api_key\": \"{key}\", \"error\": {}}}\n",
                if id == 0 { format!("\"401 for {key}\"") } else { "null".to_owned() }
            )
        })
        .collect();
    let project = project().manifest("").file("keys.jsonl", rows);
    for format in ["terminal", "json"] {
        let printed = evidence(&project.path("."), &["keys.jsonl", "--format", format]);
        assert!(printed.stdout.contains("api_key"), "{}", printed.stdout);
        assert!(!printed.stdout.contains(&key) && !printed.stderr.contains(&key), "{}", printed.stdout);
    }
}

#[test]
fn a_case_that_is_there_twice_is_told_whatever_can_be_measured() {
    let project = project()
        .manifest("")
        .file(
            "labels.jsonl",
            "{\"id\": 1, \"lang\": \"de\"}\n{\"id\": 2, \"lang\": \"en\"}\n{\"id\": 1, \"lang\": \"fr\"}\n",
        )
        .file(
            "scores.jsonl",
            "{\"id\": 1, \"accuracy\": 1}\n{\"id\": 2, \"accuracy\": 0}\n{\"id\": 1, \"accuracy\": 1}\n",
        );
    for file in ["labels.jsonl", "scores.jsonl"] {
        let printed = evidence(&project.path("."), &[file]);
        assert_eq!(printed.code, 2, "{}{}", printed.stdout, printed.stderr);
        printed.refuses(&[
            "error[duplicate-id]",
            &format!("{file}:3"),
            &format!("the first one is {file}:1"),
        ]);
        let told = told(&project.path("."), &[file]);
        assert_eq!(told["files"][0]["problems"][0]["code"], "duplicate-id", "{told}");
    }
}

#[test]
fn what_a_tool_writes_beside_its_results_is_fine_beside_them_only() {
    let failures = root().join("tests/fixtures/tools/locust-2.41.6/run_failures.csv");
    let project = project()
        .manifest("")
        .file("load/run_failures.csv", fs::read(&failures).unwrap())
        .file("load/run_stats.csv", fs::read(failures.with_file_name("run_stats.csv")).unwrap());
    assert_eq!(evidence(&project.path("."), &["load"]).code, 0);
    let alone = evidence(&project.path("."), &["load/run_failures.csv"]);
    assert_eq!(alone.code, 2, "{}", alone.stdout);
    alone.refuses(&["this file holds no results: locust writes it beside them", "name `load/run_stats.csv`"]);
}
