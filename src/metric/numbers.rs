//! The numbers of a table as rows of `relgate/numbers/v1`: hashed ids, gated scores, slice keys; no text but those keys.
//!
//! In the order of the keys, whatever the order of the rows was. Rows are formatted in blocks on every core and handed on in
//! order; a few blocks are all that is held.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;

use super::column::Column;
use super::counts::Counts;
use super::label::Labels;
use super::table::Table;
use crate::evidence::{MeasuredWith, NUMBERS};

/// Rows of a block.
const ROWS: usize = 16 << 10;
/// Blocks that are formatted at a time, while those before are written.
const BLOCKS: usize = 4;

/// What stands behind the name of the schema.
#[derive(Serialize)]
struct Header<'a> {
    columns: Vec<&'a str>,
    rows: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured_with: Option<&'a MeasuredWith>,
}

/// One column.
enum Cells<'a> {
    Id,
    /// By row: the epoch's number among those of its id.
    Epoch(Vec<u32>),
    Unit,
    Score(&'a Column),
    /// One of the counts of each row.
    Count(&'a Counts, usize),
    /// With the JSON text of each value.
    Label(&'a Labels, Vec<String>),
    Mask(&'a [bool]),
}

impl Table {
    /// Writes the numbers, readable as evidence again.
    ///
    /// # Errors
    /// Of `out`.
    pub fn write_numbers(&self, out: &mut (dyn Write + Send)) -> io::Result<()> {
        let columns = self.cells();
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let with = Some(&self.measured_with).filter(|with| !with.is_empty());
        let header = Header { columns: names, rows: self.selected(), measured_with: with };
        let header = serde_json::to_string(&header)?;
        let rest = header.strip_prefix('{').unwrap_or_default();
        writeln!(out, "{{\"schema\":\"{NUMBERS}\",{rest}")?;
        let rows = self.selected() as usize;
        let starts: Vec<usize> = (0..rows).step_by(ROWS).collect();
        let block = |from: &usize| self.block(*from..rows.min(from + ROWS), &columns);
        let mut formatted: Vec<Vec<u8>> = Vec::new();
        for starts in starts.chunks(BLOCKS) {
            let (written, next) = rayon::join(
                || formatted.iter().try_for_each(|block| out.write_all(block)),
                || starts.par_iter().map(block).collect(),
            );
            written?;
            formatted = next;
        }
        formatted.iter().try_for_each(|block| out.write_all(block))
    }

    /// The columns by their names; a name stands once, and a label under the name of a score says the same and more.
    fn cells(&self) -> Vec<(String, Cells<'_>)> {
        let mut columns = vec![("id".to_owned(), Cells::Id)];
        if self.has_epochs {
            columns.push(("epoch".to_owned(), Cells::Epoch(self.epochs())));
        }
        for (name, labels) in self.all_labels() {
            let texts = labels.names().iter().map(|label| label.to_json().to_string()).collect();
            columns.push((name.to_owned(), Cells::Label(labels, texts)));
        }
        for (name, column) in self.all_columns() {
            columns.push((name.to_owned(), Cells::Score(column)));
        }
        for (texts, counts) in self.all_counts() {
            columns.extend(texts.columns().zip((0..).map(|place| Cells::Count(counts, place))));
        }
        for (name, mask) in self.all_masks() {
            columns.push((name, Cells::Mask(mask)));
        }
        if let Some(name) = self.plan().cluster_name() {
            columns.push((name, Cells::Unit));
        }
        let mut names = BTreeSet::new();
        columns.retain(|(name, _)| names.insert(name.clone()));
        columns
    }

    /// The number of each row's epoch among those of its id, by row, from 1 in the order of the keys.
    fn epochs(&self) -> Vec<u32> {
        let rows = self.all_rows();
        rows.chunk_by(|a, b| self.id(*a as usize) == self.id(*b as usize))
            .flat_map(|rows| (1..).take(rows.len()))
            .collect()
    }

    fn block(&self, rows: Range<usize>, columns: &[(String, Cells<'_>)]) -> Vec<u8> {
        let mut text = Vec::with_capacity(rows.len() * 16 * columns.len());
        for row in rows {
            for (number, (_, cells)) in columns.iter().enumerate() {
                text.push(if number == 0 { b'[' } else { b',' });
                // Writing into memory does not fail.
                let _ = self.cell(row, cells, &mut text);
            }
            text.extend_from_slice(b"]\n");
        }
        text
    }

    fn cell(&self, row: usize, cells: &Cells<'_>, text: &mut Vec<u8>) -> io::Result<()> {
        match cells {
            Cells::Id => serde_json::to_writer(text, &self.id(row).cast_signed())?,
            Cells::Epoch(epochs) => serde_json::to_writer(text, &epochs.get(row))?,
            Cells::Unit => match self.cluster(row) {
                Some(unit) => write!(text, "\"{unit:016x}\"")?,
                None => text.extend_from_slice(b"null"),
            },
            Cells::Score(column) => match column.bit(row) {
                Some(bit) => text.push(if bit { b'1' } else { b'0' }),
                None => score(column.get(row), text)?,
            },
            Cells::Count(counts, place) => score(counts.at(row, *place), text)?,
            Cells::Label(labels, texts) => {
                let label = labels.at(row).and_then(|at| texts.get(at));
                text.extend_from_slice(label.map_or("null", String::as_str).as_bytes());
            }
            Cells::Mask(mask) => {
                let selected = mask.get(row).copied().unwrap_or(false);
                text.extend_from_slice(if selected { b"true" } else { b"false" });
            }
        }
        Ok(())
    }
}

/// A number in as few digits as read back to the same.
pub(super) fn score(number: Option<f64>, text: &mut Vec<u8>) -> io::Result<()> {
    /// Whole numbers below it are exact, and need no decimal point.
    const EXACT: f64 = 9e15;
    let Some(number) = number else {
        text.extend_from_slice(b"null");
        return Ok(());
    };
    // What is too large for an integer becomes the largest, which is far above.
    #[allow(clippy::cast_possible_truncation, reason = "compared with the number that it was made of")]
    let whole = number as i64;
    if (whole as f64).to_bits() == number.to_bits() && number.abs() < EXACT {
        return Ok(serde_json::to_writer(text, &whole)?);
    }
    Ok(serde_json::to_writer(text, &number)?)
}
