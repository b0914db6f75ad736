//! autocannon: the summary that `-j` prints.
//!
//! Latencies are in milliseconds, are those of answers of every status, and are all 0 where nothing answered; `errors` counts the
//! requests without an answer, and `requests` is a second but for its `total`. Requests on their way at the end count nowhere.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use super::load::{Summary, no_answer};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Select, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    ["non2xx", "pipelining", "latency.p97_5", "requests.total"].into_iter().all(|key| head.has(key))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("autocannon", None);
    parts(file, &[&[]], |part| summary(&part.json(file.name())?, part.line, out))
}

fn summary(json: &Json<'_>, line: u64, out: &mut Retelling) -> Result<(), Halt> {
    let counts = [&json["requests"]["total"], &json["errors"], &json["non2xx"]].map(Json::count);
    let [Some(answered), Some(errors), Some(other_status)] = counts else {
        return Err(out.unlike("`requests.total`, `errors` or `non2xx` is no count"));
    };
    if answered == 0 {
        return Err(no_answer(out.file(), &format!("no request was answered, and {errors} failed")));
    }
    let begun = json["start"].text().and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    out.run(&Select::new())?.created = begun.map(|time| time.to_utc());
    for setting in ["connections", "pipelining"] {
        out.load(&Select::new(), setting, json[setting].name())?;
    }
    if other_status > answered {
        let text = format!("{other_status} answers of {answered} have a status that is not 2xx");
        return Err(out.contradiction(&text));
    }
    // An answer of another status may have an unexpected body, too.
    let mismatched = json["mismatches"].count().unwrap_or(0);
    let wrong = other_status.saturating_add(mismatched).min(answered);
    let failed = wrong.saturating_add(errors);
    let mut summary = Summary { out, before: String::new(), line };
    if !summary.failures(failed, answered.saturating_add(errors))? {
        return Ok(());
    }
    summary.mixed(wrong);
    let latency = &json["latency"];
    for (key, value) in latency.entries() {
        if let Some(percent) =
            key.strip_prefix('p').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            summary.json(&format!("p{}_latency_ms", percent.replace('_', ".")), value)?;
        }
    }
    summary.json("latency_ms", &latency["average"])?;
    summary.json("min_latency_ms", &latency["min"])?;
    summary.json("max_latency_ms", &latency["max"])?;
    summary.json("requests_per_second", &json["requests"]["average"])
}
