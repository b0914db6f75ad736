//! How far a mean may be from the stable release's.

use serde::{Deserialize, Serialize};

/// The most that the candidate's mean may differ from the stable release's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ChangeLimit {
    /// `candidate <= (1 + m) stable`, with `m > -1`; shadow pairs and ratios write `R = 1 + m`.
    Increase(f64),
    /// `candidate >= (1 - m) stable`, with `0 <= m < 1`.
    Decrease(f64),
    /// `candidate <= stable + m`, in the unit of the values (of a rate: `.01` is 1pp), with `0 <= m < cap`.
    IncreaseBy(f64),
    /// `candidate >= stable - m`, likewise.
    DecreaseBy(f64),
}

/// `D = a candidate + b stable - offset`: at most 0 in the mean where the limit is met.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Excess {
    a: f64,
    b: f64,
    offset: f64,
    /// `D >= -depth` and `D <= height` for values in `[0, cap]`.
    depth: f64,
    height: f64,
}

impl Excess {
    /// `None` where limit or cap are out of their range.
    pub(super) fn new(limit: ChangeLimit, cap: f64) -> Option<Self> {
        let (a, b, offset) = match limit {
            ChangeLimit::Increase(m) if m > -1.0 => (1.0, -(1.0 + m), 0.0),
            ChangeLimit::Decrease(m) if (0.0..1.0).contains(&m) => (-1.0, 1.0 - m, 0.0),
            ChangeLimit::IncreaseBy(m) if m >= 0.0 => (1.0, -1.0, m),
            ChangeLimit::DecreaseBy(m) if m >= 0.0 => (-1.0, 1.0, m),
            _ => return None,
        };
        let depth = cap * (f64::max(-a, 0.0) + f64::max(-b, 0.0)) + offset;
        let height = cap * (f64::max(a, 0.0) + f64::max(b, 0.0)) - offset;
        let sound = cap > 0.0 && depth > 0.0 && depth.is_finite() && height > 0.0 && height.is_finite();
        sound.then_some(Self { a, b, offset, depth, height })
    }

    fn of(&self, candidate: f64, stable: f64) -> f64 {
        self.a * candidate + self.b * stable - self.offset
    }

    /// `D / depth`, at least -1.
    pub(super) fn above(&self, candidate: f64, stable: f64) -> f64 {
        self.of(candidate, stable) / self.depth
    }

    /// `-D / height`, at least -1.
    pub(super) fn below(&self, candidate: f64, stable: f64) -> f64 {
        -self.of(candidate, stable) / self.height
    }
}
