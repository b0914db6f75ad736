//! What the results show of each gate's metric, whatever the gates ask: estimates with limits, and no outcome.

use super::entry::{EntryNumbers, read_numbers};
use super::opened::{Opened, stated};
use crate::diagnostic::Diagnostics;
use crate::gate::Gate;
use crate::manifest::{Manifest, Unit};
use crate::metric::{self, Bound, Estimate, MeasureKind, Side};

/// What was measured of a metric.
#[derive(Debug, Clone)]
pub struct Level {
    /// The gate that names it.
    pub gate: String,
    /// The metric's folded name.
    pub metric: String,
    /// The evidence entry.
    pub evidence: String,
    /// The value with its limits.
    pub estimate: Estimate,
    /// Their unit.
    pub unit: Unit,
    /// What the value is of.
    pub kind: LevelKind,
}

/// What a level is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelKind {
    /// A number that somebody computed.
    Stated,
    /// How many samples are true.
    Rate,
    /// Other numbers.
    Mean,
}

/// Measures what `gates` are about in the candidate's own results.
///
/// # Errors
/// Damaged results, or numbers that contradict each other.
pub fn levels(manifest: &Manifest, opened: &[Opened], gates: &[Gate]) -> Result<Vec<Level>, Diagnostics> {
    let mut levels = Vec::new();
    for (spec, entry) in manifest.evidence.iter().zip(opened) {
        let own: Vec<&Gate> = gates.iter().filter(|gate| gate.bound.evidence == entry.name).collect();
        let bounds: Vec<&Bound> = own.iter().map(|gate| &gate.bound).collect();
        let EntryNumbers { table, sha256 } = read_numbers(entry, &spec.conditions, false, spec, &bounds)?;
        for gate in own {
            let settings = gate.settings(&manifest.policy, Some(&sha256));
            let level = metric::level_of(&gate.bound);
            let assessed = match (level.measure.kind(), &table) {
                (MeasureKind::Stated { name, .. }, _) => {
                    metric::assess_stated(&level, &stated(Some(entry), &level, name)?, &settings)
                }
                (_, Some(table)) => {
                    let rows = metric::select_whole(&level, table);
                    metric::assess(&level, Side { table, rows: &rows }, &settings)
                }
                (_, None) => continue,
            };
            let kind = match level.measure.kind() {
                MeasureKind::Stated { .. } => LevelKind::Stated,
                _ if assessed.estimate.events.is_some() => LevelKind::Rate,
                _ => LevelKind::Mean,
            };
            levels.push(Level {
                kind,
                gate: gate.spec.id.value.clone(),
                metric: level.metric.clone(),
                evidence: entry.name.clone(),
                estimate: assessed.estimate,
                unit: level.unit,
            });
        }
    }
    Ok(levels)
}
