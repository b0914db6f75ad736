//! Requests that both releases answer: whose answer is not there yet, and values that wait for those of the other answer.

use std::collections::HashMap;

use crate::stats::sequential::Arm;

/// Tells the candidate's record of an id, or of a unit, from the stable release's.
const SHADOW: u64 = 0x9e37_79b9_7f4a_7c15;

/// The candidate's key of an id or unit whose key with the stable release is given, and the other way round. 0 stays nothing.
pub(super) fn twin(key: u64) -> u64 {
    if key == 0 { 0 } else { (key ^ SHADOW).max(1) }
}

/// One request.
#[derive(Default)]
struct Request {
    /// The only release that answered it, and when.
    only: Option<(Arm, f64)>,
    /// Values that only one answer has, with the place of their signal.
    values: Vec<(u8, Arm, f64)>,
}

/// Those of which something is missing.
#[derive(Default)]
pub(super) struct Answers {
    open: HashMap<u64, Request>,
    /// How many were never answered, where none is known any more.
    recalled: Option<(u64, u64)>,
}

impl Answers {
    /// A release answered, for the first time.
    pub(super) fn answered(&mut self, request: u64, arm: Arm, time: f64) {
        let one = self.open.entry(request).or_default();
        one.only = match one.only {
            Some((other, _)) if other != arm => None,
            _ => Some((arm, time)),
        };
        self.close(request);
    }

    /// A value of an answer; that of the other answer to the same request, or nothing where it has to wait for it.
    pub(super) fn value(&mut self, request: u64, signal: usize, arm: Arm, value: f64) -> Option<f64> {
        let signal = u8::try_from(signal).ok()?;
        let one = self.open.entry(request).or_default();
        let Some(place) = one.values.iter().position(|(of, whose, _)| *of == signal && *whose != arm) else {
            one.values.push((signal, arm, value));
            return None;
        };
        let (.., other) = one.values.swap_remove(place);
        self.close(request);
        Some(other)
    }

    fn close(&mut self, request: u64) {
        if self.open.get(&request).is_some_and(|one| one.only.is_none() && one.values.is_empty()) {
            self.open.remove(&request);
        }
    }

    /// Requests until a time that only the stable release answered, and that only the candidate did.
    pub(super) fn unanswered(&self, until: f64) -> (u64, u64) {
        if let Some(known) = self.recalled {
            return known;
        }
        let only = self.open.values().filter_map(|one| one.only).filter(|(_, time)| *time <= until);
        only.fold((0, 0), |(stable, candidate), (arm, _)| match arm {
            Arm::Stable => (stable + 1, candidate),
            Arm::Candidate => (stable, candidate + 1),
        })
    }

    /// Requests of which only the numbers of [`Self::unanswered`] are known.
    pub(super) fn recalled(unanswered: (u64, u64)) -> Self {
        Self { open: HashMap::new(), recalled: Some(unanswered) }
    }
}
