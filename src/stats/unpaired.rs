//! Two independent samples: Welch's test of a difference of means, Newcombe's limits of a difference of
//! rates.
//!
//! Every difference is candidate minus baseline.
//! Deliberately absent: pooled variances and Fisher's exact test, which knows no margin.

use super::mean::{t_bounds, t_tails};
use super::moments::Moments;
use super::normal::{normal_split, normal_upper_quantile};
use super::proportion::wilson_at;
use super::tails::{Bounds, Tails, level};

/// Welch's difference of two means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Welch {
    difference: f64,
    error: f64,
    df: f64,
}

impl Welch {
    /// Unequal variances, Welch-Satterthwaite degrees of freedom.
    ///
    /// Source: Welch, *Biometrika* 34 (1947). `None` with fewer than two values on a side or no spread on
    /// either.
    #[must_use]
    pub fn new(candidate: &Moments, baseline: &Moments) -> Option<Self> {
        let (nc, nb) = (candidate.n() as f64, baseline.n() as f64);
        let (vc, vb) = (candidate.variance()? / nc, baseline.variance()? / nb);
        let total = vc + vb;
        // Shares first: the squares of tiny variances would underflow.
        let (share_c, share_b) = (vc / total, vb / total);
        let df = 1.0 / (share_c * share_c / (nc - 1.0) + share_b * share_b / (nb - 1.0));
        let difference = candidate.mean()? - baseline.mean()?;
        (total > 0.0 && df.is_finite() && difference.is_finite()).then_some(Self {
            difference,
            error: total.sqrt(),
            df,
        })
    }

    /// Difference of the means.
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.difference
    }

    /// Degrees of freedom.
    #[must_use]
    pub fn df(&self) -> f64 {
        self.df
    }

    /// Test of the difference against `margin`. `None` for a margin that is not finite.
    #[must_use]
    pub fn tails(&self, margin: f64) -> Option<Tails> {
        t_tails(self.difference, self.error, self.df, margin)
    }

    /// The limits of [`Welch::tails`]. `None` unless `0 < alpha < 1`.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        t_bounds(self.difference, self.error, self.df, alpha)
    }
}

/// Newcombe's difference of two independent rates, by the square-and-add combination of Wilson limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Newcombe {
    candidate: (f64, f64),
    baseline: (f64, f64),
}

impl Newcombe {
    /// From events and sizes.
    ///
    /// Source: Newcombe, *Interval estimation for the difference between independent proportions*, Statistics
    /// in Medicine 17 (1998), method 10. `None` unless `0 <= k <= n` and `n > 0` on both sides.
    #[must_use]
    pub fn new(k_candidate: u64, n_candidate: u64, k_baseline: u64, n_baseline: u64) -> Option<Self> {
        let usable = |k: u64, n: u64| k <= n && n > 0;
        (usable(k_candidate, n_candidate) && usable(k_baseline, n_baseline)).then_some(Self {
            candidate: (k_candidate as f64, n_candidate as f64),
            baseline: (k_baseline as f64, n_baseline as f64),
        })
    }

    /// Difference of the rates.
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.candidate.0 / self.candidate.1 - self.baseline.0 / self.baseline.1
    }

    /// Limits of the difference. `None` unless `0 < alpha < 1/2`.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let z = normal_upper_quantile(level(alpha)?).filter(|&z| z > 0.0)?;
        Some(Bounds::new(-self.mirrored().upper(z), self.upper(z)))
    }

    /// p-values: the level at which a limit reaches `margin`, by bisection over its quantile. `None` for a
    /// margin that is not finite.
    #[must_use]
    pub fn tails(&self, margin: f64) -> Option<Tails> {
        if !margin.is_finite() {
            return None;
        }
        if margin < self.difference() {
            return self.mirrored().tails(-margin).map(Tails::mirrored);
        }
        let (mut low, mut high) = (0.0_f64, 40.0);
        while high - low > 1e-15 * high {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.upper(middle) < margin { low = middle } else { high = middle }
        }
        let split = normal_split(low)?;
        Tails::new(split.upper, split.lower)
    }

    /// The other way round: baseline minus candidate.
    fn mirrored(&self) -> Self {
        Self { candidate: self.baseline, baseline: self.candidate }
    }

    fn upper(&self, z: f64) -> f64 {
        let (candidate, baseline) = (self.candidate.0 / self.candidate.1, self.baseline.0 / self.baseline.1);
        let up = wilson_at(self.candidate.0, self.candidate.1, z).1 - candidate;
        let down = baseline - wilson_at(self.baseline.0, self.baseline.1, z).0;
        candidate - baseline + up.hypot(down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newcombe_at_the_difference_is_even() {
        let rates = Newcombe::new(5, 100, 3, 80).unwrap();
        let tails = rates.tails(rates.difference()).unwrap();
        assert!((tails.less - 0.5).abs() < 1e-12 && (tails.greater - 0.5).abs() < 1e-12, "{tails:?}");
    }

    #[test]
    fn newcombe_mirrors() {
        let (one, other) = (Newcombe::new(5, 100, 3, 80).unwrap(), Newcombe::new(3, 80, 5, 100).unwrap());
        for margin in [-0.1, 0.0, 0.03, 0.2] {
            assert_eq!(one.tails(margin).unwrap().mirrored(), other.tails(-margin).unwrap());
        }
        assert_eq!(one.bounds(0.05).unwrap().mirrored(), other.bounds(0.05).unwrap());
    }

    #[test]
    fn no_events_on_either_side_still_have_width() {
        let bounds = Newcombe::new(0, 50, 0, 50).unwrap().bounds(0.05).unwrap();
        assert!(bounds.upper.unwrap() > 0.05 && bounds.lower.unwrap() < -0.05);
    }

    #[test]
    fn impossible_margins_are_certain() {
        let tails = Newcombe::new(5, 100, 3, 80).unwrap().tails(2.0).unwrap();
        assert!(tails.less < 1e-300 && tails.greater > 1.0 - 1e-15, "{tails:?}");
    }

    #[test]
    fn welch_needs_spread_on_one_side_only() {
        let constant = Moments::from_slice(&[1.0, 1.0, 1.0]).unwrap();
        let spread = Moments::from_slice(&[1.0, 2.0, 4.0]).unwrap();
        assert_eq!(Welch::new(&constant, &constant), None);
        // All the variance is the candidate's: its degrees of freedom.
        assert!((Welch::new(&spread, &constant).unwrap().df() - 2.0).abs() < 1e-15);
        assert_eq!(Welch::new(&spread, &Moments::from_slice(&[1.0]).unwrap()), None);
        let tiny = Moments::from_slice(&[1e-120, 2e-120, 4e-120]).unwrap();
        assert!((Welch::new(&tiny, &tiny).unwrap().df() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn nonsense() {
        assert_eq!(Newcombe::new(6, 5, 0, 5), None);
        assert_eq!(Newcombe::new(0, 5, 0, 0), None);
        let rates = Newcombe::new(5, 100, 3, 80).unwrap();
        for bad in [f64::NAN, f64::INFINITY] {
            assert_eq!(rates.tails(bad), None);
            assert_eq!(rates.bounds(bad), None);
        }
        assert_eq!(rates.bounds(0.5), None);
    }
}
