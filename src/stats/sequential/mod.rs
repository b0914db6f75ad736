//! Tests that hold however often one looks: production records go in one by one, evidence comes out at any moment.
//!
//! Every method bets against a claim, with a capital of one to start with. While the claim is true the expected capital
//! never exceeds one, so by Ville's inequality `P(capital ever >= 1/a) <= a`, over all looks, whenever one stops (Howard,
//! Ramdas, `McAuliffe` & Sekhon, *Annals of Statistics* 49 (2021); Ramdas, Grünwald, Vovk & Shafer, *Statistical Science* 38
//! (2023)). Capitals are told as their natural logarithm: 0 at the start, [`fail_threshold`] and [`pass_threshold`] are
//! what they are held against.
//!
//! | file | claim that is bet against |
//! |---|---|
//! | [`mixture`] | a rate is at most (at least) a limit |
//! | [`which_arm`] | a rate of the candidate is at most (at least) so many times the stable release's |
//! | [`betting`] | a mean of values with a cap is at most (at least) a limit |
//! | [`blocks`] | a mean exceeds the stable release's by at most so much |
//! | [`auc`] | values of the candidate are no larger (smaller) than the stable release's, or no further apart than so much |
//! | [`pairs`] | the same of rates, means and values, on answers of both to one request |
//! | [`detector`] | after full rollout: a rate, mean or drift is within its limit *until some moment* |
//! | [`split`] | units are split as meant |
//!
//! [`power`] says beforehand what [`mixture`] and [`which_arm`] will see, exactly; [`replay`] what the others will, by
//! playing seen records again; [`limits`] are limits of a rate and a mean that hold at every look, [`worst_hours`] those of the
//! worst time of the day.
//!
//! # What all have in common
//!
//! - A state is fed in the order in which rows *arrive*, and is append-only: what was fed is never taken back. It is small
//!   and cheap to clone; it keeps no records but those of the open block of [`blocks`] and [`auc`].
//! - `log_e()` is the present capital. `evidence()` is what a decision takes: the **highest** capital so far where a fail
//!   is asked for (Ville covers the maximum), the **present** one where a pass is.
//! - Constructors give `None` for limits outside their range, feeding gives `None` for a value that cannot be counted (not
//!   finite, negative where that has no meaning) and changes nothing: the caller calls the signal blind.
//! - *Smaller is better.* Where larger is better the caller feeds the complement: the other outcome against `1 - limit`, or
//!   `cap - value` against `cap - limit`.
//!
//! The assumptions stand in `docs/watching.md`, beside what simulations found where they do not hold.

pub mod auc;
pub mod betting;
pub mod blocks;
mod capital;
pub mod change;
pub mod detector;
pub mod limits;
pub mod mixture;
pub mod pairs;
pub mod power;
pub mod replay;
mod runs;
pub mod split;
mod threshold;
pub mod which_arm;
pub mod worst_hours;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use auc::{BlockAuc, FrozenReference};
pub use betting::Betting;
pub use blocks::BlockBetting;
pub use change::ChangeLimit;
pub use detector::{Detector, alarm_threshold};
pub use mixture::Mixture;
pub use pairs::{PairBetting, PairProcess, PairRanks};
pub use split::SplitCheck;
pub use threshold::{enough_threshold, fail_threshold, pass_threshold};
pub use which_arm::{ArmCounts, WhichArm};

/// Who served a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arm {
    /// The release that is being rolled out.
    Candidate,
    /// The release that was live before, at the same time.
    Stable,
}

/// What a state gathers evidence for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Purpose {
    /// That a limit is exceeded: the highest capital counts.
    Fail,
    /// That a limit is met: the present capital counts.
    Pass,
}

/// A state that is fed numbers of two arms.
///
/// [`replay`] plays records through whatever implements it.
pub trait NumberProcess: Clone {
    /// Feeds one value. `None`, without a change, where the value cannot be counted.
    fn record(&mut self, arm: Arm, value: f64) -> Option<()>;
    /// The evidence so far, as a natural logarithm.
    fn evidence(&self) -> f64;
}
