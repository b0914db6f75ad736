//! A stream of which no single piece may fill the memory: whoever reads pieces says when one begins.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use crate::evidence::feed::LONGEST;

/// A stream that fails where one piece of it is longer than 64 MiB.
pub(in crate::evidence) struct Bounded<R> {
    stream: BufReader<R>,
    left: Rc<Cell<usize>>,
}

/// Tells a [`Bounded`] stream that a piece begins.
#[derive(Clone)]
pub(in crate::evidence) struct Bound(Rc<Cell<usize>>);

impl Bound {
    /// A piece begins.
    pub(in crate::evidence) fn begin(&self) {
        self.0.set(LONGEST);
    }
}

impl<R: Read> Bounded<R> {
    /// Reads `stream` in pieces.
    pub(in crate::evidence) fn new(stream: R) -> (Self, Bound) {
        let left = Rc::new(Cell::new(LONGEST));
        (Self { stream: BufReader::with_capacity(1 << 16, stream), left: Rc::clone(&left) }, Bound(left))
    }

    fn spend(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
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
        if self.left.get() == 0 {
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
