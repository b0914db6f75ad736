//! Whether units are split as meant.

use serde::{Deserialize, Serialize};

use super::Arm;

/// How many units the prior is worth.
const PRIOR: f64 = 200.0;

/// Evidence that the candidate's share of units is not `w`, either way.
///
/// `E = B(200w + c, 200(1-w) + s) / B(200w, 200(1-w)) / (w^c (1-w)^s)` for `c` and `s` units: the share drawn from a beta
/// density around `w` against `w` itself. Fed the first request of each unit in a step, held against `ln(1/.001)` a step.
///
/// Source: Lindon & Malek 2022 (their test of a sample ratio); the beta-binomial mixture of Howard & Ramdas et al. 2021.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SplitCheck {
    weight: f64,
    candidate: u64,
    stable: u64,
    log_e: f64,
    highest: f64,
}

impl SplitCheck {
    /// False alarms that are allowed in a step.
    pub const ALPHA: f64 = 0.001;

    /// No units yet; `weight` is the candidate's share that is meant. `None` unless `0 < weight < 1`.
    #[must_use]
    pub fn new(weight: f64) -> Option<Self> {
        let inside = weight > 0.0 && weight < 1.0;
        inside.then_some(Self { weight, candidate: 0, stable: 0, log_e: 0.0, highest: 0.0 })
    }

    /// The first request of a unit.
    pub fn unit(&mut self, arm: Arm) {
        let all = PRIOR + (self.candidate + self.stable) as f64;
        let (meant, seen) = match arm {
            Arm::Candidate => (self.weight, &mut self.candidate),
            Arm::Stable => (1.0 - self.weight, &mut self.stable),
        };
        self.log_e += ((PRIOR * meant + *seen as f64) / all / meant).ln();
        *seen += 1;
        self.highest = self.highest.max(self.log_e);
    }

    /// The present capital, as a natural logarithm.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        self.log_e
    }

    /// What a decision takes: the highest capital, as a natural logarithm.
    #[must_use]
    pub fn evidence(&self) -> f64 {
        self.highest
    }

    /// Units of the candidate and of the stable release so far.
    #[must_use]
    pub fn units(&self) -> super::ArmCounts {
        super::ArmCounts { candidate: self.candidate, stable: self.stable }
    }
}
