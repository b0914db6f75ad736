//! The kept numbers of one gate: its rows, its scale, and what is missing.

use super::bind::{Bound, Measure};
use super::column::Column;
use super::estimate::Assessment;
use super::stated;
use super::table::Table;
use crate::evidence;
use crate::manifest::{Aggregate, MissingSamples, PointEstimates};
use crate::stats::Moments;

/// What one gate looks at.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Rows in the evidence.
    pub rows: u64,
    /// Rows that count.
    pub selected: u64,
    /// Rows that count and have no usable score.
    pub missing: u64,
    /// The numbers.
    pub data: Data,
}

/// The numbers, by how they are judged.
#[derive(Debug, Clone)]
pub enum Data {
    /// True samples among the scored.
    Rate {
        /// How many are true.
        events: u64,
    },
    /// Values with the range in which every value lies.
    Mean {
        /// Their moments.
        moments: Moments,
    },
    /// Pairs for a ratio of sums.
    Ratio {
        /// Numerators, scaled.
        y: Vec<f64>,
        /// Denominators.
        x: Vec<f64>,
    },
    /// Values in ascending order.
    Quantile {
        /// The values.
        sorted: Vec<f64>,
        /// The level in (0, 1).
        level: f64,
    },
    /// A fact about the listed cases.
    Observed {
        /// The fact over the scored cases; none without any.
        value: Option<f64>,
        /// Which fact.
        fact: Aggregate,
    },
    /// A number that the evidence states.
    Stated(evidence::Measured),
}

/// The settings that an assessment depends on.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// One-sided level of a pass, looks included.
    pub alpha: f64,
    /// What becomes of missing samples.
    pub missing_samples: MissingSamples,
    /// What becomes of a number without uncertainty.
    pub point_estimates: PointEstimates,
}

/// Takes the numbers of a gate out of the table of its evidence.
#[must_use]
pub fn measure(bound: &Bound, table: &Table) -> Measured {
    let rows = Rows::new(bound, table);
    let data = match &bound.measure {
        Measure::Rate { field } => rows.rate(field),
        Measure::Mean { field } => rows.mean(field),
        Measure::RateOrMean { field } => {
            let binary = table.column(field).is_some_and(Column::is_binary);
            if binary { rows.rate(field) } else { rows.mean(field) }
        }
        Measure::Ratio { field, per } => rows.ratio(field, per),
        Measure::Quantile { field, level } => rows.quantile(field, *level),
        Measure::Observed { field, fact } => rows.observed(field, *fact),
        // Aggregates never come with a table; without values this is inconclusive, not a pass.
        Measure::Aggregate { .. } => (Data::Rate { events: 0 }, 0),
    };
    let (data, scored) = data;
    Measured { rows: table.rows, selected: rows.selected, missing: rows.selected - scored, data }
}

/// Assesses what was measured against the gate's threshold.
#[must_use]
pub fn assess(bound: &Bound, measured: &Measured, settings: &Settings) -> Assessment {
    match &measured.data {
        Data::Stated(stated) => stated::assess(bound, stated, settings),
        _ => super::assess::assess(bound, measured, settings),
    }
}

/// The rows of a table that count for a gate, in the order of their keys.
struct Rows<'a> {
    table: &'a Table,
    kept: Vec<u32>,
    selected: u64,
    scale: f64,
}

impl<'a> Rows<'a> {
    fn new(bound: &Bound, table: &'a Table) -> Self {
        let mask = table.plan().mask(bound);
        let kept: Vec<u32> =
            table.order().iter().copied().filter(|row| table.in_mask(mask, *row as usize)).collect();
        Self { table, selected: kept.len() as u64, kept, scale: bound.scale }
    }

    fn values<'b>(&'b self, field: &str) -> impl Iterator<Item = Option<f64>> + 'b {
        let column = self.table.column(field);
        self.kept.iter().map(move |row| column.and_then(|column| column.get(*row as usize)))
    }

    fn scaled(&self, field: &str) -> Vec<f64> {
        self.values(field).flatten().map(|value| value * self.scale).collect()
    }

    fn rate(&self, field: &str) -> (Data, u64) {
        let (mut events, mut scored) = (0, 0);
        for value in self.values(field).flatten() {
            scored += 1;
            events += u64::from(value > 0.5);
        }
        (Data::Rate { events }, scored)
    }

    fn mean(&self, field: &str) -> (Data, u64) {
        let values = self.scaled(field);
        let moments = Moments::from_slice(&values).unwrap_or(Moments::EMPTY);
        (Data::Mean { moments }, moments.n())
    }

    fn ratio(&self, field: &str, per: &str) -> (Data, u64) {
        let (mut y, mut x) = (Vec::new(), Vec::new());
        for (numerator, denominator) in self.values(field).zip(self.values(per)) {
            if let (Some(numerator), Some(denominator)) = (numerator, denominator) {
                y.push(numerator * self.scale);
                x.push(denominator);
            }
        }
        let scored = y.len() as u64;
        (Data::Ratio { y, x }, scored)
    }

    fn quantile(&self, field: &str, level: f64) -> (Data, u64) {
        let mut sorted = self.scaled(field);
        sorted.sort_unstable_by(f64::total_cmp);
        let scored = sorted.len() as u64;
        (Data::Quantile { sorted, level }, scored)
    }

    fn observed(&self, field: &str, fact: Aggregate) -> (Data, u64) {
        let values = self.scaled(field);
        let value = match fact {
            Aggregate::Count => Some(values.iter().filter(|value| **value > 0.5).count() as f64),
            Aggregate::Sum => Some(crate::stats::moments::sum(values.iter().copied())),
            Aggregate::Min => values.iter().copied().min_by(f64::total_cmp),
            Aggregate::Max => values.iter().copied().max_by(f64::total_cmp),
            Aggregate::Mean | Aggregate::Rate | Aggregate::Quantile(_) => None,
        };
        (Data::Observed { value: value.filter(|_| !values.is_empty()), fact }, values.len() as u64)
    }
}
