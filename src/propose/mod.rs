//! PROPOSED: what results files hold -> the lines of `release.yaml` that fit.
//!
//! [`Holding`] is what the files of one evidence entry hold, [`against`] and [`measurable`] make gates of it, each with the
//! reason why, and say of every field without one why not; [`ManifestDraft`] writes them as the text of a manifest. A margin is fixed
//! beforehand and never taken from the numbers that it will judge; a limit that is taken from them says so.

mod condition;
mod draft;
mod holding;
mod margin;
mod pairing;
mod reader;
mod spelling;
mod values;

pub use condition::condition;
pub use draft::{DraftArtifact, DraftBaseline, DraftEntry, DraftField, ManifestDraft};
pub use holding::{HeldField, Holding, Taken, known};
pub use margin::{Proposals, ProposedGate, Unjudged, against, measurable, named_apart};
pub use pairing::{Pair, pairs};
pub use reader::look;
pub use spelling::name_of;
pub use values::FieldValues;
