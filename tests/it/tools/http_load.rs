//! autocannon, hey, wrk, k6.

use std::fs;
use std::path::{Path, PathBuf};

use super::{close, json, read, read_bytes, reference};
use relgate::evidence::{Format, Measured};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tools").join(name)
}

fn events(read: &super::Read, name: &str) -> (u64, u64) {
    let measured = &read.catalog.aggregates[name].measured;
    let Measured::Events { events, n } = measured else { panic!("{name} is {measured:?}") };
    (*events, *n)
}

fn point(read: &super::Read, name: &str) -> f64 {
    let measured = &read.catalog.aggregates[name].measured;
    let Measured::Point(figure) = measured else { panic!("{name} is {measured:?}") };
    figure.value
}

fn code(name: &str, bytes: &[u8]) -> &'static str {
    read_bytes(name, bytes).err().map(|found| found.iter().next().unwrap().code.word()).unwrap_or_default()
}

#[test]
fn autocannon_tells_failed_answers_and_its_percentiles() {
    for (name, failed, requests) in [("mixed.json", 30, 307), ("fifty.json", 5, 50)] {
        let path = fixture("autocannon-7.15.0").join(name);
        let own = json(&path);
        let read = read(&path);
        assert_eq!(read.catalog.format, Format::Autocannon);
        assert_eq!(events(&read, "failure_rate"), (failed, requests));
        for (field, key) in
            [("p97.5_latency_ms", "p97_5"), ("p50_latency_ms", "p50"), ("latency_ms", "average")]
        {
            close(point(&read, field), own["latency"][key].as_f64().unwrap(), 0.0);
        }
        // Numbers of answers a second are no numbers of answers.
        close(point(&read, "requests_per_second"), own["requests"]["average"].as_f64().unwrap(), 0.0);
        assert_eq!(read.catalog.told.problems[0].code.word(), "failures-in-figures");
        assert!(read.run().created.is_some());
    }
}

#[test]
fn latencies_of_nothing_but_errors_are_no_latencies() {
    // Nothing listened, and every latency is 0: a perfect run.
    let away = fs::read(fixture("autocannon-7.15.0/away.json")).unwrap();
    assert_eq!(code("away.json", &away), "empty-evidence");
    let Some(refused) = reference("autocannon/a_refused.json") else { return };
    assert_eq!(code("a.json", &fs::read(&refused).unwrap()), "empty-evidence");
    // Every answer was a 503.
    let all = read(&refused.with_file_name("a_err.json"));
    assert_eq!(events(&all, "failure_rate"), (148, 148));
    assert_eq!(all.catalog.aggregates.len(), 1);
    let fine = read(&refused.with_file_name("a_ok.json"));
    assert_eq!(events(&fine, "failure_rate"), (0, 152));
    assert_eq!(fine.catalog.told.problems, []);
    let text = fs::read_to_string(refused.with_file_name("a_ok.json")).unwrap();
    for end in [text.len() / 2, text.len() - 3] {
        assert_ne!(code("a.json", &text.as_bytes()[..end]), "", "{end}");
    }
    assert_eq!(code("a.json", text.replace("\"non2xx\":0", "\"non2xx\":999").as_bytes()), "contradiction");
    // Requests without an answer are failures beside the answers.
    let timed_out = read_bytes("a.json", text.replace("\"errors\":0", "\"errors\":8").as_bytes()).unwrap();
    assert_eq!(events(&timed_out, "failure_rate"), (8, 160));
}

#[test]
fn hey_lists_answers_and_prints_the_rest() {
    let path = fixture("hey-0.1.4/requests.csv");
    let text = fs::read_to_string(&path).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let fine: Vec<f64> =
        rows.iter().filter(|row| row[6] == "200").map(|row| row[0].parse().unwrap()).collect();
    let listed = read(&path);
    assert_eq!(listed.catalog.format, Format::Hey);
    assert_eq!((listed.run().rows, listed.run().errored), (120, 12));
    assert_eq!(events(&listed, "failure_rate"), (12, 120));
    let latency = listed.all("latency_s");
    assert_eq!(latency.n, 108);
    close(latency.mean, fine.iter().sum::<f64>() / 108.0, 1e-12);
    assert_eq!(listed.catalog.told.problems[0].code.word(), "failures-in-figures");
    let printed = read(&fixture("hey-0.1.4/summary.txt"));
    assert_eq!(printed.catalog.format, Format::Hey);
    assert_eq!(events(&printed, "failure_rate"), (20, 200));
    for (name, value) in [("latency_s", 0.0642), ("p50_latency_s", 0.048), ("p95_latency_s", 0.1641)] {
        close(point(&printed, name), value, 0.0);
    }
    if let Some(path) = reference("http_tools/hey.csv") {
        let listed = read(&path);
        assert_eq!(
            (listed.run().rows as usize, listed.run().errored),
            (fs::read_to_string(&path).unwrap().lines().count() - 1, 0)
        );
        let printed = read(&path.with_file_name("hey.txt"));
        assert_eq!(events(&printed, "failure_rate"), (0, 60));
        // `0% in 0.0000 secs` stands where the 99 % would.
        let names: Vec<_> = printed.catalog.aggregates.keys().filter(|name| name.starts_with('p')).collect();
        assert_eq!(names.len(), 6, "{names:?}");
        // Every answer was a 500.
        assert_eq!(events(&read(&path.with_file_name("hey_errors.txt")), "failure_rate"), (20, 20));
    }
}

#[test]
fn hey_without_an_answer_or_without_its_end_is_refused() {
    let away = fs::read_to_string(fixture("hey-0.1.4/away.txt")).unwrap();
    assert_eq!(code("away.txt", away.as_bytes()), "empty-evidence");
    let header =
        "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n";
    assert_eq!(code("away.csv", header.as_bytes()), "empty-evidence");
    let text = fs::read_to_string(fixture("hey-0.1.4/summary.txt")).unwrap();
    for end in [text.find("Latency").unwrap(), text.find("Status").unwrap(), text.find("  [503]").unwrap()] {
        assert_eq!(code("a.txt", &text.as_bytes()[..end]), "cut-off", "{}", &text[..end]);
    }
    let partly = text.replace(
        "[503]\t20 responses",
        "[503]\t10 responses\n\nError distribution:\n  [10]\tGet \"x\": EOF\n",
    );
    assert_eq!(events(&read_bytes("a.txt", partly.as_bytes()).unwrap(), "failure_rate"), (20, 200));
    let csv = fs::read_to_string(fixture("hey-0.1.4/requests.csv")).unwrap();
    assert_eq!(code("a.csv", &csv.as_bytes()[..csv.len() / 2]), "bad-row");
}

#[test]
fn wrk_has_a_unit_in_every_time() {
    let read_own = read(&fixture("wrk-4.1.0/latency.txt"));
    assert_eq!(read_own.catalog.format, Format::Wrk);
    assert_eq!(events(&read_own, "failure_rate"), (31, 309));
    for (name, value) in [
        ("latency_ms", 68.5),
        ("p50_latency_ms", 48.01),
        ("p90_latency_ms", 163.98),
        ("p99_latency_ms", 168.01),
    ] {
        close(point(&read_own, name), value, 0.0);
    }
    let plain = read(&fixture("wrk-4.1.0/plain.txt"));
    assert_eq!(events(&plain, "failure_rate"), (6, 62));
    assert!(!plain.catalog.aggregates.contains_key("p50_latency_ms"));
    if let Some(path) = reference("http_tools/wrk.txt") {
        assert_eq!(events(&read(&path), "failure_rate"), (0, 84));
    }
    let text = fs::read_to_string(fixture("wrk-4.1.0/latency.txt")).unwrap();
    let quick =
        read_bytes("a.txt", text.replace("48.01ms", "980.00us").replace("168.03ms", "1.68s").as_bytes())
            .unwrap();
    close(point(&quick, "p50_latency_us"), 980.0, 0.0);
    close(point(&quick, "max_latency_s"), 1.68, 0.0);
    let sockets =
        text.replace("  Non-2xx", "  Socket errors: connect 0, read 3, write 0, timeout 4\n  Non-2xx");
    assert_eq!(events(&read_bytes("a.txt", sockets.as_bytes()).unwrap(), "failure_rate"), (38, 316));
    let none = text.replace("309 requests", "0 requests");
    assert_eq!(code("a.txt", none.as_bytes()), "empty-evidence");
    assert_eq!(code("a.txt", &text.as_bytes()[..text.find("  Non-2xx").unwrap()]), "cut-off");
    assert_eq!(code("a.txt", text.repeat(2).as_bytes()), "contradiction");
}

/// From the documentation; nobody here ran k6.
const K6: &str = r#"{"metrics":{
  "iterations":{"count":200,"rate":19.8},
  "iteration_duration":{"avg":101.5,"min":90,"med":100,"max":180,"p(90)":120,"p(95)":140},
  "http_reqs":{"count":200,"rate":19.8},
  "http_req_duration":{"avg":81.5,"min":70,"med":80,"max":160,"p(90)":100,"p(95)":120.25},
  "http_req_failed":{"passes":7,"fails":193,"value":0.035},
  "checks":{"passes":390,"fails":10,"value":0.975}}}"#;

#[test]
fn a_k6_rate_of_failure_passes_where_a_request_failed() {
    let deep = r#"{"metrics":{
      "iterations":{"type":"counter","contains":"default","values":{"count":200,"rate":19.8}},
      "iteration_duration":{"type":"trend","contains":"time","values":{"avg":101.5,"med":100,"p(95)":140}},
      "http_reqs":{"type":"counter","contains":"default","values":{"count":200,"rate":19.8}},
      "http_req_duration":{"type":"trend","contains":"time","values":{"avg":81.5,"med":80,"p(95)":120.25},"thresholds":{"p(95)<500":{"ok":true}}},
      "answer_words":{"type":"trend","contains":"default","values":{"avg":12,"p(95)":40}},
      "http_req_failed":{"type":"rate","contains":"default","values":{"rate":0.035,"passes":7,"fails":193}}}}"#;
    for text in [K6, deep] {
        let read = read_bytes("summary.json", text.as_bytes()).unwrap();
        assert_eq!(read.catalog.format, Format::K6);
        assert_eq!(events(&read, "failure_rate"), (7, 200));
        close(point(&read, "p95_latency_ms"), 120.25, 0.0);
        close(point(&read, "p50_latency_ms"), 80.0, 0.0);
        close(point(&read, "latency_ms"), 81.5, 0.0);
        close(point(&read, "http_reqs"), 200.0, 0.0);
    }
    assert_eq!(events(&read_bytes("a.json", K6.as_bytes()).unwrap(), "checks"), (390, 400));
    close(point(&read_bytes("a.json", deep.as_bytes()).unwrap(), "p95_answer_words"), 40.0, 0.0);
    assert_eq!(code("a.json", K6.replace("\"value\":0.035", "\"value\":0.965").as_bytes()), "contradiction");
    assert_eq!(
        code("a.json", K6.replace("\"http_reqs\":{\"count\":200", "\"http_reqs\":{\"count\":0").as_bytes()),
        "empty-evidence"
    );
    let all =
        K6.replace("\"passes\":7,\"fails\":193,\"value\":0.035", "\"passes\":200,\"fails\":0,\"value\":1");
    let all = read_bytes("a.json", all.as_bytes()).unwrap();
    assert!(!all.catalog.aggregates.contains_key("p95_latency_ms"));
    assert_eq!(code("a.json", &K6.as_bytes()[..K6.len() / 2]), "cut-off");
}
