//! COMPARED: two releases to records: what changed, how much it matters, and what got looser.
//!
//! [`between`] builds on [`change`](crate::change) (which artifacts differ) and looks into them: the words of a prompt, the
//! keys of a configuration, the entries of a safety policy, the rows of a dataset; and at everything the manifest declares:
//! gates, policy, waivers. Every change is a [`Record`] with a stable [`ChangeRule`].
//!
//! A direction is exact where relgate's own manifest says what a value means. Nobody knows what the keys and words of
//! somebody else's file mean, so their changes are unknown, and what is gone is looser: structure is compared, never meaning.

mod artifacts;
mod catalogue;
mod config;
mod dataset;
mod declared;
mod document;
mod files;
mod pair;
mod plain;
mod prompt;
mod record;
mod safety_policy;
mod settings;
mod side;
mod suite;
mod text;

pub use catalogue::{ChangeRule, Direction, Weight};
pub use record::{Detail, Record, WordEdit};
pub use side::ReleaseSide;

use crate::change::Changes;
use crate::diagnostic::Diagnostics;

/// How many records weigh as blocking.
#[must_use]
pub fn blocking(records: &[Record]) -> u64 {
    records.iter().filter(|record| record.severity == Weight::Blocking).count() as u64
}

/// Which words of two texts differ, with at most `most` passages; secrets are masked.
#[must_use]
pub fn wording(before: &str, after: &str, most: usize) -> Vec<Detail> {
    text::words::passages(before, after, most).details()
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
    let mut records = declared::records(before, after);
    records.extend(artifacts::records(before, after, changes)?);
    records.sort_by(|a, b| a.rank().cmp(&b.rank()));
    Ok(records)
}
