//! Numbers that the evidence states itself: how much they can show without their samples.

mod change;
mod error;

pub use change::compare_stated;

use super::assess::{Case, Looked};
use super::bound::Bound;
use super::catalog::ValueType;
use super::estimate::{Assessment, Method, Shortfall};
use super::measure::MeasureKind;
use super::operating::{Counted, Lost, OneSided, Samples};
use super::quantity::{Claim, Quantity};
use super::settings::Settings;
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::{Figure, Measured as Stated};
use crate::manifest::{Dimension, PointEstimates};
use crate::stats::{Bounds, Tails, clears, proportion};
use error::{Spread, StatedError};

/// How much smaller than what `n` samples allow a standard error may be: bootstraps and printed digits are not exact.
const TOLERANCE: f64 = 0.8;

/// Checks a stated number against what the metric can be.
///
/// # Errors
/// A value out of bounds, counts that no number of samples can round to, or a precision that the number of samples
/// contradicts; without a place.
pub fn check(bound: &Bound, stated: &Stated) -> Result<(), Diagnostic> {
    let figures: Vec<f64> = match stated {
        Stated::Events { .. } => Vec::new(),
        Stated::Value { value, .. } | Stated::Stderr { value, .. } | Stated::Point(value) => {
            vec![value.value]
        }
        Stated::Interval { value, lower, upper, .. } => {
            value.iter().map(|value| value.value).chain(*lower).chain(*upper).collect()
        }
    };
    let metric = &bound.metric;
    for figure in figures {
        let scaled = bound.scaled(figure);
        if !scaled.is_finite() {
            return Err(Diagnostic::error(
                Code::NotFinite,
                format!("`{metric}` is no finite number once it is scaled"),
            )
            .help("check the metric's `scale`"));
        }
        let outside =
            bound.lower.is_some_and(|low| scaled < low) || bound.upper.is_some_and(|high| scaled > high);
        if outside {
            let found = Diagnostic::error(Code::OutOfBounds, format!("`{metric}` cannot be {figure}"));
            return Err(if bound.unit.dimension == Dimension::Fraction {
                found.help(format!("a proportion lies between 0 and 1; 87 % is written 0.87, not {figure}"))
            } else {
                found.help("mend the evidence, or declare the metric's `bounds:`")
            });
        }
    }
    if let Stated::Value { value, n } = stated
        && value_type(bound) == ValueType::Rate
        && counts(value, *n).is_none()
    {
        return Err(Diagnostic::error(
            Code::ImpossibleRate,
            format!("no count of {n} samples gives the rate {} of `{metric}`", value.text),
        )
        .help("state `events` and `n`; or, for the mean of a score, define the metric with `as: mean`"));
    }
    match contradicted(bound, stated) {
        Some(finding) if bound.change.is_none() => Err(finding),
        _ => Ok(()),
    }
}

/// What is narrower than so many samples allow.
fn contradicted(bound: &Bound, stated: &Stated) -> Option<Diagnostic> {
    let metric = &bound.metric;
    match stated {
        Stated::Stderr { value, stderr, n: Some(n), clusters: None } if *stderr > 0.0 => {
            let p = value.value;
            let least = (p * (1.0 - p) / *n as f64).sqrt();
            (is_rate(bound) && *stderr < TOLERANCE * least).then(|| {
                let text = format!(
                    "{n} samples of the rate `{metric}` cannot be as sure as a standard error of {stderr}: at {} it is no less than {least:.2e}",
                    value.text
                );
                Diagnostic::error(Code::ImpossibleRate, text)
                    .help("state `events` and `n`; or check that `stderr` is that of the mean, and `n` that of the same run")
            })
        }
        Stated::Interval { lower: Some(lower), upper: Some(upper), n: Some(n), .. } if lower >= upper => {
            let text = format!(
                "an interval without width says nothing of `{metric}`, which was measured on {n} samples"
            );
            Some(Diagnostic::error(Code::ImpossibleRate, text).help("state `events` and `n` instead"))
        }
        _ => None,
    }
}

/// Assesses a stated number.
#[must_use]
pub fn assess_stated(bound: &Bound, stated: &Stated, settings: &Settings) -> Assessment {
    let looked = Looked { n: size(stated), ..Looked::default() };
    let case = Case { bound, settings, range: (bound.lower, bound.upper), looked };
    match quantity(bound, stated) {
        Some(quantity) => {
            let mut assessed = case.quantity(&*quantity);
            if rounded_away(bound, stated, &assessed, settings) {
                assessed.shortfall = Some(Shortfall::Rounded);
            }
            if let Stated::Interval { confidence, .. } = stated {
                assessed.estimate.confidence = *confidence;
                assessed.at_fail = None;
            }
            assessed
        }
        None => point(&case, stated, settings),
    }
}

/// Whether a rate as it is printed would show what its last digit takes away.
fn rounded_away(bound: &Bound, stated: &Stated, assessed: &Assessment, settings: &Settings) -> bool {
    let (Stated::Value { value, n } | Stated::Stderr { value, n: Some(n), .. }) = stated else {
        return false;
    };
    let low = bound.comparator.wants_low();
    let p = |tails: Tails| if low { tails.less } else { tails.greater };
    let undecided = assessed.estimate.method == Method::RoundedCounts
        && assessed.tails.is_some_and(|tails| !clears(p(tails), settings.alpha));
    let exact = (value.value * *n as f64).round().clamp(0.0, *n as f64);
    undecided
        && proportion::exact_tails(exact, *n as f64, bound.threshold)
            .is_some_and(|tails| clears(p(tails), settings.alpha))
}

/// Its samples, where it says how many.
fn size(stated: &Stated) -> Option<u64> {
    match stated {
        Stated::Events { n, .. } | Stated::Value { n, .. } => Some(*n),
        Stated::Stderr { n, .. } | Stated::Interval { n, .. } => *n,
        Stated::Point(_) => None,
    }
}

fn value_type(bound: &Bound) -> ValueType {
    match bound.measure.kind() {
        MeasureKind::Stated { value_type, .. } => value_type,
        _ => ValueType::Mean,
    }
}

/// Whether a value of it is a share of samples; one that is not declared is, if the value says nothing else.
fn is_rate(bound: &Bound) -> bool {
    bound.unit.dimension == Dimension::Fraction && value_type(bound) != ValueType::Mean
        || bound.change.is_some_and(|change| change.level_unit.dimension == Dimension::Fraction)
            && value_type(bound) != ValueType::Mean
}

/// The smallest and largest count of `n` whose rate is printed like `value`, in decimals or in single precision.
fn counts(value: &Figure, n: u64) -> Option<(u64, u64)> {
    let size = n as f64;
    let within = |reach: f64| {
        let low = ((value.value - reach) * size - 1e-9).ceil().max(0.0);
        let high = ((value.value + reach) * size + 1e-9).floor().min(size);
        (low <= high).then_some((low as u64, high as u64))
    };
    // A little slack: printers round halves either way.
    let single = f64::from(f32::EPSILON) * value.value.abs();
    within(value.half_unit() * (1.0 + 1e-9)).or_else(|| within(single))
}

/// What a stated number shows; nothing where it does not say how sure it is.
fn quantity(bound: &Bound, stated: &Stated) -> Option<Box<dyn Quantity>> {
    let scale = bound.scale;
    match stated {
        Stated::Events { events, n } => {
            Some(Box::new(Counts { low: *events, high: *events, n: *n, value: None }))
        }
        Stated::Value { value, n } => of_n(bound, value, *n),
        // An error of nothing is none that anybody measured: what is left is the number of samples.
        Stated::Stderr { value, stderr, n: Some(n), .. } if *stderr <= 0.0 => of_n(bound, value, *n),
        Stated::Stderr { value, stderr, n, clusters } if *stderr > 0.0 => {
            if let (true, Some(n), None) = (is_rate(bound), *n, clusters) {
                let p = value.value;
                let binomial = (p * (1.0 - p) / n as f64).sqrt();
                if let Some((low, high)) =
                    counts(value, n).filter(|_| *stderr <= 1.02 * binomial || binomial <= 0.0)
                {
                    return Some(Box::new(Counts { low, high, n, value: Some(value.value) }));
                }
            }
            let units = clusters.or(*n);
            let found = StatedError::new(
                value,
                Spread::Error { stderr: *stderr, units },
                scale,
                (bound.lower, bound.upper),
            )?;
            Some(Box::new(found))
        }
        Stated::Interval { value, lower, upper, confidence, n } => {
            let scaled = |limit: Option<f64>| limit.map(|limit| bound.scaled(limit));
            let value = value.as_ref().map(|value| bound.scaled(value.value));
            let exact = n.filter(|_| is_rate(bound)).zip(value);
            Some(Box::new(Interval {
                value,
                lower: scaled(*lower),
                upper: scaled(*upper),
                confidence: *confidence,
                exact,
            }))
        }
        Stated::Stderr { .. } | Stated::Point(_) => None,
    }
}

/// A value over `n` samples: a rate by its counts, the mean of a score by the spread that it may have.
fn of_n(bound: &Bound, value: &Figure, n: u64) -> Option<Box<dyn Quantity>> {
    if let (true, Some((low, high))) = (value_type(bound) != ValueType::Mean, counts(value, n)) {
        return Some(Box::new(Counts { low, high, n, value: Some(value.value) }));
    }
    let range = (bound.lower, bound.upper);
    let found = StatedError::new(value, Spread::Any { units: n }, bound.scale, range)?;
    Some(Box::new(found))
}

/// A number whose uncertainty is not known: the policy refuses it or takes it as it is.
fn point(case: &Case<'_>, stated: &Stated, settings: &Settings) -> Assessment {
    let (Stated::Value { value, .. } | Stated::Stderr { value, .. } | Stated::Point(value)) = stated else {
        return case.nothing(Shortfall::NoUncertainty);
    };
    let scaled = case.bound.scaled(value.value);
    // No interval at all: showing the metric's bounds would look like one.
    let mut estimate = case.looked.estimate(Some(scaled), Method::Point);
    estimate.confidence = 1.0 - settings.alpha;
    let holds = case.bound.comparator.holds(scaled, case.bound.threshold);
    if settings.point_estimates == PointEstimates::Accept {
        Assessment::of_fact(estimate, (holds, holds))
    } else {
        Assessment::short(estimate, Shortfall::NoUncertainty)
    }
}

/// Events among `n`, or every count that is printed like the stated rate.
struct Counts {
    low: u64,
    high: u64,
    n: u64,
    value: Option<f64>,
}

impl Counts {
    fn tails(&self, (low, high): (u64, u64), t: f64) -> Option<Tails> {
        let n = self.n as f64;
        let tails = |events: u64| proportion::exact_tails(events as f64, n, t);
        Tails::new(tails(high)?.less, tails(low)?.greater)
    }
}

impl Quantity for Counts {
    fn method(&self) -> Method {
        if self.value.is_none() { Method::ClopperPearson } else { Method::RoundedCounts }
    }

    fn value(&self) -> Option<f64> {
        Some(self.value.unwrap_or(self.low as f64 / self.n as f64))
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let limits = |events: u64| proportion::clopper_pearson(events as f64, self.n as f64, alpha);
        Bounds {
            lower: limits(self.low).and_then(|limits| limits.lower),
            upper: limits(self.high).and_then(|limits| limits.upper),
        }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        self.tails((self.low, self.high), claim.t)
    }

    fn shortfall(&self) -> Option<Shortfall> {
        None
    }

    fn events(&self, _claim: Claim) -> Option<u64> {
        (self.low == self.high).then_some(self.low)
    }

    fn one_sided(&self, claim: Claim, less: bool, alpha: f64, _lost: Lost) -> Option<OneSided> {
        // How a number is rounded is no matter of samples.
        let counted = Counted { events: self.low, scored: self.n, missing: 0 };
        let samples = Samples::Counted(counted);
        (self.low == self.high).then_some(OneSided { samples, t: claim.t, less, alpha })
    }
}

/// Limits of somebody else's making say something at their own confidence, and nothing at a higher one. Those of a rate of so
/// many samples are no narrower than the samples allow.
struct Interval {
    value: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    confidence: f64,
    /// Samples of a rate, and its value.
    exact: Option<(u64, f64)>,
}

impl Interval {
    /// 1 - 0.95 is a little more than 0.05 in binary.
    fn own_level(&self) -> f64 {
        ((1.0 - self.confidence) * 1e12).round() / 1e12
    }
}

impl Quantity for Interval {
    fn method(&self) -> Method {
        Method::StatedInterval
    }

    fn value(&self) -> Option<f64> {
        let middle = self.lower.zip(self.upper).map(|(lower, upper)| lower.midpoint(upper));
        self.value.or(middle).or(self.lower).or(self.upper)
    }

    fn limits(&self, _alpha: f64) -> Bounds {
        let exact = self.exact.and_then(|(n, p)| {
            proportion::clopper_pearson((p * n as f64).clamp(0.0, n as f64), n as f64, self.own_level())
        });
        let wider = |own: Option<f64>, other: Option<f64>, pick: fn(f64, f64) -> f64| match (own, other) {
            (Some(own), Some(other)) => Some(pick(own, other)),
            (own, _) => own,
        };
        Bounds {
            lower: wider(self.lower, exact.and_then(|exact| exact.lower), f64::min),
            upper: wider(self.upper, exact.and_then(|exact| exact.upper), f64::max),
        }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        let own = self.own_level();
        let p = |clears: bool| if clears { own } else { 1.0 };
        let Bounds { lower, upper } = self.limits(own);
        // At its own confidence it is no higher than its limit: a limit on the threshold meets "at most", and "at least".
        Tails::new(
            p(upper.is_some_and(|upper| if claim.inclusive { upper <= claim.t } else { upper < claim.t })),
            p(lower.is_some_and(|lower| if claim.inclusive { lower > claim.t } else { lower >= claim.t })),
        )
    }
}
