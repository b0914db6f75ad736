//! Means without any bounds, their differences and their ratios: Student's t on what the sample itself says of its spread.

use super::clusters::Given;
use super::estimate::{Assumed, Assumptions, Method, Shortfall};
use super::operating::{LEAST_UNITS, Lost, OneSided, Samples, Spread};
use super::quantity::{Claim, Quantity};
use super::values::Values;
use crate::stats::mean::Cluster;
use crate::stats::ratio::Fieller;
use crate::stats::{Bounds, Moments, SampleMean, Tails};

/// Why a quantity without bounds shows nothing.
fn open(gaps: bool, units: u64) -> Option<Shortfall> {
    if gaps {
        Some(Shortfall::MissingUnbounded)
    } else if units < LEAST_UNITS {
        Some(Shortfall::TooFew)
    } else {
        None
    }
}

/// A mean or a difference of means.
pub(super) struct Student {
    value: Option<f64>,
    mean: Option<SampleMean>,
    method: Method,
    shortfall: Option<Shortfall>,
    assumed: Assumed,
    /// Whether it is of single samples, or of differences of pairs; not of clusters or of two samples.
    single: bool,
}

impl Student {
    /// The mean of a gate's values.
    pub(super) fn of(values: &Values<'_>, of: impl Iterator<Item = Option<f64>>) -> Self {
        match values.clusters() {
            None => Self::of_single(&of.flatten().collect::<Vec<_>>(), values.gaps() > 0),
            Some(clusters) => {
                let sums = clusters.sums(of.map(|value| value.map(Given::value)), None);
                Self::of_clusters(&counted(&sums), values.gaps() > 0)
            }
        }
    }

    /// The mean of independent values, or of differences of pairs.
    pub(super) fn of_single(values: &[f64], gaps: bool) -> Self {
        let moments = Moments::from_slice(values);
        Self {
            value: moments.and_then(|moments| moments.mean()),
            mean: moments.as_ref().and_then(SampleMean::independent),
            method: Method::StudentT,
            shortfall: open(gaps, values.len() as u64),
            assumed: Assumed { spread_seen: true, ..Assumed::default() },
            single: true,
        }
    }

    /// The mean over clusters.
    pub(super) fn of_clusters(clusters: &[Cluster], gaps: bool) -> Self {
        let mean = SampleMean::clustered(clusters);
        Self {
            value: mean.map(|mean| mean.value),
            mean,
            method: Method::Cr2T,
            shortfall: open(gaps, clusters.len() as u64),
            // The spread between clusters counts, not how many samples the largest has.
            assumed: Assumed { spread_seen: true, ..Assumed::default() },
            single: false,
        }
    }

    /// A mean that is stated with its error.
    pub(super) fn stated(mean: SampleMean) -> Self {
        Self {
            value: Some(mean.value),
            mean: Some(mean),
            method: Method::StatedError,
            shortfall: None,
            assumed: Assumed { spread_seen: true, ..Assumed::default() },
            single: false,
        }
    }

    /// The difference to an independent one.
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self {
            value: self.value.zip(other.value).map(|(ours, theirs)| ours - theirs),
            mean: self.mean.zip(other.mean).and_then(|(ours, theirs)| ours.minus(&theirs)),
            method: if other.method == Method::Cr2T { other.method } else { self.method },
            shortfall: self.shortfall.or(other.shortfall),
            assumed: self.assumed.clone(),
            single: false,
        }
    }

    /// The ratio to an independent one.
    pub(super) fn over(&self, other: &Self, alpha: f64) -> Ratio {
        let fieller = self.mean.zip(other.mean).and_then(|(ours, theirs)| Fieller::unpaired(&theirs, &ours));
        let value = self.value.zip(other.value).map(|(ours, theirs)| ours / theirs);
        Ratio { fieller, value, shortfall: self.shortfall.or(other.shortfall), alpha, offset: 1.0 }
    }
}

/// Sums and sizes as clusters of so many values.
pub(super) fn counted(sums: &[(f64, f64)]) -> Vec<Cluster> {
    sums.iter().map(|(sum, size)| Cluster { n: *size as u64, sum: *sum }).collect()
}

impl Quantity for Student {
    fn method(&self) -> Method {
        self.method
    }

    fn value(&self) -> Option<f64> {
        self.value.filter(|value| value.is_finite())
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let shown = self.mean.filter(|_| self.shortfall.is_none());
        shown.and_then(|mean| mean.bounds(alpha)).unwrap_or(Bounds::UNBOUNDED)
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        if self.shortfall.is_some() {
            return Some(Tails::NOTHING);
        }
        self.mean?.tails(claim.t)
    }

    fn assumptions(&self) -> Assumptions {
        Assumptions::both(self.assumed.clone())
    }

    fn shortfall(&self) -> Option<Shortfall> {
        let spread = self.mean.is_some_and(|mean| mean.variance > 0.0);
        self.shortfall.or((!spread).then_some(Shortfall::ZeroVariance))
    }

    fn one_sided(&self, claim: Claim, less: bool, alpha: f64, _lost: Lost) -> Option<OneSided> {
        let mean = self.mean.filter(|mean| self.shortfall.is_none() && mean.variance > 0.0)?;
        let spread = Spread::of_mean(&mean, claim.t, less, self.single);
        Some(OneSided { samples: Samples::Spread(spread), t: claim.t, less, alpha })
    }
}

/// A relative change of means: their ratio less one.
pub(super) struct Ratio {
    fieller: Option<Fieller>,
    value: Option<f64>,
    shortfall: Option<Shortfall>,
    /// The stricter of the levels that it will be judged at.
    alpha: f64,
    /// What is taken off the ratio: 1 of a change.
    offset: f64,
}

impl Ratio {
    /// The sum of one field over that of another, either of which may have no end.
    pub(super) fn of_sums(values: &Values<'_>, of: impl Iterator<Item = Option<(f64, f64)>>) -> Self {
        let gaps = values.gaps() > 0;
        let pairs: Vec<Option<(f64, f64)>> = of.collect();
        let ratio = match values.clusters() {
            None => {
                let (y, x): (Vec<f64>, Vec<f64>) = pairs.into_iter().flatten().unzip();
                Self::paired(&y, &x, gaps, values.alpha())
            }
            Some(clusters) => {
                let sums = |of: fn((f64, f64)) -> f64| {
                    counted(&clusters.sums(pairs.iter().map(|pair| pair.map(of).map(Given::value)), None))
                };
                Self::clustered(&sums(|pair| pair.0), &sums(|pair| pair.1), gaps, values.alpha())
            }
        };
        Self { offset: 0.0, ..ratio }
    }

    /// Of pairs.
    pub(super) fn paired(candidate: &[f64], baseline: &[f64], gaps: bool, alpha: f64) -> Self {
        let same = candidate.iter().zip(baseline).all(|(c, b)| super::pairs::difference(*c, *b) == 0.0);
        let shortfall = open(gaps, candidate.len() as u64).or(same.then_some(Shortfall::NoDifference));
        let mean = |values: &[f64]| Moments::from_slice(values)?.mean();
        let fieller = Fieller::paired(baseline, candidate);
        let value = match &fieller {
            Some(fieller) => Some(fieller.ratio()),
            None => mean(candidate).zip(mean(baseline)).map(|(ours, theirs)| ours / theirs),
        };
        Self { fieller, value, shortfall, alpha, offset: 1.0 }
    }

    /// Of pairs in clusters: the sums of both sides, in the same order.
    pub(super) fn clustered(candidate: &[Cluster], baseline: &[Cluster], gaps: bool, alpha: f64) -> Self {
        let same = candidate.iter().zip(baseline).all(|(c, b)| super::pairs::difference(c.sum, b.sum) == 0.0);
        let shortfall = open(gaps, candidate.len() as u64).or(same.then_some(Shortfall::NoDifference));
        let sum =
            |clusters: &[Cluster]| crate::stats::moments::sum(clusters.iter().map(|cluster| cluster.sum));
        let value = Some(sum(candidate) / sum(baseline));
        Self { fieller: Fieller::clustered(baseline, candidate), value, shortfall, alpha, offset: 1.0 }
    }
}

impl Quantity for Ratio {
    fn method(&self) -> Method {
        Method::Fieller
    }

    fn value(&self) -> Option<f64> {
        self.value.map(|ratio| ratio - self.offset).filter(|value| value.is_finite())
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let shown = self.fieller.filter(|_| self.shortfall.is_none());
        let bounds = shown.and_then(|fieller| fieller.bounds(alpha)).unwrap_or(Bounds::UNBOUNDED);
        let less_one = |limit: Option<f64>| limit.map(|limit| limit - self.offset);
        Bounds { lower: less_one(bounds.lower), upper: less_one(bounds.upper) }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        if self.shortfall.is_some() {
            return Some(Tails::NOTHING);
        }
        self.fieller?.tails(self.offset + claim.t, self.alpha)
    }

    fn assumptions(&self) -> Assumptions {
        Assumptions::both(Assumed { spread_seen: true, ..Assumed::default() })
    }

    fn shortfall(&self) -> Option<Shortfall> {
        self.shortfall.or(self.fieller.is_none().then_some(Shortfall::ZeroVariance))
    }

    fn one_sided(&self, claim: Claim, less: bool, alpha: f64, _lost: Lost) -> Option<OneSided> {
        let fieller = self.fieller.filter(|_| self.shortfall.is_none())?;
        fieller.g(self.alpha).filter(|g| *g < 1.0)?;
        // "The ratio is less than R" is "the contrast y - R x is less than 0", which moves by x where the ratio moves by 1.
        let spread = Spread::of_mean(&fieller.contrast(self.offset + claim.t)?, 0.0, less, false);
        let per = fieller.denominator();
        let spread = Spread { value: fieller.ratio() - self.offset, per, ..spread };
        Some(OneSided { samples: Samples::Spread(spread), t: claim.t, less, alpha })
    }
}
