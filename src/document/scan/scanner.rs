//! A place in a text, and what holds nothing else: strings, numbers, words.

use memchr::memchr3;

use crate::document::keys::Keys;
use crate::document::number::Number;
use crate::document::token::{Fault, RawText, Token};

/// A step through a list or an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step<'a> {
    /// A list starts.
    List,
    /// An object starts.
    Object,
    /// The innermost list or object ends.
    End,
    /// The key of the value that comes next.
    Key(RawText<'a>),
    /// A value that holds no others.
    Leaf(Token<'a>),
    /// A bare word that JSON does not know (`NaN`, `None`); in documents only.
    Word(&'a str),
}

/// A place in a text: in rows, an object a line, or in one document.
pub(crate) struct Scanner<'a, const ROWS: bool = true> {
    pub(super) text: &'a str,
    bytes: &'a [u8],
    pub(super) at: usize,
    /// Whether no control character but the line feed stands in the text: then strings need no check.
    clean: bool,
    /// Whether an escape stands in the string that was read last.
    escaped: bool,
    /// The closing brackets that are due, innermost last.
    pub(super) open: Vec<u8>,
}

impl<'a, const ROWS: bool> Scanner<'a, ROWS> {
    /// Starts at the beginning of `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        Self { text, bytes, at: 0, clean: !has_control_in_rows(bytes), escaped: false, open: Vec::new() }
    }

    /// The byte that is read next.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Goes on at another byte.
    pub(crate) fn jump(&mut self, at: usize) {
        self.at = at;
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        // Both ends stand beside an ASCII character, so this is never `None`.
        self.text.get(start..end).unwrap_or_default()
    }

    /// The fault of finding something else than what was expected.
    pub(super) fn unexpected(&self, what: &'static str) -> Fault {
        match self.peek() {
            Some(b'\n') if ROWS => Fault::cut_off(),
            None => Fault::cut_off(),
            Some(_) => Fault::syntax(self.at, what),
        }
    }

    /// Skips white space, in rows but not the end of the line.
    #[inline]
    pub(super) fn space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\n') if !ROWS => self.at += 1,
                _ => return,
            }
        }
    }

    /// Nothing that a value starts with: says so, with own words for what other tools write.
    #[cold]
    pub(super) fn no_value(&self, keys: &Keys) -> Fault {
        let rest = self.rest();
        let unsigned = rest.strip_prefix(b"-").unwrap_or(rest);
        let word: String = unsigned
            .iter()
            .take(12)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .map(|b| *b as char)
            .collect();
        match word.to_ascii_lowercase().as_str() {
            "nan" | "inf" | "infinity" => Fault::not_finite(keys.name(), word),
            "none" | "true" | "false" => Fault::syntax(
                self.at,
                "`true`, `false` or `null` was expected here; Python's own spelling is not JSON: write rows with `json.dumps`",
            ),
            _ => self.unexpected("a value was expected here"),
        }
    }

    #[inline]
    pub(super) fn word(&mut self, word: &'static str) -> Result<(), Fault> {
        if self.rest().starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.no_word(word))
    }

    /// The fault of another word, at its first byte that is another.
    #[cold]
    fn no_word(&mut self, word: &str) -> Fault {
        self.at +=
            self.rest().iter().zip(word.bytes()).take_while(|(own, expected)| **own == *expected).count();
        self.unexpected("`true`, `false`, `null`, a number or text was expected here")
    }

    /// Reads a string; stands at its opening quote.
    #[inline]
    pub(super) fn string(&mut self) -> Result<RawText<'a>, Fault> {
        let start = self.at + 1;
        self.skip_string()?;
        Ok(RawText { inside: self.slice(start, self.at - 1), escaped: self.escaped, at: start })
    }

    /// Skips a string; `escaped` then says whether an escape stands in it.
    pub(super) fn skip_string(&mut self) -> Result<(), Fault> {
        let start = self.at + 1;
        let mut at = start;
        self.escaped = false;
        loop {
            at += self.plain(at)?;
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.escaped = true;
                    at = self.escape(at)?;
                }
                _ => return Err(Fault::cut_off()),
            }
        }
        self.at = at + 1;
        if !self.clean && has_control(self.bytes.get(start..at).unwrap_or_default()) {
            return Err(Fault::syntax(
                start,
                "text holds a raw control character here; it must be escaped, as in `\\t`",
            ));
        }
        Ok(())
    }

    /// How many bytes from `at` are neither a quote, a backslash nor a line feed.
    #[inline]
    fn plain(&self, at: usize) -> Result<usize, Fault> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        // Ids and labels end within a few bytes, where a call costs more than it saves.
        let mut far = rest;
        while let (Some((near, behind)), true) =
            (far.split_first_chunk::<8>(), rest.len() - far.len() < SHORT)
        {
            if let Some(length) = end_of_plain(*near) {
                return Ok(rest.len() - far.len() + length);
            }
            far = behind;
        }
        let passed = rest.len() - far.len();
        memchr3(b'"', b'\\', b'\n', far).map(|length| passed + length).ok_or_else(Fault::cut_off)
    }

    /// Checks the escape at `at`; returns the byte after it.
    fn escape(&self, at: usize) -> Result<usize, Fault> {
        const WHAT: &str = "an escape that JSON does not know";
        match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'u') => {
                for place in at + 2..at + 6 {
                    match self.bytes.get(place) {
                        Some(byte) if byte.is_ascii_hexdigit() => {}
                        None | Some(b'\n') => return Err(Fault::cut_off()),
                        Some(_) => return Err(Fault::syntax(at, WHAT)),
                    }
                }
                Ok(at + 6)
            }
            None | Some(b'\n') => Err(Fault::cut_off()),
            Some(_) => Err(Fault::syntax(at, WHAT)),
        }
    }

    /// Reads a number.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "moved out of a call, it is written in pieces and read as a whole, and the processor waits"
    )]
    pub(super) fn number(&mut self, keys: &Keys) -> Result<Number<'a>, Fault> {
        match Number::scan(self.text, self.at) {
            Some(number) => {
                self.at += number.text.len();
                Ok(number)
            }
            None => Err(self.bad_number(keys)),
        }
    }

    #[cold]
    fn bad_number(&self, keys: &Keys) -> Fault {
        let digits = self.rest().iter().take_while(|byte| b"+-.eE0123456789".contains(byte)).count();
        match self.bytes.get(self.at + digits) {
            None | Some(b'\n') => Fault::cut_off(),
            Some(byte) if byte.is_ascii_alphabetic() => self.no_value(keys),
            Some(_) => Fault::syntax(self.at, "a number in JSON's spelling was expected here"),
        }
    }

    /// Reads a value that holds no others.
    #[inline]
    pub(super) fn leaf(&mut self, keys: &Keys) -> Result<Step<'a>, Fault> {
        let token = match self.peek() {
            Some(b'"') => self.string().map(Token::Text),
            Some(b'0'..=b'9') => self.number(keys).map(Token::Number),
            _ if !ROWS && self.bare_word().is_some() => return self.word_step(),
            Some(b'-') => self.number(keys).map(Token::Number),
            Some(b't') => self.word("true").map(|()| Token::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Token::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Token::Null),
            _ => Err(self.no_value(keys)),
        };
        token.map(Step::Leaf)
    }

    /// The word that stands here, where it is none of JSON's.
    fn bare_word(&self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let length =
            rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(byte)).count();
        let word = rest.get(..length)?;
        let letter = word.trim_start_matches('-').starts_with(|first: char| first.is_ascii_alphabetic());
        (letter && !matches!(word, "true" | "false" | "null")).then_some(word)
    }

    #[cold]
    fn word_step(&mut self) -> Result<Step<'a>, Fault> {
        let word = self.bare_word().unwrap_or_default();
        self.at += word.len();
        // A word at the very end is `true` or a number that was cut off.
        if self.at == self.text.len() { Err(Fault::cut_off()) } else { Ok(Step::Word(word)) }
    }
}

/// Strings up to this length are looked through without a call.
const SHORT: usize = 16;

/// Whether a control character stands in `bytes`.
fn has_control(bytes: &[u8]) -> bool {
    // No early exit within a chunk, so that the compiler can look at many bytes at once.
    bytes.chunks(4096).any(|chunk| chunk.iter().fold(u8::MAX, |least, byte| least.min(*byte)) < 0x20)
}

/// Whether a control character other than the line feed stands in `bytes`.
fn has_control_in_rows(bytes: &[u8]) -> bool {
    // This maps the line feed to 255, the other control characters to 0..31, and nothing else there.
    let mapped = |byte: &u8| (byte ^ b'\n').wrapping_sub(1);
    bytes.chunks(4096).any(|chunk| chunk.iter().fold(u8::MAX, |least, byte| least.min(mapped(byte))) < 0x1f)
}

/// The position of the first quote, backslash or line feed among eight bytes.
#[inline]
fn end_of_plain(bytes: [u8; 8]) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(bytes);
    // The lowest bit that is set here marks the first zero byte of `x`; bits above it mean nothing.
    let zero = |x: u64| x.wrapping_sub(LOW) & !x & (LOW << 7);
    let sought = |byte: u8| zero(word ^ (LOW * u64::from(byte)));
    let hits = sought(b'"') | sought(b'\\') | sought(b'\n');
    (hits != 0).then(|| hits.trailing_zeros() as usize / 8)
}
