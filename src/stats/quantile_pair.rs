//! A quantile against that of a baseline, by exact binomial tests on both sides of every value in between.
//!
//! "The candidate's quantile is below `r` times the baseline's" is wrong only if for `t`, the baseline's true quantile, the
//! candidate's is at least `r t`. So at every `t` two independent tests are put together: few of the baseline's values up
//! to `t` speak for its quantile being above, many of the candidate's below `r t` for its being below. The p-value is the
//! worst over `t`. Ties, zeros and limits that touch are answers like any other.

use super::beta::UnitNumber;
use super::binomial::{binomial_at_least, binomial_split};
use super::inverse::first_rank;
use super::melded::Against;
use super::quantile::{fraction, nearest_rank};
use super::tails::{Bounds, Tails, clears, level};

/// A chance this close to one is one.
const CERTAIN: f64 = 1.0 - 1e-15;

/// The values of one side.
#[derive(Debug, Clone, Copy)]
pub struct Ordered<'a> {
    /// In ascending order.
    pub values: &'a [f64],
    /// Values that are missing: they stand where they speak most against a claim.
    pub missing: u64,
}

/// The `q`-quantiles of two independent samples of values that are, for a ratio, not negative.
#[derive(Debug, Clone, Copy)]
pub struct QuantilePair<'a> {
    candidate: Ordered<'a>,
    baseline: Ordered<'a>,
    q: UnitNumber,
    against: Against,
}

impl Ordered<'_> {
    fn size(&self) -> u64 {
        self.values.len() as u64 + self.missing
    }

    fn up_to(&self, t: f64) -> u64 {
        self.values.partition_point(|value| *value <= t) as u64
    }

    fn below(&self, t: f64) -> u64 {
        self.values.partition_point(|value| *value < t) as u64
    }

    fn at(&self, rank: u64) -> Option<f64> {
        self.values.get(usize::try_from(rank.checked_sub(1)?).ok()?).copied()
    }
}

impl<'a> QuantilePair<'a> {
    /// `None` unless both sides have values in ascending order, not negative ones for a ratio, and `0 < q < 1`.
    #[must_use]
    pub fn new(candidate: Ordered<'a>, baseline: Ordered<'a>, q: f64, against: Against) -> Option<Self> {
        let usable = |side: &Ordered<'_>| {
            let first = side.values.first().copied();
            side.values.is_sorted_by(|a, b| a <= b)
                && first.is_some_and(|least| against == Against::Difference || least >= 0.0)
        };
        let q = fraction(q)?;
        (usable(&candidate) && usable(&baseline)).then_some(Self { candidate, baseline, q, against })
    }

    /// The ratio or difference of the two quantiles by nearest rank; none where it is not finite.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let at = |side: &Ordered<'_>| side.at(nearest_rank(side.values.len() as u64, self.q.x)?);
        let (c, b) = (at(&self.candidate)?, at(&self.baseline)?);
        let value = if self.against == Against::Ratio { c / b } else { c - b };
        value.is_finite().then_some(value)
    }

    fn moved(&self, baseline: f64, theta: f64) -> f64 {
        match self.against {
            Against::Difference => baseline + theta,
            Against::Ratio => baseline * theta,
        }
    }

    /// What the candidate's value is to the baseline's; none where nothing makes one of the other.
    fn between(&self, candidate: f64, baseline: f64) -> Option<f64> {
        let theta = match self.against {
            Against::Difference => candidate - baseline,
            // Any ratio makes nothing of nothing.
            Against::Ratio if candidate <= 0.0 => 0.0,
            Against::Ratio => candidate / baseline,
        };
        theta.is_finite().then_some(theta)
    }

    /// p-values of the quantile's ratio, or difference, against `theta`; with `inclusive` of "at most" and "more than", else
    /// of "less than" and "at least". `None` for a `theta` that is not finite.
    #[must_use]
    pub fn tails(&self, theta: f64, inclusive: bool) -> Option<Tails> {
        if !theta.is_finite() {
            return None;
        }
        if self.against == Against::Ratio && theta < 0.0 {
            return Tails::new(1.0, 0.0);
        }
        Tails::new(fisher(self.less(theta, inclusive)?), fisher(self.greater(theta, inclusive)?))
    }

    /// The largest product over the baseline's values; what is left of them is one more.
    fn less(&self, theta: f64, inclusive: bool) -> Option<f64> {
        let (b, c) = (&self.baseline, &self.candidate);
        let ours = |t: f64| {
            let below = if inclusive { c.up_to(t) } else { c.below(t) };
            binomial_at_least(below as f64, c.size() as f64, self.q)
        };
        // Below every value of the baseline nothing of the candidate's counts.
        let mut worst = self.baseline_up_to(b.missing)?;
        let from = first_rank(b.values.len() as u64, |rank| {
            self.baseline_up_to(rank + b.missing).is_some_and(|p| p > 1e-18)
        });
        let Some(from) = from else { return Some(worst) };
        for rank in from..=b.values.len() as u64 {
            let Some(t) = b.at(rank).filter(|t| rank == b.up_to(*t)) else { continue };
            let ours = ours(self.moved(t, theta))?;
            if ours < worst || worst > CERTAIN {
                break;
            }
            worst = worst.max(ours * self.baseline_up_to(rank + b.missing)?);
        }
        Some(worst)
    }

    fn greater(&self, theta: f64, inclusive: bool) -> Option<f64> {
        let (b, c) = (&self.baseline, &self.candidate);
        let ours = |t: f64| {
            let below = if inclusive { c.up_to(t) } else { c.below(t) };
            Some(binomial_split((below + c.missing) as f64, c.size() as f64, self.q)?.lower)
        };
        let n = b.values.len() as u64;
        let mut worst = self.baseline_from(n)?;
        let mut rank =
            first_rank(n, |rank| self.baseline_from(rank).is_some_and(|p| p <= 1e-18)).unwrap_or(n);
        while let Some(t) = b.at(rank) {
            let below = b.below(t);
            let ours = ours(self.moved(t, theta))?;
            if ours < worst || worst > CERTAIN {
                break;
            }
            worst = worst.max(ours * self.baseline_from(below)?);
            rank = below;
        }
        Some(worst)
    }

    /// How likely the baseline has so few values up to its quantile.
    fn baseline_up_to(&self, count: u64) -> Option<f64> {
        Some(binomial_split(count as f64, self.baseline.size() as f64, self.q)?.lower)
    }

    /// How likely the baseline has so many values below its quantile.
    fn baseline_from(&self, count: u64) -> Option<f64> {
        binomial_at_least(count as f64, self.baseline.size() as f64, self.q)
    }

    /// The limits of [`QuantilePair::tails`], in closed form; they may touch. A limit itself is shown by the inclusive test.
    /// `None` unless `0 < alpha < 1`.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let product = unfisher(level(alpha)?);
        Some(Bounds { lower: self.lower(product), upper: self.upper(product) })
    }

    fn upper(&self, product: f64) -> Option<f64> {
        let (b, c) = (&self.baseline, &self.candidate);
        let n = c.size();
        // Of the candidate so many must be below for the two tests together.
        let rank = |theirs: f64| {
            first_rank(n, |rank| {
                binomial_at_least(rank as f64, n as f64, self.q).is_some_and(|p| clears(p * theirs, product))
            })
        };
        if !clears(self.baseline_up_to(b.missing)?, product) {
            return None;
        }
        let mut worst = f64::NEG_INFINITY;
        let from = first_rank(b.values.len() as u64, |rank| {
            self.baseline_up_to(rank + b.missing).is_some_and(|p| !clears(p, product))
        })?;
        let last = b.values.len() as u64;
        for at in from..=last {
            let Some(t) = b.at(at).filter(|t| at == b.up_to(*t)) else { continue };
            let theirs = self.baseline_up_to(at + b.missing)?;
            worst = worst.max(self.between(c.at(rank(theirs)?)?, t)?);
            // From here on the baseline alone says nothing more, and its values only grow.
            if theirs > CERTAIN {
                break;
            }
        }
        worst.is_finite().then_some(worst)
    }

    fn lower(&self, product: f64) -> Option<f64> {
        let (b, c) = (&self.baseline, &self.candidate);
        let n = c.size();
        // At most so many of the candidate may be below or at the value.
        let most = |theirs: f64| {
            let shown = |count: u64| {
                binomial_split(count as f64, n as f64, self.q)
                    .is_some_and(|split| clears(split.lower * theirs, product))
            };
            first_rank(n, |rank| !shown(rank - 1)).map_or(n, |rank| rank - 1)
        };
        let size = b.values.len() as u64;
        if !clears(self.baseline_from(size)?, product) {
            return None;
        }
        let mut best = f64::INFINITY;
        let mut rank = first_rank(size, |rank| self.baseline_from(rank).is_some_and(|p| clears(p, product)))
            .unwrap_or(size);
        while let Some(t) = b.at(rank) {
            let below = b.below(t);
            let theirs = self.baseline_from(below)?;
            if !clears(theirs, product) {
                // Fewer than `most` values up to the limit: it lies at the value of that rank.
                let at = most(theirs).checked_sub(c.missing)?;
                best = best.min(self.between(c.at(at)?, t)?);
            }
            if theirs > CERTAIN {
                break;
            }
            rank = below;
        }
        best.is_finite().then_some(best)
    }
}

/// The p-value of the product of two independent p-values.
///
/// Source: Fisher, *Statistical Methods for Research Workers*, 4th ed. (1932).
fn fisher(product: f64) -> f64 {
    if product <= 0.0 { 0.0 } else { (product * (1.0 - product.ln())).min(1.0) }
}

/// The product that has this p-value.
fn unfisher(p: f64) -> f64 {
    let (mut low, mut high) = (1e-300_f64.ln(), 0.0_f64);
    for _ in 0..200 {
        let middle = low.midpoint(high);
        if fisher(middle.exp()) <= p { low = middle } else { high = middle }
    }
    low.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair<'a>(candidate: &'a [f64], baseline: &'a [f64], q: f64) -> QuantilePair<'a> {
        let of = |values| Ordered { values, missing: 0 };
        QuantilePair::new(of(candidate), of(baseline), q, Against::Ratio).unwrap()
    }

    fn ramp(n: u32, step: f64) -> Vec<f64> {
        (1..=n).map(|i| f64::from(i) * step).collect()
    }

    /// Every t on a fine grid, instead of the baseline's values, and every theta instead of a closed form.
    #[test]
    fn nothing_between_the_baseline_s_values_is_worse() {
        let (candidate, baseline) = (ramp(60, 1.3), ramp(45, 1.0));
        let pair = pair(&candidate, &baseline, 0.9);
        let q = UnitNumber::new(0.9).unwrap();
        for theta in [0.9, 1.2, 1.3, 1.5, 2.0, 3.0] {
            let (mut less, mut greater) = (0.0_f64, 0.0_f64);
            for i in 0..=5000 {
                let t = if i == 5000 { 1e9 } else { f64::from(i) / 100.0 };
                let count = |values: &[f64], t: f64, inclusive: bool| {
                    values.iter().filter(|v| if inclusive { **v <= t } else { **v < t }).count() as f64
                };
                less = less.max(
                    binomial_split(count(&baseline, t, true), 45.0, q).unwrap().lower
                        * binomial_at_least(count(&candidate, theta * t, false), 60.0, q).unwrap(),
                );
                greater = greater.max(
                    binomial_at_least(count(&baseline, t, false), 45.0, q).unwrap()
                        * binomial_split(count(&candidate, theta * t, false), 60.0, q).unwrap().lower,
                );
            }
            let tails = pair.tails(theta, false).unwrap();
            assert!((tails.less / fisher(less) - 1.0).abs() < 1e-12, "{theta}: {tails:?} {}", fisher(less));
            assert!(
                (tails.greater / fisher(greater) - 1.0).abs() < 1e-12,
                "{theta}: {tails:?} {}",
                fisher(greater)
            );
        }
    }

    #[test]
    fn limits_are_where_the_test_clears() {
        let mut checked = 0;
        for (candidate, baseline) in [
            (ramp(200, 1.1), ramp(180, 1.0)),
            (vec![5.0; 300], ramp(300, 0.01)),
            ([vec![1.0; 100], vec![2.0; 200]].concat(), [vec![0.0], vec![1.0; 299]].concat()),
        ] {
            for (q, alpha) in [(0.5, 0.05), (0.9, 0.05), (0.95, 0.01), (0.3, 0.1)] {
                let pair = pair(&candidate, &baseline, q);
                let bounds = pair.bounds(alpha).unwrap();
                if let Some(upper) = bounds.upper {
                    assert!(
                        clears(pair.tails(upper * (1.0 + 1e-12), true).unwrap().less, alpha),
                        "{q} {alpha} {bounds:?}"
                    );
                    let inside = pair.tails(upper * (1.0 - 1e-9), true).unwrap().less;
                    assert!(!clears(inside, alpha), "{q} {alpha} {bounds:?} {inside}");
                    checked += 1;
                }
                if let Some(lower) = bounds.lower.filter(|lower| *lower > 0.0) {
                    assert!(
                        clears(pair.tails(lower * (1.0 - 1e-12), false).unwrap().greater, alpha),
                        "{q} {alpha} {bounds:?}"
                    );
                    let inside = pair.tails(lower * (1.0 + 1e-9), false).unwrap().greater;
                    assert!(!clears(inside, alpha), "{q} {alpha} {bounds:?} {inside}");
                    checked += 1;
                }
            }
        }
        assert!(checked > 15, "{checked}");
    }

    #[test]
    fn ties_and_a_zero_are_answers() {
        let (before, after) = (vec![512.0; 1000], vec![1024.0; 1000]);
        let doubled = pair(&after, &before, 0.95);
        let bounds = doubled.bounds(0.05).unwrap();
        assert_eq!((bounds.lower, bounds.upper), (Some(2.0), Some(2.0)));
        assert!(clears(doubled.tails(1.1, false).unwrap().greater, 1e-9));
        let mut zero = vec![100.0; 899];
        zero.insert(0, 0.0);
        let slow = vec![400.0; 900];
        assert!(clears(pair(&slow, &zero, 0.95).tails(1.3, false).unwrap().greater, 1e-6));
    }

    #[test]
    fn a_missing_value_speaks_against_either_claim() {
        let (candidate, baseline) = (ramp(100, 1.0), ramp(100, 1.0));
        let with = |ours: u64, theirs: u64, theta: f64| {
            let (c, b) = (
                Ordered { values: &candidate, missing: ours },
                Ordered { values: &baseline, missing: theirs },
            );
            QuantilePair::new(c, b, 0.8, Against::Ratio).unwrap().tails(theta, false).unwrap()
        };
        for missing in 0..6 {
            for theta in [0.7, 0.8, 1.3, 1.5] {
                let (now, more) = (with(missing, 2, theta), with(missing + 1, 2, theta));
                assert!(more.less >= now.less && more.greater >= now.greater, "{missing} {theta}");
                let (now, more) = (with(2, missing, theta), with(2, missing + 1, theta));
                assert!(more.less >= now.less && more.greater >= now.greater, "{missing} {theta}");
            }
        }
    }

    #[test]
    fn few_values_leave_a_side_open() {
        let (few, many) = (vec![1.0; 20], ramp(100, 1.0));
        assert_eq!(pair(&few, &many, 0.95).bounds(0.05).unwrap().upper, None);
        assert!(pair(&few, &many, 0.95).tails(1e9, false).unwrap().less > 0.05);
    }

    #[test]
    fn nonsense() {
        let good = ramp(100, 1.0);
        let of = |values| Ordered { values, missing: 0 };
        for bad in [&[][..], &[2.0, 1.0], &[f64::NAN], &[1.0, f64::NAN], &[-1.0, 1.0]] {
            for (c, b) in [(bad, &good[..]), (&good[..], bad)] {
                assert!(QuantilePair::new(of(c), of(b), 0.5, Against::Ratio).is_none(), "{bad:?}");
            }
        }
        assert!(QuantilePair::new(of(&good), of(&good), 1.0, Against::Ratio).is_none());
        assert_eq!(pair(&good, &good, 0.5).tails(f64::NAN, false), None);
        assert_eq!(pair(&good, &good, 0.5).bounds(1.0), None);
    }
}
