//! When which share of the traffic was the candidate's.

use std::collections::BTreeMap;

/// The times of a rollout's steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepTimes {
    /// The candidate's planned shares, in order; frozen when the rollout began.
    pub weights: Vec<f64>,
    /// From when on (seconds since 1970, inclusive) to when (exclusive; open at the end) a step's weight was served. Times
    /// between an intent and what was read back belong to no step.
    pub spans: Vec<StepSpan>,
}

/// One stretch of time at one weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepSpan {
    /// The step, counted from 0.
    pub step: usize,
    /// Its beginning.
    pub from: f64,
    /// Its end; infinite while it goes on.
    pub to: f64,
}

impl StepTimes {
    /// One step that is older than every record.
    #[must_use]
    pub fn always(weight: f64) -> Self {
        let whole = StepSpan { step: 0, from: f64::NEG_INFINITY, to: f64::INFINITY };
        Self { weights: vec![weight], spans: vec![whole] }
    }

    /// The same where both releases answer every request: each is half of what is logged.
    #[must_use]
    pub fn halved(&self) -> Self {
        Self { weights: vec![0.5; self.weights.len()], spans: self.spans.clone() }
    }

    /// The step at a time.
    #[must_use]
    pub fn at(&self, time: f64) -> Option<usize> {
        self.spans.iter().find(|span| span.from <= time && time < span.to).map(|span| span.step)
    }

    /// The step that goes on.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.spans.last().map(|span| span.step)
    }

    /// When the first step began.
    #[must_use]
    pub fn began(&self) -> Option<f64> {
        self.spans.first().map(|span| span.from).filter(|from| from.is_finite())
    }
}

/// What is known of the time before full rollout, for the time after it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frozen {
    /// By signal, the limit of a rate or mean that stands for a comparison.
    pub limits: BTreeMap<String, f64>,
    /// By signal, what a value counted as at most.
    pub caps: BTreeMap<String, f64>,
    /// By signal, 64 quantiles of what the candidate showed.
    pub edges: BTreeMap<String, Vec<f64>>,
    /// Requests in the period that false alarms are counted in.
    pub requests: u64,
}

/// Which part of a release's life is watched.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Candidate beside stable.
    Beside,
    /// The candidate alone, since when (seconds since 1970), with what is known from before.
    Alone(f64, Frozen),
}

/// How units come to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// At random, in the shares of the steps.
    Random,
    /// Both releases answer every request, and people get the stable one's answer.
    Both,
    /// By name, or all at once: the two sides are not alike, and are not compared.
    Chosen,
}
