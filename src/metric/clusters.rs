//! Which samples are not independent of each other, and what they add up to together.

use super::estimate::{Assumed, LargestCluster};

/// The place of each key among the different ones, in order, and how many those are.
fn numbered(keys: &[u64]) -> (Vec<u32>, usize) {
    let mut distinct = keys.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let place = |key: &u64| u32::try_from(distinct.partition_point(|other| other < key)).unwrap_or(u32::MAX);
    (keys.iter().map(place).collect(), distinct.len())
}

/// Which cluster each row, or pair, stands in.
#[derive(Debug, Clone)]
pub(super) struct Clusters {
    of: Vec<u32>,
    count: usize,
    most: u64,
    open: Option<LargestCluster>,
}

impl Clusters {
    /// From the cluster of each pair, of at most `most`.
    pub(super) fn new(keys: &[u64], most: u64, open: Option<LargestCluster>) -> Self {
        let (of, count) = numbered(keys);
        Self { of, count, most, open }
    }

    /// How many there are in which something was scored; `scored` says it of each row, or pair.
    pub(super) fn scored(&self, scored: impl Iterator<Item = bool>) -> u64 {
        let mut seen = vec![false; self.count];
        for (scored, cluster) in scored.zip(&self.of) {
            if let Some(seen) = seen.get_mut(*cluster as usize) {
                *seen |= scored;
            }
        }
        seen.into_iter().filter(|seen| *seen).count() as u64
    }

    /// How many values the largest can have.
    pub(super) fn most(&self) -> f64 {
        self.most as f64
    }

    /// What is taken for granted where the evidence does not say how large a cluster can be.
    pub(super) fn assumed(&self) -> Assumed {
        Assumed { largest_cluster: self.open.clone(), spread_seen: false }
    }

    /// Sum and size of each cluster; rows without anything to give are left out. A cluster in which nothing was scored is
    /// one of the largest, with `lost` for the sum and the size of each of its rows; without that it is left out.
    pub(super) fn sums(
        &self,
        given: impl Iterator<Item = Option<Given>>,
        lost: Option<(f64, f64)>,
    ) -> Vec<(f64, f64)> {
        let mut units = vec![Given::default(); self.count];
        for (given, cluster) in given.zip(&self.of) {
            if let (Some(given), Some(unit)) = (given, units.get_mut(*cluster as usize)) {
                unit.sum += given.sum;
                unit.size += given.size;
                unit.scored |= given.scored;
            }
        }
        let most = self.most();
        let unit = |unit: &Given| {
            if unit.scored {
                Some((unit.sum, unit.size))
            } else {
                lost.map(|(sum, size)| (sum * most, size * most))
            }
        };
        units.iter().filter_map(unit).collect()
    }
}

/// What a row, or a pair, adds to its cluster.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given {
    pub(super) sum: f64,
    pub(super) size: f64,
    /// Whether it has its own value; else something stands in for it.
    pub(super) scored: bool,
}

impl Given {
    /// One value.
    pub(super) fn value(sum: f64) -> Self {
        Self { sum, size: 1.0, scored: true }
    }

    /// What stands in for one value.
    pub(super) fn stand_in(sum: f64) -> Self {
        Self { sum, size: 1.0, scored: false }
    }
}
