//! `relgate/numbers/v1`: what a bundle keeps of a run, and what `relgate summarize` makes of a part of one. A header object that
//! names the columns, then a JSON array a row.
//!
//! `metric` writes it. In a bundle ids are hashes, and the outcome of a metric's own selection is a column of true and false.

use std::collections::HashSet;

use memchr::memchr;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::about::{About, Head, Holding, Layout};
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::document::{Cause, Fault, Scanner};
use crate::evidence::blocks::{MOST_FINDINGS, Outcome};
use crate::evidence::feed::Block;
use crate::evidence::foreign::MeasuredWith;
use crate::evidence::row::Rows;
use crate::evidence::wrong_value::not_finite;
use crate::manifest::Digest;

/// What the format says of itself.
pub(super) static ABOUT: About = About {
    endings: &[],
    shows,
    content: Holding::Samples(|_| Ok(vec![Layout::Arrays])),
    text_labels: false,
    fields: &[],
};

/// The schema that the header names.
pub const NUMBERS: &str = "relgate/numbers/v1";

/// The header is written by relgate, so that its first bytes are known.
fn shows(head: &Head<'_>) -> bool {
    head.text.starts_with(format!("{{\"schema\":\"{NUMBERS}\"").as_bytes())
}

/// The header.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::evidence) struct Numbers {
    /// [`NUMBERS`].
    schema: String,
    /// The names of the columns, each once.
    pub(in crate::evidence) columns: Vec<String>,
    /// How many rows follow.
    rows: u64,
    /// What they were measured with.
    #[serde(default)]
    pub(in crate::evidence) measured_with: MeasuredWith,
    /// The digest of the lines of the rows, where it is a part.
    #[serde(default)]
    rows_sha256: Option<String>,
    /// Which part of the evidence it is, where it is one.
    #[serde(default)]
    part: Option<IgnoredAny>,
}

impl Numbers {
    /// Whether it is a part that `relgate summarize` made.
    pub(in crate::evidence) fn is_part(&self) -> bool {
        self.part.is_some()
    }

    /// Reads the header that `block`, the first of the file, starts with.
    ///
    /// # Errors
    /// It is none of such a file.
    pub(in crate::evidence) fn read(block: &Block, file: &str) -> Result<Self, Diagnostic> {
        Self::of_head(block.rows()).ok_or_else(|| {
            Diagnostic::error(Code::BadHeader, "the header does not name the columns, each once")
                .at_line(file, 1)
                .help(ANEW)
        })
    }

    /// The header that these bytes start with, if they do.
    pub(in crate::evidence) fn of_head(bytes: &[u8]) -> Option<Self> {
        let line = memchr(b'\n', bytes).map_or(Some(bytes), |end| bytes.get(..end))?;
        serde_json::from_slice(line).ok().filter(Self::holds)
    }

    fn holds(&self) -> bool {
        let distinct: HashSet<&String> = self.columns.iter().collect();
        self.schema == NUMBERS && distinct.len() == self.columns.len() && distinct.contains(&"id".to_owned())
    }

    /// Makes sure that these were its rows.
    ///
    /// # Errors
    /// The file has another number of rows than it says, or of a part other ones.
    pub(in crate::evidence) fn check(
        &self,
        rows: u64,
        digest: &Digest,
        file: &str,
    ) -> Result<(), Diagnostic> {
        if rows != self.rows {
            let text = format!("the header says {} rows, and there are {rows}", self.rows);
            return Err(Diagnostic::error(Code::CutOff, text).in_file(file).help(ANEW));
        }
        let known = self.rows_sha256.as_deref();
        if self.is_part() && known != Some(digest.hex()) {
            return Err(damaged(file, "its rows are not those that were written"));
        }
        Ok(())
    }
}

/// The finding that a part is not whole.
pub(in crate::evidence) fn damaged(file: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::NumbersDamaged, format!("this part of the evidence is damaged: {why}"))
        .nature(Nature::Damaged)
        .in_file(file)
        .help("copy it again, or let `relgate summarize` write it anew; a part that is not whole is never judged")
}

const ANEW: &str = "relgate writes this file; let it write the bundle, or the part, anew";

/// Hands the rows of a block to `rows`; the first line of the file is the header.
pub(super) fn read<'a, R: Rows<'a>>(block: &'a Block, columns: &[String], rows: &mut R) -> Outcome {
    let mut outcome = Outcome::default();
    let Ok(text) = std::str::from_utf8(block.rows()) else {
        outcome.push(1, Diagnostic::error(Code::NotUtf8, "this part of the file is not UTF-8 text"));
        return outcome;
    };
    let slots: Vec<Option<u32>> = columns.iter().map(|name| rows.slot(name)).collect();
    let mut scanner = Scanner::<true>::new(text);
    if block.first {
        outcome.lines += 1;
        scanner.jump(memchr(b'\n', text.as_bytes()).map_or(text.len(), |end| end + 1));
    }
    while scanner.position() < text.len() && outcome.findings.len() < MOST_FINDINGS {
        outcome.lines += 1;
        if scanner.blank_line() {
            continue;
        }
        rows.begin();
        match scanner.array(&slots, rows).and_then(|()| rows.end(outcome.lines)) {
            Ok(()) => outcome.rows += 1,
            Err(fault) => {
                // Where a row is broken nobody knows what the rest of the file is.
                outcome.push(outcome.lines, finding(fault));
                break;
            }
        }
    }
    outcome
}

#[cold]
fn finding(fault: Fault) -> Diagnostic {
    match fault.cause() {
        Cause::Finding(finding) => finding,
        Cause::NotFinite { field, word } => not_finite(&field, &word),
        Cause::Repeated(key) => {
            Diagnostic::error(Code::DuplicateKey, format!("`{}` stands twice in one row", printable(&key)))
        }
        Cause::CutOff => Diagnostic::error(Code::CutOff, "this line is cut off"),
        Cause::Syntax(_, what) => {
            Diagnostic::error(Code::NotJson, format!("this line is no row: {what}")).help(ANEW)
        }
    }
}
