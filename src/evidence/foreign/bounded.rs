//! A stream of which no single piece may fill the memory: whoever reads pieces says when one begins.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use memchr::memchr_iter;

use crate::evidence::feed::LONGEST;

/// A stream that fails where one piece of it is longer than 64 MiB.
pub(in crate::evidence) struct Bounded<R> {
    stream: BufReader<R>,
    bound: Bound,
}

/// Tells a [`Bounded`] stream that a piece begins, and on which line.
#[derive(Clone)]
pub(in crate::evidence) struct Bound {
    left: Rc<Cell<usize>>,
    line: Rc<Cell<u64>>,
}

impl Bound {
    /// A piece begins.
    pub(in crate::evidence) fn begin(&self) {
        self.left.set(LONGEST);
    }

    /// The line of the next byte that is asked for, from 1.
    pub(in crate::evidence) fn line(&self) -> u64 {
        self.line.get()
    }
}

impl<R: Read> Bounded<R> {
    /// Reads `stream` in pieces.
    pub(in crate::evidence) fn new(stream: R) -> (Self, Bound) {
        let bound = Bound { left: Rc::new(Cell::new(LONGEST)), line: Rc::new(Cell::new(1)) };
        (Self { stream: BufReader::with_capacity(1 << 16, stream), bound: bound.clone() }, bound)
    }

    fn spend(&self, bytes: usize) {
        let Bound { left, line } = &self.bound;
        left.set(left.get().saturating_sub(bytes));
        let spent = self.stream.buffer().get(..bytes).unwrap_or_default();
        line.set(line.get() + memchr_iter(b'\n', spent).count() as u64);
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let length = bytes.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..length), bytes.get(..length)) {
            to.copy_from_slice(from);
        }
        self.consume(length);
        Ok(length)
    }
}

impl<R: Read> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.bound.left.get() == 0 {
            let what = format!("one piece of it is longer than {} MiB", LONGEST >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        self.stream.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.spend(amount);
        self.stream.consume(amount);
    }
}
