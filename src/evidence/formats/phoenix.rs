//! Arize Phoenix: an experiment as its server gives it: `/json` and `/csv` with a row a run, and the experiment itself.
//!
//! Its evaluators also score tasks that crashed: a row with an `error` has no score. The labels to slice by stand in the CSV
//! only. Model, dataset and how many runs are missing stand in the experiment only (`/v1/experiments/ID`), which is read
//! beside the rows; the missing ones are errors.

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{
    Cut, ForeignFile, Halt, Json, Retelling, Row, Select, Way, parts, rows_of_cells,
};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    let row = ["example_id", "repetition_number", "reference_output", "latency_ms"];
    let experiment = ["example_count", "successful_run_count", "missing_run_count"];
    row.iter().all(|key| head.has(&format!("*.{key}")))
        || row.iter().all(|column| head.column(column))
        || ["", "data."].iter().any(|data| experiment.iter().all(|key| head.has(&format!("{data}{key}"))))
}

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("phoenix", None);
    match file.first_bytes()?.first() {
        Some(b'[') => {
            const WAYS: [Way; 1] = [&["*"]];
            parts(file, &WAYS, |part| run(&part.json(file.name())?, out))
        }
        Some(b'{') => parts(file, &[&[]], |part| {
            let json = part.json(file.name())?;
            experiment(if json["data"].is_null() { &json } else { &json["data"] }, out)
        }),
        _ => table(file, out),
    }
}

fn experiment(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    out.beside_results("the export of the runs of this experiment");
    out.evaluated(&select, json["metadata"]["model"].words())?;
    out.began(&select, json["created_at"].time())?;
    out.run(&select)?.dataset = json["dataset_id"].words().map(str::to_owned);
    let Some(missing) = json["missing_run_count"].count() else {
        return Err(out.unlike("this experiment has no `missing_run_count`"));
    };
    if missing == 0 {
        Ok(())
    } else {
        out.unlisted(&select, missing, "this run of the experiment is missing")
    }
}

/// What an evaluator said; one that answers true or false gives 1 and 0 with the label `True` or `False`.
fn annotated(row: &mut Row<'_>, name: &str, score: &str, label: Option<&str>) {
    let truth = match (label, score.parse::<f64>()) {
        (Some("True" | "False"), Ok(score)) => Some(score > 0.5),
        _ => None,
    };
    match truth {
        Some(_) => row.truth(name.to_owned(), truth),
        None => row.written(name.to_owned(), score),
    }
    if let Some(label) = label.filter(|_| truth.is_none()) {
        row.label(format!("{name}.label"), label.to_owned());
    }
}

fn run(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = json["example_id"].name() else { return Err(out.unlike("a run has no `example_id`")) };
    let mut row = Row::new(id.to_owned());
    row.epoch(json["repetition_number"].count());
    row.error(json["error"].words().map(str::to_owned));
    let mut raised = 0.0;
    for annotation in json["annotations"].list() {
        let Some(name) = annotation["name"].words() else { continue };
        if annotation["error"].words().is_some() {
            raised += 1.0;
            row.number(name.to_owned(), None);
            continue;
        }
        match &annotation["score"] {
            // Infinity is no score, and must not look like none.
            word @ Json::Word(_) => row.value(name.to_owned(), word),
            score => annotated(&mut row, name, score.name().unwrap_or_default(), annotation["label"].words()),
        }
    }
    row.number("scorer_errors", Some(raised));
    row.value("latency_ms", &json["latency_ms"]);
    row.value("input_tokens", &json["prompt_token_count"]);
    row.value("output_tokens", &json["completion_token_count"]);
    row.value("output", &json["output"]);
    row.within("input", &json["input"]);
    row.within("reference", &json["reference_output"]);
    row.within("metadata", &json["metadata"]);
    out.began(&Select::new(), json["start_time"].time())?;
    out.row(&Select::new(), row)
}

fn table(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    rows_of_cells(file, Cut::Commas, |_, cells| {
        let Some(id) = cells.get("example_id") else { return Err(out.unlike("a run has no `example_id`")) };
        let mut row = Row::new(id);
        row.epoch(cells.get("repetition_number").and_then(|text| text.parse().ok()));
        row.error(cells.get("error"));
        let mut raised = 0.0;
        let scores = cells.iter().filter_map(|(column, score)| {
            Some((column.strip_prefix("annotation_")?.strip_suffix("_score")?, score))
        });
        for (name, score) in scores {
            if cells.get(&format!("annotation_{name}_error")).is_some() {
                raised += 1.0;
                row.number(name.to_owned(), None);
            } else {
                annotated(&mut row, name, score, cells.get(&format!("annotation_{name}_label")));
            }
        }
        row.number("scorer_errors", Some(raised));
        row.written("latency_ms", cells.get("latency_ms").unwrap_or_default());
        row.written("input_tokens", cells.get("prompt_token_count").unwrap_or_default());
        row.written("output_tokens", cells.get("completion_token_count").unwrap_or_default());
        row.label("output", cells.get("output").unwrap_or_default());
        // Objects stand as JSON in their cells.
        for (name, column) in
            [("input", "input"), ("reference", "reference_output"), ("metadata", "metadata")]
        {
            let object = cells.get(column).and_then(|text| Json::parse(text).ok());
            row.within(name, object.as_ref().unwrap_or(&Json::Null));
        }
        let began = cells.get("start_time").map(|text| Json::Text(text.into()));
        out.began(&Select::new(), began.and_then(|text| text.time()))?;
        out.row(&Select::new(), row)
    })
}
