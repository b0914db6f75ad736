//! TOLD: one finished view, several renderings. Renderers return text; somebody else writes it.
//!
//! A new kind is one file and one line in [`render`]. Deliberately absent: deciding anything, files, printing.

pub mod changes;
pub mod diff;
mod document;
mod json;
mod markdown;
mod number;
pub mod pinning;
mod terminal;
mod waivers;
pub mod words;

pub use document::{Artifact, Comparison, Evidence, Finding, Gate, Release, Report, Slice, Waiver};
pub use waivers::{WaiverFacts, WaiverFinding, waiver_finding};

/// A way to render a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For a person at a terminal.
    Terminal(Terminal),
    /// `relgate/report/v1`.
    Json,
    /// For a pull-request comment.
    Markdown,
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Columns; none where nobody knows.
    pub width: Option<usize>,
    /// Whether to style with ANSI sequences.
    pub color: bool,
    /// Whether to say the verdict only.
    pub quiet: bool,
}

/// The report as text.
#[must_use]
pub fn render(report: &Report, kind: Kind) -> String {
    match kind {
        Kind::Terminal(terminal) => terminal::render(report, terminal),
        Kind::Json => json::render(report),
        Kind::Markdown => markdown::render(report),
    }
}
