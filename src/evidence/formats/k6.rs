//! k6: the summary of `--summary-export`, or what `handleSummary` is given.
//!
//! **Unverified**: read from the documented shapes, never held against a file that k6 wrote.
//!
//! `http_req_failed` is a rate of failures, so that its `passes` are the requests that failed. Latencies are in milliseconds and those of
//! failed requests, too; `p(99)` is there with `--summary-trend-stats` only.

use super::about::{About, Head, Holding};
use super::load::{Summary, no_answer};
use super::stated::Measured;
use crate::diagnostic::printable;
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Select, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("metrics.iteration_duration") && head.has("metrics.iterations")
        || head.has("metrics.http_req_duration") && head.has("metrics.http_reqs")
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("k6", None);
    parts(file, &[&[]], |part| summary(&part.json(file.name())?["metrics"], part.line, out))
}

/// The values of a metric, in either shape.
fn values<'j>(metric: &'j Json<'j>) -> &'j Json<'j> {
    if metric["values"].is_null() { metric } else { &metric["values"] }
}

fn summary(metrics: &Json<'_>, line: u64, out: &mut Retelling) -> Result<(), Halt> {
    if values(&metrics["http_reqs"])["count"].number() == Some(0.0) {
        return Err(no_answer(out.file(), "`http_reqs` counts no request"));
    }
    let users = values(&metrics["vus_max"]);
    out.load(&Select::new(), "vus_max", ["max", "value"].iter().find_map(|key| users[*key].name()))?;
    let mut summary = Summary { out, before: String::new(), line };
    let mut answered = true;
    if let Some(rate) = Rate::of("http_req_failed", &metrics["http_req_failed"], &summary)? {
        answered = summary.failures(rate.events, rate.n)?;
        summary.mixed(rate.events);
    }
    for (name, metric) in metrics.entries() {
        let timed = name.starts_with("http_req_") || metric["contains"].text() == Some("time");
        if let Some(Rate { events, n }) = Rate::of(name, metric, &summary)? {
            summary.out.aggregate(name, line, Measured::Events { events, n })?;
        } else if answered || !timed {
            trend(name, metric, &mut summary)?;
        }
    }
    Ok(())
}

/// So many events of so many.
struct Rate {
    events: u64,
    n: u64,
}

impl Rate {
    fn of(name: &str, metric: &Json<'_>, summary: &Summary<'_>) -> Result<Option<Self>, Halt> {
        let values = values(metric);
        let (Some(passes), Some(fails)) = (values["passes"].count(), values["fails"].count()) else {
            return Ok(None);
        };
        let n = passes.saturating_add(fails);
        if n == 0 {
            return Ok(None);
        }
        let stated = values["rate"].number().or(values["value"].number());
        if stated.is_some_and(|rate| (rate - passes as f64 / n as f64).abs() > 1e-6) {
            let text = format!("`{}` has {passes} events of {n}, and another rate", printable(name));
            return Err(summary.out.contradiction(&text));
        }
        Ok(Some(Self { events: passes, n }))
    }
}

/// Numbers of a trend, a counter or a gauge.
fn trend(name: &str, metric: &Json<'_>, summary: &mut Summary<'_>) -> Result<(), Halt> {
    let timed = metric["contains"].text() == Some("time")
        || name == "iteration_duration"
        || (name.starts_with("http_req_") && metric["contains"].is_null());
    let own = if name == "http_req_duration" { "latency" } else { name };
    let own = if timed { format!("{own}_ms") } else { own.to_owned() };
    for (key, value) in values(metric).entries() {
        let percent = key.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')'));
        match (key.as_ref(), percent) {
            (_, Some(percent)) => summary.json(&format!("p{percent}_{own}"), value)?,
            ("avg" | "count", _) => summary.json(&own, value)?,
            ("med", _) => summary.json(&format!("p50_{own}"), value)?,
            ("min" | "max", _) => summary.json(&format!("{key}_{own}"), value)?,
            ("rate", _) => summary.json(&format!("{own}_per_second"), value)?,
            _ => {}
        }
    }
    Ok(())
}
