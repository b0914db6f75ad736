//! How many samples a claim needs before anything is measured, and how likely so many show it.
//!
//! There is no "how many more", which would be optional stopping: every size here is that of a fresh run.

mod chance;

pub use chance::{RateChance, chance_beside_unseen, mean_chance};

use super::beta::UnitNumber;
use super::binomial::{binomial_split, least_power};
use super::normal::normal_upper_quantile;
use super::tails::{clears, level};

/// Up to this variance of the count, at the size of the normal approximation, the exact test is searched;
/// above it the approximation is the answer. The cost of one tail probability grows with the square root of
/// the variance.
const EXACT_VARIANCE: f64 = 5e5;
/// Above this size the answer is that no practical sample is large enough.
const GIVE_UP: f64 = 1e8;
/// Teeth of the power curve scanned at most, well below a second's work.
const MAX_TEETH: f64 = 250_000.0;

/// Whole numbers up to here are exact as `f64`.
const FARTHEST: u64 = 1_000_000_000_000_000;

/// A number of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleSize {
    /// How many.
    pub n: u64,
    /// From the exact test; otherwise from the normal approximation.
    pub exact: bool,
}

/// The size of a fresh run from which on the exact binomial test shows `rate < t` with probability `power` or
/// more, if the true rate is `assumed < t`. With `assumed > t`: shows `rate > t`.
///
/// The power is a saw-tooth in `n`; this is the least size after which it never falls below `power` again.
/// `None` where no size up to 1e8 is enough, `assumed = t`, or an argument is outside `(0, 1)` (`assumed`:
/// `[0, 1]`).
#[must_use]
pub fn rate_sample_size(t: f64, assumed: f64, alpha: f64, power: f64) -> Option<SampleSize> {
    level(t)?;
    let (t, assumed) = (UnitNumber::new(t)?, UnitNumber::new(assumed)?);
    if assumed.x > t.x {
        // `rate > t` is `non-events < 1 - t`.
        return below(&RateTest { t: t.swapped(), assumed: assumed.swapped(), alpha: level(alpha)?, power });
    }
    below(&RateTest { t, assumed, alpha: level(alpha)?, power })
}

/// The least `n` at which `k` events or fewer show `rate < t`; with `k = 0` that is `ceil(ln alpha / ln(1 -
/// t))`.
///
/// `None` unless `0 < t < 1`, `0 < alpha < 1` and `k <= 1e8`, or where it would exceed 1e15.
#[must_use]
pub fn least_n_with_events(k: u64, t: f64, alpha: f64) -> Option<u64> {
    level(t)?;
    if k as f64 > GIVE_UP {
        return None;
    }
    let t = UnitNumber::new(t)?;
    if k == 0 {
        least_power(t.swapped(), level(alpha)?)
    } else {
        first_n_allowing(k, t, level(alpha)?, k + 1)
    }
}

/// Size of a fresh run for a one-sided test of a mean: `((z_alpha + z_power) sd / distance)^2 + z_alpha^2 / 2`,
/// where `distance` is between the threshold and the assumed mean. The second term stands for Student's t
/// (Guenther 1981).
///
/// Gaffke's bound adds one value at the bad end, `room` away from the assumed mean: that moves the mean by `room/n`
/// and widens the variance by `room^2/n`. With `room` 0 there is no such value.
///
/// `None` where it would exceed 1e8, `distance` or `sd` is not positive and finite, `room` is negative or a level is
/// outside its range (`0 < alpha < 1`, `1/2 <= power < 1`).
#[must_use]
pub fn mean_sample_size(distance: f64, sd: f64, room: f64, alpha: f64, power: f64) -> Option<u64> {
    let positive = distance > 0.0 && distance.is_finite() && sd > 0.0 && room >= 0.0;
    if !(positive && (0.5..1.0).contains(&power)) {
        return None;
    }
    let z_alpha = normal_upper_quantile(level(alpha)?)?;
    let z_power = -normal_upper_quantile(power)?;
    let asked = |n: f64| {
        let left = distance - room / n;
        let variance = sd * sd + room * room / n;
        if left > 0.0 { ((z_alpha + z_power) / left).powi(2) * variance } else { f64::INFINITY }
    };
    // What is asked for falls as n grows: halve down to where both are equal.
    let (mut low, mut high) = (asked(f64::INFINITY), GIVE_UP);
    if asked(high) > high {
        return None;
    }
    while room > 0.0 && high - low > 0.01 {
        let middle = low.midpoint(high);
        if asked(middle) <= middle { high = middle } else { low = middle }
    }
    let n = if room > 0.0 { high } else { low } + 0.5 * z_alpha * z_alpha;
    (n <= GIVE_UP).then(|| (n.ceil() as u64).max(2))
}

/// The exact test of `rate < t` and the truth it is to be powerful at.
struct RateTest {
    t: UnitNumber,
    assumed: UnitNumber,
    alpha: f64,
    power: f64,
}

impl RateTest {
    /// The least `n` at which `k` events are allowed, not below `from`.
    fn first_n(&self, k: u64, from: u64) -> Option<u64> {
        first_n_allowing(k, self.t, self.alpha, from)
    }

    /// The lowest power while at most `k` events are allowed: just before one more is. Also where that
    /// happens.
    fn trough(&self, k: u64, from: u64) -> Option<(bool, u64)> {
        let next = self.first_n(k + 1, from)?;
        let power = binomial_split(k as f64, (next - 1) as f64, self.assumed)?.lower;
        Some((power >= self.power, next))
    }
}

fn below(test: &RateTest) -> Option<SampleSize> {
    if test.assumed.x >= test.t.x || !(0.5..1.0).contains(&test.power) {
        return None;
    }
    let distance = test.t.x - test.assumed.x;
    let spread = |rate: UnitNumber| (rate.x * rate.y).sqrt();
    let z_alpha = normal_upper_quantile(test.alpha)?;
    let z_power = -normal_upper_quantile(test.power)?;
    let normal = ((z_alpha * spread(test.t) + z_power * spread(test.assumed)) / distance).powi(2);
    // Around the crossing, the rounding of n to whole numbers makes the troughs rise and fall over this many
    // teeth.
    let teeth = 4.0 * test.t.x * test.assumed.x / distance + 8.0;
    if normal > GIVE_UP {
        return None;
    }
    if normal * test.t.x * test.t.y > EXACT_VARIANCE || teeth > MAX_TEETH {
        // The last sag of the saw-tooth lies about one tooth, 1/t, above the smooth curve.
        let n = normal + 1.0 / test.t.x + 1.0 / distance;
        return (n <= GIVE_UP).then_some(SampleSize { n: n.ceil() as u64, exact: false });
    }
    let n = stable_size(test, teeth as u64).filter(|&n| n as f64 <= GIVE_UP)?;
    Some(SampleSize { n, exact: true })
}

/// The `n` at which the tooth after the last one with a trough below the wanted power begins.
fn stable_size(test: &RateTest, teeth: u64) -> Option<u64> {
    // Doubling, then halving, finds one crossing; `good` has enough power in its trough, `bad` has not.
    let mut good = 1_u64;
    while !test.trough(good - 1, good)?.0 {
        good *= 2;
        if good as f64 > GIVE_UP {
            return None;
        }
    }
    let (mut bad, mut good) = (good / 2, good);
    while good - bad > 1 {
        let middle = bad + (good - bad) / 2;
        if test.trough(middle - 1, middle)?.0 {
            good = middle;
        } else {
            bad = middle;
        }
    }
    // Counted from one above: `good` is the tooth with `good - 1` events. Look for later sags.
    let mut stable = test.first_n(good - 1, good)?;
    let mut n = stable;
    for k in good - 1..good - 1 + teeth {
        let (enough, next) = test.trough(k, n)?;
        if !enough {
            stable = next;
        }
        n = next;
    }
    Some(stable)
}

/// The least `n` at which `k` events have `P(X <= k) <= alpha` under `t`; `from` is a known lower limit of
/// the answer.
fn first_n_allowing(k: u64, t: UnitNumber, alpha: f64, from: u64) -> Option<u64> {
    let allowed = |n: u64| Some(clears(binomial_split(k as f64, n as f64, t)?.lower, alpha));
    let mut low = from.max(k + 1).checked_sub(1)?;
    // Start with the distance between two teeth and double it.
    let mut stride = ((0.5 / t.x) as u64).saturating_add(1);
    let mut high = low.saturating_add(stride);
    while !allowed(high)? {
        low = high;
        stride = stride.checked_mul(2)?;
        high = high.checked_add(stride)?;
    }
    if high > FARTHEST {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if allowed(middle)? {
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

    fn size(t: f64, assumed: f64) -> u64 {
        let size = rate_sample_size(t, assumed, 0.05, 0.8).unwrap();
        assert!(size.exact);
        size.n
    }

    /// Research note, section 1 (exact enumeration).
    #[test]
    fn sizes_of_the_research_note() {
        let cases = [
            (0.015, 0.001, 315),
            (0.015, 0.005, 787),
            (0.015, 0.0075, 1456),
            (0.015, 0.01, 3466),
            (0.015, 0.012, 9873),
        ];
        for (t, assumed, n) in cases {
            assert_eq!(size(t, assumed), n, "{t} {assumed}");
        }
        for (assumed, n) in [(0.0001, 4742), (0.0003, 10_511), (0.0005, 21_883), (0.0007, 64_396)] {
            assert_eq!(size(0.001, assumed), n, "{assumed}");
        }
        for (k, at_tenth, at_1_5) in [(0, 2995, 199), (1, 4742, 315), (2, 6294, 418), (5, 10_511, 699)] {
            assert_eq!(least_n_with_events(k, 0.001, 0.05), Some(at_tenth), "{k}");
            assert_eq!(least_n_with_events(k, 0.015, 0.05), Some(at_1_5), "{k}");
        }
    }

    /// Brute force with `scipy.stats.binom` over every n below 60,000: the last n with too little power, plus
    /// one.
    #[test]
    fn common_rates_and_the_other_direction() {
        let cases =
            [(0.5, 0.47, 1773), (0.9, 0.95, 203), (0.01, 0.02, 1015), (0.05, 0.04, 2869), (0.99, 0.95, 110)];
        for (t, assumed, n) in cases {
            assert_eq!(size(t, assumed), n, "{t} {assumed}");
        }
    }

    #[test]
    fn the_size_is_where_the_power_stays() {
        let (t, assumed) = (UnitNumber::new(0.03).unwrap(), UnitNumber::new(0.02).unwrap());
        let n = size(t.x, assumed.x);
        let power = |n: u64| {
            let allowed =
                (0..n).take_while(|&k| clears(binomial_split(k as f64, n as f64, t).unwrap().lower, 0.05));
            allowed.last().map_or(0.0, |k| binomial_split(k as f64, n as f64, assumed).unwrap().lower)
        };
        assert!(power(n - 1) < 0.8, "{n}");
        for later in n..n + 300 {
            assert!(power(later) >= 0.8, "{later}");
        }
    }

    #[test]
    fn close_rates_end_in_an_approximation_or_in_giving_up() {
        let close = rate_sample_size(0.001, 0.00101, 0.05, 0.8).unwrap();
        assert!(!close.exact && close.n > 60_000_000, "{close:?}");
        assert_eq!(rate_sample_size(1e-4, 9.9e-5, 0.05, 0.8), None);
        assert_eq!(rate_sample_size(0.5, 0.5, 0.05, 0.8), None);
        assert_eq!(size(1e-6, 0.0), 2_995_731);
    }

    /// `statsmodels.stats.power.TTestPower().solve_power(effect_size=0.2, alpha=0.05, power=0.8,
    /// alternative='larger')` is 155.93.
    #[test]
    fn size_for_a_mean() {
        assert_eq!(mean_sample_size(0.2, 1.0, 0.0, 0.05, 0.8), Some(156));
        assert_eq!(mean_sample_size(100.0, 1.0, 0.0, 0.05, 0.8), Some(2));
        assert_eq!(mean_sample_size(1e-9, 1.0, 0.0, 0.05, 0.8), None);
    }

    /// 3,000 simulated samples each had powers of 0.79, 0.86 and 0.80 at the last three sizes.
    #[test]
    fn an_unseen_value_costs_samples() {
        assert_eq!(mean_sample_size(0.02, 0.2, 0.0, 0.05, 0.8), Some(620));
        assert_eq!(mean_sample_size(0.02, 0.2, 0.85, 0.05, 0.8), Some(718));
        assert_eq!(mean_sample_size(0.003, 0.02, 0.9, 0.05, 0.8), Some(1250));
        assert_eq!(mean_sample_size(0.02, 0.1206, 0.8, 0.05, 0.8), Some(332));
        assert_eq!(mean_sample_size(0.02, 0.2, -1.0, 0.05, 0.8), None);
    }

    #[test]
    fn nonsense() {
        for bad in [0.0, 1.0, -1.0, 2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(rate_sample_size(bad, 0.001, 0.05, 0.8), None);
            assert_eq!(rate_sample_size(0.01, 0.001, bad, 0.8), None);
            assert_eq!(rate_sample_size(0.01, 0.001, 0.05, bad), None);
            assert_eq!(least_n_with_events(1, bad, 0.05), None);
            assert_eq!(least_n_with_events(0, 0.1, bad), None);
        }
        for bad in [-0.1, 1.1, f64::NAN] {
            assert_eq!(rate_sample_size(0.01, bad, 0.05, 0.8), None);
        }
        for bad in [0.0, -1.0, f64::NAN] {
            assert_eq!(mean_sample_size(bad, 1.0, 0.0, 0.05, 0.8), None);
            assert_eq!(mean_sample_size(1.0, bad, 0.0, 0.05, 0.8), None);
        }
    }
}
