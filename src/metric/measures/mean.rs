//! The mean: weighed where its values have ends, or one at 0; else by Student's t.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::metric::catalog::ValueType;
use crate::metric::clusters::Given;
use crate::metric::compared::Compared;
use crate::metric::estimate::Method;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind};
use crate::metric::pairs::Taken;
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::student::{Ratio, Student, counted};
use crate::metric::two_limits::TwoLimits;
use crate::metric::values::Values;
use crate::metric::weighing::{self, Sides};

#[derive(Debug)]
struct Mean {
    field: String,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let field = meaning.ratings()?;
    (meaning.value_type() == ValueType::Mean).then(|| Ok(Arc::new(Mean { field }) as _))
}

impl Measure for Mean {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Estimated
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        vec![NumberField { field: &self.field, kind: NumberKind::Value }]
    }

    fn usual_method(&self) -> Method {
        Method::StudentT
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        level(values, &self.field)
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        change(runs, &self.field)
    }
}

pub(super) fn level(values: &Values<'_>, field: &str) -> Answer {
    match values.range() {
        (Some(low), Some(high)) => Answer::of(weighed(values, values.scaled(field), (low, high))),
        (Some(low), None) if low >= 0.0 => Answer::of(weighing::open(values, values.scaled(field))),
        _ => Answer::of(Some(Student::of(values, values.scaled(field)))),
    }
}

pub(super) use weighing::bounded as weighed;

pub(super) fn change(runs: &Compared<'_>, field: &str) -> Answer {
    match runs.candidate.range() {
        (Some(low), Some(high)) if !runs.relative || low >= 0.0 => {
            change_between(runs, field, (low, high), runs.candidate.scale())
        }
        _ => change_without_ends(runs),
    }
}

/// Of values between two ends.
pub(super) fn change_between(runs: &Compared<'_>, field: &str, ends: (f64, f64), scale: f64) -> Answer {
    if runs.paired {
        let joined = runs.joined();
        return Answer::of(weighing::paired(joined, ends, runs.relative, runs.fills(joined)));
    }
    let of = |values: &Values<'_>| {
        weighed(values, values.written(field).map(|value| value.map(|value| value * scale)), ends)
    };
    let Some((candidate, baseline)) = of(&runs.candidate).zip(of(&runs.baseline)) else {
        return Answer::Nothing;
    };
    if candidate.single && baseline.single {
        Answer::of(Some(Sides { candidate, baseline, against: runs.against() }))
    } else {
        let (candidate, baseline) = (Box::new(candidate), Box::new(baseline));
        Answer::of(Some(TwoLimits::new(candidate, baseline, runs.against(), ends)))
    }
}

/// Of values that nothing is known of but the sample.
pub(super) fn change_without_ends(runs: &Compared<'_>) -> Answer {
    if !runs.paired {
        let (ours, theirs) = (side(&runs.candidate, &runs.taken), side(&runs.baseline, &runs.taken));
        return if runs.relative {
            Answer::of(Some(ours.over(&theirs, runs.alpha)))
        } else {
            Answer::of(Some(ours.minus(&theirs)))
        };
    }
    let joined = runs.joined();
    let gaps = runs.fills(joined);
    match &joined.clusters {
        None => {
            let (ours, theirs) = joined.scored();
            if runs.relative {
                return Answer::of(Some(Ratio::paired(&ours, &theirs, gaps, runs.alpha)));
            }
            Answer::of(Some(Student::of_single(&joined.differences(), gaps)))
        }
        Some(clusters) => {
            let sums = |of: fn(f64, f64) -> f64| {
                let given = joined.pairs().map(|(c, b)| Some(Given::value(of(c?, b?))));
                counted(&clusters.sums(given, None))
            };
            if runs.relative {
                return Answer::of(Some(Ratio::clustered(
                    &sums(|c, _| c),
                    &sums(|_, b| b),
                    gaps,
                    runs.alpha,
                )));
            }
            Answer::of(Some(Student::of_clusters(&sums(crate::metric::pairs::difference), gaps)))
        }
    }
}

/// One of two runs on other ids.
fn side(values: &Values<'_>, taken: &Taken<'_>) -> Student {
    Student::of(values, values.taken(taken).into_iter())
}
