//! Two numbers that the evidence states, compared: counts against counts, or values with their standard errors.

use super::Settings;
use super::bind::Bound;
use super::compare::Case;
use super::estimate::{Assessment, Levels, Method, Shortfall};
use super::measured::Measured;
use super::pairs::Joined;
use crate::evidence::Measured as Stated;
use crate::stats::ratio::Fieller;
use crate::stats::unpaired::{Newcombe, Welch};
use crate::stats::{Bounds, Moments, Tails};

/// Compares two numbers that the evidence states.
#[must_use]
pub fn compare_stated(
    bound: &Bound,
    candidate: &Measured,
    baseline: &Measured,
    settings: &Settings,
) -> Assessment {
    let case = Case { bound, fills: false, binary: false, joined: Joined::empty(), alpha: settings.alpha };
    let levels = case.levels(candidate, baseline, settings);
    let stated = |measured: &Measured| match &measured.data {
        super::Data::Stated(stated) => Some(stated.clone()),
        _ => None,
    };
    let (Some(c), Some(b)) = (stated(candidate), stated(baseline)) else {
        return case.nothing(levels, Shortfall::NoUncertainty);
    };
    case.stated(&c, &b, levels)
}

impl Case<'_> {
    /// Two stated numbers: counts against counts, or values with their standard errors.
    fn stated(&self, candidate: &Stated, baseline: &Stated, levels: Levels) -> Assessment {
        let summary = |stated: &Stated| match stated {
            Stated::Stderr { value, stderr, n: Some(n) } if *stderr > 0.0 => {
                let scale = self.bound.scale;
                Moments::from_summary(*n, value.value * scale, (stderr * scale).powi(2) * *n as f64)
            }
            Stated::Events { events, n } => {
                let p = *events as f64 / *n as f64;
                Moments::from_summary(*n, p, p * (1.0 - p) * (*n as f64 / (*n as f64 - 1.0)))
            }
            _ => None,
        };
        if self.relative() && levels.baseline.value.is_none_or(|value| value <= 0.0) {
            return self.nothing(levels, Shortfall::BaselineNotPositive);
        }
        let counts = match (candidate, baseline) {
            (Stated::Events { events: kc, n: nc }, Stated::Events { events: kb, n: nb })
                if !self.relative() =>
            {
                Newcombe::new(*kc, *nc, *kb, *nb)
            }
            _ => None,
        };
        let moments = summary(candidate).zip(summary(baseline));
        let (method, at, bounds): (_, Box<dyn Fn(f64) -> Option<Tails>>, _) = match (counts, moments) {
            (Some(counts), _) => {
                let bounds = counts.bounds(self.alpha);
                (Method::Newcombe, Box::new(move |margin| counts.tails(margin)), bounds)
            }
            (None, Some((c, b))) if self.relative() => {
                let Some(fieller) = Fieller::unpaired(&b, &c) else {
                    return self.nothing(levels, Shortfall::TooFew);
                };
                let less_one = |limit: Option<f64>| limit.map(|limit| limit - 1.0);
                let bounds = fieller.bounds(self.alpha);
                let bounds = bounds.map(|b| Bounds { lower: less_one(b.lower), upper: less_one(b.upper) });
                let alpha = self.alpha;
                (Method::Fieller, Box::new(move |margin| fieller.tails(1.0 + margin, alpha)), bounds)
            }
            (None, Some((c, b))) => {
                let Some(welch) = Welch::new(&c, &b) else { return self.nothing(levels, Shortfall::TooFew) };
                let bounds = welch.bounds(self.alpha);
                (Method::Welch, Box::new(move |margin| welch.tails(margin)), bounds)
            }
            (None, None) => return self.nothing(levels, Shortfall::NoUncertainty),
        };
        let theta = levels
            .candidate
            .value
            .zip(levels.baseline.value)
            .map(|(c, b)| if self.relative() { c / b - 1.0 } else { c - b });
        let tails = self.claim(&*at);
        let mut estimate = self.estimate(theta, bounds.unwrap_or(Bounds::UNBOUNDED), method);
        (estimate.n, estimate.selected, estimate.missing) = (levels.candidate.n, None, None);
        let shortfall = tails.is_none().then_some(Shortfall::TooFew);
        Assessment { estimate, tails, shortfall, fact: None, needed: None, levels: Some(Box::new(levels)) }
    }
}
