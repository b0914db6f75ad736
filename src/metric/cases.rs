//! The cases behind what a gate came to: the samples that speak against it, worst first.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bound::Bound;
use super::gather::Input;
use super::measure::MeasureKind;
use super::plan::{Plan, RowsAs};
use super::reasons::reason;
use super::row::{key_in, turn};
use super::side::Side;
use super::table::Table;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::evidence::{Id, Sample, Sink};
use crate::manifest::{Aggregate, ChangeWord, Comparator, Direction};

/// One sample that speaks against a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct BadCase {
    /// What it is known by: the hash of its id and epoch.
    pub key: u64,
    /// Its value in the gate's unit; none where it has no score.
    pub value: Option<f64>,
    /// The baseline's value of the same id and epoch.
    pub baseline: Option<f64>,
    /// Whether the baseline has the sample, and no score of it.
    pub lost_before: bool,
}

/// So many are held before the least bad of them are let go.
const ROOM: usize = 4096;

/// The samples that speak against a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct BadCases {
    /// Worst first, those without a score before all.
    pub worst: Vec<BadCase>,
    /// How many more there are.
    pub omitted: u64,
}

/// Up to `most` of the samples on a side that speak against a gate, and how many more there are; `earlier` is the release that
/// a change is measured from. None where the gate is not about single samples.
#[must_use]
pub fn bad_cases(bound: &Bound, side: Side<'_>, earlier: Option<&Table>, most: usize) -> Option<BadCases> {
    let Side { table, rows } = side;
    let field = bound.measure.case_field()?;
    let column = table.column(field)?;
    let before = earlier.and_then(|earlier| Some((earlier, earlier.column(field)?)));
    let order = |(a, x): &(f64, BadCase), (b, y): &(f64, BadCase)| {
        b.partial_cmp(a).unwrap_or(Ordering::Equal).then(x.key.cmp(&y.key))
    };
    let (mut cases, mut all): (Vec<(f64, BadCase)>, u64) = (Vec::new(), 0);
    for row in rows {
        let row = *row as usize;
        let key = table.key(row);
        let value = column.get(row).map(|value| value * bound.scale);
        let found = before.and_then(|(earlier, column)| Some(column.get(earlier.find(table.id(row), key)?)));
        let was = found.flatten().map(|value| value * bound.scale);
        let lost_before = found.is_some() && was.is_none() && bound.change.is_some();
        // Behind what the candidate lacks, before everything that was compared.
        let badness =
            if lost_before && value.is_some() { Some(f64::MAX) } else { badness(bound, value, was) };
        let Some(badness) = badness else { continue };
        all += 1;
        cases.push((badness, BadCase { key, value, baseline: was, lost_before }));
        // A run may hold millions of them.
        if cases.len() > ROOM.max(2 * most) {
            cases.sort_unstable_by(order);
            cases.truncate(most);
        }
    }
    cases.sort_unstable_by(order);
    cases.truncate(most);
    let worst: Vec<BadCase> = cases.into_iter().map(|(_, case)| case).collect();
    Some(BadCases { omitted: all - worst.len() as u64, worst })
}

/// Whether a report may have to name a sample of this value: it speaks against the gate, or nobody knows before both sides of a
/// change are compared.
pub(super) fn may_be_named(bound: &Bound, value: Option<f64>) -> bool {
    bound.change.is_some() || badness(bound, value.map(|value| value * bound.scale), None).is_some()
}

/// How much a sample speaks against a gate; none where it does not.
fn badness(bound: &Bound, value: Option<f64>, was: Option<f64>) -> Option<f64> {
    let Some(value) = value else { return Some(f64::INFINITY) };
    let low = bound.comparator.wants_low() || bound.comparator == Comparator::Equal;
    let Some(change) = bound.change else {
        let counted = bound.measure.kind() == MeasureKind::Observed(Aggregate::Count);
        let bad =
            if counted { (value > 0.5) == low } else { !bound.comparator.holds(value, bound.threshold) };
        return bad.then_some(if low { value } else { -value });
    };
    let more = value - was?;
    let regressions = bound.measure.counts_regressions();
    let worse = match change.word {
        _ if regressions => {
            if bound.direction == Some(Direction::Lower) {
                more
            } else {
                -more
            }
        }
        ChangeWord::Increase => more,
        ChangeWord::Drop => -more,
        ChangeWord::Change => more.abs(),
    };
    let worse = if low || regressions { worse } else { -worse };
    (worse > 0.0).then_some(worse)
}

/// The id of a sample as it is written, its epoch, and its error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenId {
    /// The id.
    pub id: String,
    /// The epoch, where it has one.
    pub epoch: Option<i64>,
    /// What its `error` says, as outputs show it.
    pub error: Option<String>,
}

/// The ids behind some keys of a table that was made of `inputs`.
///
/// # Errors
/// Results that changed since they were read.
pub fn written_ids(
    inputs: &[Input<'_>],
    plan: &Plan,
    keys: BTreeSet<u64>,
) -> Result<BTreeMap<u64, WrittenId>, Diagnostics> {
    let plan = Arc::new(plan.clone());
    let mut found = Found { plan: Arc::clone(&plan), keys: Arc::new(keys), ids: BTreeMap::new() };
    for input in inputs {
        input.stream(&plan, &mut found)?;
    }
    Ok(found.ids)
}

/// Collects the ids behind keys.
struct Found {
    plan: Arc<Plan>,
    keys: Arc<BTreeSet<u64>>,
    ids: BTreeMap<u64, WrittenId>,
}

impl Sink for Found {
    fn fork(&self) -> Self {
        Self { plan: Arc::clone(&self.plan), keys: Arc::clone(&self.keys), ids: BTreeMap::new() }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let key = key_in(&self.plan, &sample.id, turn(sample));
        if self.keys.contains(&key) {
            let mut id = match &sample.id {
                Id::Text(text) => text.to_string(),
                // Where a part keeps only the hash of it, nobody can say more.
                Id::Integer(hash) if self.plan.rows_as == RowsAs::Stripped => format!("{hash:016x}"),
                Id::Integer(integer) => integer.to_string(),
            };
            if let Some(rater) = &sample.rater {
                id = format!("{id} by {rater}");
            }
            self.ids.insert(
                key,
                WrittenId { id, epoch: sample.epoch, error: sample.error.as_deref().map(reason) },
            );
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, _: u64) -> Result<(), Diagnostic> {
        self.ids.extend(later.ids);
        Ok(())
    }
}
