//! JUDGED: each gate against its estimate, and the evidence against the artifacts it claims.
//!
//! Waivers, enforcement and the error rates of the whole come later, and no stage here words anything.

mod binding;
mod built_in;
mod declared;
mod identity;
mod judge;
mod loss;
mod outcome;

pub use binding::Claim;
pub use built_in::BuiltIn;
pub use declared::{Assessed, Gate, settings};
pub use identity::{EvidenceAge, EvidenceState, check as check_identity, check_claims};
pub use judge::{Hindrance, Judged, Part, Subject, judge, judge_built_in, judge_risk};
pub use loss::LossLimit;
pub use outcome::{Outcome, Reason, ReasonKind};
