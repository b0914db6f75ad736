//! The shape of an estimate: a value that travels with its limits, its n, and the name of its method.

use super::told::Beside;
use crate::stats::{Bounds, Tails};

/// How an estimate's uncertainty was found; the closed list of `method` in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Exact binomial.
    ClopperPearson,
    /// Gaffke's bound for a mean of bounded values, by sample, pair or cluster.
    Gaffke,
    /// The same for values without an upper end.
    GaffkeOpen,
    /// Student's t on the values, or on differences.
    StudentT,
    /// The same on cluster sums, with Bell and `McCaffrey`'s degrees of freedom.
    Cr2T,
    /// Exact binomial on the exceedances, with order statistics as limits.
    OrderStatistics,
    /// Two confidence distributions melded.
    Melded,
    /// Limits of two samples, each at half of the level.
    TwoLimits,
    /// Exact binomial tests on both sides of every value of the baseline.
    QuantilePair,
    /// t on `c - R b`, with Fieller's interval.
    Fieller,
    /// Seeded resampling of a statistic of summed counts.
    PairedBootstrap,
    /// Seeded resampling of items.
    ItemBootstrap,
    /// t on the difference of two strengths of Bradley and Terry's model.
    BradleyTerry,
    /// A judge's verdicts corrected by labels (PPI++), exact binomial at the size of a sample that sure.
    LabelledJudge,
    /// A judge's verdicts corrected by what is known of it from elsewhere.
    RoganGladen,
    /// A judge's verdicts as they are, with limits on what it would say, not on what is true.
    JudgeRate,
    /// All event counts that round to a stated rate.
    RoundedCounts,
    /// A stated standard error, never narrower than the number of samples allows.
    StatedError,
    /// Limits that the evidence states.
    StatedInterval,
    /// A number without any uncertainty.
    Point,
    /// A fact about the listed cases only.
    Observed,
}

impl Method {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ClopperPearson => "clopper-pearson",
            Self::Gaffke => "gaffke",
            Self::GaffkeOpen => "gaffke-open",
            Self::StudentT => "student-t",
            Self::Cr2T => "cr2-t",
            Self::OrderStatistics => "order-statistics",
            Self::Melded => "melded",
            Self::TwoLimits => "two-limits",
            Self::QuantilePair => "quantile-pair",
            Self::Fieller => "fieller",
            Self::PairedBootstrap => "paired-bootstrap",
            Self::ItemBootstrap => "item-bootstrap",
            Self::BradleyTerry => "bradley-terry",
            Self::LabelledJudge => "labelled-judge",
            Self::RoganGladen => "rogan-gladen",
            Self::JudgeRate => "judge-rate",
            Self::RoundedCounts => "rounded-counts",
            Self::StatedError => "stated-error",
            Self::StatedInterval => "stated-interval",
            Self::Point => "point",
            Self::Observed => "observed",
        }
    }
}

/// A measured quantity with its one-sided limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The value, over the scored samples.
    pub value: Option<f64>,
    /// The lower limit, each limit at `confidence`; none where it is unbounded or cannot be computed.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
    /// Whether the lower side is unbounded, as opposed to not computed.
    pub unbounded_below: bool,
    /// Whether the upper side is unbounded.
    pub unbounded_above: bool,
    /// One-sided confidence of each limit.
    pub confidence: f64,
    /// Samples with a usable score; of a comparison pairs, or the candidate's samples.
    pub n: Option<u64>,
    /// True samples among them, or exceedances of the threshold for a quantile.
    pub events: Option<u64>,
    /// Clusters of samples that are not independent within.
    pub clusters: Option<u64>,
    /// Selected rows.
    pub selected: Option<u64>,
    /// Rows in the evidence.
    pub rows: Option<u64>,
    /// Selected rows without a usable score.
    pub missing: Option<u64>,
    /// How the limits were found.
    pub method: Method,
}

/// Why there is no p-value, or why a small one is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortfall {
    /// No row was selected, or none has a score.
    NoSamples,
    /// Too few samples to tell from them how much the values vary.
    TooFew,
    /// All values are equal and nothing bounds the unseen ones.
    ZeroVariance,
    /// No pair differs, so nothing says how far an unseen one may.
    NoDifference,
    /// A number without n, standard error or interval.
    NoUncertainty,
    /// A stated rate that may be any of many counts once its last digit is taken off, and the worst of them is not good enough.
    Rounded,
    /// Missing samples of a metric without a bound on the bad side.
    MissingUnbounded,
    /// A relative change against a baseline of zero or below; an error.
    BaselineNotPositive,
    /// A sum, a mean or a ratio that is no finite number; an error.
    NotFinite,
    /// Fewer than 100 items have two ratings.
    FewRatedTwice,
    /// All ratings are the same, so that nobody can tell agreement from chance.
    AgreementUndefined,
    /// A statistic of two raters, and there are not two.
    NotTwoRaters,
    /// A statistic that wants the same number of ratings for every item.
    UnevenRatings,
    /// So many different ratings that they are no categories.
    TooManyRatings,
    /// Nothing leads from some of the versions to the others.
    Disconnected,
    /// Some of the versions never lost to the others, or never won.
    Undefeated,
    /// Nobody labelled a row.
    NoLabels,
    /// A judge that tells true from false no better than a coin, as far as anybody knows.
    JudgeUseless,
    /// A judge known from elsewhere, and cases that are not independent.
    JudgeInClusters,
}

impl Shortfall {
    /// Whether it is about raters, versions or judges.
    #[must_use]
    pub fn is_of_people(self) -> bool {
        matches!(
            self,
            Self::FewRatedTwice
                | Self::AgreementUndefined
                | Self::NotTwoRaters
                | Self::UnevenRatings
                | Self::TooManyRatings
                | Self::Disconnected
                | Self::Undefeated
                | Self::NoLabels
                | Self::JudgeUseless
                | Self::JudgeInClusters
        )
    }
}

/// The largest cluster that was seen, where the evidence does not say how large one can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargestCluster {
    /// The field that names the cluster.
    pub field: String,
    /// Samples of the largest.
    pub samples: u64,
}

/// What an answer takes for granted; where that does not hold, neither does its error rate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assumed {
    /// No cluster is larger than the largest that was seen.
    pub largest_cluster: Option<LargestCluster>,
    /// Values as far out as matter have been seen.
    pub spread_seen: bool,
}

impl Assumed {
    /// Whether the answer is promised: nothing is taken for granted.
    #[must_use]
    pub fn nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What each of the two claims takes for granted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assumptions {
    /// Of "less than the threshold".
    pub less: Assumed,
    /// Of "greater than the threshold".
    pub greater: Assumed,
}

impl Assumptions {
    /// The same of both claims.
    #[must_use]
    pub fn both(assumed: Assumed) -> Self {
        Self { less: assumed.clone(), greater: assumed }
    }

    /// As the claims of the negative quantity see it.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self { less: self.greater, greater: self.less }
    }
}

/// The limits of an estimate at another confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimitsAt {
    /// One-sided confidence of each limit.
    pub confidence: f64,
    /// The limits.
    pub limits: Bounds,
}

impl Estimate {
    /// Nothing was measured.
    #[must_use]
    pub fn nothing(method: Method) -> Self {
        Self {
            value: None,
            lower: None,
            upper: None,
            unbounded_below: false,
            unbounded_above: false,
            confidence: f64::NAN,
            n: None,
            events: None,
            clusters: None,
            selected: None,
            rows: None,
            missing: None,
            method,
        }
    }

    /// With other limits; a side without one ends at what the quantity can be, or nowhere.
    #[must_use]
    pub fn within(mut self, at: LimitsAt, (lowest, highest): (Option<f64>, Option<f64>)) -> Self {
        let most = |limit: f64| limit.clamp(lowest.unwrap_or(f64::MIN), highest.unwrap_or(f64::MAX));
        self.lower = at.limits.lower.map(most).or(lowest);
        self.upper = at.limits.upper.map(most).or(highest);
        self.unbounded_below = self.lower.is_none();
        self.unbounded_above = self.upper.is_none();
        self.confidence = at.confidence;
        self
    }
}

impl Assessment {
    /// Without p-values, and why.
    #[must_use]
    pub(super) fn short(estimate: Estimate, shortfall: Shortfall) -> Self {
        Self {
            estimate,
            at_fail: None,
            tails: None,
            assumptions: Assumptions::default(),
            shortfall: Some(shortfall),
            fact: None,
            needed: None,
            operating: None,
            levels: None,
            beside: Beside::default(),
        }
    }

    /// A fact, which holds or not in the worst and in the best case of what is missing.
    #[must_use]
    pub(super) fn of_fact(estimate: Estimate, fact: (bool, bool)) -> Self {
        Self { shortfall: None, fact: Some(fact), ..Self::short(estimate, Shortfall::NoSamples) }
    }

    /// A gate that does not apply: nothing was measured for it.
    #[must_use]
    pub fn not_measured() -> Self {
        Self::short(Estimate::nothing(Method::Point), Shortfall::NoSamples)
    }

    /// A count of listed things, exact and complete.
    #[must_use]
    pub fn counted(events: u64, n: u64) -> Self {
        let value = Some(events as f64);
        let estimate = Estimate {
            value,
            lower: value,
            upper: value,
            confidence: 1.0,
            n: Some(n),
            events: Some(events),
            selected: Some(n),
            missing: Some(0),
            ..Estimate::nothing(Method::Observed)
        };
        let holds = events == 0;
        Self::of_fact(estimate, (holds, holds))
    }

    /// What the answer rests on: clusters where there are any, else samples; of a comparison the fewer of both sides.
    #[must_use]
    pub fn support(&self) -> Option<u64> {
        let of = |estimate: &Estimate| estimate.clusters.or(estimate.n);
        match &self.levels {
            Some(levels) if !levels.paired => {
                of(&levels.candidate).zip(of(&levels.baseline)).map(|(ours, theirs)| ours.min(theirs))
            }
            _ => of(&self.estimate),
        }
    }
}

/// A quantity assessed against one threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// What is shown.
    pub estimate: Estimate,
    /// The limits at the level of a fail, where they are other ones.
    pub at_fail: Option<LimitsAt>,
    /// The p-values of `theta < T` and `theta > T`; none where none can be computed.
    pub tails: Option<Tails>,
    /// What they take for granted.
    pub assumptions: Assumptions,
    /// What stands in the way of a pass.
    pub shortfall: Option<Shortfall>,
    /// For an observed fact: whether it holds in the worst and in the best case of the missing rows.
    pub fact: Option<(bool, bool)>,
    /// The size of a fresh run, where one is worth naming.
    pub needed: Option<super::Needed>,
    /// How likely such a run passes, whatever is true; none where its method's chances cannot be reckoned.
    pub operating: Option<super::Operating>,
    /// For a comparison, whose `estimate` is the change: the candidate's and the baseline's own.
    pub levels: Option<Box<Levels>>,
    /// What is told beside it and judged by nothing.
    pub beside: Beside,
}

/// What a comparison compares.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// The candidate's estimate.
    pub candidate: Estimate,
    /// The baseline's estimate.
    pub baseline: Estimate,
    /// Whether the change is relative to the baseline.
    pub relative: bool,
    /// Whether both were measured on the same ids.
    pub paired: bool,
}
