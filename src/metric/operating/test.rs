//! One test as far as its chances can be reckoned: of counted samples, or of values that spread.

use std::sync::Arc;

use crate::stats::gaffke::Gaps;
use crate::stats::normal::normal_split;
use crate::stats::power::{self, RateChance, chance_beside_unseen, mean_chance};
use crate::stats::{SampleMean, Weighed, clears};

/// From fewer samples, pairs or clusters than this nobody can tell how far the unseen ones lie.
pub(in crate::metric) const LEAST_UNITS: u64 = 10;

/// Doublings of the first step until an end of the curve is found.
const DOUBLINGS: u32 = 24;
/// Halvings between the last two.
const HALVINGS: u32 = 20;

/// The test of one claim, as far as its chances can be reckoned.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::metric) struct OneSided {
    pub(in crate::metric) samples: Samples,
    /// The threshold of what is tested.
    pub(in crate::metric) t: f64,
    /// Whether the claim is "less than the threshold", else "greater".
    pub(in crate::metric) less: bool,
    pub(in crate::metric) alpha: f64,
}

/// What becomes of samples without a score where the chances of a run are reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::metric) enum Lost {
    /// They speak against the claim, as they do where the run is judged.
    Counted,
    /// A fresh run has none.
    LeftOut,
}

/// What a test is made of.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::metric) enum Samples {
    /// Independent samples that are events or none.
    Counted(Counted),
    /// Values whose mean is tested.
    Spread(Spread),
    /// An estimate of which nothing is known but its limits.
    Reach(Reach),
}

/// An estimate that is nearly normal around the true value, with a limit as far from it in the next run as in this one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::metric) struct Reach {
    /// What was measured.
    pub(in crate::metric) value: f64,
    /// From there to the limit that has to clear the threshold.
    pub(in crate::metric) out: f64,
    /// The standard error of the estimate.
    pub(in crate::metric) sd: f64,
    /// Samples that it rests on.
    pub(in crate::metric) units: f64,
    /// Samples below which nothing is shown; none where that cannot be said.
    pub(in crate::metric) fewest: Option<u64>,
}

impl Reach {
    /// The same with so many times as many samples.
    fn scaled(self, by: f64) -> Self {
        let root = by.sqrt();
        Self { out: self.out / root, sd: self.sd / root, units: self.units * by, ..self }
    }
}

/// Independent samples that are events or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::metric) struct Counted {
    pub(in crate::metric) events: u64,
    pub(in crate::metric) scored: u64,
    /// Samples that speak against the claim whatever they would have been.
    pub(in crate::metric) missing: u64,
}

impl Counted {
    /// The measured rate, drawn a little to the middle: 0 of 150 is not a true rate of 0.
    pub(in crate::metric) fn drawn(&self) -> f64 {
        (self.events as f64 + 0.5) / (self.scored as f64 + 1.0)
    }
}

/// How values spread whose mean, seen from the threshold, is tested.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::metric) struct Spread {
    /// What was measured.
    pub(in crate::metric) value: f64,
    /// Independent units: samples, pairs or clusters.
    pub(in crate::metric) units: f64,
    /// Standard deviation of a unit.
    pub(in crate::metric) sd: f64,
    /// How far the mean of the units is on the side of the claim.
    pub(in crate::metric) distance: f64,
    /// How much further it would be if what is measured were better by 1.
    pub(in crate::metric) per: f64,
    /// The unit that was not seen, from the threshold, and the best that can be; none where the test knows no such thing.
    pub(in crate::metric) unseen: Option<Unseen>,
    /// The share of pairs that differ, of pairs of truth values.
    pub(in crate::metric) discordant: Option<f64>,
    /// What the mean can be.
    pub(in crate::metric) ends: (f64, f64),
    /// Whether a unit is a sample or a pair, so that the size of a run can be told in them.
    pub(in crate::metric) single: bool,
    /// The units themselves, where they are clusters: which of them there are decides what can be shown at all.
    pub(in crate::metric) clusters: Option<Arc<Weighed>>,
    /// How many times as many units as were seen.
    pub(in crate::metric) grown: f64,
}

/// Units that were not seen, as Gaffke's bound reckons with them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::metric) struct Unseen {
    pub(in crate::metric) room: f64,
    pub(in crate::metric) best: f64,
}

impl Spread {
    /// As a claim sees weighed values; `single` where a unit is a sample or a pair.
    pub(in crate::metric) fn of_weighed(
        weighed: &Arc<Weighed>,
        t: f64,
        less: bool,
        single: bool,
    ) -> Option<Self> {
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
            clusters: (!single).then(|| Arc::clone(weighed)),
            grown: 1.0,
        })
    }

    /// As a claim sees a mean without ends, whose error grows smaller with more units; one more than its degrees of freedom.
    pub(in crate::metric) fn of_mean(mean: &SampleMean, t: f64, less: bool, single: bool) -> Self {
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
            clusters: None,
            grown: 1.0,
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
    pub(in crate::metric) fn at(&self, truth: f64) -> Option<f64> {
        match &self.samples {
            Samples::Counted(counted) => {
                self.counts(counted)?.at(if self.less { truth } else { 1.0 - truth })
            }
            Samples::Spread(spread) => self.at_spread(spread, truth),
            Samples::Reach(_) if !self.can_show() => Some(0.0),
            Samples::Reach(reach) => {
                let distance = if self.less { self.t - truth } else { truth - self.t };
                normal_split((distance - reach.out) / reach.sd).map(|split| split.lower)
            }
        }
    }

    fn at_spread(&self, spread: &Spread, truth: f64) -> Option<f64> {
        let (low, high) = spread.ends;
        if !(truth.is_finite() && truth >= low && truth <= high) {
            return None;
        }
        if !self.can_show() {
            return Some(0.0);
        }
        let (distance, sd) = (spread.distance_at(truth, self.less), spread.sd_at(truth));
        if sd > 0.0 {
            let unseen = spread.unseen.filter(|unseen| !spread.single && unseen.room > 0.0);
            return match unseen {
                Some(Unseen { room, .. }) => {
                    chance_beside_unseen(spread.units, distance, sd, room, self.alpha)
                }
                None => mean_chance(spread.units, distance, sd, spread.unseen_from(distance), self.alpha),
            };
        }
        // All alike: so many of them show it, and fewer never do.
        let least = Gaps { best: -distance, ..spread.gaps(distance)? }.least(self.alpha);
        let shows = distance > 0.0 && least.is_none_or(|least| spread.units >= least as f64);
        Some(if shows { 1.0 } else { 0.0 })
    }

    fn counts(&self, counted: &Counted) -> Option<RateChance> {
        let chance = if self.less { RateChance::new } else { RateChance::above };
        chance(counted.scored, counted.missing, self.t, self.alpha)
    }

    /// Whether the claim can be shown by so many samples at all, were all of them as good as can be.
    pub(in crate::metric) fn can_show(&self) -> bool {
        let spread = match &self.samples {
            Samples::Counted(counted) => {
                return self.counts(counted).is_some_and(|test| test.allowed().is_some());
            }
            Samples::Spread(spread) => spread,
            Samples::Reach(reach) => {
                return reach.fewest.is_none_or(|fewest| reach.units >= fewest as f64);
            }
        };
        if let Some(p) =
            spread.clusters.as_ref().and_then(|units| units.at_best(self.t, self.less, spread.grown))
        {
            return clears(p, self.alpha);
        }
        let fewest = if spread.unseen.is_none() { Some(LEAST_UNITS) } else { self.least() };
        fewest.is_none_or(|fewest| spread.units >= fewest as f64)
    }

    /// How many units a fresh run needs.
    pub(in crate::metric) fn size(&self, truth: f64, power: f64) -> Option<u64> {
        match &self.samples {
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
                size.map(|size| size.max(self.least().unwrap_or(0)))
            }
            // By search: `is_single` says so.
            Samples::Reach(_) => None,
        }
    }

    /// Halfway from the threshold to the good end; none where there is no end.
    pub(in crate::metric) fn halfway(&self) -> Option<f64> {
        let (low, high) = self.ends();
        let halfway = self.t.midpoint(if self.less { low } else { high });
        halfway.is_finite().then_some(halfway)
    }

    fn ends(&self) -> (f64, f64) {
        match &self.samples {
            Samples::Counted(_) => (0.0, 1.0),
            Samples::Spread(spread) => spread.ends,
            Samples::Reach(_) => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    /// The fewest units that could ever show the claim; none where that cannot be said.
    pub(in crate::metric) fn least(&self) -> Option<u64> {
        match &self.samples {
            Samples::Counted(_) => {
                power::least_n_with_events(0, if self.less { self.t } else { 1.0 - self.t }, self.alpha)
            }
            Samples::Spread(spread) => spread.gaps(spread.distance)?.least(self.alpha),
            Samples::Reach(reach) => reach.fewest,
        }
    }

    /// The rate that stands for what was counted; none where only that it is drawn a little to the middle breaks the claim.
    pub(in crate::metric) fn stands_for(&self, counted: &Counted) -> Option<f64> {
        let meets = |rate: f64| if self.less { rate < self.t } else { rate > self.t };
        let measured = counted.events as f64 / (counted.scored as f64).max(1.0);
        let drawn = counted.drawn();
        (counted.scored > 0 && (meets(drawn) || !meets(measured))).then_some(drawn)
    }

    /// Whether units are samples or pairs.
    pub(in crate::metric) fn is_single(&self) -> bool {
        match &self.samples {
            Samples::Counted(_) => true,
            Samples::Spread(spread) => spread.single,
            Samples::Reach(_) => false,
        }
    }

    /// Units that it reckons with.
    pub(in crate::metric) fn units(&self) -> f64 {
        match &self.samples {
            Samples::Counted(Counted { scored, missing, .. }) => (scored + missing) as f64,
            Samples::Spread(spread) => spread.units,
            Samples::Reach(reach) => reach.units,
        }
    }

    /// The same with so many times as many units, of which as large a share is missing.
    pub(in crate::metric) fn scaled(&self, by: f64) -> Self {
        let samples = match &self.samples {
            Samples::Counted(counted) => {
                let all = ((counted.scored + counted.missing) as f64 * by).round() as u64;
                let missing = ((counted.missing as f64 * by).round() as u64).min(all);
                Samples::Counted(Counted { scored: all - missing, missing, ..*counted })
            }
            Samples::Spread(spread) => Samples::Spread(Spread {
                units: spread.units * by,
                grown: spread.grown * by,
                ..spread.clone()
            }),
            Samples::Reach(reach) => Samples::Reach(reach.scaled(by)),
        };
        Self { samples, ..*self }
    }

    /// The true value at which the chance is about `wanted`, or the farthest one that can be on that side.
    pub(in crate::metric) fn where_it_is(&self, wanted: f64) -> f64 {
        let (low, high) = self.ends();
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

    /// The standard error of a mean that is tested; none of shares of samples, which are not what is measured.
    pub(in crate::metric) fn spread(&self) -> Option<f64> {
        let Samples::Spread(spread) = &self.samples else { return None };
        let error = spread.sd / spread.units.sqrt() / spread.per;
        (error.is_finite() && error > 0.0).then_some(error)
    }

    /// About one standard error.
    fn step(&self) -> f64 {
        let step = match &self.samples {
            Samples::Counted(_) => (self.t * (1.0 - self.t) / self.units().max(1.0)).sqrt(),
            Samples::Spread(spread) => spread.sd_at(self.t) / spread.units.sqrt() / spread.per,
            Samples::Reach(reach) => reach.sd,
        };
        if step.is_finite() && step > 0.0 { step } else { self.t.abs().max(1.0) / 64.0 }
    }
}
