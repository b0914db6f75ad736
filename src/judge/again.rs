//! A gate judged once more, with another limit: from what was read, without reading again.

use super::assess;
use super::entry::Entry;
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::gate::{self, Gate, Judged, Outcome};
use crate::manifest::{Policy, Quantity, WaiverSpec};

/// What a gate is judged from again.
pub(super) struct Again<'a> {
    /// The gates, assessed.
    pub(super) gates: &'a [Gate],
    /// The evidence.
    pub(super) entries: &'a [Entry],
    /// What the levels are.
    pub(super) policy: &'a Policy,
}

/// What a limit comes to.
pub(super) struct Tried {
    /// In the unit of the gate.
    pub(super) limit: f64,
    /// Of each part of the gate.
    pub(super) outcomes: Vec<Outcome>,
}

impl Again<'_> {
    /// The gate that a waiver is for; none for one of relgate's own, which has no threshold.
    pub(super) fn gate(&self, waiver: &WaiverSpec) -> Option<&Gate> {
        self.gates.iter().find(|gate| gate.spec.id.value == waiver.gate.value)
    }

    /// A waiver's limit in place of the threshold; none where it has none, or its gate does not apply.
    pub(super) fn with_limit(&self, waiver: &WaiverSpec) -> Result<Option<Tried>, Diagnostic> {
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
        let settings = gate.settings(self.policy, entry.and_then(|entry| entry.sha256.as_ref()));
        gate.assessed = Some(assess::gate(&gate, entry, &settings)?);
        Ok(gate::judge(gate, self.policy, None))
    }

    /// Whether its evidence is not of this release, or too old.
    pub(super) fn is_blocked(&self, gate: &Gate) -> bool {
        let entry = self.entries.iter().find(|entry| entry.is(&gate.bound.evidence));
        entry.is_some_and(|entry| entry.state.blocked.is_some())
    }

    /// A gate as it was judged.
    pub(super) fn judged(&self, gate: &Gate) -> Judged {
        gate::judge(gate.clone(), self.policy, None)
    }

    /// A gate with a threshold of the author's unit, judged; none where it cannot be.
    pub(super) fn try_limit(&self, gate: &Gate, limit: &Quantity) -> Option<Judged> {
        let limit = Spanned::new(limit.clone(), gate.spec.rule.threshold.span);
        self.judge(gate.with_threshold(&limit).ok()?).ok()
    }
}
