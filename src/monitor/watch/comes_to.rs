//! What the rows so far come to: an outcome a signal, and why some say nothing.

use super::{DAY, Routing, Watch, day_of};
use crate::manifest::{Category, Unit};
use crate::monitor::arms::Phase;
use crate::monitor::method::Test;
use crate::monitor::reading::{
    ArmReading, LogCounts, Readings, SPLIT, SignalOutcome, SignalReading, StepSeen,
};
use crate::monitor::seen::{StepAsked, seen};
use crate::monitor::signal::{Asked, Signal};
use crate::monitor::state::{SignalState, Tally};
use crate::stats::sequential::{
    BlockAuc, Mixture, SplitCheck, alarm_threshold, enough_threshold, fail_threshold, pass_threshold,
};

/// The least silence that is one, in requests.
const LEAST_SILENCE: f64 = 20.0;
/// A difference of records per unit between the arms from which on it is told.
const UNEVEN: f64 = 0.1;

impl Watch {
    /// What it comes to now.
    #[must_use]
    pub fn finish(&self) -> Readings {
        let now = self.plan.now;
        let mut signals: Vec<SignalReading> = Vec::new();
        let blind = self.blind(now);
        for (signal, state) in self.plan.signals.iter().zip(&self.states) {
            signals.push(self.reading(signal, state, now, blind.as_deref()));
        }
        signals.extend(self.split());
        let newest = self.newest.is_finite().then_some(self.newest);
        let units = self.population.by_arm();
        let mut notes = Vec::new();
        notes.extend(self.counted_note());
        notes.extend(self.uneven(units));
        if self.log.without_id > 0 {
            notes.push(format!(
                "{} records without an id: what was written twice cannot be told, and feedback cannot be added to them",
                self.log.without_id
            ));
        }
        if self.ahead > 0 {
            let rows = if self.ahead == 1 { "1 record" } else { &format!("{} records", self.ahead) };
            notes.push(format!(
                "{rows} dated after now: not counted; a clock is ahead, or `--now` lies before"
            ));
        }
        if units.2 > 0 {
            notes.push(format!("{} units were served by both releases", units.2));
        }
        Readings { signals, log: self.log, traffic: self.traffic(), newest, units, notes }
    }

    /// Why nothing can be said at all.
    fn blind(&self, now: f64) -> Option<String> {
        let LogCounts { rows, selected, torn, outside, other, .. } = self.log;
        if rows == 0 {
            return Some("the log holds no record".to_owned());
        }
        if torn as f64 > self.plan.missing * (rows + torn) as f64 {
            return Some(format!("{torn} of {} rows cannot be read", rows + torn));
        }
        if selected == 0 {
            return Some(format!(
                "no record is of either release and in a step ({other} of other releases, {outside} outside of the steps)"
            ));
        }
        let nameless = self.log.without_unit;
        if nameless as f64 > self.plan.missing * selected as f64 && nameless < selected {
            // Some count by what routing is sticky on and others by themselves: that is neither.
            return Some(format!("{nameless} of {selected} records have no unit, and the others have one"));
        }
        let silence = self.silence();
        let quiet = now - self.newest;
        if quiet > silence {
            return Some(format!("the last record is {} old", lasting(quiet)));
        }
        if let (Phase::Beside, Some(began)) = (&self.plan.phase, self.plan.times.began())
            && self.oldest > began + silence
        {
            return Some(
                "the log does not reach back to the start of the rollout: records are gone".to_owned(),
            );
        }
        None
    }

    /// Seconds without a record from which on there is nothing to be said.
    fn silence(&self) -> f64 {
        let usual = self.traffic().map_or(0.0, |daily| LEAST_SILENCE * DAY / daily.max(1e-9));
        f64::from(self.plan.silence.seconds).max(usual)
    }

    /// Records a day, by the last 24 hours of them.
    pub(super) fn traffic(&self) -> Option<f64> {
        let last = *self.by_hour.keys().next_back()?;
        let first = (*self.by_hour.keys().next()?).max(last - 23);
        let records: u64 = self.by_hour.range(first..=last).map(|(_, n)| n).sum();
        let hours = (self.newest / 3600.0 - first as f64).max(1.0);
        Some(records as f64 * 24.0 / hours)
    }

    fn uneven(&self, (candidate, stable, _): (u64, u64, u64)) -> Option<String> {
        let (own, others) = self.in_step;
        let per = |records: u64, units: u64| records as f64 / units as f64;
        let (ours, theirs) = (per(own, candidate), per(others, stable));
        let apart = (ours / theirs - 1.0).abs();
        (apart > UNEVEN && apart.is_finite() && candidate >= 100).then(|| {
            format!("units of the candidate sent {ours:.2} records each, those of the stable release {theirs:.2}: harm is counted by unit")
        })
    }

    /// So many that together they fail wrongly with the declared chance.
    fn many(&self) -> usize {
        self.plan.signals.len().max(1)
    }

    fn reading(&self, signal: &Signal, state: &SignalState, now: f64, blind: Option<&str>) -> SignalReading {
        let (alone, plan) = (matches!(self.plan.phase, Phase::Alone(..)), &self.plan);
        let fail_at = match &plan.phase {
            Phase::Beside => fail_threshold(self.many(), plan.alpha),
            Phase::Alone(_, frozen) => {
                let minutes = u64::from(plan.false_alarms.per.seconds) / 60;
                let each = u64::from(plan.false_alarms.count.max(1));
                alarm_threshold(self.many(), minutes / each, frozen.requests / each)
            }
        };
        let (fail_at, pass_at) =
            (fail_at.unwrap_or(f64::INFINITY), pass_threshold(plan.pass_alpha).unwrap_or(f64::INFINITY));
        let (fail, pass) = self.evidence(signal, state, now);
        let never = matches!(signal.asked, Asked::Never { .. });
        let failed = if never { state.candidate.events > 0 } else { fail >= fail_at };
        let passed = if never {
            state.candidate.n > 0
        } else {
            pass.is_some_and(|pass| pass >= pass_at) && state.above_cap == 0
        };
        let mut reading = SignalReading {
            id: signal.id.clone(),
            rule: signal.rule.clone(),
            category: signal.category,
            outcome: SignalOutcome::Inconclusive,
            reason: String::new(),
            method: if alone && !never { "e-sr" } else { signal.asked.method() },
            candidate: arm_reading(signal.asked, state.candidate),
            stable: arm_reading(signal.asked, state.stable),
            fail,
            fail_at,
            pass: pass.filter(|_| !never),
            pass_at,
            seen: None,
            shown: signal.shown,
            unit: signal.unit.word,
        };
        // What is missing speaks against a pass, never for one; a fail that is shown stays shown.
        let blind = blind.map(str::to_owned).or_else(|| self.blind_signal(signal, state));
        let incomparable = self.plan.routing == Routing::Chosen && signal.asked.compares();
        (reading.outcome, reading.reason) = match blind {
            // The share of the bad events says nothing beside another share of the units than was meant.
            _ if matches!(state.test, Test::Ratio { .. }) && self.is_split_otherwise() => {
                (SignalOutcome::Blind, "units are not split as meant".to_owned())
            }
            _ if failed && !incomparable => (SignalOutcome::Fail, self.failed(signal, &reading)),
            Some(why) => (SignalOutcome::Blind, why),
            None if incomparable => {
                let text = "who gets which release is not chosen at random, so the two are not compared";
                reading.seen = Some(StepSeen::nothing_to_see());
                (SignalOutcome::Inconclusive, text.to_owned())
            }
            None if passed => (SignalOutcome::Pass, "shown to hold".to_owned()),
            None => (SignalOutcome::Inconclusive, "neither shown to hold nor to be broken".to_owned()),
        };
        if !alone
            && reading.seen.is_none()
            && let Some(step) = plan.times.current()
        {
            let weight = plan.times.weights.get(step).copied().unwrap_or(0.0);
            let threshold = enough_threshold(self.many(), plan.times.weights.len(), plan.alpha);
            if let Some(threshold) = threshold {
                reading.seen = seen(signal, state, StepAsked { step, weight, threshold });
            }
        }
        reading
    }

    fn failed(&self, signal: &Signal, reading: &SignalReading) -> String {
        match (signal.asked, &self.plan.phase) {
            (Asked::Never { .. }, _) => {
                let times = match reading.candidate.events.unwrap_or(0) {
                    1 => "once".to_owned(),
                    many => format!("{many} times"),
                };
                format!("seen {times}, and one is enough")
            }
            (_, Phase::Alone(..)) => "it changed for the worse".to_owned(),
            _ => "shown to be broken".to_owned(),
        }
    }

    /// The evidence of a fail and of a pass.
    fn evidence(&self, signal: &Signal, state: &SignalState, now: f64) -> (f64, Option<f64>) {
        match &state.test {
            Test::Rate { fail } => {
                let Asked::Rate { limit, .. } = signal.asked else { return (fail.evidence(), None) };
                // Days whose feedback has come as far as it will; without times there is one lot.
                let until = now - f64::from(self.plan.mature.seconds);
                let until = if self.newest.is_finite() { day_of(until) } else { u16::MAX };
                let (n, k) = state.unit_days(until);
                let pass = Mixture::pass(limit).and_then(|mut pass| {
                    pass.lot(k, n)?;
                    Some(pass.evidence())
                });
                (fail.evidence(), pass)
            }
            Test::Ratio { fail, pass } => (fail.evidence(), Some(pass.evidence())),
            Test::Mean { fail, pass, .. } => (fail.evidence(), Some(pass.evidence())),
            Test::Change { both: Some((fail, pass)), .. } => (fail.evidence(), Some(pass.evidence())),
            Test::Ranks { fail, pass } => (fail.evidence(), pass.as_ref().map(BlockAuc::evidence)),
            Test::Alone { detector, .. } => (detector.evidence(), None),
            Test::Change { both: None, .. } | Test::Never | Test::Nothing(_) => (0.0, None),
        }
    }

    /// Whether everybody has the candidate in the present step, so that nobody logs anything beside it.
    fn is_everybodys(&self) -> bool {
        let weight = self.plan.times.current().and_then(|step| self.plan.times.weights.get(step));
        weight.is_some_and(|weight| *weight >= 1.0)
    }

    /// Whether units are not split as meant in the present step.
    fn is_split_otherwise(&self) -> bool {
        let split = self.plan.times.current().and_then(|step| self.splits.get(step)?.as_ref());
        split.is_some_and(|split| Some(split.evidence()) >= fail_threshold(1, SplitCheck::ALPHA))
    }

    fn blind_signal(&self, signal: &Signal, state: &SignalState) -> Option<String> {
        let (candidate, stable) = (&state.candidate, &state.stable);
        if let Test::Nothing(why) = &state.test {
            return Some(why.clone());
        }
        if let Some(why) = self.blind_counts(signal, state, self.silence()) {
            return Some(why);
        }
        if candidate.n + candidate.missing == 0 {
            return Some("the candidate logs nothing".to_owned());
        }
        let beside = matches!(self.plan.phase, Phase::Beside);
        if beside && signal.asked.compares() && !self.is_everybodys() && stable.n + stable.missing == 0 {
            return Some("the stable release logs nothing".to_owned());
        }
        for (arm, name) in [(candidate, "candidate"), (stable, "stable release")] {
            let all = arm.n + arm.missing;
            if all > 0 && arm.missing as f64 > self.plan.missing * all as f64 {
                let share = 100.0 * arm.missing as f64 / all as f64;
                return Some(format!("`{}` is missing in {share:.1}% of the {name}'s records", signal.field));
            }
        }
        if state.unreadable() > 0 {
            return Some(format!("{} values of `{}` are negative", state.unreadable(), signal.field));
        }
        None
    }

    /// The split itself, in the present step.
    fn split(&self) -> Option<SignalReading> {
        let step = self.plan.times.current()?;
        let split = self.splits.get(step)?.as_ref()?;
        let counts = split.units();
        let fail_at = fail_threshold(1, SplitCheck::ALPHA)?;
        let weight = self.plan.times.weights.get(step).copied().unwrap_or(0.0);
        let all = counts.candidate + counts.stable;
        let failed = split.evidence() >= fail_at;
        let share = 100.0 * counts.candidate as f64 / (all as f64).max(1.0);
        let reason = if failed {
            format!("{share:.2}% of {all} units went to the candidate, and {}% were meant", 100.0 * weight)
        } else {
            format!("{share:.2}% of {all} units went to the candidate; {}% are meant", 100.0 * weight)
        };
        let side = |units: u64| ArmReading { units, n: units, ..ArmReading::default() };
        Some(SignalReading {
            id: SPLIT.to_owned(),
            rule: format!("units are split {}% to {}%", 100.0 * weight, 100.0 * (1.0 - weight)),
            category: Category::Quality,
            outcome: if failed { SignalOutcome::Blind } else { SignalOutcome::Pass },
            reason,
            method: "split",
            candidate: side(counts.candidate),
            stable: side(counts.stable),
            fail: split.evidence(),
            fail_at,
            pass: None,
            pass_at: f64::INFINITY,
            seen: None,
            shown: false,
            unit: Unit::NUMBER.word,
        })
    }
}

fn arm_reading(asked: Asked, tally: Tally) -> ArmReading {
    let event = asked.event().is_some();
    let of = if event { tally.events as f64 } else { tally.sum };
    ArmReading {
        value: (tally.n > 0).then(|| of / tally.n as f64),
        n: tally.n,
        events: event.then_some(tally.events),
        units: tally.units,
        missing: tally.missing,
    }
}

/// A length of time for people.
fn lasting(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} seconds"),
        s if s < 7200.0 => format!("{:.0} minutes", s / 60.0),
        s if s < 2.0 * DAY => format!("{:.1} hours", s / 3600.0),
        s => format!("{:.1} days", s / DAY),
    }
}
