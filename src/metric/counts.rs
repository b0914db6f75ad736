//! Texts of a row as a few numbers: what a measure such as BLEU sums up over all rows.

use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;

use super::answers::TextFields;
use crate::text::TooLong;

/// Counts what a text measure needs, and makes a statistic of sums of counts.
pub trait Counter: fmt::Debug + Send + Sync {
    /// Its name with all that changes its counts (tokenizer, case, version): counts of another name are others.
    fn name(&self) -> String;

    /// How many numbers it makes of a row.
    fn width(&self) -> usize;

    /// Counts the texts of one row, the answer and its references, into `counts`, which are all 0 and as many as its width.
    ///
    /// # Errors
    /// A text is longer than it is worked out for.
    fn count(&self, texts: &[&str], counts: &mut [f64]) -> Result<(), TooLong>;

    /// The statistic of the sums over rows; NaN where it has none.
    fn statistic(&self, sums: &[f64]) -> f64;
}

/// Texts that are counted.
#[derive(Debug, Clone)]
pub struct Texts {
    /// Which they are.
    pub fields: TextFields,
    /// What counts them.
    pub counter: Arc<dyn Counter>,
}

impl Texts {
    /// What the counts are known by, in a table and in a bundle.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.counter.name(), self.fields.name())
    }

    /// The names of the single numbers in a bundle.
    pub(super) fn columns(&self) -> impl Iterator<Item = String> + '_ {
        let name = self.name();
        (0..self.counter.width()).map(move |place| format!("{name} {place}"))
    }
}

/// The counts of rows, one row after the other; NaN where a row has none.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    width: usize,
    numbers: Vec<f64>,
}

impl Counts {
    /// No rows yet; `width` is above 0.
    pub(super) fn new(width: usize) -> Self {
        Self { width: width.max(1), numbers: Vec::new() }
    }

    /// Adds the counts of a row's texts; a row without one of them has none.
    pub(super) fn count(&mut self, counter: &dyn Counter, texts: Option<&[&str]>) -> Result<(), TooLong> {
        let start = self.numbers.len();
        let filled = if texts.is_some() { 0.0 } else { f64::NAN };
        self.numbers.resize(start + self.width, filled);
        match (texts, self.numbers.get_mut(start..)) {
            (Some(texts), Some(row)) => counter.count(texts, row),
            _ => Ok(()),
        }
    }

    /// Adds counts that were counted before; a row that lacks one of them has none.
    pub(super) fn push(&mut self, counts: impl Iterator<Item = Option<f64>>) {
        self.numbers.extend(counts.map(|count| count.unwrap_or(f64::NAN)));
    }

    /// Appends the rows of a later block.
    pub(super) fn append(&mut self, later: &Self) {
        self.numbers.extend_from_slice(&later.numbers);
    }

    /// Puts the rows in another order.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        let none = vec![f64::NAN; self.width];
        let row = |row: &u32| self.row(*row as usize).unwrap_or(&none).to_vec();
        self.numbers = order.par_iter().flat_map_iter(row).collect();
    }

    /// The numbers of a row, whether it has counts or not.
    fn row(&self, row: usize) -> Option<&[f64]> {
        self.numbers.get(row * self.width..(row + 1) * self.width)
    }

    /// The counts of a row; none where a text is missing.
    pub(super) fn get(&self, row: usize) -> Option<&[f64]> {
        self.row(row).filter(|counts| counts.iter().all(|count| count.is_finite()))
    }

    /// One of the counts of a row.
    pub(super) fn at(&self, row: usize, place: usize) -> Option<f64> {
        self.get(row)?.get(place).copied()
    }
}
