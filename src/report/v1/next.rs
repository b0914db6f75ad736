//! What to do about a judgement.

use serde::{Deserialize, Serialize};

use super::step::NextStep;
use super::wire::Word;

/// The step to take, and what else could be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportNext {
    /// What kind of step it is.
    pub step: Word<NextStep>,
    /// What to do, in a sentence.
    pub text: String,
    /// The gates that it is about, in the order of the manifest; empty where it is about none.
    pub gates: Vec<String>,
    /// What could be done besides or instead, never easier on the release than the step itself.
    pub otherwise: Vec<ReportStep>,
}

/// Another way on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportStep {
    /// What kind of step it is.
    pub step: Word<NextStep>,
    /// What to do, in a sentence.
    pub text: String,
    /// Lines to paste; empty where there are none.
    pub lines: Vec<String>,
}
