//! A quantile against a number: a rate of exceedances in disguise, and the order statistics that bound a
//! quantile.
//!
//! See [`exceedance_tails`] for what each claim needs.

use super::beta::UnitNumber;
use super::binomial::{binomial_at_least, binomial_split};
use super::inverse::first_rank;
use super::proportion::exact_tails_at;
use super::tails::{Tails, clears, level};

/// Above this an `f64` no longer tells two neighbouring counts apart.
const MAX_SIZE: u64 = 1 << 53;

/// Ranks, counted from 1, of the order statistics that bound a quantile. `None`: the sample is too small for
/// that side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranks {
    /// The value of this rank is a lower limit.
    pub lower: Option<u64>,
    /// The value of this rank is an upper limit.
    pub upper: Option<u64>,
}

/// Exact test of the `q`-quantile against `T` from the number of values beyond it.
///
/// For the claims `quantile < T` and `quantile >= T` count the values `>= T`; for `quantile <= T` and
/// `quantile > T` count the values `> T`. `less` belongs to the first claim of each pair, `greater` to the
/// second. A value that timed out exceeds every limit up to its own.
///
/// `None` unless `exceed <= n`, `n > 0` and `0 < q < 1`.
#[must_use]
pub fn exceedance_tails(exceed: u64, n: u64, q: f64) -> Option<Tails> {
    exact_tails_at(exceed as f64, n as f64, fraction(q)?.swapped())
}

/// Order statistics that bound the `q`-quantile, each at level `1 - alpha`:
/// upper `= min{r: P(B >= r) <= alpha}`, lower `= max{l: P(B <= l - 1) <= alpha}` for `B ~ Binomial(n, q)`.
///
/// They are the inverse of [`exceedance_tails`]. `None` unless `0 < q < 1`, `0 < alpha < 1` and `n <= 2^53`.
#[must_use]
pub fn bound_ranks(n: u64, q: f64, alpha: f64) -> Option<Ranks> {
    let q = fraction(q)?;
    level(alpha)?;
    if n > MAX_SIZE {
        return None;
    }
    let size = n as f64;
    let above = |rank: u64| binomial_at_least(rank as f64, size, q).is_some_and(|p| clears(p, alpha));
    let below = |rank: u64| {
        binomial_split(rank as f64 - 1.0, size, q).is_some_and(|split| clears(split.lower, alpha))
    };
    let upper = first_rank(n, above);
    // `below` holds for small ranks and fails for large ones; the lower rank is the last one that holds.
    let lower = first_rank(n, |rank| !below(rank)).map_or(n, |rank| rank - 1);
    Some(Ranks { lower: (lower > 0).then_some(lower), upper })
}

/// Rank, counted from 1, of the `q`-quantile by nearest rank (the inverse of the empirical distribution
/// function; `inverted_cdf` in `NumPy`). `None` unless `n > 0` and `0 < q < 1`.
#[must_use]
pub fn nearest_rank(n: u64, q: f64) -> Option<u64> {
    fraction(q)?;
    if n == 0 {
        return None;
    }
    let position = n as f64 * q;
    // 0.07 * 100 is 7.000_000_000_000_001 and still means the seventh.
    let rank = (position - position.max(1.0) * 1e-12).ceil() as u64;
    Some(rank.clamp(1, n))
}

/// The least `n` at which the largest value bounds the `q`-quantile from above: `q^n <= alpha`.
/// `None` unless `0 < q < 1` and `0 < alpha < 1`.
#[must_use]
pub fn min_n_upper(q: f64, alpha: f64) -> Option<u64> {
    super::binomial::least_power(fraction(q)?, level(alpha)?)
}

/// The least `n` at which the smallest value bounds the `q`-quantile from below: `(1 - q)^n <= alpha`.
/// `None` unless `0 < q < 1` and `0 < alpha < 1`.
#[must_use]
pub fn min_n_lower(q: f64, alpha: f64) -> Option<u64> {
    super::binomial::least_power(fraction(q)?.swapped(), level(alpha)?)
}

/// `1 - q` of a `q` written in decimal, without the rounding of the subtraction: `1 - 0.95` is to be 0.05.
pub(super) fn fraction(q: f64) -> Option<UnitNumber> {
    (q > 0.0 && q < 1.0)
        .then(|| {
            let exact = 1.0 - q;
            let decimal = (exact * 1e15).round() / 1e15;
            UnitNumber { x: q, y: if (decimal - exact).abs() <= f64::EPSILON { decimal } else { exact } }
        })
        .filter(|unit| unit.y > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Research note, section 3 (exact enumeration with `scipy.stats.binom`).
    #[test]
    fn ranks_of_the_research_note() {
        let ranks = |n, q| bound_ranks(n, q, 0.05).unwrap();
        assert_eq!(ranks(59, 0.95).upper, Some(59));
        assert_eq!(ranks(58, 0.95).upper, None);
        assert_eq!(ranks(100, 0.95), Ranks { lower: Some(91), upper: Some(99) });
        assert_eq!(ranks(299, 0.99).upper, Some(299));
        assert_eq!(ranks(298, 0.99).upper, None);
        assert_eq!(ranks(1000, 0.95), Ranks { lower: Some(938), upper: Some(962) });
        assert_eq!(ranks(1000, 0.99), Ranks { lower: Some(985), upper: Some(996) });
        assert_eq!(ranks(0, 0.99), Ranks { lower: None, upper: None });
    }

    #[test]
    fn least_sizes_of_the_research_note() {
        let cases = [(0.5, 5, 7), (0.9, 29, 44), (0.95, 59, 90), (0.99, 299, 459), (0.999, 2995, 4603)];
        for (q, at_5, at_1) in cases {
            assert_eq!(min_n_upper(q, 0.05), Some(at_5), "{q}");
            assert_eq!(min_n_upper(q, 0.01), Some(at_1), "{q}");
        }
        assert_eq!(min_n_lower(0.95, 0.05), Some(1));
        assert_eq!(min_n_lower(0.9, 0.05), Some(2));
    }

    #[test]
    fn the_largest_of_one_is_a_lower_limit_by_an_exact_tie() {
        // P(X >= 1) = 0.05 exactly; 1 - 0.95 in f64 is a little more.
        let tails = exceedance_tails(1, 1, 0.95).unwrap();
        assert!(clears(tails.greater, 0.05), "{tails:?}");
        assert_eq!(bound_ranks(1, 0.95, 0.05).unwrap().lower, Some(1));
    }

    #[test]
    fn nearest_ranks() {
        assert_eq!(nearest_rank(100, 0.95), Some(95));
        assert_eq!(nearest_rank(100, 0.07), Some(7));
        assert_eq!(nearest_rank(101, 0.95), Some(96));
        assert_eq!(nearest_rank(1, 0.01), Some(1));
        assert_eq!(nearest_rank(0, 0.5), None);
    }

    #[test]
    fn nonsense() {
        for q in [0.0, 1.0, -0.5, f64::NAN, f64::INFINITY] {
            assert_eq!(exceedance_tails(1, 5, q), None);
            assert_eq!(bound_ranks(5, q, 0.05), None);
            assert_eq!(bound_ranks(5, 0.5, q), None);
            assert_eq!(nearest_rank(5, q), None);
            assert_eq!(min_n_upper(q, 0.05), None);
        }
        assert_eq!(exceedance_tails(6, 5, 0.5), None);
        assert_eq!(exceedance_tails(0, 0, 0.5), None);
        assert!(bound_ranks(u64::MAX, 0.5, 0.05).is_none());
    }
}
