//! Silence: how long nothing may be logged, and whether it is too early to miss anything.

use super::{DAY, Watch};
use crate::monitor::arms::Phase;
use crate::monitor::reading::LogCounts;
use crate::monitor::signal::Signal;
use crate::monitor::state::SignalState;

/// The least silence that is one, in requests.
const LEAST_SILENCE: f64 = 20.0;

impl Watch {
    /// What is said where no record can be looked at.
    pub(super) fn nothing(&self) -> String {
        let LogCounts { outside, other, .. } = self.seen.log;
        let of =
            if matches!(self.plan.phase, Phase::Alone(..)) { "of this release" } else { "of either release" };
        format!("no record is {of} and in a step ({other} of other releases, {outside} outside of the steps)")
    }

    /// The time without a record that is a silence, in seconds.
    pub(super) fn silence(&self) -> f64 {
        let usual = self.own_traffic().map_or(0.0, |daily| LEAST_SILENCE * DAY / daily.max(1e-9));
        f64::from(self.plan.silence.seconds).max(usual)
    }

    /// When what goes on began: the step, or the time alone.
    pub(super) fn began(&self) -> Option<f64> {
        let began = match &self.plan.phase {
            Phase::Alone(since, _) => *since,
            Phase::Beside => self.plan.times.spans.last().filter(|span| span.to.is_infinite())?.from,
        };
        began.is_finite().then_some(began)
    }

    /// Until when it is too early to miss a record of what just began; none where it is not too early.
    pub(super) fn early(&self, now: f64) -> Option<f64> {
        let until = self.began()? + self.silence();
        (now < until).then_some(until)
    }

    /// Records a day of all releases in the log, by the last 24 hours of them.
    pub(super) fn traffic(&self) -> Option<f64> {
        self.daily(|(_, all)| *all)
    }

    /// Records a day of what is watched.
    pub(super) fn own_traffic(&self) -> Option<f64> {
        self.daily(|(own, _)| *own)
    }

    fn daily(&self, of: impl Fn(&(u64, u64)) -> u64) -> Option<f64> {
        let last = *self.seen.by_hour.keys().next_back()?;
        let first = (*self.seen.by_hour.keys().next()?).max(last - 23);
        let records: u64 = self.seen.by_hour.range(first..=last).map(|(_, n)| of(n)).sum();
        let hours = (self.seen.newest / 3600.0 - first as f64).max(1.0);
        (records > 0).then(|| records as f64 * 24.0 / hours)
    }

    /// Which side of a signal nothing is logged of; none where both are, as far as it looks at both.
    pub(super) fn silent(&self, signal: &Signal, state: &SignalState) -> Option<&'static str> {
        let candidate = &state.candidate;
        match () {
            () if candidate.n + candidate.missing == 0 => Some("the candidate logs nothing"),
            () if self.has_none_beside(signal, state) => Some("the stable release logs nothing"),
            () => None,
        }
    }

    /// Whether a signal compares with a release that logs nothing: then every bad event is the candidate's, however it does.
    pub(super) fn has_none_beside(&self, signal: &Signal, state: &SignalState) -> bool {
        let beside = matches!(self.plan.phase, Phase::Beside);
        let compares = beside && signal.asked.compares() && !self.is_everybodys();
        compares && state.stable.n + state.stable.missing == 0
    }

    /// Whether everybody has the candidate in the present step, so that nobody logs anything beside it.
    fn is_everybodys(&self) -> bool {
        let weight = self.plan.times.current().and_then(|step| self.plan.times.weights.get(step));
        weight.is_some_and(|weight| *weight >= 1.0)
    }
}

/// A time for people.
pub(super) fn in_utc(time: f64) -> String {
    let time = chrono::DateTime::from_timestamp(time.ceil() as i64, 0);
    time.map_or_else(String::new, |time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}
