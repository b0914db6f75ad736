//! Mathematics: numbers in, numbers out; knows no release.
//!
//! Every method answers with [`Tails`] (two one-sided p-values) or [`Bounds`] (two one-sided limits), or with
//! `None` where it cannot answer. No function here panics, and none returns NaN or an interval of width zero.
//!
//! Deliberately absent: outcomes, gates, the choice of a method, reading, the clock, and randomness without a seed.

pub mod beta;
pub mod binomial;
pub mod bootstrap;
pub mod cluster;
pub mod equivalence;
pub mod gaffke;
pub mod mean;
pub mod moments;
pub mod mover;
pub mod multiplicity;
pub mod normal;
pub mod power;
pub mod proportion;
pub mod quantile;
pub mod ratio;
pub mod student;
pub mod tails;
pub mod unpaired;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inversion;

pub use moments::Moments;
pub use tails::{Bounds, Tails, clears};
