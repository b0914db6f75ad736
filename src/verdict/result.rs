//! One gate in the light of all.

use crate::gate::{Judged, Outcome, Part, Reason};

/// One gate in the light of all.
#[derive(Debug, Clone)]
pub struct GateResult {
    /// The gate, its parts' fails adjusted.
    pub judged: Judged,
    /// What it comes to.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// The part that decides it: 0 for the whole, else a slice.
    pub decisive: usize,
    /// The waivers that it ships under, by their place in [`Verdict::waivers`](super::Verdict::waivers); empty where it needs none.
    pub waived: Vec<usize>,
}

impl GateResult {
    /// The part that decides it; none only for a gate without any.
    #[must_use]
    pub fn part(&self) -> Option<&Part> {
        self.judged.parts.get(self.decisive)
    }

    /// p-value of "the rule holds", everywhere: the largest of the parts.
    #[must_use]
    pub fn p_pass(&self) -> Option<f64> {
        let all: Option<Vec<f64>> = self.judged.parts.iter().map(|part| part.p_pass).collect();
        all?.into_iter().reduce(f64::max)
    }

    /// p-value of "the rule is broken" somewhere, unadjusted and adjusted: the smallest of the parts.
    #[must_use]
    pub fn p_fail(&self) -> (Option<f64>, Option<f64>) {
        let least =
            |p: &dyn Fn(&Part) -> Option<f64>| self.judged.parts.iter().filter_map(p).reduce(f64::min);
        (least(&|part| part.p_fail), least(&|part| part.p_fail_adjusted))
    }
}
