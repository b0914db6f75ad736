//! The limit that a waiver could have: hardly easier than the worst value that the evidence allows.
//!
//! It is tried before it is named: judged again as the author's own limit would be. A gate that passes or does not apply needs
//! none, and one that could not be judged gets none.

use std::collections::BTreeMap;

use crate::gate::{Gate, Judged, Outcome, Part};
use crate::judge::again::Again;
use crate::manifest::Quantity;
use crate::metric::Method;
use crate::verdict::{Sufficient, covers};

/// The slice that a waiver is limited to.
type Slice<'a> = Option<&'a BTreeMap<String, String>>;

/// A limit that would do for a waiver of the gate, which came to `judged`: stricter than the one that it has (`own`, in the unit of the gate), if one
/// does.
pub(super) fn limit(
    again: &Again<'_>,
    gate: &Gate,
    judged: &Judged,
    slice: Slice<'_>,
    own: Option<f64>,
) -> Option<Sufficient> {
    if !gate.applies {
        return None;
    }
    if again.is_blocked(gate) || judged.parts.iter().all(|part| part.outcome == Outcome::Pass) {
        return None;
    }
    let low = gate.bound.comparator.wants_low();
    let (shown, counted) = worst(judged, slice, low)?;
    let scale = Scale::of(gate)?;
    let written = scale.written(shown);
    let mut tried = outward(written, 2, low);
    if counted {
        // A fact is exact, and a limit may be as well; counts have no decimals.
        tried.splice(0..0, [written, if low { written + 1.0 } else { written - 1.0 }]);
    }
    for value in tried {
        let quantity = scale.quantity(value)?;
        let judged = again.try_limit(gate, &quantity)?;
        let limit = judged.declared()?.bound.threshold;
        let stricter = own.is_none_or(|own| if low { limit < own } else { limit > own });
        if !stricter {
            return None;
        }
        if judged.parts.iter().filter(|part| concerns(slice, part)).all(|part| part.outcome == Outcome::Pass)
        {
            let worst = if counted { written } else { *outward(written, 3, low).first()? };
            let worst = scale.quantity(worst)?.to_string();
            return Some(Sufficient { limit: quantity.to_string(), worst });
        }
    }
    None
}

/// Whether a limit holds for a part: for the waiver's slices, and for the whole, which is not better than they are.
fn concerns(slice: Slice<'_>, part: &Part) -> bool {
    part.key.is_empty() || slice.is_none_or(|slice| covers(slice, &part.key))
}

/// The worst value that the evidence allows of any part that the limit holds for, and whether it is an exact fact.
fn worst(judged: &Judged, slice: Slice<'_>, low: bool) -> Option<(f64, bool)> {
    let mut worst: Option<(f64, bool)> = None;
    for part in judged.parts.iter().filter(|part| concerns(slice, part)) {
        let estimate = &part.assessment.estimate;
        let counted = estimate.method == Method::Observed;
        let limit = if low { estimate.upper } else { estimate.lower };
        let shown = limit.or(estimate.value.filter(|_| counted))?;
        if worst.is_none_or(|(known, _)| if low { shown > known } else { shown < known }) {
            worst = Some((shown, counted));
        }
    }
    worst
}

/// From the numbers of a gate to those that its author writes.
struct Scale<'a> {
    /// The threshold as its author writes it.
    written: &'a Quantity,
    factor: f64,
    offset: f64,
}

impl<'a> Scale<'a> {
    fn of(gate: &'a Gate) -> Option<Self> {
        let (written, bound) = (&gate.spec.rule.threshold.value, &gate.bound);
        // `1.1x` of the baseline is a tenth more.
        let offset = if written.unit.word == "x" && bound.change.is_some() { -1.0 } else { 0.0 };
        let factor = if written.value == 0.0 {
            written.unit.to_base(1.0)
        } else {
            (bound.threshold - offset) / written.value
        };
        (factor.is_finite() && factor > 0.0).then_some(Self { written, factor, offset })
    }

    /// A number of the gate as its author writes it.
    fn written(&self, number: f64) -> f64 {
        (number - self.offset) / self.factor
    }

    /// A written number with the author's unit.
    fn quantity(&self, value: f64) -> Option<Quantity> {
        let digits = plain(value);
        let value = digits.parse().ok().filter(|value: &f64| value.is_finite())?;
        Some(Quantity { value, digits, unit: self.written.unit })
    }
}

/// The next two numbers of so many digits on the worse side.
fn outward(value: f64, digits: i32, low: bool) -> Vec<f64> {
    if !value.is_finite() {
        return Vec::new();
    }
    let magnitude = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    let step = 10_f64.powi(magnitude + 1 - digits);
    let first = if low { (value / step).ceil() } else { (value / step).floor() };
    let side = if low { 1.0 } else { -1.0 };
    vec![first * step, (first + side) * step]
}

/// A number without the last bits of a product and without an exponent.
fn plain(value: f64) -> String {
    let decimals = if value == 0.0 { 0 } else { (5 - value.abs().log10().floor() as i32).clamp(0, 15) };
    let text = format!("{value:.*}", usize::try_from(decimals).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
