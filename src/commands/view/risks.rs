//! The register of risks: what each stands on, and what that came to.

use super::View;
use super::built_in::Told;
use crate::gate::Outcome;
use crate::manifest::{RiskAssessment, RiskSpec, RiskStanding};
use crate::report::v1::{ReportRisk, ReportRiskAccepted, ReportRiskAssessment, ReportRiskTest, Word};
use crate::verdict::{GateResult, testing};

impl View<'_> {
    /// What the gate of a risk says.
    pub(super) fn risk(&self, gate: &str) -> Told {
        let risk = self.release.manifest.risks.iter().find(|risk| risk.gate() == gate);
        let tests = risk.map(|risk| self.tests(risk)).unwrap_or_default();
        let listed = |tests: &[&ReportRiskTest]| {
            tests.iter().map(|test| format!("{} {}", test.id, test.came_to())).collect::<Vec<_>>().join(", ")
        };
        let (signals, gates): (Vec<&ReportRiskTest>, Vec<&ReportRiskTest>) =
            tests.iter().partition(|test| test.outcome.is_none() && test.signal);
        let result = self.judgement.verdict.gates.iter().find(|result| result.judged.id() == gate);
        let outcome = result.map_or(Outcome::Error, |result| result.outcome);
        let found = match risk.map(|risk| &risk.standing) {
            _ if outcome == Outcome::Error => {
                let day = risk.map_or_else(String::new, |risk| risk.review.value.to_string());
                format!("its review was due by {day}")
            }
            Some(RiskStanding::NotApplicable(why)) => format!("not applicable: {}", why.value),
            Some(RiskStanding::Assessed(RiskAssessment { accepted: Some(accepted), .. }))
                if tests.is_empty() =>
            {
                format!("accepted by {}, and nothing tests it: {}", accepted.by, accepted.reason)
            }
            Some(RiskStanding::Assessed(_)) if gates.is_empty() => {
                let names: Vec<&str> = signals.iter().map(|test| test.id.as_str()).collect();
                format!("tested in production only, by {}", names.join(", "))
            }
            _ => listed(&gates),
        };
        let owner = risk.map_or("its owner", |risk| risk.owner.value.as_str());
        let advice = match outcome {
            Outcome::Error => format!("{owner} looks at the risk again, and writes the next day into `review`"),
            Outcome::Inconclusive => {
                "see what keeps these gates from an answer; one that is switched off in this release tests nothing".to_owned()
            }
            _ => "mend what fails; the risk follows".to_owned(),
        };
        Told {
            what: "open gates",
            holds: format!("every gate that tests it holds: {}", listed(&gates)),
            found,
            advice,
        }
    }

    fn tests(&self, risk: &RiskSpec) -> Vec<ReportRiskTest> {
        let monitoring = self.release.manifest.monitoring.as_ref();
        let signals = monitoring.map(crate::manifest::MonitoringSpec::signal_ids).unwrap_or_default();
        let mut tests = Vec::new();
        for test in risk.tested_by() {
            let signal = signals.contains(&test.value);
            let told = |gate: &GateResult| ReportRiskTest {
                id: gate.judged.id().to_owned(),
                outcome: Some(Word(gate.outcome)),
                waived: !gate.waived.is_empty(),
                signal: false,
            };
            let gates: Vec<ReportRiskTest> =
                testing(&test.value, &self.judgement.verdict.gates).map(told).collect();
            if signal || gates.is_empty() {
                tests.push(ReportRiskTest { id: test.value.clone(), outcome: None, waived: false, signal });
            }
            tests.extend(gates);
        }
        tests
    }

    /// The register.
    pub(super) fn risks(&self, as_of: chrono::NaiveDate) -> Vec<ReportRisk> {
        let outcome = |risk: &RiskSpec| {
            let gates = &self.judgement.verdict.gates;
            let result = gates.iter().find(|result| result.judged.id() == risk.gate());
            result.map_or(Outcome::Error, |result| result.outcome)
        };
        let one = |risk: &RiskSpec| ReportRisk {
            id: risk.id.value.clone(),
            title: risk.title.clone(),
            gate: risk.gate(),
            outcome: Word(outcome(risk)),
            assessment: match &risk.standing {
                RiskStanding::NotApplicable(_) => None,
                RiskStanding::Assessed(assessment) => Some(self.assessment(risk, assessment)),
            },
            not_applicable: match &risk.standing {
                RiskStanding::NotApplicable(why) => Some(why.value.clone()),
                RiskStanding::Assessed(_) => None,
            },
            owner: risk.owner.value.clone(),
            review: risk.review.value,
            review_due: risk.review.value < as_of,
            refs: risk.refs.iter().map(|one| one.value.clone()).collect(),
        };
        self.release.manifest.risks.iter().map(one).collect()
    }

    fn assessment(&self, risk: &RiskSpec, assessment: &RiskAssessment) -> ReportRiskAssessment {
        ReportRiskAssessment {
            likelihood: Word(assessment.likelihood),
            impact: Word(assessment.impact),
            residual: Word(assessment.residual),
            mitigation: assessment.mitigation.clone(),
            tested_by: self.tests(risk),
            accepted: assessment.accepted.as_ref().map(|accepted| ReportRiskAccepted {
                by: accepted.by.clone(),
                reason: accepted.reason.clone(),
            }),
        }
    }
}
