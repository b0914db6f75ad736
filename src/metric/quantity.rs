//! What every method comes down to: a value, limits that know no threshold, and both tails of a claim.

use super::estimate::{Assumptions, Method, Shortfall};
use super::operating::{Lost, OneSided};
use crate::stats::{Bounds, Tails};

/// A threshold that a quantity is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Claim {
    /// The threshold.
    pub(super) t: f64,
    /// Whether the claims are "at most" and "more than" it; else "less than" and "at least". Quantiles alone tell the
    /// difference.
    pub(super) inclusive: bool,
}

impl Claim {
    /// The same claim about the negative quantity.
    pub(super) fn mirrored(self) -> Self {
        Self { t: -self.t, inclusive: !self.inclusive }
    }
}

/// A quantity that was measured, by one method.
pub(super) trait Quantity {
    /// How its limits are found.
    fn method(&self) -> Method;

    /// Its value over the samples that have one; none where that is no finite number.
    fn value(&self) -> Option<f64>;

    /// Its one-sided limits, each at level `alpha`, whatever is asked of it.
    fn limits(&self, alpha: f64) -> Bounds;

    /// Both tails; none where there are none.
    fn test(&self, claim: Claim) -> Option<Tails>;

    /// What the tails and limits take for granted.
    fn assumptions(&self) -> Assumptions {
        Assumptions::default()
    }

    /// What stands in the way of tails that can be trusted.
    fn shortfall(&self) -> Option<Shortfall> {
        None
    }

    /// Samples that count against the claim.
    fn events(&self, _claim: Claim) -> Option<u64> {
        None
    }

    /// The test of the claim "less" (or "greater") at `alpha`, as far as its chances can be reckoned.
    fn one_sided(&self, _claim: Claim, _less: bool, _alpha: f64, _lost: Lost) -> Option<OneSided> {
        None
    }

    /// In ascending order, the only values of `t` at which the tails change; none where they change everywhere.
    fn steps(&self) -> Option<&[f64]> {
        None
    }
}
