//! The report as Markdown, fit for a pull-request comment.
//!
//! Every text that somebody else wrote is escaped: no link, mention, HTML or table cell can be smuggled in. A hidden marker in
//! the first line lets a bot find its comment again. What does not fit into a comment is counted; the verdict, what did not pass
//! and the next step are always there.

use std::fmt::Write as _;

use super::kind::{Kind, Several};
use super::risks;
use crate::gate::Outcome;
use crate::report::changes;
use crate::report::diff;
use crate::report::escape::{clipped, escape, fenced};
use crate::report::number::{count, percent};
use crate::report::page::decisive;
use crate::report::sections::{Section, fitted};
use crate::report::v1::{Report, ReportEvidence, ReportFinding, ReportGate, ReportPolicy, Told};
use crate::verdict::Decision;

pub(super) const KIND: Kind = Kind {
    name: "markdown",
    about: "for a pull-request comment",
    file: "report.md",
    media: "text/markdown",
    always: true,
    report: |report, _| document(std::slice::from_ref(report)),
    ending: None,
    several: Several::Whole(|reports, _| document(reports)),
    comparison: Some(|comparison, _| diff::markdown(comparison)),
    history: None,
    is_own: |text| {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or("");
        let judged =
            first.starts_with(MARKER) && lines.next().is_some_and(|next| next.contains(" relgate: "));
        judged || (first.starts_with("## ") && first.contains(" relgate diff: "))
    },
    shared: None,
};

/// How the hidden line begins that stays the same from one report of a release to the next.
const MARKER: &str = "<!-- relgate";
/// GitHub refuses a comment of more than 65,536 characters; a bot may want to add some.
const LONGEST: usize = 65_000;
/// A report that gets less of that is told in the table alone.
const LEAST: usize = 4_000;
/// So many characters of a text of other people are shown.
const LONGEST_TEXT: usize = 1_500;
/// So many lines on what changed.
const MOST_CHANGES: usize = 50;

/// Text of other people.
fn told(text: &str) -> String {
    escape(&clipped(text, LONGEST_TEXT))
}

/// One report, or what several come to and then each of them.
pub(super) fn document(reports: &[Report]) -> String {
    let [report] = reports else { return together(reports) };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = report.release.as_ref().map(|release| release.name.chars().filter(|c| plain(*c)));
    let name = name.map_or_else(String::new, |name| format!(":{}", name.collect::<String>()));
    let marker = format!("{MARKER}{name} -->\n");
    let room = LONGEST - marker.len();
    marker + &page(report, room)
}

fn together(reports: &[Report]) -> String {
    let Some(worst) = decisive(reports) else { return format!("{MARKER} -->\n") };
    let mut text = format!(
        "{MARKER} -->\n## {} relgate: {} ({} releases)\n\n| release | verdict | why | next |\n|---|---|---|---|\n",
        mark(worst),
        worst.word().to_uppercase(),
        count(reports.len() as u64)
    );
    let rows: Vec<String> = reports.iter().map(overview).collect();
    let all: usize = rows.iter().map(String::len).sum();
    let shown = rows.iter().scan(text.len() + 200, |used, row| {
        *used += row.len();
        (*used <= LONGEST).then_some(row)
    });
    let shown: Vec<&String> = shown.collect();
    for row in &shown {
        text.push_str(row);
    }
    if shown.len() < rows.len() {
        let _ =
            writeln!(text, "\n{} more releases are left out here.", count((rows.len() - shown.len()) as u64));
        return text;
    }
    let room = (LONGEST - 200).saturating_sub(text.len()) / reports.len().max(1);
    if room < LEAST || all > LONGEST / 2 {
        text.push_str("\nEach release has its own report.md.\n");
        return text;
    }
    for report in reports {
        let _ = write!(text, "\n{}", page(report, room - 1));
    }
    text
}

/// A release in a row.
fn overview(report: &Report) -> String {
    let short = |text: &str| escape(&clipped(text, 300));
    format!(
        "| {} | {} {} | {} | {} |\n",
        short(&report.title()),
        mark(report.decision.0),
        report.decision.0.word(),
        short(&report.headline()),
        short(&report.next.text)
    )
}

/// The report in at most `room` bytes, as far as its fixed parts are not longer.
fn page(report: &Report, room: usize) -> String {
    let mut head = String::new();
    let word = report.decision.0.word().to_uppercase();
    let _ = writeln!(head, "## {} relgate: {word}\n", mark(report.decision.0));
    let _ = writeln!(head, "{}.", escape(&clipped(&report.headline(), 500)));
    if let Some(summary) = report.release.as_ref().and_then(|release| release.summary.as_ref()) {
        let _ = writeln!(head, "\n> {}", escape(&clipped(summary, 500)));
    }
    let errors = report.evidence.iter().filter_map(ReportEvidence::errors_in_a_line);
    let mut sections = vec![
        Section::fixed(head),
        Section::new(
            "\n| gate | candidate \\[limits\\] | threshold | outcome |\n|---|---|---|---|\n",
            gates(report),
            2,
        ),
        Section::new("\n### What did not pass\n\n", open_gates(report), 1),
        Section::new("\n", errors.map(|line| format!("{}.\n", told(&line))).collect(), 4),
        Section::new("\n### Errors\n\n", findings(&report.errors), 0),
        Section::new("\n### Warnings\n\n", findings(&report.warnings), 3),
        Section::new("\n### What changed\n\n", changed(report), 5),
        Section::new(
            &format!("\n### Risks\n\n{}", risks::HEAD),
            report.risks.iter().map(risks::row).collect(),
            6,
        ),
    ];
    if let Some(policy) = &report.policy {
        let details = Section::new(
            "\n<details><summary>Artifacts and evidence</summary>\n\n",
            details(report, policy),
            7,
        );
        sections.push(details.closed_by("\n</details>\n"));
    }
    sections.push(Section::fixed(next(report)));
    fitted(&sections, room)
}

/// A row a gate with its slices, what did not pass first where all of them are too many.
fn gates(report: &Report) -> Vec<String> {
    let mut gates: Vec<&ReportGate> = report.gates.iter().collect();
    if gates.len() > MANY_GATES {
        gates.sort_by_key(|gate| (!gate.stops, gate.outcome.0 == Outcome::Pass));
    }
    gates.into_iter().map(gate).collect()
}

/// More of them may not fit into a comment.
const MANY_GATES: usize = 100;
/// So many slices of a gate have a row.
const MOST_SLICES: usize = 20;

fn gate(gate: &ReportGate) -> String {
    let [id, measured, asked] = [&gate.id, &gate.measured(), &gate.asked()].map(|text| told(text));
    let mut rows = format!("| {id} | {measured} | {asked} | {} |\n", gate.came_to());
    let few = gate.slices.len() <= 8;
    let shown = || gate.slices.iter().filter(|slice| few || slice.outcome.0 != Outcome::Pass);
    for slice in shown().take(MOST_SLICES) {
        let [name, measured] = [slice.key.name(), gate.measured_in(slice)].map(|text| told(&text));
        let _ = writeln!(rows, "| &emsp;{name} | {measured} |  | {} |", slice.outcome.0.word());
    }
    let more = shown().count().saturating_sub(MOST_SLICES);
    if more > 0 {
        let _ = writeln!(rows, "| &emsp;and {} more that did not pass |  |  |  |", count(more as u64));
    }
    rows
}

fn open_gates(report: &Report) -> Vec<String> {
    let mut open: Vec<&ReportGate> =
        report.gates.iter().filter(|gate| !matches!(gate.outcome.0, Outcome::Pass)).collect();
    open.sort_by_key(|gate| !gate.stops);
    open.into_iter().map(|gate| open_gate(report, gate)).collect()
}

fn open_gate(report: &Report, gate: &ReportGate) -> String {
    let mut text =
        format!("- **{}** {}{}: {}.", told(&gate.id), gate.came_to(), gate.lacks(), told(&gate.reason.text));
    if let Some(cases) = gate.named_cases() {
        let _ = write!(text, " *Cases:* {}.", told(&cases));
    }
    for waiver in report.waivers_of(gate) {
        let _ = write!(text, " *Waived:* {}.", told(&waiver.sentence()));
    }
    if let (Some(advice), true) = (&gate.reason.advice, gate.waived.is_none() && !report.is_next(gate)) {
        let _ = write!(text, " *What to do:* {}.", told(advice));
    }
    text + "\n"
}

/// The step to take, behind what else could be done.
fn next(report: &Report) -> String {
    let next = &report.next;
    let mut text = String::new();
    if !next.otherwise.is_empty() {
        text.push_str("\n### Or\n\n");
    }
    for step in &next.otherwise {
        let _ = writeln!(text, "{}.\n", told(&step.text));
        if !step.lines.is_empty() {
            let lines: Vec<String> = step.lines.iter().map(|line| clipped(line, 300).into_owned()).collect();
            let _ = writeln!(text, "{}\n", fenced(&lines, "yaml"));
        }
    }
    let _ = writeln!(
        text,
        "{}### Next\n\n{}.",
        if next.otherwise.is_empty() { "\n" } else { "" },
        told(&next.text)
    );
    text
}

fn findings(findings: &[ReportFinding]) -> Vec<String> {
    let line = |finding: &ReportFinding| {
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!(" ({}:{line})", told(file)),
            (Some(file), None) => format!(" ({})", told(file)),
            _ => String::new(),
        };
        format!("- {}{place}\n", told(&finding.text))
    };
    findings.iter().map(line).collect()
}

fn changed(report: &Report) -> Vec<String> {
    let (shown, left_out) = changes::shown(&report.changed, MOST_CHANGES);
    let line = |line: &crate::report::v1::ReportLine| {
        let word = match line.told.0 {
            Told::Looser => "**looser:** ",
            Told::MayBeLooser => "**may be looser:** ",
            Told::Changed => "",
        };
        format!("- {word}{}\n", told(&line.text))
    };
    let rest = (left_out > 0).then(|| format!("- and {left_out} more (report.json has all)\n"));
    shown.iter().map(line).chain(rest).collect()
}

fn details(report: &Report, policy: &ReportPolicy) -> Vec<String> {
    let mut rows = vec!["| artifact | version | sha256 |\n|---|---|---|\n".to_owned()];
    for artifact in &report.artifacts {
        let name = format!("{} {}", told(&artifact.kind), told(&artifact.name));
        let digest = artifact.sha256.as_deref().map(digits).unwrap_or_default();
        rows.push(format!("| {name} | {} | {digest} |\n", told(&artifact.version)));
    }
    rows.push(match report.release.as_ref().and_then(|release| release.lock_sha256.as_ref()) {
        Some(hex) => format!("\nAs locked (the lock has sha256 {}).\n", digits(hex)),
        None => "\nNot locked: `relgate lock` writes down what each artifact is.\n".to_owned(),
    });
    rows.push(
        "\n| evidence | format | rows | selected | scored | sha256 |\n|---|---|---|---|---|---|\n".to_owned(),
    );
    let number = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), count);
    rows.extend(report.evidence.iter().map(|entry| {
        let counts = [entry.rows, entry.selected, entry.scored].map(number).join(" | ");
        format!(
            "| {} | {} | {counts} | {} |\n",
            told(&entry.name),
            told(&entry.format),
            entry.sha256.as_deref().map(digits).unwrap_or_default()
        )
    }));
    let level = |level: Option<f64>| level.map_or_else(|| "unknown".to_owned(), percent);
    rows.push(format!(
        "\nPass at {} confidence, fail at {}; blocking gates required on {}; judged as of {} by relgate {}.\n",
        level(policy.confidence.get()),
        level(policy.fail_confidence.get()),
        told(&report.requirement()),
        report.as_of,
        told(&report.tool.version)
    ));
    rows
}

/// The digits of a digest that people compare.
fn digits(hex: &str) -> String {
    escape(hex.get(..12).unwrap_or(hex))
}

fn mark(decision: Decision) -> &'static str {
    match decision {
        Decision::Pass => "✅",
        Decision::Inconclusive => "❔",
        Decision::Error => "⚠️",
        Decision::Fail => "❌",
    }
}
