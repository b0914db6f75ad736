//! JUDGED: each gate against its estimate, and the evidence against the artifacts it claims.
//!
//! Deliberately absent: waivers, enforcement, the error rates of the whole, and any wording.

mod identity;
mod judge;
mod loss;
mod outcome;

pub use identity::{Age, Claim, EvidenceState, check as check_identity, check_claims};
pub use judge::{Judged, Part, judge, kept_phrases, looser_changes, settings, silent_change};
pub use loss::LossLimit;
pub use outcome::{Outcome, Reason, ReasonKind};
