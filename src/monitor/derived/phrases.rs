//! Words and phrases of a list, found as whole words.

use regex::{Regex, RegexBuilder};

use super::folded::spaced;

/// The largest list that is taken, in bytes of the compiled search.
const LARGEST: usize = 64 << 20;

/// Finds words and phrases in a text: as whole words, whatever their case, their punctuation, invisible characters within or
/// the form of their letters (full-width, composed or not). Scripts that are written without spaces are found anywhere.
///
/// Takes time in proportion to the text, however long the list.
#[derive(Debug, Clone)]
pub struct Phrases {
    any: Regex,
}

impl Phrases {
    /// `None` without phrases, where one has no letter, digit or sign, or where the list is too long to be searched for (some
    /// hundred thousand words).
    #[must_use]
    pub fn new<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let folded = phrases.into_iter().map(|phrase| {
            let words = spaced(phrase);
            let words = words.trim();
            (!words.is_empty()).then(|| regex::escape(words))
        });
        let folded: Vec<String> = folded.collect::<Option<_>>()?;
        if folded.is_empty() {
            return None;
        }
        let pattern = format!(" (?:{}) ", folded.join("|"));
        let any = RegexBuilder::new(&pattern).size_limit(LARGEST).dfa_size_limit(LARGEST).build().ok()?;
        Some(Self { any })
    }

    /// Whether a text has one of the phrases.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.any.is_match(&spaced(text))
    }
}
