//! What another run of the same cases would change: cases that were run, or judged, several times say it themselves.

use super::bound::Bound;
use super::estimate::Assessment;
use super::measure::MeasureKind;
use super::side::Side;
use super::told::Rerun;
use crate::manifest::{ChangeWord, Comparator};
use crate::stats::moments;
use crate::stats::normal::normal_split;

/// How far results of one case lie apart, over the cases of a side.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Within {
    /// Cases with two results or more.
    cases: u64,
    /// The mean of all results.
    mean: f64,
    /// The variance of the mean of all results that their spread within cases makes.
    variance: f64,
    /// The chance of two results of a case to differ, on average over those cases; none of numbers.
    flips: Option<f64>,
}

impl Within {
    /// Of what `of` makes of the results in a column; none where no case has two. `by_case` weighs every case alike, as pairs of
    /// releases do; else every result counts as much.
    pub(super) fn of(side: Side<'_>, field: &str, of: impl Fn(f64) -> f64, by_case: bool) -> Option<Self> {
        let column = side.table.column(field)?;
        let id = |row: &u32| side.table.id(*row as usize);
        // Most evidence has one result a case: a million of them cost neither time nor memory.
        if !side.table.repeats_ids() || !side.rows.array_windows().any(|[one, next]| id(one) == id(next)) {
            return None;
        }
        // Of every case: how many results, and the variance of one.
        let (mut cases, mut flips): (Vec<(f64, Option<f64>)>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut means: Vec<(f64, f64)> = Vec::new();
        let mut binary = true;
        for rows in side.rows.chunk_by(|a, b| id(a) == id(b)) {
            let results: Vec<f64> =
                rows.iter().filter_map(|row| column.get(*row as usize)).map(&of).collect();
            let size = results.len() as f64;
            if results.is_empty() {
                continue;
            }
            let mean = moments::sum(results.iter().copied()) / size;
            let squares = moments::sum(results.iter().map(|result| (result - mean).powi(2)));
            let variance = (results.len() > 1).then(|| squares / (size - 1.0));
            binary &=
                rows.iter().filter_map(|row| column.get(*row as usize)).all(|own| [0.0, 1.0].contains(&own));
            // Of k true among m results: 2 k (m - k) / (m (m - 1)), which is twice the unbiased variance.
            flips.extend(variance.map(|variance| 2.0 * variance));
            cases.push((size, variance));
            means.push((size, mean));
        }
        let known: Vec<f64> = cases.iter().filter_map(|(_, variance)| *variance).collect();
        if known.is_empty() {
            return None;
        }
        let count = known.len() as f64;
        // A case with one result spreads as the others do.
        let usual = moments::sum(known.iter().copied()) / count;
        let of_case = |(size, variance): &(f64, Option<f64>)| {
            let variance = variance.unwrap_or(usual);
            if by_case { variance / size } else { variance * size }
        };
        let all: f64 = if by_case { cases.len() as f64 } else { cases.iter().map(|(size, _)| size).sum() };
        let variance = moments::sum(cases.iter().map(of_case)) / (all * all);
        let mean =
            moments::sum(means.iter().map(|(size, mean)| if by_case { *mean } else { size * mean })) / all;
        let flips = binary.then(|| moments::sum(flips.iter().copied()) / count);
        Some(Self { cases: known.len() as u64, mean, variance, flips })
    }

    /// Of the difference of two.
    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            cases: self.cases.min(other.cases),
            mean: self.mean - other.mean,
            variance: self.variance + other.variance,
            flips: self.flips,
        }
    }

    /// Of how many times the other's mean this one is, to first order in what lies within cases (the delta method); none of a
    /// mean that nothing can be divided by.
    pub(super) fn over(self, other: Self) -> Option<Self> {
        let ratio = self.mean / other.mean;
        let variance = ratio.mul_add(ratio * other.variance, self.variance) / (other.mean * other.mean);
        (other.mean > 0.0 && variance.is_finite()).then_some(Self {
            cases: self.cases.min(other.cases),
            mean: ratio,
            variance,
            flips: self.flips,
        })
    }
}

/// The chance of the next value, seen so that low is good, to lie above a number.
fn above(limit: f64, value: f64, within: Within) -> Option<f64> {
    let spread = (2.0 * within.variance).sqrt();
    if spread > 0.0 {
        normal_split((limit - value) / spread).map(|split| split.upper)
    } else {
        Some(f64::from(u8::from(value > limit)))
    }
}

/// The chance of the next value to lie on the other side of a threshold.
fn crosses(threshold: f64, value: f64, within: Within) -> Option<f64> {
    let above = above(threshold, value, within)?;
    Some(if value > threshold { 1.0 - above } else { above }.clamp(0.0, 1.0))
}

/// What another run would change of a quantile, by the share of results beyond its threshold: the quantile crosses it where the
/// share crosses what the level allows. Whether the outcome changes is not told: the limits are the quantile's, not the share's.
pub(super) fn of_quantile(bound: &Bound, level: f64, share: Within) -> Rerun {
    let allowed = if bound.comparator.wants_low() { 1.0 - level } else { level };
    Rerun {
        cases: share.cases,
        of_raters: bound.people.rater.is_some() || !bound.people.raters.is_empty(),
        flips: None,
        crosses: crosses(allowed, share.mean, share),
        changes: None,
    }
}

/// Whether a value is on the wrong side of a quantile's threshold, as 0 or 1.
pub(super) fn beyond(bound: &Bound, value: f64) -> f64 {
    let threshold = bound.threshold;
    let is = match bound.comparator {
        Comparator::Less => value >= threshold,
        Comparator::AtMost | Comparator::Equal => value > threshold,
        Comparator::Greater => value <= threshold,
        _ => value < threshold,
    };
    f64::from(u8::from(is))
}

/// What another run would change of an assessment.
///
/// What was measured lies off the cases' own mean by the spread within cases, and so does the next run: the two differ by twice
/// that variance. Both limits are taken to stay as far from the value as they are, so the chances are approximate.
pub(super) fn of(bound: &Bound, assessed: &Assessment, within: Within) -> Option<Rerun> {
    if !matches!(bound.measure.kind(), MeasureKind::Estimated) {
        return None;
    }
    let estimate = &assessed.estimate;
    let sign = if bound.comparator.wants_low() { 1.0 } else { -1.0 };
    let judged =
        estimate.value.filter(|_| bound.change.is_none_or(|change| change.word != ChangeWord::Change));
    let crosses = judged.and_then(|value| crosses(sign * bound.threshold, sign * value, within));
    let changes = judged.and_then(|value| {
        let fail = assessed
            .at_fail
            .map_or((estimate.lower, estimate.upper), |at| (at.limits.lower, at.limits.upper));
        let (worst, best) = if sign > 0.0 { (estimate.upper, fail.0) } else { (estimate.lower, fail.1) };
        let (value, t) = (sign * value, sign * bound.threshold);
        let passes_to = t - (sign * worst? - value);
        let fails_from = t + (value - sign * best?);
        let (not_pass, fail) = (above(passes_to, value, within)?, above(fails_from, value, within)?);
        Some(if value <= passes_to {
            not_pass
        } else if value >= fails_from {
            1.0 - fail
        } else {
            1.0 - (not_pass - fail)
        })
    });
    Some(Rerun {
        cases: within.cases,
        of_raters: bound.people.rater.is_some() || !bound.people.raters.is_empty(),
        flips: within.flips,
        crosses,
        changes: changes.map(|chance| chance.clamp(0.0, 1.0)),
    })
}
