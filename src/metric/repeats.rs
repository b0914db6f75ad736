//! Rows that seem to stand more than once, by their keys; the real ids settle it.

use std::collections::BTreeSet;

/// Rows that seem to be there already, by the key of their sample or, where one stands with and without an epoch, of its id.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// How many.
    pub(super) count: u64,
    /// The first of them in the order of the rows, with their keys; at most [`Self::MOST`].
    first: BTreeSet<(u32, u64)>,
}

impl Repeats {
    /// More are counted, and not looked at.
    const MOST: usize = 100;

    pub(super) fn add(&mut self, row: u32, key: u64) {
        self.count += 1;
        self.first.insert((row, key));
        if self.first.len() > Self::MOST {
            self.first.pop_last();
        }
    }

    /// Adds those among the rows of one id; a row is id, key and number.
    pub(super) fn among(&mut self, rows: &[(u64, u64, u32)]) {
        for [(_, key, _), (_, next, row)] in rows.array_windows() {
            if key == next {
                self.add(*row, *key);
            }
        }
        // The key of a row without an epoch is that of its id alone; with an epoch the same sample would count twice.
        let alone = rows.iter().find(|(id, key, _)| id == key);
        if let Some((_, key, row)) = alone.filter(|_| rows.iter().any(|(id, key, _)| id != key)) {
            self.add(*row, *key);
        }
    }

    /// Whether none of them is only counted.
    pub(super) fn all_looked_at(&self) -> bool {
        self.first.len() as u64 == self.count
    }

    /// The keys of those that are looked at.
    pub(super) fn keys(&self) -> BTreeSet<u64> {
        self.first.iter().map(|(_, key)| *key).collect()
    }
}
