//! AIPerf: the requests of `profile_export.jsonl`, or the aggregates of `profile_export_aiperf.json` or `.csv`.
//!
//! `request_count` counts successes only; failures stand in `error_request_count`, which may be missing where there are none.
//! Its statistics are over the successes. Requests of the warm-up are no samples. The unit of a number stands beside it and ends
//! its name here: `time_to_first_token_ms`. Output tokens are those of a tokenizer, `usage_completion_tokens` those of the server.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use super::load::{Summary, cut_off};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{Cut, ForeignFile, Halt, Json, Retelling, Row, Select, parts, rows_of_cells};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    is_export(head) || is_request(head) || is_table(head)
}

fn is_table(head: &Head<'_>) -> bool {
    head.columns().starts_with(&["Metric", "avg", "min", "max", "sum", "p1"].map(str::to_owned))
}

fn is_export(head: &Head<'_>) -> bool {
    head.has("aiperf_version") && head.has("request_latency")
}

fn is_request(head: &Head<'_>) -> bool {
    ["metrics", "metadata.x_request_id", "metadata.request_start_ns"].into_iter().all(|key| head.has(key))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    let head = Head::new(file.name(), &first, None);
    if is_table(&head) {
        return table(file, out);
    }
    if is_export(&head) {
        return parts(file, &[&[]], |part| export(&part.json(file.name())?, part.line, out));
    }
    out.tool("aiperf", None);
    parts(file, &[&[]], |part| request(&part.json(file.name())?, out))?;
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
        "ms" | "us" | "s" => format!("{metric}_{unit}"),
        "sec" => format!("{metric}_s"),
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
    load(&json["input_config"], out)?;
    if json["was_cancelled"].is_true() || matches!(json["is_complete"], Json::Bool(false)) {
        let text = "this benchmark did not come to its end";
        out.doubt(Diagnostic::warning(Code::UnfinishedRun, text).help("run it to its end"));
    }
    let requests = |name: &str| match &json[name]["avg"] {
        Json::Null => Ok(0),
        stated => stated.number().and_then(whole).ok_or_else(|| no_count(name, out)),
    };
    let (failed, succeeded) = (requests("error_request_count")?, requests("request_count")?);
    let listed = json["error_summary"].list().iter().filter_map(|error| error["count"].count()).sum();
    let failed = failed.max(listed);
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

/// A count of requests that is stated as a number with a fraction of 0.
fn whole(value: f64) -> Option<u64> {
    (value >= 0.0 && value.fract() == 0.0 && value < 1e15).then_some(value as u64)
}

fn no_count(name: &str, out: &Retelling) -> Halt {
    out.unlike(&format!("its `{name}` is no whole number of requests"))
}

/// How the requests were sent: what the phase that counts was told, and how long its texts are.
fn load(config: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    for phase in config["phases"].list().iter().filter(|phase| phase["kind"].text() == Some("profiling")) {
        for setting in ["type", "concurrency", "rate", "request_rate"] {
            out.load(&select, setting, phase[setting].name())?;
        }
    }
    for setting in ["concurrency", "request_rate"] {
        out.load(&select, setting, config["loadgen"][setting].name())?;
    }
    for prompts in config["datasets"].list().iter().map(|dataset| &dataset["prompts"]) {
        for (setting, key) in [("prompt_tokens", "isl"), ("output_tokens", "osl")] {
            out.load(&select, setting, prompts[key]["mean"].name())?;
        }
    }
    Ok(())
}

/// The tables of the CSV: metrics with statistics, metrics with a value, and those of the graphics cards, which are no
/// requests.
fn table(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("aiperf", None);
    let mut header: Vec<String> = Vec::new();
    let (mut succeeded, mut failed, mut is_whole) = (None, None, false);
    let mut figures = Vec::new();
    rows_of_cells(file, Cut::Sections, |first, cells| {
        let name = cells.at(0).unwrap_or_default();
        if header.is_empty() {
            header = first.to_vec();
        }
        if name == "Metric" || name == "Endpoint" {
            header = cells.all().map(str::to_owned).collect();
            return Ok(());
        }
        if header.first().is_none_or(|first| first != "Metric") {
            return Ok(());
        }
        let value = cells.at(1).and_then(|text| text.parse::<f64>().ok());
        match name {
            "Request Count" | "Error Request Count" => {
                let count = value.and_then(whole).ok_or_else(|| no_count(name, out))?;
                let before = if name == "Request Count" { &mut succeeded } else { &mut failed };
                if before.replace(count).is_some() {
                    return Err(out.contradiction(&format!("it states `{name}` twice")));
                }
            }
            // It stands behind both.
            "Request Throughput (requests/sec)" => is_whole = value.is_some(),
            _ => {}
        }
        let name = titled(name);
        for (at, statistic) in header.iter().enumerate().skip(1) {
            let name = match statistic.as_str() {
                "avg" | "Value" => name.clone(),
                percentile if PERCENTILES.contains(&percentile) => format!("{percentile}_{name}"),
                _ => continue,
            };
            figures.extend(cells.at(at).map(|text| (name, cells.line, text.to_owned())));
        }
        Ok(())
    })?;
    let (Some(succeeded), true) = (succeeded, is_whole) else {
        return Err(cut_off(file.name(), "it does not come to `Request Count` and `Request Throughput`"));
    };
    let failed = failed.unwrap_or(0);
    let mut summary = Summary { out, before: String::new(), line: 1 };
    if summary.failures(failed, succeeded.saturating_add(failed))? {
        for (name, line, text) in figures {
            summary.line = line;
            summary.point(&name, &text)?;
        }
    }
    Ok(())
}

/// The name of a metric from its title: `Request Latency (ms)` is `latency_ms`.
fn titled(title: &str) -> String {
    let (title, unit) = match title.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        Some(parts) => parts,
        None => (title, ""),
    };
    let words: Vec<String> = title
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    named(&words.join("_"), unit)
}
