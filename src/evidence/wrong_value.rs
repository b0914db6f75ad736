//! What is wrong with a value of a row, in words.

use super::sample::TruthWords;
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::document::{RawText, Token, decimal};

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
        .nature(Nature::Unseen)
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
pub(super) fn missing_rater() -> Diagnostic {
    Diagnostic::error(Code::MissingRater, "this row does not say who rated, or which versions were compared")
        .help("every row of ratings needs the fields that `rater:` and `sides:` name")
}

pub(super) fn bad_epoch(what: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, format!("`epoch` is {what} where an integer belongs"))
        .help("write `epoch` as 1, 2, 3, ..., or leave it out")
}

/// What a score may be, for help.
const SCORES: &str =
    "write true or false (or yes/no; where high is good also pass/fail or correct/incorrect), or a number";

#[cold]
pub(super) fn not_a_score(name: &str, token: Token<'_>) -> Diagnostic {
    let help = match token {
        Token::Text(text) => meant(&text.decode().unwrap_or_default(), true),
        _ => None,
    };
    let otherwise = || format!("{SCORES}; `null` where a sample has no score");
    wrong_score(name, &describe(token)).help(help.unwrap_or_else(otherwise))
}

#[cold]
pub(super) fn not_a_cell_score(name: &str, cell: &str) -> Diagnostic {
    let otherwise =
        || format!("{SCORES} with a decimal point; leave the cell empty where a sample has no score");
    wrong_score(name, &format!("text ({})", quoted(cell))).help(meant(cell, false).unwrap_or_else(otherwise))
}

fn wrong_score(name: &str, what: &str) -> Diagnostic {
    let title = format!("`{}` is {what} where a number or true/false belongs", printable(name));
    Diagnostic::error(Code::WrongType, title)
}

/// What to do about a text that is nearly a score: only how it is written keeps it from being one.
fn meant(text: &str, quotes: bool) -> Option<String> {
    let bare = text.trim();
    let number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    if bare != text && (number(bare) || TruthWords::said(bare).is_some()) {
        return Some(format!(
            "a space stands beside {}: write the values without spaces around them",
            quoted(bare)
        ));
    }
    if quotes && number(bare) {
        return Some(format!("write the number without quotes: {bare}"));
    }
    let point = bare.replacen(',', ".", 1);
    if point != bare && number(&point) && !point.contains(',') {
        return Some(format!("write a decimal point: {point}"));
    }
    let percent = bare.strip_suffix('%').map(str::trim_end).and_then(|digits| digits.parse::<f64>().ok())?;
    let fraction = decimal::times_ratio(percent, 1, 100);
    fraction.is_finite().then(|| format!("write the fraction: {fraction}"))
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
