//! Whether values became larger or smaller, in ranks.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::betting::{RISKS, factor};
use super::capital::Capital;
use super::runs::Runs;
use super::{Arm, NumberProcess, Purpose};

/// The parts of [`RISKS`] against "no larger", then against "no smaller".
type BothWays = Capital<14>;

impl BothWays {
    /// Bets that `up` is positive, and that `down` is; both are at least -1.
    pub(super) fn bet_both(&mut self, up: f64, down: f64) {
        let mut factors = [1.0; 14];
        let bets = [up, down].into_iter().flat_map(|y| RISKS.map(|risk| factor(risk, y)));
        for (place, bet) in factors.iter_mut().zip(bets) {
            *place = bet;
        }
        self.multiply(factors);
    }

    /// Bets that a position `u` with mean at most `.5 + d` and at least `.5 - d` is outside.
    pub(super) fn bet_outside(&mut self, u: f64, d: f64) {
        let middle = 0.5 + d;
        self.bet_both((u - middle) / middle, (1.0 - u - middle) / middle);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Bets {
    Up(Capital<7>),
    Down(Capital<7>),
    /// Drift by more than `d` either way.
    Outside {
        capital: BothWays,
        d: f64,
    },
    /// Drift by less than `d` both ways: the smaller capital counts.
    Inside {
        below: Capital<7>,
        above: Capital<7>,
        d: f64,
    },
}

/// Whether the candidate's values are larger or smaller than the stable release's at the same time.
///
/// For every part of a block (as in [`super::blocks`]), `u` is the share of pairs in which the candidate's value is larger,
/// ties as half: its mean is the AUC, .5 where nothing changed, whatever the distribution. Against a middle `a`,
/// `E = mean over g of product of 1 + g (u - a)/a`.
///
/// - [`BlockAuc::increase`], [`BlockAuc::decrease`]: a bare name, `a = .5`.
/// - [`BlockAuc::drift`]: `E` is the mean of both directions, `u` and `1 - u` each against `a = .5 + d`.
/// - [`BlockAuc::no_drift`]: the pass; `1 + g ((.5+d) - u)/(.5-d)` and the same of `1 - u`, and the smaller of both counts.
///
/// A drift of `d = .06` is a shift by about a fifth of a standard deviation. Source: Waudby-Smith & Ramdas 2024 for the
/// bets; the placement values of `DeLong`, `DeLong` & Clarke-Pearson, *Biometrics* 44 (1988).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockAuc {
    bets: Bets,
    runs: Runs,
    blocks: u64,
}

impl BlockAuc {
    #[expect(clippy::large_types_passed_by_value, reason = "it becomes a part of what is made")]
    fn new(bets: Bets) -> Self {
        Self { bets, runs: Runs::default(), blocks: 0 }
    }

    /// Evidence, for a fail, that the candidate's values are larger.
    #[must_use]
    pub fn increase() -> Self {
        Self::new(Bets::Up(Capital::new(Purpose::Fail)))
    }

    /// Evidence, for a fail, that the candidate's values are smaller.
    #[must_use]
    pub fn decrease() -> Self {
        Self::new(Bets::Down(Capital::new(Purpose::Fail)))
    }

    /// Evidence, for a pass, that the candidate's values are smaller: not an increase.
    #[must_use]
    pub fn no_increase() -> Self {
        Self::new(Bets::Down(Capital::new(Purpose::Pass)))
    }

    /// Evidence, for a pass, that the candidate's values are larger: not a decrease.
    #[must_use]
    pub fn no_decrease() -> Self {
        Self::new(Bets::Up(Capital::new(Purpose::Pass)))
    }

    /// Evidence, for a fail, that the AUC is outside `.5 - d` to `.5 + d`. `None` unless `0 <= d < .5`.
    #[must_use]
    pub fn drift(d: f64) -> Option<Self> {
        let inside = (0.0..0.5).contains(&d);
        inside.then(|| Self::new(Bets::Outside { capital: Capital::new(Purpose::Fail), d }))
    }

    /// Evidence, for a pass, that the AUC is between `.5 - d` and `.5 + d`. `None` unless `0 < d < .5`.
    #[must_use]
    pub fn no_drift(d: f64) -> Option<Self> {
        let capital = Capital::new(Purpose::Pass);
        (d > 0.0 && d < 0.5).then(|| Self::new(Bets::Inside { below: capital, above: capital, d }))
    }

    /// One value. `None`, without a change, where it is not finite.
    pub fn record(&mut self, arm: Arm, value: f64) -> Option<()> {
        if !value.is_finite() {
            return None;
        }
        let Some(block) = self.runs.record(arm, value) else { return Some(()) };
        for part in block.parts() {
            let shares = part.candidate.iter().map(|value| position(*value, part.stable));
            self.bet(shares.sum::<f64>() / part.candidate.len() as f64);
        }
        Some(())
    }

    /// Bets on one position, the share of stable values that a candidate's is above.
    pub(super) fn bet(&mut self, u: f64) {
        self.blocks += 1;
        match &mut self.bets {
            Bets::Up(capital) => capital.bet(2.0 * u - 1.0),
            Bets::Down(capital) => capital.bet(1.0 - 2.0 * u),
            Bets::Outside { capital, d } => capital.bet_outside(u, *d),
            Bets::Inside { below, above, d } => {
                below.bet((0.5 + *d - u) / (0.5 - *d));
                above.bet((u - (0.5 - *d)) / (0.5 - *d));
            }
        }
    }

    /// The present capital, as a natural logarithm.
    #[must_use]
    pub fn log_e(&self) -> f64 {
        match &self.bets {
            Bets::Up(capital) | Bets::Down(capital) => capital.log_e(),
            Bets::Outside { capital, .. } => capital.log_e(),
            Bets::Inside { below, above, .. } => below.log_e().min(above.log_e()),
        }
    }

    /// What a decision takes: the highest capital of a fail, the present one of a pass; a natural logarithm.
    #[must_use]
    pub fn evidence(&self) -> f64 {
        match &self.bets {
            Bets::Up(capital) | Bets::Down(capital) => capital.evidence(),
            Bets::Outside { capital, .. } => capital.evidence(),
            Bets::Inside { .. } => self.log_e(),
        }
    }

    /// Parts of blocks that were bet on.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.blocks
    }
}

impl NumberProcess for BlockAuc {
    fn record(&mut self, arm: Arm, value: f64) -> Option<()> {
        Self::record(self, arm, value)
    }

    fn evidence(&self) -> f64 {
        Self::evidence(self)
    }
}

/// The share of `others` below `value`, ties as half; at least one other.
pub(super) fn position(value: f64, others: &[f64]) -> f64 {
    let below = others.iter().map(|other| match other.partial_cmp(&value) {
        Some(Ordering::Less) => 1.0,
        Some(Ordering::Equal) => 0.5,
        _ => 0.0,
    });
    below.sum::<f64>() / others.len() as f64
}

/// The AUC of two samples: the share of pairs in which the candidate's value is the larger one, ties as half.
///
/// `None` where a sample is empty or a value is not finite.
#[must_use]
pub fn share_larger(candidate: &[f64], stable: &[f64]) -> Option<f64> {
    let finite = candidate.iter().chain(stable).all(|value| value.is_finite());
    if !finite || candidate.is_empty() || stable.is_empty() {
        return None;
    }
    let mut sorted = stable.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let shares = candidate.iter().map(|value| share_below(&sorted, *value));
    Some(shares.sum::<f64>() / candidate.len() as f64)
}

/// The share of sorted values below `value`, ties as half.
fn share_below(sorted: &[f64], value: f64) -> f64 {
    let below = sorted.partition_point(|other| *other < value);
    let within = sorted.partition_point(|other| *other <= value);
    (below + within) as f64 / (2 * sorted.len()) as f64
}

/// What drift is held against after full rollout: quantiles of the values during the rollout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenReference {
    edges: Vec<f64>,
}

impl FrozenReference {
    /// How many quantiles are kept: the middles of as many equal parts.
    pub const EDGES: usize = 64;

    /// The quantiles at `(i + 1/2)/64` (type 7 of Hyndman & Fan 1996, `NumPy`'s default). `None` for fewer than 64 values or
    /// one that is not finite.
    #[must_use]
    pub fn new(values: &[f64]) -> Option<Self> {
        if values.len() < Self::EDGES || !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let edge = |i: usize| {
            let place = (i as f64 + 0.5) / Self::EDGES as f64 * (sorted.len() - 1) as f64;
            let low = *sorted.get(place as usize)?;
            let high = sorted.get(place as usize + 1).copied().unwrap_or(low);
            Some(low + (high - low) * place.fract())
        };
        Some(Self { edges: (0..Self::EDGES).map(edge).collect::<Option<_>>()? })
    }

    /// Edges that were kept elsewhere, in rising order. `None` without any, out of order, or not finite.
    #[must_use]
    pub fn from_edges(edges: Vec<f64>) -> Option<Self> {
        let sound = !edges.is_empty() && edges.iter().all(|edge| edge.is_finite()) && edges.is_sorted();
        sound.then_some(Self { edges })
    }

    /// The quantiles, in rising order.
    #[must_use]
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The share of the reference below `value`, ties as half; `None` where it is not finite. Goes into
    /// [`super::Detector::drift`].
    #[must_use]
    pub fn position(&self, value: f64) -> Option<f64> {
        value.is_finite().then(|| share_below(&self.edges, value))
    }
}
