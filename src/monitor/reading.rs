//! What watching comes to.

use serde::{Deserialize, Serialize};

use super::signal::RecordEvent;
use crate::manifest::Category;

/// What is said of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalOutcome {
    /// Shown to hold.
    Pass,
    /// Neither shown.
    Inconclusive,
    /// Data are missing, late, or not split as meant.
    Blind,
    /// Shown not to hold.
    Fail,
}

impl SignalOutcome {
    /// Its word in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Blind => "blind",
            Self::Fail => "fail",
        }
    }
}

/// One side of a signal.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ArmReading {
    /// The rate or mean of the records; none without a record.
    pub value: Option<f64>,
    /// Records with a value.
    pub n: u64,
    /// Records with the event, of a rate.
    pub events: Option<u64>,
    /// Units whose value or event counts.
    pub units: u64,
    /// Records without the field.
    pub missing: u64,
}

/// How much of the harm that matters would have been seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepSeen {
    /// The harm, as [`super::Signal::detect`] tells it.
    pub detect: f64,
    /// What is counted of the present step: records of the candidate, or bad events or records of both sides.
    pub have: u64,
    /// How many of them would show that harm 8 times in 10; none where no practical number does.
    pub needed: Option<u64>,
    /// What is counted.
    pub counted: &'static str,
}

impl StepSeen {
    /// Where a step has nothing to wait for.
    pub(super) fn nothing_to_see() -> Self {
        Self { detect: 0.0, have: 0, needed: Some(0), counted: "records beside the stable release" }
    }
    /// Whether a step may end although nothing is shown.
    #[must_use]
    pub fn enough(&self) -> bool {
        self.needed.is_some_and(|needed| self.have >= needed)
    }
}

/// One signal.
#[derive(Debug, Clone)]
pub struct SignalReading {
    /// Its identifier.
    pub id: String,
    /// What must hold.
    pub rule: String,
    /// What it is about.
    pub category: Category,
    /// What is said of it.
    pub outcome: SignalOutcome,
    /// Why, in words.
    pub reason: String,
    /// How it was found.
    pub method: &'static str,
    /// The candidate's side.
    pub candidate: ArmReading,
    /// The stable release's.
    pub stable: ArmReading,
    /// Evidence of a fail: ln E, the highest so far.
    pub fail: f64,
    /// What that is held against.
    pub fail_at: f64,
    /// Evidence of a pass: ln E, now.
    pub pass: Option<f64>,
    /// What that is held against.
    pub pass_at: f64,
    /// Whether a step may end without a pass.
    pub seen: Option<StepSeen>,
    /// Whether a step has to wait for a pass.
    pub shown: bool,
    /// Whether nothing of it is logged yet, and it is too early to call it blind.
    pub awaits: bool,
    /// The signal's unit, as rules write it.
    pub unit: &'static str,
    /// What is counted, where values beyond a limit are.
    pub event: Option<RecordEvent>,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCounts {
    /// Rows that could be read.
    pub rows: u64,
    /// Interactions of one of the two releases, in one of the steps.
    pub selected: u64,
    /// Rows that add to an interaction.
    pub late: u64,
    /// Interactions of other releases.
    pub other: u64,
    /// Rows that could not be read.
    pub torn: u64,
    /// Rows that `where:` leaves out.
    pub left_out: u64,
    /// Rows before the first step, between two, or without a time.
    pub outside: u64,
    /// Rows that add to no known interaction.
    pub orphans: u64,
    /// Values that a later row gave anew; the first ones count.
    pub replaced: u64,
    /// Interactions without a unit of their own.
    pub without_unit: u64,
    /// Rows without an id: duplicates among them cannot be seen.
    pub without_id: u64,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Readings {
    /// One a signal, in the order of the manifest; `split` last.
    pub signals: Vec<SignalReading>,
    /// The rows.
    pub log: LogCounts,
    /// Requests a day of all releases in the log, by the newest day of records; none where that cannot be told.
    pub traffic: Option<f64>,
    /// The newest record, in seconds since 1970.
    pub newest: Option<f64>,
    /// Until when (seconds since 1970) a signal of which nothing is logged yet is not blind; none where there is no such signal.
    pub awaits: Option<f64>,
    /// Units of the candidate, of the stable release, and of both.
    pub units: (u64, u64, u64),
    /// What a person should know besides.
    pub notes: Vec<String>,
}

impl Readings {
    /// The worst outcome; blind where there is no signal.
    #[must_use]
    pub fn worst(&self) -> SignalOutcome {
        self.signals.iter().map(|signal| signal.outcome).max().unwrap_or(SignalOutcome::Blind)
    }

    /// Whether every signal passed.
    #[must_use]
    pub fn all_pass(&self) -> bool {
        !self.signals.is_empty()
            && self.signals.iter().all(|signal| signal.outcome == SignalOutcome::Pass || signal.id == SPLIT)
    }
}

/// The id of the signal that watches the split itself.
pub(super) const SPLIT: &str = "split";
