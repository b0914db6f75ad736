//! One report as a page.

use maud::{Markup, html};

use super::said::{badge, outcome, shown, sign};
use super::{frame, gates, ground};
use crate::report::v1::{NextStep, Report, ReportFinding, ReportGate};

/// So many gates stand above the plot with their reason.
const MOST_REASONS: usize = 10;

/// The page of one report.
pub(super) fn page(report: &Report) -> String {
    let word = report.decision.0.word().to_uppercase();
    frame::page(&format!("{word}: {}", name(report)), &report.tool.version, &content(report))
}

/// What a page says of a report.
pub(super) fn content(report: &Report) -> Markup {
    html! {
        (verdict(report))
        main {
            (why(report))
            (next(report))
            (findings("errors", "Errors", &report.errors))
            @if !report.gates.is_empty() { (gates::section(report)) }
            (findings("warnings", "Warnings", &report.warnings))
            (ground::changes(report))
            (ground::risks(report))
            (ground::waivers(report))
            (ground::evidence(report))
            (ground::artifacts(report))
            (ground::policy(report))
            (ground::again(report))
        }
    }
}

/// What is released.
pub(super) fn name(report: &Report) -> String {
    match &report.release {
        Some(release) => format!("{} {}", release.name, release.version),
        None => "a release that could not be read".to_owned(),
    }
}

fn verdict(report: &Report) -> Markup {
    let outcome = outcome(report.decision.0);
    let word = report.decision.0.word().to_uppercase();
    html! {
        header class={ "verdict " (outcome.word()) } {
            h1 { (shown(&name(report))) }
            p.word { span aria-hidden="true" { (sign(outcome)) } " " (word) }
            p.headline { (shown(&report.headline())) "." }
            @if let Some(release) = &report.release {
                @if let Some(summary) = &release.summary { p.summary { (shown(summary)) } }
                p.meta {
                    (release.release_type.0.to_string())
                    @if let Some(since) = &report.changes_since { ", baseline " (shown(since)) }
                    ", judged as of " (report.as_of.to_string())
                }
            }
        }
    }
}

/// Why it is no pass: the gates that stand in the way.
fn why(report: &Report) -> Markup {
    let open: Vec<(usize, &ReportGate)> =
        report.gates.iter().enumerate().filter(|(_, gate)| gate.stops).collect();
    if open.is_empty() {
        return html! {};
    }
    html! {
        section id="why" aria-labelledby="why-title" {
            h2 id="why-title" { "Why" }
            ul.why {
                @for (place, gate) in open.iter().take(MOST_REASONS) {
                    li { (badge(gate.outcome.0)) " " a href={ "#" (gates::anchor(*place)) } { (shown(&gate.id)) } ": " (shown(&gate.reason.text)) "." }
                }
            }
            @if open.len() > MOST_REASONS { p.note { "and " (open.len() - MOST_REASONS) " more gates, see below" } }
        }
    }
}

/// What to do now, and what else could be done.
fn next(report: &Report) -> Markup {
    let next = &report.next;
    html! {
        section.next id="next" aria-labelledby="next-title" {
            h2 id="next-title" { "Next step: " (words(next.step.0)) }
            p { (shown(&next.text)) "." }
            @for other in &next.otherwise {
                p { "Or " (shown(&other.text)) "." }
                @if !other.lines.is_empty() {
                    pre tabindex="0" { code { @for line in &other.lines { (shown(line)) "\n" } } }
                }
            }
        }
    }
}

fn words(step: NextStep) -> &'static str {
    match step {
        NextStep::RepairInput => "correct the input",
        NextStep::RepairData => "repair the data",
        NextStep::Mend => "mend the release",
        NextStep::MoreSamples => "evaluate more",
        NextStep::GoBack => "go back",
        NextStep::Waive => "have the risk accepted",
        NextStep::Ship => "ship",
    }
}

fn findings(id: &str, title: &str, findings: &[ReportFinding]) -> Markup {
    if findings.is_empty() {
        return html! {};
    }
    html! {
        section id=(id) {
            h2 { (title) }
            ul.findings { @for finding in findings { li { (shown(&finding.in_a_line())) " " span.code { (shown(&finding.code)) } } } }
        }
    }
}
