//! What the baseline measured where a gate asks for a level: shown beside the candidate's, and judged by nothing.

use super::entry::Entry;
use super::opened::stated;
use crate::gate::Gate;
use crate::manifest::{Policy, Reference};
use crate::metric::{self, Estimate, MeasureKind, Side};

/// The baseline's own numbers for a gate on a level; none where its results were not read, or have nothing of it.
#[must_use]
pub fn before(gate: &Gate, entries: &[Entry], policy: &Policy) -> Option<Estimate> {
    let bound = &gate.bound;
    let entry = entries.iter().find(|entry| entry.is(&bound.evidence))?;
    let past = entry.past(Reference::Baseline)?;
    if bound.change.is_some() || !bound.names().iter().all(|name| past.opened.has(name)) {
        return None;
    }
    let settings = gate.settings(policy, entry.sha256.as_ref());
    let assessed = match bound.measure.kind() {
        MeasureKind::Stated { name, .. } => {
            metric::assess_stated(bound, &stated(Some(&past.opened), bound, name).ok()?, &settings)
        }
        _ => {
            let table = past.table.as_ref()?;
            let rows = metric::select_whole(bound, table);
            metric::assess(bound, Side { table, rows: &rows }, &settings)
        }
    };
    Some(assessed.estimate).filter(|estimate| estimate.value.is_some())
}
