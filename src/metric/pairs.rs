//! Two runs joined on their ids, or side by side where the ids differ.

use std::borrow::Cow;

use super::bound::{Bound, Measure};
use super::column::Column;
use super::measured::Rows;
use super::table::Table;
use crate::stats::cluster::Cluster;

/// Some rows of a run.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The run.
    pub table: &'a Table,
    /// The rows.
    pub rows: &'a [u32],
}

/// The values of two runs.
#[derive(Debug, Clone)]
pub(super) struct Joined {
    /// The candidate's value of each id (or of each sample, where the runs are not paired).
    pub(super) candidate: Vec<Option<f64>>,
    /// The baseline's, in the same order where paired.
    pub(super) baseline: Vec<Option<f64>>,
    /// The cluster of each pair, where pairs are not independent: numbered without gaps, in the order of their keys.
    pub(super) clusters: Option<Vec<u32>>,
    /// Pairs of the largest cluster that can be.
    pub(super) most: u64,
    /// Whether both stand on the same ids.
    pub(super) paired: bool,
}

/// One id of one run: its value over all epochs, and its cluster.
struct Case {
    id: u64,
    value: Option<f64>,
    cluster: Option<u64>,
}

/// Joins two runs on their ids; an id on one side only is missing on the other.
pub(super) fn paired(bound: &Bound, candidate: Side<'_>, baseline: Side<'_>) -> Joined {
    let (mut left, mut right) =
        (Cases::new(bound, candidate).peekable(), Cases::new(bound, baseline).peekable());
    let clustered = candidate.table.plan().cluster.is_some();
    let mut joined = Joined {
        candidate: Vec::new(),
        baseline: Vec::new(),
        clusters: None,
        most: if clustered {
            candidate.table.largest_cluster().max(baseline.table.largest_cluster())
        } else {
            1
        },
        paired: true,
    };
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
    joined.clusters = clustered.then(|| numbered(&clusters));
    joined
}

/// The place of each key among the different ones, in order.
fn numbered(keys: &[u64]) -> Vec<u32> {
    let mut distinct = keys.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    keys.iter()
        .map(|key| u32::try_from(distinct.partition_point(|other| other < key)).unwrap_or(u32::MAX))
        .collect()
}

/// Two runs on different ids.
pub(super) fn unpaired(bound: &Bound, candidate: Side<'_>, baseline: Side<'_>) -> Joined {
    let values = |side: Side<'_>| Cases::new(bound, side).map(|case| case.value).collect();
    let clustered = candidate.table.is_clustered() || baseline.table.is_clustered();
    Joined {
        candidate: values(candidate),
        baseline: values(baseline),
        clusters: clustered.then(Vec::new),
        most: 1,
        paired: false,
    }
}

/// The ids of a run in order, each with one value; made as they are asked for, because a run may hold millions.
struct Cases<'a> {
    table: &'a Table,
    /// The rows in the order of their ids.
    rows: Cow<'a, [u32]>,
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
    fn new(bound: &Bound, side: Side<'a>) -> Self {
        let id = |row: &u32| (side.table.id(*row as usize), side.table.key(*row as usize));
        let rows = if side.rows.is_sorted_by_key(id) {
            Cow::Borrowed(side.rows)
        } else {
            let mut rows = side.rows.to_vec();
            rows.sort_unstable_by_key(id);
            Cow::Owned(rows)
        };
        let values = match &bound.measure {
            Measure::Ratio { field, per } => {
                let rows = Rows { table: side.table, kept: &rows, bound };
                Values::List(linearised(&rows, field, per))
            }
            Measure::Rate { field }
            | Measure::Mean { field }
            | Measure::RateOrMean { field }
            | Measure::Quantile { field, .. }
            | Measure::Regressions { field }
            | Measure::Observed { field, .. } => {
                let scale = if matches!(bound.measure, Measure::Rate { .. }) { 1.0 } else { bound.scale };
                side.table.column(field).map_or(Values::None, |column| Values::Column(column, scale))
            }
            Measure::Aggregate { .. } => Values::None,
        };
        Self { table: side.table, rows, values, at: 0 }
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
fn linearised(rows: &Rows<'_>, field: &str, per: &str) -> Vec<Option<f64>> {
    let pairs: Vec<Option<(f64, f64)>> = rows
        .values(field)
        .zip(rows.values(per))
        .map(|(y, x)| y.zip(x).map(|(y, x)| (y * rows.bound.scale, x)))
        .collect();
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

impl Joined {
    /// Nothing on either side.
    pub(super) fn empty() -> Self {
        Self { candidate: Vec::new(), baseline: Vec::new(), clusters: None, most: 1, paired: false }
    }

    /// Pairs (or samples of either side) without a value.
    pub(super) fn missing(&self) -> u64 {
        let lost = if self.paired {
            self.candidate.iter().zip(&self.baseline).filter(|(c, b)| c.is_none() || b.is_none()).count()
        } else {
            self.candidate.iter().chain(&self.baseline).filter(|value| value.is_none()).count()
        };
        lost as u64
    }

    /// Pairs, or samples of both sides.
    pub(super) fn size(&self) -> u64 {
        let size =
            if self.paired { self.candidate.len() } else { self.candidate.len() + self.baseline.len() };
        size as u64
    }

    /// The values that are there; pairs need both.
    pub(super) fn scored(&self) -> Filled {
        if !self.paired {
            let some = |values: &[Option<f64>]| values.iter().copied().flatten().collect();
            return Filled {
                candidate: some(&self.candidate),
                baseline: some(&self.baseline),
                clusters: None,
            };
        }
        let mut filled = Filled { clusters: self.clusters.as_ref().map(|_| Vec::new()), ..Filled::default() };
        for (i, pair) in self.candidate.iter().zip(&self.baseline).enumerate() {
            if let (Some(c), Some(b)) = pair {
                filled.push(*c, *b, self.clusters.as_ref().and_then(|clusters| clusters.get(i)).copied());
            }
        }
        filled
    }

    /// All values, the missing ones at the given places.
    pub(super) fn filled(&self, candidate: f64, baseline: f64) -> Filled {
        let fill =
            |values: &[Option<f64>], place: f64| values.iter().map(|value| value.unwrap_or(place)).collect();
        Filled {
            candidate: fill(&self.candidate, candidate),
            baseline: fill(&self.baseline, baseline),
            clusters: self.clusters.clone(),
        }
    }
}

/// Values without gaps.
#[derive(Debug, Clone, Default)]
pub(super) struct Filled {
    pub(super) candidate: Vec<f64>,
    pub(super) baseline: Vec<f64>,
    pub(super) clusters: Option<Vec<u32>>,
}

impl Filled {
    fn push(&mut self, candidate: f64, baseline: f64, cluster: Option<u32>) {
        self.candidate.push(candidate);
        self.baseline.push(baseline);
        if let (Some(clusters), Some(cluster)) = (&mut self.clusters, cluster) {
            clusters.push(cluster);
        }
    }

    /// Sums by cluster of a value of each pair, in the order of the clusters.
    pub(super) fn sums(&self, value: impl Fn(f64, f64) -> f64) -> Vec<Cluster> {
        let Some(clusters) = &self.clusters else { return Vec::new() };
        let count = clusters.iter().max().map_or(0, |last| *last as usize + 1);
        let mut sums = vec![Cluster { n: 0, sum: 0.0 }; count];
        for ((c, b), cluster) in self.candidate.iter().zip(&self.baseline).zip(clusters) {
            if let Some(sum) = sums.get_mut(*cluster as usize) {
                sum.n += 1;
                sum.sum += value(*c, *b);
            }
        }
        sums.retain(|cluster| cluster.n > 0);
        sums
    }
}
