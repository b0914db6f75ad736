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

/// Why a list cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhrasesTrouble {
    /// It has no phrases.
    Nothing,
    /// The phrase at this place, from 0, has no letter, digit or sign.
    Blank(usize),
    /// It is too long: some hundred thousand words.
    TooLong,
}

impl Phrases {
    /// Makes a list ready.
    ///
    /// # Errors
    /// Why it cannot be searched for.
    pub fn new<'a>(phrases: impl IntoIterator<Item = &'a str>) -> Result<Self, PhrasesTrouble> {
        let mut folded = Vec::new();
        for (i, phrase) in phrases.into_iter().enumerate() {
            let words = spaced(phrase);
            if words.trim().is_empty() {
                return Err(PhrasesTrouble::Blank(i));
            }
            folded.push(regex::escape(words.trim()));
        }
        if folded.is_empty() {
            return Err(PhrasesTrouble::Nothing);
        }
        let pattern = format!(" (?:{}) ", folded.join("|"));
        let any = RegexBuilder::new(&pattern).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
        Ok(Self { any: any.map_err(|_| PhrasesTrouble::TooLong)? })
    }

    /// Whether a text has one of the phrases.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.any.is_match(&spaced(text))
    }
}
