//! Lists and objects: checked, and handed over step by step.

use super::Scanner;
use crate::document::keys::Keys;
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

/// Hands the steps through `text`, one value in JSON, to `take`.
///
/// # Errors
/// Where it is not JSON, and whatever `take` refuses.
pub(crate) fn steps<'a>(
    text: &'a str,
    mut take: impl FnMut(Step<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    Scanner::<false>::new(text).document(|_, _, step| take(step))
}

impl<'a> Scanner<'a, false> {
    /// Reads one document and nothing behind it; `take` gets the first byte of each step and the one behind it.
    pub(crate) fn document(
        &mut self,
        mut take: impl FnMut(usize, usize, Step<'a>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let keys = Keys::default();
        self.space();
        if let Some(b'[' | b'{') = self.peek() {
            self.nested(&keys, take)?;
        } else {
            let start = self.at;
            let step = self.leaf(&keys)?;
            take(start, self.at, step)?;
        }
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Fault::syntax(self.at, "nothing more was expected after the document")),
        }
    }
}

impl<'a, const ROWS: bool> Scanner<'a, ROWS> {
    /// Reads a list or an object; says whether it is empty.
    #[inline]
    pub(super) fn nested(
        &mut self,
        keys: &Keys,
        mut take: impl FnMut(usize, usize, Step<'a>) -> Result<(), Fault>,
    ) -> Result<bool, Fault> {
        self.open.clear();
        let mut empty = true;
        loop {
            // Here a value is due, or the end of a bracket that was just opened.
            let opened = match self.peek() {
                Some(b'[') => Some((b']', Step::List)),
                Some(b'{') => Some((b'}', Step::Object)),
                _ => None,
            };
            if let Some((close, step)) = opened {
                empty = empty && self.open.is_empty();
                self.at += 1;
                take(self.at - 1, self.at, step)?;
                self.open.push(close);
                self.space();
                if self.peek() != Some(close) {
                    empty = false;
                    if close == b'}' {
                        self.inner_key(&mut take)?;
                    }
                    continue;
                }
            } else {
                let start = self.at;
                let leaf = self.leaf(keys)?;
                take(start, self.at, leaf)?;
            }
            if self.close_nested(&mut take)? {
                return Ok(empty);
            }
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

    /// After a value inside brackets: closes what ends here; true when the outermost closed.
    #[inline]
    fn close_nested(
        &mut self,
        take: &mut impl FnMut(usize, usize, Step<'a>) -> Result<(), Fault>,
    ) -> Result<bool, Fault> {
        loop {
            self.space();
            let Some(&close) = self.open.last() else { return Ok(true) };
            match self.peek() {
                Some(byte) if byte == close => {
                    self.at += 1;
                    take(self.at - 1, self.at, Step::End)?;
                    self.open.pop();
                    if self.open.is_empty() {
                        return Ok(true);
                    }
                }
                Some(b',') => {
                    self.at += 1;
                    self.space();
                    if close == b'}' {
                        self.inner_key(take)?;
                    }
                    return Ok(false);
                }
                _ => return Err(self.unexpected("`,` or a closing bracket was expected here")),
            }
        }
    }

    /// Reads a key inside a nested object, and the colon.
    #[inline]
    fn inner_key(
        &mut self,
        take: &mut impl FnMut(usize, usize, Step<'a>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes was expected here"));
        }
        let start = self.at;
        let key = self.string()?;
        take(start, self.at, Step::Key(key))?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:` was expected here"));
        }
        self.at += 1;
        self.space();
        Ok(())
    }
}
