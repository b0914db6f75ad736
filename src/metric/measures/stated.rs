//! A number that the evidence states itself; `metric::stated` reads how much it can show.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::manifest::{Aggregate, MetricKind, fold};
use crate::metric::catalog::ValueType;
use crate::metric::estimate::Method;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Measure, MeasureKind};
use crate::metric::names::{Origin, split_quantile};

#[derive(Debug)]
struct Stated {
    name: String,
    value_type: ValueType,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let Origin::Aggregate(name) = &meaning.found.origin else { return None };
    let value_type = match (meaning.aggregate(), meaning.declared()) {
        (Some(Aggregate::Rate), _) | (_, Some(MetricKind::Rate)) => ValueType::Rate,
        (Some(Aggregate::Mean), _) | (_, Some(MetricKind::Mean)) => ValueType::Mean,
        // A stated quantile of a rate-like metric is still a quantile: never counted as events.
        _ if split_quantile(&fold(name)).0.is_some() => ValueType::Mean,
        _ => meaning.value_type(),
    };
    Some(Ok(Arc::new(Stated { name: name.clone(), value_type })))
}

impl Measure for Stated {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Stated { name: &self.name, value_type: self.value_type }
    }

    fn usual_method(&self) -> Method {
        Method::Point
    }
}
