use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::read_bytes;
use crate::project::{HEAD, relgate};
use relgate::evidence::Format;

/// A row of the spend logs with the keys that the proxy writes.
fn request(id: &str, fields: &str) -> String {
    format!(
        "{{\"request_id\": \"{id}\", \"call_type\": \"acompletion\", \"api_key\": \"sk-hashed\", \"model\": \"gpt-mini\", \
         \"model_id\": \"d1\", \"model_group\": \"assistant\", \"end_user\": \"u-{id}\", {fields}}}"
    )
}

const USUAL: &str = "\"startTime\": \"2026-11-20T08:00:00.250000Z\", \"endTime\": \"2026-11-20T08:00:01.500000Z\", \
    \"spend\": 0.0031, \"prompt_tokens\": 120, \"completion_tokens\": 40, \"total_tokens\": 160, \"status\": \"success\", \
    \"request_tags\": [\"prod\", \"eu\"], \"metadata\": {\"spend_logs_metadata\": {\"release\": \"1.2.3\"}}, \
    \"response\": {\"choices\": [{\"message\": {\"content\": \"hello\"}}]}";

#[test]
fn a_request_has_a_time_a_latency_a_price_and_what_was_sent_along() {
    let list = format!("[{}]", request("a", USUAL));
    let page = format!("{{\"data\": {list}, \"total\": 1}}");
    for text in [request("a", USUAL) + "\n", list, page] {
        let read = read_bytes("spend.json", text.as_bytes()).unwrap();
        assert_eq!(read.catalog.format, Format::LiteLlm);
        for (field, value) in [
            ("time", "1795161600.25"),
            ("latency_ms", "1250.0"),
            ("cost_usd", "0.0031"),
            ("tokens", "160"),
            ("end_user", "u-a"),
            ("request_tags", "prod, eu"),
            ("metadata.spend_logs_metadata.release", "1.2.3"),
            ("response", "hello"),
        ] {
            let own = read.value("a", field).unwrap_or_default();
            let same = own == value
                || own.parse::<f64>().ok().zip(value.parse().ok()).is_some_and(|(a, b): (f64, f64)| a == b);
            assert!(same, "{field}: {own}");
        }
        assert!(!read.catalog.fields.contains_key("api_key"));
    }
}

#[test]
fn what_cannot_be_is_missing_and_a_failure_is_an_error() {
    let rows = [
        request(
            "backwards",
            "\"startTime\": \"2026-11-20 08:00:02\", \"endTime\": \"2026-11-20 08:00:01\", \"spend\": NaN",
        ),
        request("timeless", "\"startTime\": null, \"endTime\": \"yesterday\", \"spend\": \"much\""),
        request(
            "failed",
            "\"startTime\": \"2026-11-20T08:00:00Z\", \"endTime\": \"2026-11-20T08:00:01Z\", \"spend\": 0.0, \
             \"status\": \"failure\", \"metadata\": {\"error_information\": {\"error_message\": \"rate limit\"}}",
        ),
        request(
            "own",
            "\"startTime\": \"2026-11-20T08:00:00Z\", \"spend\": 0.1, \"request_duration_ms\": 81",
        ),
    ];
    let read = read_bytes("spend.jsonl", (rows.join("\n") + "\n").as_bytes()).unwrap();
    assert_eq!((read.run().rows, read.run().errored), (4, 1));
    // Of the failed one nothing counts.
    assert_eq!(read.all("latency_ms").n, 1);
    assert_eq!(read.value("own", "latency_ms").as_deref(), Some("81"));
    assert_eq!(read.all("cost_usd").n, 1);
    assert!(
        read_bytes("s.jsonl", b"{\"request_id\": \"\", \"spend\": 1, \"startTime\": \"2026-11-20\"}\n")
            .is_err()
    );
}

#[test]
fn the_proxys_own_log_is_watched() {
    let folder = tempfile::tempdir().unwrap();
    let monitoring = "monitoring:\n  log: [spend.jsonl]\n  fields: { release: metadata.spend_logs_metadata.release, unit: end_user }\n  \
        signals: ['p95 latency < 3s', 'mean cost_usd < $0.01', 'rate error < 20%']\n";
    let evidence = "evidence: { answers: { path: answers.jsonl } }\ngates: ['accuracy >= 50%']\n";
    fs::write(folder.path().join("release.yaml"), format!("{HEAD}{evidence}{monitoring}")).unwrap();
    let mut log = String::new();
    // A line that a crash cut off costs that line.
    let half = request("torn", USUAL);
    let _ = writeln!(log, "{}", &half[..half.len() / 2]);
    // So does a request that says a thing twice, and one of nobody.
    let _ = writeln!(log, "{}", request("twice", &format!("{USUAL}, {USUAL}")));
    let _ = writeln!(log, "{}", request("", USUAL).replace("\"\"", "null"));
    for number in 0..3000 {
        let (release, start) =
            (if number % 2 == 0 { "1.2.3" } else { "1.2.2" }, 1_794_800_000_000_i64 + number * 100_000);
        let time = |at: i64| chrono::DateTime::from_timestamp_millis(at).unwrap().to_rfc3339();
        let status = if number % 50 == 0 { "failure" } else { "success" };
        let fields = format!(
            "\"startTime\": \"{}\", \"endTime\": \"{}\", \"spend\": 0.002, \"status\": \"{status}\", \
             \"metadata\": {{\"spend_logs_metadata\": {{\"release\": \"{release}\"}}}}",
            time(start),
            time(start + 400 + number % 700)
        );
        let _ = writeln!(log, "{}", request(&format!("r{number}"), &fields));
    }
    fs::write(folder.path().join("spend.jsonl"), &log).unwrap();
    let args = ["monitor", "--now", "1795100000", "--weight", "50%", "--stable", "1.2.2", "--format", "json"];
    let run = relgate(folder.path()).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    let told: Value = serde_json::from_slice(&run.stdout).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(
        (&told["log"]["rows"], &told["log"]["torn"]),
        (&Value::from(3000), &Value::from(3)),
        "{told:#}"
    );
    for signal in told["signals"].as_array().unwrap() {
        assert_eq!(signal["outcome"], "pass", "{signal:#}\n{said}");
        assert_eq!(signal["candidate"]["n"], 1500, "{signal:#}");
    }
    // As one list, which is longer than what is looked at to learn its fields, it says the same.
    let rows: Vec<&str> = log.lines().skip(3).collect();
    let pad = format!("\"metadata\": {{\"pad\": \"{}\", ", "x".repeat(600));
    let list = format!("[{}]\n", rows.join(",\n").replace("\"metadata\": {", &pad));
    assert!(list.len() > 2 << 20);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, list.as_bytes()).unwrap();
    fs::write(folder.path().join("list.json"), list).unwrap();
    fs::write(folder.path().join("list.json.gz"), packed.finish().unwrap()).unwrap();
    for file in ["list.json", "list.json.gz"] {
        let run = relgate(folder.path()).args(args).args(["--log", file]).output().unwrap();
        let again: Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(again["signals"], told["signals"], "{file}");
    }
}
