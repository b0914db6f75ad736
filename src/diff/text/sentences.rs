//! The sentences of a text. Wrapped lines are one sentence, an entry of a list is one too.
//!
//! Deliberately absent: what a sentence says.

use std::collections::HashSet;

use super::says::concerns;

/// The most bytes of sentences of a side that are kept; what comes later is not compared.
const MOST: usize = 64_000_000;
/// The longest paragraph that is taken apart as one, in bytes.
const LONGEST: usize = 8_000_000;

/// The sentences of one side.
#[derive(Debug, Default)]
pub(in crate::diff) struct Sentences {
    all: HashSet<String>,
    /// The bytes of them.
    kept: usize,
    paragraph: String,
    concerned_only: bool,
    /// Whether there were more sentences than are kept.
    pub(in crate::diff) overflowed: bool,
}

impl Sentences {
    /// Keeps only sentences that forbid, demand or allow, for texts that do not fit into memory.
    pub(in crate::diff) fn of_demands() -> Self {
        Self { concerned_only: true, ..Self::default() }
    }

    /// These and those of another text of the same side.
    pub(in crate::diff) fn with(mut self, other: Self) -> Self {
        self.all.extend(other.all);
        self.kept += other.kept;
        self.overflowed |= other.overflowed;
        self
    }

    /// Takes a whole text in.
    pub(in crate::diff) fn text(&mut self, text: &str) {
        for line in text.split('\n') {
            self.line(line);
        }
        self.end();
    }

    /// Takes one line in; [`Sentences::end`] must follow the last.
    pub(in crate::diff) fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        let (body, starts) = unmarked(trimmed);
        if starts || trimmed.is_empty() || self.paragraph.len() + body.len() > LONGEST {
            self.end();
        }
        if !self.paragraph.is_empty() {
            self.paragraph.push(' ');
        }
        self.paragraph.push_str(body);
        if trimmed.starts_with('#') {
            self.end();
        }
    }

    /// Ends the paragraph.
    pub(in crate::diff) fn end(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let mut from = 0;
        for end in ends(&paragraph) {
            self.sentence(paragraph.get(from..end).unwrap_or_default().trim());
            from = end;
        }
        self.sentence(paragraph.get(from..).unwrap_or_default().trim());
        // The buffer is used again.
        self.paragraph = paragraph;
        self.paragraph.clear();
    }

    fn sentence(&mut self, text: &str) {
        if text.is_empty() || self.all.contains(text) {
            return;
        }
        if self.concerned_only && !concerns(text) {
            return;
        }
        if self.kept + text.len() > MOST {
            self.overflowed = true;
            return;
        }
        self.kept += text.len();
        self.all.insert(text.to_owned());
    }

    /// The sentences that another side has not, letter by letter, in no order.
    pub(super) fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        self.all.difference(&other.all).map(String::as_str)
    }
}

/// A line without the mark of a list, a heading or a quotation, and whether it had one that begins a new sentence.
fn unmarked(line: &str) -> (&str, bool) {
    let body = line.trim_start_matches(['#', '>', '|']).trim_start();
    if let Some(rest) = ["- ", "* ", "+ ", "• "].iter().find_map(|mark| body.strip_prefix(mark)) {
        return (rest.trim_start(), true);
    }
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits)
        && let Some(rest) = body.get(digits..)
        && let Some(rest) = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))
    {
        return (rest.trim_start(), true);
    }
    (body, body.len() != line.len())
}

/// Where sentences of a paragraph end.
fn ends(paragraph: &str) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = paragraph.as_bytes().get(at..)?;
            // The first bytes of `。`, `！` and `？` are those of many letters.
            at += rest.iter().position(|byte| matches!(byte, b'.' | b'!' | b'?' | b';' | 0xE3 | 0xEF))?;
            let mut letters = paragraph.get(at..)?.chars();
            let mark = letters.next()?;
            at += mark.len_utf8();
            if matches!(mark, '。' | '！' | '？') {
                return Some(at);
            }
            if !mark.is_ascii() {
                continue;
            }
            // Closing quotes and brackets belong to the sentence.
            let behind = letters.as_str();
            let closed = behind.trim_start_matches(['"', '\'', ')', ']', '”', '’', '*', '_', '`']);
            at += behind.len() - closed.len();
            if closed.chars().next().is_none_or(char::is_whitespace) {
                return Some(at);
            }
        }
    })
}
