//! Judges waived gates again with the waiver's limit in place of the threshold, and with the limit that would do.

mod sufficient;

use chrono::NaiveDate;

use super::compare::Baselines;
use super::examine::{self, Read};
use super::opened::Opened;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Spanned};
use crate::gate::{self, Judged, Outcome};
use crate::manifest::{GateSpec, Manifest, Quantity, WaiverSpec};
use crate::metric::Bound;
use crate::verdict::Acceptance;

/// What the stages have read, to judge from again.
pub(crate) struct Case<'a> {
    /// The release.
    pub(crate) manifest: &'a Manifest,
    /// Its evidence, opened.
    pub(crate) opened: &'a [Opened],
    /// The same, read.
    pub(crate) read: &'a [Read],
    /// What was read of the earlier releases.
    pub(crate) baselines: &'a Baselines,
    /// The gates, and whether each applies.
    pub(crate) asked: &'a [(&'a Bound, bool)],
    /// The gates as they were judged, in the order of the manifest.
    pub(crate) judged: &'a [Judged],
    /// The day of the judgement.
    pub(crate) as_of: NaiveDate,
}

/// Every waiver with what its limit comes to.
pub(crate) fn acceptances(case: &Case<'_>) -> Result<Vec<Acceptance>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut accepted = Vec::new();
    for waiver in &case.manifest.waivers {
        match with_limit(case, waiver) {
            Ok(judged) => accepted.push(Acceptance {
                would_do: sufficient::limit(case, waiver, judged.as_ref().map(|judged| judged.0)),
                gate: waiver.gate.value.clone(),
                slice: waiver.slice.as_ref().map(|slice| slice.value.clone()),
                expired: waiver.expires.value < case.as_of,
                limit: judged.as_ref().map(|judged| judged.0),
                with_limit: judged.map(|judged| judged.1),
            }),
            Err(found) => findings.extend(found),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(accepted) }
}

/// The limit in the unit of the gate, and the outcome of each part with it; none where the waiver has none.
fn with_limit(case: &Case<'_>, waiver: &WaiverSpec) -> Result<Option<(f64, Vec<Outcome>)>, Diagnostics> {
    let Some(limit) = &waiver.limit else { return Ok(None) };
    let place = case.manifest.gates.iter().position(|gate| gate.id.value == waiver.gate.value);
    // The manifest reader refuses a waiver for a gate that does not exist.
    let Some((gate, (bound, true))) =
        place.and_then(|i| Some((case.manifest.gates.get(i)?, case.asked.get(i)?)))
    else {
        return Ok(None);
    };
    let Some((eased, again)) = eased(case, gate, limit)? else { return Ok(None) };
    let easier = if bound.comparator.wants_low() {
        again.threshold >= bound.threshold
    } else {
        again.threshold <= bound.threshold
    };
    if !easier {
        return Err(Diagnostic::error(
            Code::WaiverTighterThanRule,
            "a waiver's limit is no stricter than the rule that it waives",
        )
        .at(limit.span, "stricter than the rule, so it could never help")
        .also(gate.rule.threshold.span, "the rule")
        .help("write the worst value that is still accepted; the evidence has to show it as it would a rule")
        .into());
    }
    let Some(judged) = judge(case, &eased, &again)? else { return Ok(None) };
    Ok(Some((again.threshold, judged.parts.iter().map(|part| part.outcome).collect())))
}

/// The manifest with only this gate, and with this threshold; none only where nothing was bound.
fn eased(
    case: &Case<'_>,
    gate: &GateSpec,
    threshold: &Spanned<Quantity>,
) -> Result<Option<(Manifest, Bound)>, Diagnostics> {
    let mut eased = case.manifest.clone();
    let mut own = gate.clone();
    own.rule.threshold = threshold.clone();
    eased.gates = vec![own];
    let again = examine::bind_known(&eased, case.opened)?;
    Ok(again.into_iter().next().map(|again| (eased, again)))
}

/// The gate of such a manifest, judged.
fn judge(case: &Case<'_>, eased: &Manifest, again: &Bound) -> Result<Option<Judged>, Diagnostics> {
    let assessed = examine::assess(eased, case.opened, case.read, case.baselines, &[(again, true)])?;
    let both = eased.gates.first().zip(assessed.into_iter().next());
    Ok(both.map(|(own, one)| gate::judge(own, again, &eased.policy, one.whole, one.slices)))
}
