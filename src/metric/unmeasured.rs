//! The operating characteristic of a gate on which nothing was measured yet: what can be known of its samples beforehand.

use super::bound::{Bound, Change};
use super::measure::{MeasureKind, Truth};
use super::operating::{Counted, OneSided, Operating, Samples, Spread, Unseen};
use super::settings::Settings;
use crate::manifest::ChangeWord;

/// Why the chances of a gate cannot be reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreckoned {
    /// A fact about the listed cases: no chance is in it but that of the cases themselves.
    Observed,
    /// A number without samples of its own.
    Stated,
    /// Nothing says how far its values spread before a pilot has shown some.
    NeedsPilot,
    /// Its method compares two runs in a way whose chances nobody has worked out.
    Method,
}

/// The operating characteristic of one sample, to be [scaled](Operating::scaled) to a size. Values between two ends spread as far
/// as they can for their mean; pairs differ all of them.
///
/// # Errors
/// Why there is none.
pub fn unmeasured(bound: &Bound, settings: &Settings) -> Result<Operating, Unreckoned> {
    match (bound.measure.kind(), bound.change) {
        (MeasureKind::Observed(_) | MeasureKind::Regressions, _) => Err(Unreckoned::Observed),
        (MeasureKind::Stated { .. }, _) => Err(Unreckoned::Stated),
        (MeasureKind::Agreement(_) | MeasureKind::Strength | MeasureKind::Judged, _) => {
            Err(Unreckoned::Method)
        }
        (MeasureKind::Quantile(_), Some(_)) => Err(Unreckoned::NeedsPilot),
        (MeasureKind::Quantile(level), None) => {
            let of = |_, t, less, alpha| Some(counted(t, less, alpha));
            let low = bound.comparator.wants_low();
            whole(bound, settings, (1.0 - level, low), of).map(|of| Operating { of_share: true, ..of })
        }
        (MeasureKind::Estimated, None) if is_rate(bound) => {
            let of = |_, t, less, alpha| Some(counted(t, less, alpha));
            whole(bound, settings, (bound.threshold, bound.comparator.wants_low()), of)
        }
        (MeasureKind::Estimated, change) => spread_out(bound, change, settings),
    }
}

/// Whether its samples say true or false, as far as anything says that before they are there.
fn is_rate(bound: &Bound) -> bool {
    bound.measure.truth() == Truth::Always
}

fn counted(t: f64, less: bool, alpha: f64) -> OneSided {
    let counted = Counted { events: 0, scored: 1, missing: 0 };
    OneSided { samples: Samples::Counted(counted), t, less, alpha }
}

/// A mean of values between two ends, or the difference of pairs of them.
fn spread_out(bound: &Bound, change: Option<Change>, settings: &Settings) -> Result<Operating, Unreckoned> {
    let ends = bound.lower.zip(bound.upper).filter(|_| bound.measure.texts().is_none());
    let (low, high) = ends.filter(|(low, high)| low < high).ok_or(Unreckoned::NeedsPilot)?;
    // A ratio of sums is no mean of samples.
    if bound.measure.numbers().len() > 1 || change.is_some_and(|change| change.relative) {
        return Err(Unreckoned::NeedsPilot);
    }
    let pairs = change.map(|_| high - low);
    let (low, high) = pairs.map_or((low, high), |width| (-width, width));
    let of = |middle: f64, t: f64, less: bool, alpha: f64| {
        let (room, best) = if less { (high - t, low - t) } else { (t - low, t - high) };
        let whole = Spread {
            value: middle,
            units: 1.0,
            sd: f64::INFINITY,
            distance: if less { t - middle } else { middle - t },
            per: 1.0,
            unseen: Some(Unseen { room, best }),
            // Each pair of truth values differs.
            discordant: pairs.filter(|width| is_rate(bound) && width.to_bits() == 1.0_f64.to_bits()),
            ends: (low, high),
            single: true,
            clusters: None,
            grown: 1.0,
        };
        (t > low && t < high).then_some(OneSided { samples: Samples::Spread(whole), t, less, alpha })
    };
    whole(bound, settings, (bound.threshold, bound.comparator.wants_low()), of)
}

/// The tests of a rule with its words turned into claims; `of` makes one of a value in the middle, a threshold, a side and a level.
fn whole(
    bound: &Bound,
    settings: &Settings,
    (t, low): (f64, bool),
    of: impl Fn(f64, f64, bool, f64) -> Option<OneSided>,
) -> Result<Operating, Unreckoned> {
    let Settings { alpha, alpha_fail, .. } = *settings;
    let word = bound.change.map(|change| change.word);
    let of = |t: f64, less: bool, alpha: f64| of(0.0, t, less, alpha).ok_or(Unreckoned::NeedsPilot);
    let (tests, breaks) = match word {
        None | Some(ChangeWord::Increase) => (vec![of(t, low, alpha)?], vec![of(t, !low, alpha_fail)?]),
        Some(ChangeWord::Drop) => (vec![of(-t, !low, alpha)?], vec![of(-t, low, alpha_fail)?]),
        Some(ChangeWord::Change) => (
            vec![of(t, true, alpha)?, of(-t, false, alpha)?],
            vec![of(t, false, alpha_fail / 2.0)?, of(-t, true, alpha_fail / 2.0)?],
        ),
    };
    Ok(Operating { tests, breaks, negated: word == Some(ChangeWord::Drop), of_share: false })
}
