//! What a capital is held against.

use crate::stats::tails::level;

/// `ln(signals / alpha)`: a fail, so that all signals together fail a release without harm with probability `alpha` at
/// most (union bound), over all looks and steps.
///
/// `None` unless `0 < alpha < 1` and `signals >= 1`.
#[must_use]
pub fn fail_threshold(signals: usize, alpha: f64) -> Option<f64> {
    (signals > 0).then_some((signals as f64 / level(alpha)?).ln())
}

/// `ln(1 / alpha)`: a pass. Uncorrected, as all signals must pass (intersection-union).
///
/// `None` unless `0 < alpha < 1`.
#[must_use]
pub fn pass_threshold(alpha: f64) -> Option<f64> {
    fail_threshold(1, alpha)
}

/// `ln(signals * steps / alpha)`: what the evidence of one step alone has to reach for certain to fail by the mean over
/// start steps; [`super::power`] asks with it how much a step can see.
///
/// `None` unless `0 < alpha < 1`, `signals >= 1` and `steps >= 1`.
#[must_use]
pub fn enough_threshold(signals: usize, steps: usize, alpha: f64) -> Option<f64> {
    fail_threshold(signals.checked_mul(steps)?, alpha)
}
