//! What is told beside an assessment and judged by nothing: who rated, how often a judge says true, what another run would change.

use super::bound::Bound;
use super::compared::Compared;
use super::estimate::Assessment;
use super::measure::MeasureKind;
use super::raters::raters;
use super::rerun::{self, Within};
use super::values::Values;

/// Completes the assessment of one run.
pub(super) fn complete(assessed: &mut Assessment, bound: &Bound, values: &Values<'_>) {
    let first = bound.measure.numbers().first().map(|number| number.field.to_owned());
    let field = first.clone().or_else(|| bound.measure.labels().first().map(|field| (*field).to_owned()));
    if let Some(field) = &field {
        assessed.beside.raters = raters(values.side, field);
    }
    if bound.measure.kind() == MeasureKind::Strength {
        // Who always prefers the first side may have seen the better one there.
        assessed.beside.raters.iter_mut().for_each(|rater| rater.constant = false);
    }
    let single = first.filter(|_| bound.measure.numbers().len() == 1);
    let within = single.and_then(|field| Within::of(values.side, &field, bound.scale, false));
    assessed.beside.rerun = within.and_then(|within| rerun::of(bound, assessed, within));
}

/// Completes the assessment of a change.
pub(super) fn complete_change(assessed: &mut Assessment, bound: &Bound, runs: &Compared<'_>) {
    let numbers = bound.measure.numbers();
    let ([number], false) = (numbers.as_slice(), runs.relative) else { return };
    let of = |values: &Values<'_>| Within::of(values.side, number.field, bound.scale, runs.paired);
    let both = of(&runs.candidate).zip(of(&runs.baseline));
    let within = both.map(|(ours, theirs)| ours.minus(theirs));
    assessed.beside.rerun = within.and_then(|within| rerun::of(bound, assessed, within));
}
