//! LiteLLM: the spend logs of its proxy, a row a line, a list of them, or a page of `/spend/logs/v2` (`data`).
//!
//! A record is a request: `time` is its `startTime`, `latency_ms` its `request_duration_ms` or what lies between start and end,
//! `cost_usd` its `spend`. One whose `status` is `failure` ended in an error. What an application sent along stands under
//! `metadata`: `fields: { release: metadata.spend_logs_metadata.release, unit: end_user }`. A request that ended before it began
//! has no latency.

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: false, fields: &[] };

/// Where the rows stand, and what says so.
const WAYS: [(&str, &[Way]); 3] = [("", &[&[]]), ("*.", &[&["*"]]), ("data.*.", &[&["data", "*"]])];

fn way(head: &Head<'_>) -> Option<&'static [Way]> {
    let has =
        |way: &str| ["request_id", "spend", "startTime"].iter().all(|key| head.has(&format!("{way}{key}")));
    WAYS.into_iter().find(|(way, _)| has(way)).map(|(_, ways)| ways)
}

fn shows(head: &Head<'_>) -> bool {
    way(head).is_some()
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("LiteLLM", None);
    let first = file.first_bytes()?;
    let ways = way(&Head::new(file.name(), &first, None)).unwrap_or(&[&[]]);
    parts(file, ways, |part| match part.json(file.name()).and_then(|json| request(&json, out)) {
        // Of a log a request that cannot be read costs that request.
        Err(Halt::Finding(_)) if file.logged.is_some() => out.torn(1),
        taken => taken,
    })
}

/// Labels; keys of the proxy are none of them.
const LABELS: [&str; 7] = ["model", "model_group", "model_id", "user", "end_user", "session_id", "call_type"];

fn request(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = json["request_id"].name() else {
        return Err(out.unlike("a request has no `request_id`"));
    };
    let mut row = Row::new(id.to_owned());
    let seconds = |key: &str| Some(json[key].time()?.timestamp_micros() as f64 / 1e6);
    let (start, end) = (seconds("startTime"), seconds("endTime"));
    // Under their own names too: `fields:` may say `cost_usd: spend`.
    row.label("request_id", id.to_owned());
    row.number("startTime", start);
    row.number("endTime", end);
    row.number("spend", json["spend"].number());
    row.number("time", start);
    let between = || Some((end? - start?) * 1000.0);
    let latency = json["request_duration_ms"].number().or_else(between);
    row.number("latency_ms", latency.filter(|latency| *latency >= 0.0));
    row.number("cost_usd", json["spend"].number());
    let tokens = [
        ("input_tokens", "prompt_tokens"),
        ("output_tokens", "completion_tokens"),
        ("tokens", "total_tokens"),
    ];
    for (name, key) in tokens {
        row.number(name, json[key].number());
    }
    for name in LABELS {
        row.value(name, &json[name]);
    }
    row.joined("request_tags", &json["request_tags"]);
    if let Some(status) = json["status"].words() {
        row.label("status", status.to_owned());
        let told = &json["metadata"]["error_information"];
        let why = ["error_message", "error_class"].iter().find_map(|key| told[*key].words());
        row.error((status == "failure").then(|| why.unwrap_or("failure").to_owned()));
    }
    answer(&json["response"], &mut row);
    row.within("metadata", &json["metadata"]);
    out.row(&Select::new(), row)
}

/// The text of the answer, where the proxy was told to keep it.
fn answer(response: &Json<'_>, row: &mut Row<'_>) {
    let message = response["choices"].list().first().map(|choice| &choice["message"]["content"]);
    if let Some(text) =
        message.and_then(Json::words).or_else(|| response.words().filter(|text| !text.starts_with('{')))
    {
        row.label("response", text.to_owned());
    }
}
