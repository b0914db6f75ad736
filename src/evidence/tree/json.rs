//! JSON into a tree; strict but for bare words, which the caller words better than a parser can.

use super::{Broken, DEEPEST, Key, Kind, Node, mark_repeated};
use crate::evidence::number::Number;
use crate::evidence::scan::Scanner;
use crate::evidence::token::{Cause, Fault};

/// Reads one document, and nothing behind it.
pub(in crate::evidence) fn parse(text: &str) -> Result<Node, Broken> {
    let mut reader = Reader { text, at: 0, line: 1, scanner: Scanner::new(text) };
    let document = reader.value(0).and_then(|node| {
        reader.space();
        if reader.at < text.len() {
            return Err(Fault::syntax(reader.at, "nothing more was expected after the document"));
        }
        Ok(node)
    });
    document.map_err(|fault| reader.broken(&fault.cause()))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    scanner: Scanner<'a>,
}

impl Reader<'_> {
    fn broken(&self, fault: &Cause) -> Broken {
        let line_of = |at: usize| {
            let before = self.text.get(..at).unwrap_or(self.text);
            memchr::memchr_iter(b'\n', before.as_bytes()).count() as u64 + 1
        };
        match fault {
            Cause::Syntax(at, what) => Broken { line: line_of(*at), what: format!("not JSON: {what}") },
            Cause::CutOff if self.at >= self.text.len() => {
                Broken { line: self.line, what: "cut off: the document does not end".to_owned() }
            }
            Cause::CutOff => {
                Broken { line: self.line, what: "cut off: text on this line does not end".to_owned() }
            }
            Cause::Finding(finding) => Broken { line: self.line, what: finding.title.clone() },
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.line += u64::from(byte == b'\n');
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Fault> {
        self.space();
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            None => Err(Fault::cut_off()),
            Some(_) => Err(Fault::syntax(self.at, what)),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        self.space();
        let line = self.line;
        if depth > DEEPEST {
            return Err(Fault::syntax(self.at, "the document is nested too deeply"));
        }
        let kind = match self.peek() {
            None => return Err(Fault::cut_off()),
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(_) => self.word()?,
        };
        Ok(Node { line, kind })
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.scanner.jump(self.at);
        let text = self.scanner.string()?.decode()?;
        self.at = self.scanner.position();
        Ok(text.into_owned())
    }

    fn word(&mut self) -> Result<Kind, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
        let word = rest.get(..rest.find(|c| !part(c)).unwrap_or(rest.len())).unwrap_or_default();
        if word.is_empty() {
            return Err(Fault::syntax(self.at, "a value was expected here"));
        }
        let number = Number::scan(word, 0).is_some_and(|number| number.text == word);
        self.at += word.len();
        Ok(match word {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ if number => Kind::Number(word.to_owned()),
            // The document ends within a word: a number or `true` that was cut off.
            _ if self.at == self.text.len() => return Err(Fault::cut_off()),
            _ => Kind::Word(word.to_owned()),
        })
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Fault> {
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::List);
        }
        loop {
            self.value(depth + 1)?;
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
            } else {
                self.expect(b']', "`,` or `]` was expected here")?;
                return Ok(Kind::List);
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Fault> {
        self.at += 1;
        let mut entries = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Map(entries));
        }
        loop {
            self.space();
            let line = self.line;
            match self.peek() {
                Some(b'"') => {}
                None => return Err(Fault::cut_off()),
                Some(_) => return Err(Fault::syntax(self.at, "a key in double quotes was expected here")),
            }
            let key = Key { name: self.string()?, line, repeated: false };
            self.expect(b':', "`:` was expected here")?;
            entries.push((key, self.value(depth + 1)?));
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
            } else {
                self.expect(b'}', "`,` or `}` was expected here")?;
                mark_repeated(&mut entries);
                return Ok(Kind::Map(entries));
            }
        }
    }
}
