//! Both releases answer the same request: shadow traffic.

use serde::{Deserialize, Serialize};

use super::auc::{BlockAuc, position};
use super::capital::Capital;
use super::change::Excess;
use super::{ChangeLimit, Purpose};

/// A state that is fed what both releases answered to one request.
///
/// [`super::replay`] plays pairs through whatever implements it.
pub trait PairProcess: Clone {
    /// Feeds the values of both answers. `None`, without a change, where one cannot be counted.
    fn record(&mut self, candidate: f64, stable: f64) -> Option<()>;
    /// The evidence so far, as a natural logarithm.
    fn evidence(&self) -> f64;
}

/// Whether the candidate's mean exceeds (is within) a limit on its change, from answers of both to one request.
///
/// `D = c - R s` for a ratio limit `R` (`ChangeLimit::Increase(R - 1)`); `E = mean over g of product of 1 + g D/(R cap)` for a
/// fail, `1 - g D/cap` for a pass; the other limits as in [`super::blocks`]. Rates are values of 0 and 1 with `cap` 1. Both
/// answers may be bad together more often than by chance, which [`super::which_arm`] on discordant pairs covers for `R = 1`
/// only (with weight 1/2); this covers it for every limit.
///
/// Source: Waudby-Smith & Ramdas 2024.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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

impl PairProcess for PairBetting {
    fn record(&mut self, candidate: f64, stable: f64) -> Option<()> {
        Self::record(self, candidate, stable)
    }

    fn evidence(&self) -> f64 {
        Self::evidence(self)
    }
}

/// Whether the candidate's values are larger or smaller, from answers of both to one request.
///
/// [`PairRanks::signs`] asks of each pair which value is the larger one, ties as half: what all requests have in common does
/// not blur it. [`PairRanks::crossed`] asks how far apart the two releases are whatever is requested, the AUC: of two pairs
/// each candidate value is compared with the stable one of the other request, and each pair is used once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairRanks {
    auc: BlockAuc,
    crossed: bool,
    /// The pair that waits for the next one.
    open: Option<(f64, f64)>,
}

impl PairRanks {
    /// Bets of `auc` on the sign of each pair.
    #[must_use]
    pub fn signs(auc: BlockAuc) -> Self {
        Self { auc, crossed: false, open: None }
    }

    /// Bets of `auc` on answers to different requests.
    #[must_use]
    pub fn crossed(auc: BlockAuc) -> Self {
        Self { auc, crossed: true, open: None }
    }
}

impl PairProcess for PairRanks {
    fn record(&mut self, candidate: f64, stable: f64) -> Option<()> {
        if !(candidate.is_finite() && stable.is_finite()) {
            return None;
        }
        if !self.crossed {
            self.auc.bet(position(candidate, &[stable]));
            return Some(());
        }
        match self.open.take() {
            None => self.open = Some((candidate, stable)),
            Some((earlier, beside)) => {
                self.auc.bet(f64::midpoint(position(candidate, &[beside]), position(earlier, &[stable])));
            }
        }
        Some(())
    }

    fn evidence(&self) -> f64 {
        self.auc.evidence()
    }
}
