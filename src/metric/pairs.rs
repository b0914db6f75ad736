//! Two runs joined on their ids.

use super::column::Column;
use super::selection::Side;
use super::table::Table;
use super::values::Clusters;

/// The values of two runs, id by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Joined {
    /// The candidate's value of each id.
    pub(super) candidate: Vec<Option<f64>>,
    /// The baseline's, in the same order.
    pub(super) baseline: Vec<Option<f64>>,
    /// The cluster of each pair, where pairs are not independent.
    pub(super) clusters: Option<Clusters>,
}

/// What is taken of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Taken<'a> {
    /// The value of a field, times a factor.
    Field {
        /// The field.
        name: &'a str,
        /// The factor.
        scale: f64,
    },
    /// What it adds to a ratio of sums.
    Ratio {
        /// The numerator's field.
        field: &'a str,
        /// The denominator's.
        per: &'a str,
        /// The factor on the numerator.
        scale: f64,
    },
}

/// One id of one run: its value over all epochs, and its cluster.
struct Case {
    id: u64,
    value: Option<f64>,
    cluster: Option<u64>,
}

/// Joins two runs on their ids; an id on one side only is missing on the other.
pub(super) fn joined(candidate: Side<'_>, baseline: Side<'_>, taken: &Taken<'_>) -> Joined {
    let (mut left, mut right) =
        (Cases::new(candidate, taken).peekable(), Cases::new(baseline, taken).peekable());
    let clustered = candidate.table.plan().cluster.is_some();
    let mut joined = Joined::default();
    let mut clusters = Vec::new();
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => a.id.cmp(&b.id),
        };
        let ours = if order.is_le() { left.next() } else { None };
        let theirs = if order.is_ge() { right.next() } else { None };
        let cluster =
            ours.as_ref().and_then(|case| case.cluster).or(theirs.as_ref().and_then(|case| case.cluster));
        if clustered {
            clusters.push(cluster.unwrap_or(0));
        }
        joined.candidate.push(ours.and_then(|case| case.value));
        joined.baseline.push(theirs.and_then(|case| case.value));
    }
    joined.clusters = clustered.then(|| {
        let most = candidate.table.largest_cluster().max(baseline.table.largest_cluster());
        let open = [candidate.table, baseline.table].map(Table::assumed_largest).into_iter().flatten();
        Clusters::new(&clusters, most, open.max_by_key(|largest| largest.samples))
    });
    joined
}

/// The ids of a run in order, each with one value; made as they are asked for, because a run may hold millions.
struct Cases<'a> {
    table: &'a Table,
    rows: &'a [u32],
    values: Values<'a>,
    /// The next row.
    at: usize,
}

/// Where the value of a row comes from.
enum Values<'a> {
    /// From a column, by its row number, times a factor.
    Column(&'a Column, f64),
    /// From a list in the order of the rows.
    List(Vec<Option<f64>>),
    /// From nowhere.
    None,
}

impl<'a> Cases<'a> {
    fn new(side: Side<'a>, taken: &Taken<'_>) -> Self {
        let values = match *taken {
            Taken::Ratio { field, per, scale } => Values::List(linearised(side, scale, (field, per))),
            Taken::Field { name, scale } => {
                side.table.column(name).map_or(Values::None, |column| Values::Column(column, scale))
            }
        };
        Self { table: side.table, rows: side.rows, values, at: 0 }
    }

    fn value(&self, at: usize, row: u32) -> Option<f64> {
        match &self.values {
            Values::Column(column, scale) => column.get(row as usize).map(|value| value * scale),
            Values::List(values) => values.get(at).copied().flatten(),
            Values::None => None,
        }
    }
}

impl Iterator for Cases<'_> {
    type Item = Case;

    fn next(&mut self) -> Option<Case> {
        let first = *self.rows.get(self.at)?;
        let id = self.table.id(first as usize);
        // One epoch without a score leaves the question without one.
        let (mut sum, mut epochs) = (Some(0.0), 0_u32);
        while let Some(row) = self.rows.get(self.at).filter(|row| self.table.id(**row as usize) == id) {
            sum = sum.zip(self.value(self.at, *row)).map(|(sum, value)| sum + value);
            epochs += 1;
            self.at += 1;
        }
        Some(Case {
            id,
            value: sum.map(|sum| sum / f64::from(epochs)),
            cluster: self.table.cluster(first as usize),
        })
    }
}

/// A ratio of sums as a mean of one value a row: `r + (y - r x) / mean(x)`, whose mean is the ratio `r`.
fn linearised(side: Side<'_>, scale: f64, (field, per): (&str, &str)) -> Vec<Option<f64>> {
    let (y, x) = (side.table.column(field), side.table.column(per));
    let of = |row: &u32| {
        let value = |column: Option<&Column>| column?.get(*row as usize);
        value(y).zip(value(x)).map(|(y, x)| (y * scale, x))
    };
    let pairs: Vec<Option<(f64, f64)>> = side.rows.iter().map(of).collect();
    let scored = pairs.iter().flatten().count() as f64;
    let sum_y = crate::stats::moments::sum(pairs.iter().flatten().map(|pair| pair.0));
    let sum_x = crate::stats::moments::sum(pairs.iter().flatten().map(|pair| pair.1));
    let (ratio, mean_x) = (sum_y / sum_x, sum_x / scored);
    pairs
        .into_iter()
        .map(|pair| {
            pair.map(|(y, x)| ratio + (-ratio).mul_add(x, y) / mean_x).filter(|value| value.is_finite())
        })
        .collect()
}

/// One value of each row.
pub(super) fn taken(side: Side<'_>, taken: &Taken<'_>) -> Vec<Option<f64>> {
    match *taken {
        Taken::Ratio { field, per, scale } => linearised(side, scale, (field, per)),
        Taken::Field { name, scale } => {
            let column = side.table.column(name);
            let value = |row: &u32| Some(column?.get(*row as usize)? * scale);
            side.rows.iter().map(value).collect()
        }
    }
}

/// The ids of a run, in order, each once.
pub(super) fn ids(side: Side<'_>) -> Vec<u64> {
    let mut ids: Vec<u64> = side.rows.iter().map(|row| side.table.id(*row as usize)).collect();
    ids.dedup();
    ids
}

impl Joined {
    /// The values of each id, candidate first.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Option<f64>, Option<f64>)> + Clone + '_ {
        self.candidate.iter().copied().zip(self.baseline.iter().copied())
    }

    /// Pairs without a value on one side.
    pub(super) fn missing(&self) -> u64 {
        self.pairs().filter(|(ours, theirs)| ours.is_none() || theirs.is_none()).count() as u64
    }

    /// Pairs.
    pub(super) fn size(&self) -> u64 {
        self.candidate.len() as u64
    }

    /// The differences of the pairs that have both values.
    pub(super) fn differences(&self) -> Vec<f64> {
        self.pairs().filter_map(|(ours, theirs)| Some(difference(ours?, theirs?))).collect()
    }

    /// The pairs that have both values, side by side.
    pub(super) fn scored(&self) -> (Vec<f64>, Vec<f64>) {
        self.pairs().filter_map(|(ours, theirs)| ours.zip(theirs)).unzip()
    }
}

/// Candidate minus baseline; what is no more than rounding is no difference.
pub(super) fn difference(candidate: f64, baseline: f64) -> f64 {
    let difference = candidate - baseline;
    if difference.abs() <= 4.0 * f64::EPSILON * candidate.abs() { 0.0 } else { difference }
}
