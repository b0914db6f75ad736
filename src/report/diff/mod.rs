//! TOLD: two releases compared, in several renderings. Renderers return text; somebody else writes it.
//!
//! No output carries a time: the same two releases give the same bytes. What a change means for the exit code is the
//! command's to say.

mod document;
mod flow;
mod json;
mod markdown;
mod terminal;
mod words;

pub use document::{ComparedFigure, ComparedRelease, Comparison, FigureDifference, Missing};

pub(in crate::report) use json::{SCHEMA, render as json};
pub(in crate::report) use markdown::render as markdown;
pub(in crate::report) use terminal::render as terminal;

#[cfg(test)]
mod tests;
