//! Which ids two runs share: the cases that a comparison stands on, those that the candidate lost, those that are new.

use std::borrow::Cow;

use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{Assessed, Gate};
use crate::manifest::Reference;
use crate::metric::{self, Side, Table};

use super::entry::Entry;

/// How the ids of a candidate relate to those of an earlier release.
pub(super) struct Relation {
    /// The earlier release's ids, sorted, each once; none where the candidate has no others.
    known: Vec<u64>,
    /// How many those are.
    all: u64,
    /// How many of them the candidate has as well.
    pub(super) common: u64,
    /// How many of the candidate's it does not have.
    added: u64,
    /// How many more the earlier release had, which were dropped on purpose.
    retired: u64,
}

impl Relation {
    pub(super) fn of(candidate: Side<'_>, earlier: Side<'_>) -> Self {
        let retired = earlier.table.left_out().len() as u64;
        let (lost, added) = metric::lacking(candidate, earlier);
        let known = if added > 0 { ids(earlier).collect() } else { Vec::new() };
        let all = if earlier.table.repeats_ids() { ids(earlier).count() } else { earlier.rows.len() } as u64;
        Self { known, all, common: all - lost, added, retired }
    }

    /// The candidate's ids.
    pub(super) fn ours(&self) -> u64 {
        self.common + self.added
    }

    /// The earlier release's ids.
    pub(super) fn all(&self) -> u64 {
        self.all
    }

    /// The same with those that were dropped on purpose.
    pub(super) fn with_retired(&self) -> u64 {
        self.all() + self.retired
    }

    /// Those that the candidate lacks.
    fn lost(&self) -> u64 {
        self.all() - self.common
    }

    /// Whether the runs can be compared case by case: at least half of the earlier release's cases were asked again,
    /// whatever was dropped on purpose.
    pub(super) fn is_paired(&self) -> bool {
        self.common > 0 && self.common * 2 >= self.with_retired()
    }

    /// The rows of cases that the earlier release has too.
    pub(super) fn shared<'r>(&self, table: &Table, rows: &'r [u32]) -> Cow<'r, [u32]> {
        let known = |row: &u32| self.known.binary_search(&table.id(*row as usize)).is_ok();
        if self.added == 0 { rows.into() } else { rows.iter().copied().filter(known).collect() }
    }
}

/// In order, each once; a table's rows stand in the order of their ids.
fn ids(side: Side<'_>) -> impl Iterator<Item = u64> {
    let mut last = None;
    let all = side.rows.iter().map(move |row| side.table.id(*row as usize));
    all.filter(move |id| last.replace(*id) != Some(*id))
}

/// Says of every entry how many of the earlier releases' cases the candidate lost, with the figure that a rate would have if
/// they were wrong, and how many of its own are new.
pub(super) fn told(gates: &[Gate], entries: &[Entry]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for entry in entries {
        for reference in [Reference::Baseline, Reference::Anchor] {
            let earlier = entry.past(reference).and_then(|past| past.table.as_ref());
            let Some((ours, theirs)) = entry.table.as_ref().zip(earlier) else { continue };
            let (rows, others) = (ours.all_rows(), theirs.all_rows());
            let relation =
                Relation::of(Side { table: ours, rows: &rows }, Side { table: theirs, rows: &others });
            // Other questions were meant.
            if relation.common == 0 {
                continue;
            }
            told.extend(lost(&relation, entry, reference, gates));
            told.extend(added(&relation, entry, reference, gates));
        }
    }
    told
}

fn lost(relation: &Relation, entry: &Entry, reference: Reference, gates: &[Gate]) -> Option<Diagnostic> {
    let lost = relation.lost();
    if lost == 0 {
        return None;
    }
    let own = gates.iter().filter(|gate| gate.applies && entry.is(&gate.bound.evidence));
    let text = format!(
        "{lost} of the {}'s {} ids are not in the candidate's results of `{}`: evaluate them{}",
        reference.word(),
        relation.all(),
        entry.spec.name.value,
        own.filter_map(|gate| as_wrong(gate, lost)).collect::<String>()
    );
    Some(Diagnostic::warning(Code::LostCases, text).at(entry.spec.name.span, "cases are missing here"))
}

/// What a rate would be with the lost cases on its bad side.
fn as_wrong(gate: &Gate, lost: u64) -> Option<String> {
    let Assessed { whole, .. } = gate.assessed.as_ref().filter(|_| gate.bound.change.is_none())?;
    let (events, n) = whole.estimate.events.zip(whole.estimate.n)?;
    let bad = if gate.bound.comparator.wants_low() { lost } else { 0 };
    let share = (events + bad) as f64 / (n + lost) as f64;
    Some(format!(
        "; with them as wrong `{}` is {:.2}%, not {:.2}%",
        gate.spec.id.value,
        100.0 * share,
        100.0 * events as f64 / n as f64
    ))
}

fn added(relation: &Relation, entry: &Entry, reference: Reference, gates: &[Gate]) -> Option<Diagnostic> {
    let compares = |gate: &&Gate| {
        gate.applies && entry.is(&gate.bound.evidence) && gate.bound.against() == Some(reference)
    };
    if relation.added == 0 || gates.iter().find(compares).is_none() {
        return None;
    }
    let text = format!(
        "{} ids of `{}` are new since the {}, and left out of what is compared with it",
        relation.added,
        entry.spec.name.value,
        reference.word()
    );
    Some(Diagnostic::warning(Code::NewCases, text).at(entry.spec.name.span, "has further cases"))
}
