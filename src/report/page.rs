//! Lines for a terminal: wrapped at words, coloured on top of words and never instead of them.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::v1::Report;
use crate::diagnostic::printable;
use crate::gate::Outcome;
use crate::verdict::Decision;

/// Text is wrapped at this width where the terminal does not say its own.
pub(super) const DEFAULT_WIDTH: usize = 100;
/// No narrower than this, whatever the terminal says.
pub(super) const LEAST_WIDTH: usize = 40;

/// What a terminal can show, and how much was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Screen {
    /// Columns; none where nobody knows.
    pub width: Option<usize>,
    /// Whether to style with ANSI sequences.
    pub color: bool,
    /// Whether to say the verdict only.
    pub quiet: bool,
    /// Whether it shows ASCII only.
    pub ascii: bool,
}

impl Screen {
    /// The width to wrap at.
    pub(super) fn columns(self) -> usize {
        self.width.unwrap_or(DEFAULT_WIDTH).max(LEAST_WIDTH)
    }

    /// The text in a style, where there are styles; it has to be printable.
    pub(super) fn styled(self, text: &str, style: Style) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// The word of a decision.
    pub(super) fn decision(self, decision: Decision) -> String {
        let outcome = match decision {
            Decision::Pass => Outcome::Pass,
            Decision::Inconclusive => Outcome::Inconclusive,
            Decision::Error => Outcome::Error,
            Decision::Fail => Outcome::Fail,
        };
        self.styled(&decision.word().to_uppercase(), style_of(outcome).bold())
    }

    /// The word of an outcome.
    pub(super) fn outcome(self, outcome: Outcome) -> String {
        self.styled(outcome.word(), style_of(outcome))
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

/// The decision of several releases together: the worst.
pub(super) fn decisive(reports: &[Report]) -> Option<Decision> {
    reports.iter().map(|report| report.decision.0).max()
}

/// `text` after `lead`, wrapped at words; further lines are indented like the first.
pub(super) fn push_wrapped(out: &mut String, lead: &str, text: &str, width: usize) {
    let indent = lead.width();
    let text = printable(text).replace('\n', " ");
    out.push_str(lead);
    let mut used = indent;
    for (i, word) in words(&text).iter().enumerate() {
        let length = word.width();
        if i > 0 && used + 1 + length > width {
            let _ = write!(out, "\n{:indent$}", "");
            used = indent;
        } else if i > 0 {
            out.push(' ');
            used += 1;
        }
        if used == indent && (i > 0 || lead.trim().is_empty()) && is_command(word) {
            out.push_str(BAR);
            used += BAR.width();
        }
        out.push_str(word);
        used += length;
    }
    out.push('\n');
}

/// Stands before text of other people where a line begins with it.
pub(super) const BAR: &str = "| ";

/// Text of other people with which a line begins.
pub(super) fn begins_line(text: &str) -> String {
    let plain = printable(text);
    if is_command(&plain) { format!("{BAR}{plain}") } else { plain }
}

/// Whether a CI log would read a line that begins with this word as a command.
fn is_command(word: &str) -> bool {
    word.trim_start().starts_with("::")
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

#[cfg(test)]
mod tests {
    use super::push_wrapped;

    #[test]
    fn no_wrapped_line_is_a_command() {
        let text =
            "says ::error::a and then ::warning file=x::b or ::stop-commands::c with \u{3000}::error::d";
        for (lead, text) in [("note: ", text), ("", text), ("  ", &text[5..])] {
            for width in 8..120 {
                let mut out = String::new();
                push_wrapped(&mut out, lead, text, width);
                assert!(!out.lines().any(|line| line.trim_start().starts_with("::")), "{width}\n{out}");
                let words =
                    |text: &str| text.split([' ', '\n']).filter(|word| !matches!(*word, "" | "|")).count();
                assert_eq!(words(&out), words(&format!("{lead}{text}")), "{width}");
            }
        }
    }
}
