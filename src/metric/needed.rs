//! How large a *fresh* run would have to be. Never "how many more": judging again is optional stopping.

use crate::stats::gaffke::Gaps;
use crate::stats::{Moments, Weighed, power};

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

/// For `rate < t` (or `rate > t` with `low_is_good` false), from `events` in `n`.
#[must_use]
pub(super) fn for_rate(events: u64, n: u64, t: f64, low_is_good: bool, alpha: f64) -> Needed {
    let meets = |rate: f64| if low_is_good { rate < t } else { rate > t };
    let measured = events as f64 / (n as f64).max(1.0);
    // The measured rate, drawn a little to the middle: 0 of 150 is not a true rate of 0.
    let drawn = (events as f64 + 0.5) / (n as f64 + 1.0);
    // Where only that is too much, halfway to the good end stands for what was measured.
    let halfway = if low_is_good { t / 2.0 } else { t.midpoint(1.0) };
    let assumed = if meets(drawn) || !meets(measured) { drawn } else { halfway };
    let samples = meets(assumed)
        .then(|| power::rate_sample_size(t, assumed, alpha, POWER).map(|size| size.n))
        .flatten();
    let least = power::least_n_with_events(0, if low_is_good { t } else { 1.0 - t }, alpha);
    Needed { samples, assumed, attainable: meets(assumed), least }
}

/// For `mean < t` (or `mean > t`) by Student's t, from what was measured.
#[must_use]
pub(super) fn for_mean(moments: &Moments, t: f64, low_is_good: bool, alpha: f64) -> Option<Needed> {
    let mean = moments.mean()?;
    let sd = moments.variance()?.sqrt();
    let distance = if low_is_good { t - mean } else { mean - t };
    let samples = power::mean_sample_size(distance, sd, 0.0, alpha, POWER);
    Some(Needed { samples, assumed: mean, attainable: distance > 0.0, least: None })
}

/// For the claim "less" (or "greater") about a weighed mean or ratio, whose unseen unit costs samples too.
#[must_use]
pub(super) fn for_weighed(weighed: &Weighed, t: f64, less: bool, alpha: f64) -> Option<Needed> {
    let gaps = weighed.gaps(t, less)?;
    let least = gaps.least(alpha);
    let attainable = gaps.distance > 0.0;
    let samples = if gaps.sd > 0.0 {
        power::mean_sample_size(gaps.distance, gaps.sd, gaps.room + gaps.distance, alpha, POWER)
    } else if attainable {
        // All alike, as the unseen ones of a fresh run would be too.
        Gaps { best: -gaps.distance, ..gaps }.least(alpha)
    } else {
        None
    };
    Some(Needed {
        samples: samples.map(|samples| samples.max(least.unwrap_or(0))),
        assumed: weighed.value()?,
        attainable,
        least,
    })
}
