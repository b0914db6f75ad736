//! A rate where the evidence writes true and false, else a mean: of a metric that nobody has said more of.

use std::sync::Arc;

use super::{mean, rate};
use crate::diagnostic::Diagnostic;
use crate::metric::compared::Compared;
use crate::metric::estimate::Method;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind, Truth};
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::values::Values;

#[derive(Debug)]
struct RateOrMean {
    field: String,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let field = meaning.field()?.to_owned();
    Some(Ok(Arc::new(RateOrMean { field })))
}

impl Measure for RateOrMean {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Estimated
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        vec![NumberField { field: &self.field, kind: NumberKind::Value }]
    }

    fn truth(&self) -> Truth {
        Truth::IfSaid
    }

    fn usual_method(&self) -> Method {
        Method::StudentT
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        if values.is_rate(&self.field) {
            rate::level(values, &self.field)
        } else {
            mean::level(values, &self.field)
        }
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        if runs.candidate.is_rate(&self.field) && runs.baseline.is_rate(&self.field) {
            rate::change(runs, &self.field)
        } else {
            mean::change(runs, &self.field)
        }
    }
}
