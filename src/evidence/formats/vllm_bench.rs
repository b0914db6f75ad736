//! `vllm bench serve --save-result`: the requests, where `--save-detailed` kept them, or the aggregates.
//!
//! **Unverified**: read from the source of the tool, never held against a file that it wrote.
//!
//! The lists of requests are in seconds and hold those that failed, whose entry in `errors` says something; aggregates are in
//! milliseconds and over the completed ones. Older versions do not state how many failed.

use super::about::{About, Head, Holding};
use super::load::{Summary, run_mark};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    ["completed", "total_input_tokens", "request_throughput", "output_throughput"]
        .into_iter()
        .all(|key| head.has(key))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("vllm bench", None);
    let mark = run_mark(file)?;
    let mut runs = 0;
    parts(file, &[&[]], |part| {
        runs += 1;
        if runs > 1 {
            return Err(out.contradiction("it holds several runs, one after the other"));
        }
        run(&part.json(file.name())?, part.line, &mark, out)
    })
}

/// Lists with a value a request: what they are called, and what a row calls the value.
const LISTS: [(&str, &str); 4] = [
    ("latencies", "latency_s"),
    ("ttfts", "time_to_first_token_s"),
    ("input_lens", "input_tokens"),
    ("output_lens", "output_tokens"),
];

fn run(json: &Json<'_>, line: u64, mark: &str, out: &mut Retelling) -> Result<(), Halt> {
    let Some(completed) = json["completed"].count() else {
        return Err(out.unlike("`completed` is no count"));
    };
    out.evaluated(&Select::new(), json["model_id"].words())?;
    for setting in ["request_rate", "max_concurrency", "burstiness"] {
        out.load(&Select::new(), setting, json[setting].name())?;
    }
    let sent = json["num_prompts"].count();
    let stated = json["failed"].count().or(sent.map(|sent| sent.saturating_sub(completed)));
    let errors = json["errors"].list();
    if errors.is_empty() {
        let mut summary = Summary { out, before: String::new(), line };
        return match stated {
            Some(failed) if summary.failures(failed, completed.saturating_add(failed))? => {
                figures(json, &mut summary)
            }
            Some(_) => Ok(()),
            None => Err(summary
                .out
                .unlike("it states neither `failed` nor `num_prompts`: nobody knows how many failed")),
        };
    }
    for (list, _) in LISTS {
        let values = json[list].list().len();
        if values > 0 && values != errors.len() {
            let text = format!("`{list}` has {values} values, and `errors` {}", errors.len());
            return Err(out.contradiction(&text));
        }
    }
    let failed = errors.iter().filter(|error| error.words().is_some()).count() as u64;
    if errors.len() as u64 - failed != completed || stated.is_some_and(|stated| stated != failed) {
        let text = format!("`completed` is {completed}, and `errors` lists {failed} of {}", errors.len());
        return Err(out.contradiction(&text));
    }
    for (at, error) in errors.iter().enumerate() {
        let mut row = Row::new(format!("#{} of {mark}", at + 1));
        row.error(error.words().map(str::to_owned));
        for (list, name) in LISTS {
            if let Some(value) = json[list].list().get(at) {
                row.value(name, value);
            }
        }
        out.row(&Select::new(), row)?;
    }
    Summary { out, before: String::new(), line }.failures(failed, errors.len() as u64).map(|_| ())
}

/// The figures `mean_ttft_ms`, `p99_e2el_ms` and their like, under the names of ours where there are some.
fn figures(json: &Json<'_>, summary: &mut Summary<'_>) -> Result<(), Halt> {
    for (key, value) in json.entries() {
        let Some((statistic, metric)) = key.split_once('_').filter(|_| key.ends_with("_ms")) else {
            continue;
        };
        let metric = if metric == "e2el_ms" { "latency_ms" } else { metric };
        match statistic {
            "mean" => summary.json(metric, value)?,
            "median" => summary.json(&format!("p50_{metric}"), value)?,
            _ if statistic.starts_with('p') => summary.json(&format!("{statistic}_{metric}"), value)?,
            _ => {}
        }
    }
    summary.json("requests_per_second", &json["request_throughput"])?;
    summary.json("output_tokens_per_second", &json["output_throughput"])
}
