//! Which test a signal is held by, and how it begins.

use serde::{Deserialize, Serialize};

use super::arms::{Frozen, Phase, Routing, StepTimes};
use super::signal::{Asked, Signal};
use crate::stats::sequential::{
    Betting, BlockAuc, BlockBetting, ChangeLimit, Detector, FrozenReference, Mixture, PairBetting,
    PairProcess as _, PairRanks, WhichArm,
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
    /// A rate or a mean, where both releases answer every request.
    Pairs {
        both: Option<(PairBetting, PairBetting)>,
        limit: ChangeLimit,
    },
    /// Values, likewise.
    PairRanks {
        fail: PairRanks,
        pass: Option<PairRanks>,
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
    pub(super) fn new(
        signal: &Signal,
        phase: &Phase,
        times: &StepTimes,
        routing: Routing,
    ) -> Result<Self, String> {
        match phase {
            Phase::Beside if routing == Routing::Both && signal.asked.compares() && !signal.counted => {
                paired(signal).ok_or_else(outside)
            }
            Phase::Beside => beside(signal, times),
            Phase::Alone(_, frozen) => alone(signal, frozen),
        }
    }

    /// Whether it is fed what both releases answered to one request.
    pub(super) fn is_paired(&self) -> bool {
        matches!(self, Self::Pairs { .. } | Self::PairRanks { .. })
    }

    /// Feeds the values of both answers; nothing where its cap is not known yet. None where one cannot be counted.
    pub(super) fn pair(&mut self, candidate: f64, stable: f64) -> Option<()> {
        match self {
            Self::Pairs { both: Some((fail, pass)), .. } => {
                fail.record(candidate, stable).and(pass.record(candidate, stable))
            }
            Self::PairRanks { fail, pass } => {
                let taken = fail.record(candidate, stable);
                pass.as_mut().map_or(taken, |pass| taken.and(pass.record(candidate, stable)))
            }
            _ => Some(()),
        }
    }
}

fn outside() -> String {
    "its limit is outside of what its values can be".to_owned()
}

/// Both releases answer every request.
fn paired(signal: &Signal) -> Option<Test> {
    Some(match signal.asked {
        Asked::Ratio { ratio, .. } => {
            let limit = ChangeLimit::Increase(ratio - 1.0);
            let both = PairBetting::fail(limit, 1.0).zip(PairBetting::pass(limit, 1.0));
            Test::Pairs { both: Some(both?), limit }
        }
        Asked::Change { limit, .. } => Test::Pairs { both: None, limit },
        Asked::NotShifted { low: true } => Test::PairRanks {
            fail: PairRanks::signs(BlockAuc::increase()),
            pass: Some(PairRanks::signs(BlockAuc::no_increase())),
        },
        Asked::NotShifted { low: false } => Test::PairRanks {
            fail: PairRanks::signs(BlockAuc::decrease()),
            pass: Some(PairRanks::signs(BlockAuc::no_decrease())),
        },
        Asked::Drift { d } => Test::PairRanks {
            fail: PairRanks::crossed(BlockAuc::drift(d)?),
            pass: BlockAuc::no_drift(d).map(PairRanks::crossed),
        },
        Asked::Rate { .. } | Asked::Mean { .. } | Asked::Never { .. } => return None,
    })
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
    test.ok_or_else(outside)
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
    test.ok_or_else(outside)
}

/// More is no drift that could be seen.
const MOST_DRIFT: f64 = 0.45;
/// How far values may drift after full rollout where nothing is said: about a fifth of a standard deviation.
const USUAL_DRIFT: f64 = 0.06;
