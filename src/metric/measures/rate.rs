//! The proportion of true samples: exact where they are independent, weighed in clusters and pairs.

use super::Answer;
use super::mean::{change_between, weighed};
use crate::metric::estimate::Method;
use crate::metric::needed::{self, Needed};
use crate::metric::quantity::{Claim, Quantity};
use crate::metric::values::{Compared, Values};
use crate::stats::{Bounds, Tails, proportion};

/// A rate lies between these.
const ENDS: (f64, f64) = (0.0, 1.0);

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

    fn needed(&self, claim: Claim, less: bool, alpha: f64) -> Option<Needed> {
        Some(needed::for_rate(self.events, self.scored, claim.t, less, alpha))
    }
}
