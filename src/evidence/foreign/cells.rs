//! The rows of a CSV file that another tool wrote, by the names of its columns.

use csv::StringRecord;

use super::bounded::Bounded;
use super::file::ForeignFile;
use super::halt::Halt;
use crate::diagnostic::{Code, Diagnostic, Nature};
use crate::evidence::blocks::unreadable;

/// One row of cells.
pub(in crate::evidence) struct Cells<'r> {
    columns: &'r [String],
    record: &'r StringRecord,
    /// The line that the row starts on, from 1.
    pub(in crate::evidence) line: u64,
}

impl<'r> Cells<'r> {
    /// The cell of a column, the first of that name; none where it is empty or not there.
    pub(in crate::evidence) fn get(&self, column: &str) -> Option<&'r str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.at(at)
    }

    /// The cell at a place; none where it is empty.
    pub(in crate::evidence) fn at(&self, at: usize) -> Option<&'r str> {
        self.record.get(at).filter(|cell| !cell.is_empty())
    }

    /// Every cell, in the order of the row.
    pub(in crate::evidence) fn all(&self) -> impl Iterator<Item = &'r str> {
        self.record.iter()
    }

    /// The columns with their cells.
    pub(in crate::evidence) fn iter(&self) -> impl Iterator<Item = (&'r str, &'r str)> {
        self.columns.iter().map(String::as_str).zip(self.record.iter())
    }
}

/// How the rows of a file are cut into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::evidence) enum Cut {
    /// At commas, every row into as many as the header.
    Commas,
    /// At tabs, every row into as many as the header.
    Tabs,
    /// At commas; a table of another width may follow, with a header of its own.
    Sections,
}

/// Hands the rows of a file to `take`, with the names of its columns and the line that each starts on, from 1.
///
/// # Errors
/// The file cannot be read, a row has another number of cells than the header, and whatever `take` refuses.
pub(in crate::evidence) fn rows(
    file: &ForeignFile<'_>,
    cut: Cut,
    mut take: impl FnMut(&[String], Cells<'_>) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let (stream, bound) = Bounded::new(file.text());
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(if cut == Cut::Tabs { b'\t' } else { b',' })
        .flexible(cut == Cut::Sections)
        .from_reader(stream);
    let mut record = StringRecord::new();
    let wrong = |error: &csv::Error| worded(error, file.name());
    if !reader.read_record(&mut record).map_err(|error| wrong(&error))? {
        return Ok(());
    }
    let columns: Vec<String> =
        record.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    loop {
        bound.begin();
        if !reader.read_record(&mut record).map_err(|error| wrong(&error))? {
            return Ok(());
        }
        let line = record.position().map_or(1, csv::Position::line);
        file.standing.enter(line, true);
        take(&columns, Cells { columns: &columns, record: &record, line })?;
        file.standing.leave();
    }
}

fn worded(error: &csv::Error, file: &str) -> Halt {
    let line = error.position().map_or(1, csv::Position::line);
    let again = "let the tool write the file again; evidence that is not whole is never judged";
    match error.kind() {
        csv::ErrorKind::Io(error) => unreadable(file, error).into(),
        csv::ErrorKind::Utf8 { .. } => Diagnostic::error(Code::NotUtf8, "this row is not UTF-8 text")
            .at_line(file, line)
            .help("write the file as UTF-8")
            .into(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let text = format!("this row has {len} cells, and the header {expected_len}");
            let nature = if len < expected_len { Nature::CutOff } else { Nature::Malformed };
            Diagnostic::error(Code::BadRow, text).nature(nature).at_line(file, line).help(again).into()
        }
        _ => {
            Diagnostic::error(Code::BadRow, "this row cannot be read").at_line(file, line).help(again).into()
        }
    }
}
