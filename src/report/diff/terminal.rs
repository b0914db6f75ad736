//! The comparison for a person at a terminal: how much changed, what got looser, then the rest by weight.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::document::{ComparedFigure, Comparison, Group};
use super::flow::{ADDED, Flow, REMOVED, passage};
use super::words::{cells, more, values};
use crate::diagnostic::printable;
use crate::diff::{ChangeRule, Detail, Direction, Record, Weight};
use crate::report::changes::sentence;
use crate::report::page::{BAR, Screen, push_wrapped};
use crate::report::table::{self, Table};

/// So many records of a part are shown; of what got looser or blocks all are.
const MOST_RECORDS: usize = 25;
/// So many lines that show a change are shown with it.
const MOST_LINES: usize = 12;
/// Where sentences begin, behind the word.
const INDENT: usize = 12;

/// The comparison as text.
pub(in crate::report) fn render(comparison: &Comparison, screen: Screen) -> String {
    let width = screen.columns();
    let mut text = String::new();
    let headline = format!("{}: {}", comparison.title(), comparison.tally());
    push_wrapped(&mut text, "", &headline, if screen.quiet { usize::MAX } else { width });
    if screen.quiet {
        return text;
    }
    let page = Page { width, screen };
    for group in Group::ALL {
        page.group(&mut text, group, &comparison.group(group));
    }
    page.figures(&mut text, comparison);
    let mut gap = "\n";
    for note in &comparison.notes {
        text.push_str(std::mem::take(&mut gap));
        push_wrapped(&mut text, "note: ", note, width);
    }
    let mut gap = "\n";
    for warning in &comparison.warnings {
        text.push_str(std::mem::take(&mut gap));
        push_wrapped(&mut text, "warning: ", &warning.text, width);
    }
    let sources = format!("{} with {}", comparison.before.source, comparison.after.source);
    text.push('\n');
    push_wrapped(&mut text, "compared ", &sources, width);
    if let Some(why) = comparison.why_it_fails() {
        push_wrapped(&mut text, "", &why, width);
    }
    text
}

/// Where everything is laid out.
struct Page {
    width: usize,
    screen: Screen,
}

impl Page {
    fn group(&self, text: &mut String, group: Group, records: &[&Record]) {
        if records.is_empty() {
            return;
        }
        let (title, meaning) = group.title();
        let style = style_of(group).bold();
        let _ = writeln!(text, "\n{}  {meaning}", self.screen.styled(&title.to_uppercase(), style));
        let most = match group {
            Group::Looser | Group::Blocking => usize::MAX,
            Group::Review | Group::Info => MOST_RECORDS,
        };
        let shown = records.get(..most.min(records.len())).unwrap_or_default();
        for block in blocks(shown) {
            match block.as_slice() {
                [one] => self.record(text, group, one, None),
                several => self.block(text, group, several),
            }
        }
        if let Some(more) = more(records.len().saturating_sub(most), "") {
            let _ = writeln!(text, "{:INDENT$}{more}", "");
        }
    }

    /// Records about one thing, under a heading that names it once.
    fn block(&self, text: &mut String, group: Group, records: &[&Record]) {
        let subject = records.first().map_or("", |record| record.parts().0);
        // A new version is what the heading says.
        let is_heading =
            |record: &&&Record| record.rule == ChangeRule::ArtifactVersion && record.parts().1.is_empty();
        match records.iter().find(is_heading) {
            Some(heading) => self.record(text, group, heading, None),
            None => push_wrapped(text, &" ".repeat(INDENT), subject, self.width),
        }
        for record in records.iter().filter(|record| !is_heading(record)) {
            self.record(text, group, record, Some(record.parts().1));
        }
    }

    /// One record; `below` is what is left of its sentence under a heading.
    fn record(&self, text: &mut String, group: Group, record: &Record, below: Option<&str>) {
        // What the heading already says is not said again.
        let (word, style) = match group {
            Group::Looser => (record.severity.word(), severity_style(record.severity)),
            _ => (record.direction.word(), direction_style(record.direction)),
        };
        let inset = if below.is_some() { 2 } else { 0 };
        let (lead, id) =
            (format!("  {word:<gap$}", gap = INDENT - 2 + inset), format!("[{}]", record.rule.id()));
        let mut plain = String::new();
        let said = format!("{} {id}", below.unwrap_or_else(|| sentence(record)));
        push_wrapped(&mut plain, &lead, &said, self.width);
        // Laid out without colour, which takes no columns.
        let rest = plain.get(lead.len()..).unwrap_or_default();
        let (sentence, end) = rest.rsplit_once(&id).unwrap_or((rest, ""));
        let _ = write!(
            text,
            "  {}{:gap$}{sentence}{}{end}",
            self.screen.styled(word, style),
            "",
            self.screen.styled(&id, Style::new().dimmed()),
            gap = INDENT - 2 + inset - word.width(),
        );
        self.values(text, record);
        self.details(text, record);
    }

    /// What was and what is: side by side where both fit into half the width.
    fn values(&self, text: &mut String, record: &Record) {
        let (before, after) = values(record);
        let half = (self.width - INDENT - 4 - BAR.len()) / 2;
        let fits = |value: Option<&str>| value.is_some_and(|value| printable(value).width() <= half);
        // A sentence that quotes a value has said it.
        let quoted = |value: Option<&str>| value.is_none_or(|value| record.text.contains(value));
        if quoted(before) && quoted(after) {
            return;
        }
        if let (Some(old), Some(new), true) = (before, after, fits(before) && fits(after)) {
            let (old, new) =
                (self.screen.styled(&printable(old), REMOVED), self.screen.styled(&printable(new), ADDED));
            let _ = writeln!(text, "{:INDENT$}{BAR}{old} -> {new}", "");
            return;
        }
        for (mark, value, style) in [("- ", before, REMOVED), ("+ ", after, ADDED)] {
            let Some(value) = value else { continue };
            let mut flow = Flow::new(&format!("{:INDENT$}{mark}{BAR}", ""), self.width, self.screen.color);
            flow.push(value, Some(style));
            write_lines(text, flow.lines(), "lines");
        }
    }

    fn details(&self, text: &mut String, record: &Record) {
        let mut lines: Vec<String> = Vec::new();
        let mut left = record.details.iter();
        for detail in left.by_ref() {
            match detail {
                Detail::Line(line) => {
                    let mut flow = Flow::new(&format!("{:INDENT$}{BAR}", ""), self.width, self.screen.color);
                    flow.push(line, None);
                    lines.extend(flow.lines());
                }
                Detail::Words { line, pieces } => {
                    let lead = format!("{:INDENT$}{line:>4} | ", "");
                    lines.extend(passage(&lead, pieces, self.width, self.screen.color));
                }
            }
            if lines.len() > MOST_LINES {
                break;
            }
        }
        write_lines(text, lines, "lines");
        if let Some(more) = more(left.count(), " places") {
            let _ = writeln!(text, "{:INDENT$}{more}", "");
        }
    }

    fn figures(&self, text: &mut String, comparison: &Comparison) {
        if comparison.figures.is_empty() {
            return;
        }
        let _ = writeln!(
            text,
            "\n{}  measured on both sides",
            self.screen.styled("FIGURES", Style::new().bold())
        );
        let table = figures(&comparison.figures);
        if table::width(&table) <= self.screen.width.unwrap_or(usize::MAX) {
            text.push_str(&table);
            return;
        }
        for figure in &comparison.figures {
            let [before, after, difference] = cells(figure);
            push_wrapped(text, "", &figure.gates.join(", "), self.width);
            for (lead, cell) in [("  before  ", before), ("  after   ", after), ("  change  ", difference)] {
                push_wrapped(text, lead, &cell, self.width);
            }
        }
    }
}

/// Records about the same thing together, in the order in which each thing is first met.
fn blocks<'a>(records: &[&'a Record]) -> Vec<Vec<&'a Record>> {
    let mut blocks: Vec<Vec<&Record>> = Vec::new();
    for record in records {
        let subject = record.parts().0;
        let same = |block: &&mut Vec<&Record>| {
            let first = block.first().map(|first| (&first.artifact, first.parts().0));
            !subject.is_empty() && first == Some((&record.artifact, subject))
        };
        match blocks.iter_mut().find(same) {
            Some(block) => block.push(record),
            None => blocks.push(vec![record]),
        }
    }
    blocks
}

/// At most [`MOST_LINES`] lines.
fn write_lines(text: &mut String, lines: Vec<String>, what: &str) {
    let left_out = lines.len().saturating_sub(MOST_LINES);
    for line in lines.into_iter().take(MOST_LINES) {
        let _ = writeln!(text, "{line}");
    }
    if let Some(more) = more(left_out, &format!(" {what}")) {
        let _ = writeln!(text, "{:INDENT$}{more}", "");
    }
}

fn figures(figures: &[ComparedFigure]) -> String {
    let mut table = Table::new(["gate", "before [limits]", "after [limits]", "after - before"], 0..0);
    for figure in figures {
        let [before, after, difference] = cells(figure);
        let row = [figure.gates.join(", "), before, after, difference];
        table.row(row.map(|cell| printable(&cell)));
    }
    table.render()
}

fn style_of(group: Group) -> Style {
    match group {
        Group::Looser | Group::Blocking => AnsiColor::Red.on_default(),
        Group::Review => AnsiColor::Yellow.on_default(),
        Group::Info => Style::new(),
    }
}

fn severity_style(severity: Weight) -> Style {
    match severity {
        Weight::Blocking => AnsiColor::Red.on_default(),
        Weight::Review => AnsiColor::Yellow.on_default(),
        Weight::Info => Style::new(),
    }
}

fn direction_style(direction: Direction) -> Style {
    match direction {
        Direction::Looser => AnsiColor::Red.on_default(),
        Direction::Unknown => AnsiColor::Yellow.on_default(),
        Direction::Neutral => Style::new(),
        Direction::Tighter => AnsiColor::Green.on_default(),
    }
}
