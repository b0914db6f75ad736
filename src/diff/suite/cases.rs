//! The cases in the files of an evaluation suite, one after another: JSON Lines, CSV, lists in JSON and YAML.
//!
//! JSON Lines and CSV are streamed. A row that cannot be read counts as a case of its own, by its bytes, and is said to be
//! one; a file that ends in the middle of a row is refused, since nobody knows what is missing behind it. Deliberately
//! absent: what a case asks for.

use std::collections::BTreeMap;

use crate::artifact::{PinnedArtifact, PinnedFile};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::document::{self, Node};
use crate::diff::{ReleaseSide, files};

/// Keys that name a case, the best first.
const IDS: &[&str] = &["id", "case_id", "test_id", "sample_id", "question_id", "name", "key"];
/// Keys of a document that hold its cases.
const LISTS: &[&str] = &["cases", "tests", "samples", "questions", "examples", "items", "data", "evals"];
/// The longest row of a CSV file with line ends in its cells, in bytes.
const LONGEST: usize = 1_000_000;

/// How the cases of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One JSON object a line.
    JsonLines,
    /// A header row, then a case a row, cells between commas or tabs.
    Table(u8),
    /// JSON or YAML, read as a whole.
    Document,
    /// Nothing that holds cases.
    Other,
}

/// One case.
pub(super) struct Case {
    /// What names it; none where nothing does.
    pub(super) id: Option<String>,
    /// What it says; a text where it cannot be read.
    pub(super) node: Node,
    /// Whether it could not be read.
    pub(super) broken: bool,
}

impl Form {
    /// By the name of the file.
    pub(super) fn of(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
            Some("jsonl" | "ndjson") => Self::JsonLines,
            Some("csv") => Self::Table(b','),
            Some("tsv") => Self::Table(b'\t'),
            Some("json" | "yaml" | "yml") => Self::Document,
            _ => Self::Other,
        }
    }
}

impl Case {
    fn new(node: Node) -> Self {
        let id = IDS.iter().find_map(|key| node.get(key).and_then(Node::text)).filter(|id| !id.is_empty());
        Self { id, node, broken: false }
    }

    fn broken(bytes: &[u8]) -> Self {
        Self { id: None, node: Node::Text(String::from_utf8_lossy(bytes).into_owned()), broken: true }
    }
}

/// Hands over every case of a streamed file.
///
/// # Errors
/// It cannot be read, or is cut off.
pub(super) fn stream(
    side: (&ReleaseSide<'_>, &PinnedArtifact),
    file: &PinnedFile,
    form: Form,
    take: &mut dyn FnMut(Case),
) -> Result<(), Diagnostics> {
    let mut first = true;
    let (mut line_number, mut last_is_broken) = (0_u64, false);
    let mut table = None;
    if let Form::Table(separator) = form {
        table = Some(Table { separator, header: None, open: Vec::new() });
    }
    let ends = files::lines(side, file, &mut |line| {
        line_number += 1;
        let line = if first { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        first = false;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match &mut table {
            Some(table) => table.line(line, take),
            None if line.trim_ascii().is_empty() => {}
            None => {
                let read = std::str::from_utf8(line).ok().and_then(|line| document::json(line).ok());
                last_is_broken = read.is_none();
                take(match read {
                    Some(node @ Node::Map(_)) => Case::new(node),
                    _ => Case::broken(line),
                });
            }
        }
    })?;
    let open = table.is_some_and(|table| !table.open.is_empty());
    if open || (last_is_broken && !ends) {
        return Err(cut_off(&files::path(side.1, file), line_number).into());
    }
    Ok(())
}

fn cut_off(path: &str, line: u64) -> Diagnostic {
    Diagnostic::error(Code::SuiteCutOff, format!("`{path}` ends in the middle of a case"))
        .at_line(path, line)
        .note("the file was cut off, and nobody can tell which cases are missing behind it")
        .help("write or copy the evaluation suite again")
}

/// A CSV file that is read line by line.
struct Table {
    separator: u8,
    header: Option<Vec<String>>,
    /// A row whose last cell goes on in the next line.
    open: Vec<u8>,
}

impl Table {
    fn line(&mut self, line: &[u8], take: &mut dyn FnMut(Case)) {
        if !self.open.is_empty() {
            self.open.push(b'\n');
        }
        self.open.extend_from_slice(line);
        let quotes = memchr::memchr_iter(b'"', &self.open).count();
        if quotes % 2 == 1 && self.open.len() < LONGEST {
            return;
        }
        let row = std::mem::take(&mut self.open);
        if row.trim_ascii().is_empty() {
            return;
        }
        let cells =
            std::str::from_utf8(&row).ok().filter(|_| quotes.is_multiple_of(2)).map(|row| self.cells(row));
        match (cells, &self.header) {
            (Some(cells), None) => self.header = Some(cells),
            (Some(cells), Some(header)) if cells.len() == header.len() => {
                let map: BTreeMap<String, Node> =
                    header.iter().cloned().zip(cells.into_iter().map(Node::Text)).collect();
                take(Case::new(Node::Map(map)));
            }
            _ => take(Case::broken(&row)),
        }
    }

    /// The cells of a row; a quoted cell may hold separators, line ends and doubled quotes.
    fn cells(&self, row: &str) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        let mut letters = row.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => {
                    letters.next();
                    push(&mut cells, '"');
                }
                '"' => quoted = !quoted,
                _ if !quoted && letter == char::from(self.separator) => cells.push(String::new()),
                _ => push(&mut cells, letter),
            }
        }
        cells
    }
}

fn push(cells: &mut [String], letter: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(letter);
    }
}

/// The cases of a document and what else stands in it; why it holds none where it does not.
pub(super) fn document(name: &str, text: &str) -> Result<(Vec<Case>, Node), String> {
    let rest = || Node::Map(BTreeMap::new());
    if text.trim().is_empty() {
        return Ok((Vec::new(), rest()));
    }
    let node = document::parse(name, text).unwrap_or_else(|| Err("neither JSON nor YAML".to_owned()))?;
    match node {
        Node::List(items) => Ok((items.into_iter().map(Case::new).collect(), rest())),
        Node::Map(mut map) => {
            let key = LISTS.iter().find(|key| matches!(map.get(**key), Some(Node::List(_))));
            match key.and_then(|key| map.remove(*key)) {
                Some(Node::List(items)) => Ok((items.into_iter().map(Case::new).collect(), Node::Map(map))),
                _ => Err("no list of cases".to_owned()),
            }
        }
        _ => Err("no list of cases".to_owned()),
    }
}
