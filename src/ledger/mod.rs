//! REMEMBERED: what happened to releases, one immutable file an event, each naming the events before it by their SHA-256.
//!
//! [`Event`] is what one file says, [`Chain`] holds the events of a folder in their order and what is wrong with them,
//! [`RolloutState`] is what they come to for one release, and the functions of [`history`] answer questions about the past.
//! `files` reads and writes them. Whoever can write the folder can write all of it anew: a chain shows what was changed, lost
//! or put in, a signature shows who said something, and a [`Checkpoint`] that is kept elsewhere shows what there was.

mod approvals;
mod chain;
mod checkpoint;
mod event;
mod flaw;
pub mod history;
mod link;
mod repeat;
mod state;
mod words;

pub use approvals::RecordedApproval;
pub use chain::Chain;
pub use checkpoint::Checkpoint;
pub use event::{
    AppliedData, ApprovedData, CHECKPOINT_SCHEMA, CheckedArtifact, CheckedData, CheckedWaiver, Event,
    EventRelease, Happening, HeldData, HotfixData, Malformed, NewEvent, Overruled, PromotedData,
    PromotedReference, RollbackCause, RolledBackData, SCHEMA, SignalCounts, SignalData, SignalPlan,
    StartedData, StepData, StepPlan, YankedData, event_time_of,
};
pub use flaw::{Flaw, FlawKind};
pub use link::{LedgerFile, Link, StoredContent};
pub use state::{RolloutState, RolloutStatus};

/// Where a ledger stands below the root, unless something else is said.
pub const FOLDER: &str = ".relgate/ledger";
