//! A mean against a level.

use serde::{Deserialize, Serialize};

use super::capital::{Capital, log_mean_exp};
use super::{Arm, NumberProcess, Purpose};

/// The parts of its capital that each bet risks.
pub(super) const RISKS: [f64; 7] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];

impl Capital<7> {
    /// Bets that `y` is positive, where `y >= -1` and its mean is at most 0 under the claim: `1 + g y` for every `g`.
    pub(super) fn bet(&mut self, y: f64) {
        self.multiply(RISKS.map(|risk| factor(risk, y)));
    }
}

/// Gains beyond this are cut: no number overflows, and what is cut only lowers a capital.
const MOST: f64 = 1e30;

/// `1 + g y`; rounding does not take more than everything.
pub(super) fn factor(risk: f64, y: f64) -> f64 {
    1.0 + risk * y.clamp(-1.0, MOST)
}

/// Whether the mean of values in `[0, cap]` is above a limit (or below it). Values above the cap count as the cap.
///
/// `E = mean over g of product of 1 + g (x - T)/T` for a fail, `1 + g (T - x)/(cap - T)` for a pass, with `g` = .01, .02, .05,
/// .1, .2, .4, .8. **The signal is the mean of the capped values**: a fail is sound for the mean itself, a pass is not, so
/// what lies above the cap is a rate of its own that has to pass too.
///
/// Source: Waudby-Smith & Ramdas, *Estimating means of bounded random variables by betting*, JRSS B 86 (2024), section 4,
/// with a fixed grid of bets (their "diversified" capital).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Betting {
    capital: Capital<7>,
    purpose: Purpose,
    limit: f64,
    cap: f64,
    n: u64,
    above_cap: u64,
}

impl Betting {
    /// Evidence that the mean is above `limit`. `None` unless `0 < limit < cap`, both finite.
    #[must_use]
    pub fn fail(limit: f64, cap: f64) -> Option<Self> {
        Self::new(Purpose::Fail, limit, cap)
    }

    /// Evidence that the mean of the capped values is below `limit`. `None` unless `0 < limit < cap`, both finite.
    #[must_use]
    pub fn pass(limit: f64, cap: f64) -> Option<Self> {
        Self::new(Purpose::Pass, limit, cap)
    }

    fn new(purpose: Purpose, limit: f64, cap: f64) -> Option<Self> {
        let inside = limit > 0.0 && limit < cap && cap.is_finite();
        let capital = Capital::new(purpose);
        inside.then_some(Self { capital, purpose, limit, cap, n: 0, above_cap: 0 })
    }

    /// One value. `None`, without a change, where it is negative or not finite.
    pub fn record(&mut self, value: f64) -> Option<()> {
        if !(value >= 0.0 && value.is_finite()) {
            return None;
        }
        self.n = self.n.saturating_add(1);
        self.above_cap += u64::from(value > self.cap);
        let x = value.min(self.cap);
        self.capital.bet(match self.purpose {
            Purpose::Fail => (x - self.limit) / self.limit,
            Purpose::Pass => (self.limit - x) / (self.cap - self.limit),
        });
        Some(())
    }

    /// The present capital, as a natural logarithm.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        self.capital.log_e()
    }

    /// What a decision takes: the highest capital of a fail, the present one of a pass; a natural logarithm.
    #[must_use]
    pub fn evidence(&self) -> f64 {
        self.capital.evidence()
    }

    /// Values so far.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Values above the cap so far.
    #[must_use]
    pub fn above_cap(&self) -> u64 {
        self.above_cap
    }
}

/// Values of the stable release say nothing about a level.
impl NumberProcess for Betting {
    fn record(&mut self, arm: Arm, value: f64) -> Option<()> {
        match arm {
            Arm::Candidate => Self::record(self, value),
            Arm::Stable => Some(()),
        }
    }

    fn evidence(&self) -> f64 {
        Self::evidence(self)
    }
}

/// The formula of a fail for bets of one's own: `ln` of the mean over `risks` of the product of `1 + g (x - T)/T`; evidence that
/// the mean is above `limit`.
///
/// `None` for values that are negative or not finite, without risks or with one outside `[0, 1)`, or unless `limit` is
/// positive and finite.
#[must_use]
pub fn log_capital_above(values: &[f64], limit: f64, risks: &[f64]) -> Option<f64> {
    let sound = limit > 0.0 && limit.is_finite() && values.iter().all(|value| *value >= 0.0);
    if sound { log_capital(values, risks, |x| (x - limit) / limit) } else { None }
}

/// The same of a pass, for values in `[0, cap]`: `1 + g (T - x)/(cap - T)`; evidence that the mean is below `limit`.
///
/// `None` as in [`log_capital_above`], for values above `cap`, or unless `0 <= limit < cap`.
#[must_use]
pub fn log_capital_below(values: &[f64], limit: f64, cap: f64, risks: &[f64]) -> Option<f64> {
    let sound = limit >= 0.0 && limit < cap && values.iter().all(|value| *value <= cap);
    if sound { log_capital(values, risks, |x| (limit - x) / (cap - limit)) } else { None }
}

fn log_capital(values: &[f64], risks: &[f64], y: impl Fn(f64) -> f64) -> Option<f64> {
    let sound = !risks.is_empty() && risks.iter().all(|risk| (0.0..1.0).contains(risk));
    let log = |risk: &f64| values.iter().map(|x| (risk * y(*x)).ln_1p()).sum::<f64>();
    let log = log_mean_exp(risks.iter().map(log));
    (sound && log.is_finite()).then_some(log)
}
