//! Text of several styles laid out in lines of a width.
//!
//! Without colour the word diff is that of git: `[-removed-]{+added+}`. Everything is escaped here, and a bar stands before
//! every line, so that a CI log reads none as a command.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};
use unicode_width::UnicodeWidthStr;

use crate::diagnostic::printable;
use crate::diff::WordEdit;

/// What is gone: the line through it shows without telling red from green.
pub(super) const REMOVED: Style = AnsiColor::Red.on_default().effects(Effects::STRIKETHROUGH);
/// What is new.
pub(super) const ADDED: Style = AnsiColor::Green.on_default().effects(Effects::UNDERLINE);

/// A word without a space (a key, a blob) is cut after so many characters.
const LONGEST_WORD: usize = 200;

/// Lines that grow word by word.
pub(super) struct Flow {
    lead: String,
    width: usize,
    color: bool,
    lines: Vec<String>,
    line: String,
    used: usize,
    /// The word that is not placed yet: its parts, and whether a space stands before it.
    word: Vec<(String, Option<Style>)>,
    spaced: bool,
}

impl Flow {
    /// The first line begins with `lead`, further ones as far to the right; a bar in it goes on.
    pub(super) fn new(lead: &str, width: usize, color: bool) -> Self {
        Self {
            lead: lead.to_owned(),
            width,
            color,
            lines: Vec::new(),
            line: lead.to_owned(),
            used: lead.width(),
            word: Vec::new(),
            spaced: false,
        }
    }

    /// Appends text; it breaks at spaces and at its own line ends.
    pub(super) fn push(&mut self, text: &str, style: Option<Style>) {
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                self.place();
                self.next_line();
            }
            for (i, word) in line.trim_end_matches('\r').split([' ', '\t']).enumerate() {
                if i > 0 {
                    self.place();
                    self.spaced = true;
                }
                if !word.is_empty() {
                    self.word.push((clipped(word), style));
                }
            }
        }
    }

    /// The lines so far.
    pub(super) fn lines(mut self) -> Vec<String> {
        self.place();
        self.next_line();
        // The line end at the end of a passage shows nothing.
        while self.lines.len() > 1
            && self.lines.last().is_some_and(|line| line.trim_matches([' ', '|']).is_empty())
        {
            self.lines.pop();
        }
        self.lines
    }

    /// Puts the waiting word on this line, or on the next where it does not fit.
    fn place(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let length: usize = self.word.iter().map(|(part, _)| part.width()).sum();
        let begun = self.used > self.lead.width();
        if begun && self.used + usize::from(self.spaced) + length > self.width {
            self.next_line();
        } else if begun && self.spaced {
            self.line.push(' ');
            self.used += 1;
        }
        for (part, style) in std::mem::take(&mut self.word) {
            match style.filter(|_| self.color) {
                Some(style) => {
                    let _ = write!(self.line, "{style}{part}{style:#}");
                }
                None => self.line.push_str(&part),
            }
        }
        self.used += length;
        self.spaced = false;
    }

    fn next_line(&mut self) {
        let bar = self.lead.trim_end().ends_with('|');
        let mut next = " ".repeat(self.lead.width());
        if bar {
            next.replace_range(next.len() - 2.., "| ");
        }
        let line = std::mem::replace(&mut self.line, next);
        self.lines.push(line.trim_end().to_owned());
        self.used = self.lead.width();
        self.spaced = false;
    }
}

/// A passage of a text, word by word.
pub(super) fn passage(lead: &str, pieces: &[(WordEdit, String)], width: usize, color: bool) -> Vec<String> {
    let mut flow = Flow::new(lead, width, color);
    for (piece, text) in pieces {
        let (open, close, style) = match piece {
            WordEdit::Same => ("", "", None),
            WordEdit::Removed => ("[-", "-]", Some(REMOVED)),
            WordEdit::Added => ("{+", "+}", Some(ADDED)),
        };
        if color || open.is_empty() {
            flow.push(text, style);
            continue;
        }
        // The marks hug the words and leave spaces outside, so that lines break well.
        let body = text.trim_matches([' ', '\t', '\n', '\r']);
        let start = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len();
        flow.push(text.get(..start).unwrap_or_default(), None);
        if body.is_empty() {
            continue;
        }
        flow.push(&format!("{open}{body}{close}"), None);
        flow.push(text.get(start + body.len()..).unwrap_or_default(), None);
    }
    flow.lines()
}

/// A word with everything escaped that could steer a terminal; a very long one is cut.
fn clipped(word: &str) -> String {
    match word.char_indices().nth(LONGEST_WORD) {
        Some((at, _)) => format!("{}...", printable(word.get(..at).unwrap_or_default())),
        None => printable(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(width: usize, color: bool) -> Vec<String> {
        let pieces = [
            (WordEdit::Same, "Never give ".to_owned()),
            (WordEdit::Removed, "medical ".to_owned()),
            (WordEdit::Added, "legal or financial ".to_owned()),
            (WordEdit::Same, "advice.\n::error::x \u{1b}[31m".to_owned()),
        ];
        passage("  3 | ", &pieces, width, color)
    }

    #[test]
    fn a_word_diff_reads_as_in_git() {
        assert_eq!(
            words(80, false),
            ["  3 | Never give [-medical-] {+legal or financial+} advice.", "    | ::error::x \\u{1b}[31m"]
        );
        let colored = words(80, true).concat();
        assert!(colored.contains("\u{1b}[9m\u{1b}[31mmedical\u{1b}[0m"), "{colored:?}");
        assert!(!colored.contains("[-"), "{colored:?}");
    }

    #[test]
    fn lines_keep_to_the_width_and_the_bar() {
        let lines = words(26, false);
        assert!(lines.iter().all(|line| line.width() <= 26 && line.contains("| ")), "{lines:#?}");
        assert_eq!(lines.first().map(String::as_str), Some("  3 | Never give"));
        assert_eq!(lines.len(), 6, "{lines:#?}");
    }
}
