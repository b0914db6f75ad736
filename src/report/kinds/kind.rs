//! What a kind of report is.

use crate::report::diff::Comparison;
use crate::report::history::History;
use crate::report::page::Screen;
use crate::report::v1::Report;

/// A way to tell a finished view. It returns text; somebody else writes it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The word that names it on the command line.
    pub name: &'static str,
    /// Whom it is for, as help says it.
    pub about: &'static str,
    /// The file that it is written to in a report folder.
    pub file: &'static str,
    /// The media type of its text.
    pub media: &'static str,
    /// Whether every judgement writes it, asked or not.
    pub always: bool,
    /// A judgement as text, without its `ending`.
    pub report: fn(&Report, Screen) -> String,
    /// What a judgement ends with, behind the names of the files that were written for it; none where they are not told.
    pub ending: Option<fn(&Report, Screen) -> String>,
    /// How several judgements stand in one output.
    pub several: Several,
    /// A comparison as text; none where the kind has no such form.
    pub comparison: Option<fn(&Comparison, Screen) -> String>,
    /// The history of a release as text; none where the kind has no such form.
    pub history: Option<fn(&History, Screen) -> String>,
    /// Whether the beginning of a text, or all of it, is of this kind: what somebody else wrote is not replaced by a report.
    pub is_own: fn(&str) -> bool,
    /// What is told elsewhere where this kind is printed.
    pub shared: Option<SharedFile>,
}

/// How several judgements stand in one output.
#[derive(Debug, Clone, Copy)]
pub enum Several {
    /// For a person: one after another, each with what was written for it, and what they come to together.
    Told(fn(&[Report], Screen) -> String),
    /// As one document.
    Whole(fn(&[Report], Screen) -> String),
}

/// A file that a CI service reads, named by the environment and shared with others.
#[derive(Debug, Clone, Copy)]
pub struct SharedFile {
    /// The variable that names the file.
    pub variable: &'static str,
    /// The file may not grow past so many bytes.
    pub most_bytes: u64,
    /// What is appended to it.
    pub text: fn(&[Report]) -> String,
}

impl Kind {
    /// Whether it is for a person who reads along.
    #[must_use]
    pub fn is_told(&self) -> bool {
        matches!(self.several, Several::Told(_))
    }

    /// A judgement as text, to its end.
    #[must_use]
    pub fn whole(&self, report: &Report, screen: Screen) -> String {
        let ending = self.ending.map(|ending| ending(report, screen)).unwrap_or_default();
        (self.report)(report, screen) + &ending
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
