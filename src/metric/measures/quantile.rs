//! A quantile: exceedances of a number, order statistics as limits; against a baseline exact tests on both sides.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::manifest::Aggregate;
use crate::metric::clusters::{Clusters, Given};
use crate::metric::compared::Compared;
use crate::metric::estimate::{Assumptions, Method};
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind};
use crate::metric::operating::{Counted, Lost, OneSided, Samples, Spread};
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::quantity::{Claim, Quantity, error_between};
use crate::metric::two_limits::TwoLimits;
use crate::metric::values::Values;
use crate::stats::gaffke::Weighed;
use crate::stats::melded::Against;
use crate::stats::quantile_pair::{Ordered, QuantilePair};
use crate::stats::{Bounds, Tails, clears, quantile};

#[derive(Debug)]
struct Quantile {
    field: String,
    level: f64,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let field = meaning.ratings()?;
    let Some(Aggregate::Quantile(level)) = meaning.aggregate() else { return None };
    Some(Ok(Arc::new(Quantile { field, level })))
}

impl Measure for Quantile {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Quantile(self.level)
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        vec![NumberField { field: &self.field, kind: NumberKind::Value }]
    }

    fn ordered(&self) -> Option<&str> {
        Some(&self.field)
    }

    fn usual_method(&self) -> Method {
        Method::OrderStatistics
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        Answer::of(Some(Order::new(values, &self.field, self.level)))
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        change(runs, &self.field, self.level)
    }
}

/// A quantile of one run.
struct Order {
    /// The values that are there, in ascending order.
    sorted: Arc<Vec<f64>>,
    missing: u64,
    level: f64,
    clusters: Option<Grouped>,
}

/// The values again, row by row, with their clusters.
struct Grouped {
    values: Vec<Option<f64>>,
    clusters: Clusters,
}

fn change(runs: &Compared<'_>, field: &str, level: f64) -> Answer {
    let of = |values: &Values<'_>| Order::new(values, field, level);
    // Nothing that cannot be below zero has a ratio below zero.
    let ends = if runs.relative { (0.0, f64::INFINITY) } else { (f64::NEG_INFINITY, f64::INFINITY) };
    let (candidate, baseline) = if runs.paired {
        let (ours, theirs) = runs.with_lost_ids();
        (of(&ours), of(&theirs))
    } else {
        (of(&runs.candidate), of(&runs.baseline))
    };
    if runs.relative && baseline.sorted.first().is_some_and(|least| *least < 0.0) {
        return Answer::Nothing;
    }
    if runs.paired || candidate.clusters.is_some() || baseline.clusters.is_some() {
        let (candidate, baseline) = (Box::new(candidate), Box::new(baseline));
        return Answer::of(Some(TwoLimits::new(candidate, baseline, runs.against(), ends)));
    }
    Answer::of(Some(Pair { candidate, baseline, against: runs.against() }))
}

impl Order {
    fn new(values: &Values<'_>, field: &str, level: f64) -> Self {
        let clusters = values.clusters();
        let clusters = clusters.map(|clusters| Grouped { values: values.decimal(field).collect(), clusters });
        Self { sorted: values.ordered(field), missing: values.gaps(), level, clusters }
    }

    fn size(&self) -> u64 {
        self.sorted.len() as u64 + self.missing
    }

    fn at(&self, rank: u64) -> Option<f64> {
        self.sorted.get(usize::try_from(rank.checked_sub(1)?).ok()?).copied()
    }

    /// Values that exceed the threshold: those at or above it, or only those above it.
    fn exceeding(&self, claim: Claim) -> u64 {
        let below = if claim.inclusive {
            self.sorted.partition_point(|value| *value <= claim.t)
        } else {
            self.sorted.partition_point(|value| *value < claim.t)
        };
        (self.sorted.len() - below) as u64
    }
}

impl Grouped {
    /// The share of values that exceed a threshold, against the share that the quantile allows.
    fn tails(&self, claim: Claim, share: f64, fills: bool) -> Option<Tails> {
        let weighed = |edge: f64| self.weighed(claim, fills.then_some(edge));
        Tails::new(weighed(1.0)?.less(share)?, weighed(0.0)?.greater(share)?)
    }

    /// The share of values that exceed a threshold, by cluster; what is missing stands at `edge`.
    fn weighed(&self, claim: Claim, edge: Option<f64>) -> Option<Weighed> {
        let exceeds = |value: f64| {
            f64::from(u8::from(if claim.inclusive { value > claim.t } else { value >= claim.t }))
        };
        let given = self
            .values
            .iter()
            .map(|value| value.map(|value| Given::value(exceeds(value))).or(edge.map(Given::stand_in)));
        let sums = self.clusters.sums(given, edge.map(|edge| (edge, 1.0)));
        Weighed::mean(sums, self.clusters.most(), (0.0, 1.0))
    }
}

impl Quantity for Order {
    fn method(&self) -> Method {
        if self.clusters.is_some() { Method::Gaffke } else { Method::OrderStatistics }
    }

    fn value(&self) -> Option<f64> {
        self.at(quantile::nearest_rank(self.sorted.len() as u64, self.level)?)
    }

    fn limits(&self, alpha: f64) -> Bounds {
        if self.clusters.is_none() {
            let Some(ranks) = quantile::bound_ranks(self.size(), self.level, alpha) else {
                return Bounds::UNBOUNDED;
            };
            // A missing value may be the smallest or the largest of all.
            let lower = ranks.lower.and_then(|rank| self.at(rank.saturating_sub(self.missing)));
            return Bounds { lower, upper: ranks.upper.and_then(|rank| self.at(rank)) };
        }
        // A limit is the value at which the claim "no larger", or "no smaller", is the last that clears.
        let p = |t: f64, low: bool| {
            let tails = self.test(Claim { t, inclusive: low });
            tails.is_some_and(|tails| clears(if low { tails.less } else { tails.greater }, alpha))
        };
        let upper = self.sorted.get(self.sorted.partition_point(|t| !p(*t, true))).copied();
        let lower = self.sorted.partition_point(|t| p(*t, false)).checked_sub(1);
        Bounds { lower: lower.and_then(|i| self.sorted.get(i)).copied(), upper }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        if let Some(clusters) = &self.clusters {
            return clusters.tails(claim, 1.0 - self.level, self.missing > 0);
        }
        let (exceed, n) = (self.exceeding(claim), self.size());
        let tails = |exceed: u64| quantile::exceedance_tails(exceed, n, self.level);
        Tails::new(tails(exceed + self.missing)?.less, tails(exceed)?.greater)
    }

    fn assumptions(&self) -> Assumptions {
        let assumed = self.clusters.as_ref().map(|grouped| grouped.clusters.assumed());
        Assumptions::both(assumed.unwrap_or_default())
    }

    fn events(&self, claim: Claim) -> Option<u64> {
        Some(self.exceeding(claim))
    }

    /// About the share of samples that exceed the threshold.
    fn one_sided(&self, claim: Claim, less: bool, alpha: f64, lost: Lost) -> Option<OneSided> {
        let (t, missing) = (1.0 - self.level, if lost == Lost::Counted { self.missing } else { 0 });
        let samples = match &self.clusters {
            None => {
                let (events, scored) = (self.exceeding(claim), self.sorted.len() as u64);
                Samples::Counted(Counted { events, scored, missing })
            }
            Some(clusters) => {
                let edge = if less { 1.0 } else { 0.0 };
                let weighed = clusters.weighed(claim, Some(edge).filter(|_| missing > 0))?;
                Samples::Spread(Spread::of_weighed(&Arc::new(weighed), t, less, false)?)
            }
        };
        Some(OneSided { samples, t, less, alpha })
    }

    fn steps(&self) -> Option<&[f64]> {
        Some(&self.sorted)
    }
}

/// A quantile of a candidate against that of a baseline on other ids.
struct Pair {
    candidate: Order,
    baseline: Order,
    against: Against,
}

impl Pair {
    fn pair(&self) -> Option<QuantilePair<'_>> {
        let of = |order: &'_ Order| (order.missing, order.level);
        let (ours, level) = of(&self.candidate);
        let (theirs, _) = of(&self.baseline);
        let candidate = Ordered { values: &self.candidate.sorted, missing: ours };
        let baseline = Ordered { values: &self.baseline.sorted, missing: theirs };
        QuantilePair::new(candidate, baseline, level, self.against)
    }

    fn offset(&self) -> f64 {
        if self.against == Against::Ratio { 1.0 } else { 0.0 }
    }
}

impl Quantity for Pair {
    fn method(&self) -> Method {
        Method::QuantilePair
    }

    fn value(&self) -> Option<f64> {
        Some(self.pair()?.value()? - self.offset())
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let bounds = self.pair().and_then(|pair| pair.bounds(alpha)).unwrap_or(Bounds::UNBOUNDED);
        let less_offset = |limit: Option<f64>| limit.map(|limit| limit - self.offset());
        Bounds { lower: less_offset(bounds.lower), upper: less_offset(bounds.upper) }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        self.pair()?.tails(claim.t + self.offset(), claim.inclusive)
    }

    fn standard_error(&self) -> Option<f64> {
        error_between(&self.candidate, &self.baseline, self.against)
    }
}
