//! Results that are there before the evaluation that is planned: what they say of how values spread.

use chrono::NaiveDate;

use super::foreseen::ForeseenGate;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::gate::Gate;
use crate::judge::assess;
use crate::judge::compared_with::read_compared_with;
use crate::judge::earlier::{self, Earlier};
use crate::judge::entry::{self, Entry};
use crate::judge::opened::Opened;
use crate::metric::MeasureKind;
use crate::release::Release;

/// The releases and the day that a pilot is read with.
pub struct Pilot<'a> {
    /// The release that is planned.
    pub release: &'a Release,
    /// What it is compared with; none where nothing of it can be read.
    pub earlier: Option<Earlier<'a>>,
    /// The day.
    pub as_of: NaiveDate,
}

/// Assesses the gates whose evidence is there; what it is compared with may still be missing.
///
/// # Errors
/// Damaged results, or numbers that contradict each other.
pub fn pilot(
    pilot: &Pilot<'_>,
    opened: Vec<Opened>,
    gates: &mut [ForeseenGate],
) -> Result<Vec<Diagnostic>, Diagnostics> {
    let mut warnings = Vec::new();
    let bounds = gates.iter_mut().filter(|gate| !gate.foreseen).map(|gate| &mut gate.gate.bound);
    read_compared_with(bounds, &opened, &pilot.release.manifest, pilot.release.tree.as_ref())?;
    let seen: Vec<Gate> = gates.iter().filter(|gate| !gate.foreseen).map(|gate| gate.gate.clone()).collect();
    let mut entries = entry::read(pilot.release, opened, &seen, pilot.as_of, true)?;
    if let Some(earlier) = &pilot.earlier {
        let mut told = Vec::new();
        match earlier::read(&mut entries, earlier, &seen, &mut told) {
            Ok(()) => {}
            Err(found) if found.iter().all(|finding| finding.nature.is_absence()) => {
                warnings.extend(found.iter().next().map(no_comparison));
            }
            Err(found) => return Err(found),
        }
    }
    let policy = &pilot.release.manifest.policy;
    let mut findings = Diagnostics::new();
    for ForeseenGate { gate, foreseen } in gates.iter_mut().filter(|gate| !gate.foreseen) {
        let entry = entries.iter().find(|entry| entry.is(&gate.bound.evidence));
        if lacks_other_side(gate, entry) {
            // Nothing was seen of what it compares.
            *foreseen = !matches!(gate.bound.measure.kind(), MeasureKind::Stated { .. });
            continue;
        }
        match assess::gate(gate, entry, &gate.settings(policy, entry.and_then(|entry| entry.sha256.as_ref())))
        {
            Ok(assessed) => gate.assessed = Some(assessed),
            Err(found) => findings.push(found),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(warnings) }
}

fn lacks_other_side(gate: &Gate, entry: Option<&Entry>) -> bool {
    let past = |reference| entry.and_then(|entry| entry.past(reference));
    gate.bound.against().is_some_and(|reference| past(reference).is_none())
}

fn no_comparison(found: &Diagnostic) -> Diagnostic {
    Diagnostic::warning(
        Code::NoBaselineEvidence,
        format!("gates on a change are planned without a pilot: {}", found.title),
    )
}
