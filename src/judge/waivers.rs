//! Judges waived gates again with the waiver's limit in place of the threshold, and with the limit that would do.

mod sufficient;

use chrono::{NaiveDate, TimeDelta};

use super::assess;
use super::entry::Entry;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Spanned};
use crate::gate::{self, Gate, Judged, Outcome};
use crate::manifest::{Age, Policy, Quantity, WaiverSpec};
use crate::verdict::Acceptance;

/// What a gate is judged from again.
pub(super) struct Again<'a> {
    /// The gates, assessed.
    pub(super) gates: &'a [Gate],
    /// The evidence.
    pub(super) entries: &'a [Entry],
    /// What the levels are.
    pub(super) policy: &'a Policy,
}

/// Every waiver with what its limit comes to on the day of the judgement.
pub(super) fn acceptances(
    again: &Again<'_>,
    waivers: &[WaiverSpec],
    as_of: NaiveDate,
) -> Result<Vec<Acceptance>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut accepted = Vec::new();
    for waiver in waivers {
        if let Some(finding) = too_long(waiver, again.policy.waiver_at_most, as_of) {
            findings.push(finding);
            continue;
        }
        match again.with_limit(waiver) {
            Ok(tried) => {
                let limit = tried.as_ref().map(|tried| tried.limit);
                accepted.push(Acceptance {
                    would_do: sufficient::limit(again, waiver, limit),
                    waiver: waiver.clone(),
                    expired: waiver.expires.value < as_of,
                    limit,
                    with_limit: tried.map(|tried| tried.outcomes),
                });
            }
            Err(finding) => findings.push(finding),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(accepted) }
}

/// A waiver that nobody will have to look at again is no exception but another threshold.
fn too_long(waiver: &WaiverSpec, most: Age, as_of: NaiveDate) -> Option<Diagnostic> {
    let last = as_of.checked_add_signed(TimeDelta::hours(most.hours.into()))?;
    let expires = waiver.expires.value;
    (expires > last).then(|| {
        Diagnostic::error(
            Code::WaiverTooLong,
            format!("this waiver expires on {expires}, and {most} from {as_of} is {last}"),
        )
        .at(waiver.expires.span, "later than a waiver may last")
        .help("let it expire earlier, and renew it if it is still needed by then")
    })
}

/// What a limit comes to.
struct Tried {
    /// In the unit of the gate.
    limit: f64,
    /// Of each part of the gate.
    outcomes: Vec<Outcome>,
}

impl Again<'_> {
    /// The gate that a waiver is for; none for one of relgate's own, which has no threshold.
    fn gate(&self, waiver: &WaiverSpec) -> Option<&Gate> {
        self.gates.iter().find(|gate| gate.spec.id.value == waiver.gate.value)
    }

    /// A waiver's limit in place of the threshold; none where it has none, or its gate does not apply.
    fn with_limit(&self, waiver: &WaiverSpec) -> Result<Option<Tried>, Diagnostic> {
        let gate = self.gate(waiver).filter(|gate| gate.applies);
        let Some((limit, gate)) = waiver.limit.as_ref().zip(gate) else { return Ok(None) };
        let eased = gate.with_threshold(limit)?;
        let (own, rule) = (eased.bound.threshold, gate.bound.threshold);
        let easier = if gate.bound.comparator.wants_low() { own >= rule } else { own <= rule };
        if !easier {
            return Err(Diagnostic::error(
                Code::WaiverTighterThanRule,
                "a waiver's limit is no stricter than the rule that it waives",
            )
            .at(limit.span, "stricter than the rule, so it could never help")
            .also(gate.spec.rule.threshold.span, "the rule")
            .help(
                "write the worst value that is still accepted; the evidence has to show it as it would a rule",
            ));
        }
        let judged = self.judge(eased)?;
        Ok(Some(Tried { limit: own, outcomes: judged.parts.iter().map(|part| part.outcome).collect() }))
    }

    /// A gate with another threshold, judged.
    fn judge(&self, mut gate: Gate) -> Result<Judged, Diagnostic> {
        let entry = self.entries.iter().find(|entry| entry.is(&gate.bound.evidence));
        gate.assessed = Some(assess::gate(&gate, entry, &gate.settings(self.policy))?);
        Ok(gate::judge(gate, self.policy, None))
    }

    /// Whether its evidence is not of this release, or too old.
    fn is_blocked(&self, gate: &Gate) -> bool {
        let entry = self.entries.iter().find(|entry| entry.is(&gate.bound.evidence));
        entry.is_some_and(|entry| entry.state.blocked.is_some())
    }

    /// A gate as it was judged.
    fn judged(&self, gate: &Gate) -> Judged {
        gate::judge(gate.clone(), self.policy, None)
    }

    /// A gate with a threshold of the author's unit, judged; none where it cannot be.
    fn try_limit(&self, gate: &Gate, limit: &Quantity) -> Option<Judged> {
        let limit = Spanned::new(limit.clone(), gate.spec.rule.threshold.span);
        self.judge(gate.with_threshold(&limit).ok()?).ok()
    }
}
