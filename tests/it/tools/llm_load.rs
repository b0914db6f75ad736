//! GuideLLM, AIPerf, vLLM.

use std::fs;

use super::{close, fixture, json, read, read_bytes, reference, select};
use relgate::evidence::{Format, Measured};

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

fn code(bytes: &[u8]) -> &'static str {
    read_bytes("a.json", bytes)
        .err()
        .map(|found| found.iter().next().unwrap().code.word())
        .unwrap_or_default()
}

#[test]
fn guidellm_requests_give_the_figures_that_it_states() {
    let Some(path) = reference("guidellm/benchmarks.json") else { return };
    let own = json(&path);
    let benchmark = &own["benchmarks"][0];
    let read = read(&path);
    assert_eq!(read.catalog.format, Format::GuideLlm);
    assert_eq!(read.catalog.told.tool.as_deref(), Some("guidellm 0.8.1"));
    let totals = &benchmark["metrics"]["request_totals"];
    assert_eq!(read.run().rows, totals["total"].as_u64().unwrap());
    assert_eq!((read.run().errored, read.run().attempts), (1, Some(30)));
    assert_eq!(events(&read, "failure_rate"), (1, 30));
    assert!(read.errors()[0].contains("500 Internal Server Error"));
    // Its latencies are in seconds, and those with `_ms` in milliseconds.
    for (field, metric) in [
        ("latency_s", "request_latency"),
        ("time_to_first_token_ms", "time_to_first_token_ms"),
        ("output_tokens", "output_token_count"),
        ("prompt_tokens", "prompt_token_count"),
    ] {
        let stated = &benchmark["metrics"][metric]["successful"];
        let figures = read.all(field);
        assert_eq!(figures.n, 29, "{field}");
        assert_eq!(stated["count"], 29, "{metric}");
        close(figures.mean, stated["mean"].as_f64().unwrap(), 1e-9);
    }
    // It weighs some of its means by tokens; all answers had as many.
    close(
        read.all("inter_token_latency_ms").mean,
        benchmark["metrics"]["inter_token_latency_ms"]["successful"]["mean"].as_f64().unwrap(),
        1e-9,
    );
    assert_eq!(select(read.run())["benchmark"], "0 concurrent 2");
    assert!(read.run().models.contains(&vec!["mock-model".to_owned()]));
    assert_eq!(read.run().created.unwrap().timestamp(), 1_795_406_784);
}

#[test]
fn guidellm_states_in_its_table_what_its_json_states() {
    let Some(path) = reference("guidellm/benchmarks.csv") else { return };
    let own = json(&path.with_file_name("benchmarks.json"));
    let metrics = &own["benchmarks"][0]["metrics"];
    let table = read(&path);
    let whole = read(&path.with_file_name("benchmarks.json"));
    assert_eq!(table.catalog.format, Format::GuideLlm);
    assert_eq!(table.catalog.told.tool, whole.catalog.told.tool);
    assert_eq!(events(&table, "failure_rate"), (1, 30));
    for (name, metric) in [
        ("latency_s", "request_latency"),
        ("time_to_first_token_ms", "time_to_first_token_ms"),
        ("time_to_first_output_token_ms", "time_to_first_output_token_ms"),
        ("time_per_output_token_ms", "time_per_output_token_ms"),
        ("inter_token_latency_ms", "inter_token_latency_ms"),
        ("requests_per_second", "requests_per_second"),
        ("concurrency", "request_concurrency"),
        ("prompt_tokens", "prompt_token_count"),
        ("output_tokens", "output_token_count"),
        ("total_tokens", "total_token_count"),
        ("output_tokens_per_second", "output_tokens_per_second"),
        ("tokens_per_second", "tokens_per_second"),
    ] {
        let stated = &metrics[metric]["successful"];
        let of = |key: &serde_json::Value| key.as_f64().unwrap_or_else(|| panic!("{metric}"));
        close(point(&table, name), of(&stated["mean"]), 0.0);
        // The median is not in the list of percentiles, whose sixth is that of 25 %.
        close(point(&table, &format!("p50_{name}")), of(&stated["median"]), 0.0);
        for (before, key) in [
            ("p0.1", "p001"),
            ("p1", "p01"),
            ("p5", "p05"),
            ("p10", "p10"),
            ("p25", "p25"),
            ("p75", "p75"),
            ("p90", "p90"),
            ("p95", "p95"),
            ("p99", "p99"),
        ] {
            close(point(&table, &format!("{before}_{name}")), of(&stated["percentiles"][key]), 0.0);
        }
        close(point(&table, &format!("max_{name}")), of(&stated["max"]), 0.0);
    }
    let (one, other) = (table.run(), whole.run());
    assert_eq!((&one.select, &one.models, &one.scenario), (&other.select, &other.models, &other.scenario));
    assert_eq!(one.created.unwrap().timestamp(), other.created.unwrap().timestamp());
    assert_eq!(one.scenario["strategy"], "concurrent 2");
    assert_eq!(one.scenario["prompt_tokens"], "16");
    // Two benchmarks of a file are told apart by the names that the JSON gives them.
    let text = fs::read_to_string(&path).unwrap();
    let row = &text[text.find("f6148cb3").unwrap()..];
    let second = row.replacen(",0,", ",1,", 1).replacen("concurrent@2", "concurrent@4", 1);
    let two = read_bytes("a.csv", (text.clone() + &second).as_bytes()).unwrap();
    assert_eq!(events(&two, "1 concurrent 4/failure_rate"), (1, 30));
    close(point(&two, "0 concurrent 2/latency_s"), point(&table, "latency_s"), 0.0);
    let sweep = text.replace("\"\"kind\"\": \"\"concurrent\"\"", "\"\"kind\"\": \"\"sweep\"\"");
    assert_eq!(read_bytes("a.csv", sweep.as_bytes()).unwrap().run().scenario["strategy"], "sweep");
    assert_eq!(code(&text.as_bytes()[..text.find("f6148cb3").unwrap()]), "cut-off");
    assert_eq!(code(&text.as_bytes()[..text.len() - 900]), "bad-row");
}

#[test]
fn guidellm_sweeps_are_runs_and_what_is_not_listed_is_told() {
    let Some(path) = reference("guidellm/benchmarks.json") else { return };
    let own = json(&path);
    let written = |json: &serde_json::Value| serde_json::to_vec_pretty(json).unwrap();
    let mut two = own.clone();
    let mut second = two["benchmarks"][0].clone();
    second["config"]["run_index"] = 1.into();
    second["config"]["strategy"]["streams"] = 4.into();
    two["benchmarks"].as_array_mut().unwrap().push(second);
    let read = read_bytes("a.json", &written(&two)).unwrap();
    let runs: Vec<_> =
        read.catalog.told.runs.iter().map(|run| (select(run)["benchmark"], run.rows)).collect();
    assert_eq!(runs, [("0 concurrent 2", 30), ("1 concurrent 4", 30)]);
    assert_eq!(events(&read, "1 concurrent 4/failure_rate"), (1, 30));
    // Two requests that ran when the time was over did not fail, and have no latency.
    let mut cut = own.clone();
    let moved = cut["benchmarks"][0]["requests"]["successful"].as_array_mut().unwrap().split_off(27);
    cut["benchmarks"][0]["requests"]["incomplete"] = moved.into();
    cut["benchmarks"][0]["metrics"]["request_totals"]["successful"] = 27.into();
    let read = read_bytes("a.json", &written(&cut)).unwrap();
    assert_eq!((read.run().rows, read.run().errored, read.all("latency_s").n), (30, 1, 27));
    assert_eq!(events(&read, "failure_rate"), (1, 28));
    // Requests that are counted and not listed are errors, unless the tool was told to keep a part.
    let mut fewer = own.clone();
    fewer["benchmarks"][0]["requests"]["successful"].as_array_mut().unwrap().truncate(20);
    let read = read_bytes("a.json", &written(&fewer)).unwrap();
    assert_eq!((read.run().unlisted, read.run().errored), (9, 10));
    fewer["benchmarks"][0]["config"]["sample_size"] = 20.into();
    let read = read_bytes("a.json", &written(&fewer)).unwrap();
    assert_eq!((read.run().unlisted, read.run().limited), (0, Some(9)));
    assert_eq!(read.catalog.told.problems[0].code.word(), "limited-run");
    let mut fewer = own;
    fewer["benchmarks"][0]["metrics"]["request_totals"]["total"] = 12.into();
    assert_eq!(code(&written(&fewer)), "contradiction");
    let bytes = fs::read(&path).unwrap();
    assert_eq!(code(&bytes[..bytes.len() / 2]), "cut-off");
}

#[test]
fn aiperf_requests_give_the_figures_that_it_states() {
    let Some(path) = reference("aiperf/profile_export.jsonl") else { return };
    let own = json(&path.with_file_name("profile_export_aiperf.json"));
    let requests = read(&path);
    assert_eq!(requests.catalog.format, Format::AiPerf);
    assert_eq!((requests.run().rows, requests.run().errored), (60, 2));
    assert_eq!(events(&requests, "failure_rate"), (2, 60));
    assert!(requests.errors()[0].contains("simulated"));
    for (field, metric) in [
        ("latency_ms", "request_latency"),
        ("time_to_first_token_ms", "time_to_first_token"),
        ("inter_token_latency_ms", "inter_token_latency"),
        ("output_token_count", "output_token_count"),
        ("usage_completion_tokens", "usage_completion_tokens"),
    ] {
        let figures = requests.all(field);
        assert_eq!(figures.n as u64, own[metric]["count"].as_u64().unwrap(), "{field}");
        close(figures.mean, own[metric]["avg"].as_f64().unwrap(), 1e-9);
    }
    assert_eq!(requests.all("output_token_count").mean, 25.0);
    assert_eq!(requests.run().created.unwrap().timestamp(), 1_795_406_652);
    let export = read(&path.with_file_name("profile_export_aiperf.json"));
    assert_eq!(export.catalog.told.tool.as_deref(), Some("aiperf 0.13.0"));
    // `request_count` is 58.
    assert_eq!(events(&export, "failure_rate"), (2, 60));
    close(point(&export, "p99_latency_ms"), 131.420_718_26, 1e-9);
    close(point(&export, "time_to_first_token_ms"), 45.818_835_5, 1e-9);
    close(point(&export, "request_throughput"), 29.203_407_6, 1e-6);
    assert!(export.run().models.contains(&vec!["mock-model".to_owned()]));
    assert_eq!((export.run().scenario["concurrency"].as_str(), export.run().scenario.len()), ("3", 4));
}

#[test]
fn aiperf_states_in_its_tables_what_its_json_states() {
    let Some(path) = reference("aiperf/profile_export_aiperf.csv") else { return };
    let (table, whole) = (read(&path), read(&path.with_file_name("profile_export_aiperf.json")));
    assert_eq!(table.catalog.format, Format::AiPerf);
    assert_eq!(events(&table, "failure_rate"), (2, 60));
    let mut both = 0;
    for (name, stated) in &table.catalog.aggregates {
        let Some(other) = whole.catalog.aggregates.get(name) else { continue };
        if let (Measured::Point(one), Measured::Point(other)) = (&stated.measured, &other.measured) {
            // The table rounds to two digits.
            close(one.value, other.value, 0.005_000_1);
            both += 1;
        }
    }
    assert!(both > 150, "{both}");
    for (name, value) in [
        ("latency_ms", 85.97),
        ("p99_latency_ms", 131.42),
        ("time_to_first_token_ms", 45.82),
        ("request_throughput", 29.20),
        ("request_count", 58.0),
        ("request_error_rate_percent", 3.33),
    ] {
        close(point(&table, name), value, 0.0);
    }
    let text = fs::read_to_string(&path).unwrap();
    for end in ["Effective Latency", "Metric,Value", "Request Throughput"] {
        assert_eq!(code(&text.as_bytes()[..text.find(end).unwrap()]), "cut-off", "{end}");
    }
    let all = text.replace("Request Count,58.00", "Request Count,0.00");
    assert_eq!(read_bytes("a.csv", all.as_bytes()).unwrap().catalog.aggregates.len(), 1);
    let none = all.replace("Error Request Count,2.00", "Error Request Count,0.00");
    assert_eq!(code(none.as_bytes()), "empty-evidence");
}

#[test]
fn aiperf_warm_up_is_no_sample_and_nothing_but_errors_no_latency() {
    let Some(path) = reference("aiperf/profile_export.jsonl") else { return };
    let text = fs::read_to_string(&path).unwrap();
    let warm = text.replacen("\"benchmark_phase\":\"profiling\"", "\"benchmark_phase\":\"warmup\"", 10);
    assert_eq!(read_bytes("a.jsonl", warm.as_bytes()).unwrap().run().rows, 50);
    let cancelled = text.replacen("\"was_cancelled\":false", "\"was_cancelled\":true", 1);
    assert_eq!(read_bytes("a.jsonl", cancelled.as_bytes()).unwrap().run().errored, 3);
    assert_eq!(code(&text.as_bytes()[..text.len() / 2]), "cut-off");
    let all = text.replace("\"benchmark_phase\":\"profiling\"", "\"benchmark_phase\":\"warmup\"");
    assert_eq!(code(all.as_bytes()), "empty-evidence");
    let mut own = json(&path.with_file_name("profile_export_aiperf.json"));
    // Older versions leave `error_request_count` out; the list of errors tells.
    own.as_object_mut().unwrap().remove("error_request_count");
    let read = read_bytes("a.json", own.to_string().as_bytes()).unwrap();
    assert_eq!(events(&read, "failure_rate"), (2, 60));
    own["request_count"]["avg"] = 0.0.into();
    let read = read_bytes("a.json", own.to_string().as_bytes()).unwrap();
    assert_eq!(events(&read, "failure_rate"), (2, 2));
    assert_eq!(read.catalog.aggregates.len(), 1);
    own["error_summary"] = serde_json::json!([]);
    assert_eq!(code(own.to_string().as_bytes()), "empty-evidence");
    own["request_count"]["avg"] = 58.0.into();
    own["was_cancelled"] = true.into();
    let read = read_bytes("a.json", own.to_string().as_bytes()).unwrap();
    assert_eq!(read.catalog.told.problems[0].code.word(), "unfinished-run");
}

/// From the source of the tool; nobody here ran it.
const VLLM: &str = r#"{"model_id":"m","num_prompts":4,"request_rate":"inf","duration":2.0,"completed":3,"failed":1,
  "total_input_tokens":30,"total_output_tokens":60,"request_throughput":1.5,"request_goodput":null,"output_throughput":30.0,
  "mean_ttft_ms":20.5,"median_ttft_ms":20,"p99_ttft_ms":30,"mean_e2el_ms":900,"p99_e2el_ms":1200DETAILS}"#;

#[test]
fn vllm_lists_are_samples_and_else_its_figures_are_stated() {
    let read = read_bytes("a.json", VLLM.replace("DETAILS", "").as_bytes()).unwrap();
    assert_eq!(read.catalog.format, Format::VllmBench);
    assert_eq!(events(&read, "failure_rate"), (1, 4));
    close(point(&read, "p99_latency_ms"), 1200.0, 0.0);
    close(point(&read, "ttft_ms"), 20.5, 0.0);
    let lists = r#","errors":["","","timed out",""],"latencies":[0.8,0.9,0.0,1.0],"ttfts":[0.01,0.02,0.0,0.03],"input_lens":[10,10,10,10],"output_lens":[20,20,0,20]"#;
    let detailed = VLLM.replace("DETAILS", lists);
    let read = read_bytes("a.json", detailed.as_bytes()).unwrap();
    assert_eq!((read.run().rows, read.run().errored), (4, 1));
    assert_eq!(read.all("latency_s").n, 3);
    close(read.all("latency_s").mean, 0.9, 1e-12);
    assert_eq!(read.errors(), ["timed out"]);
    assert!(!read.catalog.aggregates.contains_key("ttft_ms"));
    assert!(read.run().models.contains(&vec!["m".to_owned()]));
    let plain = VLLM.replace("DETAILS", "");
    assert_eq!(code(detailed.replace("\"completed\":3", "\"completed\":4").as_bytes()), "contradiction");
    assert_eq!(code(detailed.replace("[0.8,0.9,", "[0.8,").as_bytes()), "contradiction");
    assert_eq!(code(plain.repeat(2).as_bytes()), "contradiction");
    assert_eq!(
        code(plain.replace("\"completed\":3,\"failed\":1", "\"completed\":0,\"failed\":0").as_bytes()),
        "empty-evidence"
    );
    assert_eq!(
        code(plain.replace("\"num_prompts\":4,", "").replace(",\"failed\":1", "").as_bytes()),
        "unknown-format"
    );
    assert_eq!(code(&plain.as_bytes()[..plain.len() - 4]), "cut-off");
    assert_ne!(code(&plain.as_bytes()[..plain.len() / 2]), "");
}

/// What a table of figures says of failures has to be readable, and once.
#[test]
fn counts_of_failures_that_cannot_be_read_are_no_zero() {
    let Some(path) = reference("aiperf/profile_export_aiperf.csv") else { return };
    let text = fs::read_to_string(path).unwrap();
    let own = text.lines().find(|line| line.starts_with("Error Request Count,")).unwrap();
    let of = |lines: &str| read_bytes("aiperf.csv", text.replace(own, lines).as_bytes());
    let (_, none) = events(&of("Error Request Count,0.00").unwrap(), "failure_rate");
    let (failed, all) = events(&of("Error Request Count,3.00").unwrap(), "failure_rate");
    assert_eq!((failed, all), (3, none + 3));
    for wrong in ["\"1,500\"", "many", "-1", "0.9", "nan", ""] {
        assert!(of(&format!("Error Request Count,{wrong}")).is_err(), "{wrong}");
    }
    assert!(of("Error Request Count,2.00\nError Request Count,0.00").is_err());
    let summary = String::from_utf8(std::fs::read(fixture("ab-2.3", "summary.txt")).unwrap()).unwrap();
    assert!(read_bytes("ab.txt", summary.as_bytes()).is_ok());
    let failed = summary.lines().find(|line| line.starts_with("Failed requests:")).unwrap();
    let twice = summary.replace(failed, &format!("{failed}\nFailed requests:        0"));
    assert!(read_bytes("ab.txt", twice.as_bytes()).is_err());
}
