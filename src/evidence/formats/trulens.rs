//! TruLens: the data frame of `get_records_and_feedback`, as CSV or JSON Lines. Every version of an app is a run.
//!
//! An app that raised leaves a record with an empty output and nothing else: nobody can tell it from one that answered nothing,
//! so both are errors here. A number of tokens or a cost of 0 is unknown. A record has a random id; what was asked is the case.

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{
    Cut, ForeignFile, Halt, Json, Retelling, Row, Select, Way, case_of, parts, rows_of_cells,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    let keys = ["record_id", "app_version", "record_json", "perf_json"];
    keys.iter().all(|key| head.has(key))
        || keys.iter().all(|key| head.has(&format!("*.{key}")))
        || keys.iter().all(|column| head.column(column))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    const LINES: [Way; 1] = [&[]];
    const LIST: [Way; 1] = [&["*"]];
    out.tool("trulens", None);
    let ways = match file.first_bytes()?.first() {
        Some(b'{') => &LINES,
        Some(b'[') => &LIST,
        _ => {
            return rows_of_cells(file, Cut::Commas, |_, cells| {
                let cells: Vec<(String, Json<'_>)> =
                    cells.iter().map(|(name, cell)| (name.to_owned(), value_of(cell))).collect();
                let each: Vec<_> = cells.into_iter().map(|(name, value)| (name.into(), value)).collect();
                record(&Json::Object(each), out)
            });
        }
    };
    parts(file, ways, |part| record(&part.json(file.name())?, out))
}

/// A cell as JSON would have it.
fn value_of(cell: &str) -> Json<'_> {
    match (cell, Json::parse(cell)) {
        ("", _) => Json::Null,
        ("True", _) => Json::Bool(true),
        ("False", _) => Json::Bool(false),
        (_, Ok(number @ Json::Number(_))) => number,
        _ => Json::Text(cell.into()),
    }
}

/// Columns that are no feedback.
const KNOWN: [&str; 29] = [
    "app_id",
    "app_name",
    "app_version",
    "app_json",
    "type",
    "record_id",
    "conversation_id",
    "input_id",
    "input",
    "output",
    "tags",
    "record_json",
    "cost_json",
    "perf_json",
    "ts",
    "latency",
    "total_tokens",
    "total_cost",
    "eval_cost",
    "eval_cost_snowflake",
    "cost_currency",
    "num_events",
    "sampled",
    "sample_rate",
    "eval_decision_reason",
    "is_match",
    "run_name",
    "ground_truth_output",
    "",
];

/// What stands beside a column of feedback.
const BESIDE: [&str; 3] = ["_calls", " direction", " feedback cost in USD"];

fn record(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let own = json["input_id"].name().filter(|id| !id.is_empty()).map(str::to_owned);
    let asked = case_of(&json["input"]).or_else(|| json["record_id"].name().map(str::to_owned));
    let Some(id) = own.or(asked) else { return Err(out.unlike("a record has no `input`")) };
    let mut row = Row::new(id);
    if json["output"].name().is_none_or(|output| output.trim().is_empty()) {
        row.error(Some("no output: the app raised or answered nothing, which TruLens does not tell apart"));
    }
    let feedback = json.entries().iter().filter(|(name, _)| {
        !KNOWN.contains(&name.as_ref()) && !BESIDE.iter().any(|ending| name.ends_with(ending))
    });
    for (name, value) in feedback {
        row.value(name.clone(), value);
    }
    let told = |value: &Json<'_>| value.number().filter(|value| *value > 0.0);
    row.value("latency_s", &json["latency"]);
    row.number("tokens", told(&json["total_tokens"]));
    let dollars = json["cost_currency"].text().is_none_or(|currency| currency == "USD");
    row.number(if dollars { "cost_usd" } else { "cost" }, told(&json["total_cost"]));
    row.value("output", &json["output"]);
    row.value("expected", &json["ground_truth_output"]);
    row.value("tags", &json["tags"]);
    let label = |key: &str| json[key].name().unwrap_or_default().to_owned();
    let select = Select::from(["app_name", "app_version"].map(|key| (key.to_owned(), label(key))));
    let time = json["ts"].number().and_then(|ms| chrono::DateTime::from_timestamp_millis(ms as i64));
    out.began(&select, time.or_else(|| json["ts"].time()))?;
    out.row(&select, row)
}
