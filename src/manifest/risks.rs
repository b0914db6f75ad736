//! The register of risks: what could go wrong, what is done about it, and which gates and signals show that it works.

use chrono::NaiveDate;

use super::words::RiskLevel;
use crate::diagnostic::{Span, Spanned};

/// The risks of NIST AI 600-1 (Artificial Intelligence Risk Management Framework: Generative AI Profile, July 2024, section 2), by
/// the id that a register uses and their title there, in its order.
pub const NIST_RISKS: &[(&str, &str)] = &[
    ("cbrn", "CBRN information or capabilities"),
    ("confabulation", "Confabulation"),
    ("dangerous-violent-hateful-content", "Dangerous, violent, or hateful content"),
    ("data-privacy", "Data privacy"),
    ("environmental-impacts", "Environmental impacts"),
    ("harmful-bias-homogenization", "Harmful bias and homogenization"),
    ("human-ai-configuration", "Human-AI configuration"),
    ("information-integrity", "Information integrity"),
    ("information-security", "Information security"),
    ("intellectual-property", "Intellectual property"),
    ("obscene-degrading-abusive-content", "Obscene, degrading, and/or abusive content"),
    ("value-chain-component-integration", "Value chain and component integration"),
];

/// One risk of the register.
#[derive(Debug, Clone)]
pub struct RiskSpec {
    /// One of [`NIST_RISKS`], or an id of the release's own.
    pub id: Spanned<String>,
    /// What it is called.
    pub title: String,
    /// What is known of it.
    pub standing: RiskStanding,
    /// Who looks after it.
    pub owner: Spanned<String>,
    /// The day on which somebody looks at it again.
    pub review: Spanned<NaiveDate>,
    /// Where more about it stands: identifiers of other catalogues, documents.
    pub refs: Vec<Spanned<String>>,
}

/// What is known of a risk.
#[derive(Debug, Clone)]
pub enum RiskStanding {
    /// It cannot come up, for this reason.
    NotApplicable(Spanned<String>),
    /// It was assessed.
    Assessed(RiskAssessment),
}

/// How large a risk is, and what is done about it.
#[derive(Debug, Clone)]
pub struct RiskAssessment {
    /// How likely it is without mitigation.
    pub likelihood: RiskLevel,
    /// How bad it would be.
    pub impact: RiskLevel,
    /// What is left of it with the mitigation.
    pub residual: RiskLevel,
    /// What is done about it.
    pub mitigation: String,
    /// The gates and signals that show whether that works.
    pub tested_by: Vec<Spanned<String>>,
    /// Who accepted what is left of it.
    pub accepted: Option<RiskAccepted>,
    /// Where it stands.
    pub span: Span,
}

/// Who accepted what is left of a risk, and why.
#[derive(Debug, Clone)]
pub struct RiskAccepted {
    /// Somebody else than its owner.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl RiskSpec {
    /// What the gate's identifiers of all risks begin with.
    pub const PREFIX: &'static str = "risk:";

    /// The identifier of its gate.
    #[must_use]
    pub fn gate(&self) -> String {
        format!("{}{}", Self::PREFIX, self.id.value)
    }

    /// The gates and signals that test it.
    #[must_use]
    pub fn tested_by(&self) -> &[Spanned<String>] {
        match &self.standing {
            RiskStanding::NotApplicable(_) => &[],
            RiskStanding::Assessed(assessment) => &assessment.tested_by,
        }
    }
}
