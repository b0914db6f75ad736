//! Count, mean and central moments of a sample, and how they combine.

/// A spread below this many rounding errors of the mean is rounding, not spread.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// Count, mean, and the sums of squared and cubed deviations from the mean.
///
/// The same values in the same order give the same bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    n: u64,
    mean: f64,
    m2: f64,
    /// Unknown for a sample that is only known by its summary.
    m3: Option<f64>,
}

impl Moments {
    /// No values yet.
    pub const EMPTY: Self = Self { n: 0, mean: 0.0, m2: 0.0, m3: Some(0.0) };

    /// Moments of `values` in two passes. `None` if a value is not finite or a difference of two values
    /// overflows.
    #[must_use]
    pub fn from_slice(values: &[f64]) -> Option<Self> {
        let Some(&pivot) = values.first() else {
            return Some(Self::EMPTY);
        };
        let n = values.len() as f64;
        // Measured from one of the values, equal values give a spread of exactly zero.
        let mean = pivot + sum(values.iter().map(|value| value - pivot)) / n;
        let m2 = sum(values.iter().map(|value| (value - mean).powi(2)));
        let m3 = sum(values.iter().map(|value| (value - mean).powi(3)));
        let moments = Self { n: values.len() as u64, mean, m2, m3: Some(m3) };
        (mean.is_finite() && values.iter().all(|value| value.is_finite())).then_some(moments)
    }

    /// A sample known only by its size, mean and variance (with divisor `n - 1`); its skewness is unknown.
    ///
    /// `None` unless mean and variance are finite, the variance is not negative and `n >= 1`.
    #[must_use]
    pub fn from_summary(n: u64, mean: f64, variance: f64) -> Option<Self> {
        let m2 = variance * (n.checked_sub(1)? as f64);
        (mean.is_finite() && m2.is_finite() && m2 >= 0.0).then_some(Self { n, mean, m2, m3: None })
    }

    /// Moments of the two samples together (Pébay, *SAND2008-6212*, equations 1.5 and 2.1).
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if other.n == 0 {
            return self;
        }
        if self.n == 0 {
            return other;
        }
        let (na, nb) = (self.n as f64, other.n as f64);
        let n = na + nb;
        let gap = other.mean - self.mean;
        let cross = gap * gap * na * (nb / n);
        let m3 = self.m3.zip(other.m3).map(|(a, b)| {
            a + b + cross * gap * ((na - nb) / n) + 3.0 * gap * (na * other.m2 - nb * self.m2) / n
        });
        Self {
            n: self.n.saturating_add(other.n),
            mean: self.mean + gap * (nb / n),
            m2: self.m2 + other.m2 + cross,
            m3,
        }
    }

    /// Adds `count` copies of `value`, without going through them. `None` if `value` is not finite.
    #[must_use]
    pub fn with_copies(self, value: f64, count: u64) -> Option<Self> {
        let copies = Self { n: count, mean: value, m2: 0.0, m3: Some(0.0) };
        let merged = self.merge(copies);
        (value.is_finite() && merged.mean.is_finite()).then_some(merged)
    }

    /// Moments of `(x - offset) / scale`. `None` unless both are finite and `scale` is positive.
    #[must_use]
    pub fn rescaled(self, offset: f64, scale: f64) -> Option<Self> {
        if !(offset.is_finite() && scale.is_finite() && scale > 0.0) {
            return None;
        }
        let mean = (self.mean - offset) / scale;
        let m3 = self.m3.map(|m3| m3 / scale.powi(3));
        Some(Self { n: self.n, mean, m2: self.m2 / (scale * scale), m3 })
            .filter(|moments| moments.mean.is_finite())
    }

    /// How many values.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The mean. `None` without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// The variance with divisor `n - 1`. Zero if the values differ by no more than rounding errors of the
    /// mean; `None` with fewer than two values or on overflow.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        if self.n < 2 {
            return None;
        }
        let n = self.n as f64;
        let floor = (ROUNDING * self.mean).powi(2);
        if self.m2 / n <= floor {
            return Some(0.0);
        }
        Some(self.m2 / (n - 1.0)).filter(|variance| variance.is_finite())
    }

    /// The standard error of the mean. `None` where it is zero or cannot be computed.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        let error = (self.variance()? / self.n as f64).sqrt();
        (error > 0.0).then_some(error)
    }

    /// The third central moment over the standard deviation cubed, both with divisor `n`.
    /// `None` where the variance is zero, or the sample is only known by its summary.
    #[must_use]
    pub fn skewness(&self) -> Option<f64> {
        if self.variance()? <= 0.0 {
            return None;
        }
        let skewness = self.m3? / self.m2 * (self.n as f64 / self.m2).sqrt();
        skewness.is_finite().then_some(skewness)
    }
}

/// Compensated summation (Neumaier 1974): the error does not grow with the number of terms.
pub(crate) fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for term in terms {
        let next = total + term;
        lost += if total.abs() >= term.abs() { (total - next) + term } else { (term - next) + total };
        total = next;
    }
    total + lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    const SAMPLE: [f64; 8] = [0.2, 0.3, 0.1, 0.9, 3.5, 0.4, 0.7, 1.2];

    /// `numpy.var(x, ddof=1)`, `scipy.stats.skew(x)`
    #[test]
    fn variance_and_skewness() {
        let moments = Moments::from_slice(&SAMPLE).unwrap();
        assert!(relative(moments.mean().unwrap(), 0.9125) < 1e-15);
        assert!(relative(moments.variance().unwrap(), 1.232_678_571_428_571_7) < 1e-14);
        assert!(relative(moments.skewness().unwrap(), 1.793_845_852_896_071_5) < 1e-14);
    }

    #[test]
    fn merging_and_copies_equal_the_pooled_sample() {
        let pooled = [0.2, 0.3, 0.1, 0.9, 3.5, 0.4, 0.7, 1.2, 1.0, 1.0, 1.0];
        let whole = Moments::from_slice(&pooled).unwrap();
        let (left, right) =
            (Moments::from_slice(&SAMPLE[..3]).unwrap(), Moments::from_slice(&SAMPLE[3..]).unwrap());
        let merged = left.merge(right).with_copies(1.0, 3).unwrap();
        assert_eq!(merged.n(), 11);
        assert!(relative(merged.mean().unwrap(), whole.mean().unwrap()) < 1e-14);
        assert!(relative(merged.variance().unwrap(), whole.variance().unwrap()) < 1e-14);
        assert!(relative(merged.skewness().unwrap(), whole.skewness().unwrap()) < 1e-13);
        assert_eq!(Moments::EMPTY.merge(left), left);
        assert_eq!(left.merge(Moments::EMPTY), left);
        assert_eq!(left.with_copies(7.0, 0), Some(left));
    }

    #[test]
    fn a_large_offset_costs_no_digits_of_the_spread() {
        // numpy.var([1, 2, 3, 4, 10], ddof=1) = 12.5
        let shifted: Vec<f64> = [1.0, 2.0, 3.0, 4.0, 10.0].iter().map(|v| v + 1e12).collect();
        assert!(relative(Moments::from_slice(&shifted).unwrap().variance().unwrap(), 12.5) < 1e-14);
    }

    #[test]
    fn equal_values_have_no_spread() {
        for value in [0.1, 1.0 / 3.0, 1e300, 1e-300, -7.3] {
            let constant = Moments::from_slice(&[value; 1001]).unwrap();
            assert_eq!(constant.variance(), Some(0.0), "{value}");
            assert_eq!(constant.standard_error(), None);
            assert_eq!(constant.skewness(), None);
            assert_eq!(constant.merge(constant).with_copies(value, 5).unwrap().variance(), Some(0.0));
        }
        // 0.1 + 0.2 is not 0.3, and still no evidence of spread.
        assert_eq!(Moments::from_slice(&[0.3, 0.1 + 0.2, 0.3]).unwrap().variance(), Some(0.0));
    }

    #[test]
    fn rescaling() {
        let moments = Moments::from_slice(&[1.0, 2.0, 4.0]).unwrap().rescaled(1.0, 4.0).unwrap();
        let direct = Moments::from_slice(&[0.0, 0.25, 0.75]).unwrap();
        assert!(relative(moments.variance().unwrap(), direct.variance().unwrap()) < 1e-14);
        assert!(relative(moments.skewness().unwrap(), direct.skewness().unwrap()) < 1e-13);
        assert_eq!(direct.rescaled(0.0, 0.0), None);
    }

    #[test]
    fn nonsense() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Moments::from_slice(&[1.0, bad]), None);
            assert_eq!(Moments::EMPTY.with_copies(bad, 1), None);
            assert_eq!(Moments::from_summary(3, bad, 1.0), None);
            assert_eq!(Moments::from_summary(3, 1.0, bad), None);
        }
        assert_eq!(Moments::from_slice(&[f64::MAX, f64::MIN]), None);
        assert_eq!(Moments::EMPTY.mean(), None);
        assert_eq!(Moments::from_slice(&[1.0]).unwrap().variance(), None);
        // The squares overflow: no variance, no panic.
        assert_eq!(Moments::from_slice(&[1e200, -1e200]).unwrap().variance(), None);
        assert_eq!(Moments::from_summary(3, 1.0, -1.0), None);
        assert_eq!(Moments::from_summary(9, 1.0, 2.0).unwrap().skewness(), None);
    }
}
