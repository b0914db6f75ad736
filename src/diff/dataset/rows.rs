//! The records on rows that were added, removed and changed, and on keys that several rows have.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Count, Delta};
use super::set::{Fetched, Set};
use super::tally::{KEYS, Tallies};
use super::words::{self, count};
use crate::diagnostic::{Diagnostics, list};
use crate::diff::{ChangeRule, Detail, Direction, Record, Weight};

/// A dataset that is compared.
pub(super) struct Compared<'a> {
    /// "dataset eval".
    pub(super) title: String,
    /// `artifacts.datasets.eval`.
    pub(super) path: String,
    /// `datasets.eval`.
    pub(super) key: String,
    /// Whether it is declared to evaluate.
    pub(super) evaluates: bool,
    pub(super) before: Set<'a>,
    pub(super) after: Set<'a>,
}

impl Compared<'_> {
    /// A record about this dataset.
    pub(super) fn record(&self, rule: ChangeRule, text: String) -> Record {
        Record::new(rule, &self.path, text).of(&self.key)
    }
}

/// The rows that are shown, by their numbers.
struct Shown {
    before: BTreeMap<u32, Fetched>,
    after: BTreeMap<u32, Fetched>,
}

/// The records on rows and repeated keys.
pub(super) fn records(
    set: &Compared<'_>,
    tallies: &Tallies,
    delta: &Delta,
) -> Result<Vec<Record>, Diagnostics> {
    let shown = shown(set, tallies, delta)?;
    let mut records = Vec::new();
    if delta.added.all + delta.removed.all + delta.changed.all > 0 {
        records.push(changes(set, tallies, delta, &shown));
    }
    records.extend(repeated(set, tallies, delta, &shown));
    Ok(records)
}

/// Reads the rows that are shown again.
fn shown(set: &Compared<'_>, tallies: &Tallies, delta: &Delta) -> Result<Shown, Diagnostics> {
    let firsts = |count: &Count| count.first.iter().map(|(at, _)| *at).collect::<Vec<_>>();
    let seconds = |count: &Count| count.first.iter().map(|(_, with)| *with).collect::<Vec<_>>();
    let mut before: BTreeSet<u32> = firsts(&delta.removed).into_iter().collect();
    before.extend(seconds(&delta.changed));
    before.extend(firsts(&delta.repeated_before).into_iter().chain(seconds(&delta.repeated_before)));
    let mut after: BTreeSet<u32> = firsts(&delta.added).into_iter().collect();
    after.extend(firsts(&delta.changed));
    after.extend(firsts(&delta.repeated_after).into_iter().chain(seconds(&delta.repeated_after)));
    Ok(Shown {
        before: set.before.fetch(&tallies.before.index, &before)?,
        after: set.after.fetch(&tallies.after.index, &after)?,
    })
}

fn changes(set: &Compared<'_>, tallies: &Tallies, delta: &Delta, shown: &Shown) -> Record {
    let (added, removed, changed) = (delta.added.all, delta.removed.all, delta.changed.all);
    let of = (tallies.before.fields.rows, tallies.after.fields.rows);
    let mut parts = Vec::new();
    for (number, word) in [(added, "added"), (removed, "removed"), (changed, "changed")] {
        match (number, parts.is_empty()) {
            (0, _) => {}
            (_, true) => parts.push(format!("{} {word}", count(number, "row"))),
            (_, false) => parts.push(format!("{number} {word}")),
        }
    }
    let keyless = if tallies.key.is_none() { "; its rows have no key" } else { "" };
    let text = format!("{}: {} (of {}){keyless}", set.title, parts.join(", "), of.0);
    let (severity, direction) = match (removed, changed) {
        (0, 0) => (Weight::Info, Direction::Neutral),
        (0, _) if set.evaluates => (Weight::Review, Direction::Unknown),
        (_, _) if set.evaluates => (Weight::Review, Direction::Looser),
        _ => (Weight::Review, Direction::Neutral),
    };
    let mut details = Vec::new();
    let key = tallies.key;
    examples(&mut details, "added", &delta.added, |(at, _)| {
        shown.after.get(&at).map(|row| words::row(row, key))
    });
    examples(&mut details, "removed", &delta.removed, |(at, _)| {
        shown.before.get(&at).map(|row| words::row(row, key))
    });
    examples(&mut details, "changed", &delta.changed, |(at, with)| {
        let (before, after) = (shown.before.get(&with)?, shown.after.get(&at)?);
        Some(format!("{}: {}", words::row(after, key), words::differences(before, after)))
    });
    if key.is_none() {
        details.push(Detail::Line(format!(
            "no field stands in every row that could be its key (looked for: {}), so a changed row counts as one \
             removed and one added",
            list(KEYS, KEYS.len())
        )));
    }
    set.record(ChangeRule::DatasetRows, text)
        .weighs(severity)
        .goes(direction)
        .from_to(Some(count(of.0, "row")), Some(count(of.1, "row")))
        .showing(details)
}

/// The first rows of a kind, and how many more there are.
fn examples(
    details: &mut Vec<Detail>,
    word: &str,
    count: &Count,
    line: impl Fn((u32, u32)) -> Option<String>,
) {
    let lines = count.first.iter().filter_map(|pair| line(*pair));
    details.extend(lines.map(|line| Detail::Line(format!("{word}: {line}"))));
    let more = count.all - count.first.len() as u64;
    if more > 0 {
        details.push(Detail::Line(format!("{word}: {more} more")));
    }
}

fn repeated(set: &Compared<'_>, tallies: &Tallies, delta: &Delta, shown: &Shown) -> Option<Record> {
    let (before, after) = (&delta.repeated_before, &delta.repeated_after);
    let key = tallies.key.filter(|_| before.all + after.all > 0)?;
    let text = if after.all == 0 {
        format!(
            "{}: every row has its own {key} again (before: {} on several rows)",
            set.title,
            count(before.all, key)
        )
    } else {
        format!(
            "{}: {} on more than one row (before: {}); such rows are told apart by their content",
            set.title,
            stand(after.all, key),
            before.all
        )
    };
    let severity = if after.all == 0 { Weight::Info } else { Weight::Review };
    let mut details = Vec::new();
    for (side, count, rows) in [("before", before, &shown.before), ("now", after, &shown.after)] {
        examples(&mut details, side, count, |(at, with)| {
            let second = rows.get(&with)?;
            rows.get(&at).map(|row| format!("{}, again on {}", words::row(row, Some(key)), second.place))
        });
    }
    let record = set
        .record(ChangeRule::DatasetDuplicateKeys, text)
        .weighs(severity)
        .from_to(Some(before.all.to_string()), Some(after.all.to_string()))
        .showing(details);
    Some(if after.all == 0 { record.goes(Direction::Neutral) } else { record })
}

/// `1 id stands`, `3 ids stand`.
fn stand(number: u64, key: &str) -> String {
    format!("{} {}", count(number, key), if number == 1 { "stands" } else { "stand" })
}
