use std::fs;

use super::{close, read, read_bytes, reference, select};
use relgate::evidence::{Format, ScoreType};

const FLAVOURS: [&str; 3] = ["v2", "traceloop", "openinference"];

fn lines(flavour: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(reference(&format!("otel_genai/{flavour}.otlp.jsonl"))?).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

/// The spans of lines, by other code: name, and attributes as text.
fn spans(lines: &[String]) -> Vec<serde_json::Value> {
    let of = |line: &String| {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        json["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone()
    };
    lines.iter().map(of).collect()
}

fn whole(span: &serde_json::Value, keys: &[&str]) -> Option<f64> {
    let own = span["attributes"].as_array().unwrap();
    let found = own.iter().find(|pair| keys.contains(&pair["key"].as_str().unwrap()))?;
    Some(found["value"]["intValue"].as_str().unwrap().parse().unwrap())
}

fn joined(lines: &[String]) -> Vec<u8> {
    (lines.join("\n") + "\n").into_bytes()
}

#[test]
fn a_case_is_a_sample_with_what_the_spans_below_it_say() {
    for flavour in FLAVOURS {
        let Some(path) = reference(&format!("otel_genai/{flavour}.otlp.jsonl")) else { return };
        let own = spans(&lines(flavour).unwrap());
        let read = read(&path);
        assert_eq!(read.catalog.format, Format::Otlp);
        assert_eq!(read.catalog.told.tool.as_deref(), Some("OpenTelemetry 1.45.2"));
        assert_eq!(read.ids(), ["c0", "c1", "c2", "c3", "c4", "c5"], "{flavour}");
        assert_eq!((read.run().rows, read.run().errored, read.run().epochs), (6, 1, 1), "{flavour}");
        // c2 got a 500, and its parent span has a score of 0.2 and no error.
        assert!(read.errors()[0].contains("simulated upstream 500"), "{:?}", read.errors());
        let overlap = read.all("overlap");
        assert_eq!(overlap.n, 5);
        close(overlap.mean, (0.0 + 0.1 + 0.3 + 0.4 + 0.5) / 5.0, 1e-12);
        assert_eq!(read.value("c5", "overlap.label").as_deref(), Some("pass"));
        assert_eq!(read.value("c1", "lang").as_deref(), Some("de"));
        // Tokens of the calls, each once.
        for (field, keys) in [
            ("input_tokens", ["gen_ai.usage.input_tokens", "llm.token_count.prompt"]),
            ("output_tokens", ["gen_ai.usage.output_tokens", "llm.token_count.completion"]),
        ] {
            let told: Vec<f64> = own.iter().filter_map(|span| whole(span, &keys)).collect();
            let figures = read.all(field);
            assert_eq!((figures.n, told.len()), (5, 5), "{flavour} {field}");
            close(figures.mean * 5.0, told.iter().sum(), 1e-9);
        }
        assert_eq!(read.value("c0", "tokens").as_deref(), Some("9"));
        let time = |key: &str| own[0][key].as_str().unwrap().parse::<i64>().unwrap();
        let took = (time("endTimeUnixNano") - time("startTimeUnixNano")) as f64 / 1e6;
        close(read.value("c0", "latency_ms").unwrap().parse().unwrap(), took, 1e-9);
        assert_eq!((read.all("steps").mean, read.all("tool_calls").mean), (1.0, 0.0));
        assert_eq!(read.catalog.told.scores["steps"], ScoreType::Mean);
        assert!(read.run().models.contains(&vec!["mock-1".to_owned()]));
        assert!(read.run().created.is_some());
        assert_eq!(read.catalog.told.problems, []);
    }
}

#[test]
fn the_console_says_the_same() {
    let Some(path) = reference("otel_genai/v2.console.json") else { return };
    let (console, lines) = (read(&path), read(&path.with_file_name("v2.otlp.jsonl")));
    assert_eq!(console.catalog.format, Format::Otlp);
    assert_eq!(console.ids(), lines.ids());
    assert_eq!(console.errors(), lines.errors());
    for field in ["overlap", "tokens", "input_tokens", "steps"] {
        assert_eq!(console.all(field), lines.all(field), "{field}");
    }
    // Its times are rounded to microseconds.
    close(console.all("latency_ms").mean, lines.all("latency_ms").mean, 0.002);
}

#[test]
fn the_order_of_the_spans_says_nothing() {
    let Some(own) = lines("v2") else { return };
    let straight = read_bytes("a.jsonl", &joined(&own)).unwrap();
    let mut other = own.clone();
    other.reverse();
    other.swap(1, 8);
    let turned = read_bytes("a.jsonl", &joined(&other)).unwrap();
    // One document instead of a line each.
    let all: Vec<serde_json::Value> = own.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let spans: Vec<_> = all.iter().map(|json| json["resourceSpans"][0].clone()).collect();
    let one = serde_json::to_vec_pretty(&serde_json::json!({ "resourceSpans": spans })).unwrap();
    let one = read_bytes("a.json", &one).unwrap();
    for read in [&turned, &one] {
        assert_eq!(read.ids(), straight.ids());
        for field in ["overlap", "tokens", "latency_ms", "steps"] {
            close(read.all(field).mean, straight.all(field).mean, 1e-9);
            assert_eq!(read.all(field).n, straight.all(field).n, "{field}");
        }
    }
}

#[test]
fn two_runs_in_one_file_are_told() {
    let (Some(mut own), Some(other)) = (lines("v2"), lines("traceloop")) else { return };
    let once = own.clone();
    own.extend(other);
    let read = read_bytes("a.jsonl", &joined(&own)).unwrap();
    assert_eq!((read.run().rows, read.run().cases, read.run().epochs, read.run().errored), (12, 6, 2, 2));
    let epochs: Vec<i64> = read.epochs("c0", "overlap").iter().map(|(epoch, _)| *epoch).collect();
    assert_eq!(epochs, [1, 2]);
    let problem = &read.catalog.told.problems[0];
    assert_eq!(problem.code.word(), "several-runs");
    assert!(problem.title.starts_with("6 cases"), "{}", problem.title);
    // The same spans twice are one export that was written twice.
    let twice = [once.clone(), once].concat();
    let findings = read_bytes("a.jsonl", &joined(&twice)).err().unwrap();
    assert_eq!(findings.iter().next().unwrap().code.word(), "duplicate-id");
}

#[test]
fn what_a_parent_repeats_does_not_count_twice() {
    let Some(mut own) = lines("v2") else { return };
    let repeated = r#""attributes":[{"key":"gen_ai.usage.input_tokens","value":{"intValue":"6"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"3"}},{"key":"case.id""#;
    assert!(own[1].contains(r#""attributes":[{"key":"case.id""#));
    own[1] = own[1].replace(r#""attributes":[{"key":"case.id""#, repeated);
    let read = read_bytes("a.jsonl", &joined(&own)).unwrap();
    assert_eq!(read.value("c0", "input_tokens").as_deref(), Some("6"));
    assert_eq!(read.value("c0", "tokens").as_deref(), Some("9"));
}

#[test]
fn a_case_that_was_not_scored_or_not_ended_is_not_lost() {
    let Some(own) = lines("v2") else { return };
    // The scorer of c3 crashed before its event, and nothing names the case either.
    let mut unscored = own.clone();
    let start = unscored[7].find(r#","events":["#).unwrap();
    let end = unscored[7].find(r#","status""#).unwrap();
    unscored[7].replace_range(start..end, "");
    unscored[7] = unscored[7].replace("case.id", "number");
    let read = read_bytes("a.jsonl", &joined(&unscored)).unwrap();
    assert_eq!((read.run().rows, read.run().errored, read.all("overlap").n), (6, 1, 4));
    // The file breaks off before the span of c5 itself was exported.
    let read = read_bytes("a.jsonl", &joined(&own[..11])).unwrap();
    assert_eq!((read.run().rows, read.run().errored), (6, 2));
    assert!(read.errors().iter().any(|error| error.ends_with("the span above it is not in this file")));
}

#[test]
fn without_cases_the_calls_are_samples() {
    for flavour in FLAVOURS {
        let Some(own) = lines(flavour) else { return };
        let calls: Vec<String> = own.into_iter().step_by(2).collect();
        let read = read_bytes("a.jsonl", &joined(&calls)).unwrap();
        assert_eq!((read.run().rows, read.run().errored, read.run().cases), (6, 1, 6), "{flavour}");
        assert_eq!(read.all("tokens").n, 5);
        let texts = flavour != "v2";
        assert_eq!(read.ids()[0].starts_with("input "), texts, "{:?}", read.ids());
    }
}

fn span(id: &str, parent: &str, rest: &str) -> String {
    format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"t","spanId":"{id}","parentSpanId":"{parent}","startTimeUnixNano":"1000000","endTimeUnixNano":"3000000",{rest}}}]}}]}}]}}"#
    )
}

fn attribute(key: &str, value: &str) -> String {
    format!(r#""attributes":[{{"key":"{key}","value":{{"stringValue":"{value}"}}}}]"#)
}

fn scored(name: &str, value: &str) -> String {
    format!(
        r#""name":"{name}","events":[{{"name":"gen_ai.evaluation.result","attributes":[{{"key":"gen_ai.evaluation.name","value":{{"stringValue":"s"}}}},{{"key":"gen_ai.evaluation.score.value","value":{{"doubleValue":{value}}}}}]}}]"#
    )
}

#[test]
fn tools_and_steps_of_an_agent_are_counted() {
    let chat = attribute("gen_ai.operation.name", "chat");
    let tool = attribute("gen_ai.operation.name", "execute_tool");
    let file = [
        span("c", "", &scored("case", "0.5")),
        span("agent", "c", &attribute("gen_ai.operation.name", "invoke_agent")),
        span("m1", "agent", &chat),
        // A second instrumentation tells the same call again, within the first.
        span("m1b", "m1", &attribute("openinference.span.kind", "LLM")),
        span("t1", "agent", &format!(r#""name":"search",{tool}"#)),
        span("t1b", "t1", &format!(r#""name":"search",{tool}"#)),
        span("t2", "agent", &format!(r#""name":"order","status":{{"code":2}},{tool}"#)),
        span("m2", "agent", &chat),
    ];
    let read = read_bytes("a.jsonl", &joined(&file)).unwrap();
    let (id, at) = ("t/c", |field: &str| read.value("t/c", field));
    assert_eq!(read.ids(), [id]);
    assert_eq!([at("steps"), at("tool_calls"), at("tool_errors")].map(Option::unwrap), ["2", "2", "1"]);
    // A tool that failed is no failure of the case.
    assert_eq!(read.run().errored, 0);
    assert_eq!(at("latency_ms").as_deref(), Some("2"));
}

#[test]
fn a_model_goes_by_the_name_that_was_asked_for_and_the_one_that_answered() {
    let asked = r#"{"key":"gen_ai.request.model","value":{"stringValue":"big"}}"#;
    let answered = r#"{"key":"gen_ai.response.model","value":{"stringValue":"big-2026-11-01"}}"#;
    let chat = attribute("gen_ai.operation.name", "chat").replace("[{", &format!("[{asked},{answered},{{"));
    let file = [span("c", "", &scored("case", "0.5")), span("m", "c", &chat)];
    let read = read_bytes("a.jsonl", &joined(&file)).unwrap();
    let models: Vec<_> = read.run().models.iter().cloned().collect();
    assert_eq!(models, [["big-2026-11-01", "big"]]);
}

#[test]
fn calls_beside_the_cases_are_a_run_of_their_own() {
    let chat = attribute("gen_ai.operation.name", "chat");
    let file = [
        span("c", "", &scored("case", "0.5")),
        span("m", "c", &chat),
        span("judge", "", &chat),
        // What called this service is somebody else's span.
        span("remote", "elsewhere", &format!(r#""flags":768,{chat}"#)),
    ];
    let read = read_bytes("a.jsonl", &joined(&file)).unwrap();
    let mut runs: Vec<_> =
        read.catalog.told.runs.iter().map(|run| (select(run)["span"], run.rows, run.errored)).collect();
    runs.sort_unstable();
    assert_eq!(runs, [("case", 1, 0), ("model call", 2, 0)]);
}

#[test]
fn a_score_that_is_no_number_is_missing_and_a_circle_is_refused() {
    let file = [span("a", "", &scored("case", "\"NaN\"")), span("b", "", &scored("case", "1"))];
    let read = read_bytes("a.jsonl", &joined(&file)).unwrap();
    assert_eq!((read.run().rows, read.all("s").n), (2, 1));
    // A conversation and a turn of it are scored: nobody knows which of the two is meant.
    let within = [span("a", "", &scored("session", "1")), span("b", "a", &scored("turn", "0"))];
    let findings = read_bytes("a.jsonl", &joined(&within)).err().unwrap();
    assert!(findings.iter().next().unwrap().title.contains("score `s`"));
    let circle = [span("a", "b", &scored("case", "1")), span("b", "a", &scored("case", "1"))];
    let findings = read_bytes("a.jsonl", &joined(&circle)).err().unwrap();
    assert_eq!(findings.iter().next().unwrap().code.word(), "contradiction");
}

#[test]
fn what_is_cut_off_or_empty_is_refused() {
    let Some(own) = lines("openinference") else { return };
    let bytes = joined(&own);
    for end in [bytes.len() / 3, bytes.len() / 2, bytes.len() - 5] {
        assert!(read_bytes("a.jsonl", &bytes[..end]).is_err(), "{end}");
    }
    for text in
        [r#"{"resourceSpans":[]}"#, r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x"}]}]}]}"#]
    {
        assert!(read_bytes("a.json", text.as_bytes()).is_err(), "{text}");
    }
}
