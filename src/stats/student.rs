//! Student's t distribution with real degrees of freedom.

use super::beta::{Split, UnitNumber, beta_quantile, beta_split};

/// Mass below and above `t` with `df > 0` degrees of freedom. `None` for NaN, or a `df` that is not positive
/// and finite.
///
/// Source: Abramowitz & Stegun 26.7.1, `P(|T| > t) = I_x(df/2, 1/2)` at `x = df / (df + t^2)`.
#[must_use]
pub fn student_split(t: f64, df: f64) -> Option<Split> {
    if t.is_nan() || !(df > 0.0 && df.is_finite()) {
        return None;
    }
    let odds = t * (t / df);
    let at = if odds.is_finite() {
        UnitNumber { x: 1.0 / (1.0 + odds), y: odds / (1.0 + odds) }
    } else {
        UnitNumber { x: 0.0, y: 1.0 }
    };
    let far = 0.5 * beta_split(0.5 * df, 0.5, at)?.lower;
    let split = Split { lower: 1.0 - far, upper: far };
    Some(if t < 0.0 { split.swapped() } else { split })
}

/// The `t` with mass `p` above it. `None` unless `0 < p < 1` and `df` is positive and finite.
#[must_use]
pub fn student_upper_quantile(p: f64, df: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0 && df > 0.0 && df.is_finite()) {
        return None;
    }
    if p > 0.5 {
        return student_upper_quantile(1.0 - p, df).map(|t| -t);
    }
    if p >= 0.5 {
        return Some(0.0);
    }
    let at = beta_quantile(0.5 * df, 0.5, 2.0 * p)?;
    let t = (df * (at.y / at.x)).sqrt();
    t.is_finite().then_some(t)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    /// Half of the incomplete beta at `x = df/(df + t^2)`, mpmath at 50 digits (see `beta`); df = 1 is
    /// `atan(1/t)/pi`.
    #[test]
    fn upper_tails() {
        let cases = [
            (1.5, 1.0, 0.187_167_041_810_998_83),
            (2.0, 4.5, 0.054_128_953_590_562_516),
            (40.0, 3.0, 1.719_034_039_457_926_3e-5),
            (10.0, 30.0, 2.287_625_704_114_806_4e-11),
            (1.644_853_6, 1e9, 0.050_000_002_936_812_366),
            (8.0, 1e9, 6.220_967_142_227_382e-16),
            (0.001, 7.0, 0.499_615_008_622_499_4),
        ];
        for (t, df, want) in cases {
            assert!(relative(student_split(t, df).unwrap().upper, want) < 1e-13, "t {t} df {df}");
            assert!(relative(student_split(-t, df).unwrap().lower, want) < 1e-13, "t -{t} df {df}");
        }
    }

    /// `mpmath.findroot` on the tail above.
    #[test]
    fn quantiles() {
        let cases = [
            (0.05, 1.0, 6.313_751_514_675_043),
            (0.05, 2.5, 2.558_218_614_135_937),
            (0.01, 30.0, 2.457_261_542_400_591_5),
            (0.05, 1e9, 1.644_853_628_475_242),
            (1e-9, 5.0, 98.937_224_648_369_96),
        ];
        for (p, df, want) in cases {
            assert!(relative(student_upper_quantile(p, df).unwrap(), want) < 1e-13, "p {p} df {df}");
            let mirrored = student_upper_quantile(1.0 - p, df).unwrap();
            assert!(p < 1e-6 || relative(mirrored, -want) < 1e-13, "p 1-{p} df {df}");
        }
        assert_eq!(student_upper_quantile(0.5, 3.0), Some(0.0));
    }

    #[test]
    fn ends_and_nonsense() {
        assert_eq!(student_split(f64::INFINITY, 3.0), Some(Split { lower: 1.0, upper: 0.0 }));
        assert_eq!(student_split(1e300, 3.0), Some(Split { lower: 1.0, upper: 0.0 }));
        assert_eq!(student_split(0.0, 3.0), Some(Split { lower: 0.5, upper: 0.5 }));
        for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
            assert_eq!(student_split(1.0, bad), None);
            assert_eq!(student_upper_quantile(0.05, bad), None);
        }
        assert_eq!(student_split(f64::NAN, 3.0), None);
        assert_eq!(student_upper_quantile(0.0, 3.0), None);
    }
}
