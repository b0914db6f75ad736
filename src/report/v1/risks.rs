//! The register of risks in a report: what could go wrong, what shows that it does not, and who looks after it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::wire::{self, Word};
use crate::gate::Outcome;
use crate::manifest::RiskLevel;

/// One risk of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRisk {
    /// Its id: one of NIST AI 600-1, or the release's own.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The id of its gate in `gates`: `risk:ID`.
    pub gate: String,
    /// What that came to.
    pub outcome: Word<Outcome>,
    /// How large it is, and what is done about it; none for one that cannot come up.
    pub assessment: Option<ReportRiskAssessment>,
    /// Why it cannot come up; none for one that was assessed.
    pub not_applicable: Option<String>,
    /// Who looks after it.
    pub owner: String,
    /// The day on which somebody looks at it again.
    #[serde(with = "wire::text")]
    pub review: NaiveDate,
    /// Whether that day has passed.
    pub review_due: bool,
    /// Where more about it stands.
    pub refs: Vec<String>,
}

/// How large a risk is, and what is done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRiskAssessment {
    /// How likely it is without mitigation.
    pub likelihood: Word<RiskLevel>,
    /// How bad it would be.
    pub impact: Word<RiskLevel>,
    /// What is left of it.
    pub residual: Word<RiskLevel>,
    /// What is done about it.
    pub mitigation: String,
    /// What shows whether that works.
    pub tested_by: Vec<ReportRiskTest>,
    /// Who accepted what is left of it.
    pub accepted: Option<ReportRiskAccepted>,
}

/// A gate or signal that tests a risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRiskTest {
    /// Its id.
    pub id: String,
    /// What the gate came to; none for a signal, which is judged in production, and for a gate that was not asked.
    pub outcome: Option<Word<Outcome>>,
    /// Whether the release ships under a waiver of that gate.
    pub waived: bool,
    /// Whether it is a signal of `monitoring`.
    pub signal: bool,
}

/// Who accepted what is left of a risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRiskAccepted {
    /// Somebody else than the owner.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl ReportRiskTest {
    /// What it came to, in words.
    #[must_use]
    pub fn came_to(&self) -> String {
        match &self.outcome {
            Some(outcome) if self.waived => format!("{}, waived", outcome.0.word()),
            Some(outcome) => outcome.0.word().to_owned(),
            None if self.signal => "in production".to_owned(),
            None => "not asked".to_owned(),
        }
    }
}

impl ReportRisk {
    /// What shows that it is under control, in a line.
    #[must_use]
    pub fn shown_by(&self) -> String {
        let Some(assessment) = &self.assessment else {
            return format!(
                "not applicable: {}",
                self.not_applicable.as_deref().unwrap_or("no reason given")
            );
        };
        let tests = assessment.tested_by.iter().map(|test| format!("{} ({})", test.id, test.came_to()));
        let accepted = assessment.accepted.iter().map(|it| format!("accepted by {}: {}", it.by, it.reason));
        tests.chain(accepted).collect::<Vec<_>>().join("; ")
    }
}
