//! Samples against a threshold: which method, which p-values, which limits.
//!
//! Missing samples stand on the bad side of each claim: for `theta < T` as high as can be, for `theta > T` as low.

use super::Needed;
use super::bound::Bound;
use super::estimate::{Assessment, Estimate, Method, Shortfall};
use super::measured::{Data, Measured, Settings};
use super::needed;
use crate::manifest::{Aggregate, Comparator, MissingSamples};
use crate::stats::gaffke::{Term, Weighed};
use crate::stats::{Bounds, Moments, Tails, mean, proportion, quantile, ratio};

/// Skewness beyond which Student's t no longer holds its level (`research/stats.md`, section 2a).
const SKEWED: f64 = 0.5;
/// Skewness and size at which Hall's correction no longer does either.
const TOO_SKEWED: (f64, u64) = (2.0, 300);
/// Imputing more missing samples than this is not tried: nothing is shown then.
const MOST_IMPUTED: u64 = 100_000;

/// One gate's samples and settings.
struct Case<'a> {
    bound: &'a Bound,
    measured: &'a Measured,
    /// Missing samples that are not left out by policy.
    missing: u64,
    alpha: f64,
}

/// Assesses per-sample data.
pub(super) fn assess(bound: &Bound, measured: &Measured, settings: &Settings) -> Assessment {
    let share = measured.missing as f64 / (measured.selected.max(1)) as f64;
    let left_out = matches!(settings.missing_samples, MissingSamples::ExcludeUpTo(most) if share <= most);
    let missing = if left_out { 0 } else { measured.missing };
    let case = Case { bound, measured, missing, alpha: settings.alpha };
    if measured.selected == 0 || measured.missing == measured.selected {
        return case.nothing(Shortfall::NoSamples);
    }
    match &measured.data {
        Data::Rate { events } => case.rate(*events),
        Data::Mean { moments, .. } => case.mean(moments),
        Data::Ratio { y, x } => case.ratio(y, x),
        Data::Quantile { sorted, level } => case.quantile(sorted, *level),
        Data::Observed { value, fact } => case.observed(*value, *fact),
        Data::Grouped(_) | Data::Stated(_) => case.nothing(Shortfall::NoUncertainty),
    }
}

impl Case<'_> {
    fn scored(&self) -> u64 {
        self.measured.selected - self.measured.missing
    }

    fn low_is_good(&self) -> bool {
        self.bound.comparator.wants_low()
    }

    fn estimate(&self, value: Option<f64>, bounds: Bounds, method: Method) -> Estimate {
        Estimate {
            value,
            lower: bounds.lower,
            upper: bounds.upper,
            unbounded_below: false,
            unbounded_above: false,
            confidence: 1.0 - self.alpha,
            n: Some(self.scored()),
            events: None,
            clusters: None,
            selected: Some(self.measured.selected),
            rows: Some(self.measured.rows),
            missing: Some(self.measured.missing),
            method,
        }
    }

    fn nothing(&self, shortfall: Shortfall) -> Assessment {
        let method = match &self.measured.data {
            Data::Rate { .. } => Method::ClopperPearson,
            Data::Mean { .. } => Method::StudentT,
            Data::Ratio { .. } => Method::Fieller,
            Data::Quantile { .. } => Method::OrderStatistics,
            Data::Observed { .. } => Method::Observed,
            Data::Grouped(_) | Data::Stated(_) => Method::Point,
        };
        let mut estimate = self.estimate(None, Bounds::UNBOUNDED, method);
        estimate.unbounded_below = self.bound.lower.is_none();
        estimate.unbounded_above = self.bound.upper.is_none();
        estimate.lower = self.bound.lower;
        estimate.upper = self.bound.upper;
        Assessment {
            estimate,
            tails: None,
            shortfall: Some(shortfall),
            fact: None,
            needed: None,
            levels: None,
        }
    }

    fn rate(&self, events: u64) -> Assessment {
        let n = (self.scored() + self.missing) as f64;
        let (low, high) = (events as f64, (events + self.missing) as f64);
        let t = self.bound.threshold;
        let tails = both(
            proportion::exact_tails(high, n, t).map(|tails| tails.less),
            proportion::exact_tails(low, n, t).map(|tails| tails.greater),
        );
        let bounds = Bounds {
            lower: proportion::clopper_pearson(low, n, self.alpha).and_then(|b| b.lower),
            upper: proportion::clopper_pearson(high, n, self.alpha).and_then(|b| b.upper),
        };
        let mut estimate =
            self.estimate(Some(events as f64 / self.scored() as f64), bounds, Method::ClopperPearson);
        estimate.events = Some(events);
        let needed = needed::for_rate(events, self.scored(), t, self.low_is_good(), self.alpha);
        Assessment { estimate, tails, shortfall: None, fact: None, needed: Some(needed), levels: None }
    }

    fn quantile(&self, sorted: &[f64], level: f64) -> Assessment {
        let t = self.bound.threshold;
        // `quantile < T` and `quantile >= T` are about the values at or above T, the others about those above it.
        let below = match self.bound.comparator {
            Comparator::Less | Comparator::AtLeast => sorted.partition_point(|value| *value < t),
            _ => sorted.partition_point(|value| *value <= t),
        };
        let exceed = (sorted.len() - below) as u64;
        let n = self.scored() + self.missing;
        let tails = both(
            quantile::exceedance_tails(exceed + self.missing, n, level).map(|tails| tails.less),
            quantile::exceedance_tails(exceed, n, level).map(|tails| tails.greater),
        );
        let at = |rank: u64| rank.checked_sub(1).and_then(|i| sorted.get(usize::try_from(i).ok()?)).copied();
        let ranks = quantile::bound_ranks(n, level, self.alpha);
        // A missing value may be the smallest or the largest of all.
        let lower = ranks.and_then(|r| r.lower).and_then(|rank| at(rank.saturating_sub(self.missing)));
        let upper = ranks.and_then(|r| r.upper).and_then(at);
        let value = quantile::nearest_rank(self.scored(), level).and_then(at);
        let mut estimate = self.estimate(value, Bounds { lower, upper }, Method::OrderStatistics);
        self.close(&mut estimate);
        estimate.events = Some(exceed);
        let needed = needed::for_rate(exceed, self.scored(), 1.0 - level, self.low_is_good(), self.alpha);
        // The assumed value is a share of exceedances, which would read as a value of the metric.
        Assessment { estimate, tails, shortfall: None, fact: None, needed: Some(needed), levels: None }
    }

    /// Sides without a limit of their own end at the metric's bounds, or nowhere.
    fn close(&self, estimate: &mut Estimate) {
        estimate.lower = estimate.lower.or(self.bound.lower);
        estimate.upper = estimate.upper.or(self.bound.upper);
        estimate.unbounded_below = estimate.lower.is_none();
        estimate.unbounded_above = estimate.upper.is_none();
    }

    fn ratio(&self, y: &[f64], x: &[f64]) -> Assessment {
        let fieller = ratio::Fieller::paired(x, y);
        let value = Moments::from_slice(y)
            .zip(Moments::from_slice(x))
            .and_then(|(y, x)| Some(y.mean()? / x.mean()?))
            .filter(|value| value.is_finite());
        let contrast = ratio::contrast(x, y, self.bound.threshold);
        let (tails, shortfall) = match ratio::ratio_tails(x, y, self.bound.threshold) {
            Some(_) if self.missing > 0 => (Some(Tails::NOTHING), Some(Shortfall::MissingUnbounded)),
            Some(tails) => (Some(tails), None),
            None if y.len() < 2 => (None, Some(Shortfall::TooFew)),
            None => (None, Some(Shortfall::ZeroVariance)),
        };
        let bounds = match &fieller {
            Some(fieller) if self.missing == 0 => fieller.bounds(self.alpha).unwrap_or(Bounds::UNBOUNDED),
            _ => Bounds::UNBOUNDED,
        };
        let mut estimate = self.estimate(value, bounds, Method::Fieller);
        self.close(&mut estimate);
        let needed = contrast.zip(value).and_then(|(contrast, value)| {
            let needed = needed::for_mean(&contrast, 0.0, self.low_is_good(), self.alpha)?;
            Some(Needed { assumed: value, ..needed })
        });
        Assessment { estimate, tails, shortfall, fact: None, needed, levels: None }
    }

    fn mean(&self, moments: &Moments) -> Assessment {
        let method = self.mean_method(moments);
        let skewed = moments.skewness().is_some_and(|skewness| skewness.abs() > TOO_SKEWED.0);
        let unsafe_mean =
            matches!(method, Method::Hall | Method::StudentT) && skewed && self.scored() < TOO_SKEWED.1;
        let less = self.worst_p(moments, true, |tails| tails.less);
        let greater = self.worst_p(moments, false, |tails| tails.greater);
        let tails = both(less, greater);
        let shortfall = match tails {
            None if moments.n() < 2 => Some(Shortfall::TooFew),
            None => Some(Shortfall::ZeroVariance),
            Some(_) if unsafe_mean => Some(Shortfall::TooSkewed),
            Some(_) if self.missing > 0 && self.bad_side().is_none() => Some(Shortfall::MissingUnbounded),
            Some(_) => None,
        };
        let mut estimate = self.estimate(moments.mean(), self.mean_bounds(moments), method);
        self.close(&mut estimate);
        // The value that may be unseen costs samples too.
        let edge = self.bad_side().filter(|_| method == Method::Gaffke);
        let needed =
            needed::for_bounded_mean(moments, self.bound.threshold, edge, self.low_is_good(), self.alpha);
        Assessment { estimate, tails, shortfall, fact: None, needed, levels: None }
    }

    fn bad_side(&self) -> Option<f64> {
        if self.low_is_good() { self.bound.upper } else { self.bound.lower }
    }

    fn range(&self) -> Option<(f64, f64)> {
        self.bound.lower.zip(self.bound.upper)
    }

    fn bounded(&self) -> Option<&Weighed> {
        if let Data::Mean { bounded, .. } = &self.measured.data { bounded.as_ref() } else { None }
    }

    /// The values with `count` more at the upper or at the lower edge.
    fn filled(&self, at_upper: bool, count: u64) -> Option<Weighed> {
        let (low, high) = self.range()?;
        let sum = if at_upper { high } else { low };
        Some(self.bounded()?.with(Term { sum, size: 1.0, count: count as f64 }))
    }

    fn mean_method(&self, moments: &Moments) -> Method {
        let skewed = moments.skewness().is_some_and(|skewness| skewness.abs() > SKEWED);
        match self.range() {
            Some(_) => Method::Gaffke,
            None if skewed => Method::Hall,
            None => Method::StudentT,
        }
    }

    /// With `count` missing samples at the upper or at the lower edge, which `moments` already hold.
    fn mean_tails(&self, moments: &Moments, added: (bool, u64)) -> Option<Tails> {
        let t = self.bound.threshold;
        match self.mean_method(moments) {
            Method::Gaffke => {
                let (low, high) = self.range()?;
                self.filled(added.0, added.1)?.tails(t.clamp(low, high))
            }
            Method::Hall => mean::hall_tails(moments, t),
            _ => mean::student_t_tails(moments, t),
        }
    }

    /// The largest p-value over all numbers of missing samples that may stand at an edge: an added error never helps.
    fn worst_p(&self, moments: &Moments, at_upper: bool, side: impl Fn(Tails) -> f64) -> Option<f64> {
        let edge = if at_upper { self.bound.upper } else { self.bound.lower };
        let Some(edge) = edge.filter(|_| self.missing > 0 && self.missing <= MOST_IMPUTED) else {
            let none_missing = side(self.mean_tails(moments, (at_upper, 0))?);
            return Some(if self.missing == 0 { none_missing } else { 1.0 });
        };
        // By Gaffke's bound the more samples are missing the worse; by the others not always.
        let monotone = self.mean_method(moments) == Method::Gaffke;
        let least = if monotone { self.missing } else { 1 };
        let none_missing = if monotone { 0.0 } else { side(self.mean_tails(moments, (at_upper, 0))?) };
        let imputed = (least..=self.missing).map(|count| {
            let filled = moments.with_copies(edge, count)?;
            self.mean_tails(&filled, (at_upper, count)).map(&side)
        });
        Some(imputed.fold(none_missing, |worst, p| worst.max(p.unwrap_or(1.0))))
    }

    fn mean_bounds(&self, moments: &Moments) -> Bounds {
        let within = |limit: f64| {
            limit.clamp(self.bound.lower.unwrap_or(f64::MIN), self.bound.upper.unwrap_or(f64::MAX))
        };
        Bounds {
            lower: self.mean_limits(moments, false).and_then(|b| b.lower).map(within),
            upper: self.mean_limits(moments, true).and_then(|b| b.upper).map(within),
        }
    }

    /// The limits with all missing samples at the upper or at the lower edge.
    fn mean_limits(&self, moments: &Moments, at_upper: bool) -> Option<Bounds> {
        let edge = if at_upper { self.bound.upper } else { self.bound.lower };
        let filled = if self.missing == 0 { *moments } else { moments.with_copies(edge?, self.missing)? };
        match self.mean_method(&filled) {
            Method::Gaffke => self.filled(at_upper, self.missing)?.bounds(self.alpha),
            Method::Hall => mean::hall_bounds(&filled, self.alpha),
            _ => mean::student_t_bounds(&filled, self.alpha),
        }
    }

    /// A fact in the worst and in the best case of the missing rows.
    fn observed(&self, value: Option<f64>, fact: Aggregate) -> Assessment {
        let mut estimate = self.estimate(value, Bounds { lower: value, upper: value }, Method::Observed);
        if fact == Aggregate::Count {
            estimate.events = value.map(|value| value as u64);
        }
        let Some(value) = value else { return self.nothing(Shortfall::NoSamples) };
        let missing = self.missing as f64;
        let (lowest, highest) = match fact {
            _ if self.missing == 0 => (Some(value), Some(value)),
            Aggregate::Count => (Some(value), Some(value + missing)),
            Aggregate::Sum => (
                self.bound.lower.map(|low| value + missing * low),
                self.bound.upper.map(|high| value + missing * high),
            ),
            Aggregate::Min => (self.bound.lower, Some(value)),
            _ => (Some(value), self.bound.upper),
        };
        estimate.lower = lowest;
        estimate.upper = highest;
        estimate.unbounded_below = lowest.is_none();
        estimate.unbounded_above = highest.is_none();
        let fact = self.holds(lowest, highest);
        Assessment { estimate, tails: None, shortfall: None, fact: Some(fact), needed: None, levels: None }
    }

    /// Whether the comparison holds for every, and for some, value between the two.
    fn holds(&self, lowest: Option<f64>, highest: Option<f64>) -> (bool, bool) {
        let t = self.bound.threshold;
        let holds = |value: Option<f64>| value.is_some_and(|value| self.bound.comparator.holds(value, t));
        let open = lowest.is_none() || highest.is_none();
        match self.bound.comparator {
            Comparator::Less | Comparator::AtMost => (holds(highest), lowest.is_none() || holds(lowest)),
            Comparator::Greater | Comparator::AtLeast => (holds(lowest), highest.is_none() || holds(highest)),
            Comparator::Equal => {
                let inside = lowest.is_none_or(|low| low <= t) && highest.is_none_or(|high| t <= high);
                (lowest == highest && holds(lowest), inside)
            }
            Comparator::NotEqual => {
                let inside = lowest.is_none_or(|low| low <= t) && highest.is_none_or(|high| t <= high);
                (!inside, open || lowest != highest || !inside)
            }
        }
    }
}

fn both(less: Option<f64>, greater: Option<f64>) -> Option<Tails> {
    Tails::new(less?, greater?)
}
