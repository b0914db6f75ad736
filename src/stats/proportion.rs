//! A rate against a number: the exact binomial test and Clopper-Pearson limits; Wilson limits for display.
//!
//! Counts may be real-valued, because a clustered sample has an effective size. Not Wald, Jeffreys or mid-p, whose
//! error rates are not below their level (`research/stats.md`).

use super::beta::{UnitNumber, beta_quantile};
use super::binomial::{binomial_at_least, binomial_split};
use super::normal::normal_upper_quantile;
use super::tails::{Bounds, Tails, level};

/// Exact binomial test of a rate against `t`: `less = P(X <= k)`, `greater = P(X >= k)` for `X ~ Binomial(n,
/// t)`.
///
/// `None` unless `0 <= k <= n`, `n > 0` and `0 <= t <= 1`.
#[must_use]
pub fn exact_tails(k: f64, n: f64, t: f64) -> Option<Tails> {
    exact_tails_at(k, n, UnitNumber::new(t)?)
}

/// [`exact_tails`] where the complement of the threshold is known better than by subtraction.
pub(crate) fn exact_tails_at(k: f64, n: f64, t: UnitNumber) -> Option<Tails> {
    check_counts(k, n)?;
    Tails::new(binomial_split(k, n, t)?.lower, binomial_at_least(k, n, t)?)
}

/// Clopper-Pearson limits of a rate: `lower = BetaInv(alpha; k, n-k+1)`, `upper = BetaInv(1-alpha; k+1,
/// n-k)`.
///
/// At `k = 0` the lower limit is 0, at `k = n` the upper limit is 1. `None` unless `0 <= k <= n`, `n > 0`, `0
/// < alpha < 1`.
#[must_use]
pub fn clopper_pearson(k: f64, n: f64, alpha: f64) -> Option<Bounds> {
    check_counts(k, n)?;
    Some(Bounds::new(lower_limit(k, n, level(alpha)?)?.x, lower_limit(n - k, n, alpha)?.y))
}

/// The lower limit with its complement; the upper limit is the complement of the lower limit for the
/// non-events.
fn lower_limit(k: f64, n: f64, alpha: f64) -> Option<UnitNumber> {
    if k <= 0.0 {
        return Some(UnitNumber { x: 0.0, y: 1.0 });
    }
    if k >= n {
        // alpha^(1/n) in closed form
        let log = alpha.ln() / n;
        return Some(UnitNumber { x: log.exp(), y: -log.exp_m1() });
    }
    beta_quantile(k, n - k + 1.0, alpha)
}

/// Wilson's score limits at `z` standard errors (negative `z` swaps them). For display: on their own they let a bad rate through up to 6.7 % of the time at a nominal 5 %
/// (`research/stats.md`, section 1).
///
/// `None` unless `0 <= k <= n`, `n > 0`, `0 < alpha < 1`.
#[must_use]
pub fn wilson(k: f64, n: f64, alpha: f64) -> Option<Bounds> {
    check_counts(k, n)?;
    let (lower, upper) = wilson_at(k, n, normal_upper_quantile(level(alpha)?)?);
    Some(Bounds::new(lower, upper))
}

pub(crate) fn wilson_at(k: f64, n: f64, z: f64) -> (f64, f64) {
    let square = z * z;
    let half = z * (k * (n - k) / n + 0.25 * square).sqrt();
    let centre = k + 0.5 * square;
    let size = n + square;
    // At k = 0 and k = n the difference is zero but for rounding.
    let lower = if k <= 0.0 && z >= 0.0 { 0.0 } else { (centre - half) / size };
    let upper = if k >= n && z >= 0.0 { 1.0 } else { (centre + half) / size };
    (lower.clamp(0.0, 1.0), upper.clamp(0.0, 1.0))
}

fn check_counts(k: f64, n: f64) -> Option<()> {
    (k >= 0.0 && k <= n && n > 0.0 && n.is_finite()).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    /// Roots of the incomplete beta of `beta` by bisection on the logit, mpmath at 50 digits.
    #[test]
    fn clopper_pearson_of_rare_common_and_fractional_counts() {
        let cases = [
            (3.0, 1e6, 8.176_919_305_463_176e-7, 7.753_638_098_840_06e-6),
            (1e6, 2e6, 0.499_418_206_692_795_63, 0.500_581_793_307_204_4),
            (2.5, 37.3, 0.015_550_794_253_889_094, 0.177_401_106_154_670_33),
        ];
        for (k, n, lower, upper) in cases {
            let bounds = clopper_pearson(k, n, 0.05).unwrap();
            assert!(relative(bounds.lower.unwrap(), lower) < 1e-12, "{k}/{n}: {bounds:?}");
            assert!(relative(bounds.upper.unwrap(), upper) < 1e-12, "{k}/{n}: {bounds:?}");
        }
    }

    /// `1 - mpf('0.05')**(mpf(1)/10**6)`
    #[test]
    fn no_events_and_nothing_else() {
        let none = clopper_pearson(0.0, 1e6, 0.05).unwrap();
        assert_eq!(none.lower, Some(0.0));
        assert!(relative(none.upper.unwrap(), 2.995_727_786_352_544_6e-6) < 1e-14);
        let all = clopper_pearson(1e6, 1e6, 0.05).unwrap();
        assert!(relative(1.0 - all.lower.unwrap(), 2.995_727_786_352_544_6e-6) < 1e-9);
        assert_eq!(all.upper, Some(1.0));
    }

    #[test]
    fn thresholds_at_the_ends() {
        assert_eq!(exact_tails(0.0, 10.0, 0.0), Some(Tails { less: 1.0, greater: 1.0 }));
        assert_eq!(exact_tails(1.0, 10.0, 0.0), Some(Tails { less: 1.0, greater: 0.0 }));
        assert_eq!(exact_tails(9.0, 10.0, 1.0), Some(Tails { less: 0.0, greater: 1.0 }));
        assert_eq!(exact_tails(10.0, 10.0, 1.0), Some(Tails { less: 1.0, greater: 1.0 }));
    }

    #[test]
    fn nonsense() {
        for (k, n) in
            [(0.0, 0.0), (-1.0, 5.0), (6.0, 5.0), (f64::NAN, 5.0), (1.0, f64::INFINITY), (1.0, f64::NAN)]
        {
            assert_eq!(exact_tails(k, n, 0.5), None, "{k}/{n}");
            assert_eq!(clopper_pearson(k, n, 0.05), None, "{k}/{n}");
            assert_eq!(wilson(k, n, 0.05), None, "{k}/{n}");
        }
        for t in [-0.1, 1.1, f64::NAN] {
            assert_eq!(exact_tails(1.0, 5.0, t), None);
            assert_eq!(clopper_pearson(1.0, 5.0, t), None);
        }
    }
}
