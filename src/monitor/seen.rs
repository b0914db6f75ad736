//! Whether a step has seen enough to end although nothing is shown: harm that matters would have failed 8 times in 10.

use super::reading::StepSeen;
use super::signal::{Asked, Signal};
use super::state::SignalState;
use crate::stats::sequential::power::{ENOUGH, RatePower, RatioPower};
use crate::stats::sequential::replay::{Harm, Replays};
use crate::stats::sequential::{
    Arm, Betting, BlockAuc, BlockBetting, NumberProcess, PairBetting, PairProcess, PairRanks,
};

/// Replays end after so many records at the latest.
const MOST_REPLAYED: u64 = 20_000;
/// The seed of replays: the same records give the same answer.
const SEED: u64 = 13;

/// What a step is and how its evidence is held.
#[derive(Clone, Copy)]
pub(super) struct StepAsked {
    pub(super) step: usize,
    pub(super) weight: f64,
    /// `ln(signals steps / alpha)`.
    pub(super) threshold: f64,
}

/// The usual harm of a signal: twice the limit; of a comparison a doubling; half of it where large numbers are good.
pub(super) fn usual_harm(asked: Asked) -> f64 {
    match asked {
        Asked::Mean { limit, .. } if asked.is_large_good() => 0.5 * limit,
        _ if asked.is_large_good() => 0.5,
        Asked::Rate { limit, .. } => (2.0 * limit).min(f64::midpoint(1.0, limit)),
        Asked::Ratio { ratio, .. } => 2.0 * ratio,
        Asked::Mean { limit, .. } => 2.0 * limit,
        Asked::Drift { d } => (2.0 * d).min(0.45),
        Asked::Change { .. } | Asked::NotShifted { .. } | Asked::Never { .. } => 2.0,
    }
}

/// What a step has seen of a signal; none where no figure can be had.
pub(super) fn seen(signal: &Signal, state: &SignalState, asked: StepAsked) -> Option<StepSeen> {
    let StepAsked { step, weight, threshold } = asked;
    let (own, both) = state.steps.get(step).copied().unwrap_or((0, 0));
    let detect = signal.detect.unwrap_or_else(|| usual_harm(signal.asked));
    // Where everybody has the candidate there is nothing to compare with: what was seen before keeps its value.
    if signal.asked.compares() && weight >= 1.0 {
        return Some(StepSeen {
            detect,
            have: 0,
            needed: Some(0),
            counted: "records beside the stable release",
        });
    }
    let one = |have, needed, counted| Some(StepSeen { detect, have, needed, counted });
    let replayed = |harm: Harm, counted| {
        let most = (4 * both).clamp(1000, MOST_REPLAYED);
        let needed = needed(signal, state, (weight, harm, threshold), most)?;
        one(both, needed, counted)
    };
    match signal.asked {
        Asked::Rate { limit, .. } => {
            one(own, RatePower::new(limit, detect, threshold)?.records(ENOUGH), "records of the candidate")
        }
        Asked::Ratio { ratio, .. } => {
            let power = if state.test.is_paired() {
                RatioPower::of_pairs(ratio, detect, threshold)?
            } else {
                RatioPower::new(weight, ratio, detect, threshold)?
            };
            one(both, power.bad_events(ENOUGH), "bad events of both releases")
        }
        Asked::Mean { limit, .. } => {
            let mean = state.stable.sum / state.stable.n as f64;
            let harm = if signal.asked.is_large_good() {
                (detect.min(limit) / mean).min(1.0)
            } else {
                (detect.max(limit) / mean).max(1.0)
            };
            replayed(Harm::Times(harm), "records of both releases")
        }
        // Either way: the one that is harder to see counts.
        Asked::Drift { .. } => {
            let up = replayed(Harm::Larger(0.5 + detect), "records of both releases")?;
            let down = replayed(Harm::Smaller(0.5 + detect), "records of both releases")?;
            Some(StepSeen { needed: up.needed.zip(down.needed).map(|(up, down)| up.max(down)), ..up })
        }
        Asked::Change { .. } | Asked::NotShifted { .. } => {
            replayed(Harm::Times(detect), "records of both releases")
        }
        // One is enough, and shown at once.
        Asked::Never { .. } => None,
    }
}

/// Records of both arms until the harm is seen 8 times in 10; the inner none where `most` do not show it.
#[allow(clippy::option_option, reason = "no figure at all is another thing than no practical number")]
fn needed(
    signal: &Signal,
    state: &SignalState,
    (weight, harm, threshold): (f64, Harm, f64),
    most: u64,
) -> Option<Option<u64>> {
    fn play<P: NumberProcess + Sync>(
        process: &P,
        kept: &[f64],
        (weight, harm, threshold): (f64, Harm, f64),
        most: u64,
    ) -> Option<Option<u64>> {
        Some(Replays::new(process, kept, weight, harm, threshold, most, SEED)?.records(ENOUGH))
    }
    let (kept, asked) = (state.kept.as_slice(), (weight, harm, threshold));
    if state.test.is_paired() {
        return needed_pairs(signal, state, (harm, threshold), most);
    }
    match signal.asked {
        Asked::Mean { limit, cap, low: true } => play(&Betting::fail(limit, cap)?, kept, asked, most),
        Asked::Mean { limit, cap, low: false } => {
            play(&Turned { process: Betting::fail(cap - limit, cap)?, cap }, kept, asked, most)
        }
        Asked::Change { limit, .. } => play(&BlockBetting::fail(limit, state.cap?)?, kept, asked, most),
        Asked::NotShifted { low } => {
            play(&if low { BlockAuc::increase() } else { BlockAuc::decrease() }, kept, asked, most)
        }
        Asked::Drift { d } => play(&BlockAuc::drift(d)?, kept, asked, most),
        _ => None,
    }
}

/// What is fed how far values are below a cap.
#[derive(Clone)]
struct Turned<P> {
    process: P,
    cap: f64,
}

impl<P: NumberProcess> NumberProcess for Turned<P> {
    fn record(&mut self, arm: Arm, value: f64) -> Option<()> {
        self.process.record(arm, self.cap - value.min(self.cap))
    }

    fn evidence(&self) -> f64 {
        self.process.evidence()
    }
}

/// The same where both releases answer every request.
#[allow(clippy::option_option, reason = "as above")]
fn needed_pairs(
    signal: &Signal,
    state: &SignalState,
    (harm, threshold): (Harm, f64),
    most: u64,
) -> Option<Option<u64>> {
    fn play<P: PairProcess + Sync>(
        process: &P,
        pairs: &[(f64, f64)],
        (harm, threshold): (Harm, f64),
        most: u64,
    ) -> Option<Option<u64>> {
        Some(Replays::of_pairs(process, pairs, harm, threshold, most, SEED)?.records(ENOUGH))
    }
    let pairs: Vec<(f64, f64)> = state.twins.iter().copied().zip(state.kept.iter().copied()).collect();
    let asked = (harm, threshold);
    match signal.asked {
        Asked::Change { limit, .. } => play(&PairBetting::fail(limit, state.cap?)?, &pairs, asked, most),
        Asked::NotShifted { low } => {
            let ranks = if low { BlockAuc::increase() } else { BlockAuc::decrease() };
            play(&PairRanks::signs(ranks), &pairs, asked, most)
        }
        Asked::Drift { d } => play(&PairRanks::crossed(BlockAuc::drift(d)?), &pairs, asked, most),
        _ => None,
    }
}
