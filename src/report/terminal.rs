//! The report for a person at a terminal: the verdict first, then the table, then what is not a pass.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use tabled::builder::Builder;
use tabled::settings::Style as TableStyle;
use tabled::settings::object::Rows;
use tabled::settings::style::HorizontalLine;
use unicode_width::UnicodeWidthStr;

use super::Terminal;
use super::changes::{self, LOOSER, MAYBE};
use super::document::{Gate, Report, Slice};
use super::words::{cell, outcome, waiver};
use crate::diagnostic::printable;
use crate::gate::Outcome;
use crate::manifest::Enforcement;
use crate::verdict::Decision;

/// Text is wrapped at this width where the terminal does not say its own.
pub(super) const DEFAULT_WIDTH: usize = 100;
/// So many slices are all shown.
const FEW_SLICES: usize = 8;
/// Never more rows of slices than this.
const MOST_SLICES: usize = 20;
/// So many lines on what changed.
const MOST_CHANGES: usize = 20;
/// No narrower than this, whatever the terminal says.
pub(super) const LEAST_WIDTH: usize = 40;

pub(super) fn render(report: &Report, terminal: Terminal) -> String {
    let mut text = String::new();
    let paint = Paint { color: terminal.color };
    let word = paint.decision(report.decision);
    let width = terminal.width.unwrap_or(usize::MAX).max(LEAST_WIDTH);
    let mut headline = String::new();
    push_wrapped(
        &mut headline,
        &format!("{}  ", report.decision.word().to_uppercase()),
        &report.headline(),
        width,
    );
    // Laid out without colour, which takes no columns.
    text.push_str(&headline.replacen(&report.decision.word().to_uppercase(), &word, 1));
    if terminal.quiet {
        // Whoever asked for little still has to know what to mend.
        if let Some(reason) = report.first_error().filter(|_| report.decision == Decision::Error) {
            push_wrapped(&mut text, "error: ", &reason, width);
        }
        return text;
    }
    let width = terminal.width.unwrap_or(DEFAULT_WIDTH).max(LEAST_WIDTH);
    text.push('\n');
    let table = table(report);
    let fits = table.lines().all(|line| line.width() <= terminal.width.unwrap_or(usize::MAX));
    text.push_str(&if fits { paint.outcomes(&table) } else { paint.outcomes(&stacked(report, width)) });
    changed(&mut text, report, width);
    for gate in report.gates.iter().filter(|gate| gate.outcome != Outcome::Pass) {
        let head = format!("{} {}", paint.bold(&gate.id), paint.outcome(gate.outcome));
        let _ = write!(
            text,
            "\n{head}{}\n",
            if gate.enforcement == Enforcement::Warn { " (warns only)" } else { "" }
        );
        push_wrapped(&mut text, "  why: ", &gate.why, width);
        for one in &gate.waived {
            push_wrapped(&mut text, "  waived: ", &waiver(one), width);
        }
        if let (Some(advice), true) = (&gate.advice, gate.waived.is_empty()) {
            push_wrapped(&mut text, "  do:  ", advice, width);
        }
    }
    for (kind, findings) in [("error", &report.errors), ("warning", &report.warnings)] {
        if !findings.is_empty() {
            text.push('\n');
        }
        for finding in findings {
            push_wrapped(&mut text, &format!("{kind}: "), &finding.in_a_line(), width);
        }
    }
    text
}

/// What changed since the baseline, what got looser first.
fn changed(text: &mut String, report: &Report, width: usize) {
    if !report.changed.is_empty() {
        text.push('\n');
    }
    let (shown, left_out) = changes::shown(&report.changed, MOST_CHANGES);
    for line in shown {
        match (line.strip_prefix(LOOSER), line.strip_prefix(MAYBE)) {
            (Some(rest), _) => push_wrapped(text, "looser:  ", rest, width),
            (_, Some(rest)) => push_wrapped(text, "may be looser: ", rest, width),
            (None, None) => push_wrapped(text, "changed: ", line, width),
        }
    }
    if left_out > 0 {
        let _ = writeln!(text, "         and {left_out} more (report.json has all)");
    }
}

const HEADER: [&str; 4] = ["gate", "candidate [limits]", "threshold", "outcome"];

fn row(gate: &Gate) -> [String; 4] {
    [
        printable(&gate.id),
        printable(&cell(gate.judged(), gate.threshold, gate.unit)),
        printable(&format!("{} {}", gate.op, gate.threshold_text)),
        outcome(gate),
    ]
}

/// Slices that get a row of their own: all of a few, else those that did not pass.
fn shown_slices(gate: &Gate) -> impl Iterator<Item = &Slice> {
    let few = gate.slices.len() <= FEW_SLICES;
    gate.slices.iter().filter(move |slice| few || slice.outcome != Outcome::Pass).take(MOST_SLICES)
}

fn slice_row(gate: &Gate, slice: &Slice) -> [String; 4] {
    [
        printable(&format!("  {}", slice.name)),
        printable(&cell(&slice.judged, gate.threshold, gate.unit)),
        String::new(),
        slice.outcome.word().to_owned(),
    ]
}

fn table(report: &Report) -> String {
    let mut builder = Builder::default();
    builder.push_record(HEADER);
    for gate in &report.gates {
        builder.push_record(row(gate));
        for slice in shown_slices(gate) {
            builder.push_record(slice_row(gate, slice));
        }
    }
    let mut table = builder.build();
    table.with(TableStyle::blank().horizontals([(1, HorizontalLine::new('-').intersection(' '))]));
    table.modify(Rows::new(..), tabled::settings::Padding::new(0, 1, 0, 0));
    let mut text = String::new();
    for line in table.to_string().lines() {
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The same facts below each other, for narrow terminals.
fn stacked(report: &Report, width: usize) -> String {
    let mut text = String::new();
    for gate in &report.gates {
        let [id, candidate, threshold, outcome] = row(gate);
        let _ = writeln!(text, "{id}  {outcome}");
        push_wrapped(&mut text, "  ", &format!("{candidate}  {threshold}"), width);
        for slice in shown_slices(gate) {
            let [name, candidate, _, outcome] = slice_row(gate, slice);
            let _ = writeln!(text, "{name}  {outcome}");
            push_wrapped(&mut text, "    ", &candidate, width);
        }
    }
    text
}

/// `text` after `lead`, wrapped at words; further lines are indented like the first.
pub(super) fn push_wrapped(out: &mut String, lead: &str, text: &str, width: usize) {
    let indent = lead.width();
    let text = printable(text).replace('\n', " ");
    out.push_str(lead);
    let mut used = indent;
    for (i, word) in words(&text).iter().enumerate() {
        let length = word.width();
        // A CI log reads a line that begins with `::` as a command.
        if i > 0 && used + 1 + length > width && !word.starts_with("::") {
            let _ = write!(out, "\n{:indent$}", "");
            used = indent;
        } else if i > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out.push('\n');
}

/// The words of a text; a comparator stays with its number.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match words.last_mut() {
            Some(last) if matches!(last.as_str(), "<" | "<=" | ">" | ">=" | "==" | "!=") => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Colour on top of words, never instead of them.
struct Paint {
    color: bool,
}

impl Paint {
    fn styled(&self, text: &str, style: Style) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.styled(&printable(text), Style::new().bold())
    }

    fn decision(&self, decision: Decision) -> String {
        let outcome = match decision {
            Decision::Pass => Outcome::Pass,
            Decision::Inconclusive => Outcome::Inconclusive,
            Decision::Error => Outcome::Error,
            Decision::Fail => Outcome::Fail,
        };
        self.styled(&decision.word().to_uppercase(), style_of(outcome).bold())
    }

    fn outcome(&self, outcome: Outcome) -> String {
        self.styled(outcome.word(), style_of(outcome))
    }

    /// Colours the outcome at the end of each line of a table that was laid out without colour.
    fn outcomes(&self, table: &str) -> String {
        if !self.color {
            return table.to_owned();
        }
        let all =
            [Outcome::Pass, Outcome::Inconclusive, Outcome::Error, Outcome::Fail, Outcome::NotApplicable];
        let mut text = String::new();
        for line in table.lines() {
            let plain = line.strip_suffix(" (warns only)").unwrap_or(line);
            let plain = plain.strip_suffix(", waived").unwrap_or(plain);
            let rest = line.get(plain.len()..).unwrap_or("");
            let found = all.iter().find_map(|outcome| Some((*outcome, plain.strip_suffix(outcome.word())?)));
            match found.filter(|(_, before)| before.ends_with(' ')) {
                Some((outcome, before)) => {
                    let _ = writeln!(text, "{before}{}{rest}", self.outcome(outcome));
                }
                None => {
                    let _ = writeln!(text, "{line}");
                }
            }
        }
        text
    }
}

fn style_of(outcome: Outcome) -> Style {
    let color = match outcome {
        Outcome::Pass => AnsiColor::Green,
        Outcome::Inconclusive => AnsiColor::Yellow,
        Outcome::Error | Outcome::Fail => AnsiColor::Red,
        Outcome::NotApplicable => AnsiColor::BrightBlack,
    };
    Style::new().fg_color(Some(color.into()))
}
