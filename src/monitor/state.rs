//! The numbers of one signal, fed in the order in which rows arrive.

use std::collections::BTreeMap;

use super::arms::{Frozen, Phase, StepTimes};
use super::signal::{Asked, RecordEvent, Signal};
use super::units::Unit;
use crate::stats::sequential::limits::rate_limits;
use crate::stats::sequential::{
    Arm, Betting, BlockAuc, BlockBetting, ChangeLimit, Detector, FrozenReference, Mixture, WhichArm,
};

/// Stable values that say where a cap lies that nobody declared.
const BEFORE_CAP: usize = 100;
/// How many times their mean it is.
const CAP: f64 = 10.0;
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
    /// Whether the record itself is told, and not something that is added to it.
    pub(super) first: bool,
    /// Whether the unit had no record on this day before.
    pub(super) first_of_day: bool,
    /// The signal's bit.
    pub(super) bit: u32,
}

/// Records of one arm.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) n: u64,
    pub(super) events: u64,
    pub(super) sum: f64,
    pub(super) units: u64,
    pub(super) missing: u64,
}

/// Units of a day.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    units: u64,
    events: u64,
}

/// What gathers the evidence.
#[allow(clippy::large_enum_variant, reason = "one a signal")]
pub(super) enum Test {
    Rate {
        fail: Mixture,
    },
    Ratio {
        fail: WhichArm,
        pass: WhichArm,
    },
    Mean {
        fail: Betting,
        pass: Betting,
    },
    Change {
        both: Option<(BlockBetting, BlockBetting)>,
        limit: ChangeLimit,
    },
    Ranks {
        fail: BlockAuc,
        pass: Option<BlockAuc>,
    },
    Never,
    Alone {
        detector: Detector,
        edges: Option<FrozenReference>,
        minute: i64,
    },
    /// Nothing that it could be held against.
    Nothing(String),
}

pub(super) struct SignalState {
    pub(super) test: Test,
    pub(super) candidate: Tally,
    pub(super) stable: Tally,
    /// What counts for the present step: records or events of the candidate and of both arms.
    pub(super) steps: Vec<(u64, u64)>,
    /// Stable values, in their order.
    pub(super) kept: Vec<f64>,
    /// The candidate's values.
    shown: Vec<f64>,
    /// What a value counts as at most.
    pub(super) cap: Option<f64>,
    pub(super) above_cap: u64,
    days: BTreeMap<u16, Day>,
    unreadable: u64,
}

impl SignalState {
    pub(super) fn new(signal: &Signal, phase: &Phase, times: &StepTimes) -> Self {
        let test = match phase {
            Phase::Beside => beside(signal, times),
            Phase::Alone(_, frozen) => alone(signal, frozen),
        };
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
            shown: Vec::new(),
            cap,
            above_cap: 0,
            days: BTreeMap::new(),
            unreadable: 0,
        };
        state.open_change();
        state
    }

    /// Values that its method cannot count: negative ones of a change.
    pub(super) fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The record has no value.
    pub(super) fn missing(&mut self, arm: Arm) {
        self.tally(arm).missing += 1;
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
        // Of days that are over nobody knows any more whether the unit has one already: it does not count for a fail, and
        // does against a pass.
        let of_day = is && (day < unit.last_day || unit.on_day & bit == 0);
        let of_rollout = is && unit.counted & bit == 0;
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
        if self.cap.is_some_and(|cap| value > cap) && arm == Arm::Candidate {
            self.above_cap += 1;
        }
        if arm == Arm::Stable && self.kept.len() < KEPT {
            self.kept.push(value);
        }
        if arm == Arm::Candidate && self.shown.len() < KEPT {
            self.shown.push(value);
        }
        let ours = arm == Arm::Candidate;
        if let Some((own, both)) = self.steps.get_mut(step) {
            *own += u64::from(ours);
            *both += 1;
        }
        let taken = match &mut self.test {
            Test::Mean { fail, pass } if ours => fail.record(value).and(pass.record(value)),
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

    /// A change begins when it is known what a value counts as at most; what came before does not count.
    fn open_change(&mut self) {
        let Test::Change { both: both @ None, limit } = &mut self.test else { return };
        if self.cap.is_none() && self.kept.len() >= BEFORE_CAP {
            let mean = self.kept.iter().sum::<f64>() / self.kept.len() as f64;
            self.cap = Some(CAP * mean).filter(|cap| *cap > 0.0 && cap.is_finite());
        }
        if let Some(cap) = self.cap {
            *both = BlockBetting::fail(*limit, cap).zip(BlockBetting::pass(*limit, cap));
        }
    }

    /// Notes what the time after full rollout is held against.
    pub(super) fn freeze(&self, signal: &Signal, frozen: &mut Frozen, alpha: f64) {
        let id = || signal.id.clone();
        match signal.asked {
            // Its own upper limit, valid however often one looked; where it cannot be told, nothing.
            Asked::Ratio { ratio, .. } => {
                let bounds = rate_limits(self.candidate.events, self.candidate.n, alpha);
                if let Some(upper) = bounds.and_then(|bounds| bounds.upper) {
                    frozen.limits.insert(id(), (ratio * upper).min(0.99));
                }
            }
            Asked::Change { limit, .. } => {
                let Some(cap) = self.cap else { return };
                let mean = self.candidate.sum / self.candidate.n as f64;
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
                if let Some(reference) = FrozenReference::new(&self.shown) {
                    frozen.edges.insert(id(), reference.edges().to_vec());
                }
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

fn beside(signal: &Signal, times: &StepTimes) -> Result<Test, String> {
    let weights = &times.weights;
    let test = match signal.asked {
        Asked::Rate { limit, .. } => Mixture::fail(limit).map(|fail| Test::Rate { fail }),
        Asked::Ratio { ratio, .. } => {
            let both = WhichArm::fail(weights, ratio).zip(WhichArm::pass(weights, ratio));
            both.map(|(fail, pass)| Test::Ratio { fail, pass })
        }
        Asked::Mean { limit, cap, low } => {
            let limit = if low { limit } else { cap - limit };
            Betting::fail(limit, cap)
                .zip(Betting::pass(limit, cap))
                .map(|(fail, pass)| Test::Mean { fail, pass })
        }
        Asked::Change { limit, .. } => Some(Test::Change { both: None, limit }),
        Asked::NotShifted { low: true } => {
            Some(Test::Ranks { fail: BlockAuc::increase(), pass: Some(BlockAuc::no_increase()) })
        }
        Asked::NotShifted { low: false } => {
            Some(Test::Ranks { fail: BlockAuc::decrease(), pass: Some(BlockAuc::no_decrease()) })
        }
        Asked::Drift { d } => {
            BlockAuc::drift(d).map(|fail| Test::Ranks { fail, pass: BlockAuc::no_drift(d) })
        }
        Asked::Never { .. } => Some(Test::Never),
    };
    test.ok_or_else(|| "its limit is outside of what its values can be".to_owned())
}

/// What is left of a comparison when there is nothing to compare with: what was known of the candidate when it was promoted.
fn alone(signal: &Signal, frozen: &Frozen) -> Result<Test, String> {
    let detector = |detector: Option<Detector>, edges| {
        detector.map(|detector| Test::Alone { detector, edges, minute: i64::MIN })
    };
    let known = frozen.limits.get(&signal.id).copied();
    let unknown = || "nothing is known from its rollout that it could be held against".to_owned();
    let test = match signal.asked {
        Asked::Never { .. } => return Ok(Test::Never),
        Asked::Rate { limit, .. } => detector(Detector::rate(limit), None),
        Asked::Mean { limit, cap, low } => {
            detector(Detector::mean(if low { limit } else { cap - limit }, cap), None)
        }
        Asked::Ratio { .. } => detector(Detector::rate(known.ok_or_else(unknown)?), None),
        Asked::Change { .. } => {
            let cap = frozen.caps.get(&signal.id).copied().ok_or_else(unknown)?;
            detector(Detector::mean(known.ok_or_else(unknown)?, cap), None)
        }
        Asked::NotShifted { .. } | Asked::Drift { .. } => {
            let d = if let Asked::Drift { d } = signal.asked { d } else { USUAL_DRIFT };
            let edges = frozen.edges.get(&signal.id).cloned().ok_or_else(unknown)?;
            detector(Detector::drift(d), Some(FrozenReference::from_edges(edges).ok_or_else(unknown)?))
        }
    };
    test.ok_or_else(|| "its limit is outside of what its values can be".to_owned())
}

/// How far values may drift after full rollout where nothing is said: about a fifth of a standard deviation.
const USUAL_DRIFT: f64 = 0.06;
