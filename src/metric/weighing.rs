//! Means by Gaffke's bound: of values between two ends, of differences and ratios of pairs, and of values without an end.

use std::sync::Arc;

use super::clusters::{Clusters, Given};
use super::estimate::{Assumed, Assumptions, Method, Shortfall};
use super::operating::{Counted, Lost, OneSided, Samples, Spread};
use super::pairs::{Joined, difference};
use super::quantity::{Claim, Quantity, error_between};
use super::values::Values;
use crate::stats::gaffke::{Term, Weighed};
use crate::stats::melded::{Against, Facing, Melded};
use crate::stats::{Bounds, Tails};

/// A weighed mean, difference or ratio, as each of the two claims has to see it: what is missing stands where it speaks most
/// against the claim.
pub(super) struct Weighing {
    pub(super) method: Method,
    /// For "less"; none where nothing stands in for what is missing, so that nothing is shown.
    pub(super) less: Option<Arc<Weighed>>,
    /// For "greater".
    pub(super) greater: Option<Arc<Weighed>>,
    /// Without what is missing.
    pub(super) scored: Option<Arc<Weighed>>,
    /// What is taken off the parameter: 1 of a ratio, to be a relative change.
    pub(super) offset: f64,
    pub(super) assumptions: Assumptions,
    pub(super) events: Option<u64>,
    /// Whether units are single samples or pairs, so that a larger run can be reckoned.
    pub(super) single: bool,
}

impl Weighing {
    /// Events and samples where the values are nothing but 0 and 1, of which the bound is the exact test.
    fn counted(&self, judged: &Weighed) -> Option<Counted> {
        let (events, scored) = self.scored.as_ref()?.events().filter(|_| judged.ends() == (0.0, 1.0))?;
        let (_, all) = judged.events()?;
        Some(Counted { events: events as u64, scored: scored as u64, missing: (all - scored) as u64 })
    }
}

impl Quantity for Weighing {
    fn method(&self) -> Method {
        self.method
    }

    fn value(&self) -> Option<f64> {
        Some(self.scored.as_ref()?.value()? - self.offset)
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let less_offset = |limit: f64| limit - self.offset;
        Bounds {
            lower: self.greater.as_ref().and_then(|weighed| weighed.lower(alpha)).map(less_offset),
            upper: self.less.as_ref().and_then(|weighed| weighed.upper(alpha)).map(less_offset),
        }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        let p = |weighed: &Option<Arc<Weighed>>, of: fn(&Weighed, f64) -> Option<f64>| match weighed {
            Some(weighed) => {
                let (low, high) = weighed.ends();
                of(weighed, (claim.t + self.offset).clamp(low, high.min(f64::MAX)))
            }
            None => Some(1.0),
        };
        Tails::new(p(&self.less, Weighed::less)?, p(&self.greater, Weighed::greater)?)
    }

    fn assumptions(&self) -> Assumptions {
        self.assumptions.clone()
    }

    fn shortfall(&self) -> Option<Shortfall> {
        let open = self.less.is_none() || self.greater.is_none();
        open.then_some(Shortfall::MissingUnbounded)
    }

    fn events(&self, _claim: Claim) -> Option<u64> {
        self.events
    }

    fn one_sided(&self, claim: Claim, less: bool, alpha: f64, lost: Lost) -> Option<OneSided> {
        let judged = if less { &self.less } else { &self.greater };
        let weighed = if lost == Lost::Counted { judged } else { &self.scored };
        if let Some(counted) = self.counted(weighed.as_ref()?) {
            return Some(OneSided { samples: Samples::Counted(counted), t: claim.t, less, alpha });
        }
        let spread = Spread::of_weighed(weighed.as_ref()?, claim.t + self.offset, less, self.single)?;
        // What was measured is what was scored, whatever stands for the rest.
        let value = self.value()?;
        let (low, high) = spread.ends;
        let spread = Spread { value, ends: (low - self.offset, high - self.offset), ..spread };
        Some(OneSided { samples: Samples::Spread(spread), t: claim.t, less, alpha })
    }
}

/// What of clusters and of what is missing a mean of values is made.
struct Scores<'a> {
    clusters: Option<&'a Clusters>,
    gaps: u64,
}

impl Scores<'_> {
    /// The values with what is missing at `edge`; without it where there is no edge.
    fn weighed(
        &self,
        of: impl Iterator<Item = Option<f64>>,
        edge: Option<f64>,
        make: impl Fn(&mut dyn Iterator<Item = (f64, f64)>, f64) -> Option<Weighed>,
    ) -> Option<Arc<Weighed>> {
        let weighed = match self.clusters {
            None => {
                let alone = make(&mut of.filter_map(|value| Some((value?, 1.0))), 1.0)?;
                match edge.filter(|_| self.gaps > 0) {
                    Some(sum) => alone.with(Term { sum, size: 1.0, count: self.gaps as f64 }),
                    None => alone,
                }
            }
            Some(clusters) => {
                let given = of.map(|value| value.map(Given::value).or(edge.map(Given::stand_in)));
                let sums = clusters.sums(given, edge.map(|edge| (edge, 1.0)));
                make(&mut sums.into_iter(), clusters.most())?
            }
        };
        Some(Arc::new(weighed))
    }
}

/// A mean of values between two ends.
pub(super) fn bounded(
    values: &Values<'_>,
    of: impl Iterator<Item = Option<f64>> + Clone,
    (low, high): (f64, f64),
) -> Option<Weighing> {
    // Values out of bounds were refused; what is clamped here is rounding.
    let of = of.map(|value| value.map(|value| value.clamp(low, high)));
    let make =
        |units: &mut dyn Iterator<Item = (f64, f64)>, most: f64| Weighed::mean(units, most, (low, high));
    let clusters = values.clusters();
    let scores = Scores { clusters: clusters.as_ref(), gaps: values.gaps() };
    let scored = scores.weighed(of.clone(), None, make)?;
    let with = |edge: f64| match values.gaps() {
        0 => Some(Arc::clone(&scored)),
        _ => scores.weighed(of.clone(), Some(edge), make),
    };
    Some(Weighing {
        method: Method::Gaffke,
        less: Some(with(high)?),
        greater: Some(with(low)?),
        scored: Some(scored),
        offset: 0.0,
        assumptions: Assumptions::both(clusters.as_ref().map(Clusters::assumed).unwrap_or_default()),
        events: None,
        single: clusters.is_none(),
    })
}

/// A mean of values that are not negative and have no upper end.
pub(super) fn open(values: &Values<'_>, of: impl Iterator<Item = Option<f64>> + Clone) -> Option<Weighing> {
    let clusters = values.clusters();
    let scores = Scores { clusters: clusters.as_ref(), gaps: values.gaps() };
    let make = |units: &mut dyn Iterator<Item = (f64, f64)>, most: f64| Weighed::open(units, most);
    let scored = scores.weighed(of.clone(), None, make)?;
    let greater = if values.gaps() > 0 { scores.weighed(of, Some(0.0), make)? } else { Arc::clone(&scored) };
    let promised = clusters.as_ref().map(Clusters::assumed).unwrap_or_default();
    Some(Weighing {
        method: Method::GaffkeOpen,
        // A missing value may be as large as it likes.
        less: (values.gaps() == 0).then(|| Arc::clone(&scored)),
        greater: Some(greater),
        scored: Some(scored),
        offset: 0.0,
        assumptions: Assumptions {
            less: Assumed { spread_seen: true, ..promised.clone() },
            greater: promised,
        },
        events: None,
        single: clusters.is_none(),
    })
}

/// A ratio of sums of values that are not negative; `of` gives numerator and denominator.
pub(super) fn ratio_of_sums(
    values: &Values<'_>,
    of: impl Iterator<Item = Option<(f64, f64)>>,
) -> Option<Weighing> {
    let clusters = values.clusters();
    let units: Vec<(f64, f64)> = match &clusters {
        None => of.flatten().collect(),
        Some(clusters) => {
            clusters.sums(of.map(|pair| pair.map(|(sum, size)| Given { sum, size, scored: true })), None)
        }
    };
    let most = units.iter().map(|(_, size)| *size).fold(0.0, f64::max);
    let scored = Some(Arc::new(Weighed::open(units, most)?));
    // Neither the numerator nor the denominator of a missing row has an end.
    let shown = scored.clone().filter(|_| values.gaps() == 0);
    // No request is larger than the largest that was seen: that too has to be taken for granted.
    let assumed = clusters.as_ref().map(Clusters::assumed).unwrap_or_default();
    Some(Weighing {
        method: Method::GaffkeOpen,
        less: shown.clone(),
        greater: shown,
        scored,
        offset: 0.0,
        assumptions: Assumptions::both(Assumed { spread_seen: true, ..assumed }),
        events: None,
        single: clusters.is_none(),
    })
}

/// The difference of pairs of values between two ends, or their ratio less one.
pub(super) fn paired(
    joined: &Joined,
    (low, high): (f64, f64),
    relative: bool,
    fills: bool,
) -> Option<Weighing> {
    let clusters = joined.clusters.as_ref();
    let most = clusters.map_or(1.0, Clusters::most);
    // What is missing of the candidate and of the baseline stands at these; a pair that lost nothing is itself.
    let weighed = |edges: Option<(f64, f64)>| {
        let given = joined.pairs().map(|(ours, theirs)| {
            let scored = ours.is_some() && theirs.is_some();
            let (c, b) = (ours.or(edges.map(|edges| edges.0))?, theirs.or(edges.map(|edges| edges.1))?);
            let (c, b) = (c.clamp(low, high), b.clamp(low, high));
            Some(if relative {
                Given { sum: c, size: b, scored }
            } else {
                Given { sum: difference(c, b), size: 1.0, scored }
            })
        });
        let lost = edges.map(|(c, b)| if relative { (c, b) } else { (c - b, 1.0) });
        let weighed = match clusters {
            None => {
                let units = given.filter_map(|given| given.map(|given| (given.sum, given.size)));
                weighed_pairs(units, most, (low, high), relative)
            }
            Some(clusters) => weighed_pairs(clusters.sums(given, lost), most, (low, high), relative),
        };
        weighed.map(Arc::new)
    };
    let scored = weighed(None);
    let with = |edges: (f64, f64)| if fills { weighed(Some(edges)) } else { scored.clone() };
    Some(Weighing {
        method: Method::Gaffke,
        less: Some(with((high, low))?),
        greater: Some(with((low, high))?),
        scored,
        offset: if relative { 1.0 } else { 0.0 },
        assumptions: Assumptions::both(clusters.map(Clusters::assumed).unwrap_or_default()),
        events: None,
        single: clusters.is_none(),
    })
}

/// Differences, or ratios, of pairs of values between two ends.
fn weighed_pairs(
    units: impl IntoIterator<Item = (f64, f64)>,
    most: f64,
    (low, high): (f64, f64),
    relative: bool,
) -> Option<Weighed> {
    if relative {
        Weighed::ratio(units, most, (low, high))
    } else {
        Weighed::mean(units, most, (low - high, high - low))
    }
}

/// Two samples without common ids, by their melded confidence distributions.
pub(super) struct Sides {
    pub(super) candidate: Weighing,
    pub(super) baseline: Weighing,
    pub(super) against: Against,
}

impl Sides {
    fn melded(&self) -> Option<Melded<'_>> {
        Melded::new(facing(&self.candidate)?, facing(&self.baseline)?, self.against)
    }

    fn offset(&self) -> f64 {
        if self.against == Against::Ratio { 1.0 } else { 0.0 }
    }
}

fn facing(weighing: &Weighing) -> Option<Facing<'_>> {
    Some(Facing { high: weighing.less.as_ref()?, low: weighing.greater.as_ref()? })
}

impl Quantity for Sides {
    fn method(&self) -> Method {
        Method::Melded
    }

    fn value(&self) -> Option<f64> {
        between(self.candidate.value()?, self.baseline.value()?, self.against)
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let bounds = self.melded().and_then(|melded| melded.bounds(alpha)).unwrap_or(Bounds::UNBOUNDED);
        let less_offset = |limit: Option<f64>| limit.map(|limit| limit - self.offset());
        Bounds { lower: less_offset(bounds.lower), upper: less_offset(bounds.upper) }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        self.melded()?.tails(claim.t + self.offset())
    }

    fn standard_error(&self) -> Option<f64> {
        error_between(&self.candidate, &self.baseline, self.against)
    }
}

/// What a candidate's value is to a baseline's: the difference, or the ratio less one.
pub(super) fn between(candidate: f64, baseline: f64, against: Against) -> Option<f64> {
    let value = match against {
        Against::Difference => candidate - baseline,
        Against::Ratio => candidate / baseline - 1.0,
    };
    value.is_finite().then_some(value)
}
