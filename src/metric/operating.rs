//! The operating characteristic: how likely a gate passes at any true value, with so many samples.
//!
//! Of counted samples it is exact. Of means it is the normal approximation that `needed` is made of, with the spread that was
//! measured, so that it says "about". A method whose chance cannot be had that way has none.

use crate::stats::gaffke::Gaps;
use crate::stats::power::{self, RateChance, chance_beside_unseen, mean_chance};
use crate::stats::{SampleMean, Weighed};

/// From fewer samples, pairs or clusters than this nobody can tell how far the unseen ones lie.
pub(super) const LEAST_UNITS: u64 = 10;

/// Values of a curve besides the threshold.
const POINTS: u32 = 60;
/// A curve goes from nearly sure to hardly ever.
const ENDS: (f64, f64) = (0.995, 0.002);
/// Doublings of the first step until an end of the curve is found.
const DOUBLINGS: u32 = 24;
/// Halvings between the last two.
const HALVINGS: u32 = 20;

/// How likely a gate's rule is shown, as a function of the true value.
#[derive(Debug, Clone, PartialEq)]
pub struct Operating {
    /// The tests that all have to show their claim: one, or two where a change may go neither way.
    pub(super) tests: Vec<OneSided>,
    /// Whether the rule is about the negative of what is tested: a drop.
    pub(super) negated: bool,
    /// Whether the true value is a share of samples beyond the threshold, as it is of a quantile.
    pub of_share: bool,
}

/// One point of an operating characteristic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The true value, in the unit of the rule; of a quantile the true share of samples beyond the threshold.
    pub truth: f64,
    /// How likely the rule is shown, in `[0, 1]`.
    pub passes: f64,
}

impl Operating {
    /// How likely the rule is shown if `truth` is the true value; none where it cannot be that.
    #[must_use]
    pub fn at(&self, truth: f64) -> Option<f64> {
        let truth = self.turned(truth);
        // Both limits come of one sample: it breaks at most one of two claims, unless its interval is wider than both allow.
        let mut broken = 0.0;
        for test in &self.tests {
            broken += 1.0 - test.at(truth)?;
        }
        Some((1.0 - broken).clamp(0.0, 1.0))
    }

    /// The same with another number of samples, of which as large a share is missing.
    #[must_use]
    pub fn of_size(&self, n: u64) -> Self {
        Self { tests: self.tests.iter().map(|test| test.of_size(n)).collect(), ..self.clone() }
    }

    /// The true value at which the rule begins to be broken.
    #[must_use]
    pub fn threshold(&self) -> Option<f64> {
        Some(self.turned(self.tests.first()?.t))
    }

    /// Whether the chances are exact, so that they are no "about".
    #[must_use]
    pub fn is_exact(&self) -> bool {
        matches!(self.tests.as_slice(), [OneSided { samples: Samples::Counted(_), .. }])
    }

    /// Samples (pairs, clusters) that it reckons with.
    #[must_use]
    pub fn units(&self) -> Option<f64> {
        Some(match self.tests.first()?.samples {
            Samples::Counted(Counted { scored, missing, .. }) => (scored + missing) as f64,
            Samples::Spread(spread) => spread.units,
        })
    }

    /// The size of a run that shows the rule with probability `power` if `truth` is the true value; none where no practical
    /// one does, where it is about more than one claim, or in clusters.
    #[must_use]
    pub fn size(&self, truth: f64, power: f64) -> Option<u64> {
        match self.tests.as_slice() {
            [test] => test.size(self.turned(truth), power),
            _ => None,
        }
    }

    /// The fewest samples that could ever show the rule: all of them as good as can be.
    #[must_use]
    pub fn least(&self) -> Option<u64> {
        self.tests.iter().filter_map(OneSided::least).max()
    }

    /// The curve from where the rule is all but sure to be shown to where it hardly ever is, in ascending order of the true
    /// value; the threshold is one of its points. Empty where there is none.
    #[must_use]
    pub fn curve(&self) -> Vec<Chance> {
        let Some((low, high)) = self.range().filter(|(low, high)| low < high) else { return Vec::new() };
        let step = (high - low) / f64::from(POINTS);
        let mut truths: Vec<f64> = (0..=POINTS).map(|i| f64::from(i).mul_add(step, low).min(high)).collect();
        truths.extend(self.tests.iter().map(|test| test.t).filter(|t| (low..=high).contains(t)));
        for truth in &mut truths {
            *truth = self.turned(*truth);
        }
        truths.sort_by(f64::total_cmp);
        truths.dedup();
        truths.into_iter().filter_map(|truth| Some(Chance { truth, passes: self.at(truth)? })).collect()
    }

    /// Where the curve begins and ends, in terms of what is tested.
    fn range(&self) -> Option<(f64, f64)> {
        let first = self.tests.first()?;
        let bad = first.where_it_is(ENDS.1);
        let other = match self.tests.get(1) {
            Some(second) => second.where_it_is(ENDS.1),
            None => first.where_it_is(ENDS.0),
        };
        Some((bad.min(other), bad.max(other)))
    }

    fn turned(&self, value: f64) -> f64 {
        if self.negated { 0.0 - value } else { value }
    }
}

/// The test of one claim, as far as its chances can be reckoned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OneSided {
    pub(super) samples: Samples,
    /// The threshold of what is tested.
    pub(super) t: f64,
    /// Whether the claim is "less than the threshold", else "greater".
    pub(super) less: bool,
    pub(super) alpha: f64,
}

/// What becomes of samples without a score where the chances of a run are reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// They speak against the claim, as they do where the run is judged.
    Counted,
    /// A fresh run has none.
    LeftOut,
}

/// What a test is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Samples {
    /// Independent samples that are events or none.
    Counted(Counted),
    /// Values whose mean is tested.
    Spread(Spread),
}

/// Independent samples that are events or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Counted {
    pub(super) events: u64,
    pub(super) scored: u64,
    /// Samples that speak against the claim whatever they would have been.
    pub(super) missing: u64,
}

/// How values spread whose mean, seen from the threshold, is tested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    /// What was measured.
    pub(super) value: f64,
    /// Independent units: samples, pairs or clusters.
    pub(super) units: f64,
    /// Standard deviation of a unit.
    pub(super) sd: f64,
    /// How far the mean of the units is on the side of the claim.
    pub(super) distance: f64,
    /// How much further it would be if what is measured were better by 1.
    pub(super) per: f64,
    /// The unit that was not seen, from the threshold, and the best that can be; none where the test knows no such thing.
    pub(super) unseen: Option<Unseen>,
    /// The share of pairs that differ, of pairs of truth values.
    pub(super) discordant: Option<f64>,
    /// What the mean can be.
    pub(super) ends: (f64, f64),
    /// Whether a unit is a sample or a pair, so that the size of a run can be told in them.
    pub(super) single: bool,
}

/// Units that were not seen, as Gaffke's bound reckons with them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unseen {
    pub(super) room: f64,
    pub(super) best: f64,
}

impl Spread {
    /// As a claim sees weighed values; `single` where a unit is a sample or a pair.
    pub(super) fn of_weighed(weighed: &Weighed, t: f64, less: bool, single: bool) -> Option<Self> {
        let Gaps { distance, sd, room, best, units, size } = weighed.gaps(t, less)?;
        Some(Self {
            value: weighed.value()?,
            units,
            sd,
            distance,
            per: size,
            unseen: Some(Unseen { room, best }),
            discordant: weighed.discordant(),
            ends: weighed.ends(),
            single,
        })
    }

    /// As a claim sees a mean without ends, whose error grows smaller with more units; one more than its degrees of freedom.
    pub(super) fn of_mean(mean: &SampleMean, t: f64, less: bool, single: bool) -> Self {
        let units = mean.df + 1.0;
        let distance = if less { t - mean.value } else { mean.value - t };
        Self {
            value: mean.value,
            units,
            sd: (mean.variance * units).sqrt(),
            distance,
            per: 1.0,
            unseen: None,
            discordant: None,
            ends: (f64::NEG_INFINITY, f64::INFINITY),
            single,
        }
    }

    /// The standard deviation that a unit would have if the mean were `truth`: as measured, as far as such values can be.
    fn sd_at(&self, truth: f64) -> f64 {
        if let Some(discordant) = self.discordant {
            // Each pair that differs is 1 or -1: E(d^2) is the share of them, which is never below the difference.
            return (discordant.max(truth.abs()) - truth * truth).max(0.0).sqrt();
        }
        let (low, high) = self.ends;
        let most = if self.single { (high - truth) * (truth - low) } else { f64::INFINITY };
        if most.is_finite() { self.sd.min(most.max(0.0).sqrt()) } else { self.sd }
    }

    /// The distance if the mean were `truth`.
    fn distance_at(&self, truth: f64, less: bool) -> f64 {
        let better = if less { self.value - truth } else { truth - self.value };
        better.mul_add(self.per, self.distance)
    }

    fn unseen_from(&self, distance: f64) -> f64 {
        self.unseen.map_or(0.0, |unseen| (unseen.room + distance).max(0.0))
    }

    /// As gaps at a distance.
    fn gaps(&self, distance: f64) -> Option<Gaps> {
        let Unseen { room, best } = self.unseen?;
        Some(Gaps { distance, sd: self.sd, room, best, units: self.units, size: self.per })
    }
}

impl OneSided {
    /// How likely its claim is shown at a true value.
    pub(super) fn at(&self, truth: f64) -> Option<f64> {
        match self.samples {
            Samples::Counted(Counted { scored, missing, .. }) => {
                let chance = if self.less { RateChance::new } else { RateChance::above };
                let chance = chance(scored, missing, self.t, self.alpha)?;
                chance.at(if self.less { truth } else { 1.0 - truth })
            }
            Samples::Spread(spread) => {
                let (low, high) = spread.ends;
                let inside = truth.is_finite() && truth >= low && truth <= high;
                let distance = spread.distance_at(truth, self.less);
                let fewest = if spread.unseen.is_none() { Some(LEAST_UNITS) } else { self.least() };
                if fewest.is_some_and(|fewest| spread.units < fewest as f64) {
                    return inside.then_some(0.0);
                }
                let (sd, room) = (spread.sd_at(truth), spread.unseen_from(distance));
                if let Some(unseen) =
                    spread.unseen.filter(|unseen| !spread.single && unseen.room > 0.0 && sd > 0.0)
                {
                    let Spread { units, .. } = spread;
                    return chance_beside_unseen(units, distance, sd, unseen.room, self.alpha)
                        .filter(|_| inside);
                }
                if sd > 0.0 {
                    return mean_chance(spread.units, distance, sd, room, self.alpha).filter(|_| inside);
                }
                // All alike: so many of them show it, and fewer never do.
                let least = Gaps { best: -distance, ..spread.gaps(distance)? }.least(self.alpha);
                let shows = distance > 0.0 && least.is_none_or(|least| spread.units >= least as f64);
                inside.then_some(if shows { 1.0 } else { 0.0 })
            }
        }
    }

    /// The size of a fresh run.
    pub(super) fn size(&self, truth: f64, power: f64) -> Option<u64> {
        match self.samples {
            Samples::Counted(_) => {
                let meets = if self.less { truth < self.t } else { truth > self.t };
                let size = power::rate_sample_size(self.t, truth, self.alpha, power).filter(|_| meets);
                size.map(|size| size.n)
            }
            Samples::Spread(spread) => {
                let distance = spread.distance_at(truth, self.less);
                let sd = spread.sd_at(truth);
                let size = if sd > 0.0 {
                    power::mean_sample_size(distance, sd, spread.unseen_from(distance), self.alpha, power)
                } else if distance > 0.0 {
                    // All alike, as the unseen ones of a fresh run would be too.
                    Gaps { best: -distance, ..spread.gaps(distance)? }.least(self.alpha)
                } else {
                    None
                };
                size.filter(|_| spread.single).map(|size| size.max(self.least().unwrap_or(0)))
            }
        }
    }

    /// The rate halfway from the threshold to the good end.
    pub(super) fn halfway(&self) -> f64 {
        if self.less { self.t / 2.0 } else { self.t.midpoint(1.0) }
    }

    /// The fewest units that could ever show the claim; none where that cannot be said.
    pub(super) fn least(&self) -> Option<u64> {
        match self.samples {
            Samples::Counted(_) => {
                power::least_n_with_events(0, if self.less { self.t } else { 1.0 - self.t }, self.alpha)
            }
            Samples::Spread(spread) => spread.gaps(spread.distance)?.least(self.alpha),
        }
    }

    fn of_size(&self, n: u64) -> Self {
        let samples = match self.samples {
            Samples::Counted(counted) => {
                let share = counted.missing as f64 / ((counted.scored + counted.missing) as f64).max(1.0);
                let missing = (share * n as f64).round() as u64;
                Samples::Counted(Counted { scored: n - missing.min(n), missing, ..counted })
            }
            Samples::Spread(spread) => Samples::Spread(Spread { units: n as f64, ..spread }),
        };
        Self { samples, ..*self }
    }

    /// The true value at which the chance is about `wanted`, or the farthest one that can be on that side.
    fn where_it_is(&self, wanted: f64) -> f64 {
        let (low, high) = match self.samples {
            Samples::Counted(_) => (0.0, 1.0),
            Samples::Spread(spread) => spread.ends,
        };
        let good = wanted > 0.5;
        let sign: f64 = if self.less == good { -1.0 } else { 1.0 };
        let moved = |by: f64| sign.mul_add(by, self.t).clamp(low, high);
        let reached = |by: f64| {
            let chance = self.at(moved(by)).unwrap_or(0.0);
            if good { chance >= wanted } else { chance <= wanted }
        };
        let mut step = self.step();
        let mut before = 0.0;
        for _ in 0..DOUBLINGS {
            let end = moved(step);
            if reached(step) || end <= low || end >= high {
                break;
            }
            (before, step) = (step, 2.0 * step);
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(before, step);
            if reached(middle) { step = middle } else { before = middle }
        }
        moved(step)
    }

    /// About one standard error.
    fn step(&self) -> f64 {
        let step = match self.samples {
            Samples::Counted(Counted { scored, missing, .. }) => {
                (self.t * (1.0 - self.t) / ((scored + missing) as f64).max(1.0)).sqrt()
            }
            Samples::Spread(spread) => spread.sd_at(self.t) / spread.units.sqrt() / spread.per,
        };
        if step.is_finite() && step > 0.0 { step } else { self.t.abs().max(1.0) / 64.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(events: u64, scored: u64, missing: u64, t: f64, less: bool) -> Operating {
        let samples = Samples::Counted(Counted { events, scored, missing });
        let tests = vec![OneSided { samples, t, less, alpha: 0.05 }];
        Operating { tests, negated: false, of_share: false }
    }

    #[test]
    fn the_curve_of_a_rate_falls_from_sure_to_hardly_ever() {
        let operating = rate(4, 1000, 0, 0.015, true);
        assert!(operating.is_exact() && operating.threshold() == Some(0.015));
        // scipy.stats.binom.cdf(8, 1000, 0.01)
        assert!((operating.at(0.01).unwrap() - 0.331_687_263_199_161_1).abs() < 1e-12);
        let curve = operating.curve();
        assert!(curve.len() > 50 && curve.iter().any(|point| point.truth.to_bits() == 0.015_f64.to_bits()));
        assert!(
            curve.windows(2).all(|two| matches!(two, [a, b] if a.truth < b.truth && a.passes >= b.passes))
        );
        let (first, last) = (curve.first().unwrap(), curve.last().unwrap());
        assert!(first.passes > 0.99 && last.passes < 0.003 && last.truth < 0.05, "{first:?} {last:?}");
        assert_eq!(operating.of_size(198).at(0.0), Some(0.0));
        assert_eq!((operating.least(), operating.size(0.0075, 0.8)), (Some(199), Some(1456)));
        assert_eq!(operating.size(0.02, 0.8), None);
    }

    #[test]
    fn the_other_side_and_what_is_missing() {
        let above = rate(930, 990, 10, 0.9, false);
        let below = rate(60, 990, 10, 0.1, true);
        for truth in [0.05, 0.08, 0.1] {
            let (above, below) = (above.at(1.0 - truth).unwrap(), below.at(truth).unwrap());
            assert!((above - below).abs() < 1e-9, "{truth}: {above} {below}");
        }
        assert!(below.at(0.08).unwrap() < rate(60, 1000, 0, 0.1, true).at(0.08).unwrap());
        assert!(above.curve().windows(2).all(|two| matches!(two, [a, b] if a.passes <= b.passes)));
        let ten = below.of_size(100);
        assert_eq!(ten.units(), Some(100.0));
        assert!(matches!(ten.tests[0].samples, Samples::Counted(Counted { scored: 99, missing: 1, .. })));
    }

    /// Two one-sided tests of one mean: `Phi` of either limit, less what they cannot both break.
    #[test]
    fn a_change_that_may_go_neither_way_has_its_best_chance_in_the_middle() {
        let mean = SampleMean { value: 0.0, variance: 0.01, df: 99.0 };
        let test = |t: f64, less: bool| OneSided {
            samples: Samples::Spread(Spread::of_mean(&mean, t, less, true)),
            t,
            less,
            alpha: 0.05,
        };
        let operating =
            Operating { tests: vec![test(0.3, true), test(-0.3, false)], negated: false, of_share: false };
        let at = |truth: f64| operating.at(truth).unwrap();
        assert!(at(0.0) > 0.8 && at(0.3) <= 0.05 && (at(0.1) - at(-0.1)).abs() < 1e-12 && at(0.1) < at(0.0));
        let curve = operating.curve();
        assert!(curve.first().unwrap().passes < 0.01 && curve.last().unwrap().passes < 0.01);
        assert!(curve.iter().map(|point| point.passes).fold(0.0, f64::max) > 0.8);
        // Wider than the margins: it never passes.
        let narrow = Operating { tests: vec![test(0.1, true), test(-0.1, false)], ..operating };
        assert_eq!(narrow.at(0.0), Some(0.0));
    }

    #[test]
    fn a_drop_is_the_negative_of_what_is_tested() {
        let mean = SampleMean { value: 0.01, variance: 1e-4, df: 200.0 };
        let samples = Samples::Spread(Spread::of_mean(&mean, -0.02, false, true));
        let tests = vec![OneSided { samples, t: -0.02, less: false, alpha: 0.05 }];
        let operating = Operating { tests, negated: true, of_share: false };
        assert_eq!(operating.threshold(), Some(0.02));
        assert!(operating.at(-0.02).unwrap() > operating.at(0.0).unwrap());
        assert!((operating.at(0.02).unwrap() - 0.05).abs() < 1e-3);
        assert!(operating.curve().windows(2).all(|two| matches!(two, [a, b] if a.truth < b.truth)));
    }

    #[test]
    fn what_cannot_be_has_no_chance() {
        assert_eq!(rate(0, 10, 0, 0.5, true).at(1.2), None);
        assert_eq!(rate(0, 0, 0, 0.5, true).at(0.2), Some(0.0));
        assert_eq!(rate(0, 10, 0, 0.0, true).at(0.2), None);
        assert!(rate(0, 10, 0, 0.0, true).curve().is_empty());
    }
}
