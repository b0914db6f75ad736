//! Two independent samples of bounded values: their confidence distributions melded.
//!
//! Each sample alone says how large its mean may be (`U`, with `P(U >= t)` the p-value of "less than `t`") and how small
//! (`L`, with `P(L <= t)` the p-value of "greater than `t`"). The difference is below `m` with the p-value
//! `P(U_candidate - L_baseline >= m)`, the ratio below `r` with `P(U_candidate >= r L_baseline)`, both drawn
//! independently. There is no switch: worse data on either side, or a tighter threshold, never gives a smaller p-value.
//!
//! Source: Fay, Proschan & Brittain, *Combining one-sample confidence procedures for inference in the two-sample case*,
//! Biometrics 71 (2015).

use super::gaffke::Weighed;
use super::inverse::{Guess, threshold};
use super::normal::{normal_split, normal_upper_quantile};
use super::tails::{Bounds, Tails, level};

/// Distance of two nodes, in standard deviations of a normal quantity; half of it moves no p-value by more than 1e-9.
const STEP: f64 = 0.25;
/// The outermost node.
const REACH: f64 = 7.0;

/// How the two means are put against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// Candidate minus baseline.
    Difference,
    /// Candidate over baseline.
    Ratio,
}

impl Against {
    /// What the candidate would be at this difference, or ratio, to a baseline.
    fn candidate(self, baseline: f64, theta: f64) -> f64 {
        match self {
            Self::Difference => baseline + theta,
            Self::Ratio => baseline * theta,
        }
    }

    /// What the baseline would be.
    fn baseline(self, candidate: f64, theta: f64) -> f64 {
        match self {
            Self::Difference => candidate - theta,
            Self::Ratio => candidate / theta,
        }
    }
}

/// Nodes of equal distance on the scale of normal quantiles, each a value with its weight.
type Nodes = Vec<(f64, f64)>;

/// A candidate and a baseline on other ids, as one claim sees them.
#[derive(Debug, Clone)]
struct Claim<'a> {
    candidate: &'a Weighed,
    baseline: &'a Weighed,
    against: Against,
    /// The side whose distribution is narrower, in nodes.
    nodes: Mixed,
    /// The middle and a standard deviation of either distribution.
    centres: [Centre; 2],
}

#[derive(Debug, Clone, Copy)]
struct Centre {
    at: f64,
    spread: f64,
}

#[derive(Debug, Clone)]
enum Mixed {
    Candidate(Nodes),
    Baseline(Nodes),
}

/// The difference or ratio of two means of bounded values, from samples without common ids.
#[derive(Debug, Clone)]
pub struct Melded<'a> {
    less: Claim<'a>,
    greater: Claim<'a>,
    ends: (f64, f64),
}

/// A sample as one claim sees it, and as the other: they differ where values are missing.
#[derive(Debug, Clone, Copy)]
pub struct Facing<'a> {
    /// With what is missing at the upper end.
    pub high: &'a Weighed,
    /// With what is missing at the lower end.
    pub low: &'a Weighed,
}

impl<'a> Melded<'a> {
    /// `None` where a distribution has no quantiles, or for a ratio of what may be negative.
    #[must_use]
    pub fn new(candidate: Facing<'a>, baseline: Facing<'a>, against: Against) -> Option<Self> {
        let ((low, high), (b_low, b_high)) = (candidate.high.ends(), baseline.high.ends());
        let ends = match against {
            Against::Difference => (low - b_high, high - b_low),
            Against::Ratio => (0.0, f64::INFINITY),
        };
        if against == Against::Ratio && (low < 0.0 || b_low < 0.0) {
            return None;
        }
        let less = Claim::less(candidate.high, baseline.low, against)?;
        let greater = Claim::greater(candidate.low, baseline.high, against)?;
        Some(Self { less, greater, ends })
    }

    /// p-values of the difference or ratio against `theta`. `None` where it is not finite.
    #[must_use]
    pub fn tails(&self, theta: f64) -> Option<Tails> {
        if !theta.is_finite() {
            return None;
        }
        Tails::new(self.less.p(theta, true)?, self.greater.p(theta, false)?)
    }

    /// The limits of [`Melded::tails`]. `None` unless `0 < alpha < 1`.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let z = normal_upper_quantile(level(alpha)?)?;
        let upper =
            self.less.guess(z).and_then(|guess| threshold(z, &guess, self.ends, |t| self.less.p(t, true)));
        let (low, high) = self.ends;
        let lower = self.greater.guess(-z).and_then(|guess| {
            let mirrored = Guess { at: -guess.at, ..guess };
            threshold(z, &mirrored, (-high, -low), |t| self.greater.p(-t, false))
        });
        Some(Bounds { lower: lower.map(|limit| -limit), upper })
    }
}

impl<'a> Claim<'a> {
    /// "Less": how large the candidate may be, how small the baseline.
    fn less(candidate: &'a Weighed, baseline: &'a Weighed, against: Against) -> Option<Self> {
        let ours = |alpha: f64| candidate.upper(alpha);
        let theirs = |alpha: f64| baseline.lower(alpha);
        Self::new((candidate, baseline), against, (&ours, true), (&theirs, false))
    }

    /// "Greater": how small the candidate may be, how large the baseline.
    fn greater(candidate: &'a Weighed, baseline: &'a Weighed, against: Against) -> Option<Self> {
        let ours = |alpha: f64| candidate.lower(alpha);
        let theirs = |alpha: f64| baseline.upper(alpha);
        Self::new((candidate, baseline), against, (&ours, false), (&theirs, true))
    }

    fn new(
        (candidate, baseline): (&'a Weighed, &'a Weighed),
        against: Against,
        ours: (Quantile<'_>, bool),
        theirs: (Quantile<'_>, bool),
    ) -> Option<Self> {
        let (c, b) = (Centre::of(ours)?, Centre::of(theirs)?);
        // The narrower of two distributions is the one to mix over: the other is smooth beside it.
        let nodes = if c.spread < b.spread {
            Mixed::Candidate(nodes(ours)?)
        } else {
            Mixed::Baseline(nodes(theirs)?)
        };
        Some(Self { candidate, baseline, against, nodes, centres: [c, b] })
    }

    /// Where the claim is about to be shown; none for a ratio to what may be nothing.
    fn guess(&self, z: f64) -> Option<Guess> {
        let [c, b] = self.centres;
        let (at, error) = match self.against {
            Against::Difference => (c.at - b.at, c.spread.hypot(b.spread)),
            Against::Ratio => {
                let ratio = c.at / b.at;
                (ratio, c.spread.hypot(ratio * b.spread) / b.at)
            }
        };
        (at.is_finite() && error.is_finite() && error > 0.0).then_some(Guess { at: at + z * error, error })
    }

    /// The chance that the candidate's bound and the baseline's are at `theta` or beyond it.
    fn p(&self, theta: f64, less: bool) -> Option<f64> {
        // A ratio of zero or below is what no candidate can have.
        if self.against == Against::Ratio && theta <= 0.0 {
            return Some(if less { 1.0 } else { 0.0 });
        }
        let mut p = 0.0;
        match &self.nodes {
            Mixed::Baseline(nodes) => {
                for (baseline, weight) in nodes {
                    let t = self.against.candidate(*baseline, theta);
                    p += weight
                        * if less { at_least(self.candidate, t)? } else { at_most(self.candidate, t)? };
                }
            }
            Mixed::Candidate(nodes) => {
                for (candidate, weight) in nodes {
                    let t = self.against.baseline(*candidate, theta);
                    p += weight * if less { at_most(self.baseline, t)? } else { at_least(self.baseline, t)? };
                }
            }
        }
        Some(p.min(1.0))
    }
}

/// `P(U >= t)`.
fn at_least(sample: &Weighed, t: f64) -> Option<f64> {
    let (low, high) = sample.ends();
    if t <= low {
        Some(1.0)
    } else if t > high {
        Some(0.0)
    } else {
        sample.less(t)
    }
}

/// `P(L <= t)`.
fn at_most(sample: &Weighed, t: f64) -> Option<f64> {
    let (low, high) = sample.ends();
    if t >= high {
        Some(1.0)
    } else if t < low {
        Some(0.0)
    } else {
        sample.greater(t)
    }
}

/// The quantiles of a confidence distribution by the level, and whether they fall as the level grows.
type Quantile<'q> = &'q dyn Fn(f64) -> Option<f64>;

/// The quantile at a normal quantile `z`.
fn at((quantile, upper): (Quantile<'_>, bool), z: f64) -> Option<f64> {
    let split = normal_split(if upper { z } else { -z })?;
    quantile(split.upper.clamp(1e-15, 1.0 - 1e-15))
}

impl Centre {
    fn of(quantile: (Quantile<'_>, bool)) -> Option<Self> {
        let (low, high) = (at(quantile, -1.0)?, at(quantile, 1.0)?);
        Some(Self { at: at(quantile, 0.0)?, spread: (high - low).abs() / 2.0 })
    }
}

/// The quantiles of a confidence distribution; one node where it has a single value.
fn nodes(quantile: (Quantile<'_>, bool)) -> Option<Nodes> {
    if at(quantile, -REACH)?.to_bits() == at(quantile, REACH)?.to_bits() {
        return Some(vec![(at(quantile, 0.0)?, 1.0)]);
    }
    let count = (2.0 * REACH / STEP).round() as i32;
    let place = |i: i32| STEP.mul_add(f64::from(i), -REACH);
    let weight = |z: f64| (-0.5 * z * z).exp();
    let total: f64 = (0..=count).map(|i| weight(place(i))).sum();
    (0..=count).map(|i| Some((at(quantile, place(i))?, weight(place(i)) / total))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::proportion;

    fn facing(side: &Weighed) -> Facing<'_> {
        Facing { high: side, low: side }
    }

    /// `P(U - L >= m)` by 20,000 equally likely Clopper-Pearson limits of the baseline.
    #[test]
    fn by_brute_force() {
        for ((kc, nc), (kb, nb)) in [((3, 3), (780, 1000)), ((12, 200), (30, 200)), ((0, 50), (4, 800))] {
            let (ours, theirs) = (Weighed::rate(kc, nc).unwrap(), Weighed::rate(kb, nb).unwrap());
            for (against, theta) in [
                (Against::Difference, 0.0),
                (Against::Difference, 0.03),
                (Against::Ratio, 1.2),
                (Against::Ratio, 0.9),
            ] {
                let got = Melded::new(facing(&ours), facing(&theirs), against).unwrap().tails(theta).unwrap();
                let steps = 20_000;
                let (mut less, mut greater) = (0.0, 0.0);
                for i in 0..steps {
                    let level = (f64::from(i) + 0.5) / f64::from(steps);
                    let (lower, upper) = (theirs.lower(level).unwrap(), theirs.upper(level).unwrap());
                    let exact = |t: f64, low: bool| {
                        let at = proportion::exact_tails(kc as f64, nc as f64, t.clamp(0.0, 1.0)).unwrap();
                        match (low, t) {
                            (true, t) if t > 1.0 => 0.0,
                            (true, t) if t <= 0.0 => 1.0,
                            (true, _) => at.less,
                            (false, t) if t < 0.0 => 0.0,
                            (false, t) if t >= 1.0 => 1.0,
                            (false, _) => at.greater,
                        }
                    };
                    less += exact(against.candidate(lower, theta), true);
                    greater += exact(against.candidate(upper, theta), false);
                }
                let (less, greater) = (less / f64::from(steps), greater / f64::from(steps));
                assert!(
                    (got.less - less).abs() < 2e-4,
                    "{kc}/{nc} {kb}/{nb} {against:?} {theta}: {got:?} {less}"
                );
                assert!((got.greater - greater).abs() < 2e-4, "{against:?} {theta}: {got:?} {greater}");
            }
        }
    }

    /// Without events in the baseline nothing is below it: the test is that of the candidate alone.
    #[test]
    fn no_events_in_the_baseline_are_exact() {
        let (ours, theirs) = (Weighed::rate(2, 100).unwrap(), Weighed::rate(0, 40).unwrap());
        let melded = Melded::new(facing(&ours), facing(&theirs), Against::Difference).unwrap();
        let alone = proportion::exact_tails(2.0, 100.0, 0.05).unwrap();
        assert!((melded.tails(0.05).unwrap().less / alone.less - 1.0).abs() < 1e-8);
    }

    /// Exact enumeration: a bad candidate at the margin passes no more often than the level says.
    #[test]
    fn the_level_holds_at_the_margin() {
        let log_factorial: Vec<f64> = (0..=400_u32)
            .scan(0.0, |sum, i| {
                *sum += f64::from(i.max(1)).ln();
                Some(*sum)
            })
            .collect();
        let chance = |k: usize, n: usize, p: f64| {
            let choose = log_factorial[n] - log_factorial[k] - log_factorial[n - k];
            (choose + k as f64 * p.ln() + (n - k) as f64 * (1.0 - p).ln()).exp()
        };
        let mut worst = 0.0_f64;
        for (nc, nb, margin) in [(20, 60, 0.1), (60, 20, 0.05), (40, 40, 0.0)] {
            for pb in [0.02, 0.1, 0.3, 0.5] {
                let pc = pb + margin;
                let mut size = 0.0;
                for kb in 0..=nb {
                    let theirs = Weighed::rate(kb as u64, nb as u64).unwrap();
                    // Fewer events never pass worse: look for the last that passes.
                    for kc in 0..=nc {
                        let ours = Weighed::rate(kc as u64, nc as u64).unwrap();
                        let melded =
                            Melded::new(facing(&ours), facing(&theirs), Against::Difference).unwrap();
                        if melded.tails(margin).unwrap().less > 0.05 {
                            break;
                        }
                        size += chance(kb, nb, pb) * chance(kc, nc, pc);
                    }
                }
                worst = worst.max(size);
            }
        }
        assert!(worst > 0.01 && worst <= 0.05, "{worst}");
    }
}
