//! The shapes of an answer: two one-sided p-values, two one-sided limits.

/// Slack of [`clears`]: exact ties exist (`1 - 0.95` is `0.050_000_000_000_000_044`) and must clear.
const TIE: f64 = 1e-12;

/// p-values of the two one-sided claims about a parameter `theta` and a number `T`.
///
/// Both lie in `[0, 1]` and are never NaN. They may add up to more than one (exact tests do).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tails {
    /// p-value of the claim `theta < T` (null hypothesis `theta >= T`).
    pub less: f64,
    /// p-value of the claim `theta > T` (null hypothesis `theta <= T`).
    pub greater: f64,
}

impl Tails {
    /// Nothing is shown in either direction.
    pub const NOTHING: Self = Self { less: 1.0, greater: 1.0 };

    /// Clamps rounding errors into `[0, 1]`; `None` if either value is NaN.
    #[must_use]
    pub fn new(less: f64, greater: f64) -> Option<Self> {
        if less.is_nan() || greater.is_nan() {
            return None;
        }
        Some(Self { less: less.clamp(0.0, 1.0), greater: greater.clamp(0.0, 1.0) })
    }

    /// The same evidence about `-theta` and `-T`.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self { less: self.greater, greater: self.less }
    }
}

/// One-sided limits, each at its own level `1 - alpha`: together a two-sided interval at `1 - 2 alpha`.
///
/// `None` means unbounded on that side, or that the limit cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// `theta >= lower` with confidence `1 - alpha`.
    pub lower: Option<f64>,
    /// `theta <= upper` with confidence `1 - alpha`.
    pub upper: Option<f64>,
}

impl Bounds {
    /// No limit on either side.
    pub const UNBOUNDED: Self = Self { lower: None, upper: None };

    /// Infinite and NaN limits become `None`; an interval without width is no interval.
    #[must_use]
    pub fn new(lower: f64, upper: f64) -> Self {
        if lower >= upper {
            return Self::UNBOUNDED;
        }
        let finite = |limit: f64| limit.is_finite().then_some(limit);
        Self { lower: finite(lower), upper: finite(upper) }
    }

    /// The limits of `-theta`.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self { lower: self.upper.map(|limit| -limit), upper: self.lower.map(|limit| -limit) }
    }
}

/// Whether a p-value is small enough for the level `alpha`; exact ties clear, NaN never does.
#[must_use]
pub fn clears(p: f64, alpha: f64) -> bool {
    p <= alpha * (1.0 + TIE)
}

/// `Some(alpha)` if it is a usable one-sided level, strictly between 0 and 1.
pub(crate) fn level(alpha: f64) -> Option<f64> {
    (alpha > 0.0 && alpha < 1.0).then_some(alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_clear_and_nan_does_not() {
        assert!(clears(1.0 - 0.95, 0.05));
        assert!(clears(0.05, 0.05));
        assert!(!clears(0.050_001, 0.05));
        assert!(!clears(f64::NAN, 0.05));
    }

    #[test]
    fn nan_never_becomes_tails_or_bounds() {
        assert_eq!(Tails::new(f64::NAN, 0.5), None);
        assert_eq!(Tails::new(-1e-18, 1.0 + 1e-15), Some(Tails { less: 0.0, greater: 1.0 }));
        assert_eq!(Bounds::new(f64::NAN, f64::INFINITY), Bounds::UNBOUNDED);
        assert_eq!(Bounds::new(1.0, 1.0), Bounds::UNBOUNDED);
    }

    #[test]
    fn mirrors() {
        let tails = Tails { less: 0.1, greater: 0.9 };
        assert_eq!(tails.mirrored(), Tails { less: 0.9, greater: 0.1 });
        assert_eq!(
            Bounds { lower: Some(1.0), upper: None }.mirrored(),
            Bounds { lower: None, upper: Some(-1.0) }
        );
    }
}
