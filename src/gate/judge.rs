//! p-values to an outcome. The only place where a p-value meets a level.

use super::outcome::{Outcome, Reason, blocks};
use crate::manifest::{Category, Enforcement, GateSpec, Policy};
use crate::metric::{Assessment, Bound, Method, Settings, Shortfall};
use crate::stats::clears;

/// One judged gate.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The gate's identifier.
    pub id: String,
    /// Its place in `gates:`.
    pub gate: usize,
    /// What it came to, before the whole is looked at.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// What its outcome does.
    pub enforcement: Enforcement,
    /// What it is about.
    pub category: Option<Category>,
    /// p-value of "the rule holds": small values pass.
    pub p_pass: Option<f64>,
    /// p-value of "the rule is broken": small values fail.
    pub p_fail: Option<f64>,
    /// Level of a pass, looks included.
    pub alpha: f64,
    /// Level of a fail, looks included.
    pub alpha_fail: f64,
    /// Whether the measured value itself is on the bad side; true where there is none.
    pub on_bad_side: bool,
    /// The numbers.
    pub assessment: Assessment,
}

impl Judged {
    /// Whether its outcome counts for the decision.
    #[must_use]
    pub fn blocks(&self) -> bool {
        blocks(self.enforcement)
    }

    /// Whether it may stand for its category: a number of unknown uncertainty never does.
    #[must_use]
    pub fn covers(&self, observed_counts: bool) -> bool {
        match self.assessment.estimate.method {
            Method::Point => false,
            Method::Observed => observed_counts,
            _ => self.outcome != Outcome::NotApplicable,
        }
    }
}

/// The settings that a gate is assessed with: looks share its level.
#[must_use]
pub fn settings(gate: &GateSpec, policy: &Policy) -> Settings {
    let confidence = gate.confidence.map_or(policy.confidence, |own| own.value);
    Settings {
        alpha: confidence.alpha() / f64::from(policy.looks),
        missing_samples: policy.missing_samples,
        point_estimates: policy.point_estimates,
    }
}

/// Judges one gate.
#[must_use]
pub fn judge(gate: &GateSpec, bound: &Bound, policy: &Policy, assessment: Assessment) -> Judged {
    let alpha = settings(gate, policy).alpha;
    let alpha_fail = policy.fail_confidence.alpha() / f64::from(policy.looks);
    let tails =
        assessment.tails.map(|tails| if bound.comparator.wants_low() { tails } else { tails.mirrored() });
    let (p_pass, p_fail) = (tails.map(|tails| tails.less), tails.map(|tails| tails.greater));
    let (outcome, reason) = match assessment.fact {
        Some(fact) => from_fact(fact, assessment.estimate.method),
        None => from_tails(gate, &assessment, p_pass, p_fail, alpha, alpha_fail),
    };
    let value = assessment.estimate.value;
    Judged {
        id: gate.id.value.clone(),
        gate: bound.gate,
        outcome,
        reason,
        enforcement: gate.enforcement,
        category: bound.category,
        p_pass,
        p_fail,
        alpha,
        alpha_fail,
        on_bad_side: value.is_none_or(|value| !bound.comparator.holds(value, bound.threshold)),
        assessment,
    }
}

fn from_fact((always, sometimes): (bool, bool), method: Method) -> (Outcome, Reason) {
    let face_value = method == Method::Point;
    match (always, sometimes) {
        (true, _) if face_value => (Outcome::Pass, Reason::FaceValueHolds),
        (true, _) => (Outcome::Pass, Reason::FactHolds),
        (false, true) => (Outcome::Inconclusive, Reason::FactOpen),
        (false, false) if face_value => (Outcome::Fail, Reason::FaceValueBroken),
        (false, false) => (Outcome::Fail, Reason::FactBroken),
    }
}

fn from_tails(
    gate: &GateSpec,
    assessment: &Assessment,
    p_pass: Option<f64>,
    p_fail: Option<f64>,
    alpha: f64,
    alpha_fail: f64,
) -> (Outcome, Reason) {
    let (Some(p_pass), Some(p_fail)) = (p_pass, p_fail) else {
        return (Outcome::Inconclusive, Reason::Shortfall(assessment.shortfall.unwrap_or(Shortfall::TooFew)));
    };
    if clears(p_fail, alpha_fail) {
        return (Outcome::Fail, Reason::BoundViolatesThreshold);
    }
    if !clears(p_pass, alpha) {
        return (Outcome::Inconclusive, undecided(assessment));
    }
    // What would be a pass must still be one that can be trusted.
    if assessment.shortfall == Some(Shortfall::TooSkewed) {
        return (Outcome::Inconclusive, Reason::Shortfall(Shortfall::TooSkewed));
    }
    match gate.min_samples.map(|min| min.value) {
        Some(min) if assessment.estimate.n.is_none_or(|n| n < min) => {
            (Outcome::Inconclusive, Reason::BelowMinSamples(min))
        }
        _ => (Outcome::Pass, Reason::BoundClearsThreshold),
    }
}

fn undecided(assessment: &Assessment) -> Reason {
    if let Some(shortfall) = assessment.shortfall {
        return Reason::Shortfall(shortfall);
    }
    let least = assessment.needed.and_then(|needed| needed.least);
    match (least, assessment.estimate.n) {
        (Some(least), Some(n)) if n < least => Reason::TooFewSamples(least),
        _ => Reason::ThresholdInsideInterval,
    }
}
