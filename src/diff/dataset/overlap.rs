//! Rows that evaluation data share with what a model learned from or may look up: they tell nothing in an evaluation.
//!
//! Only the evaluation side is held in memory, 12 bytes a row; the training side passes by. Pairs of which neither
//! side changed are not searched, since nothing about them is new.

use std::collections::BTreeSet;

use super::compare::EXAMPLES;
use super::input::{Inputs, is_input};
use super::set::{Fetched, Index, Set};
use super::tally::KEYS;
use super::unread::{Unread, shown};
use super::words::{self, count, percent};
use crate::artifact::PinnedArtifact;
use crate::diagnostic::Diagnostics;
use crate::diff::{ChangeRule, Detail, Direction, Record, ReleaseSide, Weight};
use crate::evidence::table::{RowValue, Taker};
use crate::manifest::{ArtifactKind, DatasetRole};

/// Rows that two datasets of the release after share.
///
/// # Errors
/// A row that cannot be read, or a file that is damaged.
pub(in crate::diff) fn overlap(
    before: &ReleaseSide<'_>,
    after: &ReleaseSide<'_>,
) -> Result<Vec<Record>, Diagnostics> {
    let mut records = Vec::new();
    let mut unread = Unread::default();
    let role = |artifact: &PinnedArtifact| role(after, artifact);
    for eval in after.pinned.iter().filter(|artifact| role(artifact) == Some(DatasetRole::Eval)) {
        // Read at most once, however many training sets there are.
        let mut known = None;
        let teaches = |artifact: &&PinnedArtifact| {
            matches!(role(artifact), Some(DatasetRole::Train | DatasetRole::Retrieval))
        };
        for train in after.pinned.iter().filter(teaches) {
            let (eval_before, train_before) =
                (counterpart(before, after, eval), counterpart(before, after, train));
            if unchanged(eval_before, eval) && unchanged(train_before, train) {
                continue;
            }
            for (one, other) in [(eval, train), (train, eval)] {
                unread.look(after, one, other)?;
            }
            if known.is_none() {
                known = Asked::of(after, eval)?;
            }
            let (Some(asked), Some(set)) = (&known, rows_of(after, train)?) else { continue };
            let shared = asked.shared_with(&set)?;
            if shared.rows == 0 {
                continue;
            }
            let was = match (eval_before, train_before) {
                (Some(eval), Some(train)) => count_in(before, eval, train)?,
                _ => Before::NoPair,
            };
            records.push(record(eval, train, asked, &shared, was)?);
        }
    }
    records.extend(unread.records());
    Ok(records)
}

/// What an artifact is declared to be for: a suite evaluates, a dataset says so by `role:`, never by its name.
fn role(release: &ReleaseSide<'_>, artifact: &PinnedArtifact) -> Option<DatasetRole> {
    match artifact.kind {
        ArtifactKind::EvalSuites => Some(DatasetRole::Eval),
        _ => declared(release, &artifact.key()),
    }
}

/// The role that a release declares for a dataset.
pub(super) fn declared(release: &ReleaseSide<'_>, key: &str) -> Option<DatasetRole> {
    let own = release.manifest.artifacts.iter().find(|artifact| artifact.key() == key)?;
    own.role.map(|role| role.value)
}

/// What the release after does not have any more.
fn gone<'a>(
    before: &ReleaseSide<'a>,
    after: &ReleaseSide<'_>,
    kind: ArtifactKind,
) -> impl Iterator<Item = &'a PinnedArtifact> {
    let all = before.pinned.iter().filter(move |artifact| artifact.kind == kind);
    all.filter(|artifact| after.pinned.get(&artifact.key()).is_none())
}

/// The same artifact in the release before: of that key, else what is gone and had those bytes, else the only dataset
/// that is gone. What is still there under its own key is no other: a copy of it is the worst overlap there is.
fn counterpart<'a>(
    before: &ReleaseSide<'a>,
    after: &ReleaseSide<'_>,
    artifact: &PinnedArtifact,
) -> Option<&'a PinnedArtifact> {
    let same_bytes = || {
        let digest = artifact.digest()?;
        gone(before, after, artifact.kind).find(|other| other.digest() == Some(digest))
    };
    let only_gone = || {
        let mut gone = gone(before, after, ArtifactKind::Datasets);
        let first = gone.next().filter(|_| artifact.kind == ArtifactKind::Datasets)?;
        gone.next().is_none().then_some(first)
    };
    before.pinned.get(&artifact.key()).or_else(same_bytes).or_else(only_gone)
}

fn unchanged(before: Option<&PinnedArtifact>, after: &PinnedArtifact) -> bool {
    before.is_some_and(|before| before.digest().is_some() && before.digest() == after.digest())
}

/// The rows of an artifact; none where they are not at hand or not readable as rows.
fn rows_of<'a>(
    release: &ReleaseSide<'a>,
    artifact: &'a PinnedArtifact,
) -> Result<Option<Set<'a>>, Diagnostics> {
    Ok(Set::open(release, artifact)?.filter(Set::has_rows))
}

/// What is known of the release before.
#[derive(Clone, Copy)]
enum Before {
    /// It had no such pair.
    NoPair,
    /// Its rows are not at hand.
    Unknown,
    /// That many rows were shared.
    Rows(u64),
}

fn count_in(
    before: &ReleaseSide<'_>,
    eval: &PinnedArtifact,
    train: &PinnedArtifact,
) -> Result<Before, Diagnostics> {
    let (Some(asked), Some(set)) = (Asked::of(before, eval)?, rows_of(before, train)?) else {
        return Ok(Before::Unknown);
    };
    Ok(Before::Rows(asked.shared_with(&set)?.rows))
}

/// What the rows of an evaluation set ask.
struct Asked<'a> {
    set: Set<'a>,
    index: Index,
    /// The number of what a row asks, and which row it is; sorted.
    rows: Vec<Ask>,
}

/// One row that asks something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ask {
    high: u32,
    low: u32,
    at: u32,
}

impl Ask {
    fn number(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// What two datasets share.
struct Shared<'a> {
    train: &'a Set<'a>,
    index: Index,
    /// Rows of the evaluation set.
    rows: u64,
    /// The first of them, each with the first row of the training set that asks the same.
    first: Vec<(u32, u32)>,
}

impl<'a> Asked<'a> {
    fn of(release: &ReleaseSide<'a>, artifact: &'a PinnedArtifact) -> Result<Option<Self>, Diagnostics> {
        let Some(set) = rows_of(release, artifact)? else { return Ok(None) };
        let mut rows = Vec::new();
        let index = set.pass(Numbers::default, |part, first| {
            for (number, at) in part.rows {
                let at = u32::try_from(first + u64::from(at)).unwrap_or(u32::MAX);
                rows.push(Ask { high: (number >> 32) as u32, low: number as u32, at });
            }
        })?;
        rows.sort_unstable();
        Ok(Some(Self { set, index, rows }))
    }

    /// Compares with the rows of a training set.
    fn shared_with<'t>(&self, train: &'t Set<'t>) -> Result<Shared<'t>, Diagnostics> {
        // By the first place of a number in `rows`: the first training row that asks it.
        let mut met = vec![u32::MAX; self.rows.len()];
        let fork = || Lookup { asked: &self.rows, inputs: Inputs::default(), next: 0, hits: Vec::new() };
        let index = train.pass(fork, |part, first| {
            for (place, at) in part.hits {
                if let Some(met) = met.get_mut(place as usize) {
                    *met = (*met).min(u32::try_from(first + u64::from(at)).unwrap_or(u32::MAX));
                }
            }
        })?;
        let mut shared = Shared { train, index, rows: 0, first: Vec::new() };
        let mut current = (None, u32::MAX);
        for (ask, met) in self.rows.iter().zip(met) {
            if current.0 != Some(ask.number()) {
                current = (Some(ask.number()), met);
            }
            if current.1 != u32::MAX {
                shared.rows += 1;
                let place = shared.first.partition_point(|known| known.0 < ask.at);
                shared.first.insert(place, (ask.at, current.1));
                shared.first.truncate(EXAMPLES);
            }
        }
        Ok(shared)
    }
}

/// What the rows of a block ask.
#[derive(Default)]
struct Numbers {
    inputs: Inputs,
    next: u32,
    rows: Vec<(u64, u32)>,
}

impl Taker for Numbers {
    fn row(&mut self, names: &[String], fields: &[(u32, RowValue<'_>)], _: u64) {
        self.rows.extend(self.inputs.number(names, fields).map(|number| (number, self.next)));
        self.next += 1;
    }
}

/// Looks up what the rows of a block ask.
struct Lookup<'a> {
    asked: &'a [Ask],
    inputs: Inputs,
    next: u32,
    /// The first place in `asked`, and the row.
    hits: Vec<(u32, u32)>,
}

impl Taker for Lookup<'_> {
    fn row(&mut self, names: &[String], fields: &[(u32, RowValue<'_>)], _: u64) {
        if let Some(number) = self.inputs.number(names, fields) {
            let place = self.asked.partition_point(|ask| ask.number() < number);
            if self.asked.get(place).is_some_and(|ask| ask.number() == number) {
                self.hits.push((u32::try_from(place).unwrap_or(u32::MAX), self.next));
            }
        }
        self.next += 1;
    }
}

fn record(
    eval: &PinnedArtifact,
    train: &PinnedArtifact,
    asked: &Asked<'_>,
    shared: &Shared<'_>,
    was: Before,
) -> Result<Record, Diagnostics> {
    let (severity, direction, before) = match was {
        Before::NoPair => (Weight::Blocking, Direction::Looser, "none: they were not both there".to_owned()),
        Before::Unknown => {
            (Weight::Blocking, Direction::Unknown, "not known, its rows are not at hand".to_owned())
        }
        Before::Rows(rows) if shared.rows > rows => (Weight::Blocking, Direction::Looser, rows.to_string()),
        Before::Rows(rows) => (Weight::Review, Direction::Neutral, rows.to_string()),
    };
    let all = asked.index.rows;
    let text = format!(
        "{} of {} ({}) of {} are also in {} (before: {before})",
        shared.rows,
        count(all, "row"),
        percent(shared.rows, all),
        shown(eval),
        shown(train)
    );
    let evals: BTreeSet<u32> = shared.first.iter().map(|(eval, _)| *eval).collect();
    let trains: BTreeSet<u32> = shared.first.iter().map(|(_, train)| *train).collect();
    let evals = asked.set.fetch(&asked.index, &evals)?;
    let trains = shared.train.fetch(&shared.index, &trains)?;
    let mut details: Vec<Detail> = shared
        .first
        .iter()
        .filter_map(|(at, with)| Some(example(eval, train, evals.get(at)?, trains.get(with)?)))
        .map(Detail::Line)
        .collect();
    let more = shared.rows - shared.first.len() as u64;
    if more > 0 {
        details.push(Detail::Line(format!("{more} more")));
    }
    Ok(Record::new(ChangeRule::DatasetOverlap, format!("artifacts.{}", eval.key()), text)
        .of(eval.key())
        .weighs(severity)
        .goes(direction)
        .from_to(
            match was {
                Before::NoPair | Before::Unknown => None,
                Before::Rows(rows) => Some(count(rows, "shared row")),
            },
            Some(count(shared.rows, "shared row")),
        )
        .showing(details))
}

fn example(eval: &PinnedArtifact, train: &PinnedArtifact, old: &Fetched, new: &Fetched) -> String {
    let asks = old.fields.iter().find(|(name, held)| is_input(name) && !held.value.trim().is_empty());
    let asked = asks.map(|(name, held)| format!(": {name} {}", words::value(name, held))).unwrap_or_default();
    format!("{} = {}{asked}", place(eval, old), place(train, new))
}

/// `eval line 12 (id "c7")`.
fn place(artifact: &PinnedArtifact, row: &Fetched) -> String {
    let key = KEYS.iter().find_map(|key| row.fields.iter().find(|(name, _)| name == key));
    let key = key.map(|(name, held)| format!(" ({name} {})", words::value(name, held))).unwrap_or_default();
    format!("{} {}{key}", artifact.name, row.place)
}
