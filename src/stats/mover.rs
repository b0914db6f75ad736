//! A quantile relative to that of a baseline: MOVER on the logarithm, from order-statistic limits.
//!
//! Deliberately absent: the bootstrap of the ratio, which needs randomness, and values of zero or below.

use super::cluster::smallest_level;
use super::quantile::{bound_ranks, nearest_rank};
use super::tails::{Bounds, Tails, level};

/// The `q`-quantiles of two independent samples, candidate over baseline.
#[derive(Debug, Clone, Copy)]
pub struct QuantileRatio<'a> {
    candidate: Ordered<'a>,
    baseline: Ordered<'a>,
    q: f64,
}

/// Sorted positive values with the logarithm of their quantile.
#[derive(Debug, Clone, Copy)]
struct Ordered<'a> {
    values: &'a [f64],
    quantile: f64,
}

impl<'a> Ordered<'a> {
    fn new(values: &'a [f64], q: f64) -> Option<Self> {
        let sorted = values.is_sorted_by(|a, b| a <= b);
        let positive = values.first().is_some_and(|&least| least > 0.0);
        let quantile = at(values, nearest_rank(values.len() as u64, q)?)?.ln();
        (sorted && positive && quantile.is_finite()).then_some(Self { values, quantile })
    }

    /// Distances, on the logarithm, from the quantile down to its lower and up to its upper limit; infinite
    /// without one.
    fn reach(&self, q: f64, alpha: f64) -> Option<(f64, f64)> {
        let ranks = bound_ranks(self.values.len() as u64, q, alpha)?;
        let limit = |rank: Option<u64>| rank.and_then(|rank| at(self.values, rank)).map(f64::ln);
        let down = limit(ranks.lower).map_or(f64::INFINITY, |lower| self.quantile - lower);
        let up = limit(ranks.upper).map_or(f64::INFINITY, |upper| upper - self.quantile);
        Some((down.max(0.0), up.max(0.0)))
    }
}

fn at(values: &[f64], rank: u64) -> Option<f64> {
    values.get(usize::try_from(rank.checked_sub(1)?).ok()?).copied()
}

impl<'a> QuantileRatio<'a> {
    /// `None` unless both samples are sorted, not empty, and positive (infinity stands for a timeout), both
    /// quantiles by nearest rank are finite, and `0 < q < 1`.
    #[must_use]
    pub fn new(candidate: &'a [f64], baseline: &'a [f64], q: f64) -> Option<Self> {
        Some(Self { candidate: Ordered::new(candidate, q)?, baseline: Ordered::new(baseline, q)?, q })
    }

    /// Ratio of the two quantiles by nearest rank.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        (self.candidate.quantile - self.baseline.quantile).exp()
    }

    /// `ln U = ln(qc/qb) + sqrt(ln(uc/qc)^2 + ln(qb/lb)^2)` and its mirror image; unbounded where an order
    /// statistic is missing or a limit does not differ from the estimate. `None` unless `0 < alpha < 1/2`.
    ///
    /// Source: Donner & Zou, *Closed-form confidence intervals for functions of the normal mean and standard
    /// deviation*, Stat. Methods Med. Res. 21 (2012), applied to order statistics (`research/stats.md`,
    /// section 3).
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        level(alpha).filter(|&alpha| alpha < 0.5)?;
        let (candidate_down, candidate_up) = self.candidate.reach(self.q, alpha)?;
        let (baseline_down, baseline_up) = self.baseline.reach(self.q, alpha)?;
        let centre = self.candidate.quantile - self.baseline.quantile;
        let (up, down) = (candidate_up.hypot(baseline_down), candidate_down.hypot(baseline_up));
        let upper = if up > 0.0 { (centre + up).exp() } else { f64::INFINITY };
        let lower = if down > 0.0 && down.is_finite() { (centre - down).exp() } else { f64::NAN };
        Some(Bounds::new(lower, upper))
    }

    /// p-values: the smallest levels below one half whose limits clear `r`, by bisection; 1 where none does.
    /// `None` for an `r` that is not finite.
    #[must_use]
    pub fn tails(&self, r: f64) -> Option<Tails> {
        if !r.is_finite() {
            return None;
        }
        let bounds = |alpha: f64| self.bounds(alpha).unwrap_or(Bounds::UNBOUNDED);
        // Levels above one half are no evidence and count as clearing, so that the search ends there.
        let less = smallest_level(|alpha| alpha >= 0.5 || bounds(alpha).upper.is_some_and(|upper| upper < r));
        let greater =
            smallest_level(|alpha| alpha >= 0.5 || bounds(alpha).lower.is_some_and(|lower| lower > r));
        let evidence = |p: f64| if p < 0.5 { p } else { 1.0 };
        Tails::new(evidence(less), evidence(greater))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    fn ramp(step: f64) -> Vec<f64> {
        (1..=100).map(|i| f64::from(i) * step).collect()
    }

    /// numpy: ranks 85 and 96 by enumeration with `scipy.stats.binom`, then the formula; the p-value is the
    /// smallest of the binomial tail probabilities at which the upper limit is below 1.2.
    #[test]
    fn ratio_of_two_p90() {
        let (candidate, baseline) = (ramp(1.1), ramp(1.0));
        let ratio = QuantileRatio::new(&candidate, &baseline, 0.9).unwrap();
        assert!(relative(ratio.ratio(), 1.1) < 1e-14);
        let bounds = ratio.bounds(0.05).unwrap();
        assert!(relative(bounds.lower.unwrap(), 1.009_140_887_770_190_6) < 1e-13);
        assert!(relative(bounds.upper.unwrap(), 1.199_039_712_555_528_3) < 1e-13);
        assert!(relative(ratio.tails(1.2).unwrap().less, 0.039_890_527_111_083_35) < 1e-10);
    }

    #[test]
    fn a_missing_limit_leaves_its_side_open() {
        let (few, many) = (vec![1.0; 20], ramp(1.0));
        let ratio = QuantileRatio::new(&few, &many, 0.95).unwrap();
        assert_eq!(ratio.bounds(0.05).unwrap().upper, None);
        assert!((ratio.tails(1e9).unwrap().less - 0.95_f64.powi(20)).abs() < 1e-12);
    }

    #[test]
    fn no_width_is_no_answer() {
        let constant = vec![2.0; 100];
        let ratio = QuantileRatio::new(&constant, &constant, 0.9).unwrap();
        assert_eq!(ratio.bounds(0.05), Some(Bounds::UNBOUNDED));
        assert_eq!(ratio.tails(1.5), Some(Tails::NOTHING));
    }

    #[test]
    fn timeouts_never_clear_from_above() {
        let mut slow = ramp(1.0);
        slow[95..].fill(f64::INFINITY);
        let fast = ramp(1.0);
        let ratio = QuantileRatio::new(&slow, &fast, 0.9).unwrap();
        let tails = ratio.tails(1.3).unwrap();
        assert!(tails.less > 0.05, "{tails:?}");
        slow[89..].fill(f64::INFINITY);
        assert!(QuantileRatio::new(&slow, &fast, 0.9).is_none());
    }

    #[test]
    fn nonsense() {
        let good = ramp(1.0);
        for bad in [&[][..], &[0.0, 1.0], &[2.0, 1.0], &[f64::NAN], &[1.0, f64::NAN], &[-1.0, 1.0]] {
            assert!(QuantileRatio::new(bad, &good, 0.5).is_none(), "{bad:?}");
            assert!(QuantileRatio::new(&good, bad, 0.5).is_none(), "{bad:?}");
        }
        assert!(QuantileRatio::new(&good, &good, 1.0).is_none());
        let ratio = QuantileRatio::new(&good, &good, 0.5).unwrap();
        assert_eq!(ratio.tails(f64::NAN), None);
        assert_eq!(ratio.bounds(0.5), None);
    }
}
