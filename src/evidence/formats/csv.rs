//! CSV (RFC 4180): a header row of field names, then a sample a row.
//!
//! Read strictly: a quote that does not close, or stands inside a bare cell, is an error, because a reader that
//! puts up with it swallows rows in silence. A byte order mark, carriage returns before line feeds and blank lines are
//! put up with; semicolons or tabs may stand between the cells. CSV has no place for an identity.

use std::borrow::Cow;
use std::collections::HashSet;

use memchr::{memchr, memchr2, memchr3};

use super::about::{About, Cells, Head, Holding, Layout};
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::document::{Cause, Fault};
use crate::evidence::blocks::{MOST_FINDINGS, Outcome, hollow_row};
use crate::evidence::feed::{Block, Rows as RowEnds};
use crate::evidence::row::Rows;
use crate::evidence::wrong_value::{not_finite, quoted};

/// What the format says of itself.
pub(super) static ABOUT: About = About {
    endings: &["csv", "tsv"],
    shows,
    content: Holding::Samples(runs),
    text_labels: true,
    fields: &[],
};

/// A first line of several names, one of them `id`.
fn shows(head: &Head<'_>) -> bool {
    let first = first_line(head.text);
    let Ok(text) = std::str::from_utf8(first) else { return false };
    let mut reader = Reader { text, layout: Cells::of(head.text), at: 0, lines: 0 };
    let mut cells = Vec::new();
    reader.record(&mut cells).is_ok() && cells.len() > 1 && cells.iter().any(|name| name == "id")
}

fn runs(head: &Head<'_>) -> Result<Vec<Layout>, Diagnostic> {
    let alone = memchr(b'\n', head.text).is_none() && memchr(b'\r', head.text.trim_ascii_end()).is_some();
    if alone {
        return Err(Diagnostic::error(Code::NotCsv, "the rows end with a carriage return alone")
            .in_file(head.name)
            .help("write line feeds, or carriage return and line feed, at the end of every row"));
    }
    Ok(vec![Layout::Table(Cells::of(head.text))])
}

/// The first line, without what ends it.
fn first_line(text: &[u8]) -> &[u8] {
    memchr2(b'\n', b'\r', text).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The columns of a file.
#[derive(Debug)]
pub(in crate::evidence) struct Columns {
    names: Vec<String>,
    cells: Cells,
}

impl Columns {
    /// What is wrong where a cell stands below no name.
    fn nameless(&self, cells: &[Cow<'_, str>]) -> Option<Diagnostic> {
        let columns = (1..).zip(&self.names).zip(cells);
        let ((number, _), cell) =
            columns.into_iter().find(|((_, name), cell)| is_nameless(name) && !cell.is_empty())?;
        let title =
            format!("column {number} has no name in the header row, and here it holds {}", quoted(cell));
        Some(
            Diagnostic::error(Code::BadHeader, title)
                .help("name every column that holds something; empty columns need no name"),
        )
    }
}

impl Cells {
    /// How a file writes its cells: by the separator that stands most often between the names of its first row.
    pub(in crate::evidence) fn of(head: &[u8]) -> Self {
        let (mut commas, mut semicolons, mut tabs, mut quoted) = (0, 0, 0, false);
        for byte in first_line(head) {
            match byte {
                b'"' => quoted = !quoted,
                b',' if !quoted => commas += 1,
                b';' if !quoted => semicolons += 1,
                b'\t' if !quoted => tabs += 1,
                _ => {}
            }
        }
        if tabs > commas && tabs > semicolons {
            Self::of_tabs(head)
        } else if semicolons > commas {
            Self::Semicolons
        } else {
            Self::Commas
        }
    }

    /// How a file with tabs writes its cells, by the rows it begins with: what is no row with quotes around cells has
    /// quotes that mean themselves. Many writers of such files know no quotes at all.
    pub(in crate::evidence) fn of_tabs(head: &[u8]) -> Self {
        let end = memchr::memrchr(b'\n', head).map_or(head.len(), |at| at + 1);
        let text = head.get(..end).and_then(|whole| std::str::from_utf8(whole).ok()).unwrap_or_default();
        let mut reader = Reader { text, layout: Self::Tabs, at: 0, lines: 0 };
        let (mut cells, mut width) = (Vec::new(), None);
        loop {
            match reader.record(&mut cells) {
                Ok(None) if text.contains('"') => return Self::Tabs,
                Ok(Some(_)) if *width.get_or_insert(cells.len()) == cells.len() => {}
                _ => return Self::BareTabs,
            }
        }
    }

    fn separator(self) -> u8 {
        match self {
            Self::Commas => b',',
            Self::Semicolons => b';',
            Self::Tabs | Self::BareTabs => b'\t',
        }
    }

    /// Where its rows end.
    pub(in crate::evidence) fn rows(self) -> RowEnds {
        match self {
            Self::Commas | Self::Semicolons | Self::Tabs => RowEnds::Quoted,
            Self::BareTabs => RowEnds::Lines,
        }
    }
}

/// Checks the names in a header row.
pub(in crate::evidence) type NameCheck<'h> = &'h dyn Fn(Vec<Cow<'_, str>>) -> Result<Vec<String>, Fault>;

/// Reads the header row that `block`, the first of the file, starts with.
pub(in crate::evidence) fn header_of(
    block: &Block,
    file: &str,
    layout: Cells,
    check: NameCheck<'_>,
) -> Result<Columns, Diagnostic> {
    // A character that is not UTF-8 in a later row is that row's finding.
    let text = match std::str::from_utf8(block.rows()) {
        Ok(text) => text,
        Err(error) => block
            .rows()
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
    };
    let mut cells = Vec::new();
    let mut reader = Reader { text, layout, at: 0, lines: 0 };
    let begun = reader.record(&mut cells);
    let line = reader.lines.max(1);
    let nothing = cells.is_empty();
    let names = begun.and_then(|_| check(cells));
    names.map(|names| Columns { names, cells: layout }).map_err(|fault| match word(fault) {
        // What is not there stands on no line.
        finding if nothing => finding.in_file(file),
        finding => finding.at_line(file, line),
    })
}

fn is_nameless(column: &str) -> bool {
    column.trim().is_empty()
}

/// Checks the names of any header row. A spreadsheet leaves columns without a name behind the last; they must hold nothing.
pub(in crate::evidence) fn header(cells: Vec<Cow<'_, str>>) -> Result<Vec<String>, Fault> {
    let names: Vec<String> = cells.into_iter().map(Cow::into_owned).collect();
    let mut seen = HashSet::with_capacity(names.len());
    for name in names.iter().filter(|name| !is_nameless(name)) {
        if !seen.insert(name) {
            let title = format!("the header row names `{}` twice", printable(name));
            return Err(Diagnostic::error(Code::DuplicateKey, title)
                .help("keep one of the two columns")
                .into());
        }
    }
    Ok(names)
}

/// Hands the rows of a block to `rows`.
pub(super) fn read<'a, R: Rows<'a>>(block: &'a Block, columns: &Columns, rows: &mut R) -> Outcome {
    let mut outcome = Outcome::default();
    let bytes = block.rows();
    let (text, bad) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(valid).unwrap_or_default(), true)
        }
    };
    let slots: Vec<Option<u32>> =
        columns.names.iter().map(|name| rows.slot(name).filter(|_| !is_nameless(name))).collect();
    let mut reader = Reader { text, layout: columns.cells, at: 0, lines: 0 };
    let mut cells = Vec::with_capacity(slots.len());
    let mut header = block.first;
    let some_nameless = columns.names.iter().any(|name| is_nameless(name));
    while outcome.findings.len() < MOST_FINDINGS {
        let line = match reader.record(&mut cells) {
            Ok(Some(line)) => line,
            Ok(None) => break,
            // Where a quote is astray nobody can tell where the next row starts.
            Err(_) if bad => break,
            Err(fault) => {
                outcome.push(reader.lines.max(1), word(fault));
                return outcome;
            }
        };
        if bad && reader.at >= text.len() {
            break;
        }
        if std::mem::take(&mut header) {
            continue;
        }
        if cells.len() > 1 && !rows.takes_hollow() && cells.iter().all(|cell| cell.is_empty()) {
            outcome.hollow.get_or_insert(line);
            continue;
        }
        if let Some(hollow) = outcome.hollow.take() {
            outcome.push(hollow, hollow_row());
        }
        if let Some(finding) = some_nameless.then(|| columns.nameless(&cells)).flatten() {
            outcome.push(line, finding);
            break;
        }
        match row(&mut cells, &slots, line, rows) {
            Ok(()) => outcome.rows += 1,
            Err(_) if rows.puts_up_with_torn() => {}
            Err(fault) => drop(outcome.push(line, word(fault))),
        }
    }
    outcome.lines = reader.lines;
    if bad && outcome.findings.len() < MOST_FINDINGS {
        let line = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64 + 1;
        outcome.push(
            line,
            Diagnostic::error(Code::NotUtf8, "this line is not UTF-8 text").help("write the file as UTF-8"),
        );
    }
    outcome
}

/// Hands over one row.
fn row<'a, R: Rows<'a>>(
    cells: &mut Vec<Cow<'a, str>>,
    slots: &[Option<u32>],
    line: u64,
    rows: &mut R,
) -> Result<(), Fault> {
    if cells.len() != slots.len() {
        let title = format!("this row has {} cells where the header row has {}", cells.len(), slots.len());
        return Err(Diagnostic::error(Code::BadRow, title)
            .help("put double quotes around text that holds commas, and check that the file is not cut off")
            .into());
    }
    rows.begin();
    for (cell, slot) in cells.drain(..).zip(slots) {
        if let Some(slot) = slot {
            rows.cell(*slot, cell)?;
        }
    }
    rows.end(line)
}

/// Words a fault.
fn word(fault: Fault) -> Diagnostic {
    match fault.cause() {
        Cause::Finding(finding) => finding,
        Cause::NotFinite { field, word } => not_finite(&field, &word),
        Cause::CutOff | Cause::Repeated(_) => {
            Diagnostic::error(Code::CutOff, "text in double quotes starts here and does not end")
                .nature(Nature::CutOff)
                .help("check that the file is not cut off; write a double quote inside of text twice")
        }
        Cause::Syntax(_, what) => Diagnostic::error(Code::NotCsv, format!("this row is not CSV: {what}"))
            .help("write the file with a CSV library"),
    }
}

/// Splits a text into records.
struct Reader<'a> {
    text: &'a str,
    layout: Cells,
    at: usize,
    /// Lines that were read, up to and with the last record.
    lines: u64,
}

impl<'a> Reader<'a> {
    /// Reads the next record that is not blank; the line that it starts on, or `None` at the end.
    fn record(&mut self, cells: &mut Vec<Cow<'a, str>>) -> Result<Option<u64>, Fault> {
        cells.clear();
        while self.at < self.text.len() {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(blank) = ["\n", "\r\n"].into_iter().find(|end| rest.starts_with(end)) else { break };
            self.at += blank.len();
            self.lines += 1;
        }
        if self.at >= self.text.len() {
            return Ok(None);
        }
        self.lines += 1;
        let line = self.lines;
        while self.cell(cells)? {}
        Ok(Some(line))
    }

    /// Reads a cell and what ends it; says whether another follows.
    fn cell(&mut self, cells: &mut Vec<Cow<'a, str>>) -> Result<bool, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let separator = self.layout.separator();
        if self.layout == Cells::BareTabs {
            let end = memchr2(separator, b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let cell = rest.get(..end).unwrap_or_default();
            self.at += end;
            let is_last = rest.as_bytes().get(end) != Some(&separator);
            let cell = if is_last { cell.strip_suffix('\r').unwrap_or(cell) } else { cell };
            cells.push(Cow::Borrowed(cell));
        } else if rest.starts_with('"') {
            let cell = self.quoted(rest)?;
            cells.push(cell);
        } else {
            let end = memchr3(separator, b'\n', b'"', rest.as_bytes()).unwrap_or(rest.len());
            let cell = rest.get(..end).unwrap_or_default();
            self.at += end;
            match rest.as_bytes().get(end) {
                Some(b'"') => {
                    return Err(Fault::syntax(
                        self.at,
                        "a double quote stands inside a cell that does not start with one",
                    ));
                }
                Some(byte) if *byte == separator => cells.push(Cow::Borrowed(cell)),
                _ => cells.push(Cow::Borrowed(cell.strip_suffix('\r').unwrap_or(cell))),
            }
        }
        self.separator()
    }

    /// Reads what ends a cell.
    fn separator(&mut self) -> Result<bool, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (more, length) = match rest {
            "" | "\r" => (false, rest.len()),
            _ if rest.starts_with(char::from(self.layout.separator())) => (true, 1),
            _ if rest.starts_with('\n') => (false, 1),
            _ if rest.starts_with("\r\n") => (false, 2),
            _ => {
                return Err(Fault::syntax(
                    self.at,
                    match self.layout {
                        Cells::Commas => {
                            "after a closing double quote a comma or the end of the row was expected"
                        }
                        Cells::Semicolons => {
                            "after a closing double quote a semicolon or the end of the row was expected"
                        }
                        Cells::Tabs | Cells::BareTabs => {
                            "after a closing double quote a tab or the end of the row was expected"
                        }
                    },
                ));
            }
        };
        self.at += length;
        Ok(more)
    }

    /// Reads a cell in quotes; `rest` starts with the opening one.
    fn quoted(&mut self, rest: &'a str) -> Result<Cow<'a, str>, Fault> {
        let mut end = 1;
        let mut doubled = false;
        loop {
            let ahead = rest.as_bytes().get(end..).unwrap_or_default();
            end += memchr(b'"', ahead).ok_or_else(Fault::cut_off)?;
            if rest.as_bytes().get(end + 1) != Some(&b'"') {
                break;
            }
            doubled = true;
            end += 2;
        }
        let inside = rest.get(1..end).unwrap_or_default();
        self.at += end + 1;
        self.lines += memchr::memchr_iter(b'\n', inside.as_bytes()).count() as u64;
        Ok(if doubled { Cow::Owned(inside.replace("\"\"", "\"")) } else { Cow::Borrowed(inside) })
    }
}
