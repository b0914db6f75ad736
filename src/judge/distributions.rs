//! How the values behind the gates lie, in the candidate and in the baseline: shown, and judged by nothing.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::selected::same_conditions;
use crate::gate::{Gate, Outcome};
use crate::manifest::{Condition, Reference, Unit};
use crate::metric::{Side, Table, select_whole, spread};
use crate::verdict::GateResult;

/// The values of one field in one evidence entry.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// The evidence entry.
    pub evidence: String,
    /// The field.
    pub field: String,
    /// The unit of the values.
    pub unit: Unit,
    /// The candidate's quantiles, one for each of [`crate::metric::SHARES`].
    pub candidate: Vec<f64>,
    /// The baseline's, where its results were read and have any.
    pub baseline: Option<Vec<f64>>,
    scale: f64,
    conditions: Vec<Condition>,
}

/// The distributions, and whose they are.
#[derive(Debug, Clone, Default)]
pub struct Distributions {
    /// Each once, in the order of the gates.
    pub all: Vec<Distribution>,
    /// The place in `all` by the gate's identifier.
    pub of_gates: BTreeMap<String, usize>,
}

impl Distribution {
    fn is_of(&self, gate: &Gate, field: &str) -> bool {
        let bound = &gate.bound;
        self.evidence == bound.evidence
            && self.field == field
            && self.unit == level_unit(gate)
            && self.scale.total_cmp(&bound.scale).is_eq()
            && same_conditions(&self.conditions, &bound.conditions)
    }
}

fn level_unit(gate: &Gate) -> Unit {
    gate.bound.change.map_or(gate.bound.unit, |change| change.level_unit)
}

/// The distributions of every gate on numbers of single samples that applies.
pub(super) fn of(results: &[GateResult], entries: &[Entry]) -> Distributions {
    let mut found = Distributions::default();
    for result in results.iter().filter(|result| result.outcome != Outcome::NotApplicable) {
        let Some(gate) = result.judged.declared() else { continue };
        let Some(field) = gate.bound.measure.case_field() else { continue };
        let known = found.all.iter().position(|known| known.is_of(gate, field));
        let place = known.or_else(|| {
            found.all.push(one(gate, field, entries)?);
            Some(found.all.len() - 1)
        });
        found.of_gates.extend(place.map(|place| (result.judged.id().to_owned(), place)));
    }
    found
}

fn one(gate: &Gate, field: &str, entries: &[Entry]) -> Option<Distribution> {
    let bound = &gate.bound;
    let entry = entries.iter().find(|entry| entry.is(&bound.evidence))?;
    let of = |table: &Table| {
        // True and false have no distribution, and nobody needs their rows.
        let has_numbers = table.column(field).is_some_and(|column| !column.is_binary());
        has_numbers.then(|| spread(bound, Side { table, rows: &select_whole(bound, table) })).flatten()
    };
    let table = entry.table.as_ref()?;
    let past = entry.past(bound.against().unwrap_or(Reference::Baseline));
    let (candidate, baseline) = match past.and_then(|past| past.table.as_ref()) {
        Some(past) => rayon::join(|| of(table), || of(past)),
        None => (of(table), None),
    };
    Some(Distribution {
        evidence: bound.evidence.clone(),
        field: field.to_owned(),
        unit: level_unit(gate),
        candidate: candidate?,
        baseline,
        scale: bound.scale,
        conditions: bound.conditions.clone(),
    })
}
