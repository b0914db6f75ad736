//! The words of the block: what was decided on which figures, which risks are left, who approved, what happened before, and where an
//! auditor finds each answer.

use std::fmt::Write as _;

use super::super::audit;
use super::super::risks;
use crate::report::escape::{clipped, escape};
use crate::report::v1::{Report, ReportGate};

/// The first line.
pub(super) const TITLE: &str = "## Release evaluation";
/// So many characters of a text of other people are shown.
const LONGEST_TEXT: usize = 500;

/// The block without its marks.
pub(super) fn text(report: &Report) -> String {
    let mut text = format!("{TITLE}\n\n");
    let word = report.decision.0.word().to_uppercase();
    let _ = writeln!(
        text,
        "**{}: {word}**, judged as of {} by relgate {}.",
        told(&report.title()),
        report.as_of,
        told(&report.tool.version)
    );
    let _ = writeln!(text, "{}.\n", told(&report.headline()));
    if let Some(error) = report.first_error() {
        let _ = writeln!(text, "Not judged: {}.\n", told(&error));
    }
    if !report.gates.is_empty() {
        text.push_str(
            "### Figures\n\n| gate | measured \\[limits\\] | asked | outcome |\n|---|---|---|---|\n",
        );
        report.gates.iter().filter(|gate| !gate.is_risk()).for_each(|gate| row(&mut text, gate));
        if let Some(limits) = report.limits_in_words() {
            let _ = writeln!(text, "\nThe {}.", told(&limits));
        }
        text.push('\n');
    }
    if !report.waivers.is_empty() {
        text.push_str("### Exceptions\n\n");
        for waiver in &report.waivers {
            let _ = writeln!(
                text,
                "- {} ({}): {}",
                told(&waiver.gate),
                told(&waiver.state),
                told(&waiver.sentence())
            );
        }
        text.push('\n');
    }
    text.push_str("### Risks\n\n");
    if report.policy.is_none() {
        text.push_str("Not provided: the release was not judged.\n\n");
    } else if report.risks.is_empty() {
        text.push_str("Not provided: the manifest has no register (`risks:`).\n\n");
    } else {
        text.push_str(risks::HEAD);
        text.extend(report.risks.iter().map(risks::row));
        text.push('\n');
    }
    text.push_str(&history(report));
    text.push_str("### For an auditor\n\nWhat can be asked, and what answers it. This is no claim of compliance with any law or standard.\n\n");
    text.push_str(&audit::table(&audit::answers(report)));
    text
}

fn row(text: &mut String, gate: &ReportGate) {
    let [id, measured, asked] = [&gate.id, &gate.measured(), &gate.asked()].map(|one| told(one));
    let _ = writeln!(text, "| {id} | {measured} | {asked} | {}{} |", gate.came_to(), gate.lacks());
    for slice in &gate.slices {
        let [name, measured] = [slice.key.name(), gate.measured_in(slice)].map(|one| told(&one));
        let _ = writeln!(text, "| &emsp;{name} | {measured} |  | {} |", slice.outcome.0.word());
    }
}

/// What the ledger says of the release and of those before it.
fn history(report: &Report) -> String {
    let mut text = "### Approvals and history\n\n".to_owned();
    let events = audit::events(report);
    if events.is_empty() {
        return text + "Not provided: the ledger has no event of this release (`relgate ledger`).\n\n";
    }
    text.push_str("| when | release | what | who wrote it |\n|---|---|---|---|\n");
    for event in events {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            told(&event.time),
            told(&format!("{} {}", event.name, event.version)),
            told(&event.text),
            told(&event.actor)
        );
    }
    text.push_str("\nWho wrote an event is a claim of that machine; a signature proves an approval.\n\n");
    text
}

fn told(text: &str) -> String {
    escape(&clipped(text, LONGEST_TEXT))
}
