//! Which gates limit how much worse than the baseline a release may be, and which of them hardly do.

use crate::manifest::{ChangeWord, Comparator, Dimension, Direction};
use crate::metric::{Assessment, Bound};

/// The widest margin of a proportion that still says "no worse": 5 points. Non-inferiority margins for answer quality are
/// mostly 1 to 5 points; from there on a loss shows in a single conversation out of twenty.
const WIDEST_POINTS: f64 = 0.05;
/// The widest margin as a share of the baseline, for whatever is no proportion.
const WIDEST_SHARE: f64 = 0.10;
/// What decimal spelling may add to a margin.
const ROUNDING: f64 = 1e-12;

/// A limit on a change for the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossLimit {
    /// By a margin that is a small part of what is measured.
    Near,
    /// By a margin that a release may spend and be plainly worse: more than 5 points of a proportion or of the cases, more than
    /// a tenth of the baseline otherwise.
    Wide,
}

/// The limit that a gate sets to a change for the worse, if it sets one; `whole` is what all its samples came to.
pub(super) fn loss_limit(bound: &Bound, whole: &Assessment) -> Option<LossLimit> {
    if !limits_a_loss(bound) {
        return None;
    }
    let margin = if bound.comparator.wants_low() || bound.comparator == Comparator::Equal {
        bound.threshold
    } else {
        -bound.threshold
    };
    let change = bound.change?;
    let widest = if bound.measure.counts_regressions() {
        // A margin in cases.
        whole.estimate.n.map(|n| {
            #[allow(clippy::cast_precision_loss, reason = "no run has 2^53 cases")]
            let n = n as f64;
            WIDEST_POINTS * n
        })
    } else if change.relative {
        Some(WIDEST_SHARE)
    } else if change.level_unit.dimension == Dimension::Fraction {
        Some(WIDEST_POINTS)
    } else {
        let baseline = whole.levels.as_ref().and_then(|levels| levels.baseline.value);
        baseline.map(|value| WIDEST_SHARE * value.abs())
    };
    // Without a baseline to hold it against, nobody can call it wide; such a gate does not pass either.
    let wide = widest.is_some_and(|widest| margin > widest + ROUNDING);
    Some(if wide { LossLimit::Wide } else { LossLimit::Near })
}

/// Whether a rule limits a change for the worse. Where nobody says which way is good, a `drop` is taken for the worse.
fn limits_a_loss(bound: &Bound) -> bool {
    let Some(change) = bound.change else { return false };
    let low = bound.comparator.wants_low();
    if bound.measure.counts_regressions() {
        return low || bound.comparator == Comparator::Equal;
    }
    match (change.word, bound.direction) {
        (ChangeWord::Change, _)
        | (ChangeWord::Drop, Some(Direction::Higher) | None)
        | (ChangeWord::Increase, Some(Direction::Lower)) => low,
        (ChangeWord::Drop, Some(Direction::Lower)) | (ChangeWord::Increase, Some(Direction::Higher)) => !low,
        (ChangeWord::Increase, None) => false,
    }
}
