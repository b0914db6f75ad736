//! A value with a standard error: what it shows of a mean between two ends, and of one without.

use crate::evidence::Figure;
use crate::metric::estimate::{Assumed, Assumptions, Method, Shortfall};
use crate::metric::quantity::{Claim, Quantity};
use crate::metric::values::Range;
use crate::stats::beta::UnitNumber;
use crate::stats::binomial::binomial_split;
use crate::stats::{Bounds, SampleMean, Tails, proportion};

/// Against Gaffke's bound on raw data the formula fell to .913 of its p-value at worst.
const MARGIN: f64 = 1.1;

/// What is stated of the spread.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spread {
    /// Its standard error, of so many independent units: samples, or clusters where they are stated.
    Error {
        /// The standard error, not scaled.
        stderr: f64,
        /// Units; unknown where nothing says it.
        units: Option<u64>,
    },
    /// Nothing but the number of samples.
    Any {
        /// Samples.
        units: u64,
    },
}

/// A value with its standard error.
pub(super) struct StatedError {
    value: f64,
    shown: Shown,
}

/// What it is judged by.
enum Shown {
    /// Between two ends.
    Bounded { less: Worst, greater: Worst, ends: (f64, f64) },
    /// Without ends: Student's t.
    Open(SampleMean),
}

/// A mean between 0 and 1 that a share `a` of certainty is taken off of, and then at most `k` of `n` events.
#[derive(Debug, Clone, Copy)]
struct Worst {
    a: f64,
    k: f64,
    n: f64,
}

impl Worst {
    /// Of `n` units with the mean `v` and the variance `s2`, or the largest that they can have.
    fn new(v: f64, s2: Option<f64>, n: f64) -> Self {
        let whole = |k: f64| (k - 1e-9).ceil().clamp(0.0, n);
        let bad = (1.0 - v).powi(2);
        let share = match s2 {
            Some(s2) if s2 + bad > 0.0 => s2 / (s2 + bad),
            _ => v,
        };
        let k = whole(n * share);
        let a = if k < n { ((v - k / n) / (1.0 - k / n)).max(0.0) } else { 0.0 };
        if a > 0.0 { Self { a, k, n } } else { Self { a: 0.0, k: whole(n * v), n } }
    }

    /// The p-value of "less than `t`".
    fn p(self, t: f64) -> Option<f64> {
        if self.k >= self.n || t <= self.a {
            return Some(1.0);
        }
        let t = UnitNumber::new(((t - self.a) / (1.0 - self.a)).clamp(0.0, 1.0))?;
        Some((MARGIN * binomial_split(self.k, self.n, t)?.lower).min(1.0))
    }

    fn upper(self, alpha: f64) -> Option<f64> {
        let limits = proportion::clopper_pearson(self.k, self.n, alpha / MARGIN)?;
        let upper = limits.upper.filter(|_| self.k < self.n)?;
        Some((1.0 - self.a).mul_add(upper, self.a))
    }
}

impl StatedError {
    /// `None` where the number of samples is not known and cannot be told from the error.
    pub(super) fn new(value: &Figure, spread: Spread, scale: f64, range: Range) -> Option<Self> {
        let scaled = value.value * scale;
        let (Some(low), Some(high)) = range else {
            let Spread::Error { stderr, units } = spread else { return None };
            // Without a number of samples the error is taken for exact.
            let df = units.map_or(1e9, |units| units as f64 - 1.0);
            let mean = SampleMean { value: scaled, variance: (stderr * scale).powi(2), df };
            return (df > 0.0).then_some(Self { value: scaled, shown: Shown::Open(mean) });
        };
        // Value and error as they may have been before they were rounded, to the bad side of either claim.
        let unit = |x: f64| ((x - low) / (high - low)).clamp(0.0, 1.0);
        let reach = value.half_unit() * scale.abs();
        let (above, below) = (unit(scaled + reach), 1.0 - unit(scaled - reach));
        let middle = unit(scaled);
        let largest = middle * (1.0 - middle);
        let (s2, n) = match spread {
            Spread::Any { units } => (None, units as f64),
            Spread::Error { stderr, units } => {
                let variance = (stderr * scale.abs() / (high - low)).powi(2);
                // Nothing between two ends spreads more than 0 and 1: so few samples at least, or so few at most.
                let worth = (largest / variance * (1.0 + 1e-12)).floor();
                match units {
                    Some(units) if units as f64 * variance <= largest => {
                        (Some(units as f64 * variance), units as f64)
                    }
                    Some(units) => (None, worth.min(units as f64)),
                    None => (None, worth),
                }
            }
        };
        if n < 1.0 {
            return None;
        }
        let (less, greater) = (Worst::new(above, s2, n), Worst::new(below, s2, n));
        Some(Self { value: scaled, shown: Shown::Bounded { less, greater, ends: (low, high) } })
    }
}

impl Quantity for StatedError {
    fn method(&self) -> Method {
        Method::StatedError
    }

    fn value(&self) -> Option<f64> {
        Some(self.value)
    }

    fn limits(&self, alpha: f64) -> Bounds {
        match &self.shown {
            Shown::Bounded { less, greater, ends: (low, high) } => {
                let stretched = |unit: f64| (high - low).mul_add(unit, *low);
                Bounds {
                    lower: greater.upper(alpha).map(|limit| stretched(1.0 - limit)),
                    upper: less.upper(alpha).map(stretched),
                }
            }
            Shown::Open(mean) => mean.bounds(alpha).unwrap_or(Bounds::UNBOUNDED),
        }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        match &self.shown {
            Shown::Bounded { less, greater, ends: (low, high) } => {
                let t = ((claim.t - low) / (high - low)).clamp(0.0, 1.0);
                Tails::new(less.p(t)?, greater.p(1.0 - t)?)
            }
            Shown::Open(mean) => mean.tails(claim.t),
        }
    }

    fn assumptions(&self) -> Assumptions {
        Assumptions::both(Assumed { spread_seen: true, ..Assumed::default() })
    }

    fn shortfall(&self) -> Option<Shortfall> {
        None
    }
}
