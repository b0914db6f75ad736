//! A ratio of two means against a number: the linear contrast `y - R x` and Fieller's limits.
//!
//! Serves `sum(y) / sum(x)` of one sample, and candidate over baseline, with or without common ids. Always
//! the ratio of the means, never the mean of ratios. Deliberately absent: the delta method, whose coverage
//! falls to .89 on skewed costs (`research/stats.md`, section 2g).

use super::cluster::{Cluster, Clustered, residual};
use super::mean::{student_t_tails, t_tails};
use super::moments::{Moments, sum};
use super::student::student_upper_quantile;
use super::tails::{Bounds, Tails, level};

/// A variance below this share of the terms it was subtracted from has lost its digits.
const LOST: f64 = 1e-12;

/// A ratio of means with what Fieller's theorem needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fieller {
    /// Mean of the denominator.
    pub mean_x: f64,
    /// Mean of the numerator.
    pub mean_y: f64,
    /// Variance of the mean of the denominator.
    pub var_x: f64,
    /// Variance of the mean of the numerator.
    pub var_y: f64,
    /// Covariance of the two means; zero for independent samples.
    pub cov: f64,
    /// Degrees of freedom of the contrast.
    pub df: f64,
}

impl Fieller {
    /// From pairs `(x, y)` of equal length; `df = n - 1`.
    ///
    /// `None` with fewer than two pairs, unequal lengths, values that are not finite, or a denominator whose
    /// mean is not positive.
    #[must_use]
    pub fn paired(x: &[f64], y: &[f64]) -> Option<Self> {
        let (mx, my) = (Moments::from_slice(x)?, Moments::from_slice(y)?);
        if x.len() != y.len() {
            return None;
        }
        let (mean_x, mean_y) = (mx.mean()?, my.mean()?);
        let n = mx.n() as f64;
        let cov = sum(x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y))) / (n - 1.0) / n;
        Self { mean_x, mean_y, var_x: mx.variance()? / n, var_y: my.variance()? / n, cov, df: n - 1.0 }
            .checked()
    }

    /// From pairs in clusters: the clusters of the denominator and of the numerator, in the same order and of
    /// the same sizes; CR1 variances, `df = G - 1`.
    ///
    /// `None` with fewer than two clusters, clusters that do not match, sums that are not finite, or a
    /// denominator whose mean is not positive.
    #[must_use]
    pub fn clustered(x: &[Cluster], y: &[Cluster]) -> Option<Self> {
        let (cx, cy) = (Clustered::new(x)?, Clustered::new(y)?);
        if x.len() != y.len() || x.iter().zip(y).any(|(x, y)| x.n != y.n) {
            return None;
        }
        let (mean_x, mean_y) = (cx.mean(), cy.mean());
        let products = sum(x.iter().zip(y).map(|(x, y)| residual(x, mean_x) * residual(y, mean_y)));
        let cov = (cx.df() + 1.0) / cx.df() * products / (cx.n() as f64).powi(2);
        Self { mean_x, mean_y, var_x: cx.variance(), var_y: cy.variance(), cov, df: cx.df() }.checked()
    }

    /// From two independent samples; Welch-Satterthwaite degrees of freedom of `y - R x` at the measured
    /// ratio.
    ///
    /// `None` with fewer than two values on a side, no spread on either, or a denominator whose mean is not
    /// positive.
    #[must_use]
    pub fn unpaired(x: &Moments, y: &Moments) -> Option<Self> {
        let (nx, ny) = (x.n() as f64, y.n() as f64);
        let (var_x, var_y) = (x.variance()? / nx, y.variance()? / ny);
        let (mean_x, mean_y) = (x.mean()?, y.mean()?);
        let scaled = (mean_y / mean_x).powi(2) * var_x;
        // Shares first: the squares of tiny variances would underflow.
        let (share_y, share_x) = (var_y / (var_y + scaled), scaled / (var_y + scaled));
        let df = 1.0 / (share_y * share_y / (ny - 1.0) + share_x * share_x / (nx - 1.0));
        Self { mean_x, mean_y, var_x, var_y, cov: 0.0, df }.checked()
    }

    fn checked(self) -> Option<Self> {
        let usable = self.mean_x > 0.0 && self.df > 0.0 && self.df.is_finite() && self.ratio().is_finite();
        (usable && self.cov.is_finite()).then_some(self)
    }

    /// The ratio of the means.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.mean_y / self.mean_x
    }

    /// Fieller's `g = t^2 var(x) / mean(x)^2`: at 1 or more the denominator may be zero and the ratio is
    /// unbounded. `None` unless `0 < alpha < 1`.
    #[must_use]
    pub fn g(&self, alpha: f64) -> Option<f64> {
        let t = student_upper_quantile(level(alpha)?, self.df)?;
        Some((t / self.mean_x).powi(2) * self.var_x)
    }

    /// Test of the ratio against `r`, at level `alpha`: t on the contrast `mean(y) - r mean(x)`.
    ///
    /// [`Tails::NOTHING`] where `g >= 1` at that level. `None` unless `r` is finite, `0 < alpha < 1` and the
    /// contrast has spread.
    #[must_use]
    pub fn tails(&self, r: f64, alpha: f64) -> Option<Tails> {
        if self.g(alpha)? >= 1.0 {
            return Some(Tails::NOTHING);
        }
        t_tails(self.mean_y - r * self.mean_x, self.contrast_variance(r)?.sqrt(), self.df, 0.0)
    }

    /// Fieller's limits, each at level `1 - alpha`; unbounded where `g >= 1`. `None` unless `0 < alpha <
    /// 1/2`.
    ///
    /// Source: Fieller, *Some problems in interval estimation*, JRSS B 16 (1954).
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let g = self.g(alpha)?;
        if g >= 1.0 {
            return Some(Bounds::UNBOUNDED);
        }
        let t = student_upper_quantile(alpha, self.df).filter(|&t| t > 0.0)?;
        // The two roots r of (mean_y - r mean_x)^2 = t^2 (var_y - 2 r cov + r^2 var_x), divided by mean_x^2.
        let relative = (t / self.mean_x).powi(2);
        let determinant = self.var_x * self.var_y - self.cov * self.cov;
        let square = self.contrast_variance(self.ratio())? - relative * determinant;
        let centre = self.ratio() - relative * self.cov;
        let reach = t / self.mean_x * square.sqrt();
        (reach > 0.0).then(|| Bounds::new((centre - reach) / (1.0 - g), (centre + reach) / (1.0 - g)))
    }

    /// Variance of `mean(y) - r mean(x)`. `None` where it is lost in the rounding of its terms.
    fn contrast_variance(&self, r: f64) -> Option<f64> {
        let terms = self.var_y + r * r * self.var_x;
        let variance = terms - 2.0 * r * self.cov;
        (variance > LOST * terms).then_some(variance)
    }
}

/// Test of `sum(y) / sum(x)` against `t` for a denominator that is positive by its nature (tokens, requests):
/// Student's t on `y - t x`, `n - 1` degrees of freedom.
///
/// `None` with fewer than two pairs, unequal lengths, values that are not finite, no spread, or a denominator
/// whose mean is not positive.
#[must_use]
pub fn ratio_tails(x: &[f64], y: &[f64], t: f64) -> Option<Tails> {
    if !Moments::from_slice(x)?.mean().is_some_and(|mean| mean > 0.0) {
        return None;
    }
    student_t_tails(&contrast(x, y, t)?, 0.0)
}

/// Moments of `y - r x`, formed value by value: subtracting variances would lose the digits of an almost
/// constant ratio. With `r = 1`: the paired differences. A difference within the rounding of `y` is zero: 0.1
/// + 0.2 is 0.3.
///
/// `None` for unequal lengths or values that are not finite.
#[must_use]
pub fn contrast(x: &[f64], y: &[f64], r: f64) -> Option<Moments> {
    if x.len() != y.len() {
        return None;
    }
    let value = |(x, y): (&f64, &f64)| {
        let difference = (-r).mul_add(*x, *y);
        let rounding = 4.0 * f64::EPSILON * y.abs();
        if difference.abs() <= rounding { 0.0 } else { difference }
    };
    Moments::from_slice(&x.iter().zip(y).map(value).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0];

    #[test]
    fn an_exact_ratio_is_no_evidence() {
        let tripled = X.map(|x| 3.0 * x * 0.1);
        // Each value is off by its own rounding; none of it is spread.
        assert_eq!(ratio_tails(&X, &tripled, 0.3), None);
        assert_eq!(Fieller::paired(&X, &tripled).unwrap().tails(0.3, 0.05), None);
        assert!(ratio_tails(&X, &tripled, 0.4).unwrap().less < 0.05);
    }

    const Y: [f64; 6] = [2.0, 1.0, 5.0, 3.0, 4.0, 9.0];

    #[test]
    fn clusters_of_one_are_pairs() {
        let singles = |values: &[f64]| values.iter().map(|&sum| Cluster { n: 1, sum }).collect::<Vec<_>>();
        let clustered = Fieller::clustered(&singles(&X), &singles(&Y)).unwrap();
        let paired = Fieller::paired(&X, &Y).unwrap();
        for (got, want) in
            [(clustered.var_x, paired.var_x), (clustered.var_y, paired.var_y), (clustered.cov, paired.cov)]
        {
            assert!((got / want - 1.0).abs() < 1e-14, "{got} {want}");
        }
        assert!((clustered.df - paired.df).abs() < 1e-15);
    }

    /// The contrast of the clusters' sums is itself a clustered mean.
    #[test]
    fn the_clustered_test_is_cr1_on_the_contrast() {
        let clusters = |sums: [f64; 4]| -> Vec<Cluster> {
            [3, 1, 4, 2].into_iter().zip(sums).map(|(n, sum)| Cluster { n, sum }).collect()
        };
        let (x, y) = ([6.0, 1.5, 9.0, 3.0], [7.0, 2.0, 8.0, 5.0]);
        let contrast = clusters([0, 1, 2, 3].map(|i| y[i] - 1.3 * x[i]));
        let want = Clustered::new(&contrast).unwrap().tails(0.0).unwrap();
        let got = Fieller::clustered(&clusters(x), &clusters(y)).unwrap().tails(1.3, 0.05).unwrap();
        assert!((got.less / want.less - 1.0).abs() < 1e-12, "{got:?} {want:?}");
        assert_eq!(Fieller::clustered(&clusters(x), &clusters(y)[..3]), None);
    }

    #[test]
    fn the_contrast_with_one_is_the_difference() {
        let differences = contrast(&[0.3, 1.0], &[0.1 + 0.2, 3.0], 1.0).unwrap();
        assert_eq!(differences, Moments::from_slice(&[0.0, 2.0]).unwrap());
    }

    #[test]
    fn a_denominator_that_may_be_zero_shows_nothing() {
        let wild = [-30.0, 40.0, -20.0, 30.0, 1.0, 2.0];
        let fieller = Fieller::paired(&wild, &X).unwrap();
        assert!(fieller.g(0.05).unwrap() >= 1.0);
        assert_eq!(fieller.tails(100.0, 0.05), Some(Tails::NOTHING));
        assert_eq!(fieller.bounds(0.05), Some(Bounds::UNBOUNDED));
        assert_eq!(Fieller::paired(&[-1.0, -2.0, -3.0], &X[..3]), None);
        assert_eq!(ratio_tails(&[-1.0, -2.0, -3.0], &X[..3], 1.0), None);
    }

    #[test]
    fn a_constant_denominator_is_a_mean() {
        let fieller = Fieller::paired(&[2.0; 6], &X).unwrap();
        let sample = Moments::from_slice(&X.map(|x| x / 2.0)).unwrap();
        let (ratio, mean) = (fieller.tails(1.5, 0.05).unwrap(), student_t_tails(&sample, 1.5).unwrap());
        assert!((ratio.less - mean.less).abs() < 1e-14);
        let bounds =
            (fieller.bounds(0.05).unwrap(), super::super::mean::student_t_bounds(&sample, 0.05).unwrap());
        assert!((bounds.0.upper.unwrap() - bounds.1.upper.unwrap()).abs() < 1e-14);
    }

    #[test]
    fn nonsense() {
        assert_eq!(Fieller::paired(&X, &X[..5]), None);
        assert_eq!(Fieller::paired(&X[..1], &X[..1]), None);
        assert_eq!(Fieller::paired(&[], &[]), None);
        assert_eq!(Fieller::paired(&[1.0, f64::NAN], &[1.0, 2.0]), None);
        assert_eq!(ratio_tails(&X, &X[..5], 1.0), None);
        assert_eq!(contrast(&X, &X, f64::NAN), None);
        let constant = Moments::from_slice(&[1.0, 1.0]).unwrap();
        assert_eq!(Fieller::unpaired(&constant, &constant), None);
        let fieller = Fieller::paired(&X, &Y).unwrap();
        assert_eq!(fieller.tails(f64::NAN, 0.05), None);
        assert_eq!(fieller.tails(f64::INFINITY, 0.05), None);
        assert_eq!(fieller.tails(1.0, 0.0), None);
        assert_eq!(fieller.bounds(0.7), None);
    }
}
