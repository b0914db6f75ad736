//! Samples that come in groups: the CR1 variance of a mean without bounds; one with bounds is weighed (`gaffke`).
//!
//! A cluster is known by its size and its sum, so shards merge by adding those up per cluster. Deliberately
//! absent: intra-cluster correlation as an input, and design effects assumed rather than measured.

use super::mean::{t_bounds, t_tails};
use super::moments::sum;
use super::tails::{Bounds, Tails};

/// One cluster: how many values and what they add up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster {
    /// Number of values, at least 1.
    pub n: u64,
    /// Sum of the values; for a rate, the number of events.
    pub sum: f64,
}

/// Mean of clustered values with its CR1 variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clustered {
    clusters: u64,
    n: u64,
    mean: f64,
    variance: f64,
}

impl Clustered {
    /// `variance = G/(G-1) sum_g (S_g - n_g mean)^2 / n^2`, with `G - 1` degrees of freedom.
    ///
    /// Source: Cameron & Miller, *A practitioner's guide to cluster-robust inference*, J. Human Resources 50
    /// (2015); equal to the CR1 of statsmodels. `None` with fewer than two clusters, an empty cluster or a
    /// sum that is not finite.
    #[must_use]
    pub fn new(clusters: &[Cluster]) -> Option<Self> {
        let first = clusters.first()?;
        if clusters.len() < 2 || clusters.iter().any(|cluster| cluster.n == 0 || !cluster.sum.is_finite()) {
            return None;
        }
        let n = clusters.iter().try_fold(0_u64, |total, cluster| total.checked_add(cluster.n))?;
        let mean = first_mean_plus(first, clusters, n as f64);
        let squares = sum(clusters.iter().map(|cluster| residual(cluster, mean).powi(2)));
        let count = clusters.len() as f64;
        let variance = count / (count - 1.0) * squares / (n as f64).powi(2);
        (mean.is_finite() && variance.is_finite()).then_some(Self {
            clusters: clusters.len() as u64,
            n,
            mean,
            variance,
        })
    }

    /// How many clusters.
    #[must_use]
    pub fn clusters(&self) -> u64 {
        self.clusters
    }

    /// How many values in all clusters.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The mean of all values.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The CR1 variance of the mean.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// Degrees of freedom.
    #[must_use]
    pub fn df(&self) -> f64 {
        self.clusters as f64 - 1.0
    }

    /// Student's t on the CR1 error with `G - 1` degrees of freedom. `None` without spread between the
    /// clusters.
    #[must_use]
    pub fn tails(&self, t: f64) -> Option<Tails> {
        t_tails(self.mean, self.variance.sqrt(), self.df(), t)
    }

    /// The limits of [`Clustered::tails`]. `None` as there, or unless `0 < alpha < 1`.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        t_bounds(self.mean, self.variance.sqrt(), self.df(), alpha)
    }
}

/// Deviation of a cluster's sum from what the mean predicts; zero where it is no more than the rounding of
/// that product.
pub(crate) fn residual(cluster: &Cluster, mean: f64) -> f64 {
    let expected = cluster.n as f64 * mean;
    let residual = cluster.sum - expected;
    let rounding = 4.0 * f64::EPSILON * cluster.sum.abs().max(expected.abs());
    if residual.abs() <= rounding { 0.0 } else { residual }
}

/// The mean, measured from that of the first cluster, so that equal cluster means give exactly that.
fn first_mean_plus(first: &Cluster, clusters: &[Cluster], n: f64) -> f64 {
    let pivot = first.sum / first.n as f64;
    pivot + sum(clusters.iter().map(|cluster| (-pivot).mul_add(cluster.n as f64, cluster.sum))) / n
}

/// The smallest level in `(0, 1)` that holds, for a condition that stays true once it is; 1 if none does.
///
/// Bisection on the logarithm of the level, so that a tiny p-value is still a good one. Answers a level that
/// holds.
pub(crate) fn smallest_level(holds: impl Fn(f64) -> bool) -> f64 {
    const LEAST: f64 = 1e-300;
    if holds(LEAST) {
        return LEAST;
    }
    let (mut low, mut high) = (LEAST.ln(), 0.0_f64);
    while high - low > 1e-14 * (1.0 - low) {
        let middle = f64::midpoint(low, high);
        if holds(middle.exp()) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(got: f64, want: f64) -> f64 {
        ((got - want) / want).abs()
    }

    fn clustered(clusters: &[(u64, f64)]) -> Option<Clustered> {
        Clustered::new(&clusters.iter().map(|&(n, sum)| Cluster { n, sum }).collect::<Vec<_>>())
    }

    const EVENTS: [(u64, f64); 8] =
        [(5, 1.0), (5, 0.0), (4, 2.0), (6, 0.0), (5, 3.0), (5, 0.0), (5, 1.0), (5, 0.0)];

    /// numpy: the formulas of the research note, sections 2b and 2c; limits `scipy.stats.beta.ppf(.05, k,
    /// n-k+1)` and `beta.ppf(.95, k+1, n-k)` at `k = p n`, `n = n_eff (t.isf(.05, 39)/t.isf(.05, 7))**2`;
    /// p-values `scipy.optimize.brentq(lambda a: beta.cdf(1-T, n(a)-k(a), k(a)+1) - a, 1e-9, .4)`, and the
    /// other tail alike.
    #[test]
    fn rounding_is_no_spread_between_clusters() {
        let same = clustered(&[(1, 0.1), (3, 0.1 + 0.1 + 0.1), (7, 0.7)]).unwrap();
        assert_eq!(same.tails(0.2), None);
    }

    /// `scipy.stats.binom.cdf(4, 8, .9)`
    #[test]
    fn nonsense() {
        assert_eq!(clustered(&[]), None);
        assert_eq!(clustered(&[(5, 1.0)]), None);
        assert_eq!(clustered(&[(5, 1.0), (0, 0.0)]), None);
        assert_eq!(clustered(&[(5, 1.0), (5, f64::NAN)]), None);
        assert_eq!(clustered(&[(5, 1.0), (u64::MAX, 1.0)]), None);
        let sample = clustered(&EVENTS).unwrap();
        assert_eq!(sample.tails(f64::NAN), None);
    }

    #[test]
    fn the_smallest_level_is_one_that_holds() {
        let p = smallest_level(|alpha| alpha >= 0.037);
        assert!(p >= 0.037 && relative(p, 0.037) < 1e-12);
        assert!(relative(smallest_level(|alpha| alpha >= 1e-200), 1e-200) < 1e-10);
        assert!(relative(smallest_level(|_| false), 1.0) < 1e-15);
    }
}
