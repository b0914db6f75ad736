//! The gates of relgate's own, which no manifest declares: each counts something of which nothing may be found.

use super::judge::{Judged, Part, Subject};
use super::outcome::{Outcome, Reason};
use crate::change::{KEPT_PHRASES, LOOSER_CHANGES, SILENT_CHANGE};
use crate::metric::{Assessment, Assumed};

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
    /// Its identifier, which no declared gate may have.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::SilentChange => SILENT_CHANGE,
            Self::KeptPhrases => KEPT_PHRASES,
            Self::LooserChanges => LOOSER_CHANGES,
        }
    }

    fn broken(self) -> Reason {
        match self {
            Self::SilentChange => Reason::SilentChange,
            Self::KeptPhrases => Reason::KeptPhraseLost,
            Self::LooserChanges => Reason::LooserChanges,
        }
    }

    /// Judges it by how many of `all` were `found` to break it: it holds where none was.
    #[must_use]
    pub fn judge(self, found: u64, all: u64) -> Judged {
        let (outcome, reason) =
            if found == 0 { (Outcome::Pass, Reason::FactHolds) } else { (Outcome::Fail, self.broken()) };
        let part = Part {
            key: Vec::new(),
            outcome,
            reason,
            p_pass: None,
            p_fail: None,
            p_fail_adjusted: None,
            on_bad_side: found > 0,
            below_min_samples: false,
            assumed: Assumed::default(),
            assessment: Assessment::counted(found, all.max(found)),
        };
        Judged {
            subject: Subject::BuiltIn(self),
            loss_limit: None,
            alpha: 0.0,
            alpha_fail: 0.0,
            barred: None,
            parts: vec![part],
        }
    }
}
