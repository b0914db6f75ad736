//! JSON Lines: an object a line.
//!
//! Carriage returns before the line feed, a byte order mark and blank lines (anywhere) are put up with; the
//! last line needs no line feed as long as its object is complete.

use memchr::{memchr, memrchr};

use super::about::{About, Head, Holding, Layout};
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::document::{Cause, Fault, Keys, Scanner, Step, steps};
use crate::evidence::blocks::{MOST_FINDINGS, Outcome};
use crate::evidence::feed::Block;
use crate::evidence::header;
use crate::evidence::row::Rows;
use crate::evidence::wrong_value::not_finite;

/// What the format says of itself.
pub(super) static ABOUT: About = About {
    endings: &["jsonl", "ndjson"],
    shows,
    content: Holding::Samples(|_| Ok(vec![Layout::Lines { header: true }])),
    text_labels: false,
    fields: &[],
};

/// A whole object on the first line, and more behind it; in a file of that name one object is enough.
fn shows(head: &Head<'_>) -> bool {
    if !head.text.starts_with(b"{") {
        return false;
    }
    if head.ending.is_some_and(|own| ABOUT.endings.contains(&own)) {
        return true;
    }
    let end = memchr(b'\n', head.text).unwrap_or(head.text.len());
    let (first, rest) = head.text.split_at_checked(end).unwrap_or((head.text, &[]));
    // A pretty-printed document does not end on its first line.
    !rest.trim_ascii().is_empty() && std::str::from_utf8(first).is_ok_and(is_object)
}

/// Whether a line is one whole object, whatever stands in it.
fn is_object(line: &str) -> bool {
    let mut first = None;
    let whole = steps(line, |step| {
        first.get_or_insert(step);
        Ok(())
    });
    whole.is_ok() && first == Some(Step::Object)
}

/// Hands the rows of a block to `rows`; the first line may be a header of ours where `header` says so.
pub(super) fn read<'a, R: Rows<'a>>(block: &'a Block, mut header: bool, rows: &mut R) -> Outcome {
    let mut outcome = Outcome::default();
    let mut rest = block.rows();
    while !rest.is_empty() && outcome.findings.len() < MOST_FINDINGS {
        match simdutf8::compat::from_utf8(rest) {
            Ok(text) => {
                lines(text, &mut header, rows, &mut outcome);
                break;
            }
            Err(error) => {
                // The lines before the bad one are read as usual, then reading goes on behind it.
                let (before, from_bad) = split(rest, error.valid_up_to());
                if let Ok(text) = std::str::from_utf8(before) {
                    lines(text, &mut header, rows, &mut outcome);
                }
                if outcome.findings.len() == MOST_FINDINGS {
                    break;
                }
                outcome.lines += 1;
                if !rows.puts_up_with_torn() {
                    outcome.push(outcome.lines, not_utf8());
                }
                header = false;
                rest = behind_line(from_bad);
            }
        }
    }
    outcome
}

/// Splits at the start of the line that byte `at` is in.
fn split(bytes: &[u8], at: usize) -> (&[u8], &[u8]) {
    let valid = bytes.get(..at).unwrap_or_default();
    let start = memrchr(b'\n', valid).map_or(0, |feed| feed + 1);
    bytes.split_at_checked(start).unwrap_or((bytes, &[]))
}

/// What follows the first line.
fn behind_line(bytes: &[u8]) -> &[u8] {
    memchr(b'\n', bytes).and_then(|feed| bytes.get(feed + 1..)).unwrap_or_default()
}

fn lines<'a, R: Rows<'a>>(text: &'a str, header: &mut bool, rows: &mut R, outcome: &mut Outcome) {
    let mut scanner = Scanner::<true>::new(text);
    let mut keys = Keys::default();
    while scanner.position() < text.len() {
        outcome.lines += 1;
        if scanner.blank_line() {
            continue;
        }
        let start = scanner.position();
        let result = if std::mem::take(header) && is_header(text, start, &mut scanner, outcome) {
            continue;
        } else {
            rows.begin();
            scanner.row(&mut keys, rows).and_then(|()| rows.end(outcome.lines))
        };
        match result {
            Ok(()) => outcome.rows += 1,
            Err(fault) => {
                let line = line_at(text, start);
                scanner.jump(start + line.len() + 1);
                let line_number = outcome.lines;
                if rows.puts_up_with_torn() {
                    continue;
                }
                if outcome.push(line_number, finding(fault, start, line)) {
                    return;
                }
            }
        }
    }
}

/// Whether the first line is a header of ours; skips it and notes what is wrong with it.
fn is_header(text: &str, start: usize, scanner: &mut Scanner<'_>, outcome: &mut Outcome) -> bool {
    let line = line_at(text, start);
    let Some(header) = header::recognise(line) else { return false };
    scanner.jump(start + line.len() + 1);
    for finding in header.findings {
        if outcome.push(outcome.lines, finding) {
            break;
        }
    }
    true
}

/// The line that starts at `start`, without its line feed.
fn line_at(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    memchr(b'\n', rest.as_bytes()).and_then(|end| rest.get(..end)).unwrap_or(rest)
}

/// Words a fault; `start` is where its line starts.
#[cold]
fn finding(fault: Fault, start: usize, line: &str) -> Diagnostic {
    match fault.cause() {
        // Whatever is wrong with it as a row: it is none.
        Cause::Finding(_) if header::recognise(line).is_some() => {
            Diagnostic::error(Code::SecondHeader, "a second header stands here")
                .note("files that were joined may come from different artifacts")
                .help("keep one file an evaluation run")
        }
        Cause::Finding(finding) => finding,
        Cause::NotFinite { field, word } => not_finite(&field, &word),
        Cause::Repeated(key) => {
            Diagnostic::error(Code::DuplicateKey, format!("`{}` stands twice in one row", printable(&key)))
                .note("programs differ in which of the two they take, so neither can be judged")
                .help("write every field once a row")
        }
        Cause::CutOff => Diagnostic::error(Code::CutOff, "this line is cut off").nature(Nature::CutOff)
            .note("the object on it does not end; the program that wrote it was stopped, or it is spread over several lines")
            .help("run the evaluation to its end; write one object a line"),
        Cause::Syntax(at, what) => {
            let column = line.get(..at.saturating_sub(start)).map_or(1, |before| before.chars().count() + 1);
            Diagnostic::error(Code::NotJson, format!("this line is not JSON: {what} (column {column})"))
                .help("write rows with a JSON library, one object a line")
        }
    }
}

fn not_utf8() -> Diagnostic {
    Diagnostic::error(Code::NotUtf8, "this line is not UTF-8 text").help("write the file as UTF-8")
}
