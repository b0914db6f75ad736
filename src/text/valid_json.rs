//! Whether a text is one JSON value (RFC 8259) and nothing else but white space.

use serde::de::IgnoredAny;

use super::RULES;

/// All that changes its figures.
#[must_use]
pub fn signature() -> String {
    format!("valid-json|rules:{RULES}")
}

/// Whether a text is JSON; one nested more than 128 levels deep is none.
#[must_use]
pub fn holds(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}
