//! MLflow: the rows of `mlflow.genai.evaluate` (`result_df` as JSON), a run (`Run.to_dictionary`), and `metrics.json` of
//! `evaluate`. The metrics of `mlflow.genai` are a flat map of numbers, which is a metrics file.
//!
//! A scorer that raised has no value, and the means leave it out without a word. A trace that did not end well has no scores.
//! Its SQL store writes infinity as 1.797e308: such a number is none. A metric of a run has no number of samples, but
//! `accuracy_score` is of `example_count`.

use chrono::DateTime;

use super::about::{About, Head, Holding};
use super::stated::Measured;
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Part, Retelling, Row, Select, Way, case_of, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    is_rows(head) || is_run(head) || is_metrics(head) || is_artifacts(head)
}

fn is_rows(head: &Head<'_>) -> bool {
    is_row(head, "*.") || is_row(head, "")
}

/// Whether it begins with a row, in a list or on a line of its own.
fn is_row(head: &Head<'_>, before: &str) -> bool {
    ["trace_id", "state", "assessments"].iter().all(|key| head.has(&format!("{before}{key}")))
}

fn is_run(head: &Head<'_>) -> bool {
    head.has("info.run_id") && head.has("data.metrics")
}

fn is_metrics(head: &Head<'_>) -> bool {
    let scores = ["accuracy_score", "mean_absolute_error", "toxicity/v1/mean", "exact_match/v1"];
    head.has("example_count") && scores.iter().any(|key| head.has(key))
}

/// The list of artifacts that stands beside `metrics.json`.
fn is_artifacts(head: &Head<'_>) -> bool {
    let holds = |text: &str| memchr::memmem::find(head.text, text.as_bytes()).is_some();
    head.text.starts_with(b"{") && holds("\"mlflow.models.evaluation.") && holds("\"class_name\"")
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    const LIST: [Way; 1] = [&["*"]];
    const LINES: [Way; 1] = [&[]];
    let first = file.first_bytes()?;
    let head = Head::new(file.name(), &first, None);
    out.tool("mlflow", None);
    if is_rows(&head) {
        let ways = if is_row(&head, "") { &LINES } else { &LIST };
        return parts(file, ways, |part| row(&part.json(file.name())?, out));
    }
    parts(file, &LINES, |part| {
        let json = part.json(file.name())?;
        if is_run(&head) {
            run(&json, &part, out)
        } else if is_artifacts(&head) && !is_metrics(&head) {
            out.beside_results("the `metrics.json` beside it, or their folder");
            Ok(())
        } else {
            metrics(&json, part.line, out)
        }
    })
}

fn row(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    // A trace has another id in every evaluation.
    let Some(id) = case_of(&json["request"]).or_else(|| json["trace_id"].words().map(str::to_owned)) else {
        return Err(out.unlike("a row has neither a `request` nor a `trace_id`"));
    };
    let mut row = Row::new(id);
    if let Some(state) = json["state"].words().filter(|state| *state != "OK") {
        row.error(Some(format!("the state of its trace is {state}")));
    }
    let expected: Vec<&str> = json["assessments"]
        .list()
        .iter()
        .filter(|assessment| !assessment["expectation"].is_null())
        .filter_map(|assessment| assessment["assessment_name"].words())
        .collect();
    let mut raised = 0.0;
    for (column, value) in json.entries() {
        if let Some(name) = column.strip_suffix("/value") {
            let name = if expected.contains(&name) { format!("expected.{name}") } else { name.to_owned() };
            row.value(name, value);
        } else if column.ends_with("/error_message") && value.words().is_some() {
            raised += 1.0;
        }
    }
    row.number("scorer_errors", Some(raised));
    row.value("latency_ms", &json["execution_duration"]);
    let usage =
        json["trace_metadata"]["mlflow.trace.tokenUsage"].text().and_then(|text| Json::parse(text).ok());
    let tokens = |key: &str| usage.as_ref().and_then(|usage| usage[key].number());
    row.number("input_tokens", tokens("input_tokens"));
    row.number("output_tokens", tokens("output_tokens"));
    row.number("tokens", tokens("total_tokens"));
    row.value("output", &json["response"]);
    row.within("request", &json["request"]);
    for (name, value) in json["tags"].entries().iter().filter(|(name, _)| !name.starts_with("mlflow.")) {
        row.value(format!("tags.{name}"), value);
    }
    let select = Select::new();
    out.began(
        &select,
        json["request_time"].number().and_then(|ms| DateTime::from_timestamp_millis(ms as i64)),
    )?;
    out.row(&select, row)
}

fn run(json: &Json<'_>, part: &Part<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    let (info, data) = (&json["info"], &json["data"]);
    for key in ["model", "model_name", "model_id"] {
        out.evaluated(&select, data["params"][key].words())?;
    }
    out.began(
        &select,
        info["start_time"].number().and_then(|ms| DateTime::from_timestamp_millis(ms as i64)),
    )?;
    let dataset = json["inputs"]["dataset_inputs"].list().first();
    out.run(&select)?.dataset = dataset.and_then(|input| input["dataset"]["name"].words()).map(str::to_owned);
    if let Some(status) = info["status"].words().filter(|status| *status != "FINISHED") {
        let text = format!("the run did not come to its end: its status is `{}`", printable(status));
        out.doubt(Diagnostic::warning(Code::UnfinishedRun, text).help("run the evaluation to its end"));
    }
    if data["metrics"].entries().is_empty() {
        return Err(out.unlike("this run has no metrics"));
    }
    metrics(&data["metrics"], part.line, out)
}

/// From here on a number means infinity.
const INFINITE: f64 = 1.79e308;

fn metrics(json: &Json<'_>, line: u64, out: &mut Retelling) -> Result<(), Halt> {
    let examples = json["example_count"].number().filter(|n| *n >= 1.0 && n.fract() == 0.0).map(|n| n as u64);
    for (name, value) in json.entries() {
        let infinite =
            matches!(value, Json::Word(_)) || value.number().is_some_and(|value| value.abs() >= INFINITE);
        if infinite {
            let text = format!("`{}` is infinite or no number, so it is left out", printable(name));
            out.doubt(
                Diagnostic::warning(Code::NotFinite, text).help("find out what the evaluation divided by"),
            );
            continue;
        }
        let Some(figure) = value.figure() else { continue };
        let measured = match examples {
            Some(n) if name == "accuracy_score" => Measured::Value { value: figure, n },
            _ => Measured::Point(figure),
        };
        out.aggregate(name, line, measured)?;
    }
    Ok(())
}
