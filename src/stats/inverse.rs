//! From p-values back to limits.

use super::normal::normal_upper_quantile;

/// A normal quantile that no level comes near.
const FAR: f64 = 40.0;

/// Where a limit is looked for first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    /// Near here.
    pub(super) at: f64,
    /// Give or take.
    pub(super) error: f64,
}

/// The smallest threshold whose p-value clears the level with the normal quantile `z`, to 1e-8 of the
/// standard error; `p` falls from 1 at the lower end to 0 at the upper one. The search starts at the normal
/// approximation. `None` where nothing clears on a side without an end.
pub(super) fn threshold(
    z: f64,
    guess: &Guess,
    ends: (f64, f64),
    p: impl Fn(f64) -> Option<f64>,
) -> Option<f64> {
    // On the scale of normal quantiles p is nearly a straight line.
    let excess = |t: f64| {
        let at = p(t)?;
        let quantile = if at <= 0.0 { FAR } else { normal_upper_quantile(at).unwrap_or(-FAR) };
        Some(quantile.clamp(-FAR, FAR) - z)
    };
    let Guess { at: guess, error } = *guess;
    if !(guess.is_finite() && error > 0.0 && error.is_finite()) {
        return None;
    }
    let (mut low, mut high) = ((ends.0, -FAR - z), (ends.1, FAR - z));
    // Outwards from the guess until it is enclosed.
    let mut reach = 0.25 * error;
    for _ in 0..120 {
        for t in [guess - reach, guess + reach] {
            if t > low.0 && t < high.0 {
                let value = excess(t)?;
                if value >= 0.0 { high = (t, value) } else { low = (t, value) }
            }
        }
        let enclosed = low.0 >= guess - reach && high.0 <= guess + reach;
        let past = |end: f64| end.is_finite() && (end - guess).abs() <= reach;
        if enclosed || low.0 > guess + reach || (past(low.0) && past(high.0)) {
            break;
        }
        reach *= 4.0;
    }
    if !(low.0.is_finite() && high.0.is_finite()) {
        return None;
    }
    let mut kept = 0_i8;
    for round in 1..200 {
        let width = high.0 - low.0;
        if width <= 1e-8 * error + 1e-15 * high.0.abs() {
            break;
        }
        // The Illinois rule (an end that is kept again counts half), with a bisection now and then.
        let line = low.0 - low.1 * width / (high.1 - low.1);
        let t = if round % 8 == 0 || line <= low.0 || line >= high.0 { low.0.midpoint(high.0) } else { line };
        let value = excess(t)?;
        if value >= 0.0 {
            high = (t, value);
            low.1 *= if kept < 0 { 0.5 } else { 1.0 };
            kept = -1;
        } else {
            low = (t, value);
            high.1 *= if kept > 0 { 0.5 } else { 1.0 };
            kept = 1;
        }
    }
    Some(high.0)
}

/// The first rank in `1..=n` at which a condition that never goes back to false holds.
pub(super) fn first_rank(n: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut low, mut high) = (0_u64, n.checked_add(1)?);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    (high <= n).then_some(high)
}
