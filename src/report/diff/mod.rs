//! TOLD: two releases compared, in several renderings. Renderers return text; somebody else writes it.
//!
//! No output carries a time: the same two releases give the same bytes. Deliberately absent: which changes there are
//! (`diff`), what they mean for the exit code (the command).

mod document;
mod flow;
mod json;
mod markdown;
pub(super) mod records;
mod terminal;
mod words;

pub use document::{Comparison, Difference, Figure, Missing, Release};

use super::Kind;

/// The comparison as text.
#[must_use]
pub fn render(comparison: &Comparison, kind: Kind) -> String {
    match kind {
        Kind::Terminal(terminal) => terminal::render(comparison, terminal),
        Kind::Json => json::render(comparison),
        Kind::Markdown => markdown::render(comparison),
    }
}

#[cfg(test)]
mod tests;
