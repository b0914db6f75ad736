//! LangSmith: the rows of `evaluate`, as JSON or as the data frame of `to_pandas` in CSV or JSON Lines.
//!
//! Its evaluators also score targets that crashed: a row with an `error` has no score. Every repetition of an example has its
//! id, and no number. Metadata to slice by stand in the JSON only.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts, rows_of_cells};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    within(head).is_some() || is_line(head) || is_table(head)
}

/// Where the rows stand in a document of them.
fn within(head: &Head<'_>) -> Option<&'static [Way]> {
    let is_row = |before: &str| {
        ["run", "example", "evaluation_results"].iter().all(|key| head.has(&format!("{before}{key}")))
    };
    if is_row("results.*.") {
        return Some(&[&["results", "*"]]);
    }
    is_row("*.").then_some(&[&["*"]])
}

fn is_line(head: &Head<'_>) -> bool {
    ["example_id", "execution_time", "error"].into_iter().all(|key| head.has(key))
}

fn is_table(head: &Head<'_>) -> bool {
    ["example_id", "execution_time", "error"].into_iter().all(|name| head.column(name))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let first = file.first_bytes()?;
    let head = Head::new(file.name(), &first, None);
    out.tool("langsmith", None);
    if let Some(ways) = within(&head) {
        return parts(file.name(), file.text(), ways, |part| row(&part.json(file.name())?, out));
    }
    if is_line(&head) {
        return parts(file.name(), file.text(), &[&[]], |part| line(&part.json(file.name())?, out));
    }
    rows_of_cells(file, |_, cells| {
        let Some(id) = cells.get("example_id") else { return Err(out.unlike("a row has no `example_id`")) };
        let mut row = Row::new(id.to_owned());
        row.error(cells.get("error").map(str::to_owned));
        for (name, cell) in cells.iter() {
            match name.strip_prefix("feedback.") {
                Some(key) => row.written(key.to_owned(), cell),
                None if name == "execution_time" => row.written("latency_s", cell),
                None if SPECIAL.contains(&name) => {}
                None => row.label(name.to_owned(), cell.to_owned()),
            }
        }
        out.row(&Select::new(), row)
    })
}

/// Columns that are no values of a row.
const SPECIAL: [&str; 3] = ["example_id", "id", "error"];

fn line(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = json["example_id"].name() else { return Err(out.unlike("a row has no `example_id`")) };
    let mut row = Row::new(id.to_owned());
    row.error(json["error"].words().map(str::to_owned));
    for (name, value) in json.entries() {
        match name.strip_prefix("feedback.") {
            Some(key) => row.value(key.to_owned(), value),
            None if name == "execution_time" => row.value("latency_s", value),
            None if name == "outputs.usage_metadata" => usage(&mut row, value),
            None if SPECIAL.contains(&name.as_ref()) => {}
            None => row.value(name.clone(), value),
        }
    }
    out.row(&Select::new(), row)
}

fn usage(row: &mut Row<'_>, usage: &Json<'_>) {
    row.number("input_tokens", usage["input_tokens"].number());
    row.number("output_tokens", usage["output_tokens"].number());
    row.number("tokens", usage["total_tokens"].number());
}

fn row(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let (run, example) = (&json["run"], &json["example"]);
    let Some(id) = example["id"].name().or(run["reference_example_id"].name()) else {
        return Err(out.unlike("a row has no `example.id`"));
    };
    let mut row = Row::new(id.to_owned());
    row.error(run["error"].words().map(str::to_owned));
    for result in json["evaluation_results"]["results"].list() {
        // What a scorer that raised is filed under differs from version to version; its scores are missing.
        if result["extra"]["error"].is_true() {
            continue;
        }
        let Some(key) = result["key"].words() else { continue };
        let value = if result["score"].is_null() { &result["value"] } else { &result["score"] };
        row.value(key.to_owned(), value);
    }
    let time = |key: &str| run[key].text().and_then(time_of);
    let (began, ended) = (time("start_time"), time("end_time"));
    row.number("latency_s", began.zip(ended).map(|(began, ended)| (ended - began).as_seconds_f64()));
    let about = &run["extra"]["metadata"];
    let told = &run["outputs"]["usage_metadata"];
    usage(&mut row, if told.is_null() { &about["usage_metadata"] } else { told });
    row.within("metadata", &example["metadata"]);
    row.within("inputs", &example["inputs"]);
    row.within("outputs", &run["outputs"]);
    row.within("reference", &example["outputs"]);
    let target = out.run(&Select::new())?;
    for key in ["model", "ls_model_name"] {
        target.model(about[key].words());
    }
    target.dataset = target.dataset.take().or(example["dataset_id"].words().map(str::to_owned));
    let began = began.map(|time| time.to_utc());
    target.created = target.created.map_or(began, |known| began.map(|time| time.min(known)));
    out.row(&Select::new(), row)
}

/// With its zone, or in UTC where it has none: so the SDK says.
fn time_of(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z"))).ok()
}
