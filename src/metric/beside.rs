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
    let within = |of: &dyn Fn(f64) -> f64| Within::of(values.side, single.as_deref()?, of, false);
    assessed.beside.rerun = match bound.measure.kind() {
        MeasureKind::Quantile(level) => {
            let share = within(&|value| rerun::beyond(bound, value * bound.scale));
            share.map(|share| rerun::of_quantile(bound, level, share))
        }
        _ => within(&|value| value * bound.scale).and_then(|within| rerun::of(bound, assessed, within)),
    };
}

/// Completes the assessment of a change.
pub(super) fn complete_change(assessed: &mut Assessment, bound: &Bound, runs: &Compared<'_>) {
    let numbers = bound.measure.numbers();
    let [number] = numbers.as_slice() else { return };
    let of =
        |values: &Values<'_>| Within::of(values.side, number.field, |value| value * bound.scale, runs.paired);
    let both = of(&runs.candidate).zip(of(&runs.baseline));
    let within = both.and_then(
        |(ours, theirs)| {
            if runs.relative { ours.over(theirs) } else { Some(ours.minus(theirs)) }
        },
    );
    assessed.beside.rerun = within.and_then(|within| rerun::of(bound, assessed, within));
}
