//! What to do about a judgement.

use serde::{Deserialize, Serialize};

use super::wire::Word;

/// What kind of step is to be taken. The order is that in which several are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What relgate was given is wrong, or says too little: the manifest, its policy, a file, the command line.
    RepairInput,
    /// The results are damaged, of something else, or say too little; more samples of the same kind would not help.
    RepairData,
    /// The release itself: change it and evaluate it anew.
    Mend,
    /// The results are sound and too few: evaluate a fresh, larger run.
    MoreSamples,
    /// Let the release before serve.
    GoBack,
    /// Have the risk accepted by somebody, until a day.
    Waive,
    /// Nothing stands in the way.
    Ship,
}

impl Step {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::RepairInput => "repair-input",
            Self::RepairData => "repair-data",
            Self::Mend => "mend",
            Self::MoreSamples => "more-samples",
            Self::GoBack => "go-back",
            Self::Waive => "waive",
            Self::Ship => "ship",
        }
    }
}

/// The step to take, and what else could be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportNext {
    /// What kind of step it is.
    pub step: Word<Step>,
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
    pub step: Word<Step>,
    /// What to do, in a sentence.
    pub text: String,
    /// Lines to paste; empty where there are none.
    pub lines: Vec<String>,
}
