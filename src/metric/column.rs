//! One field's numbers, one a kept row; a byte a row as long as they are true/false or 0/1.

use rayon::prelude::*;

/// The numbers of a field in the order of the rows; a missing one is none.
#[derive(Debug, Clone)]
pub enum Column {
    /// Only 0 and 1 so far; [`MISSING`] where there is no number.
    Bits(Vec<u8>),
    /// Any finite numbers; NaN where there is none.
    Reals(Vec<f64>),
}

/// The byte of a missing value.
const MISSING: u8 = 2;

impl Default for Column {
    fn default() -> Self {
        Self::Bits(Vec::new())
    }
}

impl Column {
    /// Adds a row; `value` is finite.
    #[inline]
    pub fn push(&mut self, value: Option<f64>) {
        match self {
            Self::Bits(bits) => match bit(value) {
                Some(bit) => bits.push(bit),
                None => {
                    let mut reals = widen(bits);
                    reals.push(value.unwrap_or(f64::NAN));
                    *self = Self::Reals(reals);
                }
            },
            Self::Reals(reals) => reals.push(value.unwrap_or(f64::NAN)),
        }
    }

    /// Appends the rows of a later block.
    pub fn append(&mut self, later: Self) {
        match (&mut *self, later) {
            (Self::Bits(own), Self::Bits(other)) => own.extend(other),
            (Self::Bits(own), Self::Reals(other)) => {
                let mut reals = widen(own);
                reals.extend(other);
                *self = Self::Reals(reals);
            }
            (Self::Reals(own), Self::Bits(other)) => own.extend(other.iter().map(|bit| real(*bit))),
            (Self::Reals(own), Self::Reals(other)) => own.extend(other),
        }
    }

    /// Puts the rows in another order.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        match self {
            Self::Bits(bits) => reorder(bits, order),
            Self::Reals(reals) => reorder(reals, order),
        }
    }

    /// The number of a row, if it has one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<f64> {
        let value = match self {
            Self::Bits(bits) => bits.get(row).map(|bit| real(*bit)),
            Self::Reals(reals) => reals.get(row).copied(),
        };
        value.filter(|value| !value.is_nan())
    }

    /// Whether a row is 1 or 0, in a column that holds nothing else; none where it is neither.
    pub(super) fn bit(&self, row: usize) -> Option<bool> {
        match self {
            Self::Bits(bits) => bits.get(row).filter(|bit| **bit != MISSING).map(|bit| *bit == 1),
            Self::Reals(_) => None,
        }
    }

    /// The numbers of some rows, times a factor; NaN where there is none.
    pub(super) fn scaled(&self, rows: &[u32], scale: f64) -> Vec<f64> {
        fn each<T: Copy>(values: &[T], rows: &[u32], number: impl Fn(T) -> f64) -> Vec<f64> {
            rows.iter()
                .map(|row| values.get(*row as usize).map_or(f64::NAN, |value| number(*value)))
                .collect()
        }
        match self {
            Self::Bits(bits) => each(bits, rows, |bit| real(bit) * scale),
            Self::Reals(reals) => each(reals, rows, |value| value * scale),
        }
    }

    /// Rows without a number.
    pub(super) fn missing(&self) -> u64 {
        match self {
            Self::Bits(bits) => bits.iter().map(|bit| u64::from(*bit == MISSING)).sum(),
            Self::Reals(reals) => reals.iter().map(|value| u64::from(value.is_nan())).sum(),
        }
    }

    /// The smallest and the largest number; none where there is no number.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        let rows = match self {
            Self::Bits(bits) => bits.len(),
            Self::Reals(reals) => reals.len(),
        };
        let numbers = (0..rows).filter_map(|row| self.get(row));
        numbers.fold(None, |range: Option<(f64, f64)>, number| {
            let (low, high) = range.unwrap_or((number, number));
            Some((low.min(number), high.max(number)))
        })
    }

    /// Whether all numbers are 0 or 1.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        match self {
            Self::Bits(_) => true,
            // Widened by a block that held something else, so never again binary.
            Self::Reals(_) => false,
        }
    }
}

/// Puts the values of rows in another order.
pub(super) fn reorder<T: Copy + Default + Send + Sync>(values: &mut Vec<T>, order: &[u32]) {
    if !values.is_empty() {
        let value = |row: &u32| values.get(*row as usize).copied().unwrap_or_default();
        *values = order.par_iter().map(value).collect();
    }
}

fn bit(value: Option<f64>) -> Option<u8> {
    match value {
        None => Some(MISSING),
        Some(0.0) => Some(0),
        Some(1.0) => Some(1),
        Some(_) => None,
    }
}

fn real(bit: u8) -> f64 {
    if bit == MISSING { f64::NAN } else { f64::from(bit) }
}

fn widen(bits: &mut Vec<u8>) -> Vec<f64> {
    std::mem::take(bits).into_iter().map(real).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widening_keeps_every_row() {
        let mut column = Column::default();
        for value in [Some(1.0), None, Some(0.0)] {
            column.push(value);
        }
        assert!(column.is_binary());
        let mut later = Column::default();
        later.push(Some(0.5));
        later.push(None);
        column.append(later);
        column.append(Column::Bits(vec![1, 2]));
        assert!(!column.is_binary());
        let read: Vec<_> = (0..8).map(|row| column.get(row)).collect();
        assert_eq!(read, [Some(1.0), None, Some(0.0), Some(0.5), None, Some(1.0), None, None]);
    }
}
