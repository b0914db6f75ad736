//! What is worked out of a response: text in, value out. No text is kept, and none is part of what comes out.

mod disguised;
mod folded;
mod leakage;
mod phrases;
mod repeated;
#[cfg(test)]
mod tests;

pub use leakage::{Leak, PromptIndex, PromptsTrouble};
pub use phrases::{Phrases, PhrasesTrouble};

/// Characters of a response (Unicode scalar values).
#[must_use]
pub fn response_chars(response: &str) -> u64 {
    response.chars().count() as u64
}

/// Whether a response shows nothing: whitespace, control characters and characters without ink only.
#[must_use]
pub fn empty_response(response: &str) -> bool {
    let blank = |c: char| c.is_whitespace() || c.is_control() || crate::diagnostic::is_invisible(c);
    response.chars().all(blank)
}
