//! The report as Markdown, fit for a pull-request comment.
//!
//! Every text that somebody else wrote is escaped: no link, mention, HTML or table cell can be smuggled in.

use std::fmt::Write as _;

use super::kind::{Kind, Several};
use crate::gate::Outcome;
use crate::report::changes;
use crate::report::diff;
use crate::report::escape::{escape, fenced};
use crate::report::number::{count, percent};
use crate::report::table::Table;
use crate::report::v1::{Report, ReportEvidence, ReportFinding, ReportGate, ReportPolicy, Told};
use crate::verdict::Decision;

pub(super) const KIND: Kind = Kind {
    name: "markdown",
    about: "for a pull-request comment",
    file: "report.md",
    media: "text/markdown",
    always: true,
    several: Several::Apart,
    report: |report, _| render(report),
    ending: None,
    comparison: Some(|comparison, _| diff::markdown(comparison)),
    history: None,
};

fn render(report: &Report) -> String {
    let mut text = String::new();
    let word = report.decision.0.word().to_uppercase();
    let _ = writeln!(text, "## {} relgate: {word}\n", mark(report.decision.0));
    let _ = writeln!(text, "{}.\n", escape(&report.headline()));
    if let Some(summary) = report.release.as_ref().and_then(|release| release.summary.as_ref()) {
        let _ = writeln!(text, "> {}\n", escape(summary));
    }
    if !report.gates.is_empty() {
        text.push_str(&gates(report));
    }
    open_gates(&mut text, report);
    for line in report.evidence.iter().filter_map(ReportEvidence::errors_in_a_line) {
        let _ = writeln!(text, "\n{}.", escape(&line));
    }
    findings(&mut text, "Errors", &report.errors);
    findings(&mut text, "Warnings", &report.warnings);
    if let Some(policy) = &report.policy {
        details(&mut text, report, policy);
    }
    next(&mut text, report);
    text
}

fn gates(report: &Report) -> String {
    let mut table = Table::new(["gate", "candidate \\[limits\\]", "threshold", "outcome"], 0..0);
    for gate in &report.gates {
        let [id, measured, asked] = [&gate.id, &gate.measured(), &gate.asked()].map(|text| escape(text));
        table.row([id, measured, asked, gate.came_to()]);
        let few = gate.slices.len() <= 8;
        for slice in gate.slices.iter().filter(|slice| few || slice.outcome.0 != Outcome::Pass) {
            let name = format!("&emsp;{}", escape(&slice.key.name()));
            let measured = escape(&gate.measured_in(slice));
            table.row([name, measured, String::new(), slice.outcome.0.word().to_owned()]);
        }
    }
    table.markdown()
}

fn open_gates(text: &mut String, report: &Report) {
    let open: Vec<&ReportGate> = report.gates.iter().filter(|gate| gate.outcome.0 != Outcome::Pass).collect();
    if open.is_empty() {
        return;
    }
    text.push_str("\n### What did not pass\n\n");
    for gate in open {
        let _ = write!(
            text,
            "- **{}** {}{}: {}.",
            escape(&gate.id),
            gate.came_to(),
            gate.lacks(),
            escape(&gate.reason.text)
        );
        if let Some(cases) = gate.named_cases() {
            let _ = write!(text, " *Cases:* {}.", escape(&cases));
        }
        for waiver in report.waivers_of(gate) {
            let _ = write!(text, " *Waived:* {}.", escape(&waiver.sentence()));
        }
        if let (Some(advice), true) = (&gate.reason.advice, gate.waived.is_none() && !report.is_next(gate)) {
            let _ = write!(text, " *What to do:* {}.", escape(advice));
        }
        text.push('\n');
    }
}

/// The step to take, behind what else could be done.
fn next(text: &mut String, report: &Report) {
    let next = &report.next;
    text.push_str("\n### Next\n\n");
    for step in &next.otherwise {
        let _ = writeln!(text, "Or {}.\n", escape(&step.text));
        if !step.lines.is_empty() {
            let _ = writeln!(text, "{}\n", fenced(&step.lines, "yaml"));
        }
    }
    let _ = writeln!(text, "{}.", escape(&next.text));
}

fn findings(text: &mut String, title: &str, findings: &[ReportFinding]) {
    if findings.is_empty() {
        return;
    }
    let _ = write!(text, "\n### {title}\n\n");
    for finding in findings {
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!(" ({}:{line})", escape(file)),
            (Some(file), None) => format!(" ({})", escape(file)),
            _ => String::new(),
        };
        let _ = writeln!(text, "- {}{place}", escape(&finding.text));
    }
}

fn details(text: &mut String, report: &Report, policy: &ReportPolicy) {
    if !report.changed.is_empty() {
        text.push_str("\n### What changed\n\n");
    }
    let (shown, left_out) = changes::shown(&report.changed, MOST_CHANGES);
    for line in shown {
        let word = match line.told.0 {
            Told::Looser => "**looser:** ",
            Told::MayBeLooser => "**may be looser:** ",
            Told::Changed => "",
        };
        let _ = writeln!(text, "- {word}{}", escape(&line.text));
    }
    if left_out > 0 {
        let _ = writeln!(text, "- and {left_out} more (report.json has all)");
    }
    text.push_str("\n<details><summary>Artifacts and evidence</summary>\n\n");
    let mut artifacts = Table::new(["artifact", "version", "sha256"], 0..0);
    for artifact in &report.artifacts {
        let name = format!("{} {}", escape(&artifact.kind), escape(&artifact.name));
        let digest = artifact.sha256.as_deref().map(digits).unwrap_or_default();
        artifacts.row([name, escape(&artifact.version), digest]);
    }
    text.push_str(&artifacts.markdown());
    match report.release.as_ref().and_then(|release| release.lock_sha256.as_ref()) {
        Some(hex) => {
            let _ = writeln!(text, "\nAs locked (the lock has sha256 {}).", digits(hex));
        }
        None => text.push_str("\nNot locked: `relgate lock` writes down what each artifact is.\n"),
    }
    let mut entries = Table::new(["evidence", "format", "rows", "selected", "scored", "sha256"], 0..0);
    for evidence in &report.evidence {
        entries.row(evidence_cells(evidence));
    }
    let _ = write!(text, "\n{}", entries.markdown());
    let level = |level: Option<f64>| level.map_or_else(|| "unknown".to_owned(), percent);
    let _ = writeln!(
        text,
        "\nPass at {} confidence, fail at {}; blocking gates required on {}; judged as of {} by relgate {}.\n\n</details>",
        level(policy.confidence.get()),
        level(policy.fail_confidence.get()),
        escape(&report.requirement()),
        report.as_of,
        escape(&report.tool.version)
    );
}

fn evidence_cells(evidence: &ReportEvidence) -> [String; 6] {
    let rows = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), count);
    [
        escape(&evidence.name),
        escape(&evidence.format),
        rows(evidence.rows),
        rows(evidence.selected),
        rows(evidence.scored),
        digits(&evidence.sha256),
    ]
}

/// The digits of a digest that people compare.
fn digits(hex: &str) -> String {
    escape(hex.get(..12).unwrap_or(hex))
}

/// So many lines on what changed.
const MOST_CHANGES: usize = 50;

fn mark(decision: Decision) -> &'static str {
    match decision {
        Decision::Pass => "✅",
        Decision::Inconclusive => "❔",
        Decision::Error => "⚠️",
        Decision::Fail => "❌",
    }
}
