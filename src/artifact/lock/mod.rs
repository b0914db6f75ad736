//! The lock: what a release's artifacts were when somebody last looked, written down so that any other byte is noticed.
//!
//! [`Lock::of`] takes what was pinned, [`write()`] and [`read()`] are its one spelling, [`verify`] lists what is no longer so.
//! A lock opens nothing: the manifest says where artifacts are, the lock what they have to be.

mod difference;
mod document;
mod read;
mod revision;

pub use difference::{Difference, DifferenceSide, Selection, What, verify};
pub use document::{Form, Lock, LockedArtifact, LockedFile, write};
pub use read::read;
pub(super) use revision::is_commit;
pub use revision::{Hub, hub, loose_revision, revision};
