//! What a reader of code has to look at: everything in a report that is no pass, with its place and how much it matters.

use super::v1::{Report, ReportAcceptance, ReportFinding, ReportGate};
use crate::gate::Outcome;
use crate::verdict::Decision;

/// How much something matters. The order is that in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// The release may not ship for it.
    Stops,
    /// It stands in the way of nothing, and is worth a look.
    Warns,
    /// Somebody has accepted it.
    Accepted,
}

/// One thing to look at.
pub(super) struct Issue<'a> {
    /// The gate's id, or the finding's code.
    pub(super) rule: &'a str,
    /// The gate that it is about; none for a finding.
    pub(super) gate: Option<&'a ReportGate>,
    pub(super) urgency: Urgency,
    /// What it is, in a few words.
    pub(super) title: String,
    /// Why, in a sentence.
    pub(super) text: String,
    /// What to do.
    pub(super) help: Vec<&'a str>,
    /// The file: that of the manifest where no other is known.
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<u64>,
    pub(super) column: Option<u64>,
    pub(super) accepted: Option<&'a ReportAcceptance>,
}

/// All of them, what stops the release first.
pub(super) fn issues(report: &Report) -> Vec<Issue<'_>> {
    let gates = report.gates.iter().filter_map(|gate| of_gate(report, gate));
    let stops = report.decision.0 != Decision::Pass;
    let errors = report
        .errors
        .iter()
        .map(|finding| of_finding(report, finding, if stops { Urgency::Stops } else { Urgency::Warns }));
    let warnings = report.warnings.iter().map(|finding| of_finding(report, finding, Urgency::Warns));
    let mut all: Vec<Issue<'_>> = gates.chain(errors).chain(warnings).collect();
    all.sort_by_key(|issue| issue.urgency);
    all
}

fn of_gate<'a>(report: &'a Report, gate: &'a ReportGate) -> Option<Issue<'a>> {
    if matches!(gate.outcome.0, Outcome::Pass | Outcome::NotApplicable) {
        return None;
    }
    let place = gate.place.as_ref();
    Some(Issue {
        rule: &gate.id,
        gate: Some(gate),
        urgency: match (gate.stops, &gate.waived) {
            (true, _) => Urgency::Stops,
            (false, Some(_)) => Urgency::Accepted,
            (false, None) => Urgency::Warns,
        },
        title: format!("{} {}{}", gate.id, gate.came_to(), gate.lacks()),
        text: gate.reason.text.clone(),
        help: gate.reason.advice.iter().map(String::as_str).collect(),
        file: place.map(|place| place.file.as_str()).or(report.manifest.as_deref()),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        accepted: gate.waived.as_ref(),
    })
}

fn of_finding<'a>(report: &'a Report, finding: &'a ReportFinding, urgency: Urgency) -> Issue<'a> {
    Issue {
        rule: &finding.code,
        gate: None,
        urgency,
        title: finding.code.clone(),
        text: finding.text.clone(),
        help: finding.help.iter().map(String::as_str).collect(),
        file: finding.file.as_deref().or(report.manifest.as_deref()),
        line: finding.line,
        column: finding.column,
        accepted: None,
    }
}

impl Issue<'_> {
    /// Why and what to do, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let signed = self.accepted.map(|waiver| {
            format!("waived: {} (accepted by {}, until {})", waiver.reason, waiver.approver, waiver.expires)
        });
        let help = self.help.iter().map(|help| format!("help: {help}"));
        [self.text.clone()].into_iter().chain(signed).chain(help).collect()
    }
}
