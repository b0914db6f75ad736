//! CHANGED: what differs between two declared-and-pinned releases, and what that means.
//!
//! [`between()`] compares the artifacts of a baseline and a candidate; [`Changes`] answers what `when:`, the built-in
//! gate `silent-change`, the report and the changelog ask. [`release_type`] says whether the declared type and the
//! new version fit what changed, [`kept_phrases()`] which promised phrases are lost, [`requirements()`] what its gates must show, [`unpinned()`] which models may
//! change behind the same name.

mod anchor;
mod between;
mod changes;
mod findings;
mod kept;
pub mod release_type;
mod required;
mod unpinned;

pub use anchor::check_anchor;
pub use between::{ComparedSide, between};
pub use changes::{ArtifactChange, Aspects, Bytes, ChangeKind, Changes, SILENT_CHANGE, Seen};
pub use findings::{silent_change, undeclared_roles, warnings};
pub use kept::{KEPT_PHRASES, KeptPhrases, LOOSER_CHANGES, LostPhrase, Wording, kept_phrases};
pub use required::{
    Required, held_loosely, narrowed, needs_no_regression_on_quality, required, requirements,
};
pub use unpinned::unpinned;
