//! How large a *fresh* run would have to be. Never "how many more": judging again is optional stopping.

use super::operating::{Counted, OneSided, Samples};

/// The power that a fresh run is sized for.
pub const POWER: f64 = 0.8;

/// What a fresh run needs, at an assumed true value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needed {
    /// Samples of a fresh run with [`POWER`]; none where the assumed value does not meet the rule.
    pub samples: Option<u64>,
    /// The true value that is assumed.
    pub assumed: f64,
    /// Whether the assumed value meets the rule, so that enough samples would show it.
    pub attainable: bool,
    /// The least number of samples that could ever show it (for rates: without a single bad one).
    pub least: Option<u64>,
}

/// For a claim, from the samples that were scored; none where they come in clusters.
#[must_use]
pub(super) fn of(test: &OneSided) -> Option<Needed> {
    let (assumed, attainable) = match test.samples {
        Samples::Counted(counted) => assumed_rate(&counted, test),
        Samples::Spread(spread) => (spread.single.then_some(spread.value)?, spread.distance > 0.0),
    };
    let samples = if attainable { test.size(assumed, POWER) } else { None };
    Some(Needed { samples, assumed, attainable, least: test.least() })
}

/// The rate that stands for what was measured, and whether it meets the rule.
fn assumed_rate(counted: &Counted, test: &OneSided) -> (f64, bool) {
    let meets = |rate: f64| if test.less { rate < test.t } else { rate > test.t };
    let measured = counted.events as f64 / (counted.scored as f64).max(1.0);
    // The measured rate, drawn a little to the middle: 0 of 150 is not a true rate of 0.
    let drawn = (counted.events as f64 + 0.5) / (counted.scored as f64 + 1.0);
    // Where only that is too much, halfway to the good end stands for what was measured.
    let assumed = if meets(drawn) || !meets(measured) { drawn } else { test.halfway() };
    (assumed, meets(assumed))
}
