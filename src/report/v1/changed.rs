//! What changed since the baseline: in a line each, and in detail.

use serde::{Deserialize, Serialize};

use super::wire::{Told, Word};

/// A line on what changed, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportLine {
    /// How it must be told.
    pub told: Word<Told>,
    /// The artifact it is about, as `prompts.system`.
    pub artifact: Option<String>,
    /// What was: a version, a rule, a value.
    pub before: Option<String>,
    /// What is.
    pub after: Option<String>,
    /// The whole line as a sentence, without the word of `told`.
    pub text: String,
}

/// One change between two releases, in detail; the same in `relgate diff`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRecord {
    /// The stable id of its rule.
    pub id: String,
    /// Where it is, such as `gates.toxicity.threshold`.
    pub path: String,
    /// The artifact it is about, as `prompts.system`.
    pub artifact: Option<String>,
    /// How much it matters.
    pub severity: Word<crate::diff::Weight>,
    /// Which way it goes.
    pub direction: Word<crate::diff::Direction>,
    /// What changed, in a sentence.
    pub text: String,
    /// What was; none where it was not there.
    pub before: Option<String>,
    /// What is; none where it is gone.
    pub after: Option<String>,
    /// What shows it.
    pub details: Vec<ReportDetail>,
}

/// One piece of what shows a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum ReportDetail {
    /// A line of text.
    Line {
        /// The text.
        line: String,
    },
    /// A passage of a text, word by word.
    Words {
        /// The line on which the passage starts, from 1.
        at: usize,
        /// Its pieces in order, spaces included.
        words: Vec<ReportWord>,
    },
}

/// A piece of a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportWord {
    /// `same`, `removed` or `added`.
    pub op: String,
    /// The text of the piece.
    pub text: String,
}
