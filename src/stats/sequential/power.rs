//! What a fail will see, beforehand: exactly, by following every course that the counts can take.

mod crossing;

use crossing::Crossing;

use super::betting::RISKS;
use super::mixture::{ABOVE, RateBet};
use super::which_arm::share;

/// The chance of a fail at `detect` with which a step has seen enough.
pub const ENOUGH: f64 = 0.8;

/// Records or bad events that are looked ahead at most.
const MOST: u64 = 4_000_000;
/// Binomial chances below this part of the largest are left out.
const NOTHING: f64 = 1e-17;

/// What a fail of [`super::Mixture`] sees where the rate is so much.
#[derive(Debug, Clone, PartialEq)]
pub struct RatePower {
    bets: [RateBet; 8],
    rate: f64,
    threshold: f64,
}

impl RatePower {
    /// A true `rate` against `limit`; the capital is held against `threshold` (a natural logarithm, such as
    /// [`super::enough_threshold`]). `None` unless `0 < limit < rate <= 1` and `threshold > 0`.
    #[must_use]
    pub fn new(limit: f64, rate: f64, threshold: f64) -> Option<Self> {
        let sound = limit > 0.0 && limit < rate && rate <= 1.0 && limit < 1.0;
        let bets = RateBet::above(limit);
        let finite = threshold > 0.0 && threshold.is_finite() && bets.iter().all(|bet| bet.event.is_finite());
        (sound && finite).then_some(Self { bets, rate, threshold })
    }

    /// The chance that so many records, looked at after each, have failed. A lower bound above 4,000,000 records, or where
    /// following them all takes longer than about a second.
    #[must_use]
    pub fn chance(&self, records: u64) -> f64 {
        self.crossing().take(records as usize).last().unwrap_or(0.0)
    }

    /// The least number of records with which a fail has the chance `chance`. `None` where it is above 4,000,000, or where
    /// finding it takes longer than about a second.
    #[must_use]
    pub fn records(&self, chance: f64) -> Option<u64> {
        Some(self.crossing().position(|seen| seen >= chance)? as u64 + 1)
    }

    fn crossing(&self) -> Crossing<'_> {
        Crossing::new(&self.bets, self.rate, self.threshold, MOST)
    }
}

/// What a fail of [`super::WhichArm`] sees within one step, where the candidate's rate is so many times the stable one.
#[derive(Debug, Clone, PartialEq)]
pub struct RatioPower {
    weight: f64,
    harm: f64,
    /// The chance of a fail after 1, 2, ... bad events of both arms.
    seen: Vec<f64>,
}

impl RatioPower {
    /// A true ratio `harm` against the limit `ratio`, with the share `weight` of the traffic; the capital of the step alone
    /// is held against `threshold` (a natural logarithm, such as [`super::enough_threshold`]).
    ///
    /// `None` unless `0 < weight < 1`, `0 < ratio < harm` and `threshold > 0`.
    #[must_use]
    pub fn new(weight: f64, ratio: f64, harm: f64, threshold: f64) -> Option<Self> {
        let sound = weight > 0.0 && weight < 1.0 && ratio > 0.0 && ratio < harm && harm.is_finite();
        if !(sound && threshold > 0.0 && threshold.is_finite()) {
            return None;
        }
        let limit = share(weight, ratio);
        let bets = ABOVE.map(|r| RateBet::new(share(weight, ratio * r), limit));
        Self::of((weight, harm), &bets, threshold)
    }

    /// The same of [`super::PairBetting`], where both answer every request: of answers that are bad for one of them only. Where
    /// both are bad together more often than by chance, fewer are needed.
    ///
    /// `None` unless `0 < ratio < harm` and `threshold > 0`.
    #[must_use]
    pub fn of_pairs(ratio: f64, harm: f64, threshold: f64) -> Option<Self> {
        let sound = ratio > 0.0 && ratio < harm && harm.is_finite();
        if !(sound && threshold > 0.0 && threshold.is_finite()) {
            return None;
        }
        let bets = RISKS.map(|g| RateBet { event: (g / ratio).ln_1p(), none: (-g).ln_1p() });
        Self::of((0.5, harm), &bets, threshold)
    }

    fn of((weight, harm): (f64, f64), bets: &[RateBet], threshold: f64) -> Option<Self> {
        if !bets.iter().all(|bet| bet.event.is_finite() && bet.none.is_finite()) {
            return None;
        }
        // As good as certain: what follows changes no figure.
        let mut certain = false;
        let seen = Crossing::new(bets, share(weight, harm), threshold, MOST)
            .take_while(|seen| !std::mem::replace(&mut certain, *seen > 0.999_999))
            .collect();
        Some(Self { weight, harm, seen })
    }

    /// The least number of bad events of both arms with which a fail has the chance `chance`. `None` as in
    /// [`RatePower::records`].
    #[must_use]
    pub fn bad_events(&self, chance: f64) -> Option<u64> {
        Some(self.seen.iter().position(|seen| *seen >= chance)? as u64 + 1)
    }

    /// The chance that so many requests of both arms have failed, where the stable rate of bad events is `stable_rate`.
    /// `None` unless `0 < stable_rate` and the candidate's rate is at most 1.
    #[must_use]
    pub fn chance(&self, stable_rate: f64, requests: u64) -> Option<f64> {
        let bad = self.bad_rate(stable_rate)?;
        // From the most likely number outwards, in parts of its chance.
        let n = requests as f64;
        let mode = ((n + 1.0) * bad).floor().min(n);
        let (mut all, mut seen) = (0.0, 0.0);
        let mut add = |events: f64, chance: f64| {
            all += chance;
            seen += chance * self.after(events as usize);
            chance > NOTHING
        };
        let (mut events, mut chance) = (mode, 1.0);
        while add(events, chance) && events < n {
            chance *= (n - events) / (events + 1.0) * (bad / (1.0 - bad));
            events += 1.0;
        }
        (events, chance) = (mode, 1.0);
        while events > 0.0 {
            chance *= events / (n - events + 1.0) * ((1.0 - bad) / bad);
            events -= 1.0;
            if !add(events, chance) {
                break;
            }
        }
        Some(seen / all)
    }

    /// The least number of requests of both arms with which a fail has the chance `chance`, to one part in a thousand;
    /// `None` where it is above 1e12, the events are too many to follow, or as in [`RatioPower::chance`].
    #[must_use]
    pub fn requests(&self, stable_rate: f64, chance: f64) -> Option<u64> {
        let events = self.bad_events(chance)?;
        let enough = |requests: u64| self.chance(stable_rate, requests).is_some_and(|seen| seen >= chance);
        let mut high = (events as f64 / self.bad_rate(stable_rate)?).ceil().max(1.0);
        while !enough(high as u64) {
            high *= 1.5;
            if high > 1e12 {
                return None;
            }
        }
        let mut low = 0.0;
        while high - low > (high / 1000.0).max(1.0) {
            let middle = f64::midpoint(low, high).floor();
            if enough(middle as u64) { high = middle } else { low = middle }
        }
        Some(high as u64)
    }

    /// The rate of bad events over both arms.
    fn bad_rate(&self, stable_rate: f64) -> Option<f64> {
        let candidate = stable_rate * self.harm;
        let sound = stable_rate > 0.0 && candidate <= 1.0;
        let bad = self.weight * candidate + (1.0 - self.weight) * stable_rate;
        (sound && bad < 1.0).then_some(bad)
    }

    /// The chance of a fail after so many bad events.
    fn after(&self, events: usize) -> f64 {
        let at = events.checked_sub(1).map(|last| last.min(self.seen.len().saturating_sub(1)));
        at.and_then(|at| self.seen.get(at)).copied().unwrap_or(0.0)
    }
}
