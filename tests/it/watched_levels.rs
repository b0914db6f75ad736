//! Numbers that `relgate monitor` watches: levels where large values are good, and drift both ways.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::project::{HEAD, relgate};

/// What is said of the one signal, over four days of records with these values in turn.
fn told(signal: &str, values: &[f64]) -> Value {
    let folder = tempfile::Builder::new().prefix("relgate-").tempdir().unwrap();
    let metrics = "metrics: { helpful: { as: mean, field: helpful, direction: higher } }\n";
    let monitoring = format!("monitoring: {{ log: [log.jsonl], signals: [{signal}] }}\n");
    let evidence = "evidence: { answers: { path: answers.jsonl } }\ngates: ['accuracy >= 50%']\n";
    fs::write(folder.path().join("release.yaml"), format!("{HEAD}{evidence}{metrics}{monitoring}")).unwrap();
    let mut log = String::new();
    for (i, value) in (0..2000_u32).zip(values.iter().cycle()) {
        let (time, release) = (1_794_800_000 + i * 180, if i % 2 == 0 { "1.2.3" } else { "1.2.2" });
        let _ = writeln!(
            log,
            r#"{{"time":{time},"id":"r{i}","unit":"u{i}","release":"{release}","helpful":{value}}}"#
        );
    }
    fs::write(folder.path().join("log.jsonl"), log).unwrap();
    let args = ["monitor", "--now", "1795160000", "--weight", "50%", "--stable", "1.2.2", "--format", "json"];
    let run = relgate(folder.path()).args(args).output().unwrap();
    let told: Value = serde_json::from_slice(&run.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&run.stderr)));
    told["signals"][0].clone()
}

#[test]
fn a_mean_that_is_to_be_high_passes_high_and_fails_low() {
    let outcome =
        |values: &[f64]| told("{ id: h, rule: 'helpful > 0.8', cap: 1 }", values)["outcome"].clone();
    assert_eq!(outcome(&[0.95]), "pass");
    assert_eq!(outcome(&[0.5]), "fail");
    assert_eq!(outcome(&[0.8]), "inconclusive");
    // What is above the cap counts as the cap, which is no reason to doubt a pass.
    assert_eq!(outcome(&[0.95, 1.7, 0.9]), "pass");
}

/// A step has seen enough of a drift when it would see one either way; where most values are the least one, none can fall.
#[test]
fn a_drift_is_seen_both_ways_or_there_is_no_figure() {
    let drift = "{ id: d, rule: 'drift of helpful < 6pp', detect: 25pp }";
    let spread: Vec<f64> = (0..97).map(|i| f64::from(i * 61 % 97)).collect();
    assert!(told(drift, &spread)["seen"]["needed"].as_u64().unwrap() > 100);
    let least: Vec<f64> = spread.iter().map(|value| (value - 80.0).max(0.0)).collect();
    assert!(told(drift, &least)["seen"].is_null());
}
