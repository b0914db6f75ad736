//! The numbers of one signal, fed in the order in which rows arrive.

mod lots;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use lots::{Lot, Lots};

use super::above_cap::{AboveCap, CAP};
use super::arms::{Frozen, Phase, Routing, StepTimes};
use super::method::Test;
use super::shown::Shown;
use super::signal::{Asked, RecordEvent, Signal, SignalTail};
use super::units::Unit;
use crate::stats::sequential::limits::{mean_limits, rate_limits};
use crate::stats::sequential::worst_hours::{HourCounts, HourValue, worst_mean, worst_rate, worst_shift};
use crate::stats::sequential::{Arm, BlockBetting, ChangeLimit, FrozenReference, PairBetting};

/// Stable values that say where a cap lies that nobody declared.
const BEFORE_CAP: usize = 100;
/// Stable values that are kept to be replayed.
const KEPT: usize = 4000;

/// One value, or event, of one record.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) arm: Arm,
    pub(super) step: usize,
    /// In the signal's unit; NaN where the row has none.
    pub(super) value: f64,
    /// The day of the record.
    pub(super) day: u16,
    /// Its hour, from 0 to 23.
    pub(super) hour: u8,
    /// Whether the record itself is told, and not something that is added to it.
    pub(super) first: bool,
    /// Whether the unit had no record on this day before.
    pub(super) first_of_day: bool,
    /// The signal's bit.
    pub(super) bit: u32,
}

/// What both releases answered to one request.
#[derive(Clone, Copy)]
pub(super) struct ToldPair {
    pub(super) step: usize,
    /// In the signal's unit.
    pub(super) candidate: f64,
    pub(super) stable: f64,
    /// The signal's bit.
    pub(super) bit: u32,
}

/// Records of one arm.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) n: u64,
    pub(super) events: u64,
    pub(super) sum: f64,
    pub(super) units: u64,
    pub(super) missing: u64,
}

/// Units of a day.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Day {
    units: u64,
    events: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SignalState {
    pub(super) test: Test,
    pub(super) candidate: Tally,
    pub(super) stable: Tally,
    /// What counts for the present step: records or events of the candidate and of both arms.
    pub(super) steps: Vec<(u64, u64)>,
    /// Stable values, in their order.
    pub(super) kept: Vec<f64>,
    /// What the candidate answered to the same requests, where it answers all of them.
    pub(super) twins: Vec<f64>,
    /// The candidate's values.
    shown: Shown,
    /// The candidate's records and events by the hour of the day.
    hours: [HourCounts; 24],
    /// What a value counts as at most.
    pub(super) cap: Option<f64>,
    /// How frequent values above that are; none where none can be, or where that does not matter.
    pub(super) above: Option<AboveCap>,
    /// What such a rate is asked of, and the shares of the steps, until it is known what a value counts as at most.
    waiting: Option<(Asked, Vec<f64>)>,
    days: BTreeMap<u16, Day>,
    unreadable: u64,
    /// When what a query counted begins and ends.
    counted: Option<(f64, f64)>,
}

impl SignalState {
    pub(super) fn new(signal: &Signal, phase: &Phase, times: &StepTimes, routing: Routing) -> Self {
        let test = Test::new(signal, phase, times, routing);
        let cap = match signal.asked {
            Asked::Mean { cap, .. } => Some(cap),
            Asked::Change { cap, .. } => cap,
            _ => None,
        };
        let cap = match phase {
            Phase::Alone(_, frozen) => frozen.caps.get(&signal.id).copied().or(cap),
            Phase::Beside => cap,
        };
        let mut state = Self {
            test: test.unwrap_or_else(Test::Nothing),
            candidate: Tally::default(),
            stable: Tally::default(),
            steps: vec![(0, 0); times.weights.len().max(1)],
            kept: Vec::new(),
            twins: Vec::new(),
            shown: Shown::default(),
            hours: [HourCounts::default(); 24],
            cap,
            above: None,
            waiting: (matches!(phase, Phase::Beside) && signal.tail == SignalTail::Open)
                .then(|| (signal.asked, times.weights.clone())),
            days: BTreeMap::new(),
            unreadable: 0,
            counted: None,
        };
        if let (Test::Mean { .. }, Some(cap)) = (&state.test, state.cap) {
            state.open_above(cap);
        }
        state.open_change();
        state
    }

    /// Values that its method cannot count: negative ones of a change.
    pub(super) fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// Whether it compares what both releases answered to one request.
    pub(super) fn is_paired(&self) -> bool {
        self.test.is_paired()
    }

    /// The record has no value.
    pub(super) fn missing(&mut self, arm: Arm) {
        self.tally(arm).missing += 1;
    }

    /// A record that had no value has one now.
    pub(super) fn found(&mut self, arm: Arm) {
        self.tally(arm).missing -= 1;
    }

    fn tally(&mut self, arm: Arm) -> &mut Tally {
        match arm {
            Arm::Candidate => &mut self.candidate,
            Arm::Stable => &mut self.stable,
        }
    }

    /// Takes one value. Whether it is the interaction's event, so that the same is not told twice.
    pub(super) fn take(&mut self, asked: Asked, told: Told, unit: &mut Unit) -> bool {
        match asked.event() {
            Some(event) => self.take_event(asked, event, told, unit),
            None => {
                self.take_number(told, unit);
                true
            }
        }
    }

    fn take_event(&mut self, asked: Asked, event: RecordEvent, told: Told, unit: &mut Unit) -> bool {
        let is = event.is(told.value);
        let Told { arm, step, day, bit, .. } = told;
        let ours = arm == Arm::Candidate;
        if told.first {
            self.tally(arm).n += 1;
            self.tally(arm).sum += told.value;
            if told.first_of_day && ours {
                self.days.entry(day).or_default().units += 1;
            }
            if let (Test::Rate { fail }, true) = (&mut self.test, ours) {
                fail.record(false);
            }
            if let (Asked::Rate { .. }, true, Some((own, _))) = (asked, ours, self.steps.get_mut(step)) {
                *own += 1;
            }
        }
        if is {
            self.tally(arm).events += 1;
        }
        if let (Some(hour), true) = (self.hours.get_mut(usize::from(told.hour)), ours) {
            hour.n += u64::from(told.first);
            hour.events += u64::from(is);
        }
        // Of days that are over nobody knows any more whether the unit has one already: it does not count for a fail, and
        // does against a pass.
        let of_day = is && (day < unit.last_day || unit.on_day & bit == 0);
        let of_rollout = is && unit.counted & bit == 0 && !self.test.is_paired();
        if is && day == unit.last_day {
            unit.on_day |= bit;
        }
        if of_day && ours {
            self.days.entry(day).or_default().events += 1;
        }
        if of_rollout {
            unit.counted |= bit;
            self.tally(arm).units += 1;
        }
        let counts_today = of_day && day == unit.last_day && ours;
        match &mut self.test {
            Test::Rate { fail } if counts_today => fail.late_event(),
            Test::Ratio { fail, pass } if of_rollout => {
                fail.bad_event(step, arm);
                if day == unit.first_day {
                    pass.bad_event(step, arm);
                }
                if let Some((own, both)) = self.steps.get_mut(step) {
                    *own += u64::from(ours);
                    *both += 1;
                }
            }
            _ => {}
        }
        is
    }

    /// For the time after full rollout: a record of the candidate, or what is added to one. Whether it is an event that counts.
    ///
    /// Feedback that comes late is fed by [`Self::settled`]: in lots it would look like a burst.
    pub(super) fn alone(&mut self, signal: &Signal, told: Told, time: f64, unit: &mut Unit) -> bool {
        let asked = signal.asked;
        if let Some(event) = asked.event() {
            let on_day = unit.on_day;
            self.take_event(asked, event, told, unit);
            let counts = unit.on_day != on_day;
            if told.first && !signal.absent_is_no {
                self.feed(time, f64::from(u8::from(counts)));
            }
            return counts;
        }
        self.count_number(told);
        // A unit's first value of the day.
        if unit.on_day & told.bit == 0 && told.day == unit.last_day {
            unit.on_day |= told.bit;
            let value = match asked {
                Asked::Mean { low: false, cap, .. } => cap - told.value.min(cap),
                _ => self.cap.map_or(told.value, |cap| told.value.min(cap)),
            };
            self.feed(time, value);
        }
        false
    }

    /// A record whose feedback has come as far as it will.
    pub(super) fn settled(&mut self, time: f64, event: bool) {
        self.feed(time, f64::from(u8::from(event)));
    }

    fn feed(&mut self, time: f64, value: f64) {
        let Test::Alone { detector, edges, minute } = &mut self.test else { return };
        let now = (time / 60.0).floor() as i64;
        if now > *minute {
            detector.end_minute();
            *minute = now;
        }
        let value = match edges {
            Some(edges) => edges.position(value),
            None => Some(value),
        };
        if value.and_then(|value| detector.record(value)).is_none() {
            self.unreadable += 1;
        }
    }

    fn count_number(&mut self, told: Told) {
        let tally = self.tally(told.arm);
        tally.n += 1;
        tally.sum += told.value;
    }

    fn take_number(&mut self, told: Told, unit: &mut Unit) {
        self.count_number(told);
        if self.test.is_paired() {
            return;
        }
        let Told { arm, step, value, day, bit, .. } = told;
        let once = unit.counted & bit == 0;
        let today = day == unit.last_day && unit.on_day & bit == 0;
        unit.counted |= bit;
        if day == unit.last_day {
            unit.on_day |= bit;
        }
        // A level counts a unit once a day, a comparison once.
        let level = matches!(self.test, Test::Mean { .. });
        if !(if level { today } else { once }) {
            return;
        }
        self.tally(arm).units += 1;
        if let (Some(above), Some(cap)) = (&mut self.above, self.cap) {
            above.record(step, arm, value > cap);
        }
        if arm == Arm::Stable && self.kept.len() < KEPT {
            self.kept.push(value);
        }
        if arm == Arm::Candidate {
            self.shown.push(HourValue { hour: told.hour, value });
        }
        let ours = arm == Arm::Candidate;
        if let Some((own, both)) = self.steps.get_mut(step) {
            *own += u64::from(ours);
            *both += 1;
        }
        let taken = match &mut self.test {
            Test::Mean { fail, pass, turned } if ours => {
                let value = turned.map_or(value, |cap| cap - value.min(cap));
                fail.record(value).and(pass.record(value))
            }
            Test::Change { both: Some((fail, pass)), .. } => {
                fail.record(arm, value).and(pass.record(arm, value))
            }
            Test::Ranks { fail, pass } => {
                let taken = fail.record(arm, value);
                match pass {
                    Some(pass) => taken.and(pass.record(arm, value)),
                    None => taken,
                }
            }
            _ => Some(()),
        };
        if taken.is_none() {
            self.unreadable += 1;
        }
        self.open_change();
    }

    /// Takes what both releases answered to one request. A unit counts once: of a rate its first request that says something, which
    /// beside the same rate is one with an event of only one of them.
    pub(super) fn pair(&mut self, asked: Asked, told: ToldPair, unit: &mut Unit) {
        let ToldPair { step, candidate, stable, bit } = told;
        if unit.counted & bit != 0 {
            return;
        }
        let (candidate, stable, own, both) = match asked.event() {
            Some(event) => {
                let (candidate, stable) = (event.is(candidate), event.is(stable));
                let same_rate = matches!(asked, Asked::Ratio { ratio: 1.0, .. });
                if !(if same_rate { candidate != stable } else { candidate || stable }) {
                    return;
                }
                let (own, others) = (u64::from(candidate), u64::from(stable));
                (own as f64, others as f64, own, own + others)
            }
            None => (candidate, stable, 1, 2),
        };
        unit.counted |= bit;
        self.candidate.units += own;
        self.stable.units += both - own;
        if let Some(counted) = self.steps.get_mut(step) {
            *counted = (counted.0 + own, counted.1 + both);
        }
        if asked.event().is_none() {
            self.keep_pair(step, candidate, stable);
        }
        if self.test.pair(candidate, stable).is_none() {
            self.unreadable += 1;
        }
        self.open_change();
    }

    fn keep_pair(&mut self, step: usize, candidate: f64, stable: f64) {
        if self.kept.len() < KEPT {
            self.kept.push(stable);
            self.twins.push(candidate);
        }
        if let (Some(above), Some(cap)) = (&mut self.above, self.cap) {
            above.pair(step, candidate > cap, stable > cap);
        }
    }

    /// A change begins when it is known what a value counts as at most; what came before does not count.
    fn open_change(&mut self) {
        if !matches!(self.test, Test::Change { both: None, .. } | Test::Pairs { both: None, .. }) {
            return;
        }
        if self.cap.is_none() && self.kept.len() >= BEFORE_CAP {
            let mean = self.kept.iter().sum::<f64>() / self.kept.len() as f64;
            self.cap = Some(CAP * mean).filter(|cap| *cap > 0.0 && cap.is_finite());
        }
        let Some(cap) = self.cap else { return };
        match &mut self.test {
            Test::Change { both, limit } => {
                *both = BlockBetting::fail(*limit, cap).zip(BlockBetting::pass(*limit, cap));
            }
            Test::Pairs { both, limit } => {
                *both = PairBetting::fail(*limit, cap).zip(PairBetting::pass(*limit, cap));
            }
            _ => {}
        }
        self.open_above(cap);
    }

    fn open_above(&mut self, cap: f64) {
        if let Some((asked, weights)) = self.waiting.take() {
            self.above = AboveCap::new(asked, cap, &weights);
        }
    }

    /// Notes what the time after full rollout is held against.
    pub(super) fn freeze(&self, signal: &Signal, frozen: &mut Frozen, alpha: f64) {
        let id = || signal.id.clone();
        match signal.asked {
            // Its own upper limit at the worst time of the day, valid however often one looked. Where times of day cannot be
            // told apart, twice that of the average: no level swings around its average by more.
            Asked::Ratio { ratio, .. } => {
                let average = || rate_limits(self.candidate.events, self.candidate.n, alpha)?.upper;
                let worst = worst_rate(&self.hours, alpha).or_else(|| Some(2.0 * average()?));
                if let Some(upper) = worst {
                    frozen.limits.insert(id(), (ratio * upper).min(0.99));
                }
            }
            Asked::Change { limit, .. } => {
                let Some(cap) = self.cap else { return };
                let values = &self.shown.values;
                let average = || mean_limits(&self.shown.plain(), cap, alpha)?.upper;
                let worst = worst_mean(values, cap, alpha).or_else(|| Some(2.0 * average()?));
                let Some(mean) = worst else { return };
                let most = match limit {
                    ChangeLimit::Increase(m) => (1.0 + m) * mean,
                    ChangeLimit::IncreaseBy(m) => mean + m,
                    // Of what may not fall nothing is held: the detector looks upwards.
                    ChangeLimit::Decrease(_) | ChangeLimit::DecreaseBy(_) => return,
                };
                frozen.limits.insert(id(), most.min(0.99 * cap));
                frozen.caps.insert(id(), cap);
            }
            Asked::NotShifted { .. } | Asked::Drift { .. } => {
                let Some(reference) = FrozenReference::new(&self.shown.plain()) else { return };
                // What its times of day differ by comes on top of a drift that is allowed.
                let Some(shift) = worst_shift(&self.shown.values, &reference, alpha) else { return };
                frozen.limits.insert(id(), shift);
                frozen.edges.insert(id(), reference.edges().to_vec());
            }
            Asked::Mean { cap, .. } => drop(frozen.caps.insert(id(), cap)),
            Asked::Rate { .. } | Asked::Never { .. } => {}
        }
    }

    /// Days that ended by `until`, as units and units with an event.
    pub(super) fn unit_days(&self, until: u16) -> (u64, u64) {
        self.days
            .range(..until)
            .fold((0, 0), |(n, k), (_, day)| (n + day.units, k + day.events.min(day.units)))
    }
}
