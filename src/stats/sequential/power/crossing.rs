//! When the capital of counted events crosses a threshold, over all courses that the count can take.

use super::super::capital::log_mean_exp;
use super::super::mixture::RateBet;

/// Chances below this are dropped at the low end: `MOST` of them do not add up to a visible figure.
const NEGLIGIBLE: f64 = 1e-22;
/// Chances that are moved before the search ends: about a second's work.
const WORK: u64 = 400_000_000;

/// The chance that the capital has reached the threshold after 1, 2, 3, ... trials, each an event with chance `p`.
///
/// Where `k` events are enough after `n` trials, they are enough after fewer: so the course matters only through its count,
/// and the state is a chance for every count that is not yet enough.
pub(super) struct Crossing<'a> {
    bets: &'a [RateBet],
    p: f64,
    threshold: f64,
    trials: u64,
    most: u64,
    work: u64,
    /// The count that `chances` begins with.
    low: u64,
    chances: Vec<f64>,
    /// The least count that is enough after the present number of trials, and the last number after which it is.
    enough: u64,
    until: u64,
    seen: f64,
}

impl<'a> Crossing<'a> {
    pub(super) fn new(bets: &'a [RateBet], p: f64, threshold: f64, most: u64) -> Self {
        let mut new = Self {
            bets,
            p,
            threshold,
            trials: 0,
            most,
            work: 0,
            low: 0,
            chances: vec![1.0],
            enough: 0,
            until: 0,
            seen: 0.0,
        };
        new.raise();
        new
    }

    fn is_enough(&self, events: u64, trials: u64) -> bool {
        let (events, others) = (events as f64, (trials - events) as f64);
        log_mean_exp(self.bets.iter().map(|bet| bet.log(events, others))) >= self.threshold
    }

    /// Finds the least count that is enough after the next trial.
    fn raise(&mut self) {
        let next = self.trials + 1;
        while self.until < next {
            self.enough += 1;
            if self.enough > self.most {
                self.until = self.most;
            } else if self.is_enough(self.enough, self.enough.max(next)) {
                self.until = self.last_enough(self.enough.max(next));
            }
        }
    }

    /// The last number of trials after which `enough` events are enough, from one on after which they are.
    fn last_enough(&self, from: u64) -> u64 {
        let (mut low, mut step) = (from, 1);
        while low + step <= self.most && self.is_enough(self.enough, low + step) {
            low += step;
            step *= 2;
        }
        while step > 0 {
            if low + step <= self.most && self.is_enough(self.enough, low + step) {
                low += step;
            }
            step /= 2;
        }
        low
    }
}

impl Iterator for Crossing<'_> {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        if self.trials >= self.most || self.work > WORK {
            return None;
        }
        if self.trials >= self.until {
            self.raise();
        }
        self.trials += 1;
        self.work += self.chances.len() as u64;
        // Every chance moves up by the event, or stays.
        let mut moved = 0.0;
        for chance in &mut self.chances {
            let arrives = *chance * self.p;
            *chance = *chance * (1.0 - self.p) + moved;
            moved = arrives;
        }
        if self.low + self.chances.len() as u64 >= self.enough {
            self.seen += moved;
        } else {
            self.chances.push(moved);
        }
        let gone = self.chances.iter().take_while(|chance| **chance < NEGLIGIBLE).count();
        if gone > 64 {
            self.chances.drain(..gone);
            self.low += gone as u64;
        }
        Some(self.seen)
    }
}
