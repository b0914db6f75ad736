//! The regularised incomplete beta function, both tails, and its inverse, for real shapes from 1e-3 to 1e12.
//!
//! Exact binomial tests, Student's t and Clopper-Pearson limits all stand on this page.

use std::f64::consts::PI;

/// The continued fraction needs fewer than `sqrt(shape)` terms; past this many, the shapes are above 1e12 and
/// nobody's data.
const MAX_TERMS: u32 = 100_000;
/// Largest |logit| that still gives both `x` and `1 - x` as normal numbers.
const MAX_LOGIT: f64 = 700.0;

/// Both tails of a distribution at one point, each with its own full relative precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Mass at or below the point.
    pub lower: f64,
    /// Mass above the point.
    pub upper: f64,
}

impl Split {
    pub(crate) fn swapped(self) -> Self {
        Self { lower: self.upper, upper: self.lower }
    }
}

/// A number in `[0, 1]` with its complement, so that neither end of the unit interval loses digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitNumber {
    /// The number.
    pub x: f64,
    /// One minus the number.
    pub y: f64,
}

impl UnitNumber {
    /// `None` unless `0 <= x <= 1`.
    #[must_use]
    pub fn new(x: f64) -> Option<Self> {
        (0.0..=1.0).contains(&x).then_some(Self { x, y: 1.0 - x })
    }

    pub(crate) fn swapped(self) -> Self {
        Self { x: self.y, y: self.x }
    }

    fn from_logit(u: f64) -> Self {
        let e = (-u.abs()).exp();
        let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
        if u < 0.0 { Self { x: small, y: large } } else { Self { x: large, y: small } }
    }
}

/// `I_x(a, b)` and its complement.
///
/// `None` for shapes that are not positive and finite, or so large that the continued fraction does not
/// settle.
///
/// Source: Didonato & Morris, *ACM TOMS* 18 (1992), the continued fraction BFRAC, in the arrangement of
/// Boost's `ibeta_fraction2`; its prefix as in Loader, *Fast and accurate computation of binomial
/// probabilities* (2000).
#[must_use]
pub fn beta_split(a: f64, b: f64, at: UnitNumber) -> Option<Split> {
    if !is_shape(a) || !is_shape(b) || at.x.is_nan() || at.y.is_nan() {
        return None;
    }
    if at.x <= 0.0 {
        return Some(Split { lower: 0.0, upper: 1.0 });
    }
    if at.y <= 0.0 {
        return Some(Split { lower: 1.0, upper: 0.0 });
    }
    let excess = difference_of_products(a, at.y, b, at.x);
    // The fraction is good on the side of the mean that holds the smaller tail.
    if excess < 0.0 {
        return beta_split(b, a, at.swapped()).map(Split::swapped);
    }
    let lower = scaled_density(a, b, at) / fraction(a, b, at, excess)?;
    lower.is_finite().then_some(Split { lower, upper: 1.0 - lower })
}

/// The `x` with `I_x(a, b) = p`, with its complement.
///
/// `None` for shapes that are not positive and finite or a `p` that is not strictly between 0 and 1.
///
/// Newton's method on `ln I` as a function of `logit x`, inside a bracket: there the function is concave and
/// increasing, and its slope is the prefix of the continued fraction divided by the value.
#[must_use]
pub fn beta_quantile(a: f64, b: f64, p: f64) -> Option<UnitNumber> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    if p > 0.5 {
        return beta_quantile(b, a, 1.0 - p).map(UnitNumber::swapped);
    }
    if !is_shape(a) || !is_shape(b) {
        return None;
    }
    let (mut low, mut high) = (-MAX_LOGIT, MAX_LOGIT);
    let mut u = (a / b).ln().clamp(low, high);
    let mut last_step = f64::INFINITY;
    for _ in 0..200 {
        let at = UnitNumber::from_logit(u);
        let value = beta_split(a, b, at)?.lower;
        if value < p {
            low = u;
        } else {
            high = u;
        }
        let step = (p.ln() - value.ln()) * value / scaled_density(a, b, at);
        let next = u + step;
        let usable = step.is_finite() && next > low && next < high;
        // Rounding errors of the function end the descent: the step stops shrinking or falls below one ulp.
        if usable && (step.abs() <= f64::EPSILON || (step.abs() < 1e-10 && step.abs() >= last_step)) {
            break;
        }
        last_step = if usable { step.abs() } else { f64::INFINITY };
        u = if usable { next } else { f64::midpoint(low, high) };
        if high - low <= f64::EPSILON * u.abs() {
            break;
        }
    }
    // A root beyond the bracket is 0 or 1 for every purpose.
    if u.abs() > MAX_LOGIT - 1.0 {
        let end = UnitNumber { x: 0.0, y: 1.0 };
        return Some(if u < 0.0 { end } else { end.swapped() });
    }
    Some(UnitNumber::from_logit(u))
}

fn is_shape(a: f64) -> bool {
    a > 0.0 && a.is_finite()
}

/// `a y - b x` without the cancellation: Kahan's difference of products.
fn difference_of_products(a: f64, y: f64, b: f64, x: f64) -> f64 {
    let bx = b * x;
    let rounding = (-b).mul_add(x, bx);
    a.mul_add(y, -bx) + rounding
}

/// `x^a (1-x)^b / B(a, b)`: the slope of `I` over `logit x`.
fn scaled_density(a: f64, b: f64, at: UnitNumber) -> f64 {
    let n = a + b;
    let excess = difference_of_products(a, at.y, b, at.x);
    let exponent = stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - deviance(a, n * at.x, excess)
        - deviance(b, n * at.y, -excess);
    (a / n * b / (2.0 * PI)).sqrt() * exponent.exp()
}

/// Modified Lentz evaluation of the fraction whose reciprocal, times the prefix, is `I_x(a, b)`; `excess = a
/// y - b x >= 0`.
fn fraction(a: f64, b: f64, at: UnitNumber, excess: f64) -> Option<f64> {
    const TINY: f64 = 1e-300;
    let nonzero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let x = at.x;
    let mut value = nonzero(a * (excess + 1.0) / (a + 1.0));
    let (mut c, mut d) = (value, 0.0);
    for term in 1..MAX_TERMS {
        let m = f64::from(term);
        let width = a + 2.0 * m - 1.0;
        let inner = m * (b - m) * x / width;
        let numerator = (a + m - 1.0) / width * (a + b + m - 1.0) * x * inner;
        let denominator = m + inner + (a + m) * (excess + 1.0 + m * (1.0 + at.y)) / (width + 2.0);
        d = 1.0 / nonzero(denominator + numerator * d);
        c = nonzero(denominator + numerator / c);
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            return Some(value);
        }
    }
    None
}

/// `k ln(k/m) + m - k`, given `gap = k - m` exactly; Loader's `bd0`.
pub(crate) fn deviance(k: f64, m: f64, gap: f64) -> f64 {
    if gap.abs() >= 0.1 * (k + m) {
        return k * (k / m).ln() - gap;
    }
    let v = gap / (k + m);
    let mut sum = gap * v;
    let mut power = 2.0 * k * v;
    let mut odd = 1.0;
    loop {
        power *= v * v;
        odd += 2.0;
        let next = sum + power / odd;
        if next.to_bits() == sum.to_bits() || !next.is_finite() {
            return next;
        }
        sum = next;
    }
}

/// `ln Gamma(z) - (z - 1/2) ln z + z - ln(2 pi)/2` for `z > 0`: what Stirling's formula leaves out.
fn stirling_error(z: f64) -> f64 {
    // Below 16 the asymptotic series is not accurate enough: climb with Gamma(z + 1) = z Gamma(z).
    let mut base = z;
    let mut climbed = 0.0;
    while base < 16.0 {
        climbed += (base + 0.5) * (1.0 / base).ln_1p() - 1.0;
        base += 1.0;
    }
    let w = 1.0 / (base * base);
    // Coefficients B_2k / (2k (2k-1)).
    let series = 1.0 / 12.0 - w * (1.0 / 360.0 - w * (1.0 / 1260.0 - w * (1.0 / 1680.0 - w / 1188.0)));
    climbed + series / base
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    /// mpmath 1.3, 50 digits: x^a (1-x)^b/(a B(a,b)) over the continued fraction DLMF 8.17.22 run to 1e-30,
    /// and `1 - that`; where both converge, `mpmath.betainc(a, b, 0, x, regularized=True)` agrees.
    #[test]
    fn both_tails_for_small_and_huge_shapes() {
        let cases = [
            (1e6, 1e6, 0.5, 0.5, 0.5),
            (1e6, 1e6, 0.498, 7.707_644_889_244_837e-9, 0.999_999_992_292_355_1),
            (1e6, 1e6, 0.502, 0.999_999_992_292_355_1, 7.707_644_889_244_837e-9),
            (1e8, 1e8, 0.4999, 0.002_338_867_309_689_789, 0.997_661_132_690_310_2),
            (4.0, 999_997.0, 1e-5, 0.989_664_214_155_566_5, 0.010_335_785_844_433_463),
            (2.5, 3.7, 0.3, 0.319_003_175_284_308_7, 0.680_996_824_715_691_3),
            (0.003, 12.5, 1e-4, 0.981_714_994_285_313_7, 0.018_285_005_714_686_282),
            (1.0, 1e6, 1e-9, 0.000_999_500_167_124_508_6, 0.999_000_499_832_875_5),
            (1e8, 3.0, 0.999_999_9, 0.002_769_394_365_462_180_6, 0.997_230_605_634_537_8),
        ];
        for (a, b, x, lower, upper) in cases {
            let split = beta_split(a, b, UnitNumber::new(x).unwrap()).unwrap();
            assert!(relative(split.lower, lower) < 3e-12, "lower I_{x}({a}, {b}): {}", split.lower);
            assert!(relative(split.upper, upper) < 3e-12, "upper I_{x}({a}, {b}): {}", split.upper);
        }
    }

    /// Far outside, where a complement would be 0: `mpmath.mpf('0.1')**60`, the closed form of `I_x(60, 1)`.
    #[test]
    fn far_tails_keep_their_digits() {
        let split = beta_split(60.0, 1.0, UnitNumber::new(0.1).unwrap()).unwrap();
        assert!(relative(split.lower, 1e-60) < 1e-13, "{}", split.lower);
        let split = beta_split(1.0, 60.0, UnitNumber { x: 0.9, y: 0.1 }).unwrap();
        assert!(relative(split.upper, 1e-60) < 1e-13, "{}", split.upper);
    }

    #[test]
    fn the_inverse_inverts() {
        let shapes = [(4.0, 999_997.0), (1e6, 1e6), (0.3, 20.9), (5e7, 5e7), (999_998.0, 3.0), (0.1, 0.2)];
        for (a, b) in shapes {
            for p in [1e-12, 0.01, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999] {
                let at = beta_quantile(a, b, p).unwrap();
                let back = beta_split(a, b, at).unwrap().lower;
                assert!(relative(back, p) < 1e-10, "a {a} b {b} p {p}: {back}");
            }
        }
    }

    /// The root is about 0.05^1000.
    #[test]
    fn an_inverse_below_every_f64_is_an_end() {
        assert_eq!(beta_quantile(0.001, 2.0, 0.05), Some(UnitNumber { x: 0.0, y: 1.0 }));
        assert_eq!(beta_quantile(2.0, 0.001, 0.95), Some(UnitNumber { x: 1.0, y: 0.0 }));
    }

    #[test]
    fn ends_and_nonsense() {
        let at = |x| UnitNumber::new(x).unwrap();
        assert_eq!(beta_split(2.0, 3.0, at(0.0)), Some(Split { lower: 0.0, upper: 1.0 }));
        assert_eq!(beta_split(2.0, 3.0, at(1.0)), Some(Split { lower: 1.0, upper: 0.0 }));
        for shape in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(beta_split(shape, 3.0, at(0.5)), None);
            assert_eq!(beta_split(3.0, shape, at(0.5)), None);
            assert_eq!(beta_quantile(shape, 3.0, 0.5), None);
            assert_eq!(beta_quantile(3.0, shape, 0.9), None);
        }
        for x in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(UnitNumber::new(x), None);
            assert_eq!(beta_quantile(2.0, 3.0, x), None);
        }
    }
}
