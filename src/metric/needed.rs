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
    let (assumed, attainable) = match &test.samples {
        Samples::Counted(counted) => assumed_rate(counted, test)?,
        // Nothing is promised of their size.
        Samples::Reach(_) => return None,
        Samples::Spread(spread) => (spread.single.then_some(spread.value)?, spread.distance > 0.0),
    };
    let samples = if attainable { test.size(assumed, POWER) } else { None };
    Some(Needed { samples, assumed, attainable, least: test.least() })
}

/// The rate that stands for what was measured, and whether it meets the rule. Where nothing does, halfway to the good end.
fn assumed_rate(counted: &Counted, test: &OneSided) -> Option<(f64, bool)> {
    let assumed = test.stands_for(counted).or_else(|| test.halfway())?;
    Some((assumed, if test.less { assumed < test.t } else { assumed > test.t }))
}
