//! Both releases answer the same request: shadow traffic.

use super::capital::Capital;
use super::change::Excess;
use super::{ChangeLimit, Purpose};

/// Whether the candidate's mean exceeds (is within) a limit on its change, from answers of both to one request.
///
/// `D = c - R s` for a ratio limit `R` (`ChangeLimit::Increase(R - 1)`); `E = mean over g of product of 1 + g D/(R cap)` for a
/// fail, `1 - g D/cap` for a pass; the other limits as in [`super::blocks`]. Rates are values of 0 and 1 with `cap` 1. Both
/// answers may be bad together more often than by chance, which [`super::which_arm`] on discordant pairs covers for `R = 1`
/// only (with weight 1/2); this covers it for every limit.
///
/// Source: Waudby-Smith & Ramdas 2024.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairBetting {
    capital: Capital<7>,
    purpose: Purpose,
    excess: Excess,
    cap: f64,
    n: u64,
}

impl PairBetting {
    /// Evidence that the change is beyond `limit`, for values in `[0, cap]`. `None` where `limit` is outside its range or
    /// `cap` is not positive and finite.
    #[must_use]
    pub fn fail(limit: ChangeLimit, cap: f64) -> Option<Self> {
        Self::new(Purpose::Fail, limit, cap)
    }

    /// Evidence that the change of the capped means is within `limit`; otherwise as [`PairBetting::fail`].
    #[must_use]
    pub fn pass(limit: ChangeLimit, cap: f64) -> Option<Self> {
        Self::new(Purpose::Pass, limit, cap)
    }

    fn new(purpose: Purpose, limit: ChangeLimit, cap: f64) -> Option<Self> {
        let excess = Excess::new(limit, cap)?;
        Some(Self { capital: Capital::new(purpose), purpose, excess, cap, n: 0 })
    }

    /// The values of both answers. `None`, without a change, where one is negative or not finite.
    pub fn record(&mut self, candidate: f64, stable: f64) -> Option<()> {
        if ![candidate, stable].iter().all(|value| *value >= 0.0 && value.is_finite()) {
            return None;
        }
        self.n = self.n.saturating_add(1);
        let (candidate, stable) = (candidate.min(self.cap), stable.min(self.cap));
        self.capital.bet(match self.purpose {
            Purpose::Fail => self.excess.above(candidate, stable),
            Purpose::Pass => self.excess.below(candidate, stable),
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

    /// Pairs so far.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }
}
