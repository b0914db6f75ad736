//! vitest with `--reporter=json` (the shape of Jest's reports): a test is a sample with `pass`; where vitest-evals wrote into
//! its `meta`, with scores, tokens and tool calls.
//!
//! A judge that gave nothing counts as 0 in the average that vitest-evals compares with its threshold; here its score is
//! missing. Where the target or a judge raised, all scores are lost: that test is an error. A test that was not run has no
//! `pass`.

use std::collections::BTreeSet;

use chrono::DateTime;

use super::about::{About, Head, Holding};
use crate::diagnostic::printable;
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, ScoreType, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("numTotalTests") && head.has("testResults")
}

const WAYS: [Way; 3] = [&["testResults", "*"], &["numTotalTests"], &["startTime"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    let (mut listed, mut total) = (0, None);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        match part.way {
            0 => {
                let tests = json["assertionResults"].list();
                listed += tests.len() as u64;
                let path = json["name"].text().unwrap_or_default();
                tests.iter().try_for_each(|json| test(json, path, out))?;
                // A file that cannot be loaded has no tests, and says so itself.
                if tests.is_empty() && json["status"].text() == Some("failed") {
                    let mut row = Row::new(name_of(path).to_owned());
                    row.error(Some(json["message"].text().unwrap_or_default().to_owned()));
                    out.row(&select, row)?;
                }
            }
            1 => total = json.count(),
            _ => {
                let time = json.number().and_then(|ms| DateTime::from_timestamp_millis(ms as i64));
                out.began(&select, time)?;
            }
        }
        Ok(())
    })?;
    match total.map(|total| (total, total.checked_sub(listed))) {
        None => Ok(()),
        Some((_, Some(unlisted))) => {
            out.unlisted(&select, unlisted, "counted by vitest and not in its list of tests")
        }
        Some((total, None)) => {
            Err(out.contradiction(&format!("it counts {total} tests, and lists {listed}")))
        }
    }
}

/// A path without its folders, which differ from machine to machine.
fn name_of(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn test(json: &Json<'_>, path: &str, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = json["fullName"].words().or(json["title"].words()) else {
        return Err(out.unlike("a test has no `fullName`"));
    };
    let mut row = Row::new(id.trim().to_owned());
    let (eval, harness) = (&json["meta"]["eval"], &json["meta"]["harness"]);
    let run = &harness["run"];
    let pass = match json["status"].text().unwrap_or_default() {
        "passed" => Some(true),
        "failed" => Some(false),
        "pending" | "skipped" | "todo" | "disabled" => None,
        other => return Err(out.unlike(&format!("a test has the status `{}`", printable(other)))),
    };
    let raised = run["errors"].list().first().map(|error| error["message"].text().unwrap_or_default());
    // The tool has nothing to say of an evaluation of which the target or a judge raised.
    let lost = pass == Some(false) && !harness.is_null() && eval.is_null();
    if raised.is_some() || lost {
        let why = json["failureMessages"].list().first().and_then(Json::text).unwrap_or_default();
        let text = raised.filter(|text| !text.is_empty()).or(why.lines().next()).unwrap_or_default();
        row.error(Some(text.to_owned()));
    }
    row.truth("pass", pass);
    row.truth("skipped", Some(pass.is_none()));
    for score in eval["scores"].list() {
        let Some(name) = score["name"].words() else { continue };
        row.value(name.to_owned(), &score["score"]);
        out.score(name, ScoreType::Between(0.0, 1.0));
    }
    row.value("duration_ms", &json["duration"]);
    if !harness.is_null() {
        agent(&mut row, eval, run);
        out.evaluated(&Select::new(), run["usage"]["model"].words())?;
    }
    row.value("output", &eval["output"]);
    row.label("file", name_of(path).to_owned());
    row.joined("suite", &json["ancestorTitles"]);
    out.row(&Select::new(), row)
}

/// What the target did.
fn agent(row: &mut Row<'_>, eval: &Json<'_>, run: &Json<'_>) {
    let usage = &run["usage"];
    row.number("tokens", usage["totalTokens"].number());
    row.number("input_tokens", usage["inputTokens"].number());
    row.number("output_tokens", usage["outputTokens"].number());
    let traces: Vec<f64> =
        run["traces"].list().iter().filter_map(|trace| trace["durationMs"].number()).collect();
    row.number("latency_ms", (!traces.is_empty()).then(|| traces.iter().sum()));
    let calls = eval["toolCalls"].list();
    let failed = calls.iter().filter(|call| !call["error"].is_null()).count();
    row.number("tool_calls", (!eval.is_null()).then_some(calls.len() as f64));
    row.number("tool_errors", (!eval.is_null()).then_some(failed as f64));
    let tools: BTreeSet<&str> = calls.iter().filter_map(|call| call["name"].words()).collect();
    if !tools.is_empty() {
        row.label("tools", tools.into_iter().collect::<Vec<_>>().join(", "));
    }
}
