//! What lies above a cap: in a mean it counts as the cap, and how much of it there is is a rate of its own.

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};

use super::signal::Asked;
use crate::stats::sequential::{Arm, ChangeLimit, Mixture, WhichArm};

/// How many times the usual value a cap is where nobody declared it.
pub(super) const CAP: f64 = 10.0;
/// Few are so many values that, each as large as the cap, they move a mean by this part of what it may be moved by.
const PART: f64 = 0.5;
/// Few are at least and at most this share.
const FEWEST: f64 = 0.001;
const MOST: f64 = 0.05;
/// Of a level, few are this part of the share that alone would make the mean as large as its limit.
const PART_OF_LEVEL: f64 = 0.1;

/// The rate of one signal's values above its cap.
///
/// A mean passes only when its capped values show it, and when values above the cap are shown to be few or, beside the stable
/// release, no more frequent than its limit lets the mean be larger: where neither holds, the mean of the two capitals exceeds 1/a with
/// chance a at most. Beside the stable release it also fails where they are shown more frequent than that; of a level the
/// capped values show that already.
#[derive(Serialize, Deserialize)]
pub(super) struct AboveCap {
    /// Whether they are few.
    few: Mixture,
    few_limit: f64,
    /// How frequent they are beside the stable release's: a fail and a pass; none of a level.
    beside: Option<(WhichArm, WhichArm)>,
    /// Whether it is the stable release that must not have more of them: where large values are good.
    turned: bool,
    /// Of the side that must not have many: above the cap, and all.
    counted: (u64, u64),
}

impl AboveCap {
    /// None where no value can speak against the signal by being above its cap.
    pub(super) fn new(asked: Asked, cap: f64, weights: &[f64]) -> Option<Self> {
        let (few, ratio, turned) = match asked {
            Asked::Mean { limit, low: true, .. } => (PART_OF_LEVEL * limit / cap, None, false),
            Asked::Change { limit, .. } => {
                let (moved, turned) = match limit {
                    ChangeLimit::Increase(m) => (m, false),
                    ChangeLimit::IncreaseBy(m) => (m * CAP / cap, false),
                    ChangeLimit::Decrease(m) => (m, true),
                    ChangeLimit::DecreaseBy(m) => ((m * CAP / cap).min(0.9), true),
                };
                let ratio = if turned { 1.0 / (1.0 - moved) } else { 1.0 + moved };
                (PART * moved / CAP, Some(ratio), turned)
            }
            _ => return None,
        };
        let few_limit = few.clamp(FEWEST, MOST);
        let shares: Vec<f64> = weights.iter().map(|w| if turned { 1.0 - w } else { *w }).collect();
        let beside = match ratio {
            Some(ratio) => Some(WhichArm::fail(&shares, ratio).zip(WhichArm::pass(&shares, ratio))?),
            None => None,
        };
        Some(Self { few: Mixture::pass(few_limit)?, few_limit, beside, turned, counted: (0, 0) })
    }

    /// A value that counts, above the cap or not.
    pub(super) fn record(&mut self, step: usize, arm: Arm, is_above: bool) {
        let side = match (arm, self.turned) {
            (arm, false) => arm,
            (Arm::Candidate, true) => Arm::Stable,
            (Arm::Stable, true) => Arm::Candidate,
        };
        if side == Arm::Candidate {
            self.few.record(is_above);
            self.counted.0 += u64::from(is_above);
            self.counted.1 += 1;
        }
        if let (Some((fail, pass)), true) = (&mut self.beside, is_above) {
            fail.bad_event(step, side);
            pass.bad_event(step, side);
        }
    }

    /// The values of both answers to a request, above the cap or not.
    ///
    /// At half of the traffic each, the two factors `A > 1 > B` of a pair have a product below `A + B - 1`, so that the expected
    /// capital after a pair is at most one however often both are above together. The factor that lowers it comes first, as a
    /// fail takes the highest capital on the way.
    pub(super) fn pair(&mut self, step: usize, candidate: bool, stable: bool) {
        if self.turned {
            self.record(step, Arm::Candidate, candidate);
            self.record(step, Arm::Stable, stable);
        } else {
            self.record(step, Arm::Stable, stable);
            self.record(step, Arm::Candidate, candidate);
        }
    }

    /// The evidence of a fail, as a natural logarithm; 0 of a level.
    pub(super) fn fail(&self) -> f64 {
        self.beside.as_ref().map_or(0.0, |(fail, _)| fail.evidence())
    }

    /// The evidence of a pass.
    pub(super) fn pass(&self) -> f64 {
        let few = self.few.evidence();
        let Some((_, pass)) = &self.beside else { return few };
        let (low, high) = (few.min(pass.evidence()), few.max(pass.evidence()));
        high + (low - high).exp().ln_1p() - LN_2
    }

    /// How many there are, in words.
    pub(super) fn words(&self) -> String {
        let (above, all) = self.counted;
        let whose = if self.turned { " of the stable release" } else { "" };
        format!("{above} of {all} values{whose} lie above what counts in full")
    }

    /// What few are, in words.
    pub(super) fn few_words(&self) -> String {
        format!("fewer than {}%", (1e4 * self.few_limit).round() / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(limit: ChangeLimit, every: (usize, usize)) -> AboveCap {
        let mut above = AboveCap::new(Asked::Change { limit, cap: Some(1.0) }, 1.0, &[0.5]).unwrap();
        for i in 1..6000 {
            above.record(0, Arm::Candidate, i % every.0 == 0);
            above.record(0, Arm::Stable, i % every.1 == 0);
        }
        above
    }

    #[test]
    fn few_or_no_more_than_the_stable_release_has_pass_and_more_fail() {
        let increase = ChangeLimit::Increase(0.2);
        let none = usize::MAX;
        assert!(fed(increase, (none, none)).pass() > 3.0);
        assert!(fed(increase, (500, none)).pass() > 3.0);
        // Many, and as many as the stable release's, or half as many.
        assert!(fed(increase, (40, 40)).pass() < 3.0);
        assert!(fed(increase, (40, 10)).pass() > 3.0);
        let more = fed(increase, (20, 60));
        assert!(more.fail() > 5.0 && more.pass() < 0.0);
        assert_eq!(more.words(), "299 of 5999 values lie above what counts in full");
        assert_eq!(more.few_words(), "fewer than 1%");
    }

    #[test]
    fn where_large_values_are_good_the_stable_release_must_not_have_more() {
        let decrease = ChangeLimit::Decrease(0.2);
        assert!(fed(decrease, (20, 60)).pass() > 3.0);
        let fewer = fed(decrease, (60, 20));
        assert!(fewer.fail() > 5.0 && fewer.pass() < 0.0);
        assert_eq!(fewer.words(), "299 of 5999 values of the stable release lie above what counts in full");
    }

    /// As many above the cap as the limit allows, and not few: a look at each record passes wrongly in 5 % of runs at most.
    #[test]
    fn at_the_limit_a_pass_is_rare() {
        let mut state = 7_u64;
        let mut happens = |chance: f64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64) < chance * (1_u64 << 53) as f64
        };
        let mut wrong = 0;
        for _ in 0..300 {
            let limit = ChangeLimit::Increase(0.2);
            let mut above = AboveCap::new(Asked::Change { limit, cap: Some(1.0) }, 1.0, &[0.5]).unwrap();
            let passes = (0..6000).any(|_| {
                let arm = if happens(0.5) { Arm::Candidate } else { Arm::Stable };
                let rate = if arm == Arm::Candidate { 0.012 } else { 0.01 };
                above.record(0, arm, happens(rate));
                above.pass() >= 20.0_f64.ln()
            });
            wrong += u32::from(passes);
        }
        assert!(wrong <= 15, "{wrong} of 300");
    }
}
