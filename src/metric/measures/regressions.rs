//! Cases that the baseline passed and the candidate does not; a missing result counts as the worst that it can be.

use std::sync::Arc;

use super::rate;
use crate::diagnostic::Diagnostic;
use crate::metric::compared::Compared;
use crate::metric::estimate::Method;
use crate::metric::fact::Fact;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind, Truth};
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::values::Values;

#[derive(Debug)]
struct Regressions {
    field: String,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let field = meaning.field()?.to_owned();
    meaning.found.regressions.then(|| Ok(Arc::new(Regressions { field }) as _))
}

impl Measure for Regressions {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Regressions
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        vec![NumberField { field: &self.field, kind: NumberKind::Truth }]
    }

    fn truth(&self) -> Truth {
        Truth::Always
    }

    fn usual_method(&self) -> Method {
        Method::Observed
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        rate::level(values, &self.field)
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        change(runs)
    }
}

fn change(runs: &Compared<'_>) -> Answer {
    // Of toxicity and its like a false is the pass.
    let passed = |value: f64| (value > 0.5) != runs.low_is_good;
    let (mut certain, mut possible) = (0_u64, 0_u64);
    for (now, before) in runs.joined().pairs() {
        let may_have_passed = before.is_none_or(passed);
        let may_fail = now.is_none_or(|now| !passed(now));
        certain += u64::from(before.is_some_and(passed) && now.is_some_and(|now| !passed(now)));
        possible += u64::from(may_have_passed && may_fail);
    }
    let (lowest, highest) = (Some(certain as f64), Some(possible as f64));
    Answer::Fact(Fact { value: certain as f64, lowest, highest, events: Some(certain) })
}
