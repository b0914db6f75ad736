//! Where in a file its reader stands: which piece of it the rows come from that are handed over now.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A piece of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Piece {
    /// Its number, from 1; 0 where nothing is being read.
    number: u64,
    /// The line that it starts on, from 1; 0 where the file has no lines.
    line: u64,
    /// Whether it ends on that line.
    one_line: bool,
}

/// Where the reading stands; shared by whoever walks through the file and whoever takes the rows.
#[derive(Debug, Clone, Default)]
pub(in crate::evidence) struct Standing {
    now: Rc<Cell<Piece>>,
    pieces: Rc<Cell<u64>>,
}

impl Standing {
    /// A piece is handed over that starts on this line.
    pub(super) fn enter(&self, line: u64, one_line: bool) {
        let number = self.pieces.get() + 1;
        self.pieces.set(number);
        self.now.set(Piece { number, line, one_line });
    }

    /// It was handed over.
    pub(super) fn leave(&self) {
        self.now.set(Piece::default());
    }
}

/// The lines of rows that somebody asks for by their numbers.
#[derive(Debug, Default)]
pub(super) struct Search {
    wanted: BTreeSet<u64>,
    rows: u64,
    piece: Piece,
    /// Rows of the piece so far, and those of them that are asked for.
    of_piece: u64,
    waiting: Vec<u64>,
    found: BTreeMap<u64, u64>,
}

impl Search {
    pub(super) fn new(wanted: BTreeSet<u64>) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Takes the next row; whether more have to be looked at.
    pub(super) fn row(&mut self, standing: &Standing) -> bool {
        let piece = standing.now.get();
        if piece != self.piece || piece.number == 0 {
            self.end_piece();
            self.piece = piece;
        }
        self.rows += 1;
        self.of_piece += 1;
        if self.wanted.remove(&self.rows) {
            self.waiting.push(self.rows);
        }
        !(self.wanted.is_empty() && self.waiting.is_empty())
    }

    /// Several rows of one piece have its line where it is but one; else nobody knows theirs.
    fn end_piece(&mut self) {
        let Piece { line, one_line, .. } = self.piece;
        let known = line > 0 && (one_line || self.of_piece == 1);
        self.found.extend(self.waiting.drain(..).filter(|_| known).map(|row| (row, line)));
        self.of_piece = 0;
    }

    /// The lines that were found, by the numbers of their rows.
    pub(super) fn finish(mut self) -> BTreeMap<u64, u64> {
        self.end_piece();
        self.found
    }
}
