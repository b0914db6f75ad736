//! Of a file that holds several runs (prompts times providers, filters, scenarios) one is judged, and the manifest says which.

use std::collections::BTreeSet;

use super::opened::{Opened, OpenedFile};
use super::selected::picked;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::quoted;
use crate::evidence::ToolRun;
use crate::manifest::Condition;

/// Runs that a message shows.
const SHOWN: usize = 6;

/// Makes sure that `conditions` pick the rows of one run.
///
/// # Errors
/// They pick those of several, or of none.
pub(super) fn check(opened: &Opened, conditions: &[Condition]) -> Result<(), Diagnostic> {
    opened.files.iter().try_for_each(|file| of_file(file, &opened.name, conditions))
}

fn of_file(file: &OpenedFile, entry: &str, conditions: &[Condition]) -> Result<(), Diagnostic> {
    let picks = picked(&file.catalog.told.runs, conditions).filter(|run| run.tried() > 0);
    let several: BTreeSet<_> = picks.map(|run| &run.select).collect();
    let all: BTreeSet<_> = runs_of(file).map(|run| &run.select).collect();
    let (shown, text) = match several.len() {
        0 if !all.is_empty() => {
            (all, format!("evidence `{entry}` selects none of the runs that its results hold"))
        }
        0 | 1 => return Ok(()),
        count => {
            let text = format!("evidence `{entry}` holds {count} runs, and nothing says which one counts");
            (several, text)
        }
    };
    let mut finding = Diagnostic::error(Code::SeveralRuns, text).in_file(file.source().name());
    let lines: Vec<String> = shown.iter().map(|select| line(select.iter())).collect();
    for line in lines.iter().take(SHOWN) {
        finding = finding.note(format!("there is {line}"));
    }
    if let Some(more) = lines.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        finding = finding.note(format!("and {more} more"));
    }
    let first = lines.first().map_or("", String::as_str);
    Err(finding.help(format!(
        "say it in the evidence entry, as in `where: {first}`; its `baseline:` may have a `where:` of its own"
    )))
}

fn runs_of(file: &OpenedFile) -> impl Iterator<Item = &ToolRun> {
    file.catalog.told.runs.iter().filter(|run| run.tried() > 0)
}

fn line<'s>(select: impl Iterator<Item = (&'s String, &'s String)>) -> String {
    let pairs: Vec<String> = select.map(|(label, value)| format!("{label}: {}", quoted(value))).collect();
    format!("{{ {} }}", pairs.join(", "))
}
