//! What a scanner hands over: values as they stand in the text, and why a row could not be read.

use std::borrow::Cow;

use super::number::Number;
use crate::diagnostic::Diagnostic;

/// Why a row could not be read; a pointer, so that the way without faults stays cheap.
#[derive(Debug)]
pub(crate) struct Fault(Box<Cause>);

/// Why a row could not be read.
#[derive(Debug)]
pub(crate) enum Cause {
    /// The row ended where more had to come.
    CutOff,
    /// Not JSON: the byte where it went wrong, and what was expected there.
    Syntax(usize, &'static str),
    /// `NaN` or one of its kin, which Python writes and JSON does not know: the field and the word.
    NotFinite {
        /// The field.
        field: String,
        /// The word, as written.
        word: String,
    },
    /// A key that stands twice in one row.
    Repeated(String),
    /// Well-formed, but not what the reader of the values can take.
    Finding(Diagnostic),
}

impl Fault {
    #[cold]
    pub(crate) fn cut_off() -> Self {
        Self(Box::new(Cause::CutOff))
    }

    #[cold]
    pub(crate) fn syntax(at: usize, what: &'static str) -> Self {
        Self(Box::new(Cause::Syntax(at, what)))
    }

    #[cold]
    pub(super) fn not_finite(field: &str, word: String) -> Self {
        Self(Box::new(Cause::NotFinite { field: field.to_owned(), word }))
    }

    #[cold]
    pub(crate) fn repeated(key: &str) -> Self {
        Self(Box::new(Cause::Repeated(key.to_owned())))
    }

    /// What it was.
    pub(crate) fn cause(self) -> Cause {
        *self.0
    }
}

impl From<Diagnostic> for Fault {
    #[cold]
    fn from(finding: Diagnostic) -> Self {
        Self(Box::new(Cause::Finding(finding)))
    }
}

/// One value as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Token<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number<'a>),
    /// What stands between two quotes.
    Text(RawText<'a>),
    /// A list.
    List {
        /// Whether nothing stands in it.
        empty: bool,
        /// As written, brackets included.
        text: &'a str,
    },
    /// An object.
    Map {
        /// Whether nothing stands in it.
        empty: bool,
        /// As written, brackets included.
        text: &'a str,
    },
}

/// The inside of a JSON string, escapes still in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RawText<'a> {
    /// The text between the quotes.
    pub(crate) inside: &'a str,
    /// Whether a backslash stands in it.
    pub(crate) escaped: bool,
    /// Where it starts, for messages.
    pub(crate) at: usize,
}

impl<'a> RawText<'a> {
    /// Whether `text` is meant.
    pub(crate) fn means(self, text: &str) -> bool {
        if self.escaped { self.decode().is_ok_and(|own| own == text) } else { self.inside == text }
    }

    /// The text that is meant; borrowed where no escape stands in it.
    pub(crate) fn decode(self) -> Result<Cow<'a, str>, Fault> {
        if self.escaped { unescape(self).map(Cow::Owned) } else { Ok(Cow::Borrowed(self.inside)) }
    }
}

/// What takes the fields of a row.
pub(crate) trait Fields<'a> {
    /// Where a field of this name goes; `None` where it is not needed. Asked once a name and block.
    fn slot(&mut self, name: &str) -> Option<u32>;

    /// Takes one value.
    fn take(&mut self, slot: u32, token: Token<'a>) -> Result<(), Fault>;
}

/// Replaces the escapes, which were checked for their form before.
fn unescape(raw: RawText<'_>) -> Result<String, Fault> {
    let half =
        || Fault::syntax(raw.at, "text holds one half of a character that is written as two `\\u` escapes");
    let mut text = String::with_capacity(raw.inside.len());
    let mut rest = raw.inside;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut after = escape.chars();
        match after.next() {
            Some('u') => {
                let (unit, tail) = hex_unit(after.as_str()).ok_or_else(half)?;
                let (pair, tail) = match tail.strip_prefix("\\u").and_then(hex_unit) {
                    Some((low, tail)) if (0xd800..0xdc00).contains(&unit) => ([unit, low], tail),
                    _ => ([unit, 0], tail),
                };
                let character = char::decode_utf16(pair).next().and_then(Result::ok).ok_or_else(half)?;
                text.push(character);
                rest = tail;
                continue;
            }
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(same) => text.push(same),
            None => return Err(half()),
        }
        rest = after.as_str();
    }
    text.push_str(rest);
    Ok(text)
}

/// Four hexadecimal digits as a UTF-16 unit, and what follows them.
fn hex_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}
