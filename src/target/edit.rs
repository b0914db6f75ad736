//! Changes to a text that leave everything else byte for byte.

use std::ops::Range;

/// New text in the place of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) place: Range<usize>,
    pub(super) text: String,
}

impl Edit {
    pub(super) fn new(place: Range<usize>, text: impl Into<String>) -> Self {
        Self { place, text: text.into() }
    }
}

/// The text with all edits, which must not overlap.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.place.start);
    let (mut new, mut from) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        new.push_str(text.get(from..edit.place.start).unwrap_or_default());
        new.push_str(&edit.text);
        from = edit.place.end;
    }
    new + text.get(from..).unwrap_or_default()
}

/// A share of 10,000 and its rest as the smallest round numbers of the same proportion: percent where they are whole.
pub(super) fn shares(per_10000: u16) -> [u16; 2] {
    let whole = if per_10000.is_multiple_of(100) { 100 } else { 1 };
    [per_10000 / whole, 10_000_u16.saturating_sub(per_10000) / whole]
}

/// The share of the first of two weights, of 10,000; none where both are 0 or it is no whole number.
pub(super) fn share_of(candidate: u64, stable: u64) -> Option<u16> {
    let sum = candidate.checked_add(stable).filter(|sum| *sum > 0)?;
    let parts = candidate.checked_mul(10_000)?;
    parts.is_multiple_of(sum).then(|| u16::try_from(parts / sum).ok()).flatten()
}
