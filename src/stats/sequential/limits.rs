//! Limits of a rate and of a mean that hold at every look: all numbers that the bets do not refute.

use super::betting::{RISKS, log_capital_above, log_capital_below};
use super::capital::log_mean_exp;
use super::mixture::RateBet;
use crate::stats::Bounds;
use crate::stats::tails::level;

/// Halvings of an interval: to the last digit.
const HALVINGS: usize = 60;

/// Limits of a rate after `events` of `n` records, each at level `1 - alpha` over all looks: the limits at which
/// [`super::Mixture`] neither fails nor passes.
///
/// `None` unless `events <= n` and `0 < alpha < 1`. Unbounded on a side where nothing is refuted.
#[must_use]
pub fn rate_limits(events: u64, n: u64, alpha: f64) -> Option<Bounds> {
    let threshold = -level(alpha)?.ln();
    let (k, others) = (events as f64, n.checked_sub(events)? as f64);
    let refuted = |bets: &[RateBet]| log_mean_exp(bets.iter().map(|bet| bet.log(k, others))) >= threshold;
    let rate = if n == 0 { 0.5 } else { k / n as f64 };
    let upper = edge(rate, 1.0, |t| refuted(&RateBet::below(t)));
    let lower = edge(rate, 0.0, |t| refuted(&RateBet::above(t)));
    Some(Bounds { lower, upper })
}

/// Limits of the mean of `values` in `[0, cap]` (what is above counts as `cap`), each at level `1 - alpha` over all looks:
/// the limits at which [`super::Betting`] neither fails nor passes.
///
/// `None` for a value that is negative or not finite, a `cap` that is not positive and finite, or unless `0 < alpha < 1`.
#[must_use]
pub fn mean_limits(values: &[f64], cap: f64, alpha: f64) -> Option<Bounds> {
    let threshold = -level(alpha)?.ln();
    let sound = values.iter().all(|value| *value >= 0.0 && value.is_finite());
    if !(sound && cap > 0.0 && cap.is_finite()) {
        return None;
    }
    let values: Vec<f64> = values.iter().map(|value| value.min(cap)).collect();
    let refuted = |log: Option<f64>| log.is_some_and(|log| log >= threshold);
    let mean = if values.is_empty() { cap / 2.0 } else { values.iter().sum::<f64>() / values.len() as f64 };
    let upper = edge(mean, cap, |m| refuted(log_capital_below(&values, m, cap, &RISKS)));
    let lower = edge(mean, 0.0, |m| refuted(log_capital_above(&values, m, &RISKS)));
    Some(Bounds { lower, upper })
}

/// Where a claim begins to be refuted on the way from `from`, where it is not, to `to`; `None` where it never is. The
/// answer is refuted.
fn edge(from: f64, to: f64, refuted: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut held, mut beyond, mut found) = (from, to, None);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(held, beyond);
        if refuted(middle) {
            (beyond, found) = (middle, Some(middle));
        } else {
            held = middle;
        }
    }
    found
}
