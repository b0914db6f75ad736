//! Some rows of one run.

use super::table::Table;

/// Some rows of a run.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The run.
    pub table: &'a Table,
    /// The rows, in ascending order.
    pub rows: &'a [u32],
}
