//! Metrics files: what they say, and what is refused.

use super::*;

fn aggregates(name: &str, text: &str) -> BTreeMap<String, StatedAggregate> {
    probe(&file(name, text), Depth::Head).map_err(|findings| told(&findings)).unwrap().aggregates
}

#[test]
fn metrics_files_are_read() {
    let json = "{ \"schema\": \"relgate/metrics/v1\", \"created\": \"2026-11-20T09:00:00Z\",\n\
        \"artifacts\": {\"models.chat\": \"gpt-4.3\"},\n\"metrics\": {\n\
        \"hallucination_rate\": {\"events\": 12, \"n\": 1000, \"value\": 0.012},\n\
        \"accuracy\": {\"value\": 0.870, \"stderr\": 0.011, \"n\": 940},\n\
        \"f1\": {\"value\": 0.81, \"lower\": 0.79, \"upper\": 0.83, \"confidence\": 0.95},\n\
        \"recall\": {\"value\": 0.5, \"n\": 10},\n\"flat\": {\"value\": 1, \"stderr\": 0},\n\
        \"safe\": {\"upper\": 1e-3, \"confidence\": 0.99},\n\"p95_latency_ms\": 1120 } }\n";
    let yaml = "# made by hand\nschema: relgate/metrics/v1\ncreated: 2026-11-20T09:00:00Z\nartifacts: {models.chat: gpt-4.3}\n\
        metrics:\n  hallucination_rate: {events: 12, n: 1000, value: 0.012}\n  accuracy:\n    value: 0.870\n    stderr: 0.011\n    n: 940\n\
        \x20 f1: {value: 0.81, lower: 0.79, upper: 0.83, confidence: 0.95}\n  recall: {value: 0.5, n: 10}\n\
        \x20 flat: {value: 1, stderr: 0}\n  safe: {upper: 1e-3, confidence: 0.99}\n  p95_latency_ms: 1120\n";
    for (name, text) in [("m.json", json), ("m.yaml", yaml)] {
        let catalog = probe(&file(name, text), Depth::Head).map_err(|findings| told(&findings)).unwrap();
        assert_eq!(catalog.format, Format::Metrics);
        assert_eq!(catalog.identity.artifacts["models.chat"], "gpt-4.3");
        assert!(catalog.identity.created.is_some());
        let found = |name: &str| catalog.aggregates[name].measured.clone();
        assert_eq!(found("hallucination_rate"), Measured::Events { events: 12, n: 1000 });
        assert!(
            matches!(found("accuracy"), Measured::Stderr { value, stderr: 0.011, n: Some(940), clusters: None } if value.text == "0.870" && value.value == 0.87)
        );
        assert!(
            matches!(found("f1"), Measured::Interval { value: Some(value), lower: Some(0.79), upper: Some(0.83), confidence: 0.95, n: None } if value.value == 0.81)
        );
        assert!(matches!(found("recall"), Measured::Value { value, n: 10 } if value.text == "0.5"));
        assert!(matches!(found("flat"), Measured::Stderr { stderr: 0.0, n: None, .. }));
        assert!(matches!(
            found("safe"),
            Measured::Interval { value: None, lower: None, upper: Some(0.001), .. }
        ));
        assert!(
            matches!(found("p95_latency_ms"), Measured::Point(value) if value.value == 1120.0 && value.text == "1120")
        );
        assert_eq!(catalog.aggregates["accuracy"].line, if name == "m.json" { 5 } else { 7 });
    }
    let flat = aggregates("m.json.gz", "{\"toxicity\": 0.0004}");
    assert!(matches!(&flat["toxicity"].measured, Measured::Point(value) if value.text == "0.0004"));
    assert_eq!(aggregates("m.yml", "toxicity: 4.0e-4\n")["toxicity"].line, 1);
}

#[test]
fn half_a_unit_of_the_last_printed_digit() {
    for (text, half) in
        [("0.87", 0.005), ("0.870", 0.0005), ("12", 0.5), ("1.5e-3", 0.5e-4), ("2E2", 50.0), ("-0.1", 0.05)]
    {
        let aggregates = aggregates("m.json", &format!("{{\"x\": {text}}}"));
        let Measured::Point(figure) = &aggregates["x"].measured else { panic!("{aggregates:?}") };
        assert_eq!(figure.half_unit(), half, "{text}");
    }
}

#[test]
fn bad_metrics_files_are_refused() {
    let entries: &[(&str, &[&str])] = &[
        ("NaN", &["`x` is NaN"]),
        ("-Infinity", &["`x` is -Infinity"]),
        ("null", &["`x` is null where a number belongs"]),
        ("\"0.5\"", &["`x` is text (\"0.5\") where a number belongs"]),
        ("true", &["`x` is true where"]),
        ("[1]", &["`x` is a list where"]),
        ("1e999", &["`x` is 1e999, which is too large"]),
        ("{\"value\": NaN, \"n\": 3}", &["`x.value` is NaN"]),
        ("{\"value\": null}", &["`x.value` is null where"]),
        ("{\"events\": 1, \"n\": 0}", &["`x.n` is 0"]),
        ("{\"value\": 1, \"n\": -5}", &["`x.n` is -5 where a whole number"]),
        ("{\"value\": 1, \"n\": 9.5}", &["`x.n` is 9.5 where a whole number"]),
        ("{\"events\": 1.5, \"n\": 10}", &["`x.events` is 1.5 where a whole number"]),
        ("{\"events\": 11, \"n\": 10}", &["`x` has more `events` (11) than samples"]),
        ("{\"events\": 1}", &["`x` has `events` but no `n`"]),
        ("{\"n\": 10}", &["`x` says no number"]),
        ("{}", &["`x` says no number"]),
        ("{\"value\": 1, \"stderr\": -0.1}", &["`x.stderr` is -0.1"]),
        ("{\"stderr\": 0.1}", &["`x` has a `stderr` but no `value`"]),
        (
            "{\"value\": 1, \"lower\": 2, \"upper\": 1, \"confidence\": 0.95}",
            &["`lower` (2) above its `upper` (1)"],
        ),
        ("{\"value\": 3, \"lower\": 1, \"upper\": 2, \"confidence\": 0.95}", &["outside of its own bounds"]),
        ("{\"value\": 1, \"lower\": 0, \"upper\": 2}", &["no `confidence`", "one-sided"]),
        ("{\"value\": 1, \"confidence\": 0.95}", &["no bounds"]),
        ("{\"lower\": 0, \"confidence\": 0.5}", &["`x.confidence` is 0.5", "one-sided"]),
        ("{\"lower\": 0, \"confidence\": 1}", &["`x.confidence` is 1"]),
        ("{\"lower\": 0, \"confidence\": 95}", &["`x.confidence` is 95"]),
        ("{\"value\": 0.02, \"events\": 12, \"n\": 1000}", &["`x` says 0.02 but 12 of 1000 is 0.012"]),
        ("{\"events\": 1, \"n\": 2, \"stderr\": 0.1}", &["both `events` and `stderr`"]),
        (
            "{\"events\": 1, \"n\": 2, \"lower\": 0.1, \"confidence\": 0.9}",
            &["both `events` and an interval"],
        ),
        (
            "{\"value\": 1, \"stderr\": 2, \"lower\": 0.1, \"confidence\": 0.9}",
            &["both `stderr` and an interval"],
        ),
        ("{\"value\": 1, \"std\": 0.1}", &["unknown key `x.std`", "the spread of the samples"]),
        ("{\"value\": 1, \"value\": 2}", &["`value` stands here twice", "the first one stands on line 3"]),
    ];
    for (entry, words) in entries {
        let json = format!("{{\"schema\": \"relgate/metrics/v1\",\n\"metrics\": {{\n\"x\": {entry}\n}}}}");
        refuses_metrics("m.json", &json, 3, words);
        let yaml = format!("schema: relgate/metrics/v1\nmetrics:\n  x: {entry}\n");
        refuses_metrics("m.yaml", &yaml, 3, words);
    }
    let files: &[(&str, &str, u64, &[&str])] = &[
        ("m.json", "[1]", 1, &["a list where an object"]),
        ("m.json", "{}", 1, &["holds no metric"]),
        ("m.json", " ", 1, &["cut off"]),
        ("m.json", "{\"x\": 1} {\"y\": 2}", 1, &["nothing more"]),
        ("m.json", "{\"x\": 1,}", 1, &["a key in double quotes"]),
        ("m.json", "{\"x\": 1", 1, &["cut off"]),
        (
            "m.json",
            "{\n\"x\": 0.5,\n\"x\": 0.6}",
            3,
            &["`x` stands here twice", "the first one stands on line 2"],
        ),
        ("m.json", "{\"x\": {\"value\": 1, \"p95\": 2}}", 1, &["unknown key `x.p95`"]),
        ("m.json", "{\"\": 1}", 1, &["no name"]),
        (
            "m.json",
            "{\"schema\": \"relgate/metrics/v9\", \"metrics\": {\"x\": 1}}",
            1,
            &["relgate/metrics/v9"],
        ),
        ("m.json", "{\"schema\": 1, \"metrics\": {\"x\": 1}}", 1, &["the schema is `1`"]),
        ("m.json", "{\"schema\": \"relgate/metrics/v1\"}", 1, &["holds no metric"]),
        ("m.json", "{\"schema\": \"relgate/metrics/v1\", \"metrics\": 3}", 1, &["`metrics` is 3"]),
        (
            "m.json",
            "{\"schema\": \"relgate/metrics/v1\", \"metric\": {}, \"metrics\": {\"x\": 1}}",
            1,
            &["unknown key `metric`"],
        ),
        ("m.yaml", "", 0, &["this file is empty"]),
        ("m.yaml", "# nothing\n", 0, &["empty"]),
        ("m.yaml", "x: &a 1\ny: *a\n", 1, &["anchor"]),
        ("m.yaml", "x: !!float 1\n", 1, &["YAML tags are not read in a metrics file"]),
        ("m.yaml", "x: 1\nx: 2\n", 2, &["`x` stands here twice", "the first one stands on line 1"]),
        ("m.yaml", "x: .nan\ny: .inf\n", 1, &["`x` is NaN"]),
        ("m.yaml", "x: 010\n", 1, &["text (\"010\")"]),
        ("m.yaml", "x: 1_000\n", 1, &["text (\"1_000\")"]),
        ("m.yaml", "x:\n", 1, &["`x` is null"]),
        ("m.yaml", "x: 1\n---\ny: 2\n", 2, &["a metrics file is one YAML document"]),
        ("m.yaml", "x: [1\n", 0, &["not YAML"]),
        ("m.yaml", "? [a]\n: 1\n", 1, &["a key must be a single word or text"]),
    ];
    for (name, text, line, words) in files {
        refuses_metrics(name, text, *line, words);
    }
    let deep = format!("{{\"x\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
    refuses_metrics("m.json", &deep, 1, &["nested too deeply"]);
    refuses_metrics("m.yaml", &format!("x: {}{}", "[".repeat(500), "]".repeat(500)), 1, &["m.yaml"]);
}

/// Asserts that `words` are told; at `line`, where that is not 0.
#[track_caller]
fn refuses_metrics(name: &str, text: &str, line: u64, words: &[&str]) {
    let Err(findings) = probe(&file(name, text), Depth::Whole) else { panic!("{text:?} was read") };
    let first = told(&findings).remove(0);
    assert!(
        line == 0 || first.starts_with(&format!("{name}:{line}: ")),
        "{first:?} is not on line {line} of {text:?}"
    );
    for word in words {
        assert!(first.contains(word), "{first:?} does not say {word:?}");
    }
}

#[test]
fn all_findings_of_a_metrics_file_come_at_once() {
    let text = "{\"schema\": \"relgate/metrics/v1\", \"created\": \"now\",\n\"metrics\": {\"a\": NaN,\n\"b\": {\"value\": null, \"n\": 0, \"z\": 1},\n\"c\": 1}}";
    let findings = told(&probe(&file("m.json", text), Depth::Head).unwrap_err());
    let starts = [
        "m.json:1: `created`",
        "m.json:2: `a` is NaN",
        "m.json:3: `b.value`",
        "m.json:3: `b.n`",
        "m.json:3: unknown key `b.z`",
    ];
    assert_eq!(findings.len(), starts.len(), "{findings:?}");
    assert!(findings.iter().zip(starts).all(|(finding, start)| finding.starts_with(start)), "{findings:?}");
}

#[test]
fn metrics_files_hold_no_samples() {
    refuses("m.json", b"{\"x\": 1}", 0, &["metrics file", "not samples"]);
}
