//! Goes through a list or an object that stands in a row, piece by piece and without recursion.
//!
//! Deliberately absent: checking its form; the scanner did that.

use std::borrow::Cow;

use super::Value;
use crate::evidence::token::{Fault, RawText};

/// A piece of a list or an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece<'a> {
    /// A list starts.
    List,
    /// An object starts.
    Object,
    /// The innermost list or object ends.
    End,
    /// The key of the value that comes next.
    Key(Cow<'a, str>),
    /// A value that holds no others.
    Leaf(Value<'a>),
}

/// Hands the pieces of `text`, a list or an object in sound JSON, to `take` in order.
pub(crate) fn walk<'a>(text: &'a str, mut take: impl FnMut(Piece<'a>)) {
    // The row was checked when it was read, so nothing here can fail.
    let _ = pieces(text, |piece| {
        take(piece);
    });
}

/// Checks what the scanner leaves to whoever needs the text: escapes that stand for half a character.
pub(super) fn checked(text: &str) -> Result<(), Fault> {
    if text.contains("\\u") { pieces(text, |_| {}) } else { Ok(()) }
}

fn pieces<'a>(text: &'a str, mut take: impl FnMut(Piece<'a>)) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    // Whether the innermost bracket is an object's.
    let mut objects = Vec::new();
    // Whether a key is due.
    let mut key = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => {
                key = *byte == b'{';
                objects.push(key);
                take(if key { Piece::Object } else { Piece::List });
            }
            b'}' | b']' => {
                objects.pop();
                key = false;
                take(Piece::End);
            }
            b',' => key = objects.last() == Some(&true),
            b'"' => {
                let raw = string(text, at);
                at += raw.inside.len() + 1;
                let text = raw.decode()?;
                take(if key { Piece::Key(text) } else { Piece::Leaf(Value::Text(text)) });
                key = false;
            }
            b':' | b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => {
                let rest = text.get(at - 1..).unwrap_or_default();
                let word = rest.get(..word_length(rest)).unwrap_or_default();
                at += word.len().saturating_sub(1);
                take(Piece::Leaf(scalar(word)));
            }
        }
    }
    Ok(())
}

/// The string whose inside starts at `start`.
fn string(text: &str, start: usize) -> RawText<'_> {
    let rest = text.get(start..).unwrap_or_default();
    let bytes = rest.as_bytes();
    let mut escaped = false;
    let mut at = 0;
    while let Some(hit) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += hit;
        if bytes.get(at) == Some(&b'"') {
            break;
        }
        escaped = true;
        at += 2;
    }
    RawText { inside: rest.get(..at).unwrap_or(rest), escaped, at: start }
}

fn word_length(rest: &str) -> usize {
    rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count().max(1)
}

fn scalar(word: &str) -> Value<'_> {
    match word {
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number if number.bytes().any(|byte| b".eE".contains(&byte)) => Value::Decimal(number),
        number => Value::Integer(number),
    }
}
