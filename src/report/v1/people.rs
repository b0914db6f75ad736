//! What stands beside a gate's figures in a report: a judge raw and corrected, raters, versions, a further run.

use serde::{Deserialize, Serialize};

use super::wire::Finite;
use crate::metric::{Beside, JudgeFigures, Rater, Rerun, Version};
use crate::stats::corrected::Unlabelled;

/// A judge's verdicts as they are, and how they were corrected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportJudge {
    /// The judge rate: cases that it calls true over all that it looked at.
    pub rate: Finite,
    /// Those cases.
    pub events: u64,
    /// All that it looked at.
    pub n: u64,
    /// Whether labels, or what is known of the judge, correct it; else every output calls the figure a judge rate.
    pub corrected: bool,
    /// Cases that people labelled; none where they are not what corrects it.
    pub labels: Option<u64>,
    /// Whether the labels alone were judged.
    pub labels_alone: bool,
    /// True cases that it calls true.
    pub sensitivity: ReportShare,
    /// False cases that it calls false.
    pub specificity: ReportShare,
}

/// A share of cases; of none nothing is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportShare {
    /// The share.
    pub value: Finite,
    /// Cases in which the judge is right.
    pub events: u64,
    /// All cases of the kind.
    pub n: u64,
}

/// What one person's ratings came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRater {
    /// The name as the evidence writes it.
    pub name: String,
    /// Ratings that count.
    pub ratings: u64,
    /// Their mean; none of names.
    pub mean: Finite,
    /// Whether two or more of them are all the same.
    pub constant: bool,
}

/// The strength of one of several versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportVersion {
    /// Its name as the evidence writes it.
    pub name: String,
    /// How much stronger it is than the average: the logarithm of the odds to be preferred.
    pub strength: Finite,
    /// The lower limit, one-sided at the stricter of the gate's levels.
    pub lower: Finite,
    /// The upper limit.
    pub upper: Finite,
    /// Comparisons in which it stood on one side.
    pub comparisons: u64,
}

/// What an identical run, or other raters of the same items, would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRerun {
    /// Cases that have two results or more.
    pub cases: u64,
    /// Whether those are of several raters.
    pub of_raters: bool,
    /// The share of verdicts that would be another one; none where results are numbers.
    pub flips: Finite,
    /// The chance that the value lies on the other side of the threshold.
    pub crosses: Finite,
    /// The chance that the gate comes to another outcome.
    pub changes: Finite,
}

impl ReportJudge {
    /// Of a judge's figures.
    #[must_use]
    pub fn of(judge: &JudgeFigures) -> Self {
        Self {
            rate: rate(judge.raw),
            events: judge.raw.events,
            n: judge.raw.n,
            corrected: !judge.is_uncorrected(),
            labels: judge.labels,
            labels_alone: judge.alone.is_some(),
            sensitivity: ReportShare::of(judge.sensitivity),
            specificity: ReportShare::of(judge.specificity),
        }
    }
}

impl ReportShare {
    fn of(share: Unlabelled) -> Self {
        Self { value: rate(share), events: share.events, n: share.n }
    }
}

fn rate(of: Unlabelled) -> Finite {
    (of.n > 0).then(|| of.events as f64 / of.n as f64).into()
}

impl ReportRater {
    /// The raters of a gate.
    #[must_use]
    pub fn all(beside: &Beside) -> Vec<Self> {
        let of = |rater: &Rater| Self {
            name: rater.name.clone(),
            ratings: rater.ratings,
            mean: rater.mean.into(),
            constant: rater.constant,
        };
        beside.raters.iter().map(of).collect()
    }
}

impl ReportVersion {
    /// The versions of a gate.
    #[must_use]
    pub fn all(beside: &Beside) -> Vec<Self> {
        let of = |version: &Version| Self {
            name: version.name.clone(),
            strength: version.strength.into(),
            lower: version.lower.into(),
            upper: version.upper.into(),
            comparisons: version.comparisons,
        };
        beside.versions.iter().map(of).collect()
    }
}

impl ReportRerun {
    /// Of what cases with several results say.
    #[must_use]
    pub fn of(rerun: &Rerun) -> Self {
        Self {
            cases: rerun.cases,
            of_raters: rerun.of_raters,
            flips: rerun.flips.into(),
            crosses: rerun.crosses.into(),
            changes: rerun.changes.into(),
        }
    }
}
