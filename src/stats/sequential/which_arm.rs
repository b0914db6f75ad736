//! A rate against the stable release's at the same time, from bad events alone.

use serde::{Deserialize, Serialize};

use super::capital::log_mean_exp;
use super::mixture::{ABOVE, BELOW, RateBet};
use super::{Arm, Purpose};

/// How many bad events each arm had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ArmCounts {
    /// The candidate's.
    pub candidate: u64,
    /// The stable release's.
    pub stable: u64,
}

/// A step of the rollout: its bets on the candidate's share of the bad events, and those events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct WeighedStep {
    /// None where one arm has all the traffic: a bad event there says nothing about the other.
    bets: Option<Vec<RateBet>>,
    counts: ArmCounts,
}

impl WeighedStep {
    fn log(&self, bet: usize) -> f64 {
        let bet = self.bets.as_ref().and_then(|bets| bets.get(bet));
        bet.map_or(0.0, |bet| bet.log(self.counts.candidate as f64, self.counts.stable as f64))
    }
}

/// Whether the candidate's rate of bad events is more (less) than `R` times the stable release's.
///
/// While the candidate serves a share `w` of the traffic, a bad event is the candidate's with chance `q0 = wR/(wR + 1 - w)`
/// where its rate is exactly `R` times the stable one. Neither rates nor denominators are needed: swings over the day
/// cancel, and so does feedback that is late in both arms alike. For every ratio `r` of the grid of [`super::mixture`],
/// `L_r = product over steps (q/q0)^c ((1-q)/(1-q0))^s` with `q` the share at `R r`, `c` and `s` the bad events of the step.
///
/// - **Fail**: `E = mean over planned steps s of mean over r of the product from step s on`. Evidence of healthy first steps
///   does not mask harm that begins later; the number of steps is fixed beforehand.
/// - **Pass**: the product over all steps.
///
/// Bad events are independent given the past, or a unit is counted once: its first bad event in the whole rollout for a
/// fail. That rule depletes the arm that is worse, so a pass takes *another* state that is fed the units whose first day had
/// a bad event. Source: Lindon & Malek, *Anytime-valid inference for multinomial count data*, `NeurIPS` 2022; the grid as in
/// Howard & Ramdas et al. 2021.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhichArm {
    purpose: Purpose,
    steps: Vec<WeighedStep>,
    highest: f64,
}

impl WhichArm {
    /// Evidence that the candidate's rate is more than `ratio` times the stable one; `weights` are the candidate's shares
    /// of traffic in the planned steps, in order.
    ///
    /// `None` without steps, for a weight outside `[0, 1]`, or a ratio that is not positive and finite. A step with weight 0
    /// or 1 counts no evidence.
    #[must_use]
    pub fn fail(weights: &[f64], ratio: f64) -> Option<Self> {
        Self::new(Purpose::Fail, weights, ratio, &ABOVE)
    }

    /// Evidence that the candidate's rate is less than `ratio` times the stable one; otherwise as [`WhichArm::fail`].
    #[must_use]
    pub fn pass(weights: &[f64], ratio: f64) -> Option<Self> {
        Self::new(Purpose::Pass, weights, ratio, &BELOW)
    }

    fn new(purpose: Purpose, weights: &[f64], ratio: f64, grid: &[f64]) -> Option<Self> {
        let inside = weights.iter().all(|weight| (0.0..=1.0).contains(weight));
        if !inside || weights.is_empty() || !(ratio > 0.0 && ratio.is_finite()) {
            return None;
        }
        let step = |weight: &f64| {
            let limit = share(*weight, ratio);
            let bets = grid.iter().map(|r| RateBet::new(share(*weight, ratio * r), limit));
            let both = limit > 0.0 && limit < 1.0;
            let bets: Option<Vec<_>> = both.then(|| bets.collect());
            WeighedStep { bets, counts: ArmCounts::default() }
        };
        let steps: Vec<_> = weights.iter().map(step).collect();
        let bets = steps.iter().filter_map(|step| step.bets.as_ref()).flatten();
        let sound = bets.into_iter().all(|bet| bet.event.is_finite() && bet.none.is_finite());
        sound.then_some(Self { purpose, steps, highest: 0.0 })
    }

    /// A bad event of a record that was served in `step` (counted from 0), whenever it is told. `None`, without a change,
    /// where no such step was planned.
    pub fn bad_event(&mut self, step: usize, arm: Arm) -> Option<()> {
        let counts = &mut self.steps.get_mut(step)?.counts;
        match arm {
            Arm::Candidate => counts.candidate = counts.candidate.saturating_add(1),
            Arm::Stable => counts.stable = counts.stable.saturating_add(1),
        }
        // An event of the stable release only lowers the capital of a fail.
        if self.purpose == Purpose::Fail && arm == Arm::Candidate {
            self.highest = self.highest.max(self.log_e());
        }
        Some(())
    }

    /// A lot of bad events of `step` that is only known as counts, and is looked at once. `None` as in
    /// [`WhichArm::bad_event`].
    pub fn lot(&mut self, step: usize, events: ArmCounts) -> Option<()> {
        let counts = &mut self.steps.get_mut(step)?.counts;
        counts.candidate = counts.candidate.saturating_add(events.candidate);
        counts.stable = counts.stable.saturating_add(events.stable);
        if self.purpose == Purpose::Fail {
            self.highest = self.highest.max(self.log_e());
        }
        Some(())
    }

    /// The bad events of all steps, in their order, that are only known as counts, and are looked at once, together. `None`,
    /// without a change, for more steps than were planned.
    pub fn lots(&mut self, events: &[ArmCounts]) -> Option<()> {
        let steps = self.steps.get_mut(..events.len())?;
        for (step, events) in steps.iter_mut().zip(events) {
            step.counts.candidate = step.counts.candidate.saturating_add(events.candidate);
            step.counts.stable = step.counts.stable.saturating_add(events.stable);
        }
        if self.purpose == Purpose::Fail {
            self.highest = self.highest.max(self.log_e());
        }
        Some(())
    }

    /// The present capital, as a natural logarithm.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        let bets = match self.purpose {
            Purpose::Fail => ABOVE.len(),
            Purpose::Pass => BELOW.len(),
        };
        // Of the products from the last step on, from the one before on, ..., from the first on.
        let products = |bet: usize| {
            self.steps.iter().rev().scan(0.0, move |sum, step| {
                *sum += step.log(bet);
                Some(*sum)
            })
        };
        match self.purpose {
            Purpose::Fail => log_mean_exp((0..bets).flat_map(products)),
            Purpose::Pass => log_mean_exp((0..bets).filter_map(|bet| products(bet).last())),
        }
    }

    /// What a decision takes: the highest capital of a fail, the present one of a pass; a natural logarithm.
    #[must_use]
    pub fn evidence(&self) -> f64 {
        match self.purpose {
            Purpose::Fail => self.highest,
            Purpose::Pass => self.log_e(),
        }
    }

    /// The bad events of a step so far. `None` where no such step was planned.
    #[must_use]
    pub fn counts(&self, step: usize) -> Option<ArmCounts> {
        self.steps.get(step).map(|step| step.counts)
    }
}

/// The candidate's share of the bad events where it has the share `weight` of the traffic and `ratio` times the rate.
pub(super) fn share(weight: f64, ratio: f64) -> f64 {
    weight * ratio / (weight * ratio + (1.0 - weight))
}
