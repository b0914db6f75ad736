//! The waivers in the report: every one with what became of it, and a finding where one is of no use.

use chrono::NaiveDate;

use super::{Findings, View};
use crate::diagnostic::Diagnostic;
use crate::gate::{Gate, Outcome};
use crate::manifest::Reference;
use crate::report::v1::{ReportWaiver, SliceKey};
use crate::report::{self, WaiverFacts, WaiverFinding};
use crate::verdict::{GateResult, WaiverResult, WaiverState};

impl View<'_> {
    /// Every waiver with what became of it.
    pub(super) fn declared_waivers(&self) -> Vec<ReportWaiver> {
        self.judgement.verdict.waivers.iter().map(told).collect()
    }

    /// Waivers that are of no use, or of none any more.
    pub(super) fn waivers(&self, findings: &mut Findings, as_of: NaiveDate) {
        let verdict = &self.judgement.verdict;
        for told in &verdict.waivers {
            let waiver = &told.acceptance.waiver;
            let result = verdict.gates.iter().find(|result| result.judged.id() == waiver.gate.value);
            let found = match result.and_then(|result| Some((result, result.judged.declared()?))) {
                Some((result, gate)) => self.of_declared(told, result, gate, as_of),
                // The manifest reader refuses a waiver for a gate that does not exist.
                None => {
                    let unsigned = told.acceptance.unsigned.as_deref();
                    report::built_in_waiver_finding(waiver, (told.state, unsigned), result, as_of)
                }
            };
            let Some(WaiverFinding { severe, code, text }) = found else { continue };
            let finding = self.finding(&Diagnostic::error(code, text).at(waiver.gate.span, ""));
            if severe { findings.errors.push(finding) } else { findings.warnings.push(finding) }
        }
    }

    fn of_declared(
        &self,
        told: &WaiverResult,
        result: &GateResult,
        gate: &Gate,
        as_of: NaiveDate,
    ) -> Option<WaiverFinding> {
        let WaiverResult { acceptance, state } = told;
        let twin = Reference::Anchor.id_of(&acceptance.waiver.gate.value);
        let in_the_way = |other: &&GateResult| {
            let passed = matches!(other.outcome, Outcome::Pass | Outcome::NotApplicable);
            other.judged.id() == twin && other.judged.blocks() && !passed && other.waived.is_empty()
        };
        report::waiver_finding(&WaiverFacts {
            waiver: &acceptance.waiver,
            state: *state,
            result,
            bound: &gate.bound,
            limit: acceptance.limit,
            unsigned: acceptance.unsigned.as_deref(),
            would_do: acceptance.would_do.as_ref(),
            twin: self.judgement.verdict.gates.iter().find(in_the_way),
            as_of,
        })
    }
}

/// A waiver as the report has it.
fn told(told: &WaiverResult) -> ReportWaiver {
    let waiver = &told.acceptance.waiver;
    ReportWaiver {
        gate: waiver.gate.value.clone(),
        slice: waiver.slice.as_ref().map(|slice| {
            SliceKey(slice.value.iter().map(|(field, label)| (field.clone(), label.clone())).collect())
        }),
        state: match told.state {
            WaiverState::Used => ReportWaiver::USED,
            WaiverState::Unused => "unused",
            WaiverState::Expired => "expired",
            WaiverState::Unsigned => "unsigned",
            WaiverState::LimitNotMet(_) => "limit-not-met",
            WaiverState::NotEnough(_) => "not-enough",
            WaiverState::ForAnError => "for-an-error",
            WaiverState::OtherSlice => "other-slice",
        }
        .to_owned(),
        reason: waiver.reason.value.clone(),
        owner: waiver.owner.value.clone(),
        approver: waiver.approver.value.clone(),
        expires: waiver.expires.value,
        limit: waiver.limit.as_ref().map(|limit| limit.value.to_string()),
    }
}
