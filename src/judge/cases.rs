//! The cases of the gates that are no pass, by name: what a person looks at first.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use crate::diagnostic::Diagnostics;
use crate::gate::{Gate, Outcome};
use crate::metric::{BadCase, BadCases, Label, Side, Table, WrittenId, bad_cases, select, written_ids};
use crate::verdict::GateResult;

/// So many are named.
const MOST: usize = 20;

/// The cases that speak against a gate, worst first.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    /// The first of them.
    pub named: Vec<NamedCase>,
    /// How many more there are.
    pub omitted: u64,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct NamedCase {
    /// Its id and epoch as the evidence writes them.
    pub written: WrittenId,
    /// Its value in the gate's unit; none where it has no score.
    pub value: Option<f64>,
    /// The baseline's value of the same id.
    pub baseline: Option<f64>,
}

/// The rows of the part that decides a gate: of a slice where one does.
fn decisive(result: &GateResult, gate: &Gate, table: &Table) -> Vec<u32> {
    let mut selection = select(&gate.bound, table);
    let labels: Vec<Label> =
        result.part().iter().flat_map(|part| &part.key).map(|(_, label)| label.clone()).collect();
    if labels.is_empty() { selection.whole } else { selection.slices.remove(&labels).unwrap_or_default() }
}

/// The cases of every gate that is no pass, by the gate's identifier; its evidence is read a second time for the names.
///
/// # Errors
/// Results that changed since they were read.
pub(super) fn named(
    results: &[GateResult],
    entries: &[Entry],
) -> Result<BTreeMap<String, Cases>, Diagnostics> {
    let mut all = BTreeMap::new();
    for entry in entries {
        let Some(table) = &entry.table else { continue };
        let mut of_entry: Vec<(&str, BadCases)> = Vec::new();
        for result in results {
            let Some(gate) = result.judged.declared() else { continue };
            let open = matches!(result.outcome, Outcome::Fail | Outcome::Inconclusive);
            if !open || !entry.is(&gate.bound.evidence) {
                continue;
            }
            let earlier = gate.bound.against().and_then(|reference| entry.past(reference)?.table.as_ref());
            let rows = decisive(result, gate, table);
            let side = Side { table, rows: &rows };
            let Some(cases) = bad_cases(&gate.bound, side, earlier, MOST) else { continue };
            of_entry.push((result.judged.id(), cases));
        }
        let keys: BTreeSet<u64> =
            of_entry.iter().flat_map(|(_, cases)| &cases.worst).map(|case| case.key).collect();
        if keys.is_empty() {
            all.extend(of_entry.into_iter().map(|(id, _)| (id.to_owned(), Cases::default())));
            continue;
        }
        let ids = written_ids(&entry.opened.samples(), table.plan(), keys)?;
        entry.opened.check_unchanged()?;
        let mut runs = entry.opened.runs(&entry.spec.conditions).peekable();
        // A reader of a tool's file numbers the rows of every case; one of each needs no number.
        let once = runs.peek().is_some() && runs.all(|run| run.epochs < 2);
        let name = |case: BadCase| {
            let mut written = ids.get(&case.key)?.clone();
            written.epoch = written.epoch.filter(|_| !once);
            if case.lost_before && case.value.is_some() {
                written.error = Some("the baseline has no score of it".to_owned());
            }
            Some(NamedCase { written, value: case.value, baseline: case.baseline })
        };
        all.extend(of_entry.into_iter().map(|(id, BadCases { worst, omitted })| {
            (id.to_owned(), Cases { named: worst.into_iter().filter_map(name).collect(), omitted })
        }));
    }
    Ok(all)
}
