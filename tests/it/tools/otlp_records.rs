//! Spans of a collector as production records.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::reference;
use crate::project::{HEAD, relgate};

const START: u64 = 1_794_800_000;

fn watched(folder: &Path, monitoring: &str, log: &[u8]) -> Result<Value, String> {
    watched_at(folder, monitoring, log, START + 4_000)
}

fn watched_at(folder: &Path, monitoring: &str, log: &[u8], now: u64) -> Result<Value, String> {
    let evidence = "evidence: { answers: { path: answers.jsonl } }\ngates: ['accuracy >= 50%']\n";
    let monitoring = format!("monitoring:\n  log: [spans.jsonl]\n{monitoring}");
    fs::write(folder.join("release.yaml"), format!("{HEAD}{evidence}{monitoring}")).unwrap();
    fs::write(folder.join("spans.jsonl"), log).unwrap();
    let now = now.to_string();
    let args = ["monitor", "--now", &now, "--weight", "50%", "--stable", "1.2.2", "--format", "json"];
    let run = relgate(folder).args(args).output().unwrap();
    serde_json::from_slice(&run.stdout).map_err(|_| String::from_utf8_lossy(&run.stderr).into_owned())
}

fn seen(monitoring: &str, log: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    watched(folder.path(), monitoring, log.as_bytes()).unwrap()
}

const USUAL: &str = "  fields: { unit: user.id }\n  signals: ['p95 latency < 3s', 'rate error < 20%']\n";

fn attribute(key: &str, value: &Value) -> Value {
    json!({ "key": key, "value": value })
}

/// A call, with 64-bit integers as text, as the protocol writes them.
fn call(number: u64) -> Value {
    let start = (START + number) * 1_000_000_000 + 250;
    json!({
        "traceId": format!("{number:032x}"), "spanId": format!("{number:016x}"), "parentSpanId": "", "flags": 256, "name": "chat m",
        "startTimeUnixNano": start.to_string(), "endTimeUnixNano": (start + 400_000_000).to_string(),
        "attributes": [
            attribute("gen_ai.operation.name", &json!({ "stringValue": "chat" })),
            attribute("gen_ai.usage.input_tokens", &json!({ "intValue": "120" })),
            attribute("gen_ai.usage.output_tokens", &json!({ "intValue": "40" })),
            attribute("gen_ai.response.id", &json!({ "stringValue": format!("r{number}") })),
            attribute("user.id", &json!({ "stringValue": format!("u{number}") })),
        ],
        "status": {},
    })
}

fn resource(version: &str) -> Value {
    json!({ "attributes": [
        attribute("service.name", &json!({ "stringValue": "assistant" })),
        attribute("service.version", &json!({ "stringValue": version })),
    ] })
}

/// Spans of a resource, which stands before them or behind.
fn entry(version: Option<&str>, spans: &[Value], behind: bool) -> String {
    let spans = json!([{ "scope": { "name": "x" }, "spans": spans }]).to_string();
    match version.map(|version| resource(version).to_string()) {
        None => format!("{{\"scopeSpans\":{spans}}}"),
        Some(resource) if behind => format!("{{\"scopeSpans\":{spans},\"resource\":{resource}}}"),
        Some(resource) => format!("{{\"resource\":{resource},\"scopeSpans\":{spans}}}"),
    }
}

fn line(entries: &[String]) -> String {
    format!("{{\"resourceSpans\":[{}]}}\n", entries.join(","))
}

fn counts(told: &Value, key: &str) -> u64 {
    told["log"][key].as_u64().unwrap_or_else(|| panic!("{key}: {told:#}"))
}

fn arms(told: &Value, signal: usize) -> (u64, u64) {
    let of = |arm: &str| told["signals"][signal][arm]["n"].as_u64().unwrap();
    (of("candidate"), of("stable"))
}

#[test]
fn each_call_is_of_the_resource_that_it_stands_in() {
    // Two releases and somebody else's in every line; the resource behind its spans in half of them.
    let mut log = String::new();
    for at in 0..100 {
        let first = at * 30;
        let calls = |from: u64| (first + from..first + from + 10).map(call).collect::<Vec<_>>();
        let behind = at % 2 == 0;
        log += &line(&[
            entry(Some("1.2.3"), &calls(0), behind),
            entry(None, &calls(20)[..3], behind),
            entry(Some("1.2.2"), &calls(10), !behind),
            entry(Some("0.9.0"), &calls(20)[3..5], behind),
        ]);
    }
    let told = seen(USUAL, &log);
    assert_eq!((counts(&told, "rows"), counts(&told, "selected")), (2500, 2000), "{told:#}");
    assert_eq!((counts(&told, "orphans"), counts(&told, "other")), (300, 200), "{told:#}");
    assert_eq!(arms(&told, 0), (1000, 1000));
    let latency = &told["signals"][0];
    assert_eq!(latency["candidate"]["missing"], 0);
    assert_eq!(latency["candidate"]["units"], 0, "none is slow");
    assert_eq!(told["log"]["without_unit"], 0);
    assert_eq!((arms(&told, 1), &told["decision"]), ((1000, 1000), &json!("inconclusive")), "{told:#}");
    // One document says the same.
    let one: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let all: Vec<&Value> =
        one.iter().flat_map(|line| line["resourceSpans"].as_array().unwrap().iter()).collect();
    for text in [
        json!({ "resourceSpans": all }).to_string() + "\n",
        serde_json::to_string_pretty(&json!({ "resourceSpans": all })).unwrap() + "\n",
    ] {
        assert_eq!(seen(USUAL, &text), told);
    }
}

#[test]
fn errors_answers_and_fields_are_those_of_the_span() {
    let mut log = String::new();
    for at in 0..300 {
        let mut span = call(at);
        let own = span["attributes"].as_array_mut().unwrap();
        let said = "[{\"role\": \"assistant\", \"parts\": [{\"type\": \"text\", \"content\": \"zx-canary-81f3a!\"}]}]";
        let text = if at == 7 { said } else { "[]" };
        own.push(attribute("gen_ai.output.messages", &json!({ "stringValue": text })));
        own.push(attribute("llm.cost.total", &json!({ "doubleValue": 0.002 })));
        if at % 3 == 0 {
            span["status"] = json!({ "code": 2, "message": "rate limit" });
        }
        log += &line(&[entry(Some("1.2.3"), &[span], false)]);
    }
    let monitoring = "  fields: { unit: user.id, id: gen_ai.response.id }\n  where: { service.name: assistant }\n  canary_tokens: [zx-canary-81f3a]\n  \
        signals: ['rate error < 50%', 'mean cost_usd < $0.01', 'count prompt_leakage == 0', 'mean gen_ai.usage.input_tokens < 200']\n";
    let told = seen(monitoring, &log);
    let candidate = |signal: usize| told["signals"][signal]["candidate"].clone();
    assert_eq!((&candidate(0)["n"], &candidate(0)["events"]), (&json!(300), &json!(100)), "{told:#}");
    assert!((candidate(1)["value"].as_f64().unwrap() - 0.002).abs() < 1e-12);
    assert_eq!((&candidate(2)["events"], &told["signals"][2]["outcome"]), (&json!(1), &json!("fail")));
    assert_eq!(candidate(3)["value"], 120.0);
    // The release may stand on the span.
    let shown = log.replace("\"user.id\"", "\"release\"").replace("\"u7\"", "\"1.2.2\"");
    let told = seen("  signals: ['rate error < 50%']\n", &shown);
    assert_eq!((counts(&told, "selected"), counts(&told, "other")), (1, 299), "{told:#}");
}

#[test]
fn what_is_told_twice_is_one_record() {
    let plain: String = (0..200).map(|at| line(&[entry(Some("1.2.3"), &[call(at)], false)])).collect();
    let once = seen(USUAL, &plain);
    assert_eq!((counts(&once, "selected"), counts(&once, "late")), (200, 0));
    // Retries of an exporter; an instrumentation within another, which ends first or is written last; a parent that is none.
    let twice = format!("{plain}{}", plain.lines().next().unwrap().to_owned() + "\n");
    assert_eq!(counts(&seen(USUAL, &twice), "selected"), 200);
    for outer_first in [false, true] {
        let mut log = String::new();
        for at in 0..200 {
            let (mut inner, mut outer) = (call(at), call(at));
            inner["parentSpanId"] = json!(format!("f{at:015x}"));
            outer["spanId"] = inner["parentSpanId"].clone();
            let mut other = call(at);
            other["spanId"] = json!(format!("e{at:015x}"));
            other["name"] = json!("GET /");
            other["attributes"] = json!([]);
            let both = if outer_first { [outer, inner, other] } else { [other, inner, outer] };
            log += &line(&[entry(Some("1.2.3"), &both, false)]);
        }
        let told = seen(USUAL, &log);
        assert_eq!((counts(&told, "selected"), counts(&told, "late")), (200, 200), "{told:#}");
    }
}

#[test]
fn hostile_spans_are_missing_torn_or_refused() {
    let healthy: String = (0..400).map(|at| line(&[entry(Some("1.2.3"), &[call(at)], false)])).collect();
    let with = |bad: &str| format!("{healthy}{bad}\n{}", line(&[entry(Some("1.2.2"), &[call(900)], true)]));
    // Damaged lines, bytes that are no text, and lines about something else.
    let torn = &line(&[entry(Some("1.2.3"), &[call(500)], false)])[..300];
    let told = seen(USUAL, &with(torn));
    assert_eq!((counts(&told, "torn"), counts(&told, "selected")), (1, 401), "{told:#}");
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = with("{\"resourceSpans\":\"?\"}").into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[at] = 0xff;
    let told = watched(folder.path(), USUAL, &bytes).unwrap();
    assert_eq!((counts(&told, "torn"), counts(&told, "selected")), (1, 401), "{told:#}");
    let told = seen(USUAL, &with("{\"resourceMetrics\":[{}]}"));
    assert_eq!((counts(&told, "torn"), counts(&told, "rows")), (0, 401));
    // The first lines are torn: a log that was rotated by copying.
    let told = seen(USUAL, &format!("{torn}\n}}]}}\n{healthy}"));
    assert_eq!((counts(&told, "torn"), counts(&told, "selected")), (2, 400), "{told:#}");
    // Numbers that are none, an end before the start, no start, a span without ids, one that says a thing twice.
    let mut spans: Vec<Value> = (0..5).map(|at| call(500 + at)).collect();
    spans[0]["startTimeUnixNano"] = json!("NaN");
    spans[1]["endTimeUnixNano"] = json!(((START + 1) * 1_000_000_000).to_string());
    spans[2]["startTimeUnixNano"] = json!(-5);
    spans[3]["spanId"] = json!("");
    let twice = entry(Some("1.2.3"), &spans, false).replacen(
        "\"name\":\"chat m\"",
        "\"name\":\"a\",\"name\":\"b\"",
        1,
    );
    let told = seen(USUAL, &with(&line(&[twice])));
    assert_eq!((counts(&told, "torn"), counts(&told, "rows")), (2, 404), "{told:#}");
    assert_eq!(told["signals"][0]["candidate"]["missing"], 2, "{told:#}");
    assert_eq!(counts(&told, "outside"), 0, "without steps a record without a time counts");
    // An integer where the protocol has text, and numbers as numbers.
    let loose = healthy.replace("{\"intValue\":\"120\"}", "{\"intValue\":120}");
    let text = format!("\"startTimeUnixNano\":\"{}\"", START * 1_000_000_000 + 250);
    assert!(loose.contains(&text));
    let loose = loose.replace(&text, &text.replace(":\"", ":").replace("50\"", "50"));
    let tokens = "  signals: ['mean input_tokens < 200', 'mean latency < 3s']\n";
    let told = seen(tokens, &loose);
    assert_eq!(told["signals"][0]["candidate"]["value"], 120.0, "{told:#}");
    assert_eq!(told["signals"][1]["candidate"]["n"], 400);
    // A resource that stands twice is of nobody.
    let double = format!("{{\"resource\":{},\"resource\":{}}}", resource("1.2.3"), resource("1.2.2"));
    let folder = tempfile::tempdir().unwrap();
    let error = watched(folder.path(), USUAL, with(&format!("{{\"resourceSpans\":[{double}]}}")).as_bytes());
    assert!(error.as_ref().is_err_and(|text| text.contains("duplicate-key")), "{error:?}");
}

#[test]
fn evaluations_that_come_later_add_to_the_call_that_they_name() {
    let mut log: String = (0..300).map(|at| line(&[entry(Some("1.2.3"), &[call(at)], false)])).collect();
    for at in 0..300_u64 {
        let value = json!({ "doubleValue": if at % 10 == 0 { 1.0 } else { 0.0 } });
        let record = json!({
            "observedTimeUnixNano": ((START + 500 + at) * 1_000_000_000).to_string(), "eventName": "gen_ai.evaluation.result",
            "traceId": format!("{at:032x}"), "spanId": format!("{at:016x}"),
            "attributes": [
                attribute("gen_ai.evaluation.name", &json!({ "stringValue": "toxicity" })),
                attribute("gen_ai.evaluation.score.value", &value),
                attribute("gen_ai.response.id", &json!({ "stringValue": format!("r{at}") })),
            ],
        });
        let other = json!({ "eventName": "exception", "attributes": [] });
        let entry =
            json!({ "resource": resource("1.2.3"), "scopeLogs": [{ "logRecords": [record, other] }] });
        let _ = writeln!(log, "{}", json!({ "resourceLogs": [entry] }));
    }
    for id in ["", "id: gen_ai.response.id, "] {
        let monitoring = format!(
            "  fields: {{ {id}unit: user.id }}\n  missing: 90%\n  signals: [{{ id: tox, rule: 'mean toxicity < 0.5', cap: 1 }}]\n"
        );
        let told = seen(&monitoring, &log);
        assert_eq!((counts(&told, "selected"), counts(&told, "late")), (300, 300), "{told:#}");
        let candidate = &told["signals"][0]["candidate"];
        assert_eq!((&candidate["value"], &candidate["n"]), (&json!(0.1), &json!(300)), "{told:#}");
    }
}

#[test]
fn lines_longer_than_what_is_looked_at_and_packed_ones_are_read() {
    // A batch of a collector: 6 MB in a line.
    let pad = "x".repeat(2000);
    let span = |at: u64| {
        let mut span = call(at);
        span["attributes"].as_array_mut().unwrap().push(attribute("pad", &json!({ "stringValue": pad })));
        span
    };
    let batch = |from: u64, version: &str| {
        line(&[entry(Some(version), &(from..from + 2000).map(span).collect::<Vec<_>>(), true)])
    };
    let log = batch(0, "1.2.3") + &batch(2000, "1.2.2");
    assert!(log.find('\n').unwrap() > 4 << 20);
    let told = seen(USUAL, &log);
    assert_eq!(arms(&told, 0), (2000, 2000), "{told:#}");
    let one = log.trim_end().replace("]}\n{\"resourceSpans\":[", ",\n\n") + "\n";
    assert_eq!(seen(USUAL, &one), told);
    let folder = tempfile::tempdir().unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, log.as_bytes()).unwrap();
    fs::write(folder.path().join("spans.jsonl.gz"), packed.finish().unwrap()).unwrap();
    watched(folder.path(), USUAL, log.as_bytes()).unwrap();
    let now = (START + 4_000).to_string();
    let args = [
        "monitor",
        "--log",
        "spans.jsonl.gz",
        "--now",
        &now,
        "--weight",
        "50%",
        "--stable",
        "1.2.2",
        "--format",
        "json",
    ];
    let run = relgate(folder.path()).args(args).output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&run.stdout).unwrap(), told);
}

#[test]
fn what_the_sdk_wrote_is_watched() {
    let Some(spans) = reference("../deploy/otel/spans.jsonl") else { return };
    let logs = fs::read_to_string(spans.with_file_name("logs.jsonl")).unwrap();
    let spans = fs::read_to_string(spans).unwrap();
    let monitoring = "  fields: { id: gen_ai.response.id, unit: gen_ai.conversation.id }\n  silence: 365d\n  missing: 50%\n  \
        where: { deployment.environment.name: prod, feature_flag.result.variant: canary }\n  \
        signals: ['mean output_tokens < 500', 'mean response chars < 500', { id: tox, rule: 'mean Toxicity < 0.5', cap: 1 }]\n";
    let text = (spans + &logs).replace("\"r42\"", "\"1.2.3\"");
    // The labels of evaluations do not stand there: `where` leaves them out.
    let folder = tempfile::tempdir().unwrap();
    let at =
        |monitoring: &str| watched_at(folder.path(), monitoring, text.as_bytes(), 1_795_406_300).unwrap();
    let told = at(monitoring);
    assert_eq!((counts(&told, "rows"), counts(&told, "left_out")), (3, 3), "{told:#}");
    let told = at(&monitoring.replace(", feature_flag.result.variant: canary", ""));
    assert_eq!((counts(&told, "selected"), counts(&told, "late")), (3, 3), "{told:#}");
    let value = |signal: usize| told["signals"][signal]["candidate"]["value"].as_f64().unwrap();
    assert_eq!((value(0), value(1)), (41.0, 5.0), "{told:#}");
    assert!((value(2) - 0.02).abs() < 1e-12);
}
