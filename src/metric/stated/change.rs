//! Two numbers that the evidence states, compared: counts against counts, values with their standard errors, or, where
//! one of them does not say how sure it is, at face value.

use super::{assess_stated, counts, is_rate};
use crate::evidence::{Figure, Measured as Stated};
use crate::manifest::{ChangeWord, PointEstimates};
use crate::metric::assess::{Case, Looked, level_of};
use crate::metric::bound::Bound;
use crate::metric::estimate::{Assessment, Assumptions, Levels, Method, Shortfall};
use crate::metric::quantity::Quantity;
use crate::metric::settings::Settings;
use crate::metric::student::Student;
use crate::metric::weighing::{Sides, Weighing};
use crate::stats::melded::Against;
use crate::stats::{SampleMean, Weighed};

/// Compares two numbers that the evidence states.
#[must_use]
pub fn compare_stated(
    bound: &Bound,
    candidate: &Stated,
    baseline: &Stated,
    settings: &Settings,
) -> Assessment {
    let relative = bound.change.is_some_and(|change| change.relative);
    let level = level_of(bound);
    let of = |stated: &Stated| assess_stated(&level, stated, settings).estimate;
    let levels = Levels { candidate: of(candidate), baseline: of(baseline), relative, paired: false };
    let looked = Looked { n: levels.candidate.n, ..Looked::default() };
    let case = Case { bound, settings, range: (None, None), looked };
    let with = |assessed: Assessment| Assessment { levels: Some(Box::new(levels.clone())), ..assessed };
    if relative && levels.baseline.value.is_none_or(|value| value <= 0.0) {
        return with(case.nothing(Shortfall::BaselineNotPositive));
    }
    let against = if relative { Against::Ratio } else { Against::Difference };
    let alpha = settings.alpha.min(settings.alpha_fail);
    match quantity(bound, (candidate, baseline), against, alpha) {
        Some(quantity) => with(case.quantity(&*quantity)),
        None => with(point(&case, &levels, settings)),
    }
}

fn quantity(
    bound: &Bound,
    (candidate, baseline): (&Stated, &Stated),
    against: Against,
    alpha: f64,
) -> Option<Box<dyn Quantity>> {
    if let Some((candidate, baseline)) = counted(bound, candidate).zip(counted(bound, baseline)) {
        return Some(Box::new(Sides { candidate, baseline, against }));
    }
    let (ours, theirs) = (mean(bound, candidate)?, mean(bound, baseline)?);
    let (ours, theirs) = (Student::stated(ours), Student::stated(theirs));
    Some(match against {
        Against::Difference => Box::new(ours.minus(&theirs)),
        Against::Ratio => Box::new(ours.over(&theirs, alpha)),
    })
}

/// Events among samples, or every count that is printed like the stated rate, as a sample of its own.
fn counted(bound: &Bound, stated: &Stated) -> Option<Weighing> {
    let (low, high, n) = match stated {
        Stated::Events { events, n } => (*events, *events, *n),
        Stated::Value { value, n } if is_rate(bound) => {
            let (low, high) = counts(value, *n)?;
            (low, high, *n)
        }
        // No more precise than so many samples can be: such an error adds nothing to their number.
        Stated::Stderr { value, stderr, n: Some(n), clusters: None } if is_rate(bound) => {
            let (low, high) = counts(value, *n)?;
            let binomial = value.value * (1.0 - value.value) / *n as f64;
            if stderr * stderr > 1.05 * binomial && binomial > 0.0 {
                return None;
            }
            (low, high, *n)
        }
        _ => return None,
    };
    let of = |events: u64| Weighed::rate(events, n).map(std::sync::Arc::new);
    Some(Weighing {
        method: Method::ClopperPearson,
        less: Some(of(high)?),
        greater: Some(of(low)?),
        scored: of(low.midpoint(high)),
        offset: 0.0,
        assumptions: Assumptions::default(),
        events: None,
        single: true,
    })
}

/// A value with the variance of its error, never less than so many samples of what it can be allow.
fn mean(bound: &Bound, stated: &Stated) -> Option<SampleMean> {
    let scale = bound.scale;
    let of = |value: &Figure, stderr: f64, n: u64| {
        let scaled = value.value * scale;
        let own = (stderr * scale).powi(2);
        let floor = if is_rate(bound) {
            // Drawn a little to the middle: 0 of 25 is not a rate of 0.
            let p = value.value.mul_add(n as f64, 0.5) / (n as f64 + 1.0);
            p * (1.0 - p) / n as f64 * scale * scale
        } else {
            0.0
        };
        let df = n as f64 - 1.0;
        (df > 0.0).then_some(SampleMean { value: scaled, variance: own.max(floor), df })
    };
    match stated {
        Stated::Events { events, n } => {
            let value = *events as f64 / *n as f64;
            of(&Figure { value, text: String::new() }, 0.0, *n)
        }
        Stated::Stderr { value, stderr, n: Some(n), clusters } if *stderr > 0.0 => {
            let found = of(value, *stderr, *n)?;
            let df = clusters.map_or(found.df, |clusters| clusters as f64 - 1.0);
            (df > 0.0).then_some(SampleMean { df, ..found })
        }
        _ => None,
    }
}

/// Two numbers of which at least one does not say how sure it is: the policy refuses them or takes them as they are.
fn point(case: &Case<'_>, levels: &Levels, settings: &Settings) -> Assessment {
    let change = case.bound.change;
    let theta = levels
        .candidate
        .value
        .zip(levels.baseline.value)
        .map(|(c, b)| if levels.relative { c / b - 1.0 } else { c - b });
    let drop = change.is_some_and(|change| change.word == ChangeWord::Drop);
    let value = theta.filter(|theta| theta.is_finite()).map(|theta| if drop { -theta } else { theta });
    let mut estimate = Looked::default().estimate(value, Method::Point);
    estimate.confidence = 1.0 - settings.alpha;
    let Some(value) = value.filter(|_| settings.point_estimates == PointEstimates::Accept) else {
        return Assessment::short(estimate, Shortfall::NoUncertainty);
    };
    let either_way = change.is_some_and(|change| change.word == ChangeWord::Change);
    let judged = if either_way { value.abs() } else { value };
    // 0.03 - 0.02 is a little less than 0.01 in binary: printed figures that meet the margin meet it.
    let margin = case.bound.threshold;
    let meets = (judged - margin).abs() <= rounding(levels);
    let holds = case.bound.comparator.holds(if meets { margin } else { judged }, margin);
    Assessment::of_fact(estimate, (holds, holds))
}

/// How far a difference of printed figures may be off in binary.
fn rounding(levels: &Levels) -> f64 {
    let size = |value: Option<f64>| value.map_or(0.0, f64::abs);
    let (c, b) = (size(levels.candidate.value), size(levels.baseline.value));
    1e-12 * if levels.relative { 1.0 + c / b } else { c.max(b) }
}
