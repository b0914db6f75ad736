//! References that stand in a file of their own, by the id of the row that they are for.

use std::collections::HashMap;

/// The references of each id.
#[derive(Debug, Default)]
pub struct References {
    /// By what a table knows the id by, whatever its epoch.
    of: HashMap<u64, Vec<String>>,
}

impl References {
    /// Of these ids.
    pub(super) fn new(of: HashMap<u64, Vec<String>>) -> Self {
        Self { of }
    }

    /// The references of an id.
    pub(super) fn of(&self, id: u64) -> Option<&[String]> {
        self.of.get(&id).map(Vec::as_slice)
    }
}
