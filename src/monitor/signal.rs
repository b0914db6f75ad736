//! A signal that knows what it watches.

use serde::{Deserialize, Serialize};

use crate::manifest::{ActionSpec, Category, Unit};
use crate::stats::sequential::ChangeLimit;

/// One signal on production records.
#[derive(Debug, Clone)]
pub struct Signal {
    /// Its identifier.
    pub id: String,
    /// The rule as it is written; of a bare name what it means.
    pub rule: String,
    /// What it is about.
    pub category: Category,
    /// The field of the records, as `fields:` names it.
    pub field: String,
    /// Factor on the values.
    pub scale: f64,
    /// The unit of the values after scaling.
    pub unit: Unit,
    /// What must hold.
    pub asked: Asked,
    /// The harm that a step has to be able to see: of a rate another rate, of a comparison so many times the stable
    /// release's, of a mean another mean; the usual where none is declared.
    pub detect: Option<f64>,
    /// Whether a step ends only when it passed.
    pub shown: bool,
    /// What is done when it fails, where not what its category says.
    pub action: Option<ActionSpec>,
    /// Whether a record without the field says "no": feedback that most people never give.
    pub absent_is_no: bool,
    /// Whether a query counted it: no row says anything of it.
    pub counted: bool,
    /// Whether values can be above what counts in full.
    pub tail: SignalTail,
}

/// Where values end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalTail {
    /// Nowhere: a time, a price.
    Open,
    /// None is above what counts in full: a share, or a score with an upper end.
    Bounded,
}

/// How many tests signals are beside the stable release: what lies above the cap of a change is one of its own.
#[must_use]
pub fn tests_of(signals: &[Signal]) -> usize {
    let capped =
        |signal: &&Signal| matches!(signal.asked, Asked::Change { .. }) && signal.tail == SignalTail::Open;
    signals.len() + signals.iter().filter(capped).count()
}

/// What must hold of the values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Asked {
    /// The event is in fewer records than this share.
    Rate {
        /// The share, in (0, 1).
        limit: f64,
        /// What counts.
        event: RecordEvent,
    },
    /// The event is at most so many times as frequent as with the stable release.
    Ratio {
        /// How many times.
        ratio: f64,
        /// What counts.
        event: RecordEvent,
    },
    /// The mean is below a limit, or above it.
    Mean {
        /// The limit, in the signal's unit.
        limit: f64,
        /// What a value counts as at most.
        cap: f64,
        /// Whether small values are good.
        low: bool,
    },
    /// The mean is within this of the stable release's.
    Change {
        /// How far it may be.
        limit: ChangeLimit,
        /// What a value counts as at most; ten times the first stable values' mean where absent.
        cap: Option<f64>,
    },
    /// Values are not shown larger (smaller, where large is good) than the stable release's.
    NotShifted {
        /// Whether small values are good.
        low: bool,
    },
    /// A candidate's value exceeds a stable one with a chance within `0.5 - d` to `0.5 + d`.
    Drift {
        /// How far from one half.
        d: f64,
    },
    /// The event never happens.
    Never {
        /// What counts.
        event: RecordEvent,
    },
}

impl Asked {
    /// Whether it compares with the stable release.
    #[must_use]
    pub fn compares(self) -> bool {
        matches!(
            self,
            Self::Ratio { .. } | Self::Change { .. } | Self::NotShifted { .. } | Self::Drift { .. }
        )
    }

    /// Whether it is about numbers of which large ones are good, so that harm makes them smaller.
    #[must_use]
    pub fn is_large_good(self) -> bool {
        matches!(
            self,
            Self::Mean { low: false, .. }
                | Self::NotShifted { low: false }
                | Self::Change { limit: ChangeLimit::Decrease(_) | ChangeLimit::DecreaseBy(_), .. }
        )
    }

    /// The event that it counts, where it counts one.
    #[must_use]
    pub fn event(self) -> Option<RecordEvent> {
        match self {
            Self::Rate { event, .. } | Self::Ratio { event, .. } | Self::Never { event } => Some(event),
            _ => None,
        }
    }

    /// The method's word in reports.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::Rate { .. } => "mixture",
            Self::Ratio { .. } => "which-arm",
            Self::Mean { .. } => "betting",
            Self::Change { .. } => "block-betting",
            Self::NotShifted { .. } | Self::Drift { .. } => "block-auc",
            Self::Never { .. } => "observed",
        }
    }
}

/// What counts as an event of a record's value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum RecordEvent {
    /// It is true.
    True,
    /// It is false.
    False,
    /// It is at least this.
    AtLeast(f64),
    /// It is more than this.
    Above(f64),
    /// It is at most this.
    AtMost(f64),
    /// It is less than this.
    Below(f64),
}

impl RecordEvent {
    /// Whether a value is one; true is 1.
    #[must_use]
    pub fn is(self, value: f64) -> bool {
        match self {
            Self::True => value > 0.5,
            Self::False => value <= 0.5,
            Self::AtLeast(limit) => value >= limit,
            Self::Above(limit) => value > limit,
            Self::AtMost(limit) => value <= limit,
            Self::Below(limit) => value < limit,
        }
    }
}
