//! AIPerf: the requests of `profile_export.jsonl`, or the aggregates of `profile_export_aiperf.json`.
//!
//! `request_count` counts successes only; failures stand in `error_request_count`, which may be missing where there are none.
//! Its statistics are over the successes. Requests of the warm-up are no samples. The unit of a number stands beside it and ends
//! its name here: `time_to_first_token_ms`. Output tokens are those of a tokenizer, `usage_completion_tokens` those of the server.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use super::load::Summary;
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    is_export(head) || is_request(head)
}

fn is_export(head: &Head<'_>) -> bool {
    head.has("aiperf_version") && head.has("request_latency")
}

fn is_request(head: &Head<'_>) -> bool {
    ["metrics", "metadata.x_request_id", "metadata.request_start_ns"].into_iter().all(|key| head.has(key))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    if is_export(&Head::new(file.name(), &first, None)) {
        return parts(file.name(), file.text(), &[&[]], |part| {
            export(&part.json(file.name())?, part.line, out)
        });
    }
    out.tool("aiperf", None);
    parts(file.name(), file.text(), &[&[]], |part| request(&part.json(file.name())?, out))?;
    let run = out.run(&Select::new())?;
    let (rows, failed) = (run.rows, run.errored);
    if rows == 0 {
        // The file as such says so.
        return Ok(());
    }
    Summary { out, before: String::new(), line: 1 }.failures(failed, rows).map(|_| ())
}

/// The name of a metric with its unit.
fn named(metric: &str, unit: &str) -> String {
    let metric = if metric == "request_latency" { "latency" } else { metric };
    match unit {
        "ms" | "us" => format!("{metric}_{unit}"),
        "s" | "sec" => format!("{metric}_s"),
        "%" => format!("{metric}_percent"),
        _ => metric.to_owned(),
    }
}

fn request(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let about = &json["metadata"];
    if about["benchmark_phase"].text().is_some_and(|phase| phase != "profiling") {
        return Ok(());
    }
    let Some(id) = about["x_request_id"].words() else {
        return Err(out.unlike("a request has no `metadata.x_request_id`"));
    };
    let mut row = Row::new(id.to_owned());
    let error = &json["error"];
    if !error.is_null() {
        let words = error["message"].words().or(error["type"].words()).or(error.words());
        row.error(Some(words.unwrap_or_default().to_owned()));
    } else if about["was_cancelled"].is_true() {
        row.error(Some("the request was cancelled"));
    }
    for (name, metric) in json["metrics"].entries() {
        row.value(named(name, metric["unit"].text().unwrap_or_default()), &metric["value"]);
    }
    row.value("conversation_id", &about["conversation_id"]);
    row.value("turn_index", &about["turn_index"]);
    let began = about["request_start_ns"].name().and_then(|text| text.parse().ok());
    let began = began.map(DateTime::from_timestamp_nanos);
    let run = out.run(&Select::new())?;
    run.created = [run.created, began].into_iter().flatten().min();
    out.row(&Select::new(), row)
}

const PERCENTILES: [&str; 9] = ["p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99"];

fn export(json: &Json<'_>, line: u64, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("aiperf", json["aiperf_version"].text());
    let models = json["input_config"]["models"]["items"].list();
    for model in models {
        out.evaluated(&Select::new(), model["name"].words())?;
    }
    if json["was_cancelled"].is_true() || matches!(json["is_complete"], Json::Bool(false)) {
        let text = "this benchmark did not come to its end";
        out.doubt(Diagnostic::warning(Code::UnfinishedRun, text).help("run it to its end"));
    }
    let average =
        |name: &str| json[name]["avg"].number().filter(|value| *value >= 0.0).map(|value| value as u64);
    let listed = json["error_summary"].list().iter().filter_map(|error| error["count"].count()).sum();
    let failed = average("error_request_count").unwrap_or(0).max(listed);
    let succeeded = average("request_count").unwrap_or(0);
    let mut summary = Summary { out, before: String::new(), line };
    if !summary.failures(failed, succeeded.saturating_add(failed))? {
        return Ok(());
    }
    for (name, metric) in json.entries() {
        let Some(unit) = metric["unit"].text() else { continue };
        let name = named(name, unit);
        summary.json(&name, &metric["avg"])?;
        for percentile in PERCENTILES {
            summary.json(&format!("{percentile}_{name}"), &metric[percentile])?;
        }
    }
    Ok(())
}
