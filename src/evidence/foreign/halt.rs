//! Why the reading of another tool's file stopped before its end.

use crate::diagnostic::Diagnostic;

/// Why the reading stopped.
#[derive(Debug)]
pub(in crate::evidence) enum Halt {
    /// Something is wrong with the file.
    Finding(Box<Diagnostic>),
    /// Whoever took the rows has enough, or found something wrong itself.
    Closed,
}

impl From<Diagnostic> for Halt {
    fn from(finding: Diagnostic) -> Self {
        Self::Finding(Box::new(finding))
    }
}
