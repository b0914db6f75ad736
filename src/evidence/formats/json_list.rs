//! One JSON list of rows as a stream of lines, an element each, so that a list of any length is read in little memory.

use std::io::{self, Read};

use super::about::{About, Head, Holding, Layout};

/// What the format says of itself.
pub(super) static ABOUT: About = About {
    endings: &[],
    shows,
    content: Holding::Samples(|_| Ok(vec![Layout::List])),
    text_labels: false,
    fields: &[],
};

/// A list of objects; an empty one too.
fn shows(head: &Head<'_>) -> bool {
    let inside = head.text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| matches!(inside.first(), Some(b'{' | b']')))
}

/// Bytes that are turned at once.
const CHUNK: usize = 64 * 1024;

/// The elements of the list that a stream holds, a line each.
pub(in crate::evidence) struct Elements<R> {
    stream: R,
    /// Turned bytes that were not handed over yet.
    ready: Vec<u8>,
    handed: usize,
    ended: bool,
    state: State,
}

/// Where in the list the next byte stands.
struct State {
    /// Open brackets; 1 within the list itself.
    depth: u64,
    /// Within text: whether a backslash came before.
    text: Option<bool>,
    /// Whether the list was closed.
    closed: bool,
    /// Whether something of the current element was seen.
    element: bool,
    /// Whether a comma came before, so that another element is due.
    due: bool,
    /// Bytes of a byte order mark that were seen.
    mark: usize,
}

impl<R: Read> Elements<R> {
    /// Reads the list from its front.
    pub(in crate::evidence) fn new(stream: R) -> Self {
        let state = State { depth: 0, text: None, closed: false, element: false, due: false, mark: 0 };
        Self { stream, ready: Vec::new(), handed: 0, ended: false, state }
    }

    /// Turns the next bytes.
    fn refill(&mut self) -> io::Result<()> {
        self.handed = 0;
        self.ready.resize(CHUNK, 0);
        let read = loop {
            match self.stream.read(&mut self.ready) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.ready.truncate(read);
        if read == 0 {
            self.ended = true;
            if !self.state.closed {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the list does not end"));
            }
        }
        for byte in &mut self.ready {
            *byte = self.state.turn(*byte)?;
        }
        Ok(())
    }
}

impl State {
    /// What becomes of a byte.
    fn turn(&mut self, byte: u8) -> io::Result<u8> {
        if let Some(escaped) = self.text {
            self.text = if byte == b'"' && !escaped { None } else { Some(byte == b'\\' && !escaped) };
            return Ok(byte);
        }
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            return Ok(b' ');
        }
        if self.depth == 0 {
            return self.outside(byte);
        }
        match byte {
            b',' if self.depth == 1 => {
                if !self.element {
                    return Err(invalid("an element of the list is missing before a comma"));
                }
                (self.element, self.due) = (false, true);
                return Ok(b'\n');
            }
            b']' if self.depth == 1 => {
                if self.due && !self.element {
                    return Err(invalid("an element of the list is missing after the last comma"));
                }
                (self.depth, self.closed) = (0, true);
                return Ok(b' ');
            }
            b'"' => self.text = Some(false),
            b'[' | b'{' => self.depth += 1,
            // A bracket too many within an element is found by the reader of lines.
            b']' | b'}' if self.depth > 1 => self.depth -= 1,
            _ => {}
        }
        self.element = true;
        Ok(byte)
    }

    /// Before and behind the list.
    fn outside(&mut self, byte: u8) -> io::Result<u8> {
        if !self.closed && b"\xef\xbb\xbf".get(self.mark) == Some(&byte) {
            self.mark += 1;
            return Ok(b' ');
        }
        if self.closed || byte != b'[' {
            return Err(invalid("something stands before or behind the list"));
        }
        self.depth = 1;
        Ok(b' ')
    }
}

impl<R: Read> Read for Elements<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.handed == self.ready.len() && !self.ended {
            self.refill()?;
        }
        let rest = self.ready.get(self.handed..).unwrap_or_default();
        let length = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.handed += length;
        Ok(length)
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
