//! evalite: the file of `--outputPath`. Every eval, and every variant of one, is a run.
//!
//! Where the task or a single scorer raised, or a scorer gave nothing, the whole row has no scores, and an error stands where
//! its answer is expected: that row is an error. The averages that evalite states are over the rows that are left. A row has no
//! id of its own, a repetition no number: the `id` in its input, or else what was asked, is the case.

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{
    ForeignFile, Halt, Json, Retelling, Row, ScoreType, Select, Way, case_of, parts,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("run.runType") && head.has("evals")
        || head.has("evals.*.results") && head.has("evals.*.filepath")
}

const WAYS: [Way; 2] = [&["run"], &["evals", "*"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("evalite", None);
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        // Every eval has its own time, which is that of the run.
        if part.way == 0 { Ok(()) } else { eval(&json, out) }
    })
}

fn eval(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(name) = json["name"].words() else { return Err(out.unlike("an eval has no `name`")) };
    let mut select = Select::from([("eval".to_owned(), name.to_owned())]);
    if let Some(variant) = json["variantName"].words() {
        select.insert("variant".to_owned(), variant.to_owned());
    }
    out.began(&select, json["createdAt"].time())?;
    for result in json["results"].list() {
        let row = row(result, out)?;
        out.row(&select, row)?;
    }
    Ok(())
}

fn row<'a>(json: &Json<'a>, out: &mut Retelling) -> Result<Row<'a>, Halt> {
    let Some(id) = case_of(&json["input"]) else { return Err(out.unlike("a result has no `input`")) };
    let mut row = Row::new(id);
    let (output, scores) = (&json["output"], json["scores"].list());
    let status = json["status"].text().unwrap_or_default();
    // A row with scores and a low average is `success`.
    if status != "success" {
        let text = output["message"].words().unwrap_or("it has no scores");
        let text = if status == "fail" { text.to_owned() } else { format!("its status is `{status}`") };
        row.error(Some(text));
    }
    for score in scores {
        let Some(name) = score["name"].words() else { continue };
        row.value(name.to_owned(), &score["score"]);
        out.score(name, ScoreType::Between(0.0, 1.0));
    }
    row.value("latency_ms", &json["duration"]);
    let traced = |key: &str| {
        let each: Vec<f64> = json["traces"].list().iter().filter_map(|trace| trace[key].number()).collect();
        (!each.is_empty()).then(|| each.iter().sum())
    };
    row.number("tokens", traced("totalTokens"));
    row.number("input_tokens", traced("inputTokens"));
    row.number("output_tokens", traced("outputTokens"));
    row.value("output", output);
    row.value("expected", &json["expected"]);
    row.within("input", &json["input"]);
    for column in json["renderedColumns"].list() {
        if let Some(label) = column["label"].words() {
            row.value(format!("columns.{label}"), &column["value"]);
        }
    }
    Ok(row)
}
