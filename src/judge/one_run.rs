//! Of several runs (prompts times providers, filters, scenarios, tasks) in a file or in the files of an entry one is judged, and the
//! manifest says which. Several are judged together where it names them all.

use std::collections::{BTreeMap, BTreeSet};

use super::opened::{Opened, OpenedFile};
use super::selected::picked;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::quoted;
use crate::evidence::ToolRun;
use crate::manifest::Condition;

/// Runs that a message shows.
const SHOWN: usize = 6;

/// Makes sure that `conditions` pick the rows of one run of each file, and of the same run of all files but where they name
/// several; of some files they may pick none.
///
/// # Errors
/// They pick those of several, or of none at all.
pub(super) fn check(opened: &Opened, conditions: &[Condition]) -> Result<(), Diagnostic> {
    let entry = &opened.name;
    let mut any = false;
    for file in &opened.files {
        let picks: BTreeSet<_> = picked(&file.catalog.told.runs, conditions)
            .filter(|run| run.tried() > 0)
            .map(|run| &run.select)
            .collect();
        if picks.len() > 1 {
            let count = picks.len();
            let text = format!("evidence `{entry}` holds {count} runs, and nothing says which one counts");
            return Err(finding(text, file, &picks));
        }
        any |= !picks.is_empty();
    }
    of_all_files(opened, conditions)?;
    let Some(file) = opened.files.iter().find(|file| !any && runs_of(file).next().is_some()) else {
        return Ok(());
    };
    let all = opened.files.iter().flat_map(runs_of).map(|run| &run.select).collect();
    Err(finding(format!("evidence `{entry}` selects none of the runs that its results hold"), file, &all))
}

/// Files of samples of several runs are no one run, whatever their ids are.
fn of_all_files(opened: &Opened, conditions: &[Condition]) -> Result<(), Diagnostic> {
    let mut met: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut picks = BTreeSet::new();
    for file in opened.files.iter().filter(|file| file.catalog.has_samples()) {
        for run in picked(&file.catalog.told.runs, conditions).filter(|run| run.tried() > 0) {
            picks.insert(&run.select);
            for (label, value) in &run.select {
                met.entry(label).or_default().insert(value);
            }
            let is_named = |label: &str| conditions.iter().any(|condition| condition.field.value == label);
            if met.iter().any(|(label, values)| values.len() > 1 && !is_named(label)) {
                let text = format!(
                    "the files of evidence `{}` hold {} runs, and nothing says which one counts",
                    opened.name,
                    picks.len()
                );
                return Err(finding(text, file, &picks));
            }
        }
    }
    Ok(())
}

fn finding(text: String, file: &OpenedFile, runs: &BTreeSet<&BTreeMap<String, String>>) -> Diagnostic {
    let mut finding = Diagnostic::error(Code::SeveralRuns, text).in_file(file.source().name());
    let lines: Vec<String> = runs.iter().map(|select| line(select.iter())).collect();
    for line in lines.iter().take(SHOWN) {
        finding = finding.note(format!("there is {line}"));
    }
    if let Some(more) = lines.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        finding = finding.note(format!("and {more} more"));
    }
    let first = lines.first().map_or("", String::as_str);
    finding.help(format!(
        "say it in the evidence entry, as in `where: {first}`; its `baseline:` may have a `where:` of its own"
    ))
}

fn runs_of(file: &OpenedFile) -> impl Iterator<Item = &ToolRun> {
    file.catalog.told.runs.iter().filter(|run| run.tried() > 0)
}

fn line<'s>(select: impl Iterator<Item = (&'s String, &'s String)>) -> String {
    let pairs: Vec<String> = select.map(|(label, value)| format!("{label}: {}", quoted(value))).collect();
    format!("{{ {} }}", pairs.join(", "))
}
