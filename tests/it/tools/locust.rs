use std::fs;
use std::path::{Path, PathBuf};

use super::{close, json, read, read_bytes, reference};
use relgate::evidence::{Format, Measured};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tools/locust-2.41.6").join(name)
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

#[test]
fn a_histogram_becomes_a_sample_a_request_of_which_the_quickest_failed() {
    let mut files = vec![fixture("stats.json")];
    files.extend(reference("locust/stats.json"));
    for path in files {
        let own = json(&path);
        let entries = own.as_array().unwrap();
        let sum = |key: &str| entries.iter().map(|entry| entry[key].as_u64().unwrap()).sum::<u64>();
        let (requests, failed) = (sum("num_requests"), sum("num_failures"));
        let read = read(&path);
        assert_eq!(read.catalog.format, Format::Locust);
        assert_eq!((read.run().rows, read.run().errored), (requests, failed), "{}", path.display());
        assert_eq!(events(&read, "failure_rate"), (failed, requests));
        // Every request that did not fail, at the time of its bucket, the slowest of each entry.
        let mut slowest = Vec::new();
        for entry in entries {
            let buckets = entry["response_times"].as_object().unwrap();
            let mut times: Vec<f64> = Vec::new();
            for (time, count) in buckets {
                times.extend(vec![time.parse::<f64>().unwrap(); count.as_u64().unwrap() as usize]);
            }
            times.sort_by(f64::total_cmp);
            slowest.extend(times.drain(entry["num_failures"].as_u64().unwrap() as usize..));
        }
        let latency = read.all("latency_ms");
        assert_eq!(latency.n as u64, requests - failed);
        close(latency.mean, slowest.iter().sum::<f64>() / slowest.len() as f64, 1e-9);
        assert!(read.run().created.is_some());
    }
}

#[test]
fn names_are_labels_and_requests_of_two_runs_are_no_pairs() {
    let read_own = read(&fixture("stats.json"));
    let quoted = r#"/chat "short", terse"#;
    assert_eq!(read_own.of(&[("name", quoted)], "latency_ms").n, 195);
    assert_eq!(read_own.of(&[("method", "GET")], "latency_ms").n, 64);
    assert!(read_own.ids().iter().any(|id| id.starts_with(&format!("POST {quoted} #7 of "))));
    let Some(path) = reference("locust/stats.json") else { return };
    let other = read(&path);
    assert!(!other.ids().iter().any(|id| read_own.ids().contains(id)));
}

#[test]
fn a_server_that_is_away_has_no_latency() {
    let away = read(&fixture("away.json"));
    assert_eq!((away.run().rows, away.run().errored), (28, 28));
    assert_eq!(events(&away, "failure_rate"), (28, 28));
    // Refused connections took 2 ms at the median, and locust prints that.
    let away = read(&fixture("away_stats.csv"));
    assert_eq!(events(&away, "failure_rate"), (16, 16));
    assert!(
        away.catalog.aggregates.keys().all(|name| name.ends_with("failure_rate")),
        "{:?}",
        away.catalog.aggregates
    );
}

#[test]
fn the_csv_states_percentiles_of_all_and_of_each_name() {
    for (path, failed, requests, p95) in [
        (Some(fixture("run_stats.csv")), 56, 306, 130.0),
        (reference("locust/run_stats.csv"), 101, 336, 110.0),
    ] {
        let Some(path) = path else { return };
        let read = read(&path);
        assert_eq!(read.catalog.format, Format::Locust);
        assert_eq!(events(&read, "failure_rate"), (failed, requests));
        close(point(&read, "p95_latency_ms"), p95, 0.0);
        assert_eq!(read.catalog.told.problems[0].code.word(), "failures-in-figures");
    }
    let read = read(&fixture("run_stats.csv"));
    close(point(&read, "latency_ms"), 29.2278, 1e-4);
    close(point(&read, "p99.9_latency_ms"), 180.0, 0.0);
    close(point(&read, "GET /models/p95_latency_ms"), 120.0, 0.0);
    // Every one of these failed the check of its user.
    assert_eq!(events(&read, "POST /chat checked/failure_rate"), (31, 31));
    assert!(!read.catalog.aggregates.contains_key("POST /chat checked/latency_ms"));
}

#[test]
fn what_is_empty_cut_off_or_contradicts_itself_is_refused() {
    let code = |name: &str, bytes: &[u8]| {
        read_bytes(name, bytes)
            .err()
            .map(|found| found.iter().next().unwrap().code.word())
            .unwrap_or_default()
    };
    assert_eq!(code("stats.json", b"[]"), "empty-evidence");
    let text = fs::read_to_string(fixture("stats.json")).unwrap();
    assert_eq!(code("a.json", &text.as_bytes()[..text.len() / 2]), "cut-off");
    assert_eq!(
        code("a.json", text.replacen("\"num_requests\": 2", "\"num_requests\": 3", 1).as_bytes()),
        "contradiction"
    );
    assert_eq!(
        code("a.json", text.replacen("\"num_failures\": 2", "\"num_failures\": 9992", 1).as_bytes()),
        "contradiction"
    );
    assert_ne!(code("a.json", text.replacen("\"120.0\":", "\"NaN\":", 1).as_bytes()), "");
    let none = r#"[{"name":"x","method":"GET","num_requests":0,"num_failures":0,"num_none_requests":0,"total_response_time":0,"response_times":{}}]"#;
    assert_eq!(code("a.json", none.as_bytes()), "empty-evidence");
    let many = none.replace(":0,\"num_f", ":90000000000,\"num_f").replace("{}", "{\"1\":90000000000}");
    assert_eq!(code("a.json", many.as_bytes()), "too-large");
    let csv = fs::read_to_string(fixture("run_stats.csv")).unwrap();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(code("a.csv", rows[..rows.len() - 1].join("\n").as_bytes()), "cut-off");
    let fewer = [rows[0], rows[1], rows[4]].join("\n");
    assert_eq!(code("a.csv", fewer.as_bytes()), "contradiction");
}

#[test]
fn what_stands_beside_the_statistics_is_no_result_and_says_where_those_are() {
    for name in ["run_stats_history.csv", "run_failures.csv", "run_exceptions.csv"] {
        let read = read(&fixture(name));
        assert_eq!(read.catalog.format, Format::Locust, "{name}");
        assert!(!read.catalog.has_samples() && read.catalog.aggregates.is_empty(), "{name}");
        assert!(read.catalog.told.beside_results.unwrap().contains("`run_stats.csv`"), "{name}");
    }
    assert_eq!(read(&fixture("run_stats_history.csv")).run().scenario["users"], "5");
    if let Some(path) = reference("locust/run_failures.csv") {
        let (code, said) = super::tried(&[&path], "failure rate < 50%");
        assert_eq!(code, Some(2));
        assert!(said.contains("this file holds no results") && said.contains("run_stats.csv"), "{said}");
    }
}
