//! The sum of one field over the sum of another: cost per token.

use std::sync::Arc;

use super::mean::change_without_ends;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::MetricKind;
use crate::metric::compared::Compared;
use crate::metric::estimate::Method;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind};
use crate::metric::pairs::Taken;
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::student;
use crate::metric::values::{Range, Values};
use crate::metric::weighing;

#[derive(Debug)]
struct Ratio {
    field: String,
    /// What it is divided by.
    per: String,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let field = meaning.field()?;
    let declared = meaning.declared() == Some(MetricKind::Ratio);
    declared.then(|| Ok(Arc::new(Ratio { field: field.to_owned(), per: divisor(meaning)? }) as _))
}

/// The field that it is divided by.
fn divisor(meaning: &Meaning<'_>) -> Result<String, Diagnostic> {
    let Meaning { gate, found, .. } = meaning;
    if let Some(aggregate) = meaning.aggregate() {
        return Err(Diagnostic::error(
            Code::AggregateOfRatio,
            format!("`{aggregate}` cannot be taken of a ratio of sums"),
        )
        .at(gate.rule.subject_span(), "a ratio has one value")
        .help("gate the ratio itself, or one of its fields"));
    }
    // The manifest reader refuses a ratio without `per`.
    let per = found.spec.and_then(|spec| spec.per.as_ref());
    let per = per.ok_or_else(|| Diagnostic::error(Code::RatioWithoutPer, "a ratio needs `per`"))?;
    meaning.known_field(per)
}

impl Measure for Ratio {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Estimated
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        vec![
            NumberField { field: &self.field, kind: NumberKind::Value },
            NumberField { field: &self.per, kind: NumberKind::Divisor },
        ]
    }

    fn case_field(&self) -> Option<&str> {
        None
    }

    fn own_range(&self) -> Option<Range> {
        Some((Some(0.0), None))
    }

    fn usual_method(&self) -> Method {
        Method::GaffkeOpen
    }

    fn taken(&self, scale: f64) -> Taken<'_> {
        Taken::Ratio { field: &self.field, per: &self.per, scale }
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        let pairs = || values.scaled(&self.field).zip(values.written(&self.per)).map(|(y, x)| y.zip(x));
        match values.range() {
            // What may be negative has no end on either side.
            (Some(low), _) if low < 0.0 => Answer::of(Some(student::Ratio::of_sums(values, pairs()))),
            _ => Answer::of(weighing::ratio_of_sums(values, pairs())),
        }
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        change_without_ends(runs)
    }
}
