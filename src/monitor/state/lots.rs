//! A signal that a query counted: lots of records, of which neither ids nor units are known.
//!
//! What was counted of a stretch of time may grow while feedback comes in, so that the lots of an earlier look are no front of those of
//! this one. The evidence of a fail is therefore that of all lots together, looked at once: where feedback is equally late in both arms,
//! that is a point of the sequence in which events arrived. No highest one of the past is taken from it.

use super::super::method::Test;
use super::super::signal::{RecordEvent, Signal};
use super::SignalState;
use crate::stats::sequential::ArmCounts;
use crate::stats::sequential::worst_hours::HourCounts;

/// Records of a stretch of time and of one arm.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::monitor) struct Lot {
    pub(in crate::monitor) events: u64,
    pub(in crate::monitor) n: u64,
}

impl Lot {
    /// As the signal counts: of what is good the others are its events.
    pub(in crate::monitor) fn of(signal: &Signal, events: u64, n: u64) -> Self {
        let is_good = matches!(signal.asked.event(), Some(RecordEvent::False));
        Self { events: if is_good { n.saturating_sub(events) } else { events }, n }
    }

    pub(in crate::monitor) fn add(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.n = self.n.saturating_add(other.n);
    }
}

/// All lots of a signal.
#[derive(Debug, Clone, Default)]
pub(in crate::monitor) struct Lots {
    /// All of the candidate's, and of the stable release's.
    pub(in crate::monitor) sides: [Lot; 2],
    /// The same by step.
    pub(in crate::monitor) steps: Vec<[Lot; 2]>,
    /// The candidate's by the day on which their stretch of time ends.
    pub(in crate::monitor) days: Vec<(u16, Lot)>,
    /// The candidate's by the hour of the day, as far as their stretches of time are no longer.
    pub(in crate::monitor) hours: [HourCounts; 24],
    /// The candidate's by the minute, after full rollout: whatever feedback they get they have.
    pub(in crate::monitor) minutes: Vec<(i64, Lot)>,
    /// Records that other signals were counted of, by arm.
    pub(in crate::monitor) missing: [u64; 2],
    /// When the first stretch of time begins and the last one ends, in seconds since 1970.
    pub(in crate::monitor) span: Option<(f64, f64)>,
}

impl SignalState {
    /// When the first lot begins and the last one ends; none where nothing was counted.
    pub(in crate::monitor) fn counted(&self) -> Option<(f64, f64)> {
        self.counted
    }

    /// Takes everything that was counted, once.
    pub(in crate::monitor) fn take_lots(&mut self, lots: &Lots) {
        self.counted = lots.span;
        for (own, step) in self.steps.iter_mut().zip(&lots.steps) {
            let [candidate, stable] = step;
            *own = match &self.test {
                Test::Ratio { .. } => (candidate.events, candidate.events.saturating_add(stable.events)),
                _ => (candidate.n, candidate.n.saturating_add(stable.n)),
            };
        }
        for ((tally, side), missing) in
            [&mut self.candidate, &mut self.stable].into_iter().zip(lots.sides).zip(lots.missing)
        {
            (tally.n, tally.events, tally.missing) = (side.n, side.events, missing);
            tally.sum = side.events as f64;
        }
        self.hours = lots.hours;
        for (day, lot) in &lots.days {
            let own = self.days.entry(*day).or_default();
            own.units = own.units.saturating_add(lot.n);
            own.events = own.events.saturating_add(lot.events);
        }
        let [candidate, _] = lots.sides;
        let taken = match &mut self.test {
            Test::Rate { fail } => fail.lot(candidate.events, candidate.n),
            Test::Ratio { fail, pass } => {
                let events: Vec<ArmCounts> = lots
                    .steps
                    .iter()
                    .map(|[own, stable]| ArmCounts { candidate: own.events, stable: stable.events })
                    .collect();
                fail.lots(&events).and(pass.lots(&events))
            }
            Test::Alone { detector, minute, .. } => lots.minutes.iter().try_for_each(|(at, lot)| {
                if at > minute {
                    detector.end_minute();
                    *minute = *at;
                }
                detector.counts(lot.events, lot.n)
            }),
            _ => Some(()),
        };
        self.unreadable += u64::from(taken.is_none());
    }
}
