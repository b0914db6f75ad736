//! Azure AI Evaluation: the file of `evaluate(output_path=...)`.
//!
//! A score that is missing, a scorer that raised and a column of texts are all a bare `NaN`: a missing score. Its means leave
//! them out without a word, so they are made from the rows here. Pass rates that it states are rounded to two digits; those of
//! `*_result` are not. A target that raised ends the run without a file.

use super::about::{About, Head, Holding};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, case_of, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("rows.*.inputs.line_number") || head.has("rows") && head.has("metrics") && head.has("studio_url")
}

const WAYS: [Way; 1] = [&["rows", "*"]];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let select = Select::new();
    out.tool("azure-ai-evaluation", None);
    let mut lines = None;
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        lines = lines.max(json["inputs.line_number"].count());
        row(&json, out)
    })?;
    // Lines of the data are counted from 0.
    let listed = out.run(&select)?.rows;
    let unlisted = lines.map_or(0, |last| (last + 1).saturating_sub(listed));
    if unlisted > 0 { out.unlisted(&select, unlisted, "this line of the data has no row") } else { Ok(()) }
}

/// What the case is called: by its own column `id`, or what was asked.
fn id(json: &Json<'_>) -> Option<String> {
    if let Some(id) = json["inputs.id"].name().filter(|id| !id.is_empty()) {
        return Some(id.to_owned());
    }
    let asked =
        json.entries().iter().filter(|(key, _)| key.starts_with("inputs.") && key != "inputs.line_number");
    let asked: Vec<_> = asked.map(|(key, value)| (key.clone(), value.clone())).collect();
    match asked.as_slice() {
        [] => None,
        [(_, only)] => case_of(only),
        _ => case_of(&Json::Object(asked)),
    }
}

fn row(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let Some(id) = id(json) else { return Err(out.unlike("a row has no inputs")) };
    let mut row = Row::new(id);
    for (key, value) in json.entries() {
        match (key.strip_prefix("outputs."), key.as_ref()) {
            (Some("response"), _) => row.value("output", value),
            (Some(name), _) => row.value(name.to_owned(), value),
            (None, "inputs.line_number" | "inputs.id") => {}
            (None, "inputs.ground_truth") => row.value("expected", value),
            (None, _) => row.value(key.clone(), value),
        }
    }
    out.row(&Select::new(), row)
}
