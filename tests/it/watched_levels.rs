//! Levels of `relgate monitor` where large values are good.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::project::{HEAD, relgate};

/// Four days of records with this value each, and what is said of `helpful > 0.8`.
fn outcome(value: f64) -> String {
    let folder = tempfile::Builder::new().prefix("relgate-").tempdir().unwrap();
    let metrics = "metrics: { helpful: { as: mean, field: helpful, direction: higher } }\n";
    let monitoring =
        "monitoring: { log: [log.jsonl], signals: [{ id: h, rule: 'helpful > 0.8', cap: 1 }] }\n";
    let evidence = "evidence: { answers: { path: answers.jsonl } }\ngates: ['accuracy >= 50%']\n";
    fs::write(folder.path().join("release.yaml"), format!("{HEAD}{evidence}{metrics}{monitoring}")).unwrap();
    let mut log = String::new();
    for i in 0..2000_u32 {
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
    told["signals"][0]["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn a_mean_that_is_to_be_high_passes_high_and_fails_low() {
    assert_eq!(outcome(0.95), "pass");
    assert_eq!(outcome(0.5), "fail");
    assert_eq!(outcome(0.8), "inconclusive");
}
