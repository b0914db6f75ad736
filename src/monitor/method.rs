//! Which test a signal is held by, and how it begins.

use serde::{Deserialize, Serialize};

use super::arms::{Frozen, Phase, StepTimes};
use super::signal::{Asked, Signal};
use crate::stats::sequential::{
    Betting, BlockAuc, BlockBetting, ChangeLimit, Detector, FrozenReference, Mixture, WhichArm,
};

/// What gathers the evidence.
#[derive(Serialize, Deserialize)]
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
        /// The cap that values are taken from, where large ones are good.
        turned: Option<f64>,
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

impl Test {
    /// # Errors
    /// Why there is none.
    pub(super) fn new(signal: &Signal, phase: &Phase, times: &StepTimes) -> Result<Self, String> {
        match phase {
            Phase::Beside => beside(signal, times),
            Phase::Alone(_, frozen) => alone(signal, frozen),
        }
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
            let (limit, turned) = if low { (limit, None) } else { (cap - limit, Some(cap)) };
            let both = Betting::fail(limit, cap).zip(Betting::pass(limit, cap));
            both.map(|(fail, pass)| Test::Mean { fail, pass, turned })
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
            let d = (d + known.unwrap_or(0.0)).min(MOST_DRIFT);
            let edges = frozen.edges.get(&signal.id).cloned().ok_or_else(unknown)?;
            detector(Detector::drift(d), Some(FrozenReference::from_edges(edges).ok_or_else(unknown)?))
        }
    };
    test.ok_or_else(|| "its limit is outside of what its values can be".to_owned())
}

/// More is no drift that could be seen.
const MOST_DRIFT: f64 = 0.45;
/// How far values may drift after full rollout where nothing is said: about a fifth of a standard deviation.
const USUAL_DRIFT: f64 = 0.06;
