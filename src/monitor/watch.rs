//! Feeds rows to the signals, in the order in which they arrive; `comes_to` says what is to be said of them.

mod comes_to;
mod counted;
mod recalled;
mod silence;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::answers::{Answers, twin};
use super::arms::{Phase, Routing, StepTimes};
use super::reading::LogCounts;
use super::row::{LogRow, Said};
use super::signal::Signal;
use super::state::{SignalState, Told, ToldPair};
use super::units::{Interaction, MOST_SIGNALS, Population, Served};
use crate::manifest::{Lasting, PerTime};
use crate::stats::sequential::{Arm, SplitCheck};

const DAY: f64 = 86_400.0;
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

/// What has seen a log up to some row.
pub struct Watch {
    plan: WatchPlan,
    seen: Seen,
    population: Population,
    answers: Answers,
    /// Values of the present row that the other answer has to be compared with, and their signals' places.
    fresh: Vec<(usize, f64)>,
}

/// What the rows came to.
#[derive(Serialize, Deserialize)]
struct Seen {
    states: Vec<SignalState>,
    splits: Vec<Option<SplitCheck>>,
    log: LogCounts,
    row: u64,
    oldest: f64,
    newest: f64,
    /// The newest record of what is watched.
    newest_own: f64,
    /// After full rollout: records whose feedback may still come, each with the signals that have an event of it, a bit each.
    pending: VecDeque<(f64, u32)>,
    /// How many were there before the first of them.
    settled: u32,
    /// Records of the last days by the hour, for the traffic: of what is watched, and of all releases.
    by_hour: std::collections::BTreeMap<i64, (u64, u64)>,
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
        let state = |signal| SignalState::new(signal, &plan.phase, &plan.times, plan.routing);
        let states = plan.signals.iter().map(state).collect();
        let inside =
            |weight: &f64| (*weight > 0.0 && *weight < 1.0).then(|| SplitCheck::new(*weight)).flatten();
        let random = plan.routing == Routing::Random;
        let splits = plan.times.weights.iter().map(|weight| inside(weight).filter(|_| random)).collect();
        let seen = Seen {
            states,
            splits,
            log: LogCounts::default(),
            row: 0,
            oldest: f64::INFINITY,
            newest: f64::NEG_INFINITY,
            newest_own: f64::NEG_INFINITY,
            pending: VecDeque::new(),
            settled: 0,
            by_hour: std::collections::BTreeMap::new(),
            in_step: (0, 0),
            ahead: 0,
        };
        Some(Self {
            plan,
            seen,
            population: Population::default(),
            answers: Answers::default(),
            fresh: Vec::new(),
        })
    }

    pub(super) fn beside(&mut self, left_out: u64, torn: u64) {
        self.seen.log.left_out += left_out;
        self.seen.log.torn += torn;
    }

    /// Whether both releases answer every request, so that people see the answers of the stable one only.
    fn is_shadow(&self) -> bool {
        self.plan.routing == Routing::Both && matches!(self.plan.phase, Phase::Beside)
    }

    /// Takes one row in.
    pub(super) fn feed(&mut self, row: &LogRow, values: &[f64]) {
        self.seen.row += 1;
        self.seen.log.rows += 1;
        self.seen.log.without_id += u64::from(row.id == 0);
        if row.time > self.plan.now + AHEAD {
            // One such record would keep silence from being noticed for as long as its date is ahead.
            (self.seen.log.outside, self.seen.ahead) = (self.seen.log.outside + 1, self.seen.ahead + 1);
            return;
        }
        if row.time.is_finite() {
            self.seen.oldest = self.seen.oldest.min(row.time);
            self.seen.newest = self.seen.newest.max(row.time);
            self.settle();
        }
        if row.id != 0
            && let Some(known) = self.population.interaction(row.id).copied()
        {
            return self.add(row, known, values);
        }
        let alone = matches!(self.plan.phase, Phase::Alone(..));
        let arm = match row.release {
            Said::Candidate => Some(Arm::Candidate),
            Said::Stable if !alone => Some(Arm::Stable),
            // What serves nobody else is alone: whatever is logged besides is of other releases.
            Said::Stable | Said::Other => None,
            Said::Nothing => {
                self.seen.log.orphans += 1;
                return;
            }
        };
        if let Some(hour) = row.time.is_finite().then(|| (row.time / 3600.0).floor() as i64) {
            let (own, all) = self.seen.by_hour.entry(hour).or_default();
            (*own, *all) = (*own + u64::from(arm.is_some()), *all + 1);
        }
        let Some(arm) = arm else {
            self.seen.log.other += 1;
            return;
        };
        let Some(step) = self.step(row.time) else {
            self.seen.log.outside += 1;
            return;
        };
        self.seen.log.selected += 1;
        if row.time.is_finite() {
            self.seen.newest_own = self.seen.newest_own.max(row.time);
        }
        self.open(row, arm, step, values);
    }

    /// Whether a row that was taken in is of a record of the candidate that counts; without an id nobody knows.
    pub(super) fn is_candidates(&mut self, row: &LogRow) -> bool {
        let known = self.population.interaction(row.id).filter(|_| row.id != 0);
        known.is_some_and(|known| known.served.arm() == Arm::Candidate)
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
        let shadow = self.is_shadow();
        let day = day_of(row.time);
        self.seen.log.without_unit += u64::from(row.unit == 0);
        let unit = match (row.unit, row.id) {
            (0, 0) => self.seen.row.wrapping_mul(0x9e37_79b9_7f4a_7c15),
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
            if let Some(Some(split)) = self.seen.splits.get_mut(step) {
                split.unit(arm);
            }
        }
        let (signals, states) = (&self.plan.signals, &mut self.seen.states);
        let (mut told, mut lacks, mut events) = (0, 0, 0);
        for ((at, signal), state) in signals.iter().enumerate().zip(states) {
            let bit = 1 << at;
            if row.mask & bit == 0 {
                // What is added later is of a record that does not count either.
                told |= bit;
                continue;
            }
            if signal.counted {
                continue;
            }
            let value = values.get(at).map_or(f64::NAN, |value| value * signal.scale);
            // Nobody can object to an answer that nobody sees.
            let value = if value.is_nan() && signal.absent_is_no && !shadow { 0.0 } else { value };
            if value.is_nan() {
                state.missing(arm);
                lacks |= bit;
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
            if state.is_paired() {
                self.fresh.push((at, value));
            }
            told |= if is || once(signal, state, shadow) { bit } else { 0 };
        }
        if Some(step) == self.plan.times.current() {
            let (own, others) = &mut self.seen.in_step;
            *(if arm == Arm::Candidate { own } else { others }) += 1;
        }
        if row.id != 0 {
            let served = Served::new(arm, hour_of(row.time));
            let sequence = self.seen.settled.wrapping_add(self.seen.pending.len() as u32);
            let interaction = Interaction { unit: place, told, sequence, day, step: step as u8, served };
            self.population.insert(row.id, interaction);
            self.population.lacks(row.id, lacks);
            if shadow {
                self.answers.answered(request(row.id, arm), arm, row.time);
            }
        }
        self.pair(row.id, arm);
        if matches!(self.plan.phase, Phase::Alone(..)) {
            self.seen.pending.push_back((row.time, events));
        }
    }

    /// Feeds the values of a record whose request the other release answered, and keeps those of one that it did not answer yet.
    fn pair(&mut self, id: u64, arm: Arm) {
        let mut fresh = std::mem::take(&mut self.fresh);
        for (at, value) in fresh.drain(..).filter(|_| id != 0) {
            let request = request(id, arm);
            let Some(other) = self.answers.value(request, at, arm, value) else { continue };
            let Some(Interaction { unit, step, .. }) = self.population.interaction(request).copied() else {
                continue;
            };
            let Some(unit) = self.population.unit(unit) else { continue };
            let (candidate, stable) = if arm == Arm::Candidate { (value, other) } else { (other, value) };
            let told = ToldPair { step: usize::from(step), candidate, stable, bit: 1 << at };
            if let (Some(signal), Some(state)) = (self.plan.signals.get(at), self.seen.states.get_mut(at)) {
                state.pair(signal.asked, told, unit);
            }
        }
        self.fresh = fresh;
    }

    /// Feeds the records whose feedback has come as far as it will, in their order.
    fn settle(&mut self) {
        let old = self.seen.newest - f64::from(self.plan.mature.seconds);
        while let Some((time, events)) = self.seen.pending.front().copied().filter(|(time, _)| *time <= old) {
            self.seen.pending.pop_front();
            self.seen.settled = self.seen.settled.wrapping_add(1);
            for ((at, signal), state) in self.plan.signals.iter().enumerate().zip(&mut self.seen.states) {
                if signal.absent_is_no {
                    state.settled(time, events & (1 << at) != 0);
                }
            }
        }
    }

    /// A later row of a known record: what it says for the first time counts from now on.
    fn add(&mut self, row: &LogRow, known: Interaction, values: &[f64]) {
        self.seen.log.late += 1;
        let shadow = self.is_shadow();
        let (mut told, mut lacks) = (known.told, self.population.take_lacking(row.id));
        let Some(unit) = self.population.unit(known.unit) else { return };
        for ((at, signal), state) in self.plan.signals.iter().enumerate().zip(&mut self.seen.states) {
            let bit = 1 << at;
            let value = values.get(at).map_or(f64::NAN, |value| value * signal.scale);
            if value.is_nan() || signal.counted {
                continue;
            }
            let says = signal.asked.event().is_none_or(|event| event.is(value));
            let first = lacks & bit != 0;
            if told & bit != 0 || !(says || first) {
                self.seen.log.replaced += u64::from(told & bit != 0 && row.release == Said::Nothing);
                continue;
            }
            told |= if says || once(signal, state, shadow) { bit } else { 0 };
            lacks &= !bit;
            let (step, arm) = (usize::from(known.step), known.served.arm());
            if first {
                state.found(arm);
            }
            let (day, hour) = (known.day, known.served.hour());
            let one = Told { arm, step, value, day, hour, first, first_of_day: false, bit };
            match &self.plan.phase {
                Phase::Alone(..) => {
                    let counts = state.alone(signal, one, row.time, unit);
                    let place = known.sequence.wrapping_sub(self.seen.settled) as usize;
                    if let Some((_, events)) = self.seen.pending.get_mut(place).filter(|_| counts) {
                        *events |= bit;
                    }
                }
                Phase::Beside => drop(state.take(signal.asked, one, unit)),
            }
            if state.is_paired() {
                self.fresh.push((at, value));
            }
        }
        if let Some(interaction) = self.population.interaction(row.id) {
            interaction.told = told;
        }
        self.population.lacks(row.id, lacks);
        self.pair(row.id, known.served.arm());
    }

    /// The oldest record, in seconds since 1970.
    #[must_use]
    pub fn oldest(&self) -> Option<f64> {
        self.seen.oldest.is_finite().then_some(self.seen.oldest)
    }

    /// Records of the candidate and of the stable release in the present step.
    #[must_use]
    pub fn in_step(&self) -> (u64, u64) {
        self.seen.in_step
    }

    /// What is known of the candidate when it is promoted, for the time after.
    #[must_use]
    pub fn freeze(&self) -> super::Frozen {
        let mut frozen = super::Frozen::default();
        for (signal, state) in self.plan.signals.iter().zip(&self.seen.states) {
            state.freeze(signal, &mut frozen, self.plan.alpha / self.seen.states.len() as f64);
        }
        let per_day = self.own_traffic().unwrap_or(0.0);
        frozen.requests = (per_day * f64::from(self.plan.false_alarms.per.seconds) / DAY) as u64;
        frozen
    }
}

/// The key of a record's request: that of the stable release's record of it.
fn request(id: u64, arm: Arm) -> u64 {
    if arm == Arm::Candidate { twin(id) } else { id }
}

/// Whether a record's first value counts, also where it is no event: what waits for the other answer, and what nobody says in a shadow
/// who is not asked.
fn once(signal: &Signal, state: &SignalState, shadow: bool) -> bool {
    state.is_paired() || (shadow && signal.absent_is_no)
}

/// Days since 1970; 0 without a time.
fn day_of(time: f64) -> u16 {
    if time.is_finite() { (time / DAY).floor().clamp(0.0, 65_535.0) as u16 } else { 0 }
}

/// The hour of the day; 0 without a time.
fn hour_of(time: f64) -> u8 {
    if time.is_finite() { (time.rem_euclid(DAY) / 3600.0) as u8 } else { 0 }
}
