//! The text of another tool's file that is a log of production: a damaged line costs that line and is counted, as a service that
//! was stopped writes some; and of a log whose fields are asked for nothing but the front is read.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::de::IgnoredAny;

use crate::document::steps;
use crate::evidence::feed::LONGEST;

/// How much text is the front of a log, in bytes.
const FRONT: u64 = 1 << 20;

/// How a log is read, and what became of it.
#[derive(Debug, Clone, Default)]
pub(in crate::evidence) struct Logged {
    /// How many bytes of text are wanted at least; none where it is all of it.
    most: Option<u64>,
    torn: Arc<AtomicU64>,
    cut: Arc<AtomicBool>,
}

impl Logged {
    /// All of a log.
    pub(in crate::evidence) fn whole() -> Self {
        Self::default()
    }

    /// The front of its text, up to the end of a line.
    pub(in crate::evidence) fn front() -> Self {
        Self { most: Some(FRONT), ..Self::default() }
    }

    /// The same once more, from its front.
    pub(in crate::evidence) fn again(&self) -> Self {
        Self { most: self.most, ..Self::default() }
    }

    /// Lines that cannot be read.
    pub(in crate::evidence) fn torn(&self) -> u64 {
        self.torn.load(Ordering::Relaxed)
    }

    /// Whether more of it follows that nobody asked for, so that its last document may not end.
    pub(in crate::evidence) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    /// Its text without damaged lines.
    pub(super) fn text<'s>(&self, text: Box<dyn Read + Send + 's>) -> Box<dyn Read + Send + 's> {
        Box::new(LoggedText {
            text: BufReader::new(text),
            logged: self.clone(),
            shape: Shape::Unknown,
            line: Vec::new(),
            at: 0,
            handed: 0,
        })
    }
}

/// Lines by which it is told whether a text is one of lines: those at its front may be torn.
const LOOKED_AT: usize = 8;

/// Whether the first line of a text begins a document that goes on below.
fn begins_document(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    line == b"{" || line.first() == Some(&b'[')
}

/// Whether a line is an object of JSON, as every line of a log of objects is.
#[must_use]
pub(crate) fn is_object_line(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let text = std::str::from_utf8(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line));
    text.is_ok_and(|text| text.starts_with('{') && is_json(text))
}

/// Whether a text is one value of JSON; `NaN` and its kin, which Python writes, are some.
fn is_json(text: &str) -> bool {
    // The quicker one says yes to nearly all.
    serde_json::from_str::<IgnoredAny>(text).is_ok() || steps(text, |_| Ok(())).is_ok()
}

/// Whether a text is one of lines of objects, by its first lines.
#[must_use]
pub(crate) fn is_of_object_lines(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').take(LOOKED_AT);
    !begins_document(text.split(|byte| *byte == b'\n').next().unwrap_or_default())
        && lines.any(is_object_line)
}

/// How the text is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Unknown,
    /// A document a line.
    Lines,
    /// Documents over several lines, or none of this.
    Documents,
}

struct LoggedText<R> {
    text: BufReader<R>,
    logged: Logged,
    shape: Shape,
    /// What is handed over now, and how much of it was.
    line: Vec<u8>,
    at: usize,
    handed: u64,
}

impl<R: Read> LoggedText<R> {
    /// The next line, at most as long as a row may be.
    fn next_line(&mut self, line: &mut Vec<u8>) -> io::Result<usize> {
        self.text.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', line)
    }

    /// Says how the text is laid out, by its first lines; they are handed over next.
    fn look(&mut self) -> io::Result<()> {
        let (mut text, mut starts) = (Vec::new(), vec![0]);
        self.shape = loop {
            let start = starts.last().copied().unwrap_or(0);
            self.next_line(&mut text)?;
            let line = text.get(start..).unwrap_or_default();
            if is_object_line(line) {
                break Shape::Lines;
            }
            let is_document = start == 0 && begins_document(line);
            if is_document || line.is_empty() || text.len() > LONGEST || starts.len() == LOOKED_AT {
                break Shape::Documents;
            }
            starts.push(text.len());
        };
        if self.shape == Shape::Lines
            && let Some(start) = starts.pop()
        {
            let before = text.get(..start).unwrap_or_default();
            let torn =
                before.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
            self.logged.torn.fetch_add(torn as u64, Ordering::Relaxed);
            // Their line feeds stay, so that the others keep their numbers.
            text.splice(..start, std::iter::repeat_n(b'\n', starts.len()));
        }
        self.line = text;
        Ok(())
    }

    /// Puts the next piece in place; false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        self.handed += self.line.len() as u64;
        self.line.clear();
        self.at = 0;
        if self.shape == Shape::Unknown {
            self.look()?;
            return Ok(!self.line.is_empty());
        }
        if self.logged.most.is_some_and(|most| self.handed >= most) && !self.text.fill_buf()?.is_empty() {
            self.logged.cut.store(true, Ordering::Relaxed);
            return Ok(false);
        }
        let mut line = std::mem::take(&mut self.line);
        if self.shape == Shape::Documents {
            let have = self.text.fill_buf()?;
            line.extend_from_slice(have);
            self.text.consume(line.len());
        } else {
            self.next_line(&mut line)?;
            // One that is longer than a row may be is left to its reader.
            let whole = line.len() > LONGEST || line.trim_ascii().is_empty() || is_object_line(&line);
            if !whole {
                self.logged.torn.fetch_add(1, Ordering::Relaxed);
                line.clear();
                line.push(b'\n');
            }
        }
        self.line = line;
        Ok(!self.line.is_empty())
    }
}

impl<R: Read> Read for LoggedText<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.line.len() {
            if !self.advance()? {
                return Ok(0);
            }
        }
        let rest = self.line.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, most: Option<u64>) -> (String, u64, bool) {
        let logged = Logged { most, ..Logged::default() };
        let mut out = String::new();
        logged.text(Box::new(text.as_bytes())).read_to_string(&mut out).unwrap();
        (out, logged.torn(), logged.is_cut())
    }

    #[test]
    fn a_damaged_line_costs_that_line() {
        for (text, left, torn) in [
            ("{\"a\":1}\n{\"a\":\n{\"a\":3}\n", "{\"a\":1}\n\n{\"a\":3}\n", 1),
            ("\":1}\n{\"a\":2}\n", "\n{\"a\":2}\n", 1),
            ("x\n\ny\n{\"a\":2}\n", "\n\n\n{\"a\":2}\n", 2),
            ("{\"a\":1}{\n{\"a\":2}\n\n[1]\n", "\n{\"a\":2}\n\n\n", 2),
            ("{\"a\":NaN}\n{\"a\":2}", "{\"a\":NaN}\n{\"a\":2}", 0),
            ("\u{feff}{\"a\":1}\nx", "\u{feff}{\"a\":1}\n\n", 1),
            ("", "", 0),
        ] {
            assert_eq!(read(text, None), (left.to_owned(), torn, false), "{text:?}");
        }
    }

    #[test]
    fn a_document_stays_as_it_is() {
        for text in
            ["{\n  \"a\": [\n    {}\n  ]\n}\n", "[{\"a\":1},\n{\"a\":\n", "{\n\"a\": {\"b\"", "x\ny\n"]
        {
            assert_eq!(read(text, None), (text.to_owned(), 0, false), "{text:?}");
        }
    }

    #[test]
    fn a_front_ends_with_a_line() {
        let text = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";
        assert_eq!(read(text, Some(9)), (text[..16].to_owned(), 0, true));
        assert_eq!(read(text, Some(24)), (text.to_owned(), 0, false));
        assert!(read(&format!("{{\n\"a\": \"{}\"}}", "x".repeat(100_000)), Some(9)).2);
    }
}
