//! The length of a text.

use super::RULES;
use super::letters::words;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Length {
    /// Characters (code points of Unicode: an accent of its own is one).
    #[default]
    Characters,
    /// What stands between white space.
    Words,
    /// Bytes of UTF-8.
    Bytes,
}

impl Length {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Characters, Self::Words, Self::Bytes];

    /// Its name in a manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Characters => "characters",
            Self::Words => "words",
            Self::Bytes => "bytes",
        }
    }

    /// All that changes its figures.
    #[must_use]
    pub fn signature(self) -> String {
        format!("length|of:{}|rules:{RULES}", self.name())
    }

    /// Of a text.
    #[must_use]
    pub fn of(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Words => words(text).count(),
            Self::Bytes => text.len(),
        }
    }
}
