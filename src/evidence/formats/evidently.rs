//! Evidently: a report as JSON. Its metrics are numbers; its tests are rows with `pass`.
//!
//! A value is a number, a count with a share, or a count for every value; what is counted of rows is a number of events. A
//! metric is called as it shows itself, with its parameters. Tests of which a failure is only a warning have failed here too,
//! with the label `critical` false. The rows themselves are exported apart and are plain CSV or JSON Lines.

use std::collections::BTreeMap;

use super::about::{About, Head, Holding};
use super::stated::Measured;
use crate::diagnostic::printable;
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    let now = head.has("metrics.*.metric_name") || head.has("tests.*.metric_config");
    now || is_old(head)
}

/// Before 0.7.
fn is_old(head: &Head<'_>) -> bool {
    head.has("metrics.*.metric") && head.has("metrics.*.result")
}

const WAYS: [Way; 2] = [&["metrics", "*"], &["tests", "*"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    if is_old(&Head::new(file.name(), &file.first_bytes()?, None)) {
        return Err(out.unlike(
            "this is a report of Evidently before 0.7, of which each metric has a shape of its own",
        ));
    }
    out.tool("evidently", None);
    // The number of rows may stand behind what is counted of them.
    let (mut metrics, mut rows) = (Vec::new(), None);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        if part.way == 1 {
            return test(&json, out);
        }
        if json["config"]["type"].text().is_some_and(|kind| kind.ends_with(":RowCount")) {
            rows = json["value"].number();
        }
        metrics.push((part.line, part.text.to_owned()));
        Ok(())
    })?;
    let mut known: BTreeMap<String, Measured> = BTreeMap::new();
    for (line, text) in metrics {
        let json = Json::parse(&text).map_err(|_| out.unlike("a metric is not JSON"))?;
        let Some(name) = json["metric_name"].words() else {
            return Err(out.unlike("a metric has no `metric_name`"));
        };
        for (place, measured) in values(name, &json["value"], rows) {
            // A report may hold one metric several times.
            if known.get(&place) != Some(&measured) {
                out.aggregate(&place, line, measured.clone())?;
                known.insert(place, measured);
            }
        }
    }
    Ok(())
}

/// A whole number of events in a whole number of trials.
fn events(events: f64, n: f64) -> Option<Measured> {
    let whole = events >= 0.0 && n >= 1.0 && events <= n && events.fract() == 0.0 && n.fract() == 0.0;
    whole.then_some(Measured::Events { events: events as u64, n: n as u64 })
}

fn values(name: &str, value: &Json<'_>, rows: Option<f64>) -> Vec<(String, Measured)> {
    let mut found = Vec::new();
    if let Some(figure) = value.figure() {
        found.push((name.to_owned(), Measured::Point(figure)));
    }
    let counts = value["counts"].entries();
    let all: f64 = counts.iter().filter_map(|(_, count)| count.number()).sum();
    for (key, count) in counts {
        if let Some(measured) = count.number().and_then(|count| events(count, all)) {
            found.push((format!("{name}/{key}"), measured));
        }
    }
    if let Some(share) = value["share"].figure() {
        let counted = value["count"].number().zip(rows).filter(|(count, rows)| {
            // Not of all rows, whatever it is of.
            (count - share.value * rows).abs() < 1e-6
        });
        let measured =
            counted.and_then(|(count, rows)| events(count, rows)).unwrap_or(Measured::Point(share));
        found.push((format!("{name}/share"), measured));
    }
    found.extend(value["count"].figure().map(|figure| (format!("{name}/count"), Measured::Point(figure))));
    for (key, value) in value["values"].entries() {
        found.extend(value.figure().map(|figure| (format!("{name}/{key}"), Measured::Point(figure))));
    }
    found
}

fn test(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(name) = json["name"].words() else { return Err(out.unlike("a test has no `name`")) };
    // A count and its share are tested under one name.
    let share = matches!(json["bound_test"]["is_count"], Json::Bool(false));
    let mut row = Row::new(if share { format!("{name} (share)") } else { name.to_owned() });
    match json["status"].text().unwrap_or_default() {
        "SUCCESS" => row.truth("pass", Some(true)),
        "FAIL" | "WARNING" => row.truth("pass", Some(false)),
        "SKIPPED" => row.truth("pass", None),
        "ERROR" => row.error(Some(json["description"].text().unwrap_or_default().to_owned())),
        other => return Err(out.unlike(&format!("a test has the status `{}`", printable(other)))),
    }
    row.value("critical", &json["test_config"]["is_critical"]);
    row.value("column", &json["metric_config"]["params"]["column"]);
    out.row(&Select::new(), row)
}
