//! A mean without bounds: its value with the variance of its error, of independent samples or of clusters, and Student's
//! t on it.
//!
//! The spread is taken from the sample: rare large values that it does not hold are not reckoned with.

use super::moments::{Moments, sum};
use super::student::{student_split, student_upper_quantile};
use super::tails::{Bounds, Tails, level};

/// One cluster: how many values and what they add up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster {
    /// Number of values, at least 1.
    pub n: u64,
    /// Sum of the values.
    pub sum: f64,
}

/// A mean, how sure it is, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleMean {
    /// The mean.
    pub value: f64,
    /// The variance of its error.
    pub variance: f64,
    /// Degrees of freedom of that.
    pub df: f64,
}

impl SampleMean {
    /// Of independent values. `None` with fewer than two.
    #[must_use]
    pub fn independent(moments: &Moments) -> Option<Self> {
        let n = moments.n() as f64;
        Self { value: moments.mean()?, variance: moments.variance()? / n, df: n - 1.0 }.checked()
    }

    /// Of clusters: `variance = sum_g (S_g - n_g mean)^2 / (1 - n_g/n) / n^2`, with the degrees of freedom of its own
    /// distribution under independent errors of equal variance.
    ///
    /// Source: CR2 and its degrees of freedom in Bell & `McCaffrey`, *Bias reduction in standard errors for linear regression
    /// with multi-stage samples*, Survey Methodology 28 (2002), for a mean. `None` with fewer than two clusters, an empty
    /// cluster or a sum that is not finite.
    #[must_use]
    pub fn clustered(clusters: &[Cluster]) -> Option<Self> {
        let design = Design::of(clusters)?;
        let value = mean(clusters, design.n)?;
        let variance = design.covariance(clusters, value, clusters, value);
        Self { value, variance, df: design.df }.checked()
    }

    fn checked(self) -> Option<Self> {
        let usable = self.value.is_finite() && self.variance.is_finite() && self.variance >= 0.0;
        (usable && self.df > 0.0 && self.df.is_finite()).then_some(self)
    }

    /// The difference to an independent mean, with Welch and Satterthwaite's degrees of freedom.
    ///
    /// Source: Welch, *Biometrika* 34 (1947). `None` without spread on either side.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        let variance = self.variance + other.variance;
        // Shares first: the squares of tiny variances would underflow.
        let (own, others) = (self.variance / variance, other.variance / variance);
        let df = 1.0 / (own * own / self.df + others * others / other.df);
        Self { value: self.value - other.value, variance, df }.checked()
    }

    /// Student's t against `t`. `None` without spread or for a `t` that is not finite.
    #[must_use]
    pub fn tails(&self, t: f64) -> Option<Tails> {
        let error = self.variance.sqrt();
        if !(t.is_finite() && error > 0.0) {
            return None;
        }
        let split = student_split((self.value - t) / error, self.df)?;
        Tails::new(split.lower, split.upper)
    }

    /// The limits of [`SampleMean::tails`]. `None` without spread, or unless `0 < alpha < 1`.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let error = self.variance.sqrt();
        let reach = error * student_upper_quantile(level(alpha)?, self.df)?;
        (error > 0.0).then(|| Bounds::new(self.value - reach, self.value + reach))
    }
}

/// What the sizes of clusters alone decide.
pub(super) struct Design {
    /// Values.
    pub(super) n: f64,
    /// Degrees of freedom of the CR2 variance of a mean.
    pub(super) df: f64,
}

impl Design {
    pub(super) fn of(clusters: &[Cluster]) -> Option<Self> {
        let count = clusters.iter().try_fold(0_u64, |total, cluster| total.checked_add(cluster.n))?;
        let n = count as f64;
        if clusters.len() < 2 || clusters.iter().any(|cluster| cluster.n == 0) {
            return None;
        }
        // The variance is a quadratic form in the errors with the matrix `c_i c_j (n_i [i = j] - n_i n_j / n)`,
        // `c_i^2 = 1 / (n^2 (1 - n_i/n))`; the degrees of freedom are the square of its trace over that of its square.
        let (mut squares, mut cross, mut own) = (0.0, 0.0, 0.0);
        for cluster in clusters {
            let size = cluster.n as f64;
            let product = size * size / (n * n * (1.0 - size / n));
            squares += (size / (n * n)).powi(2);
            cross += product / n;
            own += (product / n).powi(2);
        }
        let df = (1.0 / n).powi(2) / (squares + (cross * cross - own).max(0.0));
        (df.is_finite() && df > 0.0).then_some(Self { n, df })
    }

    /// CR2 covariance of the errors of two means over the same clusters.
    pub(super) fn covariance(&self, x: &[Cluster], mean_x: f64, y: &[Cluster], mean_y: f64) -> f64 {
        let product = |(x, y): (&Cluster, &Cluster)| {
            residual(x, mean_x) * residual(y, mean_y) / (1.0 - x.n as f64 / self.n)
        };
        sum(x.iter().zip(y).map(product)) / (self.n * self.n)
    }
}

/// Deviation of a cluster's sum from what the mean predicts; zero where it is no more than the rounding of that product.
fn residual(cluster: &Cluster, mean: f64) -> f64 {
    let expected = cluster.n as f64 * mean;
    let residual = cluster.sum - expected;
    let rounding = 4.0 * f64::EPSILON * cluster.sum.abs().max(expected.abs());
    if residual.abs() <= rounding { 0.0 } else { residual }
}

/// The mean, measured from that of the first cluster, so that equal cluster means give exactly that.
pub(super) fn mean(clusters: &[Cluster], n: f64) -> Option<f64> {
    let first = clusters.first()?;
    let pivot = first.sum / first.n as f64;
    let mean =
        pivot + sum(clusters.iter().map(|cluster| (-pivot).mul_add(cluster.n as f64, cluster.sum))) / n;
    mean.is_finite().then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    fn clustered(clusters: &[(u64, f64)]) -> Option<SampleMean> {
        SampleMean::clustered(&clusters.iter().map(|&(n, sum)| Cluster { n, sum }).collect::<Vec<_>>())
    }

    /// By the definition: `1` is an eigenvector of `(I - H_gg)^(-1/2)`, so `V` in fractions, and
    /// `df = trace(G)^2 / trace(G G)` with `G` the Gram matrix of the vectors `(I - H)_g A_g 1 / n`, written out in Python.
    #[test]
    fn cr2_by_its_definition() {
        let sample = clustered(&[(5, 1.0), (5, 0.0), (4, 2.0), (6, 0.0), (20, 9.0)]).unwrap();
        assert!(relative(sample.value, 0.3) < 1e-15);
        assert!(relative(sample.variance, CR2_VARIANCE) < 1e-12, "{sample:?}");
        assert!(relative(sample.df, CR2_DF) < 1e-12, "{sample:?}");
    }

    const CR2_VARIANCE: f64 = 0.015_862_511_671_335_202;
    const CR2_DF: f64 = 2.557_830_092_118_731_4;

    #[test]
    fn clusters_of_one_are_independent_values() {
        let values = [0.3, 1.0, 0.2, 5.0, 0.7];
        let single = clustered(&values.map(|value| (1, value))).unwrap();
        let alone = SampleMean::independent(&Moments::from_slice(&values).unwrap()).unwrap();
        assert!(relative(single.variance, alone.variance) < 1e-14 && relative(single.df, alone.df) < 1e-14);
    }

    #[test]
    fn one_giant_cluster_leaves_few_degrees_of_freedom() {
        let mut sizes = vec![(3, 1.0); 20];
        sizes.push((100, 40.0));
        assert!(clustered(&sizes).unwrap().df < 2.5, "{:?}", clustered(&sizes));
    }

    #[test]
    fn nothing_without_spread_or_values() {
        for values in [&[][..], &[1.0]] {
            assert_eq!(SampleMean::independent(&Moments::from_slice(values).unwrap()), None);
        }
        let same = SampleMean::independent(&Moments::from_slice(&[2.0, 2.0, 2.0]).unwrap()).unwrap();
        assert_eq!((same.tails(1.0), same.bounds(0.05), same.minus(&same)), (None, None, None));
        let rounding = clustered(&[(1, 0.1), (3, 0.1 + 0.1 + 0.1), (7, 0.7)]).unwrap();
        assert_eq!(rounding.tails(0.2), None);
    }

    #[test]
    fn a_difference_needs_spread_on_one_side_only() {
        let of = |values: &[f64]| SampleMean::independent(&Moments::from_slice(values).unwrap()).unwrap();
        let (constant, spread) = (of(&[1.0, 1.0, 1.0]), of(&[1.0, 2.0, 4.0]));
        // All the variance is the candidate's: its degrees of freedom.
        assert!((spread.minus(&constant).unwrap().df - 2.0).abs() < 1e-15);
        let tiny = of(&[1e-120, 2e-120, 4e-120]);
        assert!((tiny.minus(&tiny).unwrap().df - 4.0).abs() < 1e-12);
    }

    #[test]
    fn nonsense() {
        assert_eq!(clustered(&[]), None);
        assert_eq!(clustered(&[(5, 1.0)]), None);
        assert_eq!(clustered(&[(5, 1.0), (0, 0.0)]), None);
        assert_eq!(clustered(&[(5, 1.0), (5, f64::NAN)]), None);
        assert_eq!(clustered(&[(5, 1.0), (u64::MAX, 1.0)]), None);
        let sample = SampleMean::independent(&Moments::from_slice(&[1.0, 2.0, 4.0]).unwrap()).unwrap();
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!((sample.tails(bad), sample.bounds(bad)), (None, None));
        }
    }
}
