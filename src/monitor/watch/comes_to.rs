//! What the rows so far come to: an outcome a signal, and why some say nothing.

use super::silence::in_utc;
use super::{DAY, Watch, day_of};
use crate::manifest::{Category, Unit};
use crate::monitor::arms::{Phase, Routing};
use crate::monitor::method::Test;
use crate::monitor::reading::{
    ArmReading, LogCounts, Readings, SPLIT, SignalOutcome, SignalReading, StepSeen,
};
use crate::monitor::seen::{StepAsked, seen};
use crate::monitor::signal::{Asked, Signal, tests_of};
use crate::monitor::state::{SignalState, Tally};
use crate::stats::sequential::{
    BlockAuc, Mixture, PairProcess as _, PairRanks, SplitCheck, alarm_threshold, enough_threshold,
    fail_threshold, pass_threshold,
};

/// A difference of records per unit between the arms from which on it is told.
const UNEVEN: f64 = 0.1;

impl Watch {
    /// What it comes to now.
    #[must_use]
    pub fn finish(&self) -> Readings {
        let now = self.plan.now;
        let mut signals: Vec<SignalReading> = Vec::new();
        let blind = self.blind(now);
        let early = self.early(now);
        for (signal, state) in self.plan.signals.iter().zip(&self.seen.states) {
            signals.push(self.reading(signal, state, (now, early), blind.as_deref()));
        }
        let awaits = early.filter(|_| signals.iter().any(|signal| signal.awaits));
        signals.extend(self.split());
        let newest = self.seen.newest.is_finite().then_some(self.seen.newest);
        let units = self.population.by_arm();
        let mut notes = Vec::new();
        notes.extend(self.counted_note());
        notes.extend(self.uneven(units));
        if self.seen.log.without_id > 0 {
            notes.push(format!(
                "{} records without an id: what was written twice cannot be told, and feedback cannot be added to them",
                self.seen.log.without_id
            ));
        }
        if self.seen.ahead > 0 {
            let rows =
                if self.seen.ahead == 1 { "1 record" } else { &format!("{} records", self.seen.ahead) };
            notes.push(format!(
                "{rows} dated after now: not counted; a clock is ahead, or `--now` lies before"
            ));
        }
        if units.2 > 0 {
            notes.push(format!("{} units were served by both releases", units.2));
        }
        Readings { signals, log: self.seen.log, traffic: self.traffic(), newest, awaits, units, notes }
    }

    /// Why nothing can be said at all.
    fn blind(&self, now: f64) -> Option<String> {
        let LogCounts { rows, selected, torn, .. } = self.seen.log;
        if rows == 0 {
            return Some("the log holds no record".to_owned());
        }
        if torn as f64 > self.plan.missing * (rows + torn) as f64 {
            return Some(format!("{torn} of {} rows cannot be read", rows + torn));
        }
        if selected == 0 {
            return self.early(now).is_none().then(|| self.nothing());
        }
        let nameless = self.seen.log.without_unit;
        if nameless as f64 > self.plan.missing * selected as f64 && nameless < selected {
            // Some count by what routing is sticky on and others by themselves: that is neither.
            return Some(format!("{nameless} of {selected} records have no unit, and the others have one"));
        }
        if let Some(why) = self.unpaired() {
            return Some(why);
        }
        let silence = self.silence();
        // Of what goes on nobody else's records tell; a step that just began may have been quiet before.
        let goes_on =
            self.began().is_some() || self.plan.times.spans.last().is_some_and(|span| span.to.is_infinite());
        let newest = if goes_on { self.seen.newest_own } else { self.seen.newest };
        let quiet = now - newest;
        if quiet.is_infinite() {
            return Some("no record says when it was: `time`".to_owned());
        }
        if quiet > silence && self.early(now).is_none() {
            return Some(format!("the last record is {} old", lasting(quiet)));
        }
        if let (Phase::Beside, Some(began)) = (&self.plan.phase, self.plan.times.began())
            && self.seen.oldest > began + silence
        {
            return Some(
                "the log does not reach back to the start of the rollout: records are gone".to_owned(),
            );
        }
        None
    }

    /// Requests that only one release answered although the other had the time to: as many as only the stable release answered, and
    /// only the candidate.
    pub(super) fn unanswered(&self) -> (u64, u64) {
        self.answers.unanswered(self.seen.newest - self.silence())
    }

    /// Why answers of both releases cannot be compared, where both answer every request: those of requests that one of them fails at
    /// are not like the others.
    fn unpaired(&self) -> Option<String> {
        if !self.is_shadow() {
            return None;
        }
        let LogCounts { selected, without_id, .. } = self.seen.log;
        let many = |few: u64| few as f64 > self.plan.missing * selected as f64;
        let (stable, candidate) = self.unanswered();
        let hours = self.silence() / 3600.0;
        match () {
            () if many(without_id) => Some(format!(
                "{without_id} of {selected} records have no id: which answers are to one request is not known"
            )),
            // Each request is two records.
            () if many(2 * stable) => Some(format!(
                "the candidate has not answered {stable} requests of the stable release that are older than {hours:.1} hours"
            )),
            () if many(2 * candidate) => Some(format!(
                "the stable release has not answered {candidate} requests of the candidate that are older than {hours:.1} hours"
            )),
            () => None,
        }
    }

    fn uneven(&self, (candidate, stable, _): (u64, u64, u64)) -> Option<String> {
        let (own, others) = self.seen.in_step;
        let per = |records: u64, units: u64| records as f64 / units as f64;
        let (ours, theirs) = (per(own, candidate), per(others, stable));
        let apart = (ours / theirs - 1.0).abs();
        (apart > UNEVEN && apart.is_finite() && candidate >= 100).then(|| {
            format!("units of the candidate sent {ours:.2} records each, those of the stable release {theirs:.2}: harm is counted by unit")
        })
    }

    /// So many that together they fail wrongly with the declared chance.
    fn many(&self) -> usize {
        match self.plan.phase {
            Phase::Beside => tests_of(&self.plan.signals).max(1),
            Phase::Alone(..) => self.plan.signals.len().max(1),
        }
    }

    fn reading(
        &self,
        signal: &Signal,
        state: &SignalState,
        (now, early): (f64, Option<f64>),
        blind: Option<&str>,
    ) -> SignalReading {
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
        let own = self.evidence(signal, state, now);
        let (fail, pass) = self.with_above_cap(state, own);
        let never = matches!(signal.asked, Asked::Never { .. });
        let failed = if never { state.candidate.events > 0 } else { fail >= fail_at };
        let failed = failed && !self.has_none_beside(signal, state);
        let passed = if never { state.candidate.n > 0 } else { pass.is_some_and(|pass| pass >= pass_at) };
        let mut reading = SignalReading {
            id: signal.id.clone(),
            rule: signal.rule.clone(),
            category: signal.category,
            outcome: SignalOutcome::Inconclusive,
            reason: String::new(),
            method: match &state.test {
                _ if alone && !never => "e-sr",
                test if test.is_paired() => "pair-betting",
                _ => signal.asked.method(),
            },
            candidate: arm_reading(signal.asked, state.candidate),
            stable: arm_reading(signal.asked, state.stable),
            fail,
            fail_at,
            pass: pass.filter(|_| !never),
            pass_at,
            seen: None,
            shown: signal.shown,
            awaits: false,
            unit: signal.unit.word,
            event: signal.asked.event(),
        };
        // What is missing speaks against a pass, never for one; a fail that is shown stays shown.
        let silent = self.silent(signal, state);
        reading.awaits = blind.is_none() && silent.is_some() && early.is_some();
        let silent = silent.map(|silent| match early {
            Some(until) => format!("{silent} yet; if that stays so, it is blind from {} on", in_utc(until)),
            None => silent.to_owned(),
        });
        let blind = blind.map(str::to_owned);
        let blind = blind
            .or_else(|| self.blind_signal(signal, state))
            .or_else(|| silent.clone().filter(|_| early.is_none()));
        let incomparable = self.plan.routing == Routing::Chosen && signal.asked.compares();
        let unasked = self.is_shadow() && signal.absent_is_no && state.candidate.n == 0;
        if unasked {
            // Of the answers that people see, silence is a no.
            let Tally { n, missing, .. } = state.stable;
            reading.stable = arm_reading(signal.asked, Tally { n: n + missing, missing: 0, ..state.stable });
        }
        (reading.outcome, reading.reason) = match blind {
            // The share of the bad events says nothing beside another share of the units than was meant.
            _ if matches!(state.test, Test::Ratio { .. }) && self.is_split_otherwise() => {
                (SignalOutcome::Blind, "units are not split as meant".to_owned())
            }
            _ if failed && !incomparable => {
                let tail = state.above.as_ref().filter(|_| !never && own.0 < fail_at);
                let tail = tail.map(|above| format!("{}: more than may be", above.words()));
                (SignalOutcome::Fail, tail.unwrap_or_else(|| self.failed(signal, &reading)))
            }
            Some(why) => (SignalOutcome::Blind, why),
            None if unasked => {
                reading.seen = Some(StepSeen::nothing_to_see());
                let text =
                    "people see the stable release's answers only: of the candidate's nobody says anything";
                (SignalOutcome::Inconclusive, text.to_owned())
            }
            None if reading.awaits => (SignalOutcome::Inconclusive, silent.unwrap_or_default()),
            None if incomparable => {
                let text = "who gets which release is not chosen at random, so the two are not compared";
                reading.seen = Some(StepSeen::nothing_to_see());
                (SignalOutcome::Inconclusive, text.to_owned())
            }
            None if passed => (SignalOutcome::Pass, "shown to hold".to_owned()),
            None => {
                let mean_passed = own.1.is_some_and(|pass| pass >= pass_at);
                (SignalOutcome::Inconclusive, self.not_shown(signal, state, now, mean_passed))
            }
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

    /// The evidence of a fail and of a pass, with what lies above a cap, which is a test of its own: one that fails is enough, and both
    /// have to pass. Where units are not split as meant it says nothing.
    fn with_above_cap(&self, state: &SignalState, (fail, pass): (f64, Option<f64>)) -> (f64, Option<f64>) {
        match &state.above {
            None => (fail, pass),
            Some(_) if self.is_split_otherwise() => (fail, pass.map(|pass| pass.min(0.0))),
            Some(above) => (fail.max(above.fail()), pass.map(|pass| pass.min(above.pass()))),
        }
    }

    /// Days of a unit whose feedback has come as far as it will, and those with an event; without times there is one lot.
    fn full_days(&self, state: &SignalState, now: f64) -> (u64, u64) {
        let until = now - f64::from(self.plan.mature.seconds);
        state.unit_days(if self.seen.newest.is_finite() { day_of(until) } else { u16::MAX })
    }

    /// Why a signal neither passed nor failed; whether the mean of what counts in full passed by itself.
    fn not_shown(&self, signal: &Signal, state: &SignalState, now: f64, mean_passed: bool) -> String {
        if let Some(above) = state.above.as_ref().filter(|_| mean_passed) {
            return format!(
                "the mean of what counts is shown to hold; but {}, and {} are not shown, nor no more than the stable release has",
                above.words(),
                above.few_words()
            );
        }
        let text = "neither shown to hold nor to be broken";
        let by_day =
            matches!(state.test, Test::Rate { .. }) && !signal.counted && self.seen.newest.is_finite();
        let mature = self.plan.mature;
        match self.full_days(state, now) {
            _ if !by_day => text.to_owned(),
            (0, _) => format!("{text}: a pass is of whole days of a unit, and none ended {mature} ago"),
            (n, k) => format!(
                "{text}: a pass is of whole days of a unit, and {k} of {n} that ended {mature} ago had one ({:.2}%)",
                100.0 * k as f64 / n as f64
            ),
        }
    }

    /// The evidence of a fail and of a pass.
    fn evidence(&self, signal: &Signal, state: &SignalState, now: f64) -> (f64, Option<f64>) {
        match &state.test {
            Test::Rate { fail } => {
                let Asked::Rate { limit, .. } = signal.asked else { return (fail.evidence(), None) };
                let (n, k) = self.full_days(state, now);
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
            Test::Pairs { both: Some((fail, pass)), .. } => (fail.evidence(), Some(pass.evidence())),
            Test::PairRanks { fail, pass } => (fail.evidence(), pass.as_ref().map(PairRanks::evidence)),
            Test::Alone { detector, .. } => (detector.evidence(), None),
            Test::Change { both: None, .. }
            | Test::Pairs { both: None, .. }
            | Test::Never
            | Test::Nothing(_) => (0.0, None),
        }
    }

    /// Whether units are not split as meant in the present step.
    fn is_split_otherwise(&self) -> bool {
        let split = self.plan.times.current().and_then(|step| self.seen.splits.get(step)?.as_ref());
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
        if self.is_shadow() && signal.absent_is_no && candidate.n == 0 {
            return None;
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
        let split = self.seen.splits.get(step)?.as_ref()?;
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
            awaits: false,
            unit: Unit::NUMBER.word,
            event: None,
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
