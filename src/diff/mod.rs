//! COMPARED: two releases to records: what changed, how much it matters, and what got looser.
//!
//! [`between`] builds on [`change`](crate::change) (which artifacts differ) and looks into them: the words of a prompt, the
//! keys of a configuration, the rows of a dataset; and at everything the manifest declares: gates, policy, waivers. Every
//! change is a [`Record`] with a stable [`Rule`]. Deliberately absent: files and git, figures of evaluation results (a command
//! puts them beside the records), renderings, and any verdict: `--fail-on` is the command's.

mod artifacts;
mod catalogue;
mod config;
mod dataset;
mod declared;
mod document;
mod files;
mod plain;
mod prompt;
mod record;
mod safety_policy;
mod suite;
mod text;

pub use catalogue::Rule;
pub use record::{Detail, Direction, Piece, Record, Severity};

use std::collections::BTreeSet;

use crate::artifact::{Pinned, Tree};
use crate::change::Changes;
use crate::diagnostic::Diagnostics;
use crate::manifest::Manifest;

/// One of the two releases.
#[derive(Clone, Copy)]
pub struct ReleaseSide<'a> {
    /// What it declares, everything inherited included.
    pub manifest: &'a Manifest,
    /// Its artifacts, pinned.
    pub pinned: &'a Pinned,
    /// Their bytes, of which some may be [missing](Tree::missing); none where only digests were kept.
    pub contents: Option<&'a dyn Tree>,
    /// The ids of evaluated cases that failed in its own results; empty where nothing is known.
    pub failed: &'a BTreeSet<String>,
}

/// How many records weigh as blocking.
#[must_use]
pub fn blocking(records: &[Record]) -> u64 {
    records.iter().filter(|record| record.severity == Severity::Blocking).count() as u64
}

/// Every change from one release to the next, what got looser first.
///
/// # Errors
/// Bytes that cannot be read any more, or that are not what they should be; an error never reads as "no changes".
pub fn between(
    before: &ReleaseSide<'_>,
    after: &ReleaseSide<'_>,
    changes: &Changes,
) -> Result<Vec<Record>, Diagnostics> {
    let mut records = declared::records(before.manifest, after.manifest);
    records.extend(artifacts::records(before, after, changes)?);
    records.extend(prompt::unseen(before, after, changes));
    records.sort_by(|a, b| a.rank().cmp(&b.rank()));
    Ok(records)
}
