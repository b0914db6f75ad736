//! Numbers that evidence states itself, as it wrote them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::header::Identity;

/// What a metrics file holds.
pub(in crate::evidence) struct Metrics {
    pub(in crate::evidence) aggregates: BTreeMap<String, StatedAggregate>,
    pub(in crate::evidence) identity: Identity,
    /// Entries that are no metrics.
    pub(in crate::evidence) asides: BTreeMap<String, Aside>,
}

/// An entry of a metrics file that is no metric: `"model": "gpt-4"`. No gate can ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// Its line, from 1.
    pub line: u64,
    /// What it is instead, in the words of messages.
    pub what: String,
}

/// One aggregate, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatedAggregate {
    /// Its line, from 1.
    pub line: u64,
    /// What the file says.
    pub measured: Measured,
}

/// What a metrics file says about one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Measured {
    /// So many events in so many trials.
    Events {
        /// Events; at most `n`.
        events: u64,
        /// Trials; at least 1.
        n: u64,
    },
    /// A value over so many samples.
    Value {
        /// The value.
        value: Figure,
        /// Samples; at least 1.
        n: u64,
    },
    /// A value and its standard error, which may be 0.
    Stderr {
        /// The value.
        value: Figure,
        /// The standard error; not negative.
        stderr: f64,
        /// Samples; at least 1.
        n: Option<u64>,
        /// Clusters of samples that are not independent, where they are; at least 1.
        clusters: Option<u64>,
    },
    /// An interval that somebody else computed.
    Interval {
        /// The value; within the bounds.
        value: Option<Figure>,
        /// The lower bound; there is a lower or an upper one.
        lower: Option<f64>,
        /// The upper bound.
        upper: Option<f64>,
        /// One-sided confidence of each bound; in (0.5, 1).
        confidence: f64,
        /// Samples; at least 1.
        n: Option<u64>,
    },
    /// A value, and nothing about how sure it is.
    Point(Figure),
}

/// A number, and how it was printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The nearest double.
    pub value: f64,
    /// As written; tells how far it may have been rounded.
    pub text: String,
}

impl Figure {
    /// Half a unit in the last printed digit: how far the value may be from what was rounded.
    #[must_use]
    pub fn half_unit(&self) -> f64 {
        let (mantissa, exponent) = self.text.split_once(['e', 'E']).unwrap_or((&self.text, "0"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let last = exponent.saturating_sub(i32::try_from(decimals).unwrap_or(i32::MAX));
        // Through the decimal parser, which rounds correctly where a power of ten would not.
        format!("5e{}", last.saturating_sub(1)).parse().unwrap_or(0.0)
    }
}
