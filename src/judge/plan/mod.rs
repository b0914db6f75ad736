//! What to expect of an evaluation before it is paid for: which fields its gates will read, how many samples each needs, how
//! likely all pass, and which can never pass or never fail.
//!
//! Results that are there already are a pilot: they say how values spread, how many pairs differ, which slices there are.

mod foreseen;
mod outlook;
mod pilot;

pub use foreseen::{ForeseenGate, foresee};
pub use outlook::{
    Assumption, GateOutlook, Joint, PartOutlook, PlanAsked, Sizes, joint, outlooks, true_value,
};
pub use pilot::{Pilot, pilot};
