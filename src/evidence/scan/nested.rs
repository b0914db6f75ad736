//! Lists and objects inside of a row: checked and skipped, without recursion, so that no depth can exhaust the
//! stack.

use super::Scanner;
use crate::evidence::keys::Keys;
use crate::evidence::token::Fault;

impl Scanner<'_> {
    /// Skips a list or an object, without recursion; says whether it is empty.
    pub(super) fn nested(&mut self, keys: &Keys) -> Result<bool, Fault> {
        self.open.clear();
        let mut empty = true;
        loop {
            // Here a value is due, or the end of a bracket that was just opened.
            let opened = match self.peek() {
                Some(b'[') => Some(b']'),
                Some(b'{') => Some(b'}'),
                _ => None,
            };
            if let Some(close) = opened {
                empty = empty && self.open.is_empty();
                self.at += 1;
                self.open.push(close);
                self.space();
                if self.peek() != Some(close) {
                    empty = false;
                    if close == b'}' {
                        self.inner_key()?;
                    }
                    continue;
                }
            } else {
                self.leaf(keys)?;
            }
            if self.close_nested()? {
                return Ok(empty);
            }
        }
    }

    /// Reads a value that holds no others.
    pub(super) fn leaf(&mut self, keys: &Keys) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.skip_string().map(|_| ()),
            Some(b'-' | b'0'..=b'9') => self.number(keys).map(|_| ()),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => Err(self.no_value(keys)),
        }
    }

    /// After a value inside brackets: closes what ends here; true when the outermost closed.
    fn close_nested(&mut self) -> Result<bool, Fault> {
        loop {
            self.space();
            let Some(&close) = self.open.last() else { return Ok(true) };
            match self.peek() {
                Some(byte) if byte == close => {
                    self.at += 1;
                    self.open.pop();
                    if self.open.is_empty() {
                        return Ok(true);
                    }
                }
                Some(b',') => {
                    self.at += 1;
                    self.space();
                    if close == b'}' {
                        self.inner_key()?;
                    }
                    return Ok(false);
                }
                _ => return Err(self.unexpected("`,` or a closing bracket was expected here")),
            }
        }
    }

    /// Reads a key inside a nested object, and the colon.
    fn inner_key(&mut self) -> Result<(), Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes was expected here"));
        }
        self.skip_string()?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:` was expected here"));
        }
        self.at += 1;
        self.space();
        Ok(())
    }
}
