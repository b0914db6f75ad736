//! Binomial tail probabilities, for whole and for effective (real-valued) counts.

use super::beta::{Split, UnitNumber, beta_split};

/// `P(X <= k)` and `P(X > k)` for `X ~ Binomial(n, p)`, continued to real `k` and `n` through the incomplete
/// beta function.
///
/// `k` below 0 has nothing at or below it, `k` of `n` or more has everything. `None` for a negative or
/// infinite `n` or a NaN.
#[must_use]
pub fn binomial_split(k: f64, n: f64, p: UnitNumber) -> Option<Split> {
    if k.is_nan() || !(n >= 0.0 && n.is_finite()) || !(0.0..=1.0).contains(&p.x) {
        return None;
    }
    if k < 0.0 {
        return Some(Split { lower: 0.0, upper: 1.0 });
    }
    if k >= n {
        return Some(Split { lower: 1.0, upper: 0.0 });
    }
    // P(X > k) = I_p(k + 1, n - k)
    beta_split(k + 1.0, n - k, p).map(Split::swapped)
}

/// `P(X >= k)` for real `k`: 1 at `k <= 0`, 0 above `n`. `None` as in [`binomial_split`].
#[must_use]
pub fn binomial_at_least(k: f64, n: f64, p: UnitNumber) -> Option<f64> {
    if k.is_nan() || !(n >= 0.0 && n.is_finite()) || !(0.0..=1.0).contains(&p.x) {
        return None;
    }
    if k <= 0.0 {
        return Some(1.0);
    }
    if k > n {
        return Some(0.0);
    }
    // P(X >= k) = I_p(k, n - k + 1)
    beta_split(k, n - k + 1.0, p).map(|split| split.lower)
}

/// The least `n` with `p^n <= alpha`, ties included. `None` unless `p` and `alpha` lie strictly between 0 and
/// 1.
pub(crate) fn least_power(p: UnitNumber, alpha: f64) -> Option<u64> {
    // ln p through the complement where p is close to one
    let log = if p.y < 0.5 { (-p.y).ln_1p() } else { p.x.ln() };
    let exact = alpha.ln() / log;
    (exact.is_finite() && exact > 0.0 && exact < 1e15).then(|| (exact * (1.0 - 1e-13)).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_count() {
        let p = UnitNumber::new(0.3).unwrap();
        assert_eq!(binomial_split(-1.0, 5.0, p), Some(Split { lower: 0.0, upper: 1.0 }));
        assert_eq!(binomial_split(5.0, 5.0, p), Some(Split { lower: 1.0, upper: 0.0 }));
        assert_eq!(binomial_at_least(0.0, 5.0, p), Some(1.0));
        assert_eq!(binomial_at_least(6.0, 5.0, p), Some(0.0));
        // 0.3^5
        assert!((binomial_at_least(5.0, 5.0, p).unwrap() - 0.00243).abs() < 1e-16);
        assert_eq!(binomial_split(f64::NAN, 5.0, p), None);
        assert_eq!(binomial_at_least(1.0, f64::INFINITY, p), None);
        assert_eq!(binomial_at_least(1.0, -1.0, p), None);
    }

    /// Research note, section 1: the rule of three, exactly.
    #[test]
    fn least_power_of_a_rate() {
        for (t, n) in [(0.001, 2995), (0.0005, 5990), (0.005, 598), (0.01, 299), (0.015, 199)] {
            assert_eq!(least_power(UnitNumber { x: 1.0 - t, y: t }, 0.05), Some(n), "{t}");
        }
        // 0.5^2 = 0.25 is a tie and counts.
        assert_eq!(least_power(UnitNumber::new(0.5).unwrap(), 0.25), Some(2));
        assert_eq!(least_power(UnitNumber::new(1.0).unwrap(), 0.25), None);
    }
}
