//! p-values to an outcome. The only place where a p-value meets a level.

use super::built_in::BuiltIn;
use super::declared::{Assessed, Gate};
use super::loss::{LossLimit, loss_limit};
use super::outcome::{Outcome, Reason, blocks};
use crate::manifest::{Category, Enforcement, Policy};
use crate::metric::{Assessment, Assumed, Label, Method, Shortfall};
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
    /// What the outcome takes for granted; what a pass would, where it is not decided.
    pub assumed: Assumed,
    /// The numbers.
    pub assessment: Assessment,
}

/// What was judged.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A gate that the manifest declares.
    Declared(Box<Gate>),
    /// One of relgate's own.
    BuiltIn(BuiltIn),
    /// A risk of the register, by the id of its gate.
    Risk(String),
}

/// One judged gate.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What was judged.
    pub subject: Subject,
    /// How it limits how much worse than the baseline the candidate may be; none where it does not.
    pub loss_limit: Option<LossLimit>,
    /// Level of a pass, looks included.
    pub alpha: f64,
    /// Level of a fail, looks included.
    pub alpha_fail: f64,
    /// Why it cannot be judged whatever its numbers say, or does not apply.
    pub barred: Option<(Outcome, Reason)>,
    /// The whole first, then the slices in the order of their keys.
    pub parts: Vec<Part>,
}

impl Judged {
    /// The gate's identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        match &self.subject {
            Subject::Declared(gate) => &gate.spec.id.value,
            Subject::BuiltIn(own) => own.id(),
            Subject::Risk(id) => id,
        }
    }

    /// The gate as the manifest declares it; none for one of relgate's own.
    #[must_use]
    pub fn declared(&self) -> Option<&Gate> {
        match &self.subject {
            Subject::Declared(gate) => Some(gate),
            Subject::BuiltIn(_) | Subject::Risk(_) => None,
        }
    }

    /// What its outcome does.
    #[must_use]
    pub fn enforcement(&self) -> Enforcement {
        self.declared().map_or(Enforcement::Block, |gate| gate.spec.enforcement)
    }

    /// What it is about.
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        self.declared().and_then(|gate| gate.bound.category)
    }

    /// Whether its outcome counts for the decision.
    #[must_use]
    pub fn blocks(&self) -> bool {
        blocks(self.enforcement())
    }

    /// What keeps it from standing for its category; none where it does. A gate that does not apply stands only where a shared
    /// policy says when, so that the release cannot switch it off for itself.
    #[must_use]
    pub fn hindrance(&self, observed_counts: bool) -> Option<Hindrance> {
        if !self.blocks() {
            return Some(Hindrance::WarnsOnly);
        }
        if let Some((Outcome::NotApplicable, _)) = self.barred {
            let shared = self.declared().is_some_and(|gate| gate.spec.when_is_shared);
            return (!shared).then_some(Hindrance::NotApplicable);
        }
        let Some(whole) = self.parts.first() else { return Some(Hindrance::Unquantified) };
        match (whole.assessment.estimate.method, &whole.assumed.largest_cluster) {
            (Method::Point, _) => Some(Hindrance::Unquantified),
            (Method::Observed, _) => (!observed_counts).then_some(Hindrance::Observed),
            // A limit that rests on the largest cluster seen stands for nobody's promise.
            (_, Some(largest)) => Some(Hindrance::LargestClusterSeen(largest.field.clone())),
            _ => None,
        }
    }
}

/// What keeps a gate from standing for its category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hindrance {
    /// Its outcome blocks nothing.
    WarnsOnly,
    /// Its `when` switches it off.
    NotApplicable,
    /// Nobody knows how sure its number is.
    Unquantified,
    /// It is a fact about the listed cases.
    Observed,
    /// It rests on the largest cluster that was seen, by this field.
    LargestClusterSeen(String),
}

/// Judges one gate: the whole, and each slice on its own. One that does not apply is not judged; one on evidence that is
/// not of this release, or too old (`blocked`), is an error whatever its numbers say.
#[must_use]
pub fn judge(mut gate: Gate, policy: &Policy, blocked: Option<Reason>) -> Judged {
    let alpha = super::declared::settings(&gate.spec, policy).alpha;
    let alpha_fail = policy.fail_confidence.alpha() / f64::from(policy.looks);
    let Assessed { whole, slices } = gate
        .assessed
        .take()
        .unwrap_or_else(|| Assessed { whole: Assessment::not_measured(), slices: Vec::new() });
    let loss_limit = loss_limit(&gate.bound, &whole);
    let scale = Scale { gate: &gate, alpha, alpha_fail };
    let mut parts = vec![scale.part(Vec::new(), whole)];
    for (labels, assessment) in slices {
        let key = gate.bound.by.iter().cloned().zip(labels).collect();
        parts.push(scale.part(key, assessment));
    }
    let barred = if gate.applies {
        blocked.map(|reason| (Outcome::Error, reason))
    } else {
        Some((Outcome::NotApplicable, Reason::SwitchedOff))
    };
    Judged { subject: Subject::Declared(Box::new(gate)), loss_limit, alpha, alpha_fail, barred, parts }
}

/// Judges one of relgate's own by how many of `all` were `found` to break it: it holds where none was.
#[must_use]
pub fn judge_built_in(own: BuiltIn, found: u64, all: u64) -> Judged {
    let (outcome, reason) =
        if found == 0 { (Outcome::Pass, Reason::FactHolds) } else { (Outcome::Fail, own.broken()) };
    of_count(Subject::BuiltIn(own), (outcome, reason), found, all.max(found))
}

/// The gate of a risk, which `open` of the `all` gates that test it keep from passing.
#[must_use]
pub fn judge_risk(id: String, came_to: (Outcome, Reason), open: u64, all: u64) -> Judged {
    of_count(Subject::Risk(id), came_to, open, all)
}

/// A gate that counts things of which none may be found.
fn of_count(subject: Subject, (outcome, reason): (Outcome, Reason), found: u64, all: u64) -> Judged {
    let barred = (outcome == Outcome::NotApplicable).then_some((outcome, reason));
    let part = Part {
        key: Vec::new(),
        outcome,
        reason,
        p_pass: None,
        p_fail: None,
        p_fail_adjusted: None,
        on_bad_side: found > 0,
        below_min_samples: false,
        assumed: Assumed::default(),
        assessment: Assessment::counted(found, all),
    };
    Judged { subject, loss_limit: None, alpha: 0.0, alpha_fail: 0.0, barred, parts: vec![part] }
}

/// What the parts of one gate are held against.
struct Scale<'a> {
    gate: &'a Gate,
    alpha: f64,
    alpha_fail: f64,
}

impl Scale<'_> {
    fn part(&self, key: Vec<(String, Label)>, mut assessment: Assessment) -> Part {
        let (spec, bound) = (&self.gate.spec, &self.gate.bound);
        let tails =
            assessment.tails.map(|tails| if bound.comparator.wants_low() { tails } else { tails.mirrored() });
        let (p_pass, p_fail) = (tails.map(|tails| tails.less), tails.map(|tails| tails.greater));
        let (outcome, reason) = match assessment.fact {
            Some(fact) => from_fact(fact, assessment.estimate.method),
            None => self.judge_tails(&assessment, p_pass, p_fail),
        };
        // Nothing at all is a mistake of the evidence, not too little of it; a slice may be empty.
        let (outcome, reason) = match reason {
            Reason::Shortfall(Shortfall::NoSamples) if key.is_empty() => (Outcome::Error, reason),
            reason => (outcome, reason),
        };
        // What would be a pass must still rest on enough; samples of a cluster are not independent, so clusters count.
        let size = assessment.support();
        let short = spec.min_samples.map(|min| min.value).filter(|min| size.is_none_or(|n| n < *min));
        let (outcome, reason) = match short {
            Some(min) if outcome == Outcome::Pass => (Outcome::Inconclusive, Reason::BelowMinSamples(min)),
            _ => (outcome, reason),
        };
        // A fresh run has to satisfy both.
        if let (Some(min), Some(needed)) = (&spec.min_samples, &mut assessment.needed) {
            needed.samples = needed.samples.map(|samples| samples.max(min.value));
        }
        // What is shown is what decided: a fail by its own confidence.
        if let Some(at) = assessment.at_fail.filter(|_| outcome == Outcome::Fail) {
            let range = if bound.change.is_some() { (None, None) } else { (bound.lower, bound.upper) };
            assessment.estimate = assessment.estimate.within(at, range);
        }
        let assumed = if (outcome == Outcome::Fail) == bound.comparator.wants_low() {
            assessment.assumptions.greater.clone()
        } else {
            assessment.assumptions.less.clone()
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
            assumed,
            assessment,
        }
    }

    fn judge_tails(
        &self,
        assessment: &Assessment,
        p_pass: Option<f64>,
        p_fail: Option<f64>,
    ) -> (Outcome, Reason) {
        if let Some(shortfall @ (Shortfall::BaselineNotPositive | Shortfall::NotFinite)) =
            assessment.shortfall
        {
            return (Outcome::Error, Reason::Shortfall(shortfall));
        }
        let (Some(p_pass), Some(p_fail)) = (p_pass, p_fail) else {
            return (
                Outcome::Inconclusive,
                Reason::Shortfall(assessment.shortfall.unwrap_or(Shortfall::TooFew)),
            );
        };
        if clears(p_fail, self.alpha_fail) {
            return (Outcome::Fail, Reason::BoundViolatesThreshold);
        }
        if !clears(p_pass, self.alpha) {
            return (Outcome::Inconclusive, undecided(assessment));
        }
        (Outcome::Pass, Reason::BoundClearsThreshold)
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
