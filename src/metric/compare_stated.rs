//! Two numbers that the evidence states, compared: counts against counts, values with their standard errors, or, where
//! one of them does not say how sure it is, at face value.

use super::Settings;
use super::bound::Bound;
use super::compare::Case;
use super::estimate::{Assessment, Levels, Method, Shortfall};
use super::measured::Measured;
use super::pairs::Joined;
use crate::evidence::Measured as Stated;
use crate::manifest::{ChangeWord, PointEstimates};
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
    case.stated(&c, &b, levels, settings)
}

impl Case<'_> {
    /// Two stated numbers: counts against counts, or values with their standard errors.
    fn stated(
        &self,
        candidate: &Stated,
        baseline: &Stated,
        levels: Levels,
        settings: &Settings,
    ) -> Assessment {
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
            (None, None) => return self.point(levels, settings),
        };
        let theta = self.stated_theta(&levels);
        let tails = self.claim(&*at);
        let mut estimate = self.estimate(theta, bounds.unwrap_or(Bounds::UNBOUNDED), method);
        (estimate.n, estimate.selected, estimate.missing) = (levels.candidate.n, None, None);
        let shortfall = tails.is_none().then_some(Shortfall::TooFew);
        Assessment { estimate, tails, shortfall, fact: None, needed: None, levels: Some(Box::new(levels)) }
    }

    fn stated_theta(&self, levels: &Levels) -> Option<f64> {
        let (c, b) = levels.candidate.value.zip(levels.baseline.value)?;
        let theta = if self.relative() { c / b - 1.0 } else { c - b };
        theta.is_finite().then_some(theta)
    }

    /// How far a difference of printed figures may be off in binary.
    fn rounding(&self, levels: &Levels) -> f64 {
        let size = |value: Option<f64>| value.map_or(0.0, f64::abs);
        let (c, b) = (size(levels.candidate.value), size(levels.baseline.value));
        1e-12 * if self.relative() { 1.0 + c / b } else { c.max(b) }
    }

    /// Two numbers of which at least one does not say how sure it is: the policy refuses them or takes them as they are.
    fn point(&self, levels: Levels, settings: &Settings) -> Assessment {
        let theta = self.stated_theta(&levels);
        let mut estimate = self.estimate(theta, Bounds::UNBOUNDED, Method::Point);
        // No interval at all: open sides would look like one.
        (estimate.unbounded_below, estimate.unbounded_above) = (false, false);
        (estimate.n, estimate.selected, estimate.missing) = (None, None, None);
        let either_way = self.bound.change.is_some_and(|change| change.word == ChangeWord::Change);
        let judged = estimate.value.map(|value| if either_way { value.abs() } else { value });
        let accepted = settings.point_estimates == PointEstimates::Accept;
        let fact = judged.filter(|_| accepted).map(|value| {
            // 0.03 - 0.02 is a little less than 0.01 in binary: printed figures that meet the margin meet it.
            let margin = self.bound.threshold;
            let meets = (value - margin).abs() <= self.rounding(&levels);
            let holds = self.bound.comparator.holds(if meets { margin } else { value }, margin);
            (holds, holds)
        });
        let shortfall = fact.is_none().then_some(Shortfall::NoUncertainty);
        Assessment { estimate, tails: None, shortfall, fact, needed: None, levels: Some(Box::new(levels)) }
    }
}
