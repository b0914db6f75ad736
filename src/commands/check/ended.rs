//! How the judgement of one manifest ended.

use crate::report::Exit;
use crate::report::v1::Report;

/// Its exit code and its report.
pub(super) struct Ended {
    pub(super) exit: Exit,
    pub(super) report: Report,
    /// Whether the report is what came of it: one that could not be written counts for nothing.
    pub(super) counts: bool,
}
