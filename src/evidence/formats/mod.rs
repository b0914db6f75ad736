//! The registry of formats: a file each, and a line each in [`about`].
//!
//! A format says how its files are told from others, where the rows of its runs stand, and what its tool calls the
//! fields. Reading itself is shared: rows of lines, of a list, of cells.

mod csv;
mod json_list;
mod jsonl;
mod metrics;
mod numbers;

pub(super) use csv::{Cells, Columns, NameCheck, header, header_of};
pub(super) use json_list::Elements;
pub(super) use metrics::Metrics;
pub use metrics::{Figure, Measured, StatedAggregate};
pub use numbers::NUMBERS;
pub(super) use numbers::Numbers;

use super::blocks::Outcome;
use super::feed::Block;
use super::row::Rows;
use super::source::{Compression, Source};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::Format;

/// What a format says of itself.
pub(super) struct About {
    /// The endings that its files usually have.
    pub(super) endings: &'static [&'static str],
    /// Whether the first bytes of a file show it.
    pub(super) shows: fn(&Head<'_>) -> bool,
    /// What is in its files.
    pub(super) content: Holding,
    /// Whether every label is text, so that `true` and `"true"` are one.
    pub(super) text_labels: bool,
    /// What its tool calls the fields: our name, and where the value stands; several are joined.
    pub(super) fields: &'static [(&'static str, &'static [&'static str])],
}

/// What the files of a format hold.
pub(super) enum Holding {
    /// Samples: the runs of a file, and how the rows of each are written.
    Samples(fn(&Head<'_>) -> Result<Vec<Layout>, Diagnostic>),
    /// Numbers that somebody computed.
    Aggregates(fn(&dyn Source, Compression) -> Result<Metrics, Diagnostics>),
}

/// How the rows of a run are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// An object a line.
    Lines {
        /// Whether the first may be a header of ours.
        header: bool,
    },
    /// One JSON list of objects.
    List,
    /// A header row, then a row of cells each.
    Table(Cells),
    /// A header that names the columns, then a JSON array a line.
    Arrays,
}

/// The first bytes of a file, unpacked.
pub(super) struct Head<'a> {
    /// What messages call the file.
    pub(super) name: &'a str,
    /// The text, without a byte order mark and white space before it; never empty.
    pub(super) text: &'a [u8],
    /// The ending of its name in lower case, without that of its packing.
    pub(super) ending: Option<&'a str>,
}

/// What a format says of itself: the registry.
pub(super) fn about(format: Format) -> &'static About {
    match format {
        Format::Jsonl => &jsonl::ABOUT,
        Format::JsonList => &json_list::ABOUT,
        Format::Csv => &csv::ABOUT,
        Format::Metrics => &metrics::ABOUT,
        Format::Numbers => &numbers::ABOUT,
    }
}

impl Format {
    /// Whether its files hold samples; else they hold aggregates.
    #[must_use]
    pub fn has_samples(self) -> bool {
        matches!(about(self).content, Holding::Samples(_))
    }

    /// Whether every label is text, so that `true` and `"true"` are one.
    #[must_use]
    pub fn labels_are_text(self) -> bool {
        about(self).text_labels
    }
}

/// The format whose files begin like this, the first of the list where several do; what the bytes say wins over the
/// ending.
pub(super) fn recognise(head: &Head<'_>) -> Option<Format> {
    let shown = |format: &Format| (about(*format).shows)(head);
    let named = |format: &Format| head.ending.is_some_and(|own| about(*format).endings.contains(&own));
    let all = || Format::ALL.iter().copied();
    all().find(shown).or_else(|| all().find(named))
}

/// How the rows of a block are read.
pub(super) enum Reading<'c> {
    /// As objects, a line each.
    Lines {
        /// Whether the first of the file may be a header.
        header: bool,
    },
    /// As cells of these columns.
    Cells(&'c Columns),
    /// As arrays of these columns.
    Arrays(&'c [String]),
}

impl Reading<'_> {
    /// Hands the rows of a block to `rows`.
    pub(super) fn read<'a, R: Rows<'a>>(&self, block: &'a Block, rows: &mut R) -> Outcome {
        match self {
            Self::Lines { header } => jsonl::read(block, *header && block.first, rows),
            Self::Cells(columns) => csv::read(block, columns, rows),
            Self::Arrays(columns) => numbers::read(block, columns, rows),
        }
    }
}
