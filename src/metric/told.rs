//! What is told beside an estimate and judged by nothing: a judge, raters, versions, another run.

use crate::stats::corrected::{Alone, Unlabelled};

/// What a judge said, and how far people agree with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgeFigures {
    /// Cases that it calls true, of all that it looked at: the judge rate.
    pub raw: Unlabelled,
    /// Cases that people labelled; none where what is known of the judge comes from elsewhere, or nothing is.
    pub labels: Option<u64>,
    /// True cases that it calls true, of so many; of none where nothing is known.
    pub sensitivity: Unlabelled,
    /// False cases that it calls false, of so many.
    pub specificity: Unlabelled,
    /// Why the labels alone were judged; none where the judge counts as well.
    pub alone: Option<Alone>,
}

impl JudgeFigures {
    /// A judge of which nothing is known.
    #[must_use]
    pub fn uncorrected(raw: Unlabelled) -> Self {
        let nothing = Unlabelled::default();
        Self { raw, labels: None, sensitivity: nothing, specificity: nothing, alone: None }
    }

    /// Whether its verdicts stand as they are.
    #[must_use]
    pub fn is_uncorrected(&self) -> bool {
        self.labels.is_none() && self.sensitivity.n == 0
    }
}

/// The strength of one of several versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its name.
    pub name: String,
    /// How much stronger it is than the average, on a logarithmic scale.
    pub strength: f64,
    /// The lower limit, at the confidence of the gate.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
    /// Comparisons in which it stood on one side.
    pub comparisons: u64,
}

/// What is told beside an estimate and judged by nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Beside {
    /// The raters, by name.
    pub raters: Vec<Rater>,
    /// The versions, the strongest first.
    pub versions: Vec<Version>,
    /// Versions that nothing can be said of.
    pub apart: Vec<String>,
    /// The judge.
    pub judge: Option<JudgeFigures>,
    /// What another run of the same cases would change.
    pub rerun: Option<Rerun>,
}

/// What one person's ratings came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Rater {
    /// The name.
    pub name: String,
    /// Ratings.
    pub ratings: u64,
    /// Their mean; none of names, or of preferences for several versions.
    pub mean: Option<f64>,
    /// Whether all of them are the same, of two or more.
    pub constant: bool,
}

/// What an identical run, of the same cases by the same release, would come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rerun {
    /// Cases that have two results or more.
    pub cases: u64,
    /// Whether those are of several raters, so that the other run is another set of them.
    pub of_raters: bool,
    /// The share of verdicts that would be another one; none where results are no verdicts.
    pub flips: Option<f64>,
    /// The chance that the measured value lies on the other side of the threshold.
    pub crosses: Option<f64>,
    /// The chance that the gate comes to another outcome.
    pub changes: Option<f64>,
}
