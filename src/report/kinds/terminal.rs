//! The report for a person at a terminal: the verdict first, then the table, then what is not a pass.

use std::fmt::Write as _;

use super::kind::{Kind, Several};
use crate::diagnostic::{list, printable};
use crate::gate::Outcome;
use crate::manifest::Enforcement;
use crate::report::changes;
use crate::report::diff;
use crate::report::history;
use crate::report::number::count;
use crate::report::page::{LEAST_WIDTH, Screen, begins_line, decisive, push_wrapped};
use crate::report::table::{self, Table};
use crate::report::v1::{Report, ReportEvidence, ReportGate, ReportSlice, Told};
use crate::verdict::Decision;

pub(super) const KIND: Kind = Kind {
    name: "terminal",
    about: "for a person",
    file: "report.txt",
    media: "text/plain",
    always: false,
    report: render,
    ending: Some(ending),
    several: Several::Told(together),
    comparison: Some(diff::terminal),
    history: Some(history::terminal),
    is_own: |text| {
        let first = text.lines().next().unwrap_or("");
        let decisions = [Decision::Pass, Decision::Inconclusive, Decision::Error, Decision::Fail];
        let judged = decisions.iter().any(|one| first.starts_with(&(one.word().to_uppercase() + "  ")));
        judged || first.starts_with("PLAN  ") || (first.contains(" -> ") && text.contains("\ncompared "))
    },
    shared: None,
};

/// So many slices are all shown.
const FEW_SLICES: usize = 8;
/// Never more rows of slices than this.
const MOST_SLICES: usize = 20;
/// So many lines on what changed.
const MOST_CHANGES: usize = 20;

fn render(report: &Report, screen: Screen) -> String {
    let mut text = String::new();
    let (decision, room) = (report.decision.0, screen.width.unwrap_or(usize::MAX).max(LEAST_WIDTH));
    let word = decision.word().to_uppercase();
    let mut headline = String::new();
    push_wrapped(&mut headline, &format!("{word}  "), &report.headline(), room);
    // Laid out without colour, which takes no columns.
    text.push_str(&headline.replacen(&word, &screen.decision(decision), 1));
    if screen.quiet {
        // Whoever asked for little still has to know what to mend.
        if let Some(reason) = report.first_error().filter(|_| decision == Decision::Error) {
            push_wrapped(&mut text, "error: ", &reason, room);
        }
        let stops: Vec<&str> =
            report.gates.iter().filter(|gate| gate.stops).map(|gate| gate.id.as_str()).collect();
        if !stops.is_empty() && decision != Decision::Error {
            push_wrapped(&mut text, "gates: ", &list(stops.iter().copied(), 6).replace('`', ""), room);
        }
        return text;
    }
    let width = screen.columns();
    text.push('\n');
    let table = gates(report, screen);
    let fits = table::width(&table) <= screen.width.unwrap_or(usize::MAX);
    text.push_str(&if fits { table } else { stacked(report, screen, width) });
    limits(&mut text, report, width);
    changed(&mut text, report, width);
    for gate in report.gates.iter().filter(|gate| gate.outcome.0 != Outcome::Pass) {
        open_gate(&mut text, report, gate, screen);
    }
    let errors: Vec<String> = report.evidence.iter().filter_map(ReportEvidence::errors_in_a_line).collect();
    if !errors.is_empty() {
        text.push('\n');
    }
    for line in errors {
        push_wrapped(&mut text, "evidence: ", &line, width);
    }
    for (kind, findings) in [("error", &report.errors), ("warning", &report.warnings)] {
        if !findings.is_empty() {
            text.push('\n');
        }
        for finding in findings {
            push_wrapped(&mut text, &format!("{kind}: "), &finding.in_a_line(), width);
        }
    }
    for step in &report.next.otherwise {
        let _ = writeln!(text);
        push_wrapped(&mut text, "or: ", &step.text, width);
        for line in &step.lines {
            let indent = line.len() - line.trim_start().len();
            let (space, rest) = line.split_at(indent);
            let _ = writeln!(text, "    {}{}", printable(space), begins_line(rest));
        }
    }
    text
}

/// The step to take: the last line, so that nobody has to look for it.
fn ending(report: &Report, screen: Screen) -> String {
    let mut text = String::new();
    if !screen.quiet {
        let word = screen.styled("next", anstyle::Style::new().bold());
        push_wrapped(&mut text, "next: ", &report.next.text, screen.columns());
        text = format!("\n{}", text.replacen("next", &word, 1));
    }
    text
}

/// What several releases come to together, a line each.
fn together(reports: &[Report], screen: Screen) -> String {
    let Some(worst) = decisive(reports).filter(|_| !screen.quiet) else { return String::new() };
    let width = screen.columns();
    let mut text = format!("\n{} releases: {}\n", count(reports.len() as u64), screen.decision(worst));
    for report in reports {
        let word = report.decision.0.word().to_uppercase();
        let mut line = String::new();
        push_wrapped(&mut line, &format!("  {word:<12}  "), &report.headline(), width);
        text.push_str(&line.replacen(&word, &screen.decision(report.decision.0), 1));
    }
    text
}

/// What the limits in the table are.
fn limits(text: &mut String, report: &Report, width: usize) {
    if let Some(sentence) = report.limits_in_words() {
        text.push('\n');
        push_wrapped(text, "", &sentence, width);
    }
}

/// Why a gate did not pass, and what to do about it.
fn open_gate(text: &mut String, report: &Report, gate: &ReportGate, screen: Screen) {
    let width = screen.columns();
    let id = screen.styled(&begins_line(&gate.id), anstyle::Style::new().bold());
    let warns = if gate.enforcement.0 == Enforcement::Warn { " (warns only)" } else { "" };
    let _ = writeln!(text, "\n{id} {}{}{warns}", screen.outcome(gate.outcome.0), gate.lacks());
    push_wrapped(text, "  why: ", &gate.reason.text, width);
    if let Some(cases) = gate.named_cases() {
        push_wrapped(text, "  cases: ", &cases, width);
    }
    if let Some(line) = gate.rerun_line() {
        push_wrapped(text, "  re-run: ", &line, width);
    }
    for waiver in report.waivers_of(gate) {
        push_wrapped(text, "  waived: ", &waiver.sentence(), width);
    }
    if let (Some(advice), true) = (&gate.reason.advice, gate.waived.is_none() && !report.is_next(gate)) {
        push_wrapped(text, "  do:  ", advice, width);
    }
}

/// What changed since the baseline, what got looser first.
fn changed(text: &mut String, report: &Report, width: usize) {
    if !report.changed.is_empty() {
        text.push('\n');
    }
    let (shown, left_out) = changes::shown(&report.changed, MOST_CHANGES);
    for line in shown {
        let lead = match line.told.0 {
            Told::Looser => "looser:  ",
            Told::MayBeLooser => "may be looser: ",
            Told::Changed => "changed: ",
        };
        push_wrapped(text, lead, &line.text, width);
    }
    if left_out > 0 {
        let _ = writeln!(text, "         and {left_out} more (report.json has all)");
    }
}

const HEADER: [&str; 4] = ["gate", "candidate [limits]", "threshold", "outcome"];

fn row(gate: &ReportGate, screen: Screen) -> [String; 4] {
    [
        begins_line(&gate.id),
        printable(&gate.measured()),
        printable(&gate.asked()),
        screen.outcome(gate.outcome.0) + &gate.effect(),
    ]
}

/// Slices that get a row of their own: all of a few, else those that did not pass.
fn shown_slices(gate: &ReportGate) -> impl Iterator<Item = &ReportSlice> {
    let few = gate.slices.len() <= FEW_SLICES;
    gate.slices.iter().filter(move |slice| few || slice.outcome.0 != Outcome::Pass).take(MOST_SLICES)
}

fn slice_row(gate: &ReportGate, slice: &ReportSlice, screen: Screen) -> [String; 4] {
    [
        format!("  {}", begins_line(&slice.key.name())),
        printable(&gate.measured_in(slice)),
        String::new(),
        screen.outcome(slice.outcome.0),
    ]
}

fn gates(report: &Report, screen: Screen) -> String {
    let mut table = Table::new(HEADER, 0..0);
    for gate in &report.gates {
        table.row(row(gate, screen));
        for slice in shown_slices(gate) {
            table.row(slice_row(gate, slice, screen));
        }
    }
    table.render()
}

/// The same facts below each other, for narrow terminals.
fn stacked(report: &Report, screen: Screen, width: usize) -> String {
    let mut text = String::new();
    for gate in &report.gates {
        let [id, candidate, threshold, outcome] = row(gate, screen);
        let _ = writeln!(text, "{id}  {outcome}");
        push_wrapped(&mut text, "  ", &format!("{candidate}, asked: {threshold}"), width);
        for slice in shown_slices(gate) {
            let [name, candidate, _, outcome] = slice_row(gate, slice, screen);
            let _ = writeln!(text, "{name}  {outcome}");
            push_wrapped(&mut text, "    ", &candidate, width);
        }
    }
    text
}
