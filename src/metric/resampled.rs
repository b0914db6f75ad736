//! Statistics of summed counts, such as BLEU, by seeded resampling: candidate and baseline of a sample are drawn together.

use std::sync::Arc;

use super::compared::Compared;
use super::counts::{Counter, Texts};
use super::estimate::{Assumed, Assumptions, Method, Shortfall};
use super::quantity::{Claim, Quantity, implied_error};
use super::values::Values;
use crate::stats::bootstrap::{self, Contrast, Refused, Replicates};
use crate::stats::{Bounds, Tails};

/// A statistic, or its change.
pub(super) struct Resampled {
    value: Option<f64>,
    replicates: Option<Replicates>,
    shortfall: Option<Shortfall>,
    /// What is taken off the statistic: 1 of a ratio, to be a relative change.
    offset: f64,
}

/// How often, at which level and by which stream it is drawn.
#[derive(Clone, Copy)]
struct Drawing {
    alpha: f64,
    seed: u64,
    contrast: Contrast,
    /// Whether samples without counts have to be reckoned with.
    gaps: bool,
}

/// Of one run.
pub(super) fn level(values: &Values<'_>, texts: &Texts) -> Resampled {
    let (name, width) = (texts.name(), texts.counter.width());
    let (counts, clusters) = values.counts(&name);
    let drawing = Drawing {
        alpha: values.alpha(),
        seed: values.seed(),
        contrast: Contrast::Level,
        gaps: values.gaps() > 0,
    };
    drawn(&texts.counter, bootstrap::Counts::new(width, &counts, None, clusters.as_deref()), drawing)
}

/// Of two runs on the same ids.
pub(super) fn change(runs: &Compared<'_>, texts: &Texts) -> Resampled {
    let joined = runs.joined_counts(&texts.name());
    let drawing = Drawing {
        alpha: runs.alpha,
        seed: runs.settings.seed,
        contrast: if runs.relative { Contrast::Ratio } else { Contrast::Difference },
        gaps: runs.fills(runs.joined()),
    };
    let clusters = joined.clusters.as_deref();
    let width = texts.counter.width();
    let counts = bootstrap::Counts::new(width, &joined.candidate, Some(&joined.baseline), clusters);
    drawn(&texts.counter, counts, drawing)
}

fn drawn(
    counter: &Arc<dyn Counter>,
    counts: Result<bootstrap::Counts, Refused>,
    drawing: Drawing,
) -> Resampled {
    let Drawing { alpha, seed, contrast, gaps } = drawing;
    let statistic = |sums: &[f64]| counter.statistic(sums);
    let offset = if contrast == Contrast::Ratio { 1.0 } else { 0.0 };
    let (value, replicates) = match counts {
        Ok(counts) => (
            counts.value(statistic, contrast),
            counts.resample(statistic, contrast, (bootstrap::RESAMPLES, alpha), seed),
        ),
        Err(refused) => (None, Err(refused)),
    };
    let shortfall = match &replicates {
        _ if gaps => Some(Shortfall::MissingUnbounded),
        // All resamples are alike: nothing says how far an unseen answer may be.
        Ok(drawn) if drawn.tails(0.0).is_none() && contrast == Contrast::Level => {
            Some(Shortfall::ZeroVariance)
        }
        Ok(drawn) if drawn.tails(0.0).is_none() => Some(Shortfall::NoDifference),
        Ok(_) => None,
        Err(Refused::TooFew(_) | Refused::Level | Refused::Mismatch) => Some(Shortfall::TooFew),
        Err(Refused::NotFinite) => Some(Shortfall::NotFinite),
    };
    Resampled { value, replicates: replicates.ok().filter(|_| !gaps), shortfall, offset }
}

impl Quantity for Resampled {
    fn method(&self) -> Method {
        Method::PairedBootstrap
    }

    fn value(&self) -> Option<f64> {
        self.value.map(|value| value - self.offset)
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let bounds = self.replicates.as_ref().and_then(|replicates| replicates.bounds(alpha));
        let less_offset = |limit: Option<f64>| limit.map(|limit| limit - self.offset);
        bounds.map_or(Bounds::UNBOUNDED, |bounds| Bounds {
            lower: less_offset(bounds.lower),
            upper: less_offset(bounds.upper),
        })
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        self.replicates.as_ref()?.tails(claim.t + self.offset)
    }

    fn standard_error(&self) -> Option<f64> {
        implied_error(self)
    }

    fn fewest_units(&self) -> Option<u64> {
        Some(bootstrap::LEAST_UNITS as u64)
    }

    fn assumptions(&self) -> Assumptions {
        Assumptions::both(Assumed { spread_seen: true, ..Assumed::default() })
    }

    fn shortfall(&self) -> Option<Shortfall> {
        self.shortfall
    }
}
