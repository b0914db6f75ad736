//! What every method comes down to: a value, limits that know no threshold, and both tails of a claim.

use super::estimate::{Assumptions, Method, Shortfall};
use super::operating::{Lost, OneSided};
use super::told::Beside;
use crate::stats::melded::Against;
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

/// The level of a limit that is one standard error away where the estimate is normal.
const ONE_ERROR: f64 = 0.158_655_253_931_457_05;
/// Levels of limits, and how many standard errors they are away.
const LEVELS: [(f64, f64); 2] = [(ONE_ERROR, 1.0), (0.022_750_131_948_179_19, 2.0)];

/// The standard error of a quantity: as its values spread where they are known, else as its limits imply; none where one is open.
pub(super) fn implied_error(quantity: &dyn Quantity) -> Option<f64> {
    // Limits that reckon with clusters nobody saw are wider than that.
    let here = Claim { t: quantity.value()?, inclusive: false };
    if let Some(error) =
        quantity.one_sided(here, true, ONE_ERROR, Lost::LeftOut).and_then(|test| test.spread())
    {
        return Some(error);
    }
    // Values that are alike may leave no room between the nearer limits.
    LEVELS.into_iter().find_map(|(alpha, errors)| {
        let Bounds { lower, upper } = quantity.limits(alpha);
        let error = (upper? - lower?) / (2.0 * errors);
        (error.is_finite() && error > 0.0).then_some(error)
    })
}

/// The standard error of what a candidate is to a baseline, of independent sides.
pub(super) fn error_between(
    candidate: &dyn Quantity,
    baseline: &dyn Quantity,
    against: Against,
) -> Option<f64> {
    let (ours, theirs) = (implied_error(candidate)?, implied_error(baseline)?);
    let error = match against {
        Against::Difference => ours.hypot(theirs),
        // By the delta method.
        Against::Ratio => {
            let (value, base) = (candidate.value()?, baseline.value()?);
            (ours / base).hypot(value * theirs / (base * base))
        }
    };
    (error.is_finite() && error > 0.0).then_some(error)
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

    /// How many it is of, where that is not the number of scored rows.
    fn size(&self) -> Option<u64> {
        None
    }

    /// What is told beside it.
    fn beside(&self) -> Beside {
        Beside::default()
    }

    /// Samples that count against the claim.
    fn events(&self, _claim: Claim) -> Option<u64> {
        None
    }

    /// The test of the claim "less" (or "greater") at `alpha`, as far as its chances can be reckoned.
    fn one_sided(&self, _claim: Claim, _less: bool, _alpha: f64, _lost: Lost) -> Option<OneSided> {
        None
    }

    /// Its standard error, where its chances can be had of nothing but its limits; none where they can be had otherwise, or not at all.
    fn standard_error(&self) -> Option<f64> {
        None
    }

    /// Samples, or clusters where there are any, below which nothing is ever shown by its limits.
    fn fewest_units(&self) -> Option<u64> {
        None
    }

    /// In ascending order, the only values of `t` at which the tails change; none where they change everywhere.
    fn steps(&self) -> Option<&[f64]> {
        None
    }
}
