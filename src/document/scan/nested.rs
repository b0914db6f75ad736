//! Lists and objects: checked, and handed over step by step.

use super::scanner::{Scanner, Step};
use crate::document::keys::Keys;
use crate::document::token::Fault;

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
