//! A rate against a level.

use serde::{Deserialize, Serialize};

use super::Purpose;
use super::capital::log_mean_exp;

/// Rates that a fail bets on, as multiples of the limit.
pub(super) const ABOVE: [f64; 8] = [1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0];
/// Rates that a pass bets on, as multiples of the limit.
pub(super) const BELOW: [f64; 7] = [0.9, 0.8, 0.67, 0.5, 0.33, 0.2, 0.1];

/// One rate against the limit: the logarithms of the likelihood ratios of an event and of none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct RateBet {
    pub(super) event: f64,
    pub(super) none: f64,
}

impl RateBet {
    /// `p` against `limit`, both strictly between 0 and 1.
    pub(super) fn new(p: f64, limit: f64) -> Self {
        Self { event: (p / limit).ln(), none: ((limit - p) / (1.0 - limit)).ln_1p() }
    }

    /// The bets of a fail at `limit`; what the multiples have above `(1 + limit)/2` stays there, also twice.
    pub(super) fn above(limit: f64) -> [Self; 8] {
        ABOVE.map(|ratio| Self::new((limit * ratio).min(f64::midpoint(1.0, limit)), limit))
    }

    /// The bets of a pass at `limit`.
    pub(super) fn below(limit: f64) -> [Self; 7] {
        BELOW.map(|ratio| Self::new(limit * ratio, limit))
    }

    /// The logarithm of the likelihood ratio of so many events and others.
    pub(super) fn log(&self, events: f64, others: f64) -> f64 {
        events * self.event + others * self.none
    }
}

/// Whether a rate is above a limit (or below it), from events and records.
///
/// `E = mean over p of (p/T)^k ((1-p)/(1-T))^(n-k)`, with `p` at `T` times 1.1, 1.25, 1.5, 2, 3, 5, 10, 30 (at most
/// `(1+T)/2`) for a fail and .9, .8, .67, .5, .33, .2, .1 for a pass. A quantile's limit is such a rate: `q-quantile < L`
/// is "values of `L` or more are at most `T = 1 - q` of all" (`<= L`: values above `L`).
///
/// Holds for dependent records too, as long as the chance of an event never exceeds the limit (or, for a pass, is never
/// below it) given what was seen before: users who differ and return break that, so the caller counts a unit once.
/// Source: mixtures of likelihood ratios, Howard & Ramdas et al. 2021, section 3 (here with a grid instead of a beta
/// density, equal in power).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mixture {
    purpose: Purpose,
    bets: Vec<RateBet>,
    events: u64,
    n: u64,
    highest: f64,
}

impl Mixture {
    /// Evidence that the rate is above `limit`. `None` unless `0 < limit < 1`.
    #[must_use]
    pub fn fail(limit: f64) -> Option<Self> {
        Self::new(Purpose::Fail, limit, &RateBet::above(limit))
    }

    /// Evidence that the rate is below `limit`. `None` unless `0 < limit < 1`.
    #[must_use]
    pub fn pass(limit: f64) -> Option<Self> {
        Self::new(Purpose::Pass, limit, &RateBet::below(limit))
    }

    fn new(purpose: Purpose, limit: f64, bets: &[RateBet]) -> Option<Self> {
        let inside = limit > 0.0 && limit < 1.0 && bets.iter().all(|bet| bet.event.is_finite());
        inside.then(|| Self { purpose, bets: bets.to_vec(), events: 0, n: 0, highest: 0.0 })
    }

    /// One record, with an event or without.
    pub fn record(&mut self, event: bool) {
        self.n = self.n.saturating_add(1);
        if event {
            self.late_event();
        }
    }

    /// An event of a record that was counted without one: feedback that comes later than its record. More events than
    /// records are not counted.
    ///
    /// For a fail only: counted late, the capital is at most what it would have been in the records' order. A pass must not
    /// count a record before its feedback is complete.
    pub fn late_event(&mut self) {
        self.events = self.events.saturating_add(1).min(self.n);
        self.look();
    }

    /// A lot of records that is only known as counts, and is looked at once. `None`, without a change, with more events
    /// than records.
    pub fn lot(&mut self, events: u64, n: u64) -> Option<()> {
        let others = n.checked_sub(events)?;
        (self.events, self.n) = (self.events.checked_add(events)?, self.n.checked_add(events + others)?);
        self.look();
        Some(())
    }

    /// Records without an event only lower the capital of a fail: it is highest after an event.
    fn look(&mut self) {
        if self.purpose == Purpose::Fail {
            self.highest = self.highest.max(self.log_e());
        }
    }

    /// The present capital, as a natural logarithm.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        let (events, others) = (self.events as f64, (self.n - self.events) as f64);
        log_mean_exp(self.bets.iter().map(|bet| bet.log(events, others)))
    }

    /// What a decision takes: the highest capital of a fail, the present one of a pass; a natural logarithm.
    #[must_use]
    pub fn evidence(&self) -> f64 {
        match self.purpose {
            Purpose::Fail => self.highest,
            Purpose::Pass => self.log_e(),
        }
    }

    /// Events so far.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Records so far.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }
}

/// The formula of [`Mixture`] for rates of one's own: `ln` of the mean over `rates` of `(p/T)^k ((1-p)/(1-T))^(n-k)`.
///
/// `None` with more events than records, without rates, or where `limit` or a rate is not strictly between 0 and 1.
#[must_use]
pub fn log_capital(events: u64, n: u64, limit: f64, rates: &[f64]) -> Option<f64> {
    let (k, others) = (events as f64, n.checked_sub(events)? as f64);
    let inside = |rate: f64| rate > 0.0 && rate < 1.0;
    let sound = !rates.is_empty() && inside(limit) && rates.iter().all(|rate| inside(*rate));
    sound.then(|| log_mean_exp(rates.iter().map(|rate| RateBet::new(*rate, limit).log(k, others))))
}
