//! Rows: an object or an array a line, of which only what is asked for is handed over.

use super::scanner::Scanner;
use crate::document::keys::Keys;
use crate::document::token::{Fault, Fields, Token};

impl<'a, const ROWS: bool> Scanner<'a, ROWS> {
    /// Skips an empty line; says whether there was one.
    pub(crate) fn blank_line(&mut self) -> bool {
        let start = self.at;
        self.space();
        match self.peek() {
            Some(b'\n') => self.at += 1,
            None if self.at > start => {}
            _ => {
                self.at = start;
                return false;
            }
        }
        true
    }

    /// Reads the object on this line, and the line's end.
    pub(crate) fn row<F: Fields<'a>>(&mut self, keys: &mut Keys, fields: &mut F) -> Result<(), Fault> {
        self.space();
        if self.peek() != Some(b'{') {
            return Err(self.unexpected("an object, `{`, was expected here"));
        }
        self.at += 1;
        keys.next_row();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            while self.field(keys, fields)? {}
        }
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(b'\n') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Fault::syntax(self.at, "nothing more was expected after the object")),
        }
    }

    /// Reads the array on this line, an element for each of `slots`, and the line's end.
    pub(crate) fn array<F: Fields<'a>>(
        &mut self,
        slots: &[Option<u32>],
        fields: &mut F,
    ) -> Result<(), Fault> {
        const COUNT: &str = "an array with a value for each column was expected here";
        let keys = Keys::default();
        self.space();
        for (number, slot) in slots.iter().enumerate() {
            if self.peek() != Some(if number == 0 { b'[' } else { b',' }) {
                return Err(self.unexpected(COUNT));
            }
            self.at += 1;
            self.space();
            match slot {
                None => self.skip(&keys)?,
                Some(slot) => self.value(&keys, *slot, fields)?,
            }
            self.space();
        }
        if self.peek() != Some(b']') {
            return Err(self.unexpected(COUNT));
        }
        self.at += 1;
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(b'\n') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Fault::syntax(self.at, "nothing more was expected after the array")),
        }
    }

    /// Reads one key and its value; says whether another field follows.
    #[inline]
    fn field<F: Fields<'a>>(&mut self, keys: &mut Keys, fields: &mut F) -> Result<bool, Fault> {
        let slot = match keys.predicted(self.rest()) {
            Some(length) => {
                self.at += length;
                // The row that the key was learnt from may have been written without a space here.
                self.space();
                keys.seen()?
            }
            None => self.key(keys, fields)?,
        };
        match slot {
            None => self.skip(keys)?,
            Some(slot) => self.value(keys, slot, fields)?,
        }
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.space();
                Ok(true)
            }
            Some(b'}') => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.unexpected("`,` or `}` was expected here")),
        }
    }

    /// Reads a key that stands where another one was expected, and the colon.
    #[cold]
    fn key<F: Fields<'a>>(&mut self, keys: &mut Keys, fields: &mut F) -> Result<Option<u32>, Fault> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes was expected here"));
        }
        let name = self.string()?.decode()?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:` was expected here"));
        }
        self.at += 1;
        self.space();
        keys.met(&name, self.slice(start, self.at), |name| fields.slot(name));
        keys.seen()
    }

    /// Reads a value and hands it over, in an arm of its own: a token that several arms make is written in pieces and moved as
    /// a whole, and the processor waits for that.
    #[inline]
    fn value<F: Fields<'a>>(&mut self, keys: &Keys, slot: u32, fields: &mut F) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => {
                let text = self.string()?;
                fields.take(slot, Token::Text(text))
            }
            Some(b'-' | b'0'..=b'9') => {
                let number = self.number(keys)?;
                fields.take(slot, Token::Number(number))
            }
            Some(b't') => {
                self.word("true")?;
                fields.take(slot, Token::Bool(true))
            }
            Some(b'f') => {
                self.word("false")?;
                fields.take(slot, Token::Bool(false))
            }
            Some(b'n') if !self.rest().starts_with(b"nan") => {
                self.word("null")?;
                fields.take(slot, Token::Null)
            }
            Some(open @ (b'[' | b'{')) => {
                let start = self.at;
                let empty = self.nested(keys, |_, _, _| Ok(()))?;
                let text = self.slice(start, self.at);
                let list = open == b'[';
                fields.take(slot, if list { Token::List { empty, text } } else { Token::Map { empty, text } })
            }
            _ => Err(self.no_value(keys)),
        }
    }

    /// Reads a value that nobody needs.
    #[inline]
    fn skip(&mut self, keys: &Keys) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'-' | b'0'..=b'9') => self.number(keys).map(drop),
            Some(b'[' | b'{') => self.nested(keys, |_, _, _| Ok(())).map(drop),
            _ => self.leaf(keys).map(drop),
        }
    }
}
