//! After full rollout: something becomes worse at a moment that nobody knows.

use serde::{Deserialize, Serialize};
use serde_big_array::BigArray;

use super::Purpose;
use super::capital::{Capital, log_mean_exp};
use super::mixture::RateBet;

/// `R_j = (R_j + 1) L_j(minute)` for every bet `j`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Recursion<const N: usize> {
    /// `ln R_j` after the last minute that is over.
    #[serde(with = "BigArray")]
    past: [f64; N],
    /// `L_j` of the minute that is not.
    minute: Capital<N>,
}

impl<const N: usize> Recursion<N> {
    fn new() -> Self {
        Self { past: [f64::NEG_INFINITY; N], minute: Capital::new(Purpose::Pass) }
    }

    /// `ln R_j`, the open minute with it.
    fn present(&self) -> impl Iterator<Item = f64> + Clone {
        self.past.iter().zip(self.minute.logs()).map(|(past, minute)| plus_one(*past) + minute)
    }

    fn log_m(&self, minute_is_open: bool) -> f64 {
        if minute_is_open { log_mean_exp(self.present()) } else { log_mean_exp(self.past.iter().copied()) }
    }

    fn end_minute(&mut self) {
        for (past, minute) in self.past.iter_mut().zip(self.minute.logs()) {
            *past = plus_one(*past) + minute;
        }
        self.minute = Capital::new(Purpose::Pass);
    }
}

/// `ln(exp(x) + 1)`.
fn plus_one(x: f64) -> f64 {
    if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
}

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Watched {
    /// The factors of an event and of none.
    Rate {
        event: [f64; 8],
        none: [f64; 8],
        state: Recursion<8>,
    },
    Mean {
        limit: f64,
        cap: f64,
        state: Recursion<7>,
    },
    Drift {
        d: f64,
        state: Recursion<14>,
    },
}

/// An alarm for what was within its limit and is no more: the e-detector of Shiryaev and Roberts, over minutes.
///
/// `R_j = (R_j + 1) L_j(minute)` for every bet `j` of [`super::mixture`], [`super::betting`] or [`super::auc`], where `L_j` is
/// the product of the factors of the records of the minute; `M = mean of R_j`. An alarm is `M >= c`: while the limit holds,
/// `E[minutes until an alarm] >= c`, as `M - minutes` never rises in the mean. Minutes without a record do not count. Looks
/// inside a minute are allowed: they count the minute as begun.
///
/// Starting later than `promoted` only lowers `M`, so a caller may look back over a limited time. What is watched must be
/// within the limit *at every hour*; a limit that was the average of a day with swings alarms every day.
///
/// **Late feedback.** A state is made anew at each look, from the counts a minute of the *records'* time with the labels of
/// now ([`Detector::counts`]): more events only raise `M`, so what alarms now would have alarmed with the final labels, and
/// the mean time holds. Events counted in the minute in which they arrive break it where traffic swings: at night few
/// records come, and the flags of the day (150 of 150 simulated runs alarmed falsely within days).
///
/// Source: Shin, Ramdas & Rinaldo, *E-detectors: a nonparametric framework for sequential change detection*, New England
/// Journal of Statistics in Data Science 2 (2024), definition 2.3 and theorem 2.4.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    watched: Watched,
    open: bool,
    minutes: u64,
    highest: f64,
}

impl Detector {
    /// A rate above `limit`. `None` unless `0 < limit < 1`.
    #[must_use]
    pub fn rate(limit: f64) -> Option<Self> {
        let bets = RateBet::above(limit);
        let inside = limit > 0.0 && limit < 1.0 && bets.iter().all(|bet| bet.event.is_finite());
        let (event, none) = (bets.map(|bet| bet.event.exp()), bets.map(|bet| bet.none.exp()));
        inside.then(|| Self::new(Watched::Rate { event, none, state: Recursion::new() }))
    }

    /// A mean of values in `[0, cap]` above `limit`. `None` unless `0 < limit < cap`, both finite.
    #[must_use]
    pub fn mean(limit: f64, cap: f64) -> Option<Self> {
        let inside = limit > 0.0 && limit < cap && cap.is_finite();
        inside.then(|| Self::new(Watched::Mean { limit, cap, state: Recursion::new() }))
    }

    /// Positions in a [`super::FrozenReference`] whose mean is outside `.5 - d` to `.5 + d`. `None` unless `0 <= d < .5`.
    #[must_use]
    pub fn drift(d: f64) -> Option<Self> {
        (0.0..0.5).contains(&d).then(|| Self::new(Watched::Drift { d, state: Recursion::new() }))
    }

    #[expect(clippy::large_types_passed_by_value, reason = "it becomes a part of what is made")]
    fn new(watched: Watched) -> Self {
        Self { watched, open: false, minutes: 0, highest: f64::NEG_INFINITY }
    }

    /// One record of the open minute: 0 or 1 of a rate, a value of a mean, a position of a drift. `None`, without a change,
    /// where it cannot be that.
    pub fn record(&mut self, value: f64) -> Option<()> {
        match &mut self.watched {
            Watched::Rate { event, state, .. } if value.total_cmp(&1.0).is_eq() => {
                state.minute.multiply(*event);
            }
            Watched::Rate { none, state, .. } if value.abs().total_cmp(&0.0).is_eq() => {
                state.minute.multiply(*none);
            }
            Watched::Mean { limit, cap, state } if value >= 0.0 && value.is_finite() => {
                state.minute.bet((value.min(*cap) - *limit) / *limit);
            }
            Watched::Drift { d, state } if (0.0..=1.0).contains(&value) => {
                state.minute.bet_outside(value, *d);
            }
            _ => return None,
        }
        self.open = true;
        Some(())
    }

    /// Records of the open minute that are only known as counts. `None`, without a change, with more events than records or
    /// of anything but a rate.
    pub fn counts(&mut self, events: u64, n: u64) -> Option<()> {
        let others = n.checked_sub(events)? as f64;
        let Watched::Rate { event, none, state } = &mut self.watched else { return None };
        let mut logs = [0.0; 8];
        for ((log, event), none) in logs.iter_mut().zip(event).zip(none) {
            *log = events as f64 * event.ln() + others * none.ln();
        }
        state.minute.multiply_logs(logs);
        self.open |= n > 0;
        Some(())
    }

    /// The minute is over. One without a record does not count.
    pub fn end_minute(&mut self) {
        if !self.open {
            return;
        }
        match &mut self.watched {
            Watched::Rate { state, .. } => state.end_minute(),
            Watched::Mean { state, .. } => state.end_minute(),
            Watched::Drift { state, .. } => state.end_minute(),
        }
        (self.open, self.minutes) = (false, self.minutes.saturating_add(1));
        self.highest = self.highest.max(self.log_m());
    }

    /// `ln M`, with the open minute; negative infinity before the first record.
    #[must_use]
    pub fn log_m(&self) -> f64 {
        match &self.watched {
            Watched::Rate { state, .. } => state.log_m(self.open),
            Watched::Mean { state, .. } => state.log_m(self.open),
            Watched::Drift { state, .. } => state.log_m(self.open),
        }
    }

    /// What an alarm takes: the highest `ln M` of all minutes that are over, and of now. Held against
    /// [`alarm_threshold`].
    #[must_use]
    pub fn evidence(&self) -> f64 {
        self.highest.max(self.log_m())
    }

    /// Minutes that had a record and are over.
    #[must_use]
    pub fn minutes(&self) -> u64 {
        self.minutes
    }
}

/// `ln c` with `c = signals * min(minutes, requests)`: what [`Detector::evidence`] is held against, where one false alarm of
/// all signals together is allowed in a period of so many minutes and requests.
///
/// The sum of all `M` minus the minutes does not rise in the mean either, so the mean time to the first alarm of any signal
/// is at least the period. `requests` is what the period was expected to have when the release was promoted: where traffic
/// grows, alarms come sooner. `None` where one of them is 0.
#[must_use]
pub fn alarm_threshold(signals: usize, minutes: u64, requests: u64) -> Option<f64> {
    let c = signals as f64 * minutes.min(requests) as f64;
    (c >= 1.0).then(|| c.ln())
}
