//! The proportion of true samples: exact where they are independent, weighed in clusters and pairs.

use std::sync::Arc;

use super::mean::{change_between, weighed};
use crate::diagnostic::Diagnostic;
use crate::metric::catalog::ValueType;
use crate::metric::compared::Compared;
use crate::metric::estimate::Method;
use crate::metric::meaning::Meaning;
use crate::metric::measure::{Answer, Measure, MeasureKind, Truth};
use crate::metric::operating::{self, Lost, OneSided, Samples};
use crate::metric::plan::{NumberField, NumberKind};
use crate::metric::quantity::{Claim, Quantity};
use crate::metric::values::Values;
use crate::stats::{Bounds, Tails, proportion};

/// A rate lies between these.
const ENDS: (f64, f64) = (0.0, 1.0);

#[derive(Debug)]
struct Rate {
    field: String,
}

pub(super) fn meant(meaning: &Meaning<'_>) -> Option<Result<Arc<dyn Measure>, Diagnostic>> {
    let field = meaning.field()?.to_owned();
    (meaning.value_type() == ValueType::Rate).then(|| Ok(Arc::new(Rate { field }) as _))
}

impl Measure for Rate {
    fn kind(&self) -> MeasureKind<'_> {
        MeasureKind::Estimated
    }

    fn numbers(&self) -> Vec<NumberField<'_>> {
        vec![NumberField { field: &self.field, kind: NumberKind::Truth }]
    }

    fn truth(&self) -> Truth {
        Truth::Always
    }

    fn usual_method(&self) -> Method {
        Method::ClopperPearson
    }

    fn level(&self, values: &Values<'_>) -> Answer {
        level(values, &self.field)
    }

    fn change(&self, runs: &Compared<'_>) -> Answer {
        change(runs, &self.field)
    }
}

/// Events among independent samples.
struct Counted {
    events: u64,
    scored: u64,
    missing: u64,
}

pub(super) fn level(values: &Values<'_>, field: &str) -> Answer {
    let events = values.written(field).flatten().filter(|value| *value > 0.5).count() as u64;
    if values.is_clustered() {
        let of = values.written(field).map(|value| value.map(|value| f64::from(u8::from(value > 0.5))));
        let mut weighing = weighed(values, of, ENDS);
        if let Some(weighing) = &mut weighing {
            weighing.events = Some(events);
        }
        return Answer::of(weighing);
    }
    Answer::of(Some(Counted { events, scored: values.scored(), missing: values.gaps() }))
}

pub(super) fn change(runs: &Compared<'_>, field: &str) -> Answer {
    change_between(runs, field, ENDS, 1.0)
}

impl Quantity for Counted {
    fn method(&self) -> Method {
        Method::ClopperPearson
    }

    fn value(&self) -> Option<f64> {
        (self.scored > 0).then(|| self.events as f64 / self.scored as f64)
    }

    fn limits(&self, alpha: f64) -> Bounds {
        let n = (self.scored + self.missing) as f64;
        let limits = |events: u64| proportion::clopper_pearson(events as f64, n, alpha);
        Bounds {
            lower: limits(self.events).and_then(|limits| limits.lower),
            upper: limits(self.events + self.missing).and_then(|limits| limits.upper),
        }
    }

    fn test(&self, claim: Claim) -> Option<Tails> {
        let n = (self.scored + self.missing) as f64;
        let tails = |events: u64| proportion::exact_tails(events as f64, n, claim.t);
        Tails::new(tails(self.events + self.missing)?.less, tails(self.events)?.greater)
    }

    fn events(&self, _claim: Claim) -> Option<u64> {
        Some(self.events)
    }

    fn one_sided(&self, claim: Claim, less: bool, alpha: f64, lost: Lost) -> Option<OneSided> {
        let missing = if lost == Lost::Counted { self.missing } else { 0 };
        let counted = operating::Counted { events: self.events, scored: self.scored, missing };
        Some(OneSided { samples: Samples::Counted(counted), t: claim.t, less, alpha })
    }
}
