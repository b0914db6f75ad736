//! What is wrong with a value of a row, in words.

use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::document::{RawText, Token};

/// The kind of value, and the value where it is short.
pub(super) fn describe(token: Token<'_>) -> String {
    match token {
        Token::Null => "null".to_owned(),
        Token::Bool(value) => value.to_string(),
        Token::Number(number) => number.text.chars().take(40).collect(),
        Token::Text(RawText { inside: "", .. }) => "empty text".to_owned(),
        Token::Text(text) => format!("text ({})", quoted(text.inside)),
        Token::List { .. } => "a list".to_owned(),
        Token::Map { .. } => "an object".to_owned(),
    }
}

/// Foreign text for a message: in quotes, short, and harmless to a terminal.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let dots = if short.len() < text.len() { "..." } else { "" };
    format!("\"{}{dots}\"", printable(&short).replace('\n', "\\n"))
}

/// `NaN` and its kin, which Python writes and JSON does not know.
#[cold]
pub(super) fn not_finite(field: &str, word: &str) -> Diagnostic {
    Diagnostic::error(Code::NotFinite, format!("`{}` is {word}, which is no number", printable(field)))
        .nature(Nature::Malformed)
        .help("find out why the evaluation produced it; write `null` for a sample that has no score")
}

/// The finding that a row has no `id`.
#[cold]
pub(super) fn missing_id() -> Diagnostic {
    Diagnostic::error(Code::MissingId, "this row has no `id`")
        .note("without an id a sample counted twice, or missing from the baseline, would go unseen")
        .help("give every row an `id` (text or an integer), and an `epoch` where one id is run several times")
}

#[cold]
pub(super) fn bad_id(what: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, format!("`id` is {what} where text or an integer belongs"))
        .help("write ids as text, in double quotes")
}

#[cold]
pub(super) fn large_id(text: &str) -> Diagnostic {
    let text: String = text.chars().take(40).collect();
    Diagnostic::error(Code::WrongType, format!("the `id` {text} is an integer too large to be read exactly"))
        .help("write ids as text, in double quotes")
}

#[cold]
pub(super) fn bad_epoch(what: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, format!("`epoch` is {what} where an integer belongs"))
        .help("write `epoch` as 1, 2, 3, ..., or leave it out")
}

#[cold]
pub(super) fn not_a_score(name: &str, what: &str) -> Diagnostic {
    Diagnostic::error(
        Code::WrongType,
        format!("`{}` is {what} where a number or true/false belongs", printable(name)),
    )
    .help("write the score as a bare number, or `null` where a sample has none")
}

#[cold]
pub(super) fn not_a_cell_score(name: &str, what: &str) -> Diagnostic {
    Diagnostic {
        help: vec!["write the score as a bare number with a decimal point; leave the cell empty where a sample has no score".to_owned()],
        ..not_a_score(name, what)
    }
}

#[cold]
pub(super) fn too_large(name: &str, text: &str) -> Diagnostic {
    let text: String = text.chars().take(40).collect();
    Diagnostic::error(
        Code::NotFinite,
        format!("`{}` is {text}, which is too large for a number", printable(name)),
    )
    .help("find out why the evaluation produced it; write `null` for a sample that has no score")
}

#[cold]
pub(super) fn bad_time(name: &str, what: &str) -> Diagnostic {
    Diagnostic::error(Code::BadTime, format!("`{}` is {what} where a time belongs", printable(name)))
        .help("write date, time and zone, as in \"2026-11-20T09:00:00Z\", or seconds since 1970")
}
