//! The chance that a test shows its claim, at a size and a true value: its power function.

use crate::stats::beta::UnitNumber;
use crate::stats::binomial::binomial_split;
use crate::stats::normal::{normal_split, normal_upper_quantile};
use crate::stats::tails::{clears, level};

/// The exact binomial test of `rate < t` at one size, ready for any true rate.
///
/// It shows the claim for every count up to the largest `k` with `P(X <= k | n, t) <= alpha` (Clopper & Pearson, *Biometrika*
/// 26, 1934), so that its chance at a true rate `p` is `P(X <= k | n, p)`: a sum, no approximation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateChance {
    /// Samples whose count is drawn.
    scored: u64,
    /// Events that may be among them; none where even none of them would show nothing.
    allowed: Option<u64>,
}

impl RateChance {
    /// Of `scored` samples and `missing` further ones that count as events whatever they would have been.
    ///
    /// `None` unless `0 < t < 1` and `0 < alpha < 1`.
    #[must_use]
    pub fn new(scored: u64, missing: u64, t: f64, alpha: f64) -> Option<Self> {
        level(t)?;
        Self::of(scored, missing, UnitNumber::new(t)?, level(alpha)?)
    }

    /// The same for `rate > t`, with the events that it is about: what is missing is none.
    #[must_use]
    pub fn above(scored: u64, missing: u64, t: f64, alpha: f64) -> Option<Self> {
        level(t)?;
        Self::of(scored, missing, UnitNumber::new(t)?.swapped(), level(alpha)?)
    }

    fn of(scored: u64, missing: u64, t: UnitNumber, alpha: f64) -> Option<Self> {
        let n = scored.checked_add(missing)?;
        let shows = |k: u64| Some(clears(binomial_split(k as f64, n as f64, t)?.lower, alpha));
        if n == 0 || !shows(0)? {
            return Some(Self { scored, allowed: None });
        }
        // All `n` of them have a probability of 1.
        let (mut low, mut high) = (0, n);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if shows(middle)? { low = middle } else { high = middle }
        }
        Some(Self { scored, allowed: low.checked_sub(missing) })
    }

    /// The largest number of events among the scored samples that still shows the claim; of [`RateChance::above`] the largest
    /// number of samples that are none. `None` where no number of them does.
    #[must_use]
    pub fn allowed(&self) -> Option<u64> {
        self.allowed
    }

    /// The chance at a true rate of such events. `None` unless `0 <= truth <= 1`.
    #[must_use]
    pub fn at(&self, truth: f64) -> Option<f64> {
        let truth = UnitNumber::new(truth)?;
        let Some(allowed) = self.allowed else { return Some(0.0) };
        Some(binomial_split(allowed as f64, self.scored as f64, truth)?.lower)
    }
}

/// The chance that a one-sided test of a mean shows its claim with `units` independent values of standard deviation `sd`,
/// `distance` on the right side of the threshold: the inverse of [`mean_sample_size`](super::mean_sample_size), with the same
/// correction for Student's t (Guenther 1981) and the same `room` of an unseen value.
///
/// `Phi((distance - room/n) sqrt(n / (sd^2 + room^2/n)) - z_alpha)` with `n = units - z_alpha^2/2`. `None` unless `0 < alpha <
/// 1`, the other figures are finite and `sd` and `room` are not negative.
#[must_use]
pub fn mean_chance(units: f64, distance: f64, sd: f64, room: f64, alpha: f64) -> Option<f64> {
    let usable =
        [units, distance, sd, room].iter().all(|value| value.is_finite()) && sd >= 0.0 && room >= 0.0;
    let z_alpha = normal_upper_quantile(level(alpha).filter(|_| usable)?)?;
    let n = units - 0.5 * z_alpha * z_alpha;
    if n <= 0.0 {
        return Some(0.0);
    }
    let left = distance - room / n;
    let error = ((sd * sd + room * room / n) / n).sqrt();
    if error == 0.0 {
        return Some(if left > 0.0 { 1.0 } else { 0.0 });
    }
    Some(normal_split(left / error - z_alpha)?.lower)
}

/// The chance that Gaffke's bound shows its claim with few large units: `units` of standard deviation `sd`, their mean `distance`
/// on the right side of the threshold, and an unseen one as far as `room` on the wrong side.
///
/// The bound is `P(sum E_i g_i + E_0 room >= 0)` with standard exponentials `E`. The sum is taken as normal with the variance
/// `n (sd^2 + mean^2)`, to which the unseen unit adds an exponential that may be as wide as all of them together; so the mean
/// has to lie beyond the distance at which that probability is `alpha`. `None` as in [`mean_chance`].
#[must_use]
pub fn chance_beside_unseen(units: f64, distance: f64, sd: f64, room: f64, alpha: f64) -> Option<f64> {
    let usable = [units, distance, sd, room].iter().all(|value| value.is_finite());
    level(alpha).filter(|_| usable && units > 0.0 && sd > 0.0 && room > 0.0)?;
    let p = |mean: f64| {
        let spread = (units * (sd * sd + mean * mean)).sqrt();
        normal_and_exponential(units * mean, spread, room)
    };
    let (mut low, mut high) = (0.0, sd + room);
    while p(high)? > alpha {
        high *= 2.0;
        if high > 1e6 * (sd + room) {
            return Some(0.0);
        }
    }
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if p(middle)? > alpha { low = middle } else { high = middle }
    }
    Some(normal_split((distance - high) * units.sqrt() / sd)?.lower)
}

/// `P(sd Z + room E >= x)` of a standard normal and a standard exponential.
fn normal_and_exponential(x: f64, sd: f64, room: f64) -> Option<f64> {
    let (z, ratio) = (x / sd, sd / room);
    let beyond = normal_split(z)?.upper;
    // The exponential's part grows without bound while what it is multiplied with vanishes; by then it is a shift by `room`.
    if ratio > 30.0 {
        return Some(normal_split(z - 1.0 / ratio)?.upper);
    }
    let tail = (0.5 * ratio * ratio - ratio * z).exp() * normal_split(z - ratio)?.lower;
    Some((beyond + tail).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::{mean_sample_size, rate_sample_size};
    use super::*;

    /// `scipy.stats.binom.cdf(k, n, p)` with the largest `k` of `binom.cdf(k, n, t) <= 0.05`.
    #[test]
    fn rates_against_scipy() {
        let cases = [
            (200, 0.015, 0.02, 0, 0.017_587_946_605_721_567),
            (1000, 0.015, 0.01, 8, 0.331_687_263_199_161_1),
            (1456, 0.015, 0.0075, 14, 0.860_626_222_663_814_3),
            (315, 0.015, 0.001, 1, 0.959_751_209_687_340_2),
            (2995, 0.001, 0.0001, 0, 0.741_177_622_451_761_6),
            (1773, 0.5, 0.47, 851, 0.806_661_131_148_623_6),
        ];
        for (n, t, truth, allowed, chance) in cases {
            let test = RateChance::new(n, 0, t, 0.05).unwrap();
            assert_eq!(test.allowed(), Some(allowed), "{n} {t}");
            let found = test.at(truth).unwrap();
            assert!((found - chance).abs() < 1e-12, "{n} {t} {truth}: {found} {chance}");
        }
    }

    #[test]
    fn at_the_threshold_it_is_the_level_at_most() {
        for n in [1, 10, 198, 199, 314, 315, 5000] {
            let test = RateChance::new(n, 0, 0.015, 0.05).unwrap();
            assert_eq!(test.allowed().is_some(), n >= 199, "{n}");
            assert!(test.at(0.015).unwrap() <= 0.05);
            assert!(test.at(0.0).unwrap().to_bits() == if n >= 199 { 1.0_f64 } else { 0.0 }.to_bits());
        }
    }

    #[test]
    fn missing_samples_count_as_events_and_the_other_side_mirrors() {
        let whole = RateChance::new(1000, 0, 0.05, 0.05).unwrap();
        let some = RateChance::new(990, 10, 0.05, 0.05).unwrap();
        assert_eq!(some.allowed(), whole.allowed().map(|k| k - 10));
        assert_eq!(RateChance::new(0, 1000, 0.05, 0.05).unwrap().at(0.0), Some(0.0));
        let above = RateChance::above(1000, 0, 0.95, 0.05).unwrap();
        assert_eq!(above.allowed(), whole.allowed());
    }

    /// The size that is asked for has the power that was asked for, and one less has not.
    #[test]
    fn chances_and_sizes_agree() {
        for (t, truth) in [(0.015, 0.0075), (0.03, 0.02), (0.5, 0.47)] {
            let n = rate_sample_size(t, truth, 0.05, 0.8).unwrap().n;
            let chance = |n: u64| RateChance::new(n, 0, t, 0.05).unwrap().at(truth).unwrap();
            assert!(chance(n) >= 0.8 && chance(n - 1) < 0.8, "{n}");
        }
        for (distance, sd, room) in [(0.2, 1.0, 0.0), (0.02, 0.2, 0.85), (0.003, 0.02, 0.9)] {
            let n = mean_sample_size(distance, sd, room, 0.05, 0.8).unwrap() as f64;
            let chance = |n: f64| mean_chance(n, distance, sd, room, 0.05).unwrap();
            assert!(chance(n) >= 0.8 && chance(n - 1.0) < 0.8, "{n} {}", chance(n));
        }
    }

    #[test]
    fn of_what_is_all_alike() {
        assert_eq!(mean_chance(50.0, 0.1, 0.0, 0.0, 0.05), Some(1.0));
        assert_eq!(mean_chance(50.0, -0.1, 0.0, 0.0, 0.05), Some(0.0));
        assert_eq!(mean_chance(1.0, 5.0, 1.0, 0.0, 0.05), Some(0.0));
        let level = mean_chance(50.0, 0.0, 1.0, 0.0, 0.05).unwrap();
        assert!((level - 0.05).abs() < 1e-12, "{level}");
    }

    /// `scipy.stats.exponnorm.sf(x, K=room/sd, loc=0, scale=sd)`
    #[test]
    fn a_normal_and_an_exponential_against_scipy() {
        let cases = [
            (1.0, 1.0, 1.0, 0.461_920_583_787_773_73),
            (0.0, 1.0, 2.0, 0.849_618_834_720_398),
            (5.0, 1.0, 3.0, 0.199_665_621_105_906_72),
            (20.0, 10.0, 1.0, 0.029_398_145_653_141_257),
            (-3.0, 2.0, 0.5, 0.956_029_727_907_033_1),
            (60.0, 40.0, 1.0, 0.070_169_029_655_189_17),
            (3.0, 1.0, 0.04, 0.001_550_932_026_121_836_1),
        ];
        for (x, sd, room, upper) in cases {
            let found = normal_and_exponential(x, sd, room).unwrap();
            assert!(
                (found - upper).abs() < 1e-9 + 1e-3 * f64::from(u8::from(sd > 30.0 * room)),
                "{x} {sd} {room}: {found}"
            );
        }
        // With hardly any room it is the test of a mean with many units.
        let (wide, narrow) = (
            chance_beside_unseen(400.0, 0.1, 1.0, 1e-3, 0.05).unwrap(),
            mean_chance(400.0, 0.1, 1.0, 0.0, 0.05).unwrap(),
        );
        assert!((wide - narrow).abs() < 0.01, "{wide} {narrow}");
        assert!(chance_beside_unseen(22.0, 0.5, 1.0, 8.0, 0.05).unwrap() < 0.2);
        assert_eq!(chance_beside_unseen(22.0, 0.5, 1.0, f64::NAN, 0.05), None);
    }

    #[test]
    fn hostile_arguments_have_no_answer() {
        for bad in [0.0, 1.0, -1.0, f64::NAN] {
            assert_eq!(RateChance::new(10, 0, bad, 0.05), None);
            assert_eq!(RateChance::new(10, 0, 0.1, bad), None);
        }
        assert_eq!(RateChance::new(u64::MAX, 1, 0.1, 0.05), None);
        assert_eq!(RateChance::new(10, 0, 0.1, 0.05).unwrap().at(1.5), None);
        for bad in [f64::NAN, f64::INFINITY] {
            assert_eq!(mean_chance(bad, 1.0, 1.0, 0.0, 0.05), None);
            assert_eq!(mean_chance(10.0, bad, 1.0, 0.0, 0.05), None);
        }
        assert_eq!(mean_chance(10.0, 1.0, -1.0, 0.0, 0.05), None);
    }
}
