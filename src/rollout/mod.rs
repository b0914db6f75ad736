//! DELIVERED: where a rollout stands and what production shows, to the next step.
//!
//! [`decide`] is a total function of both: the first line that holds says what is done. Nothing here writes; the commands do, in
//! the order intent, engine, read back, applied, so that a run that is killed anywhere is finished by the next. [`Restore`] makes the
//! texts of a hotfix.

mod action;
mod decide;
mod restore;

pub use action::{PlannedAction, action};
pub use decide::{NextMove, RolloutStanding, StepApproval, decide, throttled};
pub use restore::{Restore, RestoreSide, apart, combination, next_patch, same_artifacts};
