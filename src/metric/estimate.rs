//! The shape of an estimate: a value that travels with its limits, its n, and the name of its method.

use crate::stats::Tails;

/// How an estimate's uncertainty was found; the closed list of `method` in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Exact binomial.
    ClopperPearson,
    /// Student's t on the values.
    StudentT,
    /// Hall's skewness-corrected bound.
    Hall,
    /// Hoeffding's and Bentkus's bound for a mean of bounded values.
    HoeffdingBentkus,
    /// Gaffke's bound for a mean of bounded values.
    Gaffke,
    /// t on `y - T x`, with Fieller's interval.
    Fieller,
    /// Exact binomial on the exceedances, with order statistics as limits.
    OrderStatistics,
    /// A fact about the listed cases only.
    Observed,
    /// All event counts that round to a stated rate.
    RoundedCounts,
    /// Exact binomial with the sample size that a stated standard error is worth.
    EffectiveN,
    /// t with a stated standard error.
    StatedError,
    /// Limits that the evidence states.
    StatedInterval,
    /// A number without any uncertainty.
    Point,
    /// t on cluster sums.
    Cr1T,
    /// Student's t on the differences of pairs.
    PairedT,
    /// Newcombe's limits of the difference of independent rates.
    Newcombe,
    /// Welch's t of the difference of independent means.
    Welch,
    /// MOVER on order-statistic limits of two quantiles.
    Mover,
    /// Seeded resampling of a statistic of summed counts.
    PairedBootstrap,
}

impl Method {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ClopperPearson => "clopper-pearson",
            Self::StudentT => "student-t",
            Self::Hall => "hall",
            Self::HoeffdingBentkus => "hoeffding-bentkus",
            Self::Gaffke => "gaffke",
            Self::Fieller => "fieller",
            Self::OrderStatistics => "order-statistics",
            Self::Observed => "observed",
            Self::RoundedCounts => "rounded-counts",
            Self::EffectiveN => "effective-n",
            Self::StatedError => "stated-error",
            Self::StatedInterval => "stated-interval",
            Self::Point => "point",
            Self::Cr1T => "cr1-t",
            Self::PairedT => "paired-t",
            Self::Newcombe => "newcombe",
            Self::Welch => "welch",
            Self::Mover => "mover",
            Self::PairedBootstrap => "paired-bootstrap",
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
    /// Samples with a usable score.
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
    /// Fewer samples than any variance can be computed from.
    TooFew,
    /// All values are equal and nothing bounds the unseen ones.
    ZeroVariance,
    /// A number without n, standard error or interval.
    NoUncertainty,
    /// Missing samples of a metric without a bound on the bad side.
    MissingUnbounded,
    /// So skewed and so few that no method for means holds its level.
    TooSkewed,
    /// Clustered samples, and a method without a form for them.
    NoClusteredForm,
    /// A relative change against a baseline of zero or below; an error.
    BaselineNotPositive,
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
}

impl Assessment {
    /// A gate that does not apply: nothing was measured for it.
    #[must_use]
    pub fn not_measured() -> Self {
        Self {
            estimate: Estimate::nothing(Method::Point),
            tails: None,
            shortfall: Some(Shortfall::NoSamples),
            fact: None,
            needed: None,
            levels: None,
        }
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
        Self {
            estimate,
            tails: None,
            shortfall: None,
            fact: Some((holds, holds)),
            needed: None,
            levels: None,
        }
    }
}

/// A quantity assessed against one threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// What is shown.
    pub estimate: Estimate,
    /// The p-values of `theta < T` and `theta > T`; none where none can be computed.
    pub tails: Option<Tails>,
    /// What stands in the way of a pass.
    pub shortfall: Option<Shortfall>,
    /// For an observed fact: whether it holds in the worst and in the best case of the missing rows.
    pub fact: Option<(bool, bool)>,
    /// The size of a fresh run, where one is worth naming.
    pub needed: Option<super::Needed>,
    /// For a comparison, whose `estimate` is the change: the candidate's and the baseline's own.
    pub levels: Option<Box<Levels>>,
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
