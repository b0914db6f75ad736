//! DECIDED: the gates together. Error rates of the whole, enforcement, and the one word.
//!
//! "Every gate passes" needs no correction (an intersection-union test). "Some gate fails" does: the fails of all
//! blocking gates are Holm-adjusted.

mod result;
mod risks;
mod waivers;

pub use result::GateResult;
pub use risks::{Register, reviews_due, testing};
pub use waivers::{Acceptance, Sufficient, Waivable, WaiverResult, WaiverState, covers};

use crate::change::Required;
use crate::diagnostic::{Span, Spanned};
use crate::gate::{Judged, LossLimit, Outcome, Part, Reason};
use crate::manifest::{Category, Enforcement, Policy};
use crate::metric::Shortfall;
use crate::stats::clears;
use crate::stats::multiplicity::holm;

/// The one word. The order is that of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// The release may ship.
    Pass,
    /// The evidence does not decide, and the policy blocks on that.
    Inconclusive,
    /// It could not be judged.
    Error,
    /// A blocking gate failed.
    Fail,
}

impl Decision {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::Fail => "fail",
        }
    }
}

/// The whole judgement.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The one word.
    pub decision: Decision,
    /// The gates in the order of the manifest.
    pub gates: Vec<GateResult>,
    /// Required categories without a blocking gate that can stand for them.
    pub uncovered: Vec<Spanned<Category>>,
    /// Whether a blocking gate limits how much worse than the baseline's quality may be.
    pub quality_holds: bool,
    /// The places in `gates` of those that limit it only by a wide margin, where a near one is required.
    pub held_loosely: Vec<usize>,
    /// The place that requires such a gate where none stands; none otherwise.
    pub unguarded: Option<Span>,
    /// Whether a gate of the release's own blocks and applies; without one nothing stands behind a pass.
    pub asked: bool,
    /// What became of each waiver, in the order of the manifest.
    pub waivers: Vec<WaiverResult>,
}

impl Verdict {
    /// The gates that keep the release from passing, in the order of the manifest.
    pub fn in_the_way(&self, policy: &Policy) -> impl Iterator<Item = &GateResult> {
        self.gates.iter().filter(|gate| Self::is_in_the_way(gate, policy))
    }

    /// Whether a gate keeps the release from passing.
    #[must_use]
    pub fn is_in_the_way(gate: &GateResult, policy: &Policy) -> bool {
        gate.judged.blocks() && weigh(gate, policy) != Decision::Pass
    }
}

/// Decides; `required` is what the gates must show together, `waivers` what the manifest accepts, in its order. The risks of the
/// `register` come to what the gates that test them do, waivers included, and stand behind these.
#[must_use]
pub fn decide(
    mut judged: Vec<Judged>,
    policy: &Policy,
    required: &Required,
    waivers: Vec<Acceptance>,
    register: &Register<'_>,
) -> Verdict {
    adjust(&mut judged);
    let mut gates: Vec<GateResult> = judged.into_iter().map(conclude).collect();
    let waivers = waivers::apply(&mut gates, waivers);
    let risks = register.judge(&gates, policy.risks);
    gates.extend(risks.into_iter().map(conclude));
    let stands = |category: Category| {
        gates.iter().enumerate().filter(move |(_, gate)| {
            let judged = &gate.judged;
            judged.category() == Some(category) && judged.hindrance(policy.observed_counts).is_none()
        })
    };
    let uncovered: Vec<_> = required
        .categories
        .iter()
        .copied()
        .filter(|category| stands(category.value).next().is_none())
        .collect();
    let limits: Vec<(usize, LossLimit)> = stands(Category::Quality)
        .filter_map(|(place, gate)| Some((place, gate.judged.loss_limit?)))
        .collect();
    let quality_holds = !limits.is_empty();
    let wide = quality_holds && limits.iter().all(|(_, limit)| *limit == LossLimit::Wide);
    let held_loosely = if wide && required.no_regression.is_some() {
        limits.iter().map(|(place, _)| *place).collect()
    } else {
        Vec::new()
    };
    let unguarded = required.no_regression.filter(|_| !quality_holds);
    let worst = gates.iter().filter(|gate| gate.judged.blocks()).map(|gate| weigh(gate, policy)).max();
    // No gate of the release's own that blocks and applies: nothing was asked, so nothing is answered.
    let asked = gates.iter().any(|gate| {
        gate.judged.blocks() && gate.judged.declared().is_some() && gate.outcome != Outcome::NotApplicable
    });
    let decision = match worst {
        Some(worst) if asked && uncovered.is_empty() && unguarded.is_none() => worst,
        worst => worst.unwrap_or(Decision::Error).max(Decision::Error),
    };
    Verdict { decision, gates, uncovered, quality_holds, held_loosely, unguarded, asked, waivers }
}

/// Holm over the fails of all blocking gates and their slices: one that does not survive is inconclusive.
fn adjust(judged: &mut [Judged]) {
    let counted = judged.iter_mut().filter(|one| one.blocks() && one.barred.is_none());
    let parts = counted.flat_map(|one| &mut one.parts);
    let mut parts: Vec<&mut Part> = parts.filter(|part| part.p_fail.is_some()).collect();
    let family: Vec<f64> = parts.iter().filter_map(|part| part.p_fail).collect();
    for (part, p) in parts.iter_mut().zip(holm(&family)) {
        part.p_fail_adjusted = Some(p);
    }
    for one in judged {
        let alpha_fail = one.alpha_fail;
        for part in &mut one.parts {
            let survives = part.p_fail_adjusted.is_none_or(|p| clears(p, alpha_fail));
            if part.outcome == Outcome::Fail && !survives {
                (part.outcome, part.reason) = (Outcome::Inconclusive, Reason::FailUnadjusted);
            }
        }
    }
}

/// The worst part decides; the whole before a slice, and a slice before a later one.
fn conclude(judged: Judged) -> GateResult {
    if let Some((outcome, reason)) = judged.barred {
        return GateResult { judged, outcome, reason, decisive: 0, waived: Vec::new() };
    }
    let mut worst = (0, Outcome::Inconclusive, Reason::Shortfall(Shortfall::NoSamples));
    for (i, part) in judged.parts.iter().enumerate() {
        if i == 0 || part.outcome > worst.1 {
            worst = (i, part.outcome, part.reason);
        }
    }
    let (decisive, outcome, reason) = worst;
    GateResult { judged, outcome, reason, decisive, waived: Vec::new() }
}

/// What a blocking gate means for the release.
fn weigh(gate: &GateResult, policy: &Policy) -> Decision {
    if !gate.waived.is_empty() {
        return Decision::Pass;
    }
    match gate.outcome {
        Outcome::Pass | Outcome::NotApplicable => Decision::Pass,
        Outcome::Fail => Decision::Fail,
        Outcome::Error => Decision::Error,
        Outcome::Inconclusive if policy.on_inconclusive == Enforcement::Warn && is_harmless(gate) => {
            Decision::Pass
        }
        Outcome::Inconclusive => Decision::Inconclusive,
    }
}

/// An inconclusive gate that nothing speaks against: no part's value is on the bad side or its fail shown, and each
/// has as many samples as its author wants to see.
fn is_harmless(gate: &GateResult) -> bool {
    let harmless = |part: &Part| {
        part.outcome == Outcome::Pass
            || (!part.below_min_samples
                && !part.on_bad_side
                && part.p_fail.is_some_and(|p| !clears(p, gate.judged.alpha_fail)))
    };
    gate.judged.parts.iter().all(harmless)
}
