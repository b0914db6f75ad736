//! The comparison as Markdown, fit for a pull-request comment.
//!
//! Every text that somebody else wrote is escaped; a comment that grows too long for a code host loses its word diffs
//! first, then rows, and says so.

use std::fmt::Write as _;

use super::document::{Comparison, Group};
use super::words::{cells, more, values};
use crate::diagnostic::printable;
use crate::diff::{Detail, Record, WordEdit};
use crate::report::changes::sentence;
use crate::report::escape::{BREAK, escape};
use crate::report::table::Table;

/// GitHub refuses comments of more than 65,536 characters.
const LONGEST: usize = 60_000;
/// A value in a table cell is cut after so many characters.
const LONGEST_CELL: usize = 160;
/// So many places of a change are shown with it.
const MOST_DETAILS: usize = 40;

/// The comparison as text.
pub(in crate::report) fn render(comparison: &Comparison) -> String {
    let sizes = [(usize::MAX, true), (usize::MAX, false), (100, false), (20, false)];
    let mut text = String::new();
    for (rows, details) in sizes {
        text = at_size(comparison, rows, details);
        if text.len() <= LONGEST {
            break;
        }
    }
    text
}

fn at_size(comparison: &Comparison, rows: usize, details: bool) -> String {
    let mut text = format!("## relgate diff: {}\n\n", escape(&comparison.title()));
    let _ = writeln!(text, "**{}**", capital(&comparison.tally()));
    for group in Group::ALL {
        let records = comparison.group(group);
        if !records.is_empty() {
            self::group(&mut text, group, &records, rows);
        }
    }
    figures(&mut text, comparison);
    let told: Vec<&Record> = comparison.records.iter().filter(|record| !record.details.is_empty()).collect();
    if details {
        for record in &told {
            self::details(&mut text, record);
        }
    } else if !told.is_empty() {
        text.push_str("\nWhat shows each change is left out, as it would make this text too long; ");
        text.push_str("`--format json` has all.\n");
    }
    let _ = writeln!(
        text,
        "\nCompared {} with {}, by relgate {}.",
        escape(&comparison.before.source),
        escape(&comparison.after.source),
        escape(&comparison.tool.version)
    );
    if let Some(why) = comparison.why_it_fails() {
        let _ = writeln!(text, "\n{}.", capital_first(&why));
    }
    text
}

/// A tally as a sentence: it begins with a capital letter or a digit. The names of evidence in it hold nothing to escape.
fn capital(tally: &str) -> String {
    format!("{}.", capital_first(tally))
}

fn capital_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).collect()
}

fn group(text: &mut String, group: Group, records: &[&Record], rows: usize) {
    let (title, meaning) = group.title();
    let folded = group == Group::Info;
    if folded {
        let _ = write!(text, "\n<details><summary>{title} ({})</summary>\n\n", records.len());
    } else {
        let _ = write!(text, "\n### {title}: {meaning}\n\n");
    }
    let word = if group == Group::Looser { "weight" } else { "direction" };
    let mut table = Table::new([word, "change", "before", "after"], 0..0);
    for record in records.iter().take(rows) {
        let word = if group == Group::Looser { record.severity.word() } else { record.direction.word() };
        let cell = |value: Option<&str>| value.map(cut).unwrap_or_default();
        let (before, after) = values(record);
        let change = format!("{} `{}`", escape(sentence(record)), record.rule.id());
        table.row([word.to_owned(), change, cell(before), cell(after)]);
    }
    text.push_str(&table.markdown());
    if let Some(more) = more(records.len().saturating_sub(rows), "") {
        let _ = writeln!(text, "\n{more}");
    }
    if folded {
        text.push_str("\n</details>\n");
    }
}

/// The beginning of a long value, escaped.
fn cut(value: &str) -> String {
    match value.char_indices().nth(LONGEST_CELL) {
        Some((at, _)) => format!("{}...", lines(value.get(..at).unwrap_or_default())),
        None => lines(value),
    }
}

fn figures(text: &mut String, comparison: &Comparison) {
    let header = ["gate", "before \\[limits\\]", "after \\[limits\\]", "after - before"];
    let mut table = Table::new(header, 0..0);
    for figure in &comparison.figures {
        let [before, after, difference] = cells(figure).map(|cell| escape(&cell));
        table.row([escape(&figure.gates.join(", ")), before, after, difference]);
    }
    if !comparison.figures.is_empty() {
        let _ = write!(text, "\n### Figures\n\n{}", table.markdown());
    }
    let notes = comparison.notes.iter().map(String::as_str);
    let warnings = comparison.warnings.iter().map(|warning| warning.text.as_str());
    for (i, note) in notes.chain(warnings).enumerate() {
        let gap = if i == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}- {}", escape(note));
    }
}

/// What shows a change, folded away.
fn details(text: &mut String, record: &Record) {
    let _ = write!(text, "\n<details><summary>{}</summary>\n\n", html(sentence(record)));
    for detail in record.details.iter().take(MOST_DETAILS) {
        match detail {
            Detail::Line(line) => {
                let _ = writeln!(text, "- {}", lines(line));
            }
            Detail::Words { line, pieces } => {
                let _ = writeln!(text, "- line {line}: {}", words(pieces));
            }
        }
    }
    if let Some(more) = more(record.details.len().saturating_sub(MOST_DETAILS), " places") {
        let _ = writeln!(text, "- {more}");
    }
    text.push_str("\n</details>\n");
}

fn words(pieces: &[(WordEdit, String)]) -> String {
    let piece = |(piece, text): &(WordEdit, String)| match piece {
        WordEdit::Same => lines(text),
        WordEdit::Removed => format!("<del>{}</del>", lines(text)),
        WordEdit::Added => format!("<ins>{}</ins>", lines(text)),
    };
    pieces.iter().map(piece).collect()
}

/// Text inside an HTML line, where Markdown's own characters mean nothing and a backslash would show.
fn html(text: &str) -> String {
    let text = printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let broken = |text: String, mark: &str| text.replace(mark, &format!("{mark}{BREAK}"));
    ["@", "#", ":/", "www"].into_iter().fold(text, broken)
}

/// Escaped text that keeps its line ends.
fn lines(text: &str) -> String {
    text.split('\n').map(|line| escape(line.trim_end_matches('\r'))).collect::<Vec<_>>().join("<br>")
}
