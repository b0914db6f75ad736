//! What a value of a row means as an id, an epoch, an error, a score, a label, a text or a time.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};

use super::sample::{Id, TruthWords, Value};
use super::wrong_value::{
    bad_epoch, bad_id, bad_time, describe, large_id, not_a_cell_score, not_a_score, not_finite, quoted,
    too_large,
};
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::document::{Fault, Token};

/// One of several fields that are joined to an id.
pub(super) fn part<'a>(token: &Token<'a>) -> Result<Cow<'a, str>, Fault> {
    match *token {
        Token::Number(number) if number.whole => Ok(number.text.into()),
        Token::Text(text) => text.decode(),
        Token::Bool(value) => Ok(if value { "true" } else { "false" }.into()),
        other => Err(bad_id(&describe(other)).into()),
    }
}

#[inline]
pub(super) fn id<'a>(token: &Token<'a>) -> Result<Id<'a>, Fault> {
    match *token {
        Token::Text(text) if !text.inside.is_empty() => Ok(Id::Text(text.decode()?)),
        Token::Number(number) => match number.integer() {
            Some(integer) => Ok(Id::Integer(integer)),
            None if number.whole && number.text != "-0" => Err(large_id(number.text).into()),
            None => Err(bad_id(&format!("the number {}", number.text)).into()),
        },
        other => Err(bad_id(&describe(other)).into()),
    }
}

pub(super) fn epoch(token: &Token<'_>) -> Result<Option<i64>, Fault> {
    match *token {
        Token::Null => Ok(None),
        Token::Number(number) if number.integer().is_some() => Ok(number.integer()),
        other => Err(bad_epoch(&describe(other)).into()),
    }
}

pub(super) fn cell_epoch(cell: &str) -> Result<Option<i64>, Fault> {
    if cell.is_empty() {
        return Ok(None);
    }
    cell.parse().map(Some).map_err(|_| bad_epoch(&format!("text ({})", quoted(cell))).into())
}

/// What the `error` of a row says; none where it says that there was none.
pub(super) fn error<'a>(token: &Token<'a>) -> Option<Cow<'a, str>> {
    match *token {
        Token::Null | Token::Bool(false) => None,
        Token::Bool(true) => Some("true".into()),
        Token::Number(number) => (number.value() != Some(0.0)).then(|| number.text.into()),
        // What cannot be read as a text was an error all the same.
        Token::Text(text) => {
            let text = text.decode().unwrap_or(text.inside.into());
            (!says_nothing(&text)).then_some(text)
        }
        Token::List { text, empty } | Token::Map { text, empty } => (!empty).then(|| text.into()),
    }
}

/// Whether a text is one of those by which programs say that there was no error.
pub(super) fn says_nothing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ["none", "null", "no", "n/a"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The same for a cell, in which false and 0 are text too.
pub(super) fn cell_says_nothing(cell: &str) -> bool {
    says_nothing(cell) || cell.trim().eq_ignore_ascii_case("false") || cell.trim().parse() == Ok(0.0)
}

/// A label of a cell: `true`, `True` and `TRUE` are one.
pub(super) fn cell_label<'a>(cell: &Cow<'a, str>) -> Cow<'a, str> {
    match ["true", "false"].into_iter().find(|word| cell.eq_ignore_ascii_case(word)) {
        Some(word) => Cow::Borrowed(word),
        None => cell.clone(),
    }
}

/// A text that is compared with another.
pub(super) fn text<'a>(name: &str, token: &Token<'a>) -> Result<Value<'a>, Fault> {
    match *token {
        Token::Text(text) => Ok(Value::Text(text.decode()?)),
        Token::Number(number) => Ok(Value::Text(number.text.into())),
        Token::Null => Ok(Value::Null),
        other => Err(Diagnostic::error(
            Code::WrongType,
            format!("`{}` is {} where text belongs", printable(name), describe(other)),
        )
        .help("name a field that holds the text itself")
        .into()),
    }
}

/// A text that another is compared with, or a list of them.
pub(super) fn texts<'a>(name: &str, token: &Token<'a>) -> Result<Value<'a>, Fault> {
    let Token::List { text: list, .. } = *token else { return text(name, token) };
    // Whoever reads the row has seen that it is JSON.
    match serde_json::from_str::<Vec<String>>(list) {
        Ok(texts) => Ok(Value::Texts(texts.into_iter().map(Cow::Owned).collect())),
        Err(_) => Err(Diagnostic::error(
            Code::WrongType,
            format!("`{}` is a list in which something else than text stands", printable(name)),
        )
        .help("write a list of texts: `[\"one\", \"other\"]`")
        .into()),
    }
}

/// A time in seconds since 1970.
pub(super) fn time<'a>(name: &str, token: &Token<'a>) -> Result<Value<'a>, Fault> {
    match *token {
        Token::Null => Ok(Value::Null),
        Token::Number(number) => match number.value() {
            Some(value) => Ok(Value::Number(value)),
            None => Err(too_large(name, number.text).into()),
        },
        Token::Text(text) => cell_time(name, &text.decode()?),
        other => Err(bad_time(name, &describe(other)).into()),
    }
}

pub(super) fn cell_time<'a>(name: &str, cell: &str) -> Result<Value<'a>, Fault> {
    let seconds = |time: DateTime<FixedOffset>| time.timestamp_millis() as f64 / 1000.0;
    match (DateTime::parse_from_rfc3339(cell), cell.parse::<f64>()) {
        (Ok(time), _) => Ok(Value::Number(seconds(time))),
        (_, Ok(value)) if value.is_finite() => Ok(Value::Number(value)),
        _ => Err(bad_time(name, &format!("text ({})", quoted(cell))).into()),
    }
}

#[inline]
pub(super) fn score<'a>(name: &str, token: &Token<'a>) -> Result<Value<'a>, Fault> {
    match *token {
        Token::Number(number) => match number.value() {
            Some(value) => Ok(Value::Number(value)),
            None => Err(too_large(name, number.text).into()),
        },
        Token::Bool(value) => Ok(Value::Bool(value)),
        Token::Null => Ok(Value::Null),
        Token::Text(text) => match TruthWords::said(&text.decode()?) {
            Some((words, value)) => Ok(Value::Truth(words, value)),
            None => Err(not_a_score(name, *token).into()),
        },
        other => Err(not_a_score(name, other).into()),
    }
}

#[inline]
pub(super) fn label<'a>(name: &str, token: &Token<'a>) -> Result<Value<'a>, Fault> {
    match *token {
        Token::Text(text) => Ok(Value::Text(text.decode()?)),
        Token::Bool(value) => Ok(Value::Bool(value)),
        Token::Null => Ok(Value::Null),
        Token::Number(number) => Ok(Value::Written(number.text)),
        Token::List { .. } | Token::Map { .. } => Err(Diagnostic::error(
            Code::WrongType,
            format!(
                "`{}` is {} where a label (text, true/false or a number) belongs",
                printable(name),
                describe(*token)
            ),
        )
        .help("name a field that holds a single value")
        .into()),
    }
}

/// Reads a CSV cell as a score.
pub(super) fn cell_score(name: &str, cell: &str) -> Result<Value<'static>, Fault> {
    match TruthWords::said(cell) {
        // A cell has no quotes to tell them from text.
        Some((TruthWords::TrueFalse, value)) => return Ok(Value::Bool(value)),
        Some((words, value)) => return Ok(Value::Truth(words, value)),
        None => {}
    }
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Value::Number(value)),
        Ok(_) if cell.bytes().any(|byte| byte.is_ascii_digit()) => Err(too_large(name, cell).into()),
        Ok(_) => Err(not_finite(name, cell).into()),
        Err(_) => Err(not_a_cell_score(name, cell).into()),
    }
}
