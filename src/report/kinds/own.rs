//! Which texts a report kind has written: what somebody else wrote is not replaced by a report.

use super::KINDS;

/// Whether a text is one that some kind writes, of a judgement or of a comparison; an empty file holds nothing that anybody could
/// miss.
#[must_use]
pub fn is_own(text: &str) -> bool {
    text.trim().is_empty() || KINDS.iter().any(|kind| (kind.is_own)(text))
}
