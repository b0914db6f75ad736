//! How the ids of two runs relate.

use super::pairs::ids;
use super::side::Side;

/// How the ids of two runs relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// Most ids stand on both sides: the runs are paired.
    Paired,
    /// No id does: the runs are compared side by side.
    Disjoint,
    /// Some do, too few to pair and too many to be two samples of one kind: other case sets.
    Partial {
        /// Ids on both sides.
        common: usize,
        /// Ids on either side.
        all: usize,
    },
}

/// How the ids of two selections relate: paired from half of all ids on.
#[must_use]
pub fn overlap(candidate: Side<'_>, baseline: Side<'_>) -> Overlap {
    let (left, right) = (ids(candidate), ids(baseline));
    let common = left.iter().filter(|id| right.binary_search(id).is_ok()).count();
    let union = left.len() + right.len() - common;
    match common {
        0 => Overlap::Disjoint,
        _ if common * 2 >= union => Overlap::Paired,
        _ => Overlap::Partial { common, all: union },
    }
}
