//! What the lines of a changelog are: headings, blocks of relgate's, what is folded away, and what nobody can write into.

use semver::Version;

use super::heading::Subject;
use super::marker::{Begin, Id};

/// A heading; lines count from 0 here and everywhere below `findings`.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) line: usize,
    pub(super) level: usize,
    pub(super) subject: Subject,
    /// The first version in it, in whatever form: enough not to write a second section of it, too little to sort by.
    pub(super) mentions: Option<Version>,
}

/// A block of relgate's: the lines of its two comments and what the first says.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) begin: usize,
    pub(super) end: usize,
    pub(super) marker: Begin,
}

/// First and last line of a `<details>`, a table or a quote in HTML.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fold {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A file that nobody can write into without guessing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Damage {
    /// A comment of relgate's that is neither a beginning nor an end.
    Unreadable { line: usize },
    /// A comment of relgate's in the code block or comment that starts at `open`.
    Hidden { line: usize, open: usize },
    /// A block begins before the one before has ended.
    Nested { outer: usize, inner: usize },
    /// An end without a beginning.
    NoBegin { line: usize },
    /// A beginning without an end.
    NoEnd { line: usize },
    /// A block that ends as another release.
    OtherEnd { begin: usize, end: usize },
    /// Two blocks of one release.
    Twice { first: usize, second: usize, id: Id },
    /// A code block or a comment that runs to the end of the file.
    NeverClosed { line: usize },
    /// A merge that is not finished.
    Conflict { line: usize },
}
