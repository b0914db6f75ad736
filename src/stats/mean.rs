//! A mean against a number: Student's t, Hall's skewness-corrected t, and the Hoeffding-Bentkus test for
//! bounded values.
//!
//! Deliberately absent: clusters (`cluster`), pairs (`paired`), and the choice between the methods.

use super::beta::{Unit, deviance};
use super::binomial::binomial_split;
use super::moments::Moments;
use super::normal::{normal_split, normal_upper_quantile};
use super::student::{student_split, student_upper_quantile};
use super::tails::{Bounds, Tails, level};

/// One-sample t test of the mean against `t`, with `n - 1` degrees of freedom.
///
/// `None` with fewer than two values, without spread, or for a `t` that is not finite.
#[must_use]
pub fn student_t_tails(sample: &Moments, t: f64) -> Option<Tails> {
    t_tails(sample.mean()?, sample.standard_error()?, degrees(sample), t)
}

/// The limits of [`student_t_tails`]. `None` as there, or unless `0 < alpha < 1`.
#[must_use]
pub fn student_t_bounds(sample: &Moments, alpha: f64) -> Option<Bounds> {
    t_bounds(sample.mean()?, sample.standard_error()?, degrees(sample), alpha)
}

fn degrees(sample: &Moments) -> f64 {
    sample.n() as f64 - 1.0
}

/// t test of an estimate with its standard error and degrees of freedom.
///
/// `None` unless everything is finite and `error` and `df` are positive.
#[must_use]
pub fn t_tails(estimate: f64, error: f64, df: f64, t: f64) -> Option<Tails> {
    if !(t.is_finite() && error > 0.0 && error.is_finite()) {
        return None;
    }
    let split = student_split((estimate - t) / error, df)?;
    Tails::new(split.lower, split.upper)
}

/// The limits of [`t_tails`]. `None` as there, or unless `0 < alpha < 1`.
#[must_use]
pub fn t_bounds(estimate: f64, error: f64, df: f64, alpha: f64) -> Option<Bounds> {
    if !(estimate.is_finite() && error > 0.0 && error.is_finite()) {
        return None;
    }
    let reach = error * student_upper_quantile(level(alpha)?, df)?;
    Some(Bounds::new(estimate - reach, estimate + reach))
}

/// Hall's test of a skewed mean: `less = Phi(w + A w^2/3 + A^2 w^3/27 + A/6)` at `w = (mean - t)/error`,
/// where `A = skewness / sqrt(n)`.
///
/// Source: Hall, *On the removal of skewness by transformation*, JRSS B 54 (1992), the monotone cubic `g`.
/// `None` as [`student_t_tails`], or where the skewness is unknown.
#[must_use]
pub fn hall_tails(sample: &Moments, t: f64) -> Option<Tails> {
    if !t.is_finite() {
        return None;
    }
    let w = (sample.mean()? - t) / sample.standard_error()?;
    let a = hall_a(sample)?;
    let split = normal_split(w * (1.0 + a * w / 3.0 * (1.0 + a * w / 9.0)) + a / 6.0)?;
    Tails::new(split.lower, split.upper)
}

/// The limits of [`hall_tails`]: `mean - error * ginv(-+z)`. `None` as there, or unless `0 < alpha < 1`.
#[must_use]
pub fn hall_bounds(sample: &Moments, alpha: f64) -> Option<Bounds> {
    let (mean, error, a) = (sample.mean()?, sample.standard_error()?, hall_a(sample)?);
    let z = normal_upper_quantile(level(alpha)?)?;
    Some(Bounds::new(mean - error * hall_inverse(z, a), mean - error * hall_inverse(-z, a)))
}

fn hall_a(sample: &Moments) -> Option<f64> {
    Some(sample.skewness()? / (sample.n() as f64).sqrt())
}

/// `(cbrt(1 + A (z - A/6)) - 1) * 3/A`, arranged so that nothing is divided by a vanishing `A`.
fn hall_inverse(z: f64, a: f64) -> f64 {
    let shift = z - a / 6.0;
    let root = (1.0 + a * shift).cbrt();
    3.0 * shift / (root * root + root + 1.0)
}

/// Hoeffding-Bentkus test of the mean of `n` independent values in `[0, 1]`, valid at every `n` for every
/// distribution: `less = min(exp(-n kl(mean, t)), e P(Binomial(n, t) <= ceil(n mean)))` where `mean < t`,
/// else 1; `greater` by reflection.
///
/// Source: Bates et al., *Distribution-free, risk-controlling prediction sets*, J. ACM 68 (2021), theorem 3.
/// `None` unless `n > 0` and both numbers are in `[0, 1]`.
#[must_use]
pub fn hoeffding_bentkus_tails(mean: f64, n: u64, t: f64) -> Option<Tails> {
    let (mean, t) = (Unit::new(mean)?, Unit::new(t)?);
    if n == 0 {
        return None;
    }
    Tails::new(bounded_less(mean, n, t)?, bounded_less(mean.swapped(), n, t.swapped())?)
}

/// The limits of [`hoeffding_bentkus_tails`], by bisection; inside `[0, 1]`. `None` as there, or unless `0 <
/// alpha < 1`.
#[must_use]
pub fn hoeffding_bentkus_bounds(mean: f64, n: u64, alpha: f64) -> Option<Bounds> {
    let mean = Unit::new(mean)?;
    level(alpha)?;
    if n == 0 {
        return None;
    }
    let upper = bounded_upper(mean, n, alpha)?;
    let lower = 1.0 - bounded_upper(mean.swapped(), n, alpha)?;
    Some(Bounds::new(lower, upper))
}

fn bounded_less(mean: Unit, n: u64, t: Unit) -> Option<f64> {
    if mean.x >= t.x {
        return Some(1.0);
    }
    let n = n as f64;
    let total = n * mean.x;
    let gap = n * (mean.x - t.x);
    let divergence = relative_entropy(total, n * t.x, gap) + relative_entropy(n * mean.y, n * t.y, -gap);
    // A sum of whole numbers must not be rounded up for its last bit.
    let whole = (total - total.max(1.0) * 1e-12).ceil().max(0.0);
    let bentkus = std::f64::consts::E * binomial_split(whole, n, t)?.lower;
    Some(bentkus.min((-divergence).exp()).min(1.0))
}

/// `k ln(k/m) + m - k`, which is `m` at `k = 0` and infinite at `m = 0`.
fn relative_entropy(k: f64, m: f64, gap: f64) -> f64 {
    if k <= 0.0 {
        m
    } else if m <= 0.0 {
        f64::INFINITY
    } else {
        deviance(k, m, gap)
    }
}

/// The smallest threshold above the mean that clears `alpha`; 1 where none does.
fn bounded_upper(mean: Unit, n: u64, alpha: f64) -> Option<f64> {
    let (mut low, mut high) = (mean.x, 1.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if bounded_less(mean, n, Unit::new(middle)?)? <= alpha {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    /// numpy: `b = scipy.stats.skew(x)`, `A = b/sqrt(8)`, `g` and `ginv` of the research note, section 2a,
    /// and `norm.cdf(g)`, `norm.sf(g)`, `mean -+ s/sqrt(8) ginv(...)`.
    #[test]
    fn hall_of_a_skewed_sample() {
        let sample = Moments::from_slice(&[0.2, 0.3, 0.1, 0.9, 3.5, 0.4, 0.7, 1.2]).unwrap();
        let tails = hall_tails(&sample, 1.5).unwrap();
        assert!(relative(tails.less, 0.166_682_209_641_886_74) < 1e-13);
        assert!(relative(tails.greater, 0.833_317_790_358_113_3) < 1e-13);
        let bounds = hall_bounds(&sample, 0.05).unwrap();
        assert!(relative(bounds.lower.unwrap(), 0.439_215_391_284_968_17) < 1e-13);
        assert!(relative(bounds.upper.unwrap(), 3.659_588_321_104_362_5) < 1e-13);
    }

    #[test]
    fn hall_without_skewness_is_the_normal_test() {
        let sample = Moments::from_slice(&[-1.0, 0.0, 1.0]).unwrap();
        let error = sample.standard_error().unwrap();
        let tails = hall_tails(&sample, 1.0).unwrap();
        assert!(relative(tails.less, normal_split(-1.0 / error).unwrap().lower) < 1e-14);
        let upper = hall_bounds(&sample, 0.05).unwrap().upper.unwrap();
        assert!(relative(upper, 1.644_853_626_951_472_6 * error) < 1e-14);
    }

    /// The formula at 50 digits: kl in mpmath, the binomial tail from the incomplete beta of `beta`.
    #[test]
    fn hoeffding_bentkus() {
        let cases = [
            (0.002, 1000, 0.01, 0.007_283_451_299_315_316),
            (0.0, 100, 0.05, 0.005_920_529_220_334_025),
            (0.0305, 200, 0.05, 0.396_710_824_680_631_7),
            (0.45, 50, 0.6, 0.085_369_144_302_316_07),
            (0.999, 10_000, 0.9995, 0.086_419_045_240_901_47),
        ];
        for (mean, n, t, want) in cases {
            let tails = hoeffding_bentkus_tails(mean, n, t).unwrap();
            assert!(relative(tails.less, want) < 1e-12, "{mean} {n} {t}: {tails:?}");
            assert_eq!(tails.greater.to_bits(), 1.0_f64.to_bits());
            let mirrored = hoeffding_bentkus_tails(1.0 - mean, n, 1.0 - t).unwrap();
            assert!(relative(mirrored.greater, want) < 1e-10, "{mean} {n} {t}: {mirrored:?}");
        }
    }

    #[test]
    fn a_float_sum_of_ones_is_not_rounded_up() {
        // 0.29 * 100 = 28.999_999_999_999_996 and 0.57 * 100 = 56.999_999_999_999_99, but 0.07 * 100 =
        // 7.000_000_000_000_001.
        let tails = hoeffding_bentkus_tails(0.07, 100, 0.2).unwrap();
        let bentkus =
            std::f64::consts::E * binomial_split(7.0, 100.0, Unit::new(0.2).unwrap()).unwrap().lower;
        assert!(tails.less <= bentkus * (1.0 + 1e-12), "{tails:?} {bentkus}");
        assert!(tails.less < 0.01);
    }

    #[test]
    fn hoeffding_bentkus_bounds_stay_inside_and_never_collapse() {
        for (mean, n) in [(0.0, 1), (1.0, 1), (0.0, 1_000_000), (1.0, 1_000_000), (0.5, 2), (1e-9, 1_000_000)]
        {
            let bounds = hoeffding_bentkus_bounds(mean, n, 0.05).unwrap();
            let (lower, upper) = (bounds.lower.unwrap(), bounds.upper.unwrap());
            assert!(0.0 <= lower && lower <= mean && mean <= upper && upper <= 1.0, "{mean} {n}: {bounds:?}");
            assert!(upper - lower > 1e-7, "{mean} {n}: {bounds:?}");
        }
    }

    #[test]
    fn nothing_without_spread_or_values() {
        for values in [&[][..], &[1.0], &[2.0, 2.0, 2.0]] {
            let sample = Moments::from_slice(values).unwrap();
            assert_eq!(student_t_tails(&sample, 1.0), None);
            assert_eq!(student_t_bounds(&sample, 0.05), None);
            assert_eq!(hall_tails(&sample, 1.0), None);
            assert_eq!(hall_bounds(&sample, 0.05), None);
        }
        assert_eq!(hoeffding_bentkus_tails(0.5, 0, 0.5), None);
        assert_eq!(hoeffding_bentkus_bounds(0.5, 0, 0.05), None);
    }

    #[test]
    fn nonsense() {
        let sample = Moments::from_slice(&[1.0, 2.0, 4.0]).unwrap();
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(student_t_tails(&sample, bad), None);
            assert_eq!(hall_tails(&sample, bad), None);
            assert_eq!(student_t_bounds(&sample, bad), None);
            assert_eq!(hall_bounds(&sample, bad), None);
            assert_eq!(hoeffding_bentkus_tails(bad, 5, 0.5), None);
            assert_eq!(hoeffding_bentkus_tails(0.5, 5, bad), None);
        }
        assert_eq!(hall_tails(&Moments::from_summary(9, 1.0, 2.0).unwrap(), 1.0), None);
        assert!(student_t_tails(&Moments::from_summary(9, 1.0, 2.0).unwrap(), 1.0).is_some());
    }
}
