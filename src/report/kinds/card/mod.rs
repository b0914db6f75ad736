//! What a model card says of a release: a block in a file that people edit too, and the figures in its metadata.
//!
//! Everything outside of the block and of the marked lines of the metadata is theirs and stays to the byte. Each of ours has
//! a digest in its first line, so that what somebody changed in it is told and not written over.

mod body;
mod marked;
mod metadata;

use super::kind::{Kind, Several};
use crate::diagnostic::Diagnostic;
use crate::report::v1::Report;
use marked::{Marks, Place};

pub(super) const KIND: Kind = Kind {
    name: "card",
    about: "a block in a model card that people edit too: figures, risks, approvals, what an auditor asks for",
    file: "MODEL_CARD.md",
    media: "text/markdown",
    always: false,
    report: |report, _| body::text(report),
    ending: None,
    several: Several::Whole(|reports, _| reports.iter().map(body::text).collect::<Vec<_>>().join("\n")),
    comparison: None,
    history: None,
    is_own: |text| text.contains(BLOCK.begin) || text.starts_with(body::TITLE),
    shared: None,
};

/// What some editors begin a file with; it stays.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The block in the text.
const BLOCK: Marks =
    Marks { begin: "<!-- relgate:begin card", end: "<!-- relgate:end card -->", close: " -->" };

/// The card with what the report says, in place of what an earlier one said; `existing` is the file as it is, empty where there is
/// none yet.
///
/// # Errors
/// Somebody changed what relgate wrote, or its marks do not fit together: nothing may be written.
pub fn card(file: &str, existing: &str, report: &Report) -> Result<String, Diagnostic> {
    let mark = if existing.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { "" };
    let existing = existing.strip_prefix(BYTE_ORDER_MARK).unwrap_or(existing);
    let end = if existing.contains("\r\n") { "\r\n" } else { "\n" };
    let existing =
        if existing.trim().is_empty() { metadata::with_title(report) } else { existing.to_owned() };
    let text = metadata::put(file, &existing, report, end)?;
    BLOCK.put(Place { file, above: 0 }, &text, &body::text(report), end).map(|text| mark.to_owned() + &text)
}
