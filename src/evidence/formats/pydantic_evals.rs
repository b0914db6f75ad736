//! pydantic-evals: an `EvaluationReport` as JSON. What errored stands in a list of its own and is a sample all the same.
//!
//! A scorer that raised leaves no score behind: its scores are missing, and `scorer_errors` counts how many raised.
//! Spans are not in the file. Where they were recorded, the tool counts the requests to models of a case and their tokens in its
//! `metrics`; calls of tools only where the task counts them (`increment_eval_metric("tool_calls", 1)`), and a counter that was never
//! raised is not there.

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    let cases = ["cases.*.assertions", "cases.*.scores", "cases.*.task_duration"];
    let failures = ["failures.*.error_message", "report_evaluator_failures"];
    head.has("cases") && (cases.iter().all(|way| head.has(way)) || failures.iter().any(|way| head.has(way)))
}

const WAYS: [Way; 4] = [&["cases", "*"], &["failures", "*"], &["experiment_metadata"], &["dataset_name"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    out.tool("pydantic-evals", None);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        match part.way {
            0 => case(&json, out),
            1 => {
                let mut row = start(&json, out)?;
                row.error(Some(json["error_message"].text().unwrap_or_default().to_owned()));
                out.row(&select, row)
            }
            2 => {
                out.run(&select)?.model(json["model"].words());
                Ok(())
            }
            _ => {
                out.run(&select)?.dataset = json.words().map(str::to_owned);
                Ok(())
            }
        }
    })
}

/// What a case has, errored or not.
fn start<'a>(json: &Json<'a>, out: &Retelling) -> Result<Row<'a>, Halt> {
    let Some(id) = json["source_case_name"].words().or(json["name"].words()) else {
        return Err(out.unlike("a case has no name"));
    };
    let mut row = Row::new(id.to_owned());
    row.within("metadata", &json["metadata"]);
    row.value("expected", &json["expected_output"]);
    Ok(row)
}

fn case(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let mut row = start(json, out)?;
    for kind in ["assertions", "scores", "labels"] {
        for (name, result) in json[kind].entries() {
            row.value(name.clone(), &result["value"]);
            // What an `LLMJudge` was told to ask.
            out.judged_by(&Select::new(), result["source"]["arguments"]["model"].words())?;
            if kind == "assertions" {
                out.high_is_good(name);
            }
        }
    }
    for (name, value) in json["metrics"].entries() {
        row.value(name.clone(), value);
    }
    let metrics = &json["metrics"];
    let tokens = metrics["input_tokens"].number().zip(metrics["output_tokens"].number());
    if metrics["tokens"].is_null() {
        row.number("tokens", tokens.map(|(sent, received)| sent + received));
    }
    if metrics["steps"].is_null() {
        row.number("steps", metrics["requests"].number());
    }
    row.value("latency_s", &json["task_duration"]);
    row.value("total_s", &json["total_duration"]);
    row.number("scorer_errors", Some(json["evaluator_failures"].list().len() as f64));
    row.within("attributes", &json["attributes"]);
    row.value("output", &json["output"]);
    let select = Select::new();
    out.run(&select)?.model(json["attributes"]["model"].words());
    out.row(&select, row)
}
