//! Samples in clusters (epochs of a question, turns of a conversation): every method in its clustered form.
//!
//! Treating them as independent would claim more than was seen (`research/stats.md`, sections 2b and 2c).

use super::bind::{Bound, Measure};
use super::estimate::{Assessment, Estimate, Method, Shortfall};
use super::measured::{Measured, Rows, Settings};
use crate::manifest::{Comparator, MissingSamples};
use crate::stats::cluster::{Cluster, Clustered, any_event_less};
use crate::stats::{Bounds, Tails, clears, quantile, ratio};

/// Below so many clusters with a bad sample Korn-Graubard does not hold its level.
const FEW_POSITIVE: u64 = 10;

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

    /// A rate, given what counts as an event; `low_is_good` about that event.
    fn rate_of(&self, event: &dyn Fn(f64) -> bool, t: f64, low_is_good: bool) -> Rated {
        let value = |stand_in: f64| {
            let fills = self.fills;
            move |y: Option<f64>| match y {
                Some(y) => Some(f64::from(u8::from(event(y)))),
                None => fills.then_some(stand_in),
            }
        };
        let sums = |stand_in: f64| self.grouped.sums(|row| value(stand_in)(self.grouped.y(row)));
        let (low, high) = (sums(0.0), sums(1.0));
        let korn = |sums: &[Cluster]| Clustered::new(sums)?.rate()?.tails(t);
        let mut less = korn(&high).map(|tails| tails.less);
        let mut greater = korn(&low).map(|tails| tails.greater);
        let mut method = Method::KornGraubard;
        if let Some(p) = any_event(if low_is_good { &high } else { &low }, t, low_is_good) {
            method = Method::AnyEvent;
            *(if low_is_good { &mut less } else { &mut greater }) = Some(p);
        }
        let limits = |sums: &[Cluster]| Clustered::new(sums)?.rate()?.bounds(self.alpha);
        let bounds = Bounds {
            lower: limits(&low).and_then(|bounds| bounds.lower),
            upper: limits(&high).and_then(|bounds| bounds.upper),
        };
        let scored = self.grouped.y.iter().flatten();
        let events = scored.filter(|y| event(**y)).count() as u64;
        Rated {
            tails: less.zip(greater).and_then(|(less, greater)| Tails::new(less, greater)),
            bounds,
            method,
            events,
        }
    }

    fn rate(&self) -> Assessment {
        let rated = self.rate_of(&|y| y > 0.5, self.bound.threshold, self.bound.comparator.wants_low());
        let scored = (self.measured.selected - self.measured.missing) as f64;
        let mut estimate = self.estimate(Some(rated.events as f64 / scored), rated.bounds, rated.method);
        estimate.events = Some(rated.events);
        let shortfall = rated.tails.is_none().then_some(Shortfall::TooFew);
        Self::done(estimate, rated.tails, shortfall)
    }

    fn quantile(&self, level: f64) -> Assessment {
        let t = self.bound.threshold;
        let inclusive = matches!(self.bound.comparator, Comparator::Less | Comparator::AtLeast);
        let beyond = |t: f64| move |y: f64| if inclusive { y >= t } else { y > t };
        let share = 1.0 - level;
        let rated = self.rate_of(&beyond(t), share, self.bound.comparator.wants_low());
        let mut sorted: Vec<f64> = self.grouped.y.iter().copied().flatten().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let value = quantile::nearest_rank(sorted.len() as u64, level)
            .and_then(|rank| sorted.get(usize::try_from(rank.checked_sub(1)?).ok()?))
            .copied();
        // The limits are the values whose own test the level still clears.
        let p = |t: f64, low: bool| {
            let tails = self.rate_of(&beyond(t), share, low).tails;
            tails.is_some_and(|tails| clears(if low { tails.less } else { tails.greater }, self.alpha))
        };
        let upper = sorted.get(sorted.partition_point(|t| !p(*t, true))).copied();
        let lower =
            sorted.partition_point(|t| p(*t, false)).checked_sub(1).and_then(|i| sorted.get(i)).copied();
        let mut estimate = self.estimate(value, Bounds { lower, upper }, rated.method);
        estimate.events = Some(rated.events);
        let shortfall = rated.tails.is_none().then_some(Shortfall::TooFew);
        Self::done(estimate, rated.tails, shortfall)
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

/// A clustered rate, tested.
struct Rated {
    tails: Option<Tails>,
    bounds: Bounds,
    method: Method,
    events: u64,
}

/// The p-value of a pass from the clusters with any bad sample, where there are few of them and all are of one size.
fn any_event(sums: &[Cluster], t: f64, low_is_good: bool) -> Option<f64> {
    let bad =
        |cluster: &&Cluster| if low_is_good { cluster.sum > 0.0 } else { cluster.sum < cluster.n as f64 };
    let positive = sums.iter().filter(bad).count() as u64;
    let equal = sums.array_windows().all(|[a, b]| a.n == b.n);
    if positive >= FEW_POSITIVE || !equal {
        return None;
    }
    any_event_less(positive, sums.len() as u64, if low_is_good { t } else { 1.0 - t })
}
