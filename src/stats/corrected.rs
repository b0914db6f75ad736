//! A rate that a judge reports, corrected by labels: some cases that people looked at as well.
//!
//! The judge's verdicts on the many cases without a label are worth as much as they agree with the labels on those that have
//! one. Sources: Angelopoulos, Duchi & Zrnic, *PPI++: efficient prediction-powered inference* (2023); Rogan & Gladen,
//! *Estimating prevalence from the results of a screening test* (1978). The limits are this project's own: see [`Corrected`].

use super::moments::Moments;
use super::proportion::{clopper_pearson, exact_tails};
use super::tails::{Bounds, Tails};

/// Pseudo-cases that the judge is taken to have missed, and as many that it made up, in the variance only: a judge that never
/// erred among the labels may err all the same.
const PSEUDO: f64 = 2.0;
/// The share of its size that a corrected sample is taken to have. Without it a judge whose errors all lie on one side was seen to
/// hold its 95 % in as few as 93.9 % of evaluations (`cargo bench --bench judges`).
const SURE: f64 = 0.88;
/// Fewer labels of either kind than this say too little of the judge.
pub const LEAST_LABELS: u64 = 5;
/// Fewer cases that people and judge both call true than this say too little of it.
const LEAST_TOGETHER: u64 = 3;

/// Cases with a label, by what people said and what the judge said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Labelled {
    /// Both say true.
    pub both: u64,
    /// People say true, the judge false.
    pub missed: u64,
    /// The judge says true, people false.
    pub made_up: u64,
    /// Both say false.
    pub neither: u64,
}

impl Labelled {
    /// Cases with a label.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.positives().saturating_add(self.negatives())
    }

    /// Those that people call true.
    #[must_use]
    pub fn positives(&self) -> u64 {
        self.both.saturating_add(self.missed)
    }

    /// Those that people call false.
    #[must_use]
    pub fn negatives(&self) -> u64 {
        self.made_up.saturating_add(self.neither)
    }

    /// True and false of both ways round.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        Self { both: self.neither, missed: self.made_up, made_up: self.missed, neither: self.both }
    }
}

/// Cases without a label, by what the judge said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unlabelled {
    /// Those that it calls true.
    pub events: u64,
    /// All of them.
    pub n: u64,
}

/// A mean corrected by labels, as the paper has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Powered {
    /// How much the judge counts, from 0 (labels alone) to 1.
    pub lambda: f64,
    /// The mean.
    pub value: f64,
    /// The standard error of the normal approximation, which is too small where events are rare.
    pub standard_error: f64,
}

/// PPI++ for a mean: the labels, the judge's values of the same cases, and its values of the others; `lambda` as given, else the
/// best. `lambda = cov(Y, f) / ((1 + n/N) var(f))`, the covariance by `n` and the variance over all cases by one less than their
/// number; `value = lambda mean(f_N) + mean(Y - lambda f)`. None where one of the two sides is empty or a number is not finite.
#[must_use]
pub fn powered(labels: &[f64], judged: &[f64], others: &[f64], lambda: Option<f64>) -> Option<Powered> {
    let (n, m) = (labels.len() as f64, others.len() as f64);
    if labels.len() != judged.len() {
        return None;
    }
    let all: Vec<f64> = judged.iter().chain(others).copied().collect();
    let (y, f, rest) =
        (Moments::from_slice(labels)?, Moments::from_slice(judged)?, Moments::from_slice(others)?);
    let (mean_y, mean_f) = (y.mean()?, f.mean()?);
    let covariance = labels.iter().zip(judged).map(|(y, f)| (y - mean_y) * (f - mean_f)).sum::<f64>() / n;
    let pooled = Moments::from_slice(&all)?.variance()?;
    let best = if pooled > 0.0 { (covariance / ((1.0 + n / m) * pooled)).clamp(0.0, 1.0) } else { 0.0 };
    let lambda = lambda.unwrap_or(best);
    let gaps: Vec<f64> = labels.iter().zip(judged).map(|(y, f)| y - lambda * f).collect();
    let biased = |values: &[f64]| -> Option<f64> {
        let mean = Moments::from_slice(values)?.mean()?;
        Some(values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64)
    };
    let variance = lambda * lambda * biased(others)? / m + biased(&gaps)? / n;
    let value = lambda.mul_add(rest.mean()?, Moments::from_slice(&gaps)?.mean()?);
    (value.is_finite() && variance.is_finite()).then(|| Powered {
        lambda,
        value,
        standard_error: variance.sqrt(),
    })
}

/// A rate with a size: as sure as `events` of `n` independent cases would be.
///
/// PPI++ of true and false, its variance with two errors of the judge more of either kind, and 88 % of the size of a sample of
/// that variance, at least the number of labels and at most of all cases. A heuristic: its error rates are known by simulation only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// Events, no whole number as a rule.
    pub events: f64,
    /// The size.
    pub n: f64,
    /// How much the judge counts, from 0 (labels alone) to 1.
    pub lambda: f64,
}

/// Why labels stand alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alone {
    /// No case lacks a label.
    AllLabelled,
    /// Fewer than five labels of one kind.
    FewOfAKind,
    /// Judge and people agree on too few true, or too few false, cases.
    FewTogether,
    /// The judge says the same of every case, or its verdicts say nothing of the labels.
    Useless,
    /// Cases are not independent; whoever counts them knows.
    Dependent,
}

impl Corrected {
    /// By the judge's verdicts, where the labels say enough of it.
    ///
    /// # Errors
    /// See [`Alone`]: the labels stand alone.
    pub fn by_judge(labels: Labelled, others: Unlabelled) -> Result<Self, Alone> {
        if others.n == 0 {
            return Err(Alone::AllLabelled);
        }
        if labels.positives() < LEAST_LABELS || labels.negatives() < LEAST_LABELS {
            return Err(Alone::FewOfAKind);
        }
        if labels.both.min(labels.neither) < LEAST_TOGETHER {
            return Err(Alone::FewTogether);
        }
        let [both, missed, made_up] = [labels.both, labels.missed, labels.made_up].map(|count| count as f64);
        let (n, rest) = (labels.all() as f64, others.n as f64);
        let (judged, true_cases) = (both + made_up, both + missed);
        let covariance = both / n - (judged / n) * (true_cases / n);
        let all = judged + others.events as f64;
        let pooled = all * (1.0 - all / (n + rest)) / (n + rest - 1.0);
        if pooled <= 0.0 || covariance <= 0.0 {
            return Err(Alone::Useless);
        }
        let lambda = (covariance / ((1.0 + n / rest) * pooled)).clamp(0.0, 1.0);
        let q = others.events as f64 / rest;
        let value = (lambda * q + (true_cases - lambda * judged) / n).clamp(0.0, 1.0);
        let size = n + 2.0 * PSEUDO;
        let (missed, made_up) = (missed + PSEUDO, made_up + PSEUDO);
        let first = (both * (1.0 - lambda) + missed - lambda * made_up) / size;
        let second = (both * (1.0 - lambda).powi(2) + missed + lambda * lambda * made_up) / size;
        let variance = lambda * lambda * q * (1.0 - q) / rest + (second - first * first) / (n - 1.0);
        let effective = (SURE * value * (1.0 - value) / variance).clamp(n, n + rest);
        Ok(Self { events: value * effective, n: effective, lambda })
    }

    /// The labels alone.
    #[must_use]
    pub fn by_labels(labels: Labelled) -> Self {
        Self { events: labels.positives() as f64, n: labels.all() as f64, lambda: 0.0 }
    }

    /// The rate; none of nothing.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.n > 0.0).then(|| self.events / self.n)
    }

    /// Limits of Clopper and Pearson at that size.
    #[must_use]
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        clopper_pearson(self.events, self.n, alpha)
    }

    /// The exact binomial test at that size.
    #[must_use]
    pub fn tails(&self, t: f64) -> Option<Tails> {
        exact_tails(self.events, self.n, t)
    }
}

/// How well a judge is known: how often it says true of what is true, and false of what is false.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// True cases that it calls true, of so many.
    pub sensitivity: Unlabelled,
    /// False cases that it calls false, of so many.
    pub specificity: Unlabelled,
}

/// A rate corrected by what is known of the judge from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoganGladen {
    /// `(q + specificity - 1) / (sensitivity + specificity - 1)`, which may lie outside of 0 to 1.
    pub value: f64,
    /// By the delta method: `var(q) + p^2 var(sensitivity) + (1 - p)^2 var(specificity)`, over `(sensitivity + specificity - 1)^2`.
    pub standard_error: f64,
    /// `sensitivity + specificity - 1`: 0 for a judge that tosses a coin.
    pub youden: f64,
    /// Its lower limit at 95 %.
    pub youden_lower: f64,
}

/// The judge's rate over `judged` cases, corrected. Both shares are taken with half a case more of either kind, so that a judge
/// without an error is not taken for perfect. None without cases, or for a judge no better than a coin.
#[must_use]
pub fn rogan_gladen(judged: Unlabelled, known: &Known) -> Option<RoganGladen> {
    let share = |of: Unlabelled| {
        let (events, n) = (of.events as f64 + 0.5, of.n as f64 + 1.0);
        (events / n, (events / n) * (1.0 - events / n) / n)
    };
    if judged.n == 0 || known.sensitivity.n == 0 || known.specificity.n == 0 {
        return None;
    }
    let q = judged.events as f64 / judged.n as f64;
    let (_, var_q) = share(judged);
    let ((sensitivity, var_sensitivity), (specificity, var_specificity)) =
        (share(known.sensitivity), share(known.specificity));
    let youden = sensitivity + specificity - 1.0;
    let youden_lower = youden - 1.644_853_626_951_472_6 * (var_sensitivity + var_specificity).sqrt();
    if youden <= 0.0 {
        return None;
    }
    let value = (q + specificity - 1.0) / youden;
    let p = value.clamp(0.0, 1.0);
    let variance =
        (var_q + p * p * var_sensitivity + (1.0 - p).powi(2) * var_specificity) / (youden * youden);
    Some(RoganGladen { value, standard_error: variance.sqrt(), youden, youden_lower })
}

/// Limits that are promised whatever the judge is like, and wide: the rate is `q P(Y|f=1) + (1 - q) P(Y|f=0)` with the exact limit
/// of each of the three at a third of the level. None without cases or labels.
#[must_use]
pub fn stratified(labels: Labelled, others: Unlabelled, alpha: f64) -> Option<Bounds> {
    let third = alpha / 3.0;
    let limits = |events: u64, n: u64| match n {
        0 => Some((0.0, 1.0)),
        _ => {
            let bounds = clopper_pearson(events as f64, n as f64, third)?;
            Some((bounds.lower.unwrap_or(0.0), bounds.upper.unwrap_or(1.0)))
        }
    };
    let q = limits(others.events + labels.both + labels.made_up, others.n + labels.all())?;
    let called = limits(labels.both, labels.both + labels.made_up)?;
    let passed_over = limits(labels.missed, labels.missed + labels.neither)?;
    let mix = |q: f64, called: f64, passed_over: f64| q * called + (1.0 - q) * passed_over;
    let ends = |called: f64, passed_over: f64| [mix(q.0, called, passed_over), mix(q.1, called, passed_over)];
    let upper = ends(called.1, passed_over.1).into_iter().fold(0.0, f64::max);
    let lower = ends(called.0, passed_over.0).into_iter().fold(1.0, f64::min);
    Some(Bounds::new(lower, upper))
}
