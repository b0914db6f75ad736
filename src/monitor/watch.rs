//! Feeds rows to the signals, and says what they come to.

use std::collections::VecDeque;

use super::arms::{Phase, StepTimes};
use super::method::Test;
use super::reading::{ArmReading, LogCounts, Readings, SPLIT, SignalOutcome, SignalReading, StepSeen};
use super::row::{LogRow, Said};
use super::seen::{StepAsked, seen};
use super::signal::{Asked, Signal};
use super::state::{SignalState, Tally, Told};
use super::units::{Interaction, MOST_SIGNALS, Population, Served};
use crate::manifest::{Category, Lasting, PerTime, Unit};
use crate::stats::sequential::{
    Arm, BlockAuc, Mixture, SplitCheck, alarm_threshold, enough_threshold, fail_threshold, pass_threshold,
};

const DAY: f64 = 86_400.0;
/// The least silence that is one, in requests.
const LEAST_SILENCE: f64 = 20.0;
/// A difference of records per unit between the arms from which on it is told.
const UNEVEN: f64 = 0.1;
/// How far clocks of services may be ahead, in seconds; what is dated later is nobody's record.
const AHEAD: f64 = 300.0;

/// What is watched, and how it is held.
#[derive(Debug, Clone)]
pub struct WatchPlan {
    /// The signals; at most 32.
    pub signals: Vec<Signal>,
    /// Which part of the release's life.
    pub phase: Phase,
    /// The steps.
    pub times: StepTimes,
    /// Now, in seconds since 1970.
    pub now: f64,
    /// How units come to a release.
    pub routing: Routing,
    /// The chance that a release without harm is called back, over all signals, looks and steps.
    pub alpha: f64,
    /// The chance of a wrong pass.
    pub pass_alpha: f64,
    /// The share of records without a signal's field from which on it is blind.
    pub missing: f64,
    /// The time without a record from which on all are.
    pub silence: Lasting,
    /// How long feedback may take.
    pub mature: Lasting,
    /// False alarms after full rollout.
    pub false_alarms: PerTime,
}

/// How units come to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// At random, in the shares of the steps.
    Random,
    /// Both releases answer every request, and people get the stable one's answer.
    Both,
    /// By name, or all at once: the two sides are not alike, and are not compared.
    Chosen,
}

/// What has seen a log up to some row.
pub struct Watch {
    plan: WatchPlan,
    states: Vec<SignalState>,
    splits: Vec<Option<SplitCheck>>,
    population: Population,
    log: LogCounts,
    row: u64,
    oldest: f64,
    newest: f64,
    /// After full rollout: records whose feedback may still come, each with the signals that have an event of it, a bit each.
    pending: VecDeque<(f64, u32)>,
    /// How many were there before the first of them.
    settled: u32,
    /// Records of the last days, for the traffic.
    by_hour: std::collections::BTreeMap<i64, u64>,
    in_step: (u64, u64),
    /// Rows that are dated after now.
    ahead: u64,
}

impl Watch {
    /// Before the first row. None for more than 32 signals.
    #[must_use]
    pub fn new(plan: WatchPlan) -> Option<Self> {
        if plan.signals.len() > MOST_SIGNALS {
            return None;
        }
        let states =
            plan.signals.iter().map(|signal| SignalState::new(signal, &plan.phase, &plan.times)).collect();
        let inside =
            |weight: &f64| (*weight > 0.0 && *weight < 1.0).then(|| SplitCheck::new(*weight)).flatten();
        let random = plan.routing == Routing::Random;
        let splits = plan.times.weights.iter().map(|weight| inside(weight).filter(|_| random)).collect();
        Some(Self {
            plan,
            states,
            splits,
            population: Population::default(),
            log: LogCounts::default(),
            row: 0,
            oldest: f64::INFINITY,
            newest: f64::NEG_INFINITY,
            pending: VecDeque::new(),
            settled: 0,
            by_hour: std::collections::BTreeMap::new(),
            in_step: (0, 0),
            ahead: 0,
        })
    }

    pub(super) fn beside(&mut self, left_out: u64, torn: u64) {
        self.log.left_out += left_out;
        self.log.torn += torn;
    }

    /// Takes one row in.
    pub(super) fn feed(&mut self, row: &LogRow, values: &[f64]) {
        self.row += 1;
        self.log.rows += 1;
        self.log.without_id += u64::from(row.id == 0);
        if row.time > self.plan.now + AHEAD {
            // One such record would keep silence from being noticed for as long as its date is ahead.
            (self.log.outside, self.ahead) = (self.log.outside + 1, self.ahead + 1);
            return;
        }
        if row.time.is_finite() {
            self.oldest = self.oldest.min(row.time);
            self.newest = self.newest.max(row.time);
            self.settle();
        }
        if row.id != 0
            && let Some(known) = self.population.interaction(row.id).copied()
        {
            return self.add(row, known, values);
        }
        let arm = match row.release {
            Said::Candidate => Arm::Candidate,
            Said::Stable => Arm::Stable,
            Said::Other => {
                self.log.other += 1;
                return;
            }
            Said::Nothing => {
                self.log.orphans += 1;
                return;
            }
        };
        if let Some(hour) = row.time.is_finite().then(|| (row.time / 3600.0).floor() as i64) {
            *self.by_hour.entry(hour).or_default() += 1;
        }
        let Some(step) = self.step(row.time) else {
            self.log.outside += 1;
            return;
        };
        self.log.selected += 1;
        self.open(row, arm, step, values);
    }

    fn step(&self, time: f64) -> Option<usize> {
        match &self.plan.phase {
            Phase::Alone(since, _) => (time >= *since).then_some(0),
            // Records without a time are one lot: of no step, unless there is only one.
            Phase::Beside if time.is_nan() => {
                self.plan.times.spans.iter().find(|span| span.from == f64::NEG_INFINITY).map(|span| span.step)
            }
            Phase::Beside => self.plan.times.at(time),
        }
    }

    /// A record that was not seen before.
    fn open(&mut self, row: &LogRow, arm: Arm, step: usize, values: &[f64]) {
        let day = day_of(row.time);
        self.log.without_unit += u64::from(row.unit == 0);
        let unit = match (row.unit, row.id) {
            (0, 0) => self.row.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            (0, id) => id,
            (unit, _) => unit,
        };
        let (place, new) = self.population.place(unit, day);
        let Some(unit) = self.population.unit(place) else { return };
        let first_of_day = new || day > unit.last_day;
        if day > unit.last_day {
            (unit.last_day, unit.on_day) = (day, 0);
        }
        unit.arms |= if arm == Arm::Candidate { 1 } else { 2 };
        if unit.step != step as u8 {
            unit.step = step as u8;
            if let Some(Some(split)) = self.splits.get_mut(step) {
                split.unit(arm);
            }
        }
        let (signals, states) = (&self.plan.signals, &mut self.states);
        let (mut told, mut events) = (0, 0);
        for ((at, signal), state) in signals.iter().enumerate().zip(states) {
            let bit = 1 << at;
            if row.mask & bit == 0 {
                continue;
            }
            let value = values.get(at).map_or(f64::NAN, |value| value * signal.scale);
            let value = if value.is_nan() && signal.absent_is_no { 0.0 } else { value };
            if value.is_nan() {
                state.missing(arm);
                continue;
            }
            let hour = hour_of(row.time);
            let one = Told { arm, step, value, day, hour, first: true, first_of_day, bit };
            let is = match &self.plan.phase {
                Phase::Alone(..) => {
                    let counts = state.alone(signal, one, row.time, unit);
                    events |= if counts { bit } else { 0 };
                    signal.asked.event().is_none_or(|event| event.is(value))
                }
                Phase::Beside => state.take(signal.asked, one, unit),
            };
            told |= if is { bit } else { 0 };
        }
        if Some(step) == self.plan.times.current() {
            let (own, others) = &mut self.in_step;
            *(if arm == Arm::Candidate { own } else { others }) += 1;
        }
        if row.id != 0 {
            let served = Served::new(arm, hour_of(row.time));
            let sequence = self.settled.wrapping_add(self.pending.len() as u32);
            let interaction = Interaction { unit: place, told, sequence, day, step: step as u8, served };
            self.population.insert(row.id, interaction);
        }
        if matches!(self.plan.phase, Phase::Alone(..)) {
            self.pending.push_back((row.time, events));
        }
    }

    /// Feeds the records whose feedback has come as far as it will, in their order.
    fn settle(&mut self) {
        let old = self.newest - f64::from(self.plan.mature.seconds);
        while let Some((time, events)) = self.pending.front().copied().filter(|(time, _)| *time <= old) {
            self.pending.pop_front();
            self.settled = self.settled.wrapping_add(1);
            for ((at, signal), state) in self.plan.signals.iter().enumerate().zip(&mut self.states) {
                if signal.absent_is_no {
                    state.settled(time, events & (1 << at) != 0);
                }
            }
        }
    }

    /// A later row of a known record: what it says for the first time counts from now on.
    fn add(&mut self, row: &LogRow, known: Interaction, values: &[f64]) {
        self.log.late += 1;
        let Some(unit) = self.population.unit(known.unit) else { return };
        let mut told = known.told;
        for ((at, signal), state) in self.plan.signals.iter().enumerate().zip(&mut self.states) {
            let bit = 1 << at;
            let value = values.get(at).map_or(f64::NAN, |value| value * signal.scale);
            if value.is_nan() {
                continue;
            }
            let says = signal.asked.event().is_none_or(|event| event.is(value));
            if told & bit != 0 || !says {
                self.log.replaced += u64::from(told & bit != 0 && row.release == Said::Nothing);
                continue;
            }
            told |= bit;
            let (step, arm) = (usize::from(known.step), known.served.arm());
            let first = signal.asked.event().is_none();
            let (day, hour) = (known.day, known.served.hour());
            let one = Told { arm, step, value, day, hour, first, first_of_day: false, bit };
            match &self.plan.phase {
                Phase::Alone(..) => {
                    let counts = state.alone(signal, one, row.time, unit);
                    let place = known.sequence.wrapping_sub(self.settled) as usize;
                    if let Some((_, events)) = self.pending.get_mut(place).filter(|_| counts) {
                        *events |= bit;
                    }
                }
                Phase::Beside => drop(state.take(signal.asked, one, unit)),
            }
        }
        if let Some(interaction) = self.population.interaction(row.id) {
            interaction.told = told;
        }
    }

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
        notes.extend(self.uneven(units));
        if self.log.without_id > 0 {
            notes.push(format!(
                "{} records without an id: what was written twice cannot be told, and feedback cannot be added to them",
                self.log.without_id
            ));
        }
        if self.ahead > 0 {
            let rows = if self.ahead == 1 { "1 record" } else { &format!("{} records", self.ahead) };
            notes.push(format!("{rows} dated after now: not counted, as a clock is wrong"));
        }
        if units.2 > 0 {
            notes.push(format!("{} units were served by both releases", units.2));
        }
        Readings { signals, log: self.log, traffic: self.traffic(), newest, units, notes }
    }

    /// The oldest record, in seconds since 1970.
    #[must_use]
    pub fn oldest(&self) -> Option<f64> {
        self.oldest.is_finite().then_some(self.oldest)
    }

    /// Records of the candidate and of the stable release in the present step.
    #[must_use]
    pub fn in_step(&self) -> (u64, u64) {
        self.in_step
    }

    /// What is known of the candidate when it is promoted, for the time after.
    #[must_use]
    pub fn freeze(&self) -> super::Frozen {
        let mut frozen = super::Frozen::default();
        for (signal, state) in self.plan.signals.iter().zip(&self.states) {
            state.freeze(signal, &mut frozen, self.plan.alpha / self.states.len() as f64);
        }
        let per_day = self.traffic().unwrap_or(0.0);
        frozen.requests = (per_day * f64::from(self.plan.false_alarms.per.seconds) / DAY) as u64;
        frozen
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
        let usual = self.traffic().map_or(0.0, |daily| LEAST_SILENCE * DAY / daily.max(1e-9));
        let silence = f64::from(self.plan.silence.seconds).max(usual);
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

    /// Records a day, by the last 24 hours of them.
    fn traffic(&self) -> Option<f64> {
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
        (reading.outcome, reading.reason) = match blind {
            _ if self.plan.routing == Routing::Chosen && signal.asked.compares() => {
                let text = "who gets which release is not chosen at random, so the two are not compared";
                reading.seen = Some(StepSeen::nothing_to_see());
                (SignalOutcome::Inconclusive, text.to_owned())
            }
            // The share of the bad events says nothing beside another share of the units than was meant.
            _ if matches!(state.test, Test::Ratio { .. }) && self.is_split_otherwise() => {
                (SignalOutcome::Blind, "units are not split as meant".to_owned())
            }
            _ if failed => (SignalOutcome::Fail, self.failed(signal, &reading)),
            Some(why) => (SignalOutcome::Blind, why),
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
                format!("seen {} times, and one is enough", reading.candidate.events.unwrap_or(0))
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

/// Days since 1970; 0 without a time.
fn day_of(time: f64) -> u16 {
    if time.is_finite() { (time / DAY).floor().clamp(0.0, 65_535.0) as u16 } else { 0 }
}

/// The hour of the day; 0 without a time.
fn hour_of(time: f64) -> u8 {
    if time.is_finite() { (time.rem_euclid(DAY) / 3600.0) as u8 } else { 0 }
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
