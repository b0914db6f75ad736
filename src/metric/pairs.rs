//! Two runs joined on their ids, or side by side where the ids differ.

use super::bind::{Bound, Measure};
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
    let (left, right) = (cases(bound, candidate), cases(bound, baseline));
    let clustered = candidate.table.plan().cluster.is_some();
    let mut joined = Joined { candidate: Vec::new(), baseline: Vec::new(), clusters: None, paired: true };
    let mut clusters = Vec::new();
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
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
        clusters.push(cluster.unwrap_or(0));
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
    let values = |side: Side<'_>| cases(bound, side).into_iter().map(|case| case.value).collect();
    let clustered = candidate.table.is_clustered() || baseline.table.is_clustered();
    Joined {
        candidate: values(candidate),
        baseline: values(baseline),
        clusters: clustered.then(Vec::new),
        paired: false,
    }
}

/// The ids of a run in order, each with one value.
fn cases(bound: &Bound, side: Side<'_>) -> Vec<Case> {
    let rows = Rows { table: side.table, kept: side.rows, scale: bound.scale };
    let values: Vec<Option<f64>> = match &bound.measure {
        Measure::Ratio { field, per } => linearised(&rows, field, per),
        Measure::Rate { field }
        | Measure::Mean { field }
        | Measure::RateOrMean { field }
        | Measure::Quantile { field, .. }
        | Measure::Regressions { field }
        | Measure::Observed { field, .. } => {
            let scale = if matches!(bound.measure, Measure::Rate { .. }) { 1.0 } else { bound.scale };
            rows.values(field).map(|value| value.map(|value| value * scale)).collect()
        }
        Measure::Aggregate { .. } => Vec::new(),
    };
    let mut single: Vec<(u64, u32, Option<f64>)> = side
        .rows
        .iter()
        .zip(values)
        .map(|(row, value)| (side.table.id(*row as usize), *row, value))
        .collect();
    single.sort_by_key(|(id, row, _)| (*id, *row));
    let mut cases = Vec::new();
    for epochs in single.chunk_by(|a, b| a.0 == b.0) {
        let Some((id, row, _)) = epochs.first() else { continue };
        // One epoch without a score leaves the question without one.
        let sum: Option<f64> = epochs.iter().map(|(_, _, value)| *value).sum();
        cases.push(Case {
            id: *id,
            value: sum.map(|sum| sum / epochs.len() as f64),
            cluster: side.table.cluster(*row as usize),
        });
    }
    cases
}

/// A ratio of sums as a mean of one value a row: `r + (y - r x) / mean(x)`, whose mean is the ratio `r`.
fn linearised(rows: &Rows<'_>, field: &str, per: &str) -> Vec<Option<f64>> {
    let pairs: Vec<Option<(f64, f64)>> = rows
        .values(field)
        .zip(rows.values(per))
        .map(|(y, x)| y.zip(x).map(|(y, x)| (y * rows.scale, x)))
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
        Self { candidate: Vec::new(), baseline: Vec::new(), clusters: None, paired: false }
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
