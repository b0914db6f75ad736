//! The risks of the register: each is a gate that comes to what the gates which test it do.

use chrono::NaiveDate;

use super::result::GateResult;
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::gate::{self, BuiltIn, Judged, Outcome, Reason};
use crate::manifest::{Reference, RiskPolicy, RiskSpec, RiskStanding};

/// The register on the day of the judgement.
#[derive(Debug, Clone, Copy)]
pub struct Register<'a> {
    /// The risks, in the order of the manifest.
    pub risks: &'a [RiskSpec],
    /// The day that reviews are held against.
    pub as_of: NaiveDate,
}

impl Register<'_> {
    /// Without a risk.
    pub const EMPTY: Self = Self { risks: &[], as_of: NaiveDate::MIN };
}

/// The gates that `test` names: itself, and the same rule against the anchor.
pub fn testing<'g>(test: &'g str, gates: &'g [GateResult]) -> impl Iterator<Item = &'g GateResult> {
    let twin = Reference::Anchor.id_of(test);
    gates.iter().filter(move |gate| gate.judged.id() == test || gate.judged.id() == twin)
}

impl Register<'_> {
    pub(super) fn judge(&self, gates: &[GateResult], asked: RiskPolicy) -> Vec<Judged> {
        self.risks.iter().map(|risk| self.one(risk, gates, asked)).collect()
    }

    fn one(&self, risk: &RiskSpec, gates: &[GateResult], asked: RiskPolicy) -> Judged {
        let tests = risk.tested_by().iter().flat_map(|test| testing(&test.value, gates));
        let tests: Vec<&GateResult> = tests.collect();
        let unasked = |test: &&str| BuiltIn::ALL.iter().any(|own| own.id() == *test);
        let names = risk.tested_by().iter().map(|test| test.value.as_str());
        let unasked =
            names.filter(unasked).filter(|name| testing(name, gates).next().is_none()).count() as u64;
        let open = tests.iter().filter(|gate| !holds(gate)).count() as u64 + unasked;
        let came_to = if asked == RiskPolicy::Require && risk.review.value < self.as_of {
            (Outcome::Error, Reason::RiskReviewDue)
        } else {
            came_to(risk, &tests, unasked)
        };
        gate::judge_risk(risk.gate(), came_to, open, tests.len() as u64 + unasked)
    }
}

fn came_to(risk: &RiskSpec, tests: &[&GateResult], unasked: u64) -> (Outcome, Reason) {
    let accepted = match &risk.standing {
        RiskStanding::NotApplicable(_) => return (Outcome::NotApplicable, Reason::RiskNotApplicable),
        RiskStanding::Assessed(assessment) => assessment.accepted.is_some(),
    };
    let fails = |gate: &&&GateResult| gate.waived.is_empty() && gate.outcome == Outcome::Fail;
    match tests {
        [] if accepted && risk.tested_by().is_empty() => (Outcome::NotApplicable, Reason::RiskAccepted),
        [] if unasked == 0 => (Outcome::NotApplicable, Reason::RiskOnSignals),
        _ if tests.iter().any(|gate| fails(&gate)) => (Outcome::Fail, Reason::RiskGateFails),
        _ if unasked == 0 && tests.iter().all(|gate| holds(gate)) => (Outcome::Pass, Reason::RiskTested),
        _ => (Outcome::Inconclusive, Reason::RiskUntested),
    }
}

/// Whether a gate stands for a risk: it passes, is waived, or a shared policy says when it need not be asked. A release cannot
/// switch off for itself what tests its risks.
fn holds(gate: &GateResult) -> bool {
    let shared = gate.judged.declared().is_some_and(|gate| gate.spec.when_is_shared);
    !gate.waived.is_empty()
        || gate.outcome == Outcome::Pass
        || (gate.outcome == Outcome::NotApplicable && shared)
}

/// Risks that somebody should have looked at again by now; where the policy requires that, their gates say so.
#[must_use]
pub fn reviews_due(register: &Register<'_>, asked: RiskPolicy) -> Vec<Diagnostic> {
    let due = |risk: &&RiskSpec| risk.review.value < register.as_of && asked == RiskPolicy::Warn;
    let warning = |risk: &RiskSpec| {
        let (id, day) = (&risk.id.value, risk.review.value);
        Diagnostic::warning(
            Code::RiskReviewDue,
            format!("the risk `{id}` was to be looked at again by {day}"),
        )
        .at(risk.review.span, "in the past")
        .help(format!("{} looks at it, and writes the next day here", printable(&risk.owner.value)))
    };
    register.risks.iter().filter(due).map(warning).collect()
}
