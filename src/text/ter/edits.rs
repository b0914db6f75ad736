//! The fewest edits between two lists of words, where a block of words may move as one edit.
//!
//! Moves are searched greedily, each the one that saves most, and edits by a beam around the diagonal: Tercom's heuristics
//! with the limits and the ties of sacreBLEU 2.6.0, on which the figure depends.

const MOST_MOVED: usize = 10;
const FARTHEST: usize = 50;
const BEAM: usize = 25;
const MOST_MOVES_TRIED: usize = 1000;
const UNREACHED: u32 = u32::MAX / 2;

/// Edits that make `other` of `own`.
pub(super) fn edits(own: &[u32], other: &[u32]) -> usize {
    if other.is_empty() {
        return own.len();
    }
    let mut search = Search { other, costs: Grid::new(own.len(), other.len()), tried: 0 };
    let (mut words, mut moves) = (own.to_vec(), 0);
    search.costs.fill(&words, other, 0);
    while let Some(moved) = search.best_move(&words) {
        let same = moved.iter().zip(&words).take_while(|(a, b)| a == b).count();
        search.costs.fill(&moved, other, same);
        words = moved;
        moves += 1;
    }
    // The grid holds the words as they are now.
    moves + search.costs.whole() as usize
}

/// What an edit does to the answer's word, seen from the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edit {
    Keep,
    Replace,
    /// A word of the answer goes.
    Delete,
    /// A word of the reference comes.
    Insert,
    Nothing,
}

/// The fewest edits between the beginnings of two lists.
struct Grid {
    costs: Vec<u32>,
    edits: Vec<Edit>,
    rows: usize,
    columns: usize,
    beam: usize,
}

impl Grid {
    fn new(own: usize, other: usize) -> Self {
        let columns = other + 1;
        let size = (own + 1) * columns;
        let (mut costs, mut edits) = (vec![UNREACHED; size], vec![Edit::Nothing; size]);
        for ((cost, edit), number) in costs.iter_mut().zip(&mut edits).take(columns).zip(0..) {
            (*cost, *edit) = (number, Edit::Insert);
        }
        // Where the lengths differ so much that a row would not meet the one before, the beam is wider.
        let ratio = ratio(own, other);
        let beam =
            if (BEAM as f64) < ratio / 2.0 { (ratio / 2.0 + BEAM as f64).ceil() as usize } else { BEAM };
        Self { costs, edits, rows: own + 1, columns, beam }
    }

    /// Fills the rows of a list of which the first `same` words are those of the list before.
    fn fill(&mut self, own: &[u32], other: &[u32], same: usize) {
        let ratio = ratio(own.len(), other.len());
        for (row, word) in own.iter().enumerate().skip(same) {
            let row = row + 1;
            let diagonal = (row as f64 * ratio).floor() as usize;
            let first = diagonal.saturating_sub(self.beam);
            let after = if row == own.len() { self.columns } else { self.columns.min(diagonal + self.beam) };
            self.fill_row(row, *word, other, (first, after));
        }
    }

    fn fill_row(&mut self, row: usize, word: u32, other: &[u32], (first, after): (usize, usize)) {
        let (before, from) = self.costs.split_at_mut(row * self.columns);
        let above = before.get((row - 1) * self.columns..).unwrap_or_default();
        let edits = self.edits.get_mut(row * self.columns..).unwrap_or_default();
        let at = |costs: &[u32], column: usize| costs.get(column).copied().unwrap_or(UNREACHED);
        let mut left = UNREACHED;
        for column in first..after {
            let mut best = (UNREACHED, Edit::Nothing);
            if let Some(place) = column.checked_sub(1) {
                let kept = other.get(place) == Some(&word);
                let edit = if kept { Edit::Keep } else { Edit::Replace };
                let tries = [
                    (at(above, place) + u32::from(!kept), edit),
                    (at(above, column) + 1, Edit::Delete),
                    (left + 1, Edit::Insert),
                ];
                for one in tries {
                    if best.0 > one.0 {
                        best = one;
                    }
                }
            } else {
                best = (at(above, 0) + 1, Edit::Delete);
            }
            if let (Some(cost), Some(edit)) = (from.get_mut(column), edits.get_mut(column)) {
                (*cost, *edit) = best;
            }
            left = best.0;
        }
    }

    /// The edits of the whole.
    fn whole(&self) -> u32 {
        self.costs.last().copied().unwrap_or(0)
    }

    /// How the words of the two lists lie against each other.
    fn alignment(&self) -> Alignment {
        let (mut row, mut column) = (self.rows - 1, self.columns - 1);
        let mut alignment =
            Alignment { at: vec![0; column], wrong_other: vec![false; column], wrong_own: vec![false; row] };
        while row > 0 || column > 0 {
            let edit = self.edits.get(row * self.columns + column).copied().unwrap_or(Edit::Nothing);
            let (up, left) = match edit {
                Edit::Keep | Edit::Replace => (1, 1),
                Edit::Insert => (0, 1),
                Edit::Delete => (1, 0),
                // Outside of the beam, where no way leads.
                Edit::Nothing => (usize::from(row > 0), usize::from(row == 0)),
            };
            let wrong = edit != Edit::Keep;
            if let (1, Some(at)) = (up, alignment.wrong_own.get_mut(row - up)) {
                *at = wrong;
            }
            if left == 1 {
                if let Some(at) = alignment.wrong_other.get_mut(column - 1) {
                    *at = wrong;
                }
                if let Some(at) = alignment.at.get_mut(column - 1) {
                    // Of the words so far, the last; none yet is 0.
                    *at = row;
                }
            }
            (row, column) = (row.saturating_sub(up), column.saturating_sub(left));
        }
        alignment
    }
}

/// How many words of the reference a word of the answer has.
fn ratio(own: usize, other: usize) -> f64 {
    if own == 0 { 1.0 } else { other as f64 / own as f64 }
}

struct Alignment {
    /// For each word of the reference, how many words of the answer lie up to it.
    at: Vec<usize>,
    wrong_other: Vec<bool>,
    wrong_own: Vec<bool>,
}

struct Search<'a> {
    other: &'a [u32],
    costs: Grid,
    tried: usize,
}

/// A move, by what makes it better than another: edits saved, words, an early start, an early target.
type Rank = (i64, usize, std::cmp::Reverse<usize>, std::cmp::Reverse<usize>);

impl Search<'_> {
    /// The words after the move that saves most; none where none saves anything, or enough were tried.
    fn best_move(&mut self, words: &[u32]) -> Option<Vec<u32>> {
        let alignment = self.costs.alignment();
        let before = i64::from(self.costs.whole());
        let mut best: Option<(Rank, Vec<u32>)> = None;
        // The rows of the words as they are, to which every try goes back.
        let mut scratch =
            Grid { costs: self.costs.costs.clone(), edits: self.costs.edits.clone(), ..self.costs };
        let mut dirty = words.len();
        'pairs: for start in 0..words.len() {
            for target in start.saturating_sub(FARTHEST)..self.other.len().min(start + FARTHEST + 1) {
                for length in 1..=self.equal(words, start, target) {
                    if !may_move(&alignment, start, target, length) {
                        continue;
                    }
                    let mut last = None;
                    for place in places(&alignment, target, length) {
                        if last.replace(place) == Some(place) {
                            continue;
                        }
                        let moved = moved(words, start, length, place);
                        let same = moved.iter().zip(words).take_while(|(a, b)| a == b).count();
                        scratch.restore(&self.costs, dirty, same);
                        scratch.fill(&moved, self.other, same);
                        dirty = same;
                        let saved = before - i64::from(scratch.whole());
                        let rank = (saved, length, std::cmp::Reverse(start), std::cmp::Reverse(place));
                        self.tried += 1;
                        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                            best = Some((rank, moved));
                        }
                    }
                    if self.tried >= MOST_MOVES_TRIED {
                        break 'pairs;
                    }
                }
            }
        }
        let (rank, moved) = best?;
        (rank.0 > 0 && self.tried < MOST_MOVES_TRIED).then_some(moved)
    }

    /// How many words are equal from two places on, at most as many as may move.
    fn equal(&self, words: &[u32], start: usize, target: usize) -> usize {
        let own = words.get(start..).unwrap_or_default();
        let other = self.other.get(target..).unwrap_or_default();
        own.iter().zip(other).take(MOST_MOVED).take_while(|(a, b)| a == b).count()
    }
}

impl Grid {
    /// Takes back the rows from `dirty` on up to those of the words that are the same.
    fn restore(&mut self, from: &Self, dirty: usize, same: usize) {
        let rows = (dirty + 1) * self.columns..(same + 1) * self.columns;
        if let (Some(costs), Some(known)) = (self.costs.get_mut(rows.clone()), from.costs.get(rows)) {
            costs.copy_from_slice(known);
        }
    }
}

/// Whether both sides are wrong where the words stand and where they would go to, and it is not there already.
fn may_move(alignment: &Alignment, start: usize, target: usize, length: usize) -> bool {
    let any = |wrong: &[bool], from: usize| {
        wrong.get(from..from + length).is_some_and(|wrong| wrong.iter().any(|wrong| *wrong))
    };
    let lies_at = alignment.at.get(target).and_then(|at| at.checked_sub(1));
    any(&alignment.wrong_own, start)
        && any(&alignment.wrong_other, target)
        && !lies_at.is_some_and(|at| (start..start + length).contains(&at))
}

/// The places before which words may be put to stand at the target.
fn places(alignment: &Alignment, target: usize, length: usize) -> Vec<usize> {
    let after = |place: usize| alignment.at.get(place).copied();
    let before = target.checked_sub(1).map_or(Some(0), after);
    let within = (target..target + length).map(after);
    std::iter::once(before).chain(within).map_while(|place| place).collect()
}

fn moved(words: &[u32], start: usize, length: usize, target: usize) -> Vec<u32> {
    let part = |from: usize, to: usize| words.get(from..to.min(words.len())).unwrap_or_default();
    let (block, end) = (part(start, start + length), words.len());
    if target < start {
        [part(0, target), block, part(target, start), part(start + length, end)].concat()
    } else if target > start + length {
        [part(0, start), part(start + length, target), block, part(target, end)].concat()
    } else {
        [part(0, start), part(start + length, length + target), block, part(length + target, end)].concat()
    }
}
