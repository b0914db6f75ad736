//! Two quantities that nothing more is known of together: each side's own limits at half of the level.
//!
//! "The candidate is below the baseline by more than `m`" is shown where for every `t` either the baseline is shown to be
//! above `t` or the candidate to be below what `t` allows; the p-value is twice the smaller of both, worst over `t`.

use super::estimate::{Assumed, Assumptions, Method, Shortfall};
use super::quantity::{Claim, Quantity, error_between};
use crate::stats::melded::Against;
use crate::stats::{Bounds, Tails};

/// Halvings of the range of `t`.
const ROUNDS: u32 = 60;

/// A candidate's and a baseline's own quantity.
pub(super) struct TwoLimits {
    candidate: Box<dyn Quantity>,
    baseline: Box<dyn Quantity>,
    against: Against,
    /// What either may be.
    ends: (f64, f64),
}

impl TwoLimits {
    pub(super) fn new(
        candidate: Box<dyn Quantity>,
        baseline: Box<dyn Quantity>,
        against: Against,
        ends: (f64, f64),
    ) -> Self {
        Self { candidate, baseline, against, ends }
    }

    /// What the candidate would be at this change from a baseline.
    fn moved(&self, baseline: f64, theta: f64) -> f64 {
        match self.against {
            Against::Difference => baseline + theta,
            // 0 times infinity: no baseline is infinite.
            Against::Ratio if baseline == 0.0 => 0.0,
            Against::Ratio => baseline * (1.0 + theta).max(0.0),
        }
    }

    /// What a candidate is to a baseline.
    fn between(&self, candidate: f64, baseline: f64) -> Option<f64> {
        let theta = match self.against {
            Against::Difference => candidate - baseline,
            Against::Ratio if candidate <= 0.0 => -1.0,
            Against::Ratio => candidate / baseline - 1.0,
        };
        theta.is_finite().then_some(theta)
    }

    /// The p-value of the candidate's claim at a `t` of the baseline.
    fn ours(&self, t: f64, claim: Claim, less: bool) -> Option<f64> {
        let at = Claim { t: self.moved(t, claim.t), inclusive: claim.inclusive };
        // A mean beyond its ends is refuted or sure.
        let at = Claim { t: at.t.clamp(self.ends.0, self.ends.1), ..at };
        let tails = self.candidate.test(at)?;
        Some(if less { tails.less } else { tails.greater })
    }

    /// The p-value that the baseline is on the other side of `t`.
    fn theirs(&self, t: f64, less: bool) -> Option<f64> {
        let tails = self.baseline.test(Claim { t, inclusive: less })?;
        Some(if less { tails.greater } else { tails.less })
    }

    /// Twice the largest of the smaller p-values. As `t` grows the one rises and the other falls, so it lies where they cross.
    fn p(&self, claim: Claim, less: bool) -> Option<f64> {
        let at = |t: f64| Some((self.theirs(t, less)?, self.ours(t, claim, less)?));
        let smaller = |(theirs, ours): (f64, f64)| theirs.min(ours);
        let mut worst = 0.0_f64;
        let crossed = |(theirs, ours): (f64, f64)| (theirs >= ours) == less;
        match self.baseline.steps() {
            Some(steps) => {
                let (mut low, mut high) = (0, steps.len());
                while low < high {
                    let middle = usize::midpoint(low, high);
                    let both = at(*steps.get(middle)?)?;
                    worst = worst.max(smaller(both));
                    if crossed(both) { high = middle } else { low = middle + 1 }
                }
                // Beyond every value of the baseline.
                let outside = if less { f64::NEG_INFINITY } else { f64::INFINITY };
                worst = worst.max(self.theirs(outside, less)?);
            }
            None => {
                let (mut low, mut high) = self.ends;
                worst = worst.max(smaller(at(low)?)).max(smaller(at(high)?));
                for _ in 0..ROUNDS {
                    let middle = low.midpoint(high);
                    let both = at(middle)?;
                    worst = worst.max(smaller(both));
                    if crossed(both) { high = middle } else { low = middle }
                }
            }
        }
        Some((2.0 * worst).min(1.0))
    }
}

impl Quantity for TwoLimits {
    fn method(&self) -> Method {
        Method::TwoLimits
    }

    fn value(&self) -> Option<f64> {
        self.between(self.candidate.value()?, self.baseline.value()?)
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let (ours, theirs) = (self.candidate.limits(alpha / 2.0), self.baseline.limits(alpha / 2.0));
        let between = |ours: Option<f64>, theirs: Option<f64>| self.between(ours?, theirs?);
        Bounds { lower: between(ours.lower, theirs.upper), upper: between(ours.upper, theirs.lower) }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        Tails::new(self.p(claim, true)?, self.p(claim, false)?)
    }

    fn assumptions(&self) -> Assumptions {
        let (ours, theirs) = (self.candidate.assumptions(), self.baseline.assumptions());
        let both = |one: Assumed, other: Assumed| Assumed {
            largest_cluster: [one.largest_cluster, other.largest_cluster]
                .into_iter()
                .flatten()
                .max_by_key(|largest| largest.samples),
            spread_seen: one.spread_seen || other.spread_seen,
        };
        Assumptions { less: both(ours.less, theirs.greater), greater: both(ours.greater, theirs.less) }
    }

    fn standard_error(&self) -> Option<f64> {
        error_between(self.candidate.as_ref(), self.baseline.as_ref(), self.against)
    }

    fn shortfall(&self) -> Option<Shortfall> {
        self.candidate.shortfall().or(self.baseline.shortfall())
    }
}
