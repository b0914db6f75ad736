//! DECIDED: the gates together. Error rates of the whole, enforcement, and the one word.
//!
//! "Every gate passes" needs no correction (an intersection-union test). "Some gate fails" does: the fails of all
//! blocking gates are Holm-adjusted. Deliberately absent: any number that a gate did not already carry.

use crate::diagnostic::Spanned;
use crate::gate::{Judged, Outcome, Reason};
use crate::manifest::{Category, Enforcement, Policy};
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

    /// The documented exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Error => 2,
            Self::Inconclusive => 3,
        }
    }
}

/// One gate in the light of all.
#[derive(Debug, Clone)]
pub struct GateResult {
    /// The gate as it was judged alone.
    pub judged: Judged,
    /// What it comes to.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// Holm-adjusted p-value of its fail; as unadjusted for a gate that does not block.
    pub p_fail_adjusted: Option<f64>,
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
}

/// Decides.
#[must_use]
pub fn decide(judged: Vec<Judged>, policy: &Policy) -> Verdict {
    let family: Vec<f64> = judged.iter().filter(|one| one.blocks()).filter_map(|one| one.p_fail).collect();
    let mut adjusted = holm(&family).into_iter();
    let gates: Vec<GateResult> = judged
        .into_iter()
        .map(|one| {
            let in_family = one.blocks() && one.p_fail.is_some();
            let p = if in_family { adjusted.next() } else { one.p_fail };
            adjust(one, p)
        })
        .collect();
    let uncovered: Vec<_> = policy
        .require
        .iter()
        .copied()
        .filter(|required| !is_covered(required.value, &gates, policy))
        .collect();
    let worst = gates.iter().filter(|gate| gate.judged.blocks()).map(|gate| weigh(gate, policy)).max();
    let decision = match worst {
        // No blocking gate at all: nothing was asked, so nothing is answered.
        None => Decision::Error,
        Some(worst) if uncovered.is_empty() => worst,
        Some(worst) => worst.max(Decision::Error),
    };
    Verdict { decision, gates, uncovered }
}

/// A fail that does not survive the number of gates is inconclusive.
fn adjust(judged: Judged, p_fail_adjusted: Option<f64>) -> GateResult {
    let survives = p_fail_adjusted.is_none_or(|p| clears(p, judged.alpha_fail));
    let (outcome, reason) = if judged.outcome == Outcome::Fail && !survives {
        (Outcome::Inconclusive, Reason::FailUnadjusted)
    } else {
        (judged.outcome, judged.reason)
    };
    GateResult { judged, outcome, reason, p_fail_adjusted }
}

fn is_covered(category: Category, gates: &[GateResult], policy: &Policy) -> bool {
    gates.iter().any(|gate| {
        gate.judged.blocks()
            && gate.judged.category == Some(category)
            && gate.judged.covers(policy.observed_counts)
    })
}

/// What a blocking gate means for the release.
fn weigh(gate: &GateResult, policy: &Policy) -> Decision {
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

/// An inconclusive gate that nothing speaks against: its value is on the good side and its fail is not shown.
fn is_harmless(gate: &GateResult) -> bool {
    !gate.judged.on_bad_side && gate.judged.p_fail.is_some_and(|p| !clears(p, gate.judged.alpha_fail))
}
