//! A count, a sum, a minimum or a maximum over the listed cases.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::document::decimal;
use crate::manifest::Aggregate;
use crate::metric::estimate::Method;
use crate::metric::fact::Fact;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind};
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::values::Values;
use crate::stats::moments;

#[derive(Debug)]
struct Observed {
    field: String,
    fact: Aggregate,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let field = meaning.ratings()?;
    let fact = meaning.aggregate().filter(|aggregate| {
        matches!(aggregate, Aggregate::Count | Aggregate::Sum | Aggregate::Min | Aggregate::Max)
    })?;
    Some(Ok(Arc::new(Observed { field, fact })))
}

impl Measure for Observed {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Observed(self.fact)
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        let kind = if self.fact == Aggregate::Count { NumberKind::Truth } else { NumberKind::Value };
        vec![NumberField { field: &self.field, kind }]
    }

    fn case_field(&self) -> Option<&str> {
        // No one case makes a sum.
        (self.fact != Aggregate::Sum).then_some(&self.field)
    }

    fn usual_method(&self) -> Method {
        Method::Observed
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        level(values, &self.field, self.fact)
    }
}

fn level(values: &Values<'_>, field: &str, fact: Aggregate) -> Answer {
    let of: Vec<f64> = values.decimal(field).flatten().collect();
    let value = match fact {
        Aggregate::Count => Some(of.iter().filter(|value| **value > 0.5).count() as f64),
        Aggregate::Sum => {
            let size = moments::sum(of.iter().map(|value| value.abs()));
            Some(decimal::rounded(moments::sum(of.iter().copied()), size))
        }
        Aggregate::Min => of.iter().copied().min_by(f64::total_cmp),
        Aggregate::Max => of.iter().copied().max_by(f64::total_cmp),
        Aggregate::Mean | Aggregate::Rate | Aggregate::Quantile(_) => None,
    };
    let Some(value) = value else { return Answer::Nothing };
    let missing = values.gaps() as f64;
    let (lower, upper) = values.range();
    let (lowest, highest) = match fact {
        _ if values.gaps() == 0 => (Some(value), Some(value)),
        Aggregate::Count => (Some(value), Some(value + missing)),
        Aggregate::Sum => {
            (lower.map(|low| missing.mul_add(low, value)), upper.map(|high| missing.mul_add(high, value)))
        }
        Aggregate::Min => (lower, Some(value)),
        _ => (Some(value), upper),
    };
    let events = (fact == Aggregate::Count).then_some(value as u64);
    Answer::Fact(Fact { value, lowest, highest, events })
}
