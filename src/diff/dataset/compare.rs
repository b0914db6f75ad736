//! Two sets of rows, sorted and merged: which were added, removed and changed.
//!
//! Where a key stands on several rows, rows of the same content are the same row, and what is left over pairs up as
//! changed.

use rayon::slice::ParallelSliceMut;

use super::tally::{Row, Tallies};

/// Examples that are kept of everything.
pub(super) const EXAMPLES: usize = 5;

/// What became of the rows.
#[derive(Debug, Default)]
pub(super) struct Delta {
    pub(super) added: Count,
    pub(super) removed: Count,
    /// Examples are pairs: before, after.
    pub(super) changed: Count,
    /// Keys that more than one row has; an example is its first two rows.
    pub(super) repeated_before: Count,
    pub(super) repeated_after: Count,
}

/// How many, and the first of them by their place in the dataset.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) all: u64,
    /// What they are sorted by first.
    pub(super) first: Vec<(u32, u32)>,
}

impl Count {
    fn note(&mut self, at: u32, with: u32) {
        self.all += 1;
        let place = self.first.partition_point(|known| *known < (at, with));
        if place < EXAMPLES {
            self.first.insert(place, (at, with));
            self.first.truncate(EXAMPLES);
        }
    }
}

/// Compares the rows of both sides; they are sorted on the way.
pub(super) fn compare(tallies: &mut Tallies) -> Delta {
    let keyed = tallies.key.is_some();
    let (before, after) = (&mut tallies.before.rows, &mut tallies.after.rows);
    before.par_sort_unstable();
    after.par_sort_unstable();
    let mut delta = Delta::default();
    let (mut old, mut new) = (before.as_slice(), after.as_slice());
    loop {
        let key = match (old.first(), new.first()) {
            (Some(old), Some(new)) => old.key.min(new.key),
            (Some(row), None) | (None, Some(row)) => row.key,
            (None, None) => return delta,
        };
        let (olds, news) = (group(&mut old, key), group(&mut new, key));
        if keyed {
            repeated(olds, &mut delta.repeated_before);
            repeated(news, &mut delta.repeated_after);
        }
        match (olds, news) {
            ([old], [new]) => {
                if old.content() != new.content() {
                    delta.changed.note(new.at, old.at);
                }
            }
            _ => delta.group(olds, news),
        }
    }
}

/// Takes the rows of one key from the front.
fn group<'a>(rows: &mut &'a [Row], key: u64) -> &'a [Row] {
    let length = rows.iter().take_while(|row| row.key == key).count();
    let (taken, rest) = rows.split_at_checked(length).unwrap_or((rows, &[]));
    *rows = rest;
    taken
}

fn repeated(rows: &[Row], count: &mut Count) {
    if rows.len() > 1 {
        let mut places: Vec<u32> = rows.iter().map(|row| row.at).collect();
        places.sort_unstable();
        if let [first, second, ..] = *places {
            count.note(first, second);
        }
    }
}

impl Delta {
    /// Counts the rows of one key, which several have, or one side only.
    fn group(&mut self, olds: &[Row], news: &[Row]) {
        let (mut gone, mut fresh) = (Vec::new(), Vec::new());
        let (mut old, mut new) = (olds.iter().peekable(), news.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (Some(old), Some(new)) => old.content().cmp(&new.content()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => break,
            };
            if order.is_le() {
                let row = old.next();
                gone.extend(row.filter(|_| order.is_lt()).map(|row| row.at));
            }
            if order.is_ge() {
                let row = new.next();
                fresh.extend(row.filter(|_| order.is_gt()).map(|row| row.at));
            }
        }
        gone.sort_unstable();
        fresh.sort_unstable();
        let pairs = gone.len().min(fresh.len());
        for (old, new) in gone.iter().zip(&fresh) {
            self.changed.note(*new, *old);
        }
        gone.iter().skip(pairs).for_each(|old| self.removed.note(*old, 0));
        fresh.iter().skip(pairs).for_each(|new| self.added.note(*new, 0));
    }
}
