//! What a gate may come to, and why: facts without wording.

use crate::manifest::{Binding, Enforcement};
use crate::metric::Shortfall;

/// The outcome of one gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The rule holds, with the asked confidence.
    Pass,
    /// Switched off by `when`.
    NotApplicable,
    /// The evidence does not decide it.
    Inconclusive,
    /// It could not be judged.
    Error,
    /// The rule is broken, with the asked confidence.
    Fail,
}

impl Outcome {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::Fail => "fail",
        }
    }
}

/// Why a gate came to its outcome. The closed list of `reason.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Pass: the limit lies on the good side of the threshold.
    BoundClearsThreshold,
    /// Fail: the limit lies on the bad side.
    BoundViolatesThreshold,
    /// The threshold lies between the limits.
    ThresholdInsideInterval,
    /// Fewer samples than could ever show it; the least number.
    TooFewSamples(u64),
    /// Fewer samples than the gate's `min_samples`.
    BelowMinSamples(u64),
    /// Something stands in the way of a p-value, or of trusting it.
    Shortfall(Shortfall),
    /// The fail does not survive that several gates were looked at.
    FailUnadjusted,
    /// Pass: the fact holds for the listed cases.
    FactHolds,
    /// Fail: it does not.
    FactBroken,
    /// Missing rows could turn it either way.
    FactOpen,
    /// Pass, taken at face value: nobody knows how sure the number is.
    FaceValueHolds,
    /// Fail, taken at face value.
    FaceValueBroken,
    /// Its `when` switches it off.
    SwitchedOff,
    /// Bytes changed and the version did not.
    SilentChange,
    /// A phrase that every version must hold is lost.
    KeptPhraseLost,
    /// Something changed since the baseline that weighs as blocking, or nobody can tell.
    LooserChanges,
    /// A risk: every gate that tests it passes, or is waived.
    RiskTested,
    /// A risk: a gate that tests it fails.
    RiskGateFails,
    /// A risk: a gate that tests it did not come to an answer, or was not asked.
    RiskUntested,
    /// A risk that only signals of production test.
    RiskOnSignals,
    /// A risk that was accepted without a test.
    RiskAccepted,
    /// A risk that cannot come up.
    RiskNotApplicable,
    /// A risk whose review is due.
    RiskReviewDue,
    /// The evidence was made with other artifacts.
    EvidenceMismatch,
    /// The evidence does not say what it was made with, and must.
    EvidenceUnbound,
    /// The evidence is older than allowed.
    EvidenceTooOld,
}

/// What stands between a gate and an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonKind {
    /// The data have to be mended: nothing scored, rows without a score, evidence of something else.
    DataProblem,
    /// There are too few of them.
    TooFewSamples,
    /// There is enough to judge, and it does not decide.
    Undecided,
}

impl ReasonKind {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DataProblem => "data-problem",
            Self::TooFewSamples => "too-few-samples",
            Self::Undecided => "undecided",
        }
    }
}

impl Reason {
    /// What stands in the way of an answer; none where the gate has one.
    #[must_use]
    pub fn kind(self) -> Option<ReasonKind> {
        match self {
            Self::BoundClearsThreshold
            | Self::BoundViolatesThreshold
            | Self::FactHolds
            | Self::FactBroken
            | Self::FaceValueHolds
            | Self::FaceValueBroken
            | Self::SwitchedOff
            | Self::SilentChange
            | Self::KeptPhraseLost
            | Self::LooserChanges
            | Self::RiskTested
            | Self::RiskGateFails
            | Self::RiskUntested
            | Self::RiskOnSignals
            | Self::RiskAccepted
            | Self::RiskNotApplicable
            | Self::RiskReviewDue => None,
            Self::TooFewSamples(_)
            | Self::BelowMinSamples(_)
            | Self::Shortfall(Shortfall::TooFew | Shortfall::FewRatedTwice) => {
                Some(ReasonKind::TooFewSamples)
            }
            Self::ThresholdInsideInterval
            | Self::FailUnadjusted
            | Self::Shortfall(
                Shortfall::ZeroVariance
                | Shortfall::NoDifference
                | Shortfall::AgreementUndefined
                | Shortfall::Disconnected
                | Shortfall::Undefeated
                | Shortfall::JudgeUseless
                | Shortfall::JudgeInClusters,
            ) => Some(ReasonKind::Undecided),
            Self::FactOpen
            | Self::EvidenceMismatch
            | Self::EvidenceUnbound
            | Self::EvidenceTooOld
            | Self::Shortfall(
                Shortfall::NoSamples
                | Shortfall::NoUncertainty
                | Shortfall::Rounded
                | Shortfall::MissingUnbounded
                | Shortfall::BaselineNotPositive
                | Shortfall::NotTwoRaters
                | Shortfall::UnevenRatings
                | Shortfall::TooManyRatings
                | Shortfall::NoLabels
                | Shortfall::NotFinite,
            ) => Some(ReasonKind::DataProblem),
        }
    }

    /// The code that reports use.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BoundClearsThreshold => "bound-clears-threshold",
            Self::BoundViolatesThreshold => "bound-violates-threshold",
            Self::ThresholdInsideInterval => "threshold-inside-interval",
            Self::TooFewSamples(_) => "too-few-samples",
            Self::BelowMinSamples(_) => "below-min-samples",
            Self::Shortfall(shortfall) => match shortfall {
                Shortfall::NoSamples => "no-samples",
                Shortfall::TooFew => "too-few-for-a-variance",
                Shortfall::ZeroVariance => "zero-variance",
                Shortfall::NoUncertainty => "no-uncertainty",
                Shortfall::MissingUnbounded => "missing-samples-unbounded",
                Shortfall::NoDifference => "no-pair-differs",
                Shortfall::Rounded => "rounded",
                Shortfall::BaselineNotPositive => "baseline-not-positive",
                Shortfall::NotFinite => "not-finite",
                Shortfall::FewRatedTwice => "few-items-rated-twice",
                Shortfall::AgreementUndefined => "agreement-undefined",
                Shortfall::NotTwoRaters => "not-two-raters",
                Shortfall::UnevenRatings => "uneven-ratings",
                Shortfall::TooManyRatings => "too-many-ratings",
                Shortfall::Disconnected => "versions-not-connected",
                Shortfall::Undefeated => "version-undefeated",
                Shortfall::NoLabels => "no-labels",
                Shortfall::JudgeUseless => "judge-tells-nothing",
                Shortfall::JudgeInClusters => "judge-in-clusters",
            },
            Self::FailUnadjusted => "fail-unadjusted",
            Self::FactHolds => "fact-holds",
            Self::FactBroken => "fact-broken",
            Self::FactOpen => "fact-open",
            Self::FaceValueHolds => "face-value-holds",
            Self::FaceValueBroken => "face-value-broken",
            Self::SwitchedOff => "switched-off",
            Self::SilentChange => "silent-change",
            Self::KeptPhraseLost => "kept-phrase-lost",
            Self::LooserChanges => "looser-changes",
            Self::RiskTested => "risk-tested",
            Self::RiskGateFails => "risk-gate-fails",
            Self::RiskUntested => "risk-untested",
            Self::RiskOnSignals => "risk-on-signals",
            Self::RiskAccepted => "risk-accepted",
            Self::RiskNotApplicable => "risk-not-applicable",
            Self::RiskReviewDue => "risk-review-due",
            Self::EvidenceMismatch => "evidence-mismatch",
            Self::EvidenceUnbound => "evidence-unbound",
            Self::EvidenceTooOld => "evidence-too-old",
        }
    }
}

/// Whether a missing statement is a warning or an error.
#[must_use]
pub(super) fn is_required(binding: Binding) -> bool {
    match binding {
        Binding::Warn => false,
        Binding::Require => true,
    }
}

/// Whether a gate's outcome counts for the decision.
#[must_use]
pub(super) fn blocks(enforcement: Enforcement) -> bool {
    match enforcement {
        Enforcement::Block => true,
        Enforcement::Warn => false,
    }
}
