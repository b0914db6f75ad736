//! report.json as DESIGN section 7 has it, and the same bytes from the same inputs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::check::examples::check_in_repository;
use crate::check::shape::{ESTIMATE, check_gate, count_or_null, is_digest, names};
use crate::check::support::{Project, events, judged_by, listed, project, samples};

/// The keys of an object in the order in which the text has them.
fn keys(text: &str, at: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(text).unwrap();
    let wanted: BTreeSet<String> = value.pointer(at).unwrap().as_object().unwrap().keys().cloned().collect();
    // serde_json sorts keys here; in the text they stand in their order, two spaces deeper at every level.
    let start = if at.is_empty() { 0 } else { text.find(&format!("\"{}\"", name_of(at))).unwrap() };
    let indent = " ".repeat(2 + 2 * at.matches('/').count());
    let mut order: Vec<String> = wanted.into_iter().collect();
    order.sort_by_key(|key| text[start..].find(&format!("\n{indent}\"{key}\":")).unwrap());
    order
}

/// The last name of a pointer that is no number.
fn name_of(pointer: &str) -> &str {
    pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap()
}

#[test]
fn the_report_of_the_root_example_is_the_one_of_the_design() {
    let text = check_in_repository(".", &["--format", "json"]).stdout;
    let at = |pointer: &str| keys(&text, pointer);
    assert_eq!(
        at(""),
        [
            "schema",
            "tool",
            "generated_at",
            "as_of",
            "manifest",
            "release",
            "decision",
            "exit_code",
            "next",
            "gates",
            "distributions",
            "risks",
            "artifacts",
            "changes",
            "changes_since",
            "changed",
            "waivers",
            "policy",
            "evidence",
            "errors",
            "warnings",
            "command",
            "checksum"
        ]
    );
    assert_eq!(at("/tool"), ["name", "version"]);
    // The lock is newer than the design.
    assert_eq!(
        at("/release"),
        ["name", "version", "type", "summary", "manifest_sha256", "lock_sha256", "criteria_sha256"]
    );
    let gate = [
        "id",
        "rule",
        "place",
        "metric",
        "category",
        "enforcement",
        "outcome",
        "stops",
        "waived",
        "reason",
        "rationale",
        "candidate",
        "against",
        "baseline",
        "change",
        "unit",
        "threshold",
        "p_pass",
        "p_fail",
        "p_fail_adjusted",
        "needed",
        "cases",
        "cases_omitted",
        "operating",
        "distribution",
        "signature",
        "judge",
        "raters",
        "versions",
        "rerun",
        "slices",
    ];
    assert_eq!(at("/gates/0"), gate);
    assert_eq!(at("/gates/0/reason"), ["code", "kind", "text", "advice"]);
    assert_eq!(at("/gates/0/candidate"), ESTIMATE);
    assert_eq!(at("/gates/0/threshold"), ["op", "value", "unit", "text", "change"]);
    assert_eq!(
        at("/artifacts/0"),
        ["kind", "name", "version", "sha256", "path", "uri", "content", "role", "changed"]
    );
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        names(&report["evidence"][0]),
        BTreeSet::from([
            "name",
            "format",
            "sha256",
            "declared",
            "rows",
            "selected",
            "scored",
            "errored",
            "attempts",
            "refused",
            "filtered",
            "limited",
            "errors",
            "errors_omitted",
            "retired"
        ])
    );

    assert_eq!(
        (&report["schema"], &report["tool"]["name"], &report["tool"]["version"]),
        (&"relgate/report/v1".into(), &"relgate".into(), &env!("CARGO_PKG_VERSION").into())
    );
    assert_eq!(
        (&report["generated_at"], &report["as_of"]),
        (&"2026-11-20T09:00:00Z".into(), &"2026-11-20".into())
    );
    assert_eq!((&report["decision"], &report["exit_code"]), (&"pass".into(), &0.into()));
    assert_eq!(report["release"]["type"], "prompt-release");
    assert!(text.ends_with("}\n"));
    compares_with_the_release_before(&report);
}

/// The root example has a baseline: two gates on changes, one of them by language, and the built-in one.
fn compares_with_the_release_before(report: &Value) {
    let gate = |id: &str| {
        let gates = report["gates"].as_array().unwrap();
        gates.iter().find(|gate| gate["id"] == id).unwrap_or_else(|| panic!("no gate `{id}`")).clone()
    };
    let cost = gate("cost-increase");
    assert_eq!((&cost["change"]["relative"], &cost["change"]["paired"]), (&true.into(), &true.into()));
    let accuracy = gate("accuracy-holds");
    assert_eq!(
        (&accuracy["change"]["relative"], &accuracy["change"]["paired"]),
        (&false.into(), &true.into())
    );
    assert!(accuracy["baseline"]["n"].as_u64() > Some(1000), "{accuracy:#}");
    let languages: BTreeSet<&str> = accuracy["slices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|slice| slice["key"]["lang"].as_str().unwrap())
        .collect();
    assert_eq!(languages, BTreeSet::from(["de", "en", "es"]));
    let silent = gate("silent-change");
    assert_eq!(
        (&silent["outcome"], &silent["enforcement"], &silent["rule"]),
        (&"pass".into(), &"block".into(), &"silent changes == 0".into())
    );
    let changed = |kind: &str, name: &str| {
        let artifacts = report["artifacts"].as_array().unwrap();
        let one = artifacts.iter().find(|one| one["kind"] == kind && one["name"] == name);
        one.unwrap_or_else(|| panic!("no {kind} {name}"))["changed"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (changed("prompt", "system"), changed("model", "answerer")),
        ("modified".into(), "unchanged".into())
    );
}

/// The report of the root example and those of every folder that says how it ends.
fn every_report() -> Vec<Value> {
    let examples = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap();
    let mut folders: Vec<PathBuf> = examples.map(|entry| entry.unwrap().path()).collect();
    // The one with a waiver is no example of a gate without one.
    folders.retain(|folder| folder.join("expected").exists() && !folder.ends_with("waiver"));
    folders.push(PathBuf::from("."));
    let told = |folder: &PathBuf| {
        let manifests = fs::read_to_string(folder.join("manifests")).unwrap_or_default();
        let mut arguments = vec!["--format", "json"];
        arguments.extend(manifests.split_whitespace());
        check_in_repository(folder.to_str().unwrap(), &arguments).stdout
    };
    let reports = |text: String| -> Vec<Value> {
        match serde_json::from_str(&text).unwrap() {
            Value::Array(several) => several,
            one => vec![one],
        }
    };
    folders.iter().map(told).flat_map(reports).collect()
}

#[test]
fn every_report_of_the_examples_keeps_to_the_closed_lists() {
    let mut gates = 0;
    for report in every_report() {
        for gate in report["gates"].as_array().unwrap() {
            check_gate(gate);
            gates += 1;
        }
        assert!(["pass", "fail", "error", "inconclusive"].contains(&report["decision"].as_str().unwrap()));
        // The built-in gate stands there wherever there is a baseline.
        let compared = report["gates"].as_array().unwrap().iter().any(|gate| gate["id"] == "silent-change");
        for artifact in report["artifacts"].as_array().unwrap() {
            let changed = &artifact["changed"];
            let known = ["added", "modified", "unchanged"].contains(&changed.as_str().unwrap_or(""));
            assert_eq!((known, changed.is_null()), (compared, !compared), "{artifact:#}");
        }
        assert!(is_digest(&report["release"]["manifest_sha256"]));
        assert!(
            report["artifacts"]
                .as_array()
                .unwrap()
                .iter()
                .all(|artifact| artifact["sha256"].is_null() || is_digest(&artifact["sha256"]))
        );
        for evidence in report["evidence"].as_array().unwrap() {
            assert!(is_digest(&evidence["sha256"]));
            let format = evidence["format"].as_str().unwrap();
            assert!(format == "mixed" || relgate::evidence::Format::WORDS.contains(&format), "{format}");
            assert!(
                ["rows", "selected", "scored", "errored"].iter().all(|key| count_or_null(&evidence[key]))
            );
        }
    }
    assert!(gates >= 40, "{gates}");
}

/// 30,000 rows with everything in them: several blocks of the reader, four kinds of metrics, errors, nulls, a selection.
fn large(order: impl Fn(usize) -> usize) -> Project {
    let n = 30_000;
    let rows = (0..n).fold(String::new(), |mut text, i| {
        let i = order(i);
        let hash = i.wrapping_mul(2_654_435_761) % 1_000_003;
        let cost = (hash % 977) as f64 * 1.37e-6;
        let answer = "long answer ".repeat(hash % 7);
        let error = if hash.is_multiple_of(499) { r#", "error": "timeout""# } else { "" };
        let latency = if hash.is_multiple_of(997) { "null".to_owned() } else { format!("{}", 300.0 + (hash % 701) as f64 / 3.0) };
        let _ = writeln!(text, r#"{{"id": "q{i}", "answer": "{answer}", "graded": {}, "hallucinated": {}, "latency_ms": {latency}, "cost_usd": {cost}, "tokens": {}{error}}}"#, !hash.is_multiple_of(10), hash.is_multiple_of(211), 100 + hash % 37);
        text
    });
    let gates = listed(&[
        "Hallucination rate < 1.5%",
        "p95 latency < 1200ms",
        "mean latency < 500ms",
        "cost per 1k tokens < $0.01",
        "Cost < $0.001",
        "max cost < $1",
    ]);
    let metrics =
        "metrics: { cost_per_1k_tokens: { as: ratio, field: cost_usd, per: tokens, scale: 1000 } }\n";
    project()
        .manifest(&format!(
            "evidence: {{ answers: {{ path: answers.jsonl, where: {{ graded: true }} }} }}\n{gates}{metrics}"
        ))
        .file("answers.jsonl", rows)
}

/// report.json without the digest of the evidence.
fn apart_from_the_digest(json: &str) -> String {
    let report: Value = serde_json::from_str(json).unwrap();
    let json = json.replace(report["evidence"][0]["sha256"].as_str().unwrap(), "DIGEST");
    json.replace(report["checksum"].as_str().unwrap(), "CHECKSUM")
}

#[test]
fn neither_threads_nor_the_order_of_rows_change_a_byte() {
    type Order = fn(usize) -> usize;
    let run = |project: Project, threads: &str| {
        let checked = project.env("RAYON_NUM_THREADS", threads).check();
        (checked.stdout.clone(), checked.json.clone().unwrap_or_else(|| panic!("{}", checked.stderr)))
    };
    let (told, one) = run(large(|i| i), "1");
    for gate in serde_json::from_str::<Value>(&one).unwrap()["gates"].as_array().unwrap() {
        check_gate(gate);
    }
    for threads in ["2", "4", "7"] {
        assert_eq!(run(large(|i| i), threads), (told.clone(), one.clone()), "{threads} threads");
    }
    let orders: [(&str, Order); 2] = [("backwards", |i| 29_999 - i), ("shuffled", |i| i * 7919 % 30_000)];
    for (what, order) in orders {
        let (permuted_told, permuted) = run(large(order), "4");
        assert_ne!(permuted, one, "{what}: the digest tells the files apart");
        assert_eq!(apart_from_the_digest(&permuted), apart_from_the_digest(&one), "{what}");
        assert_eq!(permuted_told, told, "{what}");
    }
}

#[test]
fn gates_that_are_assessed_at_the_same_time_stay_in_their_order() {
    let run = |threads: &str| {
        let project = large(|i| i).env("RAYON_NUM_THREADS", threads);
        let text = fs::read_to_string(project.path("release.yaml")).unwrap();
        let clustered = text.replace("where: {", "cluster: tokens, where: {");
        assert_ne!(clustered, text);
        let checked = project.file("release.yaml", clustered).check();
        (checked.stdout.clone(), checked.json.unwrap_or_else(|| panic!("{}", checked.stderr)))
    };
    let one = run("1");
    assert!(one.1.contains("\"clusters\": 37"), "{}", one.0);
    for threads in ["2", "4", "7"] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

#[test]
fn two_runs_are_the_same_bytes() {
    let both = [(); 2].map(|()| check_in_repository(".", &["--format", "json"]).stdout);
    assert_eq!(both[0], both[1]);
    let project = judged_by(&["Toxicity < 1%"], &events("toxic", 3, 500));
    let first = (project.check().json, project.snapshot());
    assert_eq!(
        (project.check().json, project.snapshot()),
        first,
        "the second run replaces the report with itself"
    );
}

#[test]
fn every_reason_says_its_numbers() {
    // The text of a reason holds the count, the limit and the rule that it is about.
    let gate = judged_by(&["Toxicity < 1%"], &events("toxic", 12, 500)).check().gate("");
    let text = gate["reason"]["text"].as_str().unwrap();
    assert!(text.contains("12 of 500 samples") && text.contains("< 1%"), "{text}");
    let gate =
        judged_by(&["Toxicity < 1%"], &samples(600, |_| r#""toxic": false"#.to_owned())).check().gate("");
    assert!(
        gate["reason"]["text"]
            .as_str()
            .unwrap()
            .starts_with("0 of 600 samples (0%); at 95% confidence it is no higher than 0.50%"),
        "{gate:#}"
    );
}
