//! A fact about the listed cases: what it is, and what it may be once the missing rows are looked at.

use crate::manifest::Comparator;

/// A fact with its extremes over everything that is missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fact {
    /// Over the cases that have a score.
    pub(super) value: f64,
    /// The least that it may be; none where nothing limits it.
    pub(super) lowest: Option<f64>,
    /// The most.
    pub(super) highest: Option<f64>,
    /// A count of cases, where it is one.
    pub(super) events: Option<u64>,
}

impl Fact {
    /// Whether the comparison holds for every, and for some, value that it may have.
    pub(super) fn holds(&self, comparator: Comparator, t: f64) -> (bool, bool) {
        let (lowest, highest) = (self.lowest, self.highest);
        let holds = |value: Option<f64>| value.is_some_and(|value| comparator.holds(value, t));
        let inside = lowest.is_none_or(|low| low <= t) && highest.is_none_or(|high| t <= high);
        match comparator {
            Comparator::Less | Comparator::AtMost => (holds(highest), lowest.is_none() || holds(lowest)),
            Comparator::Greater | Comparator::AtLeast => (holds(lowest), highest.is_none() || holds(highest)),
            Comparator::Equal => (lowest == highest && holds(lowest), inside),
            Comparator::NotEqual => (!inside, lowest.is_none() || lowest != highest || !inside),
        }
    }
}
