//! The cases of two evaluation suites.

use super::Record;
use super::artifacts::Pair;
use crate::diagnostic::Diagnostics;

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let _ = (pair.path(), pair.before, pair.after);
    Ok(Vec::new())
}
