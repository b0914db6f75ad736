//! The exit codes, the same for every command.

use crate::verdict::Decision;

/// How a command ends. The order is that of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: a pass, or nothing was found.
    Pass,
    /// 3: the evidence does not decide, and the policy blocks on that.
    Inconclusive,
    /// 2: the command could not do its work (usage, bad input, missing data).
    Error,
    /// 1: a blocking gate failed, or there are differences.
    Fail,
}

impl Exit {
    /// The documented code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Error => 2,
            Self::Inconclusive => 3,
        }
    }
}

impl From<Decision> for Exit {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Pass => Self::Pass,
            Decision::Inconclusive => Self::Inconclusive,
            Decision::Error => Self::Error,
            Decision::Fail => Self::Fail,
        }
    }
}
