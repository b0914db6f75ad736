//! The file of references of an entry: its rows, found for the rows of the results by id or line by line.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::gather::{Input, rows_as};
use super::plan::{Plan, RowsAs};
use super::references::References;
use super::row::{id_of, key_in};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list, printable, shortened};
use crate::evidence::{Id, Sample, Sink, Value};

/// Those of the ids of results that are read now: one without references, or references without a row, is an error;
/// references without a row only where the results are whole.
///
/// # Errors
/// Damaged results, and what stands on one side only; `file` holds the references.
pub fn references_by_id(
    rows: Vec<(String, Vec<String>)>,
    inputs: &[Input<'_>],
    file: &str,
    is_whole: bool,
) -> Result<References, Diagnostics> {
    let ids = ids(inputs)?;
    // Of an id that is a hash already nobody knows how it is written.
    let hashed = rows_as(inputs) == RowsAs::Stripped;
    let mut known: HashMap<u64, (String, Vec<String>)> = HashMap::with_capacity(rows.len());
    for (id, references) in rows {
        let twice = known.insert(id_of(&id), (id.clone(), references)).is_some();
        if twice {
            let text = format!("`{}` stands here twice", printable(shortened(&id)));
            let finding = Diagnostic::error(Code::ReferencesUnmatched, text).in_file(file);
            return Err(finding
                .help("list all references of an id in one row: `[\"one\", \"other\"]`")
                .into());
        }
    }
    let without: Vec<&str> = ids
        .iter()
        .filter(|(key, id)| known.get(key).is_none_or(|(own, _)| own != id && !hashed))
        .map(|(_, id)| shortened(id))
        .collect();
    if !without.is_empty() {
        let text = format!(
            "{} ids of the results have no reference here: {}",
            without.len(),
            list(without.iter().copied(), 5)
        );
        return Err(unmatched(&text, file).into());
    }
    let asked: HashSet<u64> = ids.iter().map(|(key, _)| *key).collect();
    let mut left: Vec<&str> =
        known.iter().filter(|(key, _)| !asked.contains(key)).map(|(_, (id, _))| shortened(id)).collect();
    left.sort_unstable();
    if is_whole && !left.is_empty() {
        let text = format!(
            "{} ids have references here, and no answer: {}",
            left.len(),
            list(left.iter().copied(), 5)
        );
        return Err(unmatched(&text, file).into());
    }
    Ok(References::new(known.into_iter().map(|(key, (_, references))| (key, references)).collect()))
}

/// The lines of a text for the rows of results that are read now, in their order.
///
/// # Errors
/// Damaged results, or another number of rows; `file` holds the lines.
pub fn references_by_line(
    lines: Vec<String>,
    inputs: &[Input<'_>],
    file: &str,
) -> Result<References, Diagnostics> {
    let ids = ids(inputs)?;
    if ids.len() != lines.len() {
        let text = format!("the results have {} rows, and this file {} lines", ids.len(), lines.len());
        let finding = Diagnostic::error(Code::ReferencesUnmatched, text).in_file(file);
        return Err(finding
            .help("write one reference a line for every row, in the order of the rows; or find them by id: a file of rows with `id` and `reference`")
            .into());
    }
    let mut of: HashMap<u64, Vec<String>> = HashMap::with_capacity(lines.len());
    for ((key, id), line) in ids.into_iter().zip(lines) {
        // Several epochs of a question have one reference.
        if of.get(&key).is_some_and(|known| *known != [line.clone()]) {
            let text = format!("`{}` has more than one reference", printable(shortened(&id)));
            return Err(Diagnostic::error(Code::ReferencesUnmatched, text)
                .in_file(file)
                .help("rows of one id, such as its epochs, have one reference: write the same line for each")
                .into());
        }
        of.insert(key, vec![line]);
    }
    Ok(References::new(of))
}

fn unmatched(text: &str, file: &str) -> Diagnostic {
    Diagnostic::error(Code::ReferencesUnmatched, text.to_owned())
        .in_file(file)
        .help("a case without an answer, or without a reference, is not judged in silence: complete the results, or the file")
}

/// The ids of all rows, in their order, with what a table knows them by.
fn ids(inputs: &[Input<'_>]) -> Result<Vec<(u64, String)>, Diagnostics> {
    let plan = Arc::new(Plan::new(&[], None, rows_as(inputs), &[]));
    let mut all = Ids { plan: Arc::clone(&plan), ids: Vec::new() };
    for input in inputs {
        input.stream(&plan, &mut all)?;
    }
    Ok(all.ids)
}

fn written(id: &Id<'_>) -> String {
    match id {
        Id::Text(text) => text.to_string(),
        Id::Integer(integer) => integer.to_string(),
    }
}

struct Ids {
    plan: Arc<Plan>,
    ids: Vec<(u64, String)>,
}

impl Sink for Ids {
    fn fork(&self) -> Self {
        Self { plan: Arc::clone(&self.plan), ids: Vec::new() }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        self.ids.push((key_in(&self.plan, &sample.id, None), written(&sample.id)));
        Ok(())
    }

    fn absorb(&mut self, later: Self, _line_offset: u64) -> Result<(), Diagnostic> {
        self.ids.extend(later.ids);
        Ok(())
    }
}

/// Collects the references of a file of rows, whose only projected field holds them.
#[derive(Debug, Default)]
pub struct ReferenceRows {
    /// Ids as they are written, with their references.
    pub rows: Vec<(String, Vec<String>)>,
}

impl Sink for ReferenceRows {
    fn fork(&self) -> Self {
        Self::default()
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let references = match sample.values.first() {
            Some(Value::Text(text)) => vec![text.to_string()],
            Some(Value::Texts(texts)) if !texts.is_empty() => texts.iter().map(ToString::to_string).collect(),
            _ => {
                let text = format!("`{}` has no reference here", printable(shortened(&written(&sample.id))));
                return Err(Diagnostic::error(Code::ReferencesUnmatched, text)
                    .help("write the text, or the list of texts, that its answer is compared with"));
            }
        };
        self.rows.push((written(&sample.id), references));
        Ok(())
    }

    fn absorb(&mut self, later: Self, _line_offset: u64) -> Result<(), Diagnostic> {
        self.rows.extend(later.rows);
        Ok(())
    }
}
