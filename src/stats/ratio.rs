//! A ratio of two means without bounds against a number: Fieller's test of the contrast `y - R x`, and his limits.
//!
//! Always the ratio of the means, never the mean of ratios; the delta method's coverage falls to .89 on skewed costs.

use super::mean::{Cluster, Design, SampleMean, mean};
use super::moments::{Moments, sum};
use super::student::{student_split, student_upper_quantile};
use super::tails::{Bounds, Tails, level};

/// A variance below this share of the terms it was subtracted from has lost its digits.
const LOST: f64 = 1e-12;

/// A ratio of means with what Fieller's theorem needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fieller {
    mean_x: f64,
    mean_y: f64,
    var_x: f64,
    var_y: f64,
    /// Covariance of the two means; zero for independent samples.
    cov: f64,
    /// Degrees of freedom of the contrast.
    df: f64,
}

impl Fieller {
    /// From pairs `(x, y)` of equal length; `df = n - 1`.
    ///
    /// `None` with fewer than two pairs, unequal lengths, values that are not finite, or a denominator whose
    /// mean is not positive.
    #[must_use]
    pub fn paired(x: &[f64], y: &[f64]) -> Option<Self> {
        let (mx, my) = rayon::join(|| Moments::from_slice(x), || Moments::from_slice(y));
        let (mx, my) = (mx?, my?);
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
    /// the same sizes; variances and degrees of freedom as of a clustered [`SampleMean`].
    ///
    /// `None` with fewer than two clusters, clusters that do not match, sums that are not finite, or a
    /// denominator whose mean is not positive.
    #[must_use]
    pub fn clustered(x: &[Cluster], y: &[Cluster]) -> Option<Self> {
        if x.len() != y.len() || x.iter().zip(y).any(|(x, y)| x.n != y.n) {
            return None;
        }
        let design = Design::of(x)?;
        let (mean_x, mean_y) = (mean(x, design.n)?, mean(y, design.n)?);
        let var_x = design.covariance(x, mean_x, x, mean_x);
        let var_y = design.covariance(y, mean_y, y, mean_y);
        let cov = design.covariance(x, mean_x, y, mean_y);
        Self { mean_x, mean_y, var_x, var_y, cov, df: design.df }.checked()
    }

    /// From two independent means; Welch and Satterthwaite's degrees of freedom of `y - R x` at the measured ratio.
    ///
    /// `None` without spread on either side, or for a denominator that is not positive.
    #[must_use]
    pub fn unpaired(x: &SampleMean, y: &SampleMean) -> Option<Self> {
        let scaled = (y.value / x.value).powi(2) * x.variance;
        // Shares first: the squares of tiny variances would underflow.
        let total = y.variance + scaled;
        let (share_y, share_x) = (y.variance / total, scaled / total);
        let df = 1.0 / (share_y * share_y / y.df + share_x * share_x / x.df);
        let (var_x, var_y) = (x.variance, y.variance);
        Self { mean_x: x.value, mean_y: y.value, var_x, var_y, cov: 0.0, df }.checked()
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

    /// Student's t on the contrast `mean(y) - r mean(x)`; [`Tails::NOTHING`] where `g >= 1` at level `alpha`.
    ///
    /// `None` unless `r` is finite, `0 < alpha < 1` and the contrast has spread.
    #[must_use]
    pub fn tails(&self, r: f64, alpha: f64) -> Option<Tails> {
        if self.g(alpha)? >= 1.0 {
            return Some(Tails::NOTHING);
        }
        let t = (self.mean_y - r * self.mean_x) / self.contrast_variance(r)?.sqrt();
        let split = student_split(t, self.df).filter(|_| t.is_finite())?;
        Tails::new(split.lower, split.upper)
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

    /// The contrast `mean(y) - r mean(x)` as a mean of its own; `None` where it has no spread.
    #[must_use]
    pub fn contrast(&self, r: f64) -> Option<SampleMean> {
        let value = self.mean_y - r * self.mean_x;
        Some(SampleMean { value, variance: self.contrast_variance(r)?, df: self.df })
    }

    /// The denominator's mean: what the contrast moves by where the ratio moves by 1.
    #[must_use]
    pub fn denominator(&self) -> f64 {
        self.mean_x
    }

    /// Variance of `mean(y) - r mean(x)`. `None` where it is lost in the rounding of its terms.
    fn contrast_variance(&self, r: f64) -> Option<f64> {
        let terms = self.var_y + r * r * self.var_x;
        let variance = terms - 2.0 * r * self.cov;
        (variance > LOST * terms).then_some(variance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0];
    const Y: [f64; 6] = [2.0, 1.0, 5.0, 3.0, 4.0, 9.0];

    fn clusters(sizes: &[u64], sums: &[f64]) -> Vec<Cluster> {
        sizes.iter().zip(sums).map(|(&n, &sum)| Cluster { n, sum }).collect()
    }

    #[test]
    fn an_exact_ratio_is_no_evidence() {
        let tripled = X.map(|x| 3.0 * x * 0.1);
        // Each value is off by its own rounding; none of it is spread.
        assert_eq!(Fieller::paired(&X, &tripled).unwrap().tails(0.3, 0.05), None);
    }

    #[test]
    fn clusters_of_one_are_pairs() {
        let clustered = Fieller::clustered(&clusters(&[1; 6], &X), &clusters(&[1; 6], &Y)).unwrap();
        let (one, other) = (clustered.tails(1.3, 0.05), Fieller::paired(&X, &Y).unwrap().tails(1.3, 0.05));
        assert!((one.unwrap().less / other.unwrap().less - 1.0).abs() < 1e-12);
    }

    /// The contrast of the clusters' sums is itself a clustered mean.
    #[test]
    fn the_clustered_test_is_that_of_the_contrast() {
        let sizes = [3, 1, 4, 2];
        let (x, y) = ([6.0, 1.5, 9.0, 3.0], [7.0, 2.0, 8.0, 5.0]);
        let contrast = clusters(&sizes, &[0, 1, 2, 3].map(|i| y[i] - 1.3 * x[i]));
        let want = SampleMean::clustered(&contrast).unwrap().tails(0.0).unwrap();
        let (x, y) = (clusters(&sizes, &x), clusters(&sizes, &y));
        let got = Fieller::clustered(&x, &y).unwrap().tails(1.3, 0.05).unwrap();
        assert!((got.less / want.less - 1.0).abs() < 1e-12, "{got:?} {want:?}");
        assert_eq!(Fieller::clustered(&x, &y[..3]), None);
    }

    #[test]
    fn a_denominator_that_may_be_zero_shows_nothing() {
        let wild = [-30.0, 40.0, -20.0, 30.0, 1.0, 2.0];
        let fieller = Fieller::paired(&wild, &X).unwrap();
        assert!(fieller.g(0.05).unwrap() >= 1.0);
        assert_eq!(fieller.tails(100.0, 0.05), Some(Tails::NOTHING));
        assert_eq!(fieller.bounds(0.05), Some(Bounds::UNBOUNDED));
        assert_eq!(Fieller::paired(&[-1.0, -2.0, -3.0], &X[..3]), None);
    }

    #[test]
    fn a_constant_denominator_is_a_mean() {
        let fieller = Fieller::paired(&[2.0; 6], &X).unwrap();
        let sample = SampleMean::independent(&Moments::from_slice(&X.map(|x| x / 2.0)).unwrap()).unwrap();
        let (ratio, mean) = (fieller.tails(1.5, 0.05).unwrap(), sample.tails(1.5).unwrap());
        assert!((ratio.less - mean.less).abs() < 1e-14);
        let bounds = (fieller.bounds(0.05).unwrap(), sample.bounds(0.05).unwrap());
        assert!((bounds.0.upper.unwrap() - bounds.1.upper.unwrap()).abs() < 1e-14);
    }

    #[test]
    fn nonsense() {
        assert_eq!(Fieller::paired(&X, &X[..5]), None);
        assert_eq!(Fieller::paired(&X[..1], &X[..1]), None);
        assert_eq!(Fieller::paired(&[], &[]), None);
        assert_eq!(Fieller::paired(&[1.0, f64::NAN], &[1.0, 2.0]), None);
        let constant = SampleMean::independent(&Moments::from_slice(&[1.0, 1.0]).unwrap()).unwrap();
        assert_eq!(Fieller::unpaired(&constant, &constant), None);
        let fieller = Fieller::paired(&X, &Y).unwrap();
        for (r, alpha) in [(f64::NAN, 0.05), (f64::INFINITY, 0.05), (1.0, 0.0)] {
            assert_eq!(fieller.tails(r, alpha), None);
        }
        assert_eq!(fieller.bounds(0.7), None);
    }
}
