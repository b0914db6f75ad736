//! GuideLLM: the requests of every benchmark in `benchmarks.json`, or the figures of `benchmarks.csv`.
//!
//! A latency is in seconds, and what ends in `_ms` in milliseconds, as the tool writes it. A request that was still running when the
//! benchmark ended (`incomplete`) did not fail, and has no latency. `sample_size` keeps a part of the requests. Numbers are those of
//! requests; the tool weighs some of its own means (`inter_token_latency_ms`, `tokens_per_second`) by tokens. The CSV has three rows
//! of headers and figures of the requests that succeeded; the list of its percentiles begins with the least and leaves out the
//! median, which has a column of its own.

mod load_settings;
mod table;

use chrono::{DateTime, Utc};

use super::about::{About, Head, Holding};
use super::load::Summary;
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Part, Retelling, Row, Select, Way, parts};
use load_settings::Load;

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    // The first keys of a benchmark, where somebody sorted the keys and `metadata` comes last.
    table::shows(head)
        || head.has("metadata.guidellm_version")
        || head.has("benchmarks.*.config") && head.has("benchmarks.*.cooldown_duration")
}

const WAYS: [Way; 12] = [
    &["metadata", "guidellm_version"],
    &["config", "spec", "backend", "model"],
    &["benchmarks", "*", "config", "run_index"],
    &["benchmarks", "*", "config", "strategy"],
    &["benchmarks", "*", "config", "sample_size"],
    &["benchmarks", "*", "metrics", "request_totals"],
    &["benchmarks", "*", "requests", "successful", "*"],
    &["benchmarks", "*", "requests", "errored", "*"],
    &["benchmarks", "*", "requests", "incomplete", "*"],
    &["benchmarks", "*", "start_time"],
    &["config", "spec", "profile", "kind"],
    &["config", "spec", "data", "*"],
];

/// Numbers of a request beside its latency, under the tool's names.
const NUMBERS: [&str; 9] = [
    "time_to_first_token_ms",
    "time_to_first_output_token_ms",
    "time_per_output_token_ms",
    "inter_token_latency_ms",
    "tokens_per_second",
    "output_tokens_per_second",
    "prompt_tokens",
    "output_tokens",
    "total_tokens",
];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    if table::shows(&Head::new(file.name(), &file.first_bytes()?, None)) {
        return table::retell(file, out);
    }
    let mut read = Reading { benchmarks: Vec::new(), model: None, load: Load::default() };
    parts(file, &WAYS, |part| read.part(&part, &part.json(file.name())?, out))?;
    let one = read.benchmarks.len() == 1;
    for benchmark in &read.benchmarks {
        benchmark.finish(one, read.model.as_deref(), out)?;
        read.load.tell(&benchmark.select(), &benchmark.strategy, out)?;
    }
    Ok(())
}

struct Reading {
    benchmarks: Vec<Benchmark>,
    model: Option<String>,
    load: Load,
}

/// What is known of the run that is being read.
#[derive(Default)]
struct Benchmark {
    number: String,
    strategy: String,
    thinned: bool,
    totals: Option<Totals>,
    created: Option<DateTime<Utc>>,
    line: u64,
}

#[derive(Clone, Copy)]
struct Totals {
    successful: u64,
    errored: u64,
    all: u64,
}

impl Reading {
    fn part(&mut self, part: &Part<'_>, json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
        match part.way {
            0 => {
                out.tool("guidellm", json.text());
                return Ok(());
            }
            1 => {
                self.model = json.words().map(str::to_owned);
                return Ok(());
            }
            10 => {
                json.text().unwrap_or_default().clone_into(&mut self.load.profile);
                return Ok(());
            }
            11 => {
                self.load.data(json);
                return Ok(());
            }
            2 => {
                let number = json.name().unwrap_or_default().to_owned();
                self.benchmarks.push(Benchmark { number, line: part.line, ..Benchmark::default() });
                return Ok(());
            }
            _ => {}
        }
        let Some(benchmark) = self.benchmarks.last_mut() else {
            return Err(out.unlike("a benchmark has no `config.run_index` before its requests"));
        };
        match part.way {
            3 => {
                let kind = json["type_"].text().unwrap_or_default();
                let load = ["rate", "streams", "max_concurrency"].iter().find_map(|key| json[*key].name());
                let joined = [kind, load.unwrap_or_default()].join(" ");
                joined.trim().clone_into(&mut benchmark.strategy);
            }
            4 => benchmark.thinned = !json.is_null(),
            5 => {
                let counts = ["successful", "errored", "total"].map(|key| json[key].count());
                let [Some(successful), Some(errored), Some(all)] = counts else {
                    return Err(out.unlike("`request_totals` of a benchmark counts nothing"));
                };
                benchmark.totals = Some(Totals { successful, errored, all });
            }
            9 => {
                let seconds = json.number().map(|seconds| (seconds * 1000.0) as i64);
                benchmark.created = seconds.and_then(DateTime::from_timestamp_millis);
            }
            way => request(json, way, &benchmark.select(), out)?,
        }
        Ok(())
    }
}

fn request(json: &Json<'_>, way: usize, select: &Select, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = json["request_id"].words() else {
        return Err(out.unlike("a request has no `request_id`"));
    };
    let mut row = Row::new(id.to_owned());
    let error = &json["info"]["error"];
    if way == 7 || error.words().is_some() {
        row.error(Some(error.text().unwrap_or_default().to_owned()));
    }
    row.truth("incomplete", Some(way == 8));
    if way == 6 {
        row.value("latency_s", &json["request_latency"]);
        for name in NUMBERS {
            row.value(name, &json[name]);
        }
        row.value("output", &json["output"]);
    }
    out.row(select, row)
}

impl Benchmark {
    fn select(&self) -> Select {
        Select::from([("benchmark".to_owned(), format!("{} {}", self.number, self.strategy))])
    }

    fn finish(&self, only: bool, model: Option<&str>, out: &mut Retelling) -> Result<(), Halt> {
        let Some(totals) = self.totals else { return Err(out.unlike("a benchmark has no `request_totals`")) };
        let select = self.select();
        let run = out.run(&select)?;
        run.model(model);
        run.created = self.created;
        let kept = run.rows;
        if self.thinned && kept < totals.all {
            run.limited = Some(totals.all - kept);
            let text = "`sample_size` kept a part of the requests only";
            out.doubt(Diagnostic::warning(Code::LimitedRun, text).help("keep all of them"));
        } else {
            out.attempts(&select, totals.all, "GuideLLM counts this request and does not list it")?;
        }
        let before = if only { String::new() } else { format!("{} {}/", self.number, self.strategy) };
        let ended = totals.successful.saturating_add(totals.errored);
        Summary { out, before, line: self.line }.failures(totals.errored, ended).map(|_| ())
    }
}
