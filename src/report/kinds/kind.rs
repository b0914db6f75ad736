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
    /// How several of its documents stand in one output.
    pub several: Several,
    /// A judgement as text, without its `ending`.
    pub report: fn(&Report, Screen) -> String,
    /// What a judgement ends with, behind the names of the files that were written for it; none where they are not told.
    pub ending: Option<fn(&Report, Screen) -> String>,
    /// A comparison as text; none where the kind has no such form.
    pub comparison: Option<fn(&Comparison, Screen) -> String>,
    /// The history of a release as text; none where the kind has no such form.
    pub history: Option<fn(&History, Screen) -> String>,
}

/// How several documents stand in one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Several {
    /// For a person: one after another, each with what was written for it.
    Told,
    /// One after another.
    Apart,
    /// As one array, since documents one after another are none.
    Array,
}

impl Kind {
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
