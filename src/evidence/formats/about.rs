//! What every format says of itself.

use super::stated::Metrics;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::evidence::source::{Compression, Source};

/// What a format says of itself.
pub(in crate::evidence) struct About {
    /// The endings that its files usually have.
    pub(in crate::evidence) endings: &'static [&'static str],
    /// Whether the first bytes of a file show it.
    pub(in crate::evidence) shows: fn(&Head<'_>) -> bool,
    /// What is in its files.
    pub(in crate::evidence) content: Holding,
    /// Whether every label is text, so that `true` and `"true"` are one.
    pub(in crate::evidence) text_labels: bool,
    /// What its tool calls the fields: our name, and where the value stands; several are joined.
    pub(in crate::evidence) fields: &'static [(&'static str, &'static [&'static str])],
}

/// What the files of a format hold.
pub(in crate::evidence) enum Holding {
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
pub(in crate::evidence) struct Head<'a> {
    /// What messages call the file.
    pub(in crate::evidence) name: &'a str,
    /// The text, without a byte order mark and white space before it; never empty.
    pub(in crate::evidence) text: &'a [u8],
    /// The ending of its name in lower case, without that of its packing.
    pub(in crate::evidence) ending: Option<&'a str>,
}

/// How the cells of a row are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cells {
    /// Commas between them, and double quotes around some.
    Commas,
    /// Semicolons between them, and double quotes around some.
    Semicolons,
    /// Tabs between them, and double quotes around some.
    Tabs,
    /// Tabs between them, and double quotes that mean themselves.
    BareTabs,
}
