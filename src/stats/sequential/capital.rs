//! A few bets side by side.

use serde::{Deserialize, Serialize};
use serde_big_array::BigArray;

use super::Purpose;

/// Products within this factor of one are not yet folded into logarithms.
const FOLD: f64 = 1e60;

/// `ln` of the mean of `exp(log)`; negative infinity for none.
pub(super) fn log_mean_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return top;
    }
    let (mut sum, mut n) = (0.0, 0.0);
    for log in logs {
        sum += (log - top).exp();
        n += 1.0;
    }
    top + (sum / n).ln()
}

/// Equal parts of a capital of one, each in a bet of its own; their sum is a capital again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Capital<const N: usize> {
    purpose: Purpose,
    /// `ln` of what each part was multiplied by until the last fold.
    #[serde(with = "BigArray")]
    folded: [f64; N],
    /// `exp(folded) / N`.
    #[serde(with = "BigArray")]
    part: [f64; N],
    /// What each part was multiplied by since: products instead of sums of logarithms, as those take ten times as long.
    #[serde(with = "BigArray")]
    since: [f64; N],
    /// The highest capital so far, and its `ln`.
    peak: f64,
    highest: f64,
}

impl<const N: usize> Capital<N> {
    pub(super) fn new(purpose: Purpose) -> Self {
        let part = [1.0 / N as f64; N];
        Self { purpose, folded: [0.0; N], part, since: [1.0; N], peak: 1.0, highest: 0.0 }
    }

    /// Multiplies every part by a positive factor of its own.
    pub(super) fn multiply(&mut self, factors: [f64; N]) {
        let (mut sum, mut least, mut most) = (0.0, 1.0_f64, 1.0_f64);
        for ((since, part), factor) in self.since.iter_mut().zip(self.part).zip(factors) {
            *since *= factor;
            sum += *since * part;
            least = least.min(*since);
            most = most.max(*since);
        }
        if self.purpose == Purpose::Fail && sum > self.peak && sum.is_finite() {
            self.peak = sum;
            self.highest = self.highest.max(sum.ln());
        }
        if least < 1.0 / FOLD || most > FOLD {
            self.fold();
        }
    }

    /// The same with factors that may be too far from one for a number: their logarithms.
    pub(super) fn multiply_logs(&mut self, logs: [f64; N]) {
        self.fold();
        for (folded, log) in self.folded.iter_mut().zip(logs) {
            *folded += log;
        }
        self.fold();
        self.multiply([1.0; N]);
    }

    fn fold(&mut self) {
        let parts = self.folded.iter_mut().zip(&mut self.part).zip(&mut self.since);
        for ((folded, part), since) in parts {
            *folded += since.ln();
            *part = folded.exp() / N as f64;
            *since = 1.0;
        }
    }

    /// `ln` of what each part was multiplied by.
    pub(super) fn logs(&self) -> impl Iterator<Item = f64> + Clone {
        self.folded.iter().zip(&self.since).map(|(folded, since)| folded + since.ln())
    }

    pub(super) fn log_e(&self) -> f64 {
        log_mean_exp(self.logs())
    }

    pub(super) fn evidence(&self) -> f64 {
        match self.purpose {
            Purpose::Fail => self.highest,
            Purpose::Pass => self.log_e(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_a_mean_holds_where_the_mean_overflows() {
        assert!((log_mean_exp([1000.0, 1000.0].into_iter()) - 1000.0).abs() < 1e-12);
        assert!((log_mean_exp([-2000.0, 0.0].into_iter()) + 2.0_f64.ln()).abs() < 1e-12);
        assert!(log_mean_exp(std::iter::empty()).is_infinite());
    }

    /// Products that are folded now and then are the sums of logarithms, however far they go.
    #[test]
    fn folding_loses_nothing() {
        let mut capital = Capital::<2>::new(Purpose::Fail);
        for i in 0..50_000 {
            capital.multiply(if i < 20_000 { [1.2, 0.5] } else { [0.7, 1.9] });
        }
        let want = [2e4 * 1.2_f64.ln() + 3e4 * 0.7_f64.ln(), 2e4 * 0.5_f64.ln() + 3e4 * 1.9_f64.ln()];
        for (got, want) in capital.logs().zip(want) {
            assert!((got - want).abs() < 1e-8 * want.abs(), "{got} {want}");
        }
        assert!((capital.log_e() - log_mean_exp(want.into_iter())).abs() < 1e-4);
        assert!(capital.evidence() > 600.0 && capital.evidence().is_finite());
    }
}
