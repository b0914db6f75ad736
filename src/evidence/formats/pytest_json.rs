//! `pytest --json-report`: a test is a sample, and `pass` its score. A file of tests that could not be read is an error.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    ["created", "exitcode", "summary", "root"].into_iter().all(|key| head.has(key))
}

const WAYS: [Way; 4] = [&["tests", "*"], &["created"], &["summary"], &["collectors", "*"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let run = Select::new();
    let (mut attempts, mut unreadable) = (0, 0);
    out.tool("pytest-json-report", None);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        match part.way {
            0 => test(&json, out),
            1 => {
                let seconds = json.number().map(|seconds| (seconds * 1000.0) as i64);
                out.run(&run)?.created = seconds.and_then(DateTime::from_timestamp_millis);
                Ok(())
            }
            2 => {
                // Tests that were collected and never run, because the session stopped before; those that were not asked for
                // are counted among the collected.
                let left_out = json["deselected"].count();
                let collected = json["collected"].count().unwrap_or(0).saturating_sub(left_out.unwrap_or(0));
                attempts = json["total"].count().unwrap_or(0).max(collected);
                out.run(&run)?.limited = left_out;
                Ok(())
            }
            _ if json["outcome"].text() == Some("failed") => {
                let mut row = Row::new(json["nodeid"].text().unwrap_or_default().to_owned());
                row.error(Some(json["longrepr"].text().unwrap_or_default().to_owned()));
                unreadable += 1;
                out.row(&run, row)
            }
            _ => Ok(()),
        }
    })?;
    let rows = out.run(&run)?.cases;
    out.unlisted(&run, (attempts + unreadable).saturating_sub(rows), "collected and not run")
}

fn test(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = json["nodeid"].words() else { return Err(out.unlike("a test has no `nodeid`")) };
    let outcome = json["outcome"].text().unwrap_or_default();
    let row = |pass: Option<bool>| {
        let mut row = Row::new(id.to_owned());
        row.truth("pass", pass);
        row.truth("skipped", Some(outcome == "skipped"));
        let stages = ["setup", "call", "teardown"];
        let seconds = stages.map(|stage| json[stage]["duration"].number().unwrap_or(0.0));
        row.number("duration_s", Some(seconds.iter().sum()));
        for property in json["user_properties"].list() {
            for (name, value) in property.entries() {
                row.value(name.clone(), value);
            }
        }
        row
    };
    let select = Select::new();
    match outcome {
        "passed" | "xpassed" => out.row(&select, row(Some(true))),
        "failed" | "xfailed" => out.row(&select, row(Some(false))),
        "skipped" => out.row(&select, row(None)),
        // It passed in the end, and had failed before: the report keeps one record of both.
        "rerun" => {
            out.row(&select, row(Some(false)))?;
            out.row(&select, row(Some(true)))
        }
        "error" => {
            let mut row = row(None);
            let stages = ["setup", "call", "teardown"];
            let text = stages.iter().find_map(|stage| json[*stage]["crash"]["message"].words());
            row.error(Some(text.unwrap_or_default().to_owned()));
            out.row(&select, row)
        }
        other => {
            Err(out.unlike(&format!("a test has the outcome `{}`", crate::diagnostic::printable(other))))
        }
    }
}
