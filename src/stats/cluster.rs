//! Samples that come in groups: the CR1 variance of a mean, Korn-Graubard's rate, and the any-event test.
//!
//! A cluster is known by its size and its sum, so shards merge by adding those up per cluster. Deliberately
//! absent: intra-cluster correlation as an input, and design effects assumed rather than measured.

use super::mean::{t_bounds, t_tails};
use super::moments::sum;
use super::proportion::{clopper_pearson, exact_tails};
use super::student::student_upper_quantile;
use super::tails::{Bounds, Tails, level};

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
    equal_sizes: bool,
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
        let equal_sizes = clusters.iter().all(|cluster| cluster.n == first.n);
        (mean.is_finite() && variance.is_finite()).then_some(Self {
            clusters: clusters.len() as u64,
            n,
            mean,
            variance,
            equal_sizes,
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

    /// Whether every cluster holds the same number of values, without which the any-event test says nothing
    /// about them.
    #[must_use]
    pub fn equal_sizes(&self) -> bool {
        self.equal_sizes
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

    /// The mean as a rate with Korn-Graubard's effective sample size. `None` unless the mean lies in `[0,
    /// 1]`.
    #[must_use]
    pub fn rate(&self) -> Option<KornGraubard> {
        let rate = self.mean;
        if !(0.0..=1.0).contains(&rate) {
            return None;
        }
        let n = self.n as f64;
        // Without events, or without anything else, the variance says nothing: count clusters.
        let effective = if rate <= 0.0 || rate >= 1.0 {
            self.clusters as f64
        } else {
            (rate * (1.0 - rate) / self.variance).min(n)
        };
        Some(KornGraubard { rate, effective, n, df: self.df() })
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

/// A clustered rate as a binomial sample of effective size.
///
/// Source: Korn & Graubard, *Confidence intervals for proportions with small expected number of positive
/// counts*, Survey Methodology 24 (1998), as `survey::svyciprop(method = "beta")` in R has it; the size is
/// capped at `n`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KornGraubard {
    rate: f64,
    effective: f64,
    n: f64,
    df: f64,
}

impl KornGraubard {
    /// The effective sample size `p (1 - p) / variance`, before its correction for degrees of freedom.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        self.effective
    }

    /// Events and size at a level: the size times `(t_{n-1} / t_{G-1})^2`.
    fn counts(&self, alpha: f64) -> Option<(f64, f64)> {
        // At one half both quantiles vanish; their ratio does not. The function is even around it.
        let alpha = alpha.min(1.0 - alpha).min(0.5 - 1e-6);
        let ratio = student_upper_quantile(alpha, self.n - 1.0)? / student_upper_quantile(alpha, self.df)?;
        let size = self.effective * (ratio * ratio).min(1.0);
        Some(((self.rate * size).min(size), size))
    }

    /// Clopper-Pearson limits at the effective counts. `None` unless `0 < alpha < 1`.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let (k, n) = self.counts(level(alpha)?)?;
        clopper_pearson(k, n, alpha)
    }

    /// p-values: the smallest levels whose limits clear `t`, by bisection, because the effective size depends
    /// on the level. `None` unless `0 <= t <= 1`.
    #[must_use]
    pub fn tails(&self, t: f64) -> Option<Tails> {
        let at = |alpha: f64| {
            let (k, n) = self.counts(alpha)?;
            exact_tails(k, n, t)
        };
        at(0.5)?;
        let less = smallest_level(|alpha| at(alpha).is_some_and(|tails| tails.less <= alpha));
        let greater = smallest_level(|alpha| at(alpha).is_some_and(|tails| tails.greater <= alpha));
        Tails::new(less, greater)
    }
}

/// The exact test on whether a cluster had any event: p-value of `rate < t` from `with_event` of `clusters`.
///
/// Valid for the rate over clusters of equal size, since a rate never exceeds the chance of any event in the
/// cluster; conservative. It shows nothing in the other direction. `None` unless `with_event <= clusters`,
/// `clusters > 0` and `0 <= t <= 1`.
#[must_use]
pub fn any_event_less(with_event: u64, clusters: u64, t: f64) -> Option<f64> {
    exact_tails(with_event as f64, clusters as f64, t).map(|tails| tails.less)
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
    fn korn_graubard() {
        let sample = clustered(&EVENTS).unwrap();
        assert!(relative(sample.variance(), 0.006_883_035_714_285_715) < 1e-13);
        assert!(!sample.equal_sizes());
        let rate = sample.rate().unwrap();
        assert!(relative(rate.effective_size(), 20.975_483_201_452_843) < 1e-13);
        let bounds = rate.bounds(0.05).unwrap();
        assert!(relative(bounds.lower.unwrap(), 0.048_021_801_521_421_104) < 1e-10);
        assert!(relative(bounds.upper.unwrap(), 0.397_356_791_368_094_26) < 1e-10);
        assert!(relative(rate.tails(0.4).unwrap().less, 0.048_265_830_514_859_71) < 1e-9);
        assert!(relative(rate.tails(0.05).unwrap().greater, 0.054_113_483_407_427_93) < 1e-9);
    }

    #[test]
    fn without_events_clusters_are_counted() {
        let none = clustered(&[(5, 0.0), (5, 0.0), (5, 0.0)]).unwrap().rate().unwrap();
        assert!(relative(none.effective_size(), 3.0) < 1e-15);
        let bounds = none.bounds(0.05).unwrap();
        assert_eq!(bounds.lower, Some(0.0));
        assert!(bounds.upper.unwrap() > 1.0 - 0.05_f64.powf(1.0 / 3.0));
        assert!(relative(none.tails(0.5).unwrap().greater, 1.0) < 1e-15);
        let all = clustered(&[(5, 5.0), (4, 4.0)]).unwrap().rate().unwrap();
        assert_eq!(all.bounds(0.05).unwrap().upper, Some(1.0));
    }

    #[test]
    fn the_effective_size_never_exceeds_the_sample() {
        // Every cluster has the same rate: no variance between them at all.
        let same = clustered(&[(10, 3.0), (20, 6.0), (30, 9.0)]).unwrap();
        assert_eq!(same.tails(0.5), None);
        assert_eq!(same.bounds(0.05), None);
        assert!(relative(same.rate().unwrap().effective_size(), 60.0) < 1e-15);
    }

    #[test]
    fn rounding_is_no_spread_between_clusters() {
        let same = clustered(&[(1, 0.1), (3, 0.1 + 0.1 + 0.1), (7, 0.7)]).unwrap();
        assert_eq!(same.tails(0.2), None);
    }

    /// `scipy.stats.binom.cdf(4, 8, .9)`
    #[test]
    fn any_event() {
        assert!(relative(any_event_less(4, 8, 0.9).unwrap(), 0.005_024_35) < 1e-12);
        assert_eq!(any_event_less(9, 8, 0.9), None);
        assert_eq!(any_event_less(0, 0, 0.9), None);
    }

    #[test]
    fn nonsense() {
        assert_eq!(clustered(&[]), None);
        assert_eq!(clustered(&[(5, 1.0)]), None);
        assert_eq!(clustered(&[(5, 1.0), (0, 0.0)]), None);
        assert_eq!(clustered(&[(5, 1.0), (5, f64::NAN)]), None);
        assert_eq!(clustered(&[(5, 1.0), (u64::MAX, 1.0)]), None);
        assert_eq!(clustered(&[(5, 11.0), (5, 1.0)]).unwrap().rate(), None);
        let sample = clustered(&EVENTS).unwrap();
        assert_eq!(sample.tails(f64::NAN), None);
        assert_eq!(sample.rate().unwrap().tails(f64::NAN), None);
        assert_eq!(sample.rate().unwrap().bounds(0.0), None);
    }

    #[test]
    fn the_smallest_level_is_one_that_holds() {
        let p = smallest_level(|alpha| alpha >= 0.037);
        assert!(p >= 0.037 && relative(p, 0.037) < 1e-12);
        assert!(relative(smallest_level(|alpha| alpha >= 1e-200), 1e-200) < 1e-10);
        assert!(relative(smallest_level(|_| false), 1.0) < 1e-15);
    }
}
