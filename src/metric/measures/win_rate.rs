//! How often one of two versions is preferred: the mean of wins, of which a tie is half or none.

use std::sync::Arc;

use super::mean;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Direction, MetricKind, Ties};
use crate::metric::compared::Compared;
use crate::metric::estimate::Method;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind};
use crate::metric::people::Preference;
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::values::{Range, Values};

#[derive(Debug)]
struct WinRate {
    field: String,
    preference: Preference,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    if meaning.declared() != Some(MetricKind::WinRate) {
        return None;
    }
    let (field, people) = (meaning.ratings()?, &meaning.found.spec?.people);
    let [ours, theirs] = match people.between.as_slice() {
        [ours, theirs] => [ours.value.clone(), theirs.value.clone()],
        _ => ["candidate", "baseline"].map(str::to_owned),
    };
    let ties = people.ties.map_or(Ties::Half, |ties| ties.value);
    let preference = Preference { ours, theirs, ties };
    Some(meaning.has_no_aggregate().map(|()| Arc::new(WinRate { field, preference }) as _))
}

impl Measure for WinRate {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Estimated
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        vec![NumberField { field: &self.field, kind: NumberKind::Preference }]
    }

    fn preference(&self) -> Option<&Preference> {
        Some(&self.preference)
    }

    fn own_range(&self) -> Option<Range> {
        Some((Some(0.0), Some(1.0)))
    }

    fn own_direction(&self) -> Option<Direction> {
        Some(Direction::Higher)
    }

    fn usual_method(&self) -> Method {
        Method::Gaffke
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        mean::level(values, &self.field)
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        mean::change(runs, &self.field)
    }
}
