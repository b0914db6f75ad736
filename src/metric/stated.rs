//! Numbers that the evidence states itself: how much they can show without their samples.

use super::bound::{Bound, Measure};
use super::catalog::ValueType;
use super::estimate::{Assessment, Estimate, Method, Shortfall};
use super::measured::Settings;
use super::{Needed, needed};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::{Figure, Measured as Stated};
use crate::manifest::{Dimension, PointEstimates};
use crate::stats::{Bounds, Tails, mean, normal, proportion};

/// Checks a stated number against what the metric can be.
///
/// # Errors
/// A value out of bounds, or counts that no number of samples can round to; without a place.
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
    Ok(())
}

/// Assesses a stated number.
pub(super) fn assess(bound: &Bound, stated: &Stated, settings: &Settings) -> Assessment {
    let case = Case { bound, alpha: settings.alpha };
    match stated {
        Stated::Events { events, n } => case.counts(*events, *events, *n, None),
        Stated::Value { value, n } => case.value(value, *n, settings),
        Stated::Stderr { value, stderr, n } if *stderr > 0.0 => case.stderr(value.value, *stderr, *n),
        Stated::Interval { value, lower, upper, confidence, n } => {
            case.interval(value.as_ref().map(|value| value.value), *lower, *upper, *confidence, *n)
        }
        Stated::Stderr { value, n, .. } => case.point(value.value, *n, settings),
        Stated::Point(value) => case.point(value.value, None, settings),
    }
}

fn value_type(bound: &Bound) -> ValueType {
    match bound.measure {
        Measure::Aggregate { value_type, .. } => value_type,
        _ => ValueType::Mean,
    }
}

/// The smallest and largest count of `n` whose rate is printed like `value`.
fn counts(value: &Figure, n: u64) -> Option<(u64, u64)> {
    let size = n as f64;
    // A little slack: printers round halves either way.
    let reach = value.half_unit() * (1.0 + 1e-9);
    let low = ((value.value - reach) * size - 1e-9).ceil().max(0.0);
    let high = ((value.value + reach) * size + 1e-9).floor().min(size);
    (low <= high).then_some((low as u64, high as u64))
}

struct Case<'a> {
    bound: &'a Bound,
    alpha: f64,
}

impl Case<'_> {
    fn estimate(&self, value: Option<f64>, bounds: Bounds, method: Method, n: Option<u64>) -> Estimate {
        let lower = bounds.lower.or(self.bound.lower);
        let upper = bounds.upper.or(self.bound.upper);
        Estimate {
            value,
            lower,
            upper,
            unbounded_below: lower.is_none(),
            unbounded_above: upper.is_none(),
            confidence: 1.0 - self.alpha,
            n,
            events: None,
            clusters: None,
            selected: None,
            rows: None,
            missing: None,
            method,
        }
    }

    fn done(
        estimate: Estimate,
        tails: Option<Tails>,
        shortfall: Option<Shortfall>,
        needed: Option<Needed>,
    ) -> Assessment {
        Assessment { estimate, tails, shortfall, fact: None, needed, levels: None }
    }

    /// Exact binomial for every count from `low` to `high`.
    fn counts(&self, low: u64, high: u64, n: u64, value: Option<f64>) -> Assessment {
        let (size, t) = (n as f64, self.bound.threshold);
        let less = proportion::exact_tails(high as f64, size, t).map(|tails| tails.less);
        let greater = proportion::exact_tails(low as f64, size, t).map(|tails| tails.greater);
        let tails = less.zip(greater).and_then(|(less, greater)| Tails::new(less, greater));
        let bounds = Bounds {
            lower: proportion::clopper_pearson(low as f64, size, self.alpha).and_then(|b| b.lower),
            upper: proportion::clopper_pearson(high as f64, size, self.alpha).and_then(|b| b.upper),
        };
        let method = if value.is_none() { Method::ClopperPearson } else { Method::RoundedCounts };
        let mut estimate = self.estimate(Some(value.unwrap_or(low as f64 / size)), bounds, method, Some(n));
        estimate.events = (low == high).then_some(low);
        let worst = if self.bound.comparator.wants_low() { high } else { low };
        let needed = needed::for_rate(worst, n, t, self.bound.comparator.wants_low(), self.alpha);
        Self::done(estimate, tails, None, Some(needed))
    }

    /// A value over n samples: a rate by its counts, the mean of a bounded score by its bounds.
    fn value(&self, value: &Figure, n: u64, settings: &Settings) -> Assessment {
        let proportion = value_type(self.bound) != ValueType::Mean;
        if let (true, Some((low, high))) = (proportion, counts(value, n)) {
            return self.counts(low, high, n, Some(value.value));
        }
        let Some((low, high)) = self.bound.lower.zip(self.bound.upper) else {
            return self.point(value.value, Some(n), settings);
        };
        let unit = |x: f64| ((x - low) / (high - low)).clamp(0.0, 1.0);
        let scaled = self.bound.scaled(value.value);
        let reach = value.half_unit() * self.bound.scale;
        let t = unit(self.bound.threshold);
        let less = mean::hoeffding_bentkus_tails(unit(scaled + reach), n, t).map(|tails| tails.less);
        let greater = mean::hoeffding_bentkus_tails(unit(scaled - reach), n, t).map(|tails| tails.greater);
        let stretch = |limit: f64| low + limit * (high - low);
        let limit = |x: f64| mean::hoeffding_bentkus_bounds(unit(x), n, self.alpha);
        let bounds = Bounds {
            lower: limit(scaled - reach).and_then(|b| b.lower).map(stretch),
            upper: limit(scaled + reach).and_then(|b| b.upper).map(stretch),
        };
        let tails = less.zip(greater).and_then(|(less, greater)| Tails::new(less, greater));
        let estimate = self.estimate(Some(scaled), bounds, Method::HoeffdingBentkus, Some(n));
        let shortfall = tails.is_none().then_some(Shortfall::TooFew);
        Self::done(estimate, tails, shortfall, None)
    }

    fn stderr(&self, value: f64, stderr: f64, n: Option<u64>) -> Assessment {
        let proportion =
            self.bound.unit.dimension == Dimension::Fraction && value_type(self.bound) != ValueType::Mean;
        if let (true, Some(n)) = (proportion && value > 0.0 && value < 1.0, n) {
            return self.effective_n(value, stderr, n);
        }
        let (value, stderr) = (value * self.bound.scale, stderr * self.bound.scale);
        let t = self.bound.threshold;
        let (tails, bounds) = match n.map(|n| n.saturating_sub(1) as f64) {
            Some(df) => (mean::t_tails(value, stderr, df, t), mean::t_bounds(value, stderr, df, self.alpha)),
            None => {
                let split = normal::normal_split((value - t) / stderr);
                let z = normal::normal_upper_quantile(self.alpha);
                (
                    split.and_then(|split| Tails::new(split.lower, split.upper)),
                    z.map(|z| Bounds::new(value - z * stderr, value + z * stderr)),
                )
            }
        };
        let shortfall = tails.is_none().then_some(Shortfall::TooFew);
        let estimate =
            self.estimate(Some(value), bounds.unwrap_or(Bounds::UNBOUNDED), Method::StatedError, n);
        Self::done(estimate, tails, shortfall, None)
    }

    /// A proportion with a standard error is worth p(1-p)/se^2 samples, never more than it had (Korn and Graubard 1998).
    fn effective_n(&self, p: f64, stderr: f64, n: u64) -> Assessment {
        let size = (p * (1.0 - p) / (stderr * stderr)).min(n as f64);
        let tails = proportion::exact_tails(p * size, size, self.bound.threshold);
        let bounds = proportion::clopper_pearson(p * size, size, self.alpha).unwrap_or(Bounds::UNBOUNDED);
        let shortfall = tails.is_none().then_some(Shortfall::TooFew);
        Self::done(self.estimate(Some(p), bounds, Method::EffectiveN, Some(n)), tails, shortfall, None)
    }

    /// Limits of somebody else's making say something at their own confidence, and nothing at a higher one.
    fn interval(
        &self,
        value: Option<f64>,
        lower: Option<f64>,
        upper: Option<f64>,
        confidence: f64,
        n: Option<u64>,
    ) -> Assessment {
        let scale = |limit: f64| self.bound.scaled(limit);
        let (lower, upper, t) = (lower.map(scale), upper.map(scale), self.bound.threshold);
        // 1 - 0.95 is a little more than 0.05 in binary.
        let own = ((1.0 - confidence) * 1e12).round() / 1e12;
        let p = |clears: bool| if clears { own } else { 1.0 };
        let tails = Tails::new(p(upper.is_some_and(|u| u < t)), p(lower.is_some_and(|l| l > t)));
        let mut estimate =
            self.estimate(value.map(scale), Bounds { lower, upper }, Method::StatedInterval, n);
        estimate.confidence = confidence;
        Self::done(estimate, tails, None, None)
    }

    fn point(&self, value: f64, n: Option<u64>, settings: &Settings) -> Assessment {
        let scaled = self.bound.scaled(value);
        let mut estimate = self.estimate(Some(scaled), Bounds::UNBOUNDED, Method::Point, n);
        // No interval at all: showing the metric's bounds would look like one.
        (estimate.lower, estimate.upper) = (None, None);
        (estimate.unbounded_below, estimate.unbounded_above) = (false, false);
        let holds = self.bound.comparator.holds(scaled, self.bound.threshold);
        let accepted = settings.point_estimates == PointEstimates::Accept;
        Assessment {
            estimate,
            tails: None,
            shortfall: (!accepted).then_some(Shortfall::NoUncertainty),
            fact: accepted.then_some((holds, holds)),
            needed: None,
            levels: None,
        }
    }
}
