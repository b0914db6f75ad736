//! YAML's syntax errors in words that help somebody who was writing a rule, not YAML.

use serde_saphyr::granit_parser::ScanError;

use crate::diagnostic::{Code, Diagnostic, FileId, Nature, Span};

/// A syntax error with its place and, where the line shows one of YAML's traps, what to do.
pub(super) fn explain(error: &ScanError, text: &str, file: FileId) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let line = line_around(text, at);
    let end = text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |c| at + c.len_utf8());
    let found = Diagnostic::error(Code::YamlSyntax, format!("this is not YAML: {}", error.info()))
        .nature(Nature::Malformed)
        .at(Span::new(file, at, end), "the reading stopped here");
    match trap(line) {
        Some(help) => found.help(help),
        None => found,
    }
}

/// The line that holds byte `at`; where `at` stands at a line's start the error is often in the line before.
fn line_around(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or(text);
    let start = before.trim_end_matches(['\n', '\r', ' ']).rfind('\n').map_or(0, |i| i + 1);
    let start_here = before.rfind('\n').map_or(0, |i| i + 1);
    let line = |from: usize| text.get(from..).and_then(|rest| rest.lines().next()).unwrap_or("");
    if trap(line(start_here)).is_some() { line(start_here) } else { line(start) }
}

/// What to do about a line that YAML reads differently from its author.
fn trap(line: &str) -> Option<String> {
    let value = line.trim_start().trim_start_matches("- ").trim_start();
    let value = value.split_once(": ").map_or(value, |(_, rest)| rest.trim_start());
    let first = value.chars().next()?;
    let why = match first {
        '>' | '|' => "starts a block of text in YAML",
        '%' => "starts a directive in YAML",
        '*' => "starts an alias in YAML",
        '&' => "starts an anchor in YAML",
        '!' => "starts a tag in YAML",
        '@' | '`' => "is reserved in YAML",
        _ if line.contains('\t') => {
            return Some("indent with spaces; YAML refuses tabs".to_owned());
        }
        _ if line.matches(": ").count() > 1 => {
            return Some("a text that contains `: ` must stand in single quotes".to_owned());
        }
        _ if line.contains('{') && line.contains('$') => {
            return Some(
                "in `{ ... }` a comma ends the value: write `$1000`, or put the rule in single quotes"
                    .to_owned(),
            );
        }
        _ => return None,
    };
    Some(format!("`{first}` {why}; put the rule or text in single quotes: '{}'", value.replace('\'', "''")))
}
