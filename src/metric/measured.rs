//! The kept numbers of one gate: its rows, its scale, and what is missing.

use super::bound::{Bound, Measure};
use super::column::Column;
use super::grouped::Grouped;
use super::label::{Label, Labels};
use super::table::Table;
use crate::document::decimal;
use crate::evidence;
use crate::manifest::{Aggregate, MissingSamples, PointEstimates};
use crate::stats::Moments;
use crate::stats::gaffke::Weighed;
use std::collections::{BTreeMap, HashMap};

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
        /// The values themselves, where the metric has bounds on both sides.
        bounded: Option<Weighed>,
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
    /// Values in clusters that are not independent within.
    Grouped(Grouped),
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

/// The rows of a table that a gate looks at, in the order of their keys.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// All of them.
    pub whole: Vec<u32>,
    /// Those of each slice; empty where the gate has no `by:`.
    pub slices: BTreeMap<Vec<Label>, Vec<u32>>,
}

/// Selects the rows of a gate.
#[must_use]
pub fn select(bound: &Bound, table: &Table) -> Selection {
    let mask = table.plan().mask(bound);
    let whole: Vec<u32> =
        table.order().iter().copied().filter(|row| table.in_mask(mask, *row as usize)).collect();
    let slices = if bound.by.is_empty() { BTreeMap::new() } else { slices(bound, table, &whole) };
    Selection { whole, slices }
}

/// Selects the rows of a paired baseline: an id belongs to the slice that the candidate puts it into, else to its
/// own; slices of its own that lose every id that way stay, without rows.
#[must_use]
pub fn select_like(bound: &Bound, table: &Table, candidate: &Table) -> Selection {
    let mut selection = select(bound, table);
    if bound.by.is_empty() {
        return selection;
    }
    let mut places: Vec<(u64, u32)> =
        candidate.order().iter().map(|row| (candidate.id(*row as usize), *row)).collect();
    places.sort_unstable();
    let place = |row: &u32| {
        let id = table.id(*row as usize);
        let at = places.partition_point(|(other, _)| *other <= id).checked_sub(1)?;
        places.get(at).filter(|(other, _)| *other == id).map(|(_, row)| *row)
    };
    let mut of_candidate = Slicer::new(bound, candidate);
    let mut of_its_own = Slicer::new(bound, table);
    for row in &selection.whole {
        match place(row) {
            Some(other) => of_candidate.put(other, *row),
            None => of_its_own.put(*row, *row),
        }
    }
    // A slice that the candidate has no more is empty, and says so; a baseline may lack the field altogether.
    let named = |key: &Vec<Label>| !key.contains(&Label::None);
    let known: Vec<Vec<Label>> = selection.slices.into_keys().filter(named).collect();
    selection.slices = of_candidate.finish();
    for (key, rows) in of_its_own.finish() {
        selection.slices.entry(key).or_default().extend(rows);
    }
    for key in known {
        selection.slices.entry(key).or_default();
    }
    selection
}

/// Adds the slices that only the earlier run has, without rows: nothing shows that they are as good as the rest.
///
/// A run that was read without the fields of the slices adds none.
pub fn add_slices_of(bound: &Bound, earlier: &Table, selection: &mut Selection) {
    let named = |key: &Vec<Label>| !key.contains(&Label::None);
    for key in select(bound, earlier).slices.into_keys().filter(named) {
        selection.slices.entry(key).or_default();
    }
}

/// The rows of each slice.
fn slices(bound: &Bound, table: &Table, rows: &[u32]) -> BTreeMap<Vec<Label>, Vec<u32>> {
    let mut slicer = Slicer::new(bound, table);
    for row in rows {
        slicer.put(*row, *row);
    }
    slicer.finish()
}

/// Sorts rows into the slices of a table by the numbers of their labels; the labels themselves are looked at once a slice.
struct Slicer<'a> {
    table: &'a Table,
    bound: &'a Bound,
    labels: Vec<Option<&'a Labels>>,
    /// Field after field: the number of what came before and the label -> the number of both together.
    numbers: Vec<HashMap<(usize, usize), usize>>,
    /// Number of all labels together -> place in `slices`.
    places: HashMap<usize, usize>,
    /// A row of each slice, and its rows.
    slices: Vec<(u32, Vec<u32>)>,
}

impl<'a> Slicer<'a> {
    fn new(bound: &'a Bound, table: &'a Table) -> Self {
        let labels: Vec<_> = bound.by.iter().map(|field| table.labels(field)).collect();
        let numbers = vec![HashMap::new(); labels.len()];
        Self { table, bound, labels, numbers, places: HashMap::new(), slices: Vec::new() }
    }

    /// Puts a row into the slice that the row `like` of the table belongs to.
    fn put(&mut self, like: u32, row: u32) {
        let mut number = 0;
        for (labels, numbers) in self.labels.iter().zip(&mut self.numbers) {
            // A row without a label in a table without the field is a row of `(none)`.
            let label = labels.and_then(|labels| labels.at(like as usize)).unwrap_or(usize::MAX);
            let next = numbers.len();
            number = *numbers.entry((number, label)).or_insert(next);
        }
        let place = *self.places.entry(number).or_insert_with(|| {
            self.slices.push((like, Vec::new()));
            self.slices.len() - 1
        });
        if let Some((_, rows)) = self.slices.get_mut(place) {
            rows.push(row);
        }
    }

    fn finish(self) -> BTreeMap<Vec<Label>, Vec<u32>> {
        let key = |like: u32| -> Vec<Label> {
            self.bound.by.iter().map(|field| self.table.label(field, like as usize).clone()).collect()
        };
        self.slices.into_iter().map(|(like, rows)| (key(like), rows)).collect()
    }
}

/// Takes the numbers of a gate out of some rows of the table of its evidence.
#[must_use]
pub fn measure(bound: &Bound, table: &Table, rows: &[u32]) -> Measured {
    let rows = Rows { table, kept: rows, bound };
    let fact = matches!(bound.measure, Measure::Observed { .. });
    if table.is_clustered() && !fact {
        let grouped = Grouped::new(bound, &rows);
        let selected = rows.kept.len() as u64;
        return Measured {
            rows: table.rows,
            selected,
            missing: grouped.missing(),
            data: Data::Grouped(grouped),
        };
    }
    let (data, scored) = match &bound.measure {
        Measure::Rate { field } | Measure::Regressions { field } => rows.rate(field),
        Measure::RateOrMean { field } if rows.is_binary(field) => rows.rate(field),
        Measure::Mean { field } | Measure::RateOrMean { field } => {
            rows.mean(field, bound.lower.zip(bound.upper))
        }
        Measure::Ratio { field, per } => rows.ratio(field, per),
        Measure::Quantile { field, level } => rows.quantile(field, *level),
        Measure::Observed { field, fact } => rows.observed(field, *fact),
        // Aggregates never come with a table; without values this is inconclusive, not a pass.
        Measure::Aggregate { .. } => (Data::Rate { events: 0 }, 0),
    };
    let selected = rows.kept.len() as u64;
    Measured { rows: table.rows, selected, missing: selected - scored, data }
}

/// Some rows of a table, for a gate.
pub(super) struct Rows<'a> {
    pub(super) table: &'a Table,
    pub(super) kept: &'a [u32],
    pub(super) bound: &'a Bound,
}

impl Rows<'_> {
    pub(super) fn is_binary(&self, field: &str) -> bool {
        self.table.column(field).is_some_and(Column::is_binary)
    }

    pub(super) fn values<'b>(&'b self, field: &str) -> impl Iterator<Item = Option<f64>> + 'b {
        let column = self.table.column(field);
        self.kept.iter().map(move |row| column.and_then(|column| column.get(*row as usize)))
    }

    /// Values that are compared one by one with the threshold.
    fn scaled(&self, field: &str) -> Vec<f64> {
        self.values(field).flatten().map(|value| self.bound.scaled(value)).collect()
    }

    fn rate(&self, field: &str) -> (Data, u64) {
        let (mut events, mut scored) = (0, 0);
        for value in self.values(field).flatten() {
            scored += 1;
            events += u64::from(value > 0.5);
        }
        (Data::Rate { events }, scored)
    }

    fn mean(&self, field: &str, range: Option<(f64, f64)>) -> (Data, u64) {
        let values: Vec<f64> = self.values(field).flatten().map(|value| value * self.bound.scale).collect();
        let moments = Moments::from_slice(&values).unwrap_or(Moments::EMPTY);
        let bounded = range.and_then(|(low, high)| {
            // Values out of bounds were refused; what is clamped here is rounding.
            Weighed::mean(values.iter().map(|value| (value.clamp(low, high), 1.0)), 1.0, (low, high))
        });
        (Data::Mean { moments, bounded }, moments.n())
    }

    fn ratio(&self, field: &str, per: &str) -> (Data, u64) {
        let (mut y, mut x) = (Vec::new(), Vec::new());
        for (numerator, denominator) in self.values(field).zip(self.values(per)) {
            if let (Some(numerator), Some(denominator)) = (numerator, denominator) {
                y.push(numerator * self.bound.scale);
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
            Aggregate::Sum => {
                let size = crate::stats::moments::sum(values.iter().map(|value| value.abs()));
                Some(decimal::rounded(crate::stats::moments::sum(values.iter().copied()), size))
            }
            Aggregate::Min => values.iter().copied().min_by(f64::total_cmp),
            Aggregate::Max => values.iter().copied().max_by(f64::total_cmp),
            Aggregate::Mean | Aggregate::Rate | Aggregate::Quantile(_) => None,
        };
        (Data::Observed { value: value.filter(|_| !values.is_empty()), fact }, values.len() as u64)
    }
}
