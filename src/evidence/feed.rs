//! Cuts a file into blocks of whole rows.
//!
//! A plain file of lines is cut by position, so that every core reads its own part: a block owns the lines
//! that *start* in it. Whatever has to be read from the front (packed files, CSV with line feeds in its cells)
//! is cut where a row ends.

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memchr2, memrchr};

use super::source::Source;
use super::unpack::read_full;

/// Bytes in a block that is read from the front, before its last row is completed.
const BLOCK: usize = 1 << 20;

/// Bytes in a block that is cut by position: small enough that what works on it finds it where reading left it.
pub(super) const PART: usize = 1 << 18;

/// The longest row that is read.
pub(super) const LONGEST: usize = 64 << 20;

/// A buffer that outlived a huge row is given back.
const KEEP: usize = 4 * BLOCK;

/// What completes the last row of a block.
const STEP: usize = 64 * 1024;

/// Whole rows on their way to a worker.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Room for the rows; what is behind `end` is left over from earlier blocks, so that no byte is
    /// cleared before it is overwritten.
    room: Vec<u8>,
    /// Where the rows start: behind what belongs to the block before, and behind the byte order mark.
    start: usize,
    /// Where they end.
    end: usize,
    /// The bytes of the file that this block has and no other, where it was cut by position.
    own: Range<usize>,
    /// Whether the file starts here.
    pub(super) first: bool,
    /// Whether the last row is longer than [`LONGEST`]; its bytes were dropped.
    pub(super) too_long: bool,
}

impl Block {
    /// The whole rows.
    pub(super) fn rows(&self) -> &[u8] {
        self.room.get(self.start..self.end).unwrap_or_default()
    }

    /// The bytes of the file that this block has and no other, where it was cut by position.
    pub(super) fn own(&self) -> &[u8] {
        self.room.get(self.own.clone()).unwrap_or_default()
    }

    fn clear(&mut self) {
        if self.room.len() > KEEP {
            self.room = Vec::new();
        }
        (self.start, self.end, self.too_long) = (0, 0, false);
    }

    /// The next `length` bytes behind the rows, to be written to.
    fn space(&mut self, length: usize) -> &mut [u8] {
        let needed = self.end + length;
        if self.room.len() < needed {
            self.room.resize(needed, 0);
        }
        self.room.get_mut(self.end..needed).unwrap_or_default()
    }

    fn push(&mut self, bytes: &[u8]) {
        self.space(bytes.len()).copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// Drops a row that is too long, which started at `start`.
    fn drop_row(&mut self, start: usize) {
        self.end = start;
        self.too_long = true;
    }

    fn strip_mark(&mut self) {
        if self.rows().starts_with(b"\xef\xbb\xbf") {
            self.start += 3;
        }
    }
}

/// Reads the lines that start in block number `index` of a plain file.
pub(super) fn read_lines(source: &dyn Source, index: u64, block: &mut Block) -> io::Result<()> {
    block.clear();
    block.first = index == 0;
    let begin = index * PART as u64;
    // One byte earlier, to see whether a line starts on the block's first byte.
    let from = begin.saturating_sub(1);
    let before = (begin - from) as usize;
    // A small file needs no more room than it has bytes.
    let left = usize::try_from(source.len().saturating_sub(from)).unwrap_or(usize::MAX);
    let size = left.min(PART + before);
    block.end = read_full(source, from, block.space(size))?;
    block.own = before..block.end;
    let ended = left <= size;
    if !block.first {
        block.start = memchr(b'\n', block.rows()).map_or(block.end, |at| at + 1);
        if block.rows().is_empty() {
            return Ok(());
        }
    }
    if !ended && block.rows().last() != Some(&b'\n') {
        let row = block.start + memrchr(b'\n', block.rows()).map_or(0, |at| at + 1);
        complete_line(source, from + block.end as u64, row, block)?;
    }
    if block.first {
        block.strip_mark();
    }
    Ok(())
}

/// Reads on from `offset` until the line that started at `row` ends.
fn complete_line(source: &dyn Source, mut offset: u64, row: usize, block: &mut Block) -> io::Result<()> {
    loop {
        let space = block.space(STEP);
        let read = read_full(source, offset, space)?;
        let end = memchr(b'\n', space.get(..read).unwrap_or_default());
        block.end += end.map_or(read, |end| end + 1);
        if block.end - row > LONGEST {
            block.drop_row(row);
            return Ok(());
        }
        if end.is_some() || read < STEP {
            return Ok(());
        }
        offset += read as u64;
    }
}

/// Where rows end in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// At every line feed.
    Lines,
    /// At line feeds outside of double quotes.
    Quoted,
}

/// A stream cut into blocks from front to back.
pub(super) struct Feed<R> {
    stream: R,
    rows: Rows,
    /// The start of the row that the last block broke off in.
    carry: Vec<u8>,
    started: bool,
    ended: bool,
    /// The first block, where somebody looked into it before.
    given_back: Option<Block>,
}

impl<R: Read> Feed<R> {
    /// Cuts `stream` into blocks.
    pub(super) fn new(stream: R, rows: Rows) -> Self {
        Self { stream, rows, carry: Vec::new(), started: false, ended: false, given_back: None }
    }

    /// Whether the last block reached the end.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Takes back the block that was just read: it comes again as the next.
    pub(super) fn give_back(&mut self, block: Block) {
        self.given_back = Some(block);
    }

    /// Fills `block` with the next whole rows; false at the end.
    pub(super) fn next(&mut self, block: &mut Block) -> io::Result<bool> {
        if let Some(first) = self.given_back.take() {
            *block = first;
            return Ok(true);
        }
        block.clear();
        block.first = !self.started;
        if self.ended {
            return Ok(false);
        }
        self.started = true;
        block.push(&self.carry);
        self.carry.clear();
        let mut cutter = Cutter { rows: self.rows, seen: 0, quoted: false };
        let mut cut = 0;
        while cut == 0 && !self.ended && !block.too_long {
            self.fill(block)?;
            cut = cutter.advance(block.rows()).unwrap_or(0);
            if block.end - cut > LONGEST && !self.ended {
                block.drop_row(cut);
                self.ended = true;
            }
        }
        if !self.ended {
            self.carry.extend_from_slice(block.rows().get(cut..).unwrap_or_default());
            block.end = cut;
        }
        if block.first {
            block.strip_mark();
        }
        Ok(!block.rows().is_empty() || block.too_long)
    }

    /// Reads up to [`BLOCK`] bytes more, into room that grows with what comes: most files are small.
    fn fill(&mut self, block: &mut Block) -> io::Result<()> {
        let goal = block.end + BLOCK;
        while !self.ended && block.end < goal {
            let step = STEP.max(block.end).min(goal - block.end);
            match self.stream.read(block.space(step)) {
                Ok(0) => self.ended = true,
                Ok(read) => block.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Finds the end of the last whole row; keeps what it learned while a block grows.
struct Cutter {
    rows: Rows,
    seen: usize,
    quoted: bool,
}

impl Cutter {
    fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        let fresh = bytes.get(self.seen..).unwrap_or_default();
        let base = self.seen;
        self.seen = bytes.len();
        match self.rows {
            Rows::Lines => memrchr(b'\n', fresh).map(|at| base + at + 1),
            Rows::Quoted => {
                let mut end = None;
                let mut at = 0;
                while let Some(hit) = memchr2(b'"', b'\n', fresh.get(at..).unwrap_or_default()) {
                    at += hit + 1;
                    if fresh.get(at - 1) == Some(&b'"') {
                        self.quoted = !self.quoted;
                    } else if !self.quoted {
                        end = Some(base + at);
                    }
                }
                end
            }
        }
    }
}
