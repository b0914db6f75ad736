//! Mathematics: numbers in, numbers out; knows no release.
//!
//! Every method answers with [`Tails`] (two one-sided p-values) or [`Bounds`] (two one-sided limits), or with
//! `None` where it cannot answer. No function here panics, and none returns NaN or an interval of width zero.
//!
//! There are no outcomes, gates or choices of a method here, and no randomness without a seed.

pub mod agreement;
pub mod beta;
pub mod binomial;
pub mod bootstrap;
pub mod corrected;
pub mod equivalence;
pub mod gaffke;
mod inverse;
pub mod mean;
pub mod melded;
pub mod moments;
pub mod multiplicity;
pub mod normal;
pub mod power;
pub mod preference;
pub mod proportion;
pub mod quantile;
pub mod quantile_pair;
pub mod ratio;
pub mod sequential;
pub mod student;
pub mod tails;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inversion;

pub use gaffke::Weighed;
pub use mean::SampleMean;
pub use moments::Moments;
pub use tails::{Bounds, Tails, clears};
