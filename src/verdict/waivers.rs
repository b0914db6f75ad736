//! Waivers: accepted, expiring exceptions. A waived gate keeps its outcome; only its effect changes.
//!
//! A waiver covers a fail or an inconclusive, never an error. What its limit comes to was judged before.

use std::collections::BTreeMap;

use super::result::GateResult;
use crate::gate::Outcome;
use crate::manifest::WaiverSpec;
use crate::metric::Label;

/// One waiver with what is known about it.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// As it is declared.
    pub waiver: WaiverSpec,
    /// Whether its last day lies before the day of the judgement.
    pub expired: bool,
    /// Why it is not signed as it has to be, as in "it ..."; none where it is, or does not have to be.
    pub unsigned: Option<String>,
    /// The limit in the unit of the gate; none where it has none.
    pub limit: Option<f64>,
    /// The outcome of each part with the limit in place of the threshold; none where it has no limit.
    pub with_limit: Option<Vec<Outcome>>,
    /// A limit that is hardly easier than the evidence needs; none where no limit helps or none is needed.
    pub would_do: Option<Sufficient>,
}

/// A limit that what was measured meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sufficient {
    /// The limit, as an author writes it.
    pub limit: String,
    /// The worst value that the evidence allows, in the same unit.
    pub worst: String,
}

/// A gate that a waiver could cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waivable {
    /// Its identifier.
    pub gate: String,
    /// The limit that would do; none for a gate of relgate's own, which has no limit.
    pub limit: Option<Sufficient>,
    /// The one slice that did not pass, where everything else of the gate did; else empty.
    pub slice: BTreeMap<String, String>,
}

/// What became of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaiverState {
    /// The release ships under it.
    Used,
    /// Its gate passed, or does not block.
    Unused,
    /// It is needed and has expired.
    Expired,
    /// It is needed, and nobody who may has signed it.
    Unsigned,
    /// Its limit is not met by this part of its gate.
    LimitNotMet(usize),
    /// It covers what it is for, and this part of its gate did not pass either.
    NotEnough(usize),
    /// Its gate could not be judged; that cannot be waived.
    ForAnError,
    /// Its slice is not what failed.
    OtherSlice,
}

/// A waiver and what became of it.
#[derive(Debug, Clone)]
pub struct WaiverResult {
    /// The waiver.
    pub acceptance: Acceptance,
    /// What became of it.
    pub state: WaiverState,
}

/// Applies the waivers to the gates: a gate is waived once every part that did not pass is covered.
pub(super) fn apply(gates: &mut [GateResult], waivers: Vec<Acceptance>) -> Vec<WaiverResult> {
    let mut states = vec![WaiverState::Unused; waivers.len()];
    for gate in gates.iter_mut().filter(|gate| gate.judged.blocks()) {
        let own: Vec<(usize, &Acceptance)> = waivers
            .iter()
            .enumerate()
            .filter(|(_, waiver)| waiver.waiver.gate.value == gate.judged.id())
            .collect();
        if gate.outcome == Outcome::Pass || gate.outcome == Outcome::NotApplicable {
            continue;
        }
        let mut used = Vec::new();
        // The first part that did not pass and that no waiver covers.
        let mut open = None;
        let mut covered = gate.judged.barred.is_none();
        for (i, part) in
            gate.judged.parts.iter().enumerate().filter(|(_, part)| part.outcome != Outcome::Pass)
        {
            let mut found = false;
            for (place, waiver) in &own {
                let state = state_for(waiver, gate, i, &part.key);
                if state == WaiverState::Used {
                    found = true;
                    used.push(*place);
                }
                if let Some(known) = states.get_mut(*place).filter(|known| rank(state) > rank(**known)) {
                    *known = state;
                }
            }
            covered &= found && part.outcome != Outcome::Error;
            if !found {
                open.get_or_insert(i);
            }
        }
        used.sort_unstable();
        used.dedup();
        if gate.judged.barred.is_some() {
            for (place, _) in &own {
                if let Some(state) = states.get_mut(*place) {
                    *state = WaiverState::ForAnError;
                }
            }
        } else if covered {
            for place in &used {
                if let Some(state) = states.get_mut(*place) {
                    *state = WaiverState::Used;
                }
            }
            gate.waived = used;
        } else if let Some(open) = open {
            for place in &used {
                if let Some(state) = states.get_mut(*place).filter(|state| **state == WaiverState::Used) {
                    *state = WaiverState::NotEnough(open);
                }
            }
        }
    }
    waivers.into_iter().zip(states).map(|(acceptance, state)| WaiverResult { acceptance, state }).collect()
}

/// Which state tells more where a waiver is asked about several parts.
fn rank(state: WaiverState) -> u8 {
    match state {
        WaiverState::Unused => 0,
        WaiverState::OtherSlice => 1,
        WaiverState::Used => 2,
        WaiverState::NotEnough(_) => 3,
        WaiverState::Expired => 4,
        WaiverState::Unsigned => 5,
        WaiverState::LimitNotMet(_) => 6,
        WaiverState::ForAnError => 7,
    }
}

/// Whether a slice as a waiver names it holds all samples of a part.
#[must_use]
pub fn covers(slice: &BTreeMap<String, String>, key: &[(String, Label)]) -> bool {
    slice.iter().all(|(field, label)| key.iter().any(|(f, l)| f == field && l.to_string() == *label))
}

fn state_for(waiver: &Acceptance, gate: &GateResult, part: usize, key: &[(String, Label)]) -> WaiverState {
    let slice = waiver.waiver.slice.as_ref();
    let in_slice = slice.is_none_or(|slice| covers(&slice.value, key));
    // The whole fails with its slice; a waiver of the slice may carry it, if the limit holds for the whole as well.
    let whole = key.is_empty() && slice.is_some() && gate.judged.parts.len() > 1;
    if gate.judged.parts.get(part).is_some_and(|part| part.outcome == Outcome::Error) {
        WaiverState::ForAnError
    } else if !(in_slice || whole && waiver.with_limit.is_some()) {
        WaiverState::OtherSlice
    } else if waiver.expired {
        WaiverState::Expired
    } else if waiver.unsigned.is_some() {
        WaiverState::Unsigned
    } else if waiver.with_limit.as_ref().is_some_and(|parts| parts.get(part) != Some(&Outcome::Pass)) {
        WaiverState::LimitNotMet(part)
    } else {
        WaiverState::Used
    }
}
