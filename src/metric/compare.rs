//! The candidate against the baseline: paired where both stand on the same ids, else side by side.
//!
//! Every test is about `theta`, the candidate minus the baseline (or their ratio minus one). A missing value
//! stands where it speaks most against the claim.

use super::Settings;
use super::assess;
use super::bound::{Bound, Measure};
use super::estimate::{Assessment, Estimate, Levels, Method, Shortfall};
use super::measured::Measured;
use super::needed;
use super::pairs::{self, Filled, Joined, Side};
use crate::manifest::{ChangeWord, Comparator, Direction, MissingSamples, Unit};
use crate::stats::cluster::Clustered;
use crate::stats::equivalence::tost;
use crate::stats::gaffke::Weighed;
use crate::stats::mover::QuantileRatio;
use crate::stats::ratio::{Fieller, contrast};
use crate::stats::unpaired::{Newcombe, Welch};
use crate::stats::{Bounds, Moments, Tails, mean};

/// How the ids of two runs relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// Most ids stand on both sides: the runs are paired.
    Paired,
    /// No id does: the runs are compared side by side.
    Disjoint,
    /// Some do, too few to pair and too many to be two samples of one kind: other case sets.
    Partial {
        /// Ids on both sides.
        common: usize,
        /// Ids on either side.
        all: usize,
    },
}

/// How the ids of two selections relate: paired from half of all ids on.
#[must_use]
pub fn overlap(candidate: Side<'_>, baseline: Side<'_>) -> Overlap {
    let ids = |side: Side<'_>| {
        let mut ids: Vec<u64> = side.rows.iter().map(|row| side.table.id(*row as usize)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let (left, right) = (ids(candidate), ids(baseline));
    let common = left.iter().filter(|id| right.binary_search(id).is_ok()).count();
    let union = left.len() + right.len() - common;
    match common {
        0 => Overlap::Disjoint,
        _ if common * 2 >= union => Overlap::Paired,
        _ => Overlap::Partial { common, all: union },
    }
}

/// Compares two selections of rows.
#[must_use]
pub fn compare(
    bound: &Bound,
    candidate: (Side<'_>, &Measured),
    baseline: (Side<'_>, &Measured),
    paired: bool,
    settings: &Settings,
) -> Assessment {
    let joined = if paired {
        pairs::paired(bound, candidate.0, baseline.0)
    } else {
        pairs::unpaired(bound, candidate.0, baseline.0)
    };
    let share = joined.missing() as f64 / joined.size().max(1) as f64;
    let left_out = matches!(settings.missing_samples, MissingSamples::ExcludeUpTo(most) if share <= most);
    let binary = |side: Side<'_>| match &bound.measure {
        Measure::Rate { .. } => true,
        Measure::RateOrMean { field } => {
            side.table.column(field).is_some_and(super::column::Column::is_binary)
        }
        _ => false,
    };
    // An id's mean over its epochs is a share, not a yes or no.
    let single = |side: Side<'_>| !side.table.is_clustered() || side.table.plan().cluster.is_some();
    let case = Case {
        bound,
        fills: joined.missing() > 0 && !left_out,
        binary: binary(candidate.0) && binary(baseline.0) && single(candidate.0) && single(baseline.0),
        joined,
        alpha: settings.alpha,
    };
    let levels = case.levels(candidate.1, baseline.1, settings);
    case.assess(levels)
}

/// One comparison.
pub(super) struct Case<'a> {
    pub(super) bound: &'a Bound,
    pub(super) joined: Joined,
    /// Whether missing values stand in at their worst.
    pub(super) fills: bool,
    /// Whether both sides are true/false.
    pub(super) binary: bool,
    pub(super) alpha: f64,
}

/// A test of theta at a margin on values without gaps.
type Test<'t> = &'t dyn Fn(&Filled, f64) -> Option<Tails>;

impl Case<'_> {
    pub(super) fn relative(&self) -> bool {
        self.bound.change.is_some_and(|change| change.relative)
    }

    fn word(&self) -> ChangeWord {
        self.bound.change.map_or(ChangeWord::Increase, |change| change.word)
    }

    /// The candidate and the baseline on their own.
    pub(super) fn levels(&self, candidate: &Measured, baseline: &Measured, settings: &Settings) -> Levels {
        let unit = self.bound.change.map_or(Unit::NUMBER, |change| change.level_unit);
        let alone = Bound { change: None, unit, threshold: 0.5, ..self.bound.clone() };
        Levels {
            candidate: assess(&alone, candidate, settings).estimate,
            baseline: assess(&alone, baseline, settings).estimate,
            relative: self.relative(),
            paired: self.joined.paired,
        }
    }

    fn assess(&self, levels: Levels) -> Assessment {
        let scored = self.joined.scored();
        if scored.candidate.is_empty() || scored.baseline.is_empty() {
            return self.nothing(levels, Shortfall::NoSamples);
        }
        if let Measure::Regressions { .. } = self.bound.measure {
            return self.regressions(levels);
        }
        if self.relative() && levels.baseline.value.is_none_or(|value| value <= 0.0) {
            return self.nothing(levels, Shortfall::BaselineNotPositive);
        }
        if let Measure::Quantile { level, .. } = self.bound.measure {
            return self.quantile(level, &scored, levels);
        }
        if !self.joined.paired && self.joined.clusters.is_some() {
            return self.nothing(levels, Shortfall::NoClusteredForm);
        }
        let method = self.method();
        let test = |values: &Filled, margin: f64| self.test(method, values, margin);
        let limit = |values: &Filled| self.limits(method, values);
        self.finish(method, &scored, &test, &limit, levels)
    }

    fn method(&self) -> Method {
        let clustered = self.joined.clusters.is_some();
        match (self.relative(), self.joined.paired, self.binary) {
            _ if self.weighs() => Method::Gaffke,
            (true, _, _) => Method::Fieller,
            (false, true, _) if clustered => Method::Cr1T,
            (false, true, _) => Method::PairedT,
            (false, false, true) => Method::Newcombe,
            (false, false, false) => Method::Welch,
        }
    }

    /// Whether pairs of values between two bounds are weighed; a share of the baseline needs both to be positive.
    fn weighs(&self) -> bool {
        let means = matches!(
            self.bound.measure,
            Measure::Rate { .. } | Measure::Mean { .. } | Measure::RateOrMean { .. }
        );
        means && self.joined.paired && self.range().is_some_and(|(low, _)| !self.relative() || low >= 0.0)
    }

    fn range(&self) -> Option<(f64, f64)> {
        let rate = self.binary || matches!(self.bound.measure, Measure::Rate { .. });
        if rate { Some((0.0, 1.0)) } else { self.bound.lower.zip(self.bound.upper) }
    }

    /// The differences, or the pairs of a ratio, by id or by cluster.
    fn weighed(&self, values: &Filled) -> Option<Weighed> {
        let (low, high) = self.range()?;
        let most = self.joined.most as f64;
        let width = high - low;
        let pairs = || values.candidate.iter().zip(&values.baseline);
        match (self.relative(), &values.clusters) {
            (false, None) => {
                Weighed::mean(pairs().map(|(c, b)| (difference(*c, *b), 1.0)), 1.0, (-width, width))
            }
            (true, None) => Weighed::ratio(pairs().map(|(c, b)| (*c, *b)), 1.0, (low, high)),
            (false, Some(_)) => {
                let sums = values.sums(difference);
                Weighed::mean(sums.iter().map(|sum| (sum.sum, sum.n as f64)), most, (-width, width))
            }
            (true, Some(_)) => {
                let (c, b) = (values.sums(|c, _| c), values.sums(|_, b| b));
                Weighed::ratio(c.iter().zip(&b).map(|(c, b)| (c.sum, b.sum)), most, (low, high))
            }
        }
    }

    /// p-values of theta against a margin.
    fn test(&self, method: Method, values: &Filled, margin: f64) -> Option<Tails> {
        match method {
            Method::Gaffke => {
                let (low, high) = self.range()?;
                let within = margin.clamp(low - high, high - low);
                self.weighed(values)?.tails(if self.relative() { (1.0 + margin).max(0.0) } else { within })
            }
            Method::Fieller => self.fieller(values)?.tails(1.0 + margin, self.alpha),
            Method::Cr1T => Clustered::new(&values.sums(|c, b| c - b))?.tails(margin),
            Method::PairedT => {
                mean::student_t_tails(&contrast(&values.baseline, &values.candidate, 1.0)?, margin)
            }
            Method::Newcombe => newcombe(values)?.tails(margin),
            _ => welch(values)?.tails(margin),
        }
    }

    fn limits(&self, method: Method, values: &Filled) -> Option<Bounds> {
        match method {
            Method::Gaffke => {
                let bounds = self.weighed(values)?.bounds(self.alpha)?;
                let offset = if self.relative() { 1.0 } else { 0.0 };
                let minus = |limit: Option<f64>| limit.map(|limit| limit - offset);
                Some(Bounds { lower: minus(bounds.lower), upper: minus(bounds.upper) })
            }
            Method::Fieller => {
                let bounds = self.fieller(values)?.bounds(self.alpha)?;
                let less_one = |limit: Option<f64>| limit.map(|limit| limit - 1.0);
                Some(Bounds { lower: less_one(bounds.lower), upper: less_one(bounds.upper) })
            }
            Method::Cr1T => Clustered::new(&values.sums(|c, b| c - b))?.bounds(self.alpha),
            Method::PairedT => {
                mean::student_t_bounds(&contrast(&values.baseline, &values.candidate, 1.0)?, self.alpha)
            }
            Method::Newcombe => newcombe(values)?.bounds(self.alpha),
            _ => welch(values)?.bounds(self.alpha),
        }
    }

    fn fieller(&self, values: &Filled) -> Option<Fieller> {
        match (self.joined.paired, &values.clusters) {
            (true, Some(_)) => Fieller::clustered(&values.sums(|_, b| b), &values.sums(|c, _| c)),
            (true, None) => Fieller::paired(&values.baseline, &values.candidate),
            (false, _) => Fieller::unpaired(
                &Moments::from_slice(&values.baseline)?,
                &Moments::from_slice(&values.candidate)?,
            ),
        }
    }

    /// Theta over the values that are there.
    fn theta(&self, values: &Filled) -> Option<f64> {
        let mean = |values: &[f64]| Moments::from_slice(values)?.mean();
        let (c, b) = (mean(&values.candidate)?, mean(&values.baseline)?);
        let theta = if self.relative() { c / b - 1.0 } else { c - b };
        theta.is_finite().then_some(theta)
    }

    /// The values with the missing ones where they speak most against "theta is small", or against "is large".
    fn worst(&self, small: bool) -> Option<Filled> {
        let (low, high) = self.range()?;
        Some(if small { self.joined.filled(high, low) } else { self.joined.filled(low, high) })
    }

    /// Both p-values at a margin; a side that missing values leave open is 1.
    fn tails(&self, scored: &Filled, test: Test<'_>, margin: f64) -> Option<Tails> {
        let known = test(scored, margin)?;
        if !self.fills {
            return Some(known);
        }
        let side = |small: bool, known: f64, pick: fn(Tails) -> f64| {
            let filled = self.worst(small).and_then(|values| test(&values, margin)).map_or(1.0, pick);
            known.max(filled)
        };
        Tails::new(
            side(true, known.less, |tails| tails.less),
            side(false, known.greater, |tails| tails.greater),
        )
    }

    /// p-values of the rule's own claim, from those about theta.
    pub(super) fn claim(&self, at: &dyn Fn(f64) -> Option<Tails>) -> Option<Tails> {
        let margin = self.bound.threshold;
        match self.word() {
            ChangeWord::Increase => at(margin),
            ChangeWord::Drop => at(-margin).map(Tails::mirrored),
            ChangeWord::Change => {
                let both = tost(at(margin)?, at(-margin)?);
                Tails::new(both.within, both.outside)
            }
        }
    }

    fn finish(
        &self,
        method: Method,
        scored: &Filled,
        test: Test<'_>,
        limit: &dyn Fn(&Filled) -> Option<Bounds>,
        levels: Levels,
    ) -> Assessment {
        let tails = self.claim(&|margin| self.tails(scored, test, margin));
        let bounds = if self.fills {
            let side = |small: bool| self.worst(small).and_then(|values| limit(&values));
            Bounds {
                lower: side(false).and_then(|bounds| bounds.lower),
                upper: side(true).and_then(|bounds| bounds.upper),
            }
        } else {
            limit(scored).unwrap_or(Bounds::UNBOUNDED)
        };
        let open = self.fills && self.range().is_none();
        let shortfall = match tails {
            None if scored.candidate.len() < 2 => Some(Shortfall::TooFew),
            None => Some(Shortfall::ZeroVariance),
            Some(_) => open.then_some(Shortfall::MissingUnbounded),
        };
        let mut estimate = self.estimate(self.theta(scored), bounds, method);
        estimate.clusters = scored.clusters.as_ref().map(|_| scored.sums(|_, _| 0.0).len() as u64);
        let needed = self.needed(scored);
        Assessment { estimate, tails, shortfall, fact: None, needed, levels: Some(Box::new(levels)) }
    }

    fn needed(&self, scored: &Filled) -> Option<super::Needed> {
        if !self.joined.paired || scored.clusters.is_some() || self.word() == ChangeWord::Change {
            return None;
        }
        let low_is_good = self.bound.comparator.wants_low();
        let margin =
            if self.word() == ChangeWord::Drop { -self.bound.threshold } else { self.bound.threshold };
        // `drop < m` is `theta > -m`.
        let theta_low = low_is_good == (self.word() == ChangeWord::Increase);
        let (factor, at) = if self.relative() { (1.0 + margin, 0.0) } else { (1.0, margin) };
        let moments = contrast(&scored.baseline, &scored.candidate, factor)?;
        // The pair that may be unseen costs samples too.
        let edge = self.range().filter(|_| self.weighs()).map(|(low, high)| {
            if theta_low { (-factor).mul_add(low, high) } else { (-factor).mul_add(high, low) }
        });
        let needed = needed::for_bounded_mean(&moments, at, edge, theta_low, self.alpha)?;
        let theta = self.theta(scored)?;
        Some(super::Needed {
            assumed: if self.word() == ChangeWord::Drop { -theta } else { theta },
            ..needed
        })
    }

    /// The change as the rule means it: a drop counts downwards.
    pub(super) fn estimate(&self, theta: Option<f64>, bounds: Bounds, method: Method) -> Estimate {
        let drop = self.word() == ChangeWord::Drop;
        let bounds = if drop { bounds.mirrored() } else { bounds };
        let missing = self.joined.missing();
        Estimate {
            value: theta.map(|theta| if drop { -theta } else { theta }),
            lower: bounds.lower,
            upper: bounds.upper,
            unbounded_below: bounds.lower.is_none(),
            unbounded_above: bounds.upper.is_none(),
            confidence: 1.0 - self.alpha,
            n: Some(self.joined.size() - missing),
            events: None,
            clusters: None,
            selected: Some(self.joined.size()),
            rows: None,
            missing: Some(missing),
            method,
        }
    }

    pub(super) fn nothing(&self, levels: Levels, shortfall: Shortfall) -> Assessment {
        let estimate = self.estimate(None, Bounds::UNBOUNDED, self.method());
        let levels = Some(Box::new(levels));
        Assessment { estimate, tails: None, shortfall: Some(shortfall), fact: None, needed: None, levels }
    }

    /// Cases that passed and do not any more; a missing result counts as the worst that it can be.
    fn regressions(&self, levels: Levels) -> Assessment {
        // Of toxicity and its like a false is the pass.
        let low = self.bound.direction == Some(Direction::Lower);
        let passed = |value: f64| (value > 0.5) != low;
        let (mut certain, mut possible) = (0_u64, 0_u64);
        for (now, before) in self.joined.candidate.iter().zip(&self.joined.baseline) {
            let may_have_passed = before.is_none_or(passed);
            let may_fail = now.is_none_or(|now| !passed(now));
            certain += u64::from(before.is_some_and(passed) && now.is_some_and(|now| !passed(now)));
            possible += u64::from(may_have_passed && may_fail);
        }
        let holds = |count: u64| self.bound.comparator.holds(count as f64, self.bound.threshold);
        let (always, sometimes) = match self.bound.comparator {
            Comparator::Equal | Comparator::NotEqual => {
                ((certain..=possible).all(holds), (certain..=possible).any(holds))
            }
            _ => (holds(certain) && holds(possible), holds(certain) || holds(possible)),
        };
        let value = Some(certain as f64);
        let bounds = Bounds { lower: value, upper: Some(possible as f64) };
        let mut estimate = self.estimate(value, bounds, Method::Observed);
        estimate.events = Some(certain);
        let fact = Some((always, sometimes));
        Assessment {
            estimate,
            tails: None,
            shortfall: None,
            fact,
            needed: None,
            levels: Some(Box::new(levels)),
        }
    }

    fn quantile(&self, level: f64, scored: &Filled, levels: Levels) -> Assessment {
        if self.joined.clusters.is_some() {
            return self.nothing(levels, Shortfall::NoClusteredForm);
        }
        let sorted = |values: &[f64]| {
            let mut values = values.to_vec();
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        let with = |values: &Filled, f: &dyn Fn(QuantileRatio<'_>) -> Option<Tails>| {
            let (c, b) = (sorted(&values.candidate), sorted(&values.baseline));
            f(QuantileRatio::new(&c, &b, level)?)
        };
        let test = |values: &Filled, margin: f64| with(values, &|ratio| ratio.tails(1.0 + margin));
        let limit = |values: &Filled| {
            let (c, b) = (sorted(&values.candidate), sorted(&values.baseline));
            let bounds = QuantileRatio::new(&c, &b, level)?.bounds(self.alpha)?;
            let less_one = |limit: Option<f64>| limit.map(|limit| limit - 1.0);
            Some(Bounds { lower: less_one(bounds.lower), upper: less_one(bounds.upper) })
        };
        let mut assessed = self.finish(Method::Mover, scored, &test, &limit, levels);
        let (c, b) = (sorted(&scored.candidate), sorted(&scored.baseline));
        let theta = QuantileRatio::new(&c, &b, level).map(|ratio| ratio.ratio() - 1.0);
        assessed.estimate.value =
            theta.map(|theta| if self.word() == ChangeWord::Drop { -theta } else { theta });
        assessed.needed = None;
        assessed
    }
}

/// Candidate minus baseline; what is no more than rounding is no difference.
fn difference(candidate: f64, baseline: f64) -> f64 {
    let difference = candidate - baseline;
    if difference.abs() <= 4.0 * f64::EPSILON * candidate.abs() { 0.0 } else { difference }
}

fn newcombe(values: &Filled) -> Option<Newcombe> {
    let events = |values: &[f64]| values.iter().filter(|value| **value > 0.5).count() as u64;
    Newcombe::new(
        events(&values.candidate),
        values.candidate.len() as u64,
        events(&values.baseline),
        values.baseline.len() as u64,
    )
}

fn welch(values: &Filled) -> Option<Welch> {
    Welch::new(&Moments::from_slice(&values.candidate)?, &Moments::from_slice(&values.baseline)?)
}
