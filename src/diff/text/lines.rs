//! Which lines of two texts differ.

use memchr::memchr_iter;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The most lines that are compared one by one; beyond that everything between the common ends counts as one change.
const MOST_LINES: usize = 400_000;
/// Lines next to each other that differ.
pub(super) struct Change<'a> {
    /// They in the text before.
    pub(super) old: &'a str,
    /// They in the text after.
    pub(super) new: &'a str,
    /// How many lines stand before them in the text before.
    pub(super) old_line: usize,
    /// The same for the text after.
    pub(super) new_line: usize,
}

/// A line that is compared by a few of its bytes first: nearly all that differ, differ there.
#[derive(PartialEq, Eq, Hash)]
struct Line<'a> {
    key: (usize, u64, u64),
    text: &'a str,
}

impl<'a> Line<'a> {
    fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let head = bytes.first_chunk().map_or(0, |head| u64::from_le_bytes(*head));
        let tail = bytes.last_chunk().map_or(0, |tail| u64::from_le_bytes(*tail));
        Self { key: (bytes.len(), head, tail), text }
    }
}

/// The lines of two texts that differ, put together where they stand next to each other.
pub(super) fn changed_lines<'a>(old: &'a str, new: &'a str) -> Vec<Change<'a>> {
    let many = || [old, new].iter().map(|text| memchr_iter(b'\n', text.as_bytes()).count()).sum();
    if old.is_empty() || new.is_empty() || MOST_LINES < many() {
        return vec![Change { old, new, old_line: 0, new_line: 0 }];
    }
    let lines = |text: &'a str| {
        let ends = memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let ends = ends.chain((!text.ends_with('\n')).then_some(text.len()));
        let cut = |from: &mut usize, end| Some(Line::of(text.get(std::mem::replace(from, end)..end)?));
        ends.scan(0, cut).collect::<Vec<Line<'a>>>()
    };
    let (olds, news) = (lines(old), lines(new));
    // Where each line starts, and the end.
    let offsets = |lines: &[Line<'_>]| {
        let mut at = 0;
        let starts = lines.iter().map(|line| {
            at += line.text.len();
            at
        });
        std::iter::once(0).chain(starts).collect::<Vec<usize>>()
    };
    let (old_at, new_at) = (offsets(&olds), offsets(&news));
    let slice = |text: &'a str, at: &[usize], from: usize, count: usize| {
        let bounds = at.get(from).zip(at.get(from + count));
        bounds.and_then(|(from, to)| text.get(*from..*to)).unwrap_or_default()
    };
    let mut changes: Vec<Change<'a>> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &olds, &news) {
        let (_, olds, news) = op.as_tag_tuple();
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        changes.push(Change {
            old: slice(old, &old_at, olds.start, olds.len()),
            new: slice(new, &new_at, news.start, news.len()),
            old_line: olds.start,
            new_line: news.start,
        });
    }
    changes
}
