//! Of a file that holds several runs (prompts times providers, filters, scenarios) one is judged, and the manifest says which.

use std::collections::BTreeSet;

use super::opened::Opened;
use crate::diagnostic::{Code, Diagnostic, printable, shortened};
use crate::evidence::ToldRun;
use crate::manifest::{Condition, Literal};

/// Runs that a message shows.
const SHOWN: usize = 6;

/// Makes sure that `conditions` pick the rows of one run.
///
/// # Errors
/// They pick those of several.
pub(super) fn check(opened: &Opened, conditions: &[Condition]) -> Result<(), Diagnostic> {
    let runs = opened.files.iter().flat_map(|file| &file.catalog.told.runs);
    let picked = runs.filter(|run| run.rows + run.unlisted > 0 && picks(conditions, run));
    let picked: BTreeSet<_> = picked.map(|run| &run.select).collect();
    if picked.len() < 2 {
        return Ok(());
    }
    let several =
        format!("evidence `{}` holds {} runs, and nothing says which one counts", opened.name, picked.len());
    let mut finding = Diagnostic::error(Code::SeveralRuns, several).in_file(opened.first_file());
    let lines: Vec<String> = picked.iter().map(|select| line(select.iter())).collect();
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

fn line<'s>(select: impl Iterator<Item = (&'s String, &'s String)>) -> String {
    let quoted = |text: &str| format!("'{}'", printable(shortened(text)).replace('\'', "''"));
    let pairs: Vec<String> = select.map(|(label, value)| format!("{label}: {}", quoted(value))).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// Whether rows of this run can meet the conditions.
fn picks(conditions: &[Condition], run: &ToldRun) -> bool {
    conditions.iter().all(|condition| {
        let Some(own) = run.select.get(&condition.field.value) else { return true };
        condition.any_of.iter().any(|literal| match literal {
            Literal::Text(text) | Literal::Number(text) => text == own,
            Literal::Bool(value) => own.eq_ignore_ascii_case(if *value { "true" } else { "false" }),
        })
    })
}
