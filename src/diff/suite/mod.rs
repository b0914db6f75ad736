//! The cases of two evaluation suites: gone, new, changed, and which of those that are gone had failed.
//!
//! `cases` reads them, `pool` keeps two hashes of each, `differences` compares those and fetches the few that are
//! shown. Whether a case that changed asks for less, nobody can tell from its keys. Which cases failed is told from
//! outside.

mod cases;
mod differences;
mod pool;
mod words;

use super::catalogue::{ChangeRule, Direction, Weight};
use super::pair::Pair;
use super::record::Record;
use crate::diagnostic::Diagnostics;
use differences::Differences;
use pool::Pool;

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let changed = pair.files();
    let mut pool = Pool::read(pair, &changed)?;
    let mut records = std::mem::take(&mut pool.records);
    let found = Differences::of(pair, &pool.sides);
    let shown = found.shown(pair, &pool)?;
    records.extend(words::worded(pair, pool.sides.each_ref().map(|side| side.rows), &found, &shown));
    if records.is_empty() && !changed.iter().all(|file| file.renamed_from.is_some()) {
        let text = "the same cases, only their order or the way they are written differs";
        let record = pair.record(ChangeRule::ArtifactText, text);
        records.push(record.weighs(Weight::Info).goes(Direction::Neutral));
    }
    Ok(records)
}
