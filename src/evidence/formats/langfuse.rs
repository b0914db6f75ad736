//! Langfuse: the result of `run_experiment` as JSON, attribute by attribute, of Python or JavaScript.
//!
//! An item whose task raised is not in the list, and nothing says how many there were: attempts are unknown, and a warning
//! says so. An evaluator that raised leaves nothing either; its score is missing. No latency, tokens or model is in it.
//! The text that `result.format()` makes for people has no ids and rounded scores, and is refused.

use super::about::{About, Head, Holding};
use super::stated::Measured;
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::foreign::{ForeignFile, Halt, Json, Retelling, Row, Select, Way, case_of, parts};

/// What the format says of itself.
pub(super) static ABOUT: About =
    About { endings: &[], shows, content: Holding::Foreign(retell), text_labels: true, fields: &[] };

fn shows(head: &Head<'_>) -> bool {
    head.has("item_results") || head.has("itemResults") || is_text(head.text)
}

/// The report for people: items with their scores, or only the averages.
fn is_text(text: &[u8]) -> bool {
    let has = |words: &str| memchr::memmem::find(text, words.as_bytes()).is_some();
    !text.starts_with(b"{")
        && (text.starts_with(b"1. Item 1:") && has("Scores:") && has("Trace ID:")
            || has("Experiment: ") && has("Average Scores:") && has("Run name: "))
}

const WAYS: [Way; 6] = [
    &["item_results", "*"],
    &["itemResults", "*"],
    &["run_evaluations", "*"],
    &["runEvaluations", "*"],
    &["run_name"],
    &["runName"],
];

fn retell(file: &ForeignFile<'_>, out: &mut Retelling) -> Result<(), Halt> {
    out.tool("langfuse", None);
    if is_text(&file.first_bytes()?) {
        let text = "this is Langfuse's report for people: it rounds the scores and names no case";
        return Err(Diagnostic::error(Code::UnknownFormat, text)
            .in_file(file.name())
            .help("write the result of `run_experiment` itself as JSON (`item_results`, `run_evaluations`), and name that file")
            .into());
    }
    let mut runs = Vec::new();
    parts(file, &WAYS, |part| {
        let json = part.json(file.name())?;
        match part.way {
            0 | 1 => item(&json, out),
            2 | 3 => {
                let name = json["name"].words().unwrap_or_default();
                runs.extend(json["value"].figure().map(|figure| (format!("run/{name}"), part.line, figure)));
                Ok(())
            }
            // The name of the experiment and the time at which it began.
            _ => {
                let time = json.text().and_then(|name| name.rsplit_once(" - ")).map(|(_, time)| time);
                out.began(&Select::new(), time.and_then(|time| Json::Text(time.into()).time()))
            }
        }
    })?;
    // Of the items that did not raise, however many those were; of none they say nothing.
    if out.run(&Select::new())?.rows > 0 {
        for (name, line, figure) in runs {
            out.aggregate(&name, line, Measured::Point(figure))?;
        }
    }
    let text = "Langfuse leaves out the items whose task raised, and does not say how many";
    out.doubt(
        Diagnostic::warning(Code::ErrorsNotListed, text)
            .help("compare the number of cases with that of the dataset, for example with `min_samples:`"),
    );
    Ok(())
}

fn item(json: &Json<'_>, out: &mut Retelling) -> Result<(), Halt> {
    let item = &json["item"];
    let own = item["id"].words().map(str::to_owned);
    let Some(id) = own.or_else(|| case_of(&item["input"])) else {
        return Err(out.unlike("an item has neither an `id` nor an `input`"));
    };
    let mut row = Row::new(id);
    for evaluation in json["evaluations"].list() {
        let Some(name) = evaluation["name"].words() else { continue };
        let kind = ["data_type", "dataType"].iter().find_map(|key| evaluation[*key].words());
        match (kind, evaluation["value"].number()) {
            (Some("BOOLEAN"), Some(value)) => row.truth(name.to_owned(), Some(value > 0.5)),
            _ => row.value(name.to_owned(), &evaluation["value"]),
        }
    }
    row.value("output", &json["output"]);
    for key in ["expected_output", "expectedOutput"] {
        if !item[key].is_null() {
            row.value("expected", &item[key]);
        }
    }
    row.within("input", &item["input"]);
    row.within("metadata", &item["metadata"]);
    out.row(&Select::new(), row)
}
