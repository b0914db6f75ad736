//! The figures in the metadata of a card, as the Hugging Face hub reads them (`model-index`).

use std::fmt::Write as _;

use super::super::eval_results::dataset;
use super::marked::{Marks, Place};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{quoted, scalar};
use crate::report::v1::{Report, ReportGate};

/// Our lines among the metadata.
const LINES: Marks = Marks { begin: "# relgate:begin", end: "# relgate:end", close: "" };
/// What the metadata stand between.
const FENCE: &str = "---";

/// A card that nobody has written yet.
pub(super) fn with_title(report: &Report) -> String {
    format!("# {}\n", crate::report::escape::escape(report.name()))
}

/// The card with the figures in its metadata.
///
/// # Errors
/// Somebody changed our lines, or the metadata have a `model-index` of their own.
pub(super) fn put(file: &str, text: &str, report: &Report, end: &str) -> Result<String, Diagnostic> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_fence = |line: &&str| line.trim_end() == FENCE;
    let close = lines.iter().skip(1).position(is_fence).map(|at| at + 1);
    let (inner, rest): (String, String) = match (lines.first().filter(|line| is_fence(line)), close) {
        (Some(_), Some(close)) => (
            lines.iter().take(close).skip(1).copied().collect(),
            lines.iter().skip(close + 1).copied().collect(),
        ),
        (Some(_), None) => {
            let text = format!("the metadata of `{file}` do not end");
            return Err(Diagnostic::error(Code::CardDamaged, text)
                .at_line(file, 1)
                .help("close them with a line of `---`"));
        }
        (None, _) => (String::new(), text.to_owned()),
    };
    let place = Place { file, above: 1 };
    let own: Vec<&str> = inner.split_inclusive('\n').collect();
    let ours = LINES.find(place, &own)?;
    let theirs = |at: usize| ours.is_none_or(|(first, last)| at < first || at > last);
    if let Some((at, _)) =
        own.iter().enumerate().find(|(at, line)| theirs(*at) && line.starts_with("model-index:"))
    {
        let text = format!("the metadata of `{file}` have a `model-index` that relgate did not write");
        return Err(Diagnostic::error(Code::CardDamaged, text)
            .at_line(file, at as u64 + 2)
            .help("remove it, and the figures of the gates take its place; or keep it, and write the card elsewhere"));
    }
    let task = own.iter().find_map(|line| line.strip_prefix("pipeline_tag:")).map(str::trim);
    let body = index(report, task);
    let inner = if ours.is_some() {
        LINES.put(place, &inner, &body, end)?
    } else {
        inner + &LINES.marked(&body, end)
    };
    Ok(if inner.is_empty() { rest } else { format!("{FENCE}{end}{inner}{FENCE}{end}{rest}") })
}

/// One result a data set, since readers drop what two results on the same data do not share.
fn index(report: &Report, task: Option<&str>) -> String {
    let measured: Vec<&ReportGate> = report
        .gates
        .iter()
        .filter(|gate| gate.place.is_some() && gate.candidate.value.get().is_some())
        .collect();
    let on_hub = dataset(report);
    let mut results: Vec<(String, Option<String>, Vec<&ReportGate>)> = Vec::new();
    for gate in measured {
        let (kind, revision) = match &on_hub {
            Some(hub) => (hub.repository.clone(), hub.revision.clone()),
            None => (gate.candidate.evidence.clone(), None),
        };
        match results.iter_mut().find(|(known, ..)| *known == kind) {
            Some((_, _, gates)) => gates.push(gate),
            None => results.push((kind, revision, vec![gate])),
        }
    }
    if results.is_empty() {
        return String::new();
    }
    let mut text = format!("model-index:\n- name: {}\n  results:\n", scalar(report.name()));
    for (kind, revision, gates) in results {
        let _ = write!(
            text,
            "  - task:\n      type: {}\n    dataset:\n      type: {}\n      name: {}\n",
            task.map_or_else(|| "other".to_owned(), str::to_owned),
            quoted(&kind),
            quoted(&kind)
        );
        if let Some(revision) = revision {
            let _ = writeln!(text, "      revision: {}", quoted(&revision));
        }
        text.push_str("    metrics:\n");
        for gate in gates {
            let value = gate.candidate.value.get().unwrap_or_default();
            let name = format!("{}: {} ({}), {}", gate.id, gate.measured(), gate.rule, gate.came_to());
            let _ = write!(
                text,
                "    - type: {}\n      value: {value}\n      name: {}\n",
                scalar(&gate.metric),
                quoted(&name)
            );
        }
    }
    text
}
