//! Numbers that `relgate monitor` watches: levels where large values are good, and drift both ways.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::project::{HEAD, relgate};

/// What is said over four days of records with these values in turn, every second one of the candidate.
fn looked(signal: &str, values: &[f64], more: &[&str]) -> String {
    let folder = tempfile::Builder::new().prefix("relgate-").tempdir().unwrap();
    let metrics = "metrics: { helpful: { as: mean, field: helpful, direction: higher }, spent: { as: mean, field: helpful, direction: lower } }\n";
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
    let args = ["monitor", "--now", "1795160000", "--weight", "50%"];
    let run = relgate(folder.path()).args(args).args(more).output().unwrap();
    assert!(run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// What machines are told of the one signal.
fn told(signal: &str, values: &[f64]) -> Value {
    let told = looked(signal, values, &["--stable", "1.2.2", "--format", "json"]);
    serde_json::from_str::<Value>(&told).unwrap()["signals"][0].clone()
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

/// Values around 1, and these at every so many places.
fn spiked(spikes: &[(usize, usize, f64)]) -> Vec<f64> {
    let value = |i: usize| 0.5 + (i * 61 % 97) as f64 / 97.0;
    let spike = |i: usize| spikes.iter().find(|(every, at, _)| i % every == *at).map(|spike| spike.2);
    (0..2000).map(|i| spike(i).unwrap_or_else(|| value(i))).collect()
}

/// What lies above the cap is a rate of its own: a single value does not keep a mean from passing for ever, and many do.
#[test]
fn one_value_above_the_cap_is_no_reason_to_doubt_and_many_are() {
    for signal in ["{ id: h, rule: 'spent < 2', cap: 20 }", "'spent increase < 20%'"] {
        let outcome = |spikes: &[(usize, usize, f64)]| {
            let told = told(signal, &spiked(spikes));
            (told["outcome"].as_str().unwrap().to_owned(), told["reason"].as_str().unwrap().to_owned())
        };
        assert_eq!(outcome(&[]).0, "pass", "{signal}");
        assert_eq!(outcome(&[(2000, 500, 300.0)]).0, "pass", "{signal}");
        let (said, why) = outcome(&[(100, 10, 25.0), (100, 11, 25.0)]);
        assert_eq!(said, "inconclusive", "{signal}: {why}");
        if signal.contains("cap") {
            assert!(why.contains("20 of 1000 values lie above what counts in full"), "{why}");
            assert!(why.contains("fewer than 1% are not shown"), "{why}");
        }
    }
    // So few of the candidate's alone hardly move the mean of what counts, however large they are.
    let tail = told("'spent increase < 20%'", &spiked(&[(200, 10, 1e6)]));
    assert_eq!(tail["outcome"], "fail", "{tail:#}");
    assert!(tail["reason"].as_str().unwrap().contains("lie above what counts in full"), "{tail:#}");
}

#[test]
fn a_share_of_values_beyond_a_limit_says_of_which() {
    let text = looked("'p95 spent < 5'", &[1.0, 2.0], &["--stable", "1.2.2"]);
    assert!(text.contains("candidate 0% at 5 or above (0 of 1,000)"), "{text}");
    assert_eq!(
        told("'p95 spent < 5'", &[1.0])["counts"],
        serde_json::json!({ "side": "at-least", "limit": 5.0 })
    );
}

/// Also of releases that are not looked at: so many requests there are.
#[test]
fn requests_a_day_are_those_of_the_whole_log() {
    let day = |stable: &str| {
        let told = looked("'spent < 5'", &[1.0, 2.0], &["--stable", stable, "--format", "json"]);
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["log"]["other"], if stable == "1.2.2" { 0 } else { 1000 });
        told["log"]["requests_a_day"].as_f64().unwrap().round()
    };
    assert_eq!((day("1.2.2"), day("1.2.1")), (481.0, 481.0));
}
