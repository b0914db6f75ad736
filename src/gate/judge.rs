//! p-values to an outcome. The only place where a p-value meets a level.

use super::loss::{LossLimit, loss_limit};
use super::outcome::{Outcome, Reason, blocks};
use crate::manifest::{Category, Enforcement, GateSpec, Policy};
use crate::metric::{Assessment, Bound, Label, Method, Settings, Shortfall};
use crate::stats::clears;

/// The whole of a gate's samples, or one slice of them, judged.
#[derive(Debug, Clone)]
pub struct Part {
    /// The slice: field and value; empty for the whole.
    pub key: Vec<(String, Label)>,
    /// What it came to.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// p-value of "the rule holds": small values pass.
    pub p_pass: Option<f64>,
    /// p-value of "the rule is broken": small values fail.
    pub p_fail: Option<f64>,
    /// The same in the light of all gates; as unadjusted until the whole is looked at.
    pub p_fail_adjusted: Option<f64>,
    /// Whether the measured value itself is on the bad side; true where there is none.
    pub on_bad_side: bool,
    /// Whether it rests on fewer samples (or clusters) than `min_samples` asks for.
    pub below_min_samples: bool,
    /// The numbers.
    pub assessment: Assessment,
}

/// The place of a gate that stands in no manifest.
const BUILT_IN: usize = usize::MAX;

/// One judged gate.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The gate's identifier.
    pub id: String,
    /// Its place in `gates:`.
    pub gate: usize,
    /// What its outcome does.
    pub enforcement: Enforcement,
    /// What it is about.
    pub category: Option<Category>,
    /// How it limits how much worse than the baseline the candidate may be; none where it does not.
    pub loss_limit: Option<LossLimit>,
    /// Level of a pass, looks included.
    pub alpha: f64,
    /// Level of a fail, looks included.
    pub alpha_fail: f64,
    /// Whether a shared policy declares the gate's `when`, so that the release cannot switch it off for itself.
    pub when_is_shared: bool,
    /// Why it cannot be judged whatever its numbers say, or does not apply.
    pub barred: Option<(Outcome, Reason)>,
    /// The whole first, then the slices in the order of their keys.
    pub parts: Vec<Part>,
}

impl Judged {
    /// Whether it is a gate of relgate's own, which no manifest declares.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.gate == BUILT_IN
    }

    /// Whether its outcome counts for the decision.
    #[must_use]
    pub fn blocks(&self) -> bool {
        blocks(self.enforcement)
    }

    /// Whether it may stand for its category: a number of unknown uncertainty never does.
    #[must_use]
    pub fn covers(&self, observed_counts: bool) -> bool {
        if let Some((Outcome::NotApplicable, _)) = self.barred {
            return self.when_is_shared;
        }
        self.parts.first().is_some_and(|whole| match whole.assessment.estimate.method {
            Method::Point => false,
            Method::Observed => observed_counts,
            _ => true,
        })
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

/// Judges one gate: the whole, and each slice on its own.
#[must_use]
pub fn judge(
    gate: &GateSpec,
    bound: &Bound,
    policy: &Policy,
    whole: Assessment,
    slices: Vec<(Vec<Label>, Assessment)>,
) -> Judged {
    let alpha = settings(gate, policy).alpha;
    let alpha_fail = policy.fail_confidence.alpha() / f64::from(policy.looks);
    let levels = (alpha, alpha_fail);
    let loss_limit = loss_limit(bound, &whole);
    let mut parts = vec![part(gate, bound, levels, Vec::new(), whole)];
    for (labels, assessment) in slices {
        let key = bound.by.iter().cloned().zip(labels).collect();
        parts.push(part(gate, bound, levels, key, assessment));
    }
    Judged {
        id: gate.id.value.clone(),
        gate: bound.gate,
        enforcement: gate.enforcement,
        category: bound.category,
        loss_limit,
        alpha,
        alpha_fail,
        when_is_shared: gate.when_is_shared,
        barred: None,
        parts,
    }
}

/// The built-in gate on silent changes: none of `compared` artifacts may change its bytes and keep its version.
#[must_use]
pub fn silent_change(id: &str, silent: u64, compared: u64) -> Judged {
    built_in(id, Assessment::counted(silent, compared), silent, Reason::SilentChange)
}

/// The built-in gate on kept phrases: none of `asked` phrases may be lost.
#[must_use]
pub fn kept_phrases(id: &str, lost: u64, asked: u64) -> Judged {
    built_in(id, Assessment::counted(lost, asked), lost, Reason::KeptPhraseLost)
}

/// The built-in gate on what got looser: none of the changes since the baseline may weigh as blocking.
#[must_use]
pub fn looser_changes(id: &str, blocking: u64, changes: u64) -> Judged {
    built_in(id, Assessment::counted(blocking, changes.max(blocking)), blocking, Reason::LooserChanges)
}

/// A gate of relgate's own, which holds where nothing was found.
fn built_in(id: &str, assessment: Assessment, found: u64, broken: Reason) -> Judged {
    let (outcome, reason) =
        if found == 0 { (Outcome::Pass, Reason::FactHolds) } else { (Outcome::Fail, broken) };
    let part = Part {
        key: Vec::new(),
        outcome,
        reason,
        p_pass: None,
        p_fail: None,
        p_fail_adjusted: None,
        on_bad_side: found > 0,
        below_min_samples: false,
        assessment,
    };
    Judged {
        id: id.to_owned(),
        gate: BUILT_IN,
        enforcement: Enforcement::Block,
        category: None,
        loss_limit: None,
        alpha: 0.0,
        alpha_fail: 0.0,
        when_is_shared: false,
        barred: None,
        parts: vec![part],
    }
}

fn part(
    gate: &GateSpec,
    bound: &Bound,
    (alpha, alpha_fail): (f64, f64),
    key: Vec<(String, Label)>,
    assessment: Assessment,
) -> Part {
    let tails =
        assessment.tails.map(|tails| if bound.comparator.wants_low() { tails } else { tails.mirrored() });
    let (p_pass, p_fail) = (tails.map(|tails| tails.less), tails.map(|tails| tails.greater));
    let (outcome, reason) = match assessment.fact {
        Some(fact) => from_fact(fact, assessment.estimate.method),
        None => from_tails(&assessment, p_pass, p_fail, alpha, alpha_fail),
    };
    // What would be a pass must still rest on enough; samples of a cluster are not independent, so clusters count.
    let size = assessment.estimate.clusters.or(assessment.estimate.n);
    let short = gate.min_samples.map(|min| min.value).filter(|min| size.is_none_or(|n| n < *min));
    let (outcome, reason) = match short {
        Some(min) if outcome == Outcome::Pass => (Outcome::Inconclusive, Reason::BelowMinSamples(min)),
        _ => (outcome, reason),
    };
    let value = assessment.estimate.value;
    let on_bad_side = value.is_none_or(|value| !bound.comparator.holds(value, bound.threshold));
    Part {
        key,
        outcome,
        reason,
        p_pass,
        p_fail,
        p_fail_adjusted: p_fail,
        on_bad_side,
        below_min_samples: short.is_some(),
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
    assessment: &Assessment,
    p_pass: Option<f64>,
    p_fail: Option<f64>,
    alpha: f64,
    alpha_fail: f64,
) -> (Outcome, Reason) {
    if assessment.shortfall == Some(Shortfall::BaselineNotPositive) {
        return (Outcome::Error, Reason::Shortfall(Shortfall::BaselineNotPositive));
    }
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
    (Outcome::Pass, Reason::BoundClearsThreshold)
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
