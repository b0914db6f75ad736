//! The gates of relgate's own, which no manifest declares: each counts something of which nothing may be found.

use super::outcome::Reason;
use crate::change::{KEPT_PHRASES, LOOSER_CHANGES, SILENT_CHANGE};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// No artifact may change its bytes and keep its version. Never waived.
    SilentChange,
    /// No phrase that every version must hold may be lost.
    KeptPhrases,
    /// No change since the baseline may weigh as blocking.
    LooserChanges,
}

impl BuiltIn {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SilentChange, Self::KeptPhrases, Self::LooserChanges];

    /// Its identifier, which no declared gate may have.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::SilentChange => SILENT_CHANGE,
            Self::KeptPhrases => KEPT_PHRASES,
            Self::LooserChanges => LOOSER_CHANGES,
        }
    }

    /// Why it fails.
    pub(super) fn broken(self) -> Reason {
        match self {
            Self::SilentChange => Reason::SilentChange,
            Self::KeptPhrases => Reason::KeptPhraseLost,
            Self::LooserChanges => Reason::LooserChanges,
        }
    }
}
