//! A document as JSON text.

use serde::Serialize;

use crate::diagnostic::inert_json;

/// Two spaces a level, keys in the order of the fields, a final newline; no text in it steers a terminal or a CI log.
pub(super) fn pretty(document: &impl Serialize) -> String {
    // Serialising structs of strings and numbers into a string cannot fail.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    inert_json(&text)
}
