//! The rows of two datasets, and rows that evaluation data share with training and retrieval data.
//!
//! Read twice and never kept: once as numbers ([`tally`]), which are sorted and merged ([`compare`]), and once more
//! for the few rows that are shown ([`set`]). Formats that hold no rows as text (Parquet), and data that is
//! elsewhere, are told as unread.

mod canonical;
mod compare;
mod fields;
mod input;
mod labels;
mod overlap;
mod rows;
mod schema;
mod set;
mod tally;
mod unread;
mod words;

pub(super) use overlap::overlap;

use std::collections::BTreeSet;

use super::catalogue::{ChangeRule, Direction, Weight};
use super::pair::Pair;
use super::record::Record;
use crate::change::Bytes;
use crate::diagnostic::Diagnostics;
use crate::manifest::{DatasetRole, Digest};
use rows::Compared;
use set::{Other, Set};

/// What changed in one dataset.
///
/// # Errors
/// A row that cannot be read, or a file that is damaged.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    if pair.change.aspects.bytes == Bytes::Same {
        return Ok(Vec::new());
    }
    let (before, after) = (Set::open(pair.before.0, pair.before.1)?, Set::open(pair.after.0, pair.after.1)?);
    let (Some(before), Some(after)) = (before, after) else { return Ok(Vec::new()) };
    let set = Compared {
        title: format!("dataset {}", pair.change.name),
        path: pair.path(),
        key: pair.change.key(),
        evaluates: overlap::declared(pair.after.0, &pair.change.key()) == Some(DatasetRole::Eval),
        before,
        after,
    };
    let mut records: Vec<Record> = not_text(&set).into_iter().collect();
    if set.before.has_rows() && set.after.has_rows() {
        let mut tallies = tally::both(&set.before, &set.after)?;
        let delta = compare::compare(&mut tallies);
        let (old, new) = (&tallies.before.fields, &tallies.after.fields);
        records.extend(rows::records(&set, &tallies, &delta)?);
        records.extend(schema::record(&set, old, new));
        records.extend(labels::records(&set, old, new, tallies.key));
    }
    Ok(records)
}

/// What could be compared by digest only.
fn not_text(set: &Compared<'_>) -> Option<Record> {
    let mut differ = unlike(&set.before.others, &set.after.others);
    differ.extend(unlike(&set.after.others, &set.before.others));
    let mut formats: Vec<&str> = differ.iter().map(|other| other.what.as_str()).collect();
    formats.sort_unstable();
    formats.dedup();
    formats.truncate(5);
    let formats = formats.join(", ");
    let text = if !set.before.has_rows() || !set.after.has_rows() {
        format!(
            "{} is in a format that relgate does not read row by row ({formats}): only its digest was compared",
            set.title
        )
    } else if differ.is_empty() {
        return None;
    } else {
        let mut paths: Vec<&str> = differ.iter().map(|other| other.path).collect();
        paths.sort_unstable();
        paths.dedup();
        format!(
            "{}: {} that relgate does not read row by row ({formats}): only digests were compared",
            set.title,
            words::count(paths.len() as u64, "changed file")
        )
    };
    let record = set.record(ChangeRule::NotText, text).goes(Direction::Unknown);
    // Beside rows that were compared, a README is no data.
    let only_about =
        set.before.has_rows() && set.after.has_rows() && differ.iter().all(|other| other.is_about());
    Some(if only_about { record.weighs(Weight::Info) } else { record })
}

/// Files of one side that the other does not have with the same bytes.
fn unlike<'a>(of: &'a [Other<'a>], than: &[Other<'_>]) -> Vec<&'a Other<'a>> {
    let known: BTreeSet<(&str, &Digest)> = than.iter().map(|other| (other.path, other.digest)).collect();
    of.iter().filter(|one| !known.contains(&(one.path, one.digest))).collect()
}
