//! The kinds of steps that follow a judgement.

/// What kind of step is to be taken. The order is that in which several are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NextStep {
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

impl NextStep {
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
