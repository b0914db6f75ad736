//! A mean against the stable release's at the same time.

use serde::{Deserialize, Serialize};

use super::capital::Capital;
use super::change::Excess;
use super::runs::{Runs, mean};
use super::{Arm, ChangeLimit, NumberProcess, Purpose};

/// Whether the candidate's mean exceeds (is within) a limit on its change against the stable release's.
///
/// Blocks of the two arms stand side by side, so that swings over the day cancel. For every part of a block `D` is what
/// the candidate's mean has beyond the limit: `c - (1+m) s` for an increase, `(1-m) s - c` for a decrease, `c - s - m` and
/// `s - c - m` for points. `E = mean over g of product of 1 + g D/d` for a fail and `1 - g D/h` for a pass, where `-d <= D <= h`
/// for values in `[0, cap]`: `d = (1+m) cap`, `h = cap` for an increase. `D` is linear in both means, so its mean is at most 0
/// whatever the lengths of the runs.
///
/// A block is a run of candidate records with the halves next to it of the stable runs before and after it, so that a
/// level that rises or falls favours neither; it is complete at the first candidate record after a stable run, and is cut
/// into as many parts as it has values of the rarer arm. Empty blocks: a candidate run to which no stable value falls is left
/// out. Of a run the first 16 and the last 16 values count. As in [`super::betting`], the signal is the mean of values cut at
/// `cap`.
///
/// Source: Waudby-Smith & Ramdas 2024 for the bets; the blocks as in Turner, Ly & Grünwald, *Generic e-variables for exact
/// sequential k-sample tests* (2024).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockBetting {
    capital: Capital<7>,
    purpose: Purpose,
    excess: Excess,
    cap: f64,
    runs: Runs,
    blocks: u64,
}

impl BlockBetting {
    /// Evidence that the change is beyond `limit`, for values in `[0, cap]`. `None` where `limit` is outside its range or
    /// `cap` is not positive and finite.
    #[must_use]
    pub fn fail(limit: ChangeLimit, cap: f64) -> Option<Self> {
        Self::new(Purpose::Fail, limit, cap)
    }

    /// Evidence that the change of the capped means is within `limit`; otherwise as [`BlockBetting::fail`].
    #[must_use]
    pub fn pass(limit: ChangeLimit, cap: f64) -> Option<Self> {
        Self::new(Purpose::Pass, limit, cap)
    }

    fn new(purpose: Purpose, limit: ChangeLimit, cap: f64) -> Option<Self> {
        let excess = Excess::new(limit, cap)?;
        Some(Self { capital: Capital::new(purpose), purpose, excess, cap, runs: Runs::default(), blocks: 0 })
    }

    /// One value. `None`, without a change, where it is negative or not finite.
    pub fn record(&mut self, arm: Arm, value: f64) -> Option<()> {
        if !(value >= 0.0 && value.is_finite()) {
            return None;
        }
        let Some(block) = self.runs.record(arm, value.min(self.cap)) else { return Some(()) };
        for part in block.parts() {
            self.blocks += 1;
            let (candidate, stable) = (mean(part.candidate), mean(part.stable));
            self.capital.bet(match self.purpose {
                Purpose::Fail => self.excess.above(candidate, stable),
                Purpose::Pass => self.excess.below(candidate, stable),
            });
        }
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

    /// Parts of blocks that were bet on.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.blocks
    }
}

impl NumberProcess for BlockBetting {
    fn record(&mut self, arm: Arm, value: f64) -> Option<()> {
        Self::record(self, arm, value)
    }

    fn evidence(&self) -> f64 {
        Self::evidence(self)
    }
}
