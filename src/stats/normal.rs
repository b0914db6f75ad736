//! The standard normal distribution: tails with full relative precision, and their inverse.

use super::beta::Split;
use std::f64::consts::PI;

/// Mass below and above `z`. `None` for NaN; at infinity the tails are exactly 0 and 1.
///
/// Near the centre: the everywhere positive series of Kummer for `Phi(z) - 1/2` (Abramowitz & Stegun
/// 26.2.11). Beyond: Laplace's continued fraction for Mills' ratio (26.2.14).
#[must_use]
pub fn normal_split(z: f64) -> Option<Split> {
    if z.is_nan() {
        return None;
    }
    let distance = z.abs();
    let far = if distance < 2.0 { 0.5 - central_mass(distance) } else { density(distance) * mills(distance) };
    let split = Split { lower: 1.0 - far, upper: far };
    Some(if z < 0.0 { split.swapped() } else { split })
}

/// The `z` with mass `p` above it. `None` unless `0 < p < 1`.
///
/// Start: Abramowitz & Stegun 26.2.23 (error below 4.5e-4); then Halley's method on the logarithm of the
/// tail.
#[must_use]
pub fn normal_upper_quantile(p: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    if p > 0.5 {
        return normal_upper_quantile(1.0 - p).map(|z| -z);
    }
    if p >= 0.5 {
        return Some(0.0);
    }
    let t = (-2.0 * p.ln()).sqrt();
    let mut z = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..4 {
        let tail = normal_split(z)?.upper;
        // d/dz ln tail = -hazard; d2/dz2 ln tail = -hazard (hazard - z)
        let hazard = density(z) / tail;
        let gap = (tail / p).ln();
        let newton = gap / hazard;
        z += newton / (1.0 + 0.5 * newton * (hazard - z));
    }
    z.is_finite().then_some(z)
}

/// `exp(-z^2/2) / sqrt(2 pi)`, with the rounding error of the square carried along: far out it would cost
/// three digits.
fn density(z: f64) -> f64 {
    let square = z * z;
    let rounding = z.mul_add(z, -square);
    let correction = if rounding.is_finite() { (-0.5 * rounding).exp() } else { 1.0 };
    (-0.5 * square).exp() * correction / (2.0 * PI).sqrt()
}

/// `Phi(z) - 1/2 = density(z) (z + z^3/3 + z^5/15 + ...)` for `0 <= z < 2`.
fn central_mass(z: f64) -> f64 {
    let square = z * z;
    let (mut term, mut sum, mut odd) = (z, z, 1.0);
    while term > sum * 1e-17 {
        odd += 2.0;
        term *= square / odd;
        sum += term;
    }
    sum * density(z)
}

/// `P(Z > z) / density(z) = 1/(z + 1/(z + 2/(z + 3/...)))` for `z >= 2`, evaluated from the far end.
fn mills(z: f64) -> f64 {
    if z > 1e8 {
        return 1.0 / z;
    }
    // 16 + 640/z^2 levels leave an error below 1e-17 for every z >= 2 (measured against mpmath).
    let levels = (16.0 + 640.0 / (z * z)).ceil() as u32;
    let mut tail = z;
    for level in (1..=levels).rev() {
        tail = z + f64::from(level) / tail;
    }
    1.0 / tail
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    /// `mpmath.erfc(mpf(z)/sqrt(2))/2` at 50 digits.
    #[test]
    fn upper_tails() {
        let cases = [
            (0.5, 0.308_537_538_725_986_9),
            (1.9, 0.028_716_559_816_001_803),
            (2.0, 0.022_750_131_948_179_21),
            (2.1, 0.017_864_420_562_816_553),
            (5.0, 2.866_515_718_791_939e-7),
            (36.7, 3.651_529_302_803_418e-295),
            (20.0, 2.753_624_118_606_233_7e-89),
        ];
        for (z, want) in cases {
            assert!(relative(normal_split(z).unwrap().upper, want) < 1e-14, "{z}");
            assert!(relative(normal_split(-z).unwrap().lower, want) < 1e-14, "-{z}");
        }
    }

    /// `mpmath.findroot(lambda z: log(erfc(z/sqrt(2))/2/p), z0)` at 50 digits.
    #[test]
    fn quantiles() {
        let cases = [
            (0.05, 1.644_853_626_951_472_6),
            (0.01, 2.326_347_874_040_841),
            (1e-20, 9.262_340_089_798_407),
            (1e-300, 37.047_096_299_361_2),
            (0.3, 0.524_400_512_708_040_8),
        ];
        for (p, want) in cases {
            assert!(relative(normal_upper_quantile(p).unwrap(), want) < 1e-14, "{p}");
        }
        assert_eq!(normal_upper_quantile(0.5), Some(0.0));
        assert!(relative(normal_upper_quantile(0.95).unwrap(), -1.644_853_626_951_472_6) < 1e-14);
    }

    #[test]
    fn ends_and_nonsense() {
        assert_eq!(normal_split(f64::INFINITY), Some(Split { lower: 1.0, upper: 0.0 }));
        assert_eq!(normal_split(f64::NEG_INFINITY), Some(Split { lower: 0.0, upper: 1.0 }));
        assert_eq!(normal_split(1e200), Some(Split { lower: 1.0, upper: 0.0 }));
        assert_eq!(normal_split(f64::NAN), None);
        for p in [0.0, 1.0, -1.0, f64::NAN] {
            assert_eq!(normal_upper_quantile(p), None);
        }
    }
}
