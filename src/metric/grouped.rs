//! Samples in clusters (epochs of a question, turns of a conversation): every method in its clustered form.
//!
//! Treating them as independent would claim more than was seen (`research/stats.md`, sections 2b and 2c).

use super::bound::{Bound, Measure};
use super::estimate::{Assessment, Estimate, Method, Shortfall};
use super::measured::{Measured, Rows, Settings};
use crate::manifest::{Comparator, MissingSamples};
use crate::stats::cluster::{Cluster, Clustered};
use crate::stats::gaffke::Weighed;
use crate::stats::{Bounds, Tails, clears, quantile, ratio};

/// What is taken of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Rate,
    Mean,
    Ratio,
    Quantile(f64),
}

/// Values with the cluster that each belongs to.
#[derive(Debug, Clone)]
pub struct Grouped {
    kind: Kind,
    clusters: usize,
    /// Values of the largest cluster that can be.
    most: u64,
    cluster: Vec<u32>,
    y: Vec<Option<f64>>,
    x: Vec<Option<f64>>,
}

impl Grouped {
    pub(super) fn new(bound: &Bound, rows: &Rows<'_>) -> Self {
        let (kind, field, per) = match &bound.measure {
            Measure::Rate { field } | Measure::Regressions { field } => (Kind::Rate, field, None),
            Measure::RateOrMean { field } if rows.is_binary(field) => (Kind::Rate, field, None),
            Measure::Mean { field } | Measure::RateOrMean { field } | Measure::Observed { field, .. } => {
                (Kind::Mean, field, None)
            }
            Measure::Ratio { field, per } => (Kind::Ratio, field, Some(per)),
            Measure::Quantile { field, level } => (Kind::Quantile(*level), field, None),
            Measure::Aggregate { name, .. } => (Kind::Mean, name, None),
        };
        let ids: Vec<u64> =
            rows.kept.iter().map(|row| rows.table.cluster(*row as usize).unwrap_or(0)).collect();
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let place =
            |id: &u64| u32::try_from(distinct.partition_point(|other| other < id)).unwrap_or(u32::MAX);
        let scale = if kind == Kind::Rate { 1.0 } else { bound.scale };
        Self {
            kind,
            clusters: distinct.len(),
            most: rows.table.largest_cluster(),
            cluster: ids.iter().map(place).collect(),
            y: rows.values(field).map(|value| value.map(|value| value * scale)).collect(),
            x: per.map(|per| rows.values(per).collect()).unwrap_or_default(),
        }
    }

    /// Rows without a usable score.
    pub(super) fn missing(&self) -> u64 {
        (0..self.y.len()).filter(|row| !self.is_scored(*row)).count() as u64
    }

    fn is_scored(&self, row: usize) -> bool {
        let has = |values: &[Option<f64>]| values.get(row).is_some_and(Option::is_some);
        has(&self.y) && (self.kind != Kind::Ratio || has(&self.x))
    }

    /// Sums by cluster of a value of each row; rows without one are left out, and so are clusters without any.
    fn sums(&self, value: impl Fn(usize) -> Option<f64>) -> Vec<Cluster> {
        let mut sums = vec![Cluster { n: 0, sum: 0.0 }; self.clusters];
        for (row, cluster) in self.cluster.iter().enumerate() {
            if let (Some(value), Some(sum)) = (value(row), sums.get_mut(*cluster as usize)) {
                sum.n += 1;
                sum.sum += value;
            }
        }
        sums.retain(|cluster| cluster.n > 0);
        sums
    }

    /// The clusters as units of a mean between two bounds. A row without a value counts as `stand_in`, where there is one,
    /// and a cluster of such rows alone as one of the largest.
    fn weighed(
        &self,
        value: impl Fn(f64) -> f64,
        stand_in: Option<f64>,
        bounds: (f64, f64),
    ) -> Option<Weighed> {
        let of = |row: usize| self.y(row).map(&value);
        let mut scored = vec![false; self.clusters];
        for (row, cluster) in self.cluster.iter().enumerate() {
            if let Some(scored) = scored.get_mut(*cluster as usize).filter(|_| of(row).is_some()) {
                *scored = true;
            }
        }
        let sums = self.sums(|row| {
            let lost = !scored.get(*self.cluster.get(row)? as usize)?;
            of(row).or(stand_in.filter(|_| !lost))
        });
        let most = self.most as f64;
        let units = sums.iter().map(|cluster| (cluster.sum, cluster.n as f64));
        let lost = scored.iter().filter(|scored| !**scored).count();
        let lost = stand_in.into_iter().flat_map(|edge| std::iter::repeat_n((edge * most, most), lost));
        Weighed::mean(units.chain(lost), most, bounds)
    }

    fn y(&self, row: usize) -> Option<f64> {
        self.y.get(row).copied().flatten()
    }

    fn x(&self, row: usize) -> Option<f64> {
        self.x.get(row).copied().flatten()
    }
}

/// Assesses clustered samples.
pub(super) fn assess(
    bound: &Bound,
    measured: &Measured,
    grouped: &Grouped,
    settings: &Settings,
) -> Assessment {
    let share = measured.missing as f64 / measured.selected.max(1) as f64;
    let left_out = matches!(settings.missing_samples, MissingSamples::ExcludeUpTo(most) if share <= most);
    let case =
        Case { bound, measured, grouped, fills: !left_out && measured.missing > 0, alpha: settings.alpha };
    if measured.selected == measured.missing {
        return case.nothing(Shortfall::NoSamples);
    }
    match grouped.kind {
        Kind::Rate => case.rate(),
        Kind::Mean => case.mean(),
        Kind::Ratio => case.ratio(),
        Kind::Quantile(level) => case.quantile(level),
    }
}

struct Case<'a> {
    bound: &'a Bound,
    measured: &'a Measured,
    grouped: &'a Grouped,
    /// Whether missing samples stand in at their worst.
    fills: bool,
    alpha: f64,
}

impl Case<'_> {
    fn estimate(&self, value: Option<f64>, bounds: Bounds, method: Method) -> Estimate {
        let lower = bounds.lower.or(self.bound.lower);
        let upper = bounds.upper.or(self.bound.upper);
        Estimate {
            value,
            lower,
            upper,
            unbounded_below: lower.is_none(),
            unbounded_above: upper.is_none(),
            confidence: 1.0 - self.alpha,
            n: Some(self.measured.selected - self.measured.missing),
            events: None,
            clusters: Some(self.grouped.clusters as u64),
            selected: Some(self.measured.selected),
            rows: Some(self.measured.rows),
            missing: Some(self.measured.missing),
            method,
        }
    }

    fn done(estimate: Estimate, tails: Option<Tails>, shortfall: Option<Shortfall>) -> Assessment {
        Assessment { estimate, tails, shortfall, fact: None, needed: None, levels: None }
    }

    fn nothing(&self, shortfall: Shortfall) -> Assessment {
        Self::done(self.estimate(None, Bounds::UNBOUNDED, Method::Cr1T), None, Some(shortfall))
    }

    /// The samples as the claim "less" and as the claim "greater" sees them: what is missing speaks against either.
    fn weighed(&self, value: &dyn Fn(f64) -> f64, (low, high): (f64, f64)) -> Option<(Weighed, Weighed)> {
        let of = |edge: f64| self.grouped.weighed(value, self.fills.then_some(edge), (low, high));
        Some((of(high)?, of(low)?))
    }

    /// A mean between two bounds, against a number.
    fn bounded((less, greater): &(Weighed, Weighed), t: f64) -> Option<Tails> {
        Tails::new(less.tails(t)?.less, greater.tails(t)?.greater)
    }

    fn bounded_limits(&self, (less, greater): &(Weighed, Weighed)) -> Bounds {
        Bounds {
            lower: greater.bounds(self.alpha).and_then(|bounds| bounds.lower),
            upper: less.bounds(self.alpha).and_then(|bounds| bounds.upper),
        }
    }

    /// A share of samples, given what counts as one of them.
    fn rate_of(&self, event: &dyn Fn(f64) -> bool, t: f64) -> Option<Tails> {
        Self::bounded(&self.weighed(&|y| f64::from(u8::from(event(y))), (0.0, 1.0))?, t)
    }

    fn rate(&self) -> Assessment {
        let event = |y: f64| f64::from(u8::from(y > 0.5));
        let weighed = self.weighed(&event, (0.0, 1.0));
        let tails = weighed.as_ref().and_then(|weighed| Self::bounded(weighed, self.bound.threshold));
        let bounds = weighed.map_or(Bounds::UNBOUNDED, |weighed| self.bounded_limits(&weighed));
        let events = self.grouped.y.iter().flatten().filter(|y| **y > 0.5).count() as u64;
        let scored = (self.measured.selected - self.measured.missing) as f64;
        let mut estimate = self.estimate(Some(events as f64 / scored), bounds, Method::Gaffke);
        estimate.events = Some(events);
        Self::done(estimate, tails, tails.is_none().then_some(Shortfall::TooFew))
    }

    fn quantile(&self, level: f64) -> Assessment {
        let t = self.bound.threshold;
        let inclusive = matches!(self.bound.comparator, Comparator::Less | Comparator::AtLeast);
        let share = 1.0 - level;
        let mut sorted: Vec<f64> = self.grouped.y.iter().copied().flatten().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let value = quantile::nearest_rank(sorted.len() as u64, level)
            .and_then(|rank| sorted.get(usize::try_from(rank.checked_sub(1)?).ok()?))
            .copied();
        let tails = self.rate_of(&|y| if inclusive { y >= t } else { y > t }, share);
        // A limit is the value at which the claim "no larger", or "no smaller", is the last that clears.
        let p = |t: f64, low: bool| {
            let tails = self.rate_of(&|y| if low { y > t } else { y >= t }, share);
            tails.is_some_and(|tails| clears(if low { tails.less } else { tails.greater }, self.alpha))
        };
        let upper = sorted.get(sorted.partition_point(|t| !p(*t, true))).copied();
        let lower =
            sorted.partition_point(|t| p(*t, false)).checked_sub(1).and_then(|i| sorted.get(i)).copied();
        let mut estimate = self.estimate(value, Bounds { lower, upper }, Method::Gaffke);
        let beyond = |y: &&f64| if inclusive { **y >= t } else { **y > t };
        estimate.events = Some(sorted.iter().filter(beyond).count() as u64);
        Self::done(estimate, tails, tails.is_none().then_some(Shortfall::TooFew))
    }

    /// The larger p-value of leaving missing samples out and of putting them at `edge`; 1 without an edge.
    fn worst(&self, edge: Option<f64>, test: impl Fn(&[Cluster]) -> Option<f64>) -> Option<f64> {
        let scored = test(&self.grouped.sums(|row| self.grouped.y(row)))?;
        if !self.fills {
            return Some(scored);
        }
        let filled =
            edge.and_then(|edge| test(&self.grouped.sums(|row| Some(self.grouped.y(row).unwrap_or(edge)))));
        Some(scored.max(filled.unwrap_or(1.0)))
    }

    fn mean(&self) -> Assessment {
        let t = self.bound.threshold;
        if let Some((low, high)) = self.bound.lower.zip(self.bound.upper) {
            let weighed = self.weighed(&|y| y.clamp(low, high), (low, high));
            let tails = weighed.as_ref().and_then(|weighed| Self::bounded(weighed, t.clamp(low, high)));
            let bounds = weighed.map_or(Bounds::UNBOUNDED, |weighed| self.bounded_limits(&weighed));
            let scored = self.grouped.weighed(|y| y, None, (low, high));
            let estimate = self.estimate(scored.and_then(|scored| scored.value()), bounds, Method::Gaffke);
            return Self::done(estimate, tails, tails.is_none().then_some(Shortfall::TooFew));
        }
        let tails = |sums: &[Cluster]| Clustered::new(sums)?.tails(t);
        let less = self.worst(self.bound.upper, |sums| tails(sums).map(|tails| tails.less));
        let greater = self.worst(self.bound.lower, |sums| tails(sums).map(|tails| tails.greater));
        let both = less.zip(greater).and_then(|(less, greater)| Tails::new(less, greater));
        let limits = |edge: Option<f64>| {
            let sums = self.grouped.sums(|row| self.grouped.y(row).or(edge.filter(|_| self.fills)));
            let known = !self.fills || edge.is_some();
            Clustered::new(&sums).filter(|_| known)?.bounds(self.alpha)
        };
        let bounds = Bounds {
            lower: limits(self.bound.lower).and_then(|bounds| bounds.lower),
            upper: limits(self.bound.upper).and_then(|bounds| bounds.upper),
        };
        let value =
            Clustered::new(&self.grouped.sums(|row| self.grouped.y(row))).map(|clustered| clustered.mean());
        let bad_side = if self.bound.comparator.wants_low() { self.bound.upper } else { self.bound.lower };
        let shortfall = match both {
            None if self.grouped.clusters < 2 => Some(Shortfall::TooFew),
            None => Some(Shortfall::ZeroVariance),
            Some(_) if self.fills && bad_side.is_none() => Some(Shortfall::MissingUnbounded),
            Some(_) => None,
        };
        Self::done(self.estimate(value, bounds, Method::Cr1T), both, shortfall)
    }

    fn ratio(&self) -> Assessment {
        let t = self.bound.threshold;
        let grouped = self.grouped;
        let pair = |row: usize| grouped.y(row).zip(grouped.x(row));
        let contrast = grouped.sums(|row| pair(row).map(|(y, x)| (-t).mul_add(x, y)));
        let tails = Clustered::new(&contrast).and_then(|contrast| contrast.tails(0.0));
        let (y, x) = (grouped.sums(|row| pair(row).map(|p| p.0)), grouped.sums(|row| pair(row).map(|p| p.1)));
        let fieller = ratio::Fieller::clustered(&x, &y);
        let tails = if self.fills { tails.map(|_| Tails::NOTHING) } else { tails };
        let bounds = fieller.filter(|_| !self.fills).and_then(|fieller| fieller.bounds(self.alpha));
        let value = fieller.map(|fieller| fieller.ratio());
        let shortfall = match tails {
            None => Some(Shortfall::ZeroVariance),
            Some(_) => self.fills.then_some(Shortfall::MissingUnbounded),
        };
        Self::done(
            self.estimate(value, bounds.unwrap_or(Bounds::UNBOUNDED), Method::Fieller),
            tails,
            shortfall,
        )
    }
}
