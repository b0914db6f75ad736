//! A mean against a level.

use super::capital::Capital;
use super::{Arm, NumberProcess, Purpose};

/// The parts of its capital that each bet risks.
pub(super) const RISKS: [f64; 7] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];

impl Capital<7> {
    /// Bets that `y` is positive, where `y >= -1` and its mean is at most 0 under the claim: `1 + g y` for every `g`.
    pub(super) fn bet(&mut self, y: f64) {
        // Rounding must not take more than everything.
        let y = y.max(-1.0);
        self.multiply(RISKS.map(|risk| 1.0 + risk * y));
    }
}

/// Whether the mean of values in `[0, cap]` is above a limit (or below it). Values above the cap count as the cap.
///
/// `E = mean over g of product of 1 + g (x - T)/T` for a fail, `1 + g (T - x)/(cap - T)` for a pass, with `g` = .01, .02, .05,
/// .1, .2, .4, .8. **The signal is the mean of the capped values**: a fail is sound for the mean itself, a pass is not, so
/// what lies above the cap is a rate of its own that has to pass too.
///
/// Source: Waudby-Smith & Ramdas, *Estimating means of bounded random variables by betting*, JRSS B 86 (2024), section 4,
/// with a fixed grid of bets (their "diversified" capital).
#[derive(Debug, Clone, Copy, PartialEq)]
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
