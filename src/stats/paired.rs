//! Pairs of yes-no outcomes on the same samples: Tango's score test and the exact `McNemar` test.
//!
//! Numeric pairs need nothing of their own: Student's t on the differences (`mean`). Deliberately absent: the
//! t test on yes-no differences, which passes a bad release up to 55 % of the time when few pairs disagree
//! (`research/stats.md`, section 2e).

use super::beta::Unit;
use super::normal::{normal_split, normal_upper_quantile};
use super::proportion::exact_tails_at;
use super::tails::{Bounds, Tails, level};

/// Outcomes of `n` pairs: `b` had the event only the second time (the candidate), `c` only the first time
/// (the baseline).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairedBinary {
    b: u64,
    c: u64,
    n: u64,
}

impl PairedBinary {
    /// `None` unless `b + c <= n` and `n > 0`.
    #[must_use]
    pub fn new(b: u64, c: u64, n: u64) -> Option<Self> {
        let discordant = b.checked_add(c)?;
        (n > 0 && discordant <= n).then_some(Self { b, c, n })
    }

    /// The difference of the two rates, candidate minus baseline.
    #[must_use]
    pub fn difference(self) -> f64 {
        (self.b as f64 - self.c as f64) / self.n as f64
    }

    /// Tango's score test of the difference against `margin`.
    ///
    /// Source: Tango, *Equivalence test and confidence interval for the difference in proportions for the
    /// paired-sample design*, Statistics in Medicine 17 (1998). `None` unless `-1 < margin < 1`, or where the
    /// variance under the hypothesis is zero (no discordant pair at margin 0).
    #[must_use]
    pub fn tango_tails(self, margin: f64) -> Option<Tails> {
        let split = normal_split(self.tango_z(margin)?)?;
        Tails::new(split.lower, split.upper)
    }

    /// The limits of [`PairedBinary::tango_tails`], by bisection over the margin. `None` unless `0 < alpha <
    /// 1/2`.
    #[must_use]
    pub fn tango_bounds(self, alpha: f64) -> Option<Bounds> {
        let z = normal_upper_quantile(level(alpha)?).filter(|&z| z > 0.0)?;
        let mirrored = Self { b: self.c, c: self.b, n: self.n };
        Some(Bounds::new(-mirrored.upper_margin(z), self.upper_margin(z)))
    }

    /// Exact `McNemar` test of the difference against 0: the binomial test of `b` of `b + c` against one
    /// half. `None` without discordant pairs.
    #[must_use]
    pub fn mcnemar_tails(self) -> Option<Tails> {
        exact_tails_at(self.b as f64, (self.b + self.c) as f64, Unit { x: 0.5, y: 0.5 })
    }

    /// `(b - c - n M) / sqrt(n (2 q + M (1 - M)))`, where `q` is the rate of `c` that is most likely under
    /// `M`.
    fn tango_z(self, margin: f64) -> Option<f64> {
        // For a negative margin the same test with the roles exchanged: the formula then adds numbers of one
        // sign.
        if margin < 0.0 {
            return Self { b: self.c, c: self.b, n: self.n }.tango_z(-margin).map(|z| -z);
        }
        if margin.is_nan() || margin >= 1.0 {
            return None;
        }
        let (b, c, n) = (self.b as f64, self.c as f64, self.n as f64);
        let product = margin * (1.0 - margin);
        // 2n q^2 + linear q - c M (1 - M) = 0
        let linear = (2.0 * n - b + c) * margin - b - c;
        let root = (linear * linear + 8.0 * n * c * product).sqrt();
        let q = if linear > 0.0 { 2.0 * c * product / (linear + root) } else { (root - linear) / (4.0 * n) };
        let variance = n * (2.0 * q + product);
        (variance > 0.0).then(|| (b - c - n * margin) / variance.sqrt())
    }

    /// The margin above the difference at which `z` has fallen to `-z_alpha`; 1 where it never does. `z`
    /// falls with the margin.
    fn upper_margin(self, z_alpha: f64) -> f64 {
        let (mut low, mut high) = (self.difference(), 1.0);
        while high - low > f64::EPSILON {
            let middle = f64::midpoint(low, high);
            if self.tango_z(middle).is_some_and(|z| z <= -z_alpha) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(b: u64, c: u64, n: u64) -> PairedBinary {
        PairedBinary::new(b, c, n).unwrap()
    }

    /// The restricted likelihood is at its maximum at the `q` inside Tango's variance, on a grid around it.
    #[test]
    fn the_restricted_estimate_maximises_the_likelihood() {
        for (b, c, n, margin) in [(7.0, 3.0, 50.0, 0.05), (0.0, 4.0, 30.0, 0.1), (20.0, 1.0, 60.0, 0.02)] {
            let log_likelihood =
                |q: f64| b * (q + margin).ln() + c * q.ln() + (n - b - c) * (1.0 - 2.0 * q - margin).ln();
            let z = pairs(b as u64, c as u64, n as u64).tango_z(margin).unwrap();
            // z^2 = (b - c - n M)^2 / (n (2q + M (1 - M))), solved for q.
            let q = (((b - c - n * margin) / z).powi(2) / n - margin * (1.0 - margin)) / 2.0;
            let best = log_likelihood(q);
            assert!(
                best >= log_likelihood(q * 1.001) && best >= log_likelihood(q * 0.999),
                "{b} {c} {n}: {q}"
            );
        }
    }

    #[test]
    fn roles_exchanged_mirror_the_answer() {
        let (one, other) = (pairs(7, 3, 50), pairs(3, 7, 50));
        for margin in [-0.3, -0.05, 0.0, 0.02, 0.4] {
            assert_eq!(one.tango_tails(margin).unwrap().mirrored(), other.tango_tails(-margin).unwrap());
        }
        assert_eq!(one.tango_bounds(0.05).unwrap().mirrored(), other.tango_bounds(0.05).unwrap());
        assert_eq!(
            one.mcnemar_tails().unwrap().less.to_bits(),
            other.mcnemar_tails().unwrap().greater.to_bits()
        );
    }

    #[test]
    fn margin_zero_is_mcnemars_score() {
        // (b - c) / sqrt(b + c)
        assert!((pairs(7, 3, 50).tango_z(0.0).unwrap() - 4.0 / 10.0_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn nothing_discordant() {
        assert_eq!(pairs(0, 0, 50).tango_tails(0.0), None);
        assert_eq!(pairs(0, 0, 50).mcnemar_tails(), None);
        assert!(pairs(0, 0, 50).tango_tails(0.05).unwrap().less > 0.05);
        let bounds = pairs(0, 0, 50).tango_bounds(0.05).unwrap();
        assert!(bounds.upper.unwrap() > 0.05 && bounds.lower.unwrap() < -0.05);
    }

    #[test]
    fn every_pair_discordant() {
        let bounds = pairs(20, 0, 20).tango_bounds(0.05).unwrap();
        assert_eq!(bounds.upper, Some(1.0));
        assert!(bounds.lower.unwrap() < 0.95);
    }

    #[test]
    fn nonsense() {
        assert_eq!(PairedBinary::new(3, 3, 5), None);
        assert_eq!(PairedBinary::new(0, 0, 0), None);
        assert_eq!(PairedBinary::new(u64::MAX, 1, u64::MAX), None);
        for margin in [1.0, -1.0, 2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(pairs(7, 3, 50).tango_tails(margin), None);
        }
        for alpha in [0.0, 0.5, 0.9, f64::NAN] {
            assert_eq!(pairs(7, 3, 50).tango_bounds(alpha), None);
        }
    }
}
