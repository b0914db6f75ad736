//! TER: how many words have to be inserted, deleted, replaced or moved to make a reference of an answer, per hundred words of
//! the reference. It has no upper end.
//!
//! Source: Snover et al., *A study of translation edit rate* (AMTA 2006), with the limits of Tercom, as sacreBLEU 2.6.0 has
//! them.

mod edits;
mod normal;

use edits::edits;

use super::letters::{trimmed_end, words};
use super::tokens::Numbering;
use super::{RULES, TooLong, yes_or_no};

/// An answer or a reference may have so many words: the search for moves takes up to a thousand looks at all of them.
pub const MOST_WORDS: usize = 2000;

/// TER with its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "the four switches of Tercom")]
pub struct Ter {
    /// Whether marks are words of their own, and entities are read.
    pub normalized: bool,
    /// Whether marks do not count.
    pub without_marks: bool,
    /// Whether Chinese and Japanese characters are words of their own (with `normalized`), and their marks are marks.
    pub asian: bool,
    /// Whether case counts.
    pub case_sensitive: bool,
}

impl Ter {
    /// Counts of a row: edits, and words of the reference (of several, their mean).
    pub const WIDTH: usize = 2;

    /// All that changes its figures.
    #[must_use]
    pub fn signature(&self) -> String {
        format!(
            "ter|case:{}|tok:tercom|norm:{}|punct:{}|asian:{}|rules:{RULES}",
            if self.case_sensitive { "mixed" } else { "lc" },
            yes_or_no(self.normalized),
            yes_or_no(!self.without_marks),
            yes_or_no(self.asian)
        )
    }

    /// Counts an answer against the reference that takes the fewest edits, into two `counts`.
    ///
    /// # Errors
    /// A text of more than [`MOST_WORDS`] words.
    pub fn count(&self, answer: &str, references: &[&str], counts: &mut [f64]) -> Result<(), TooLong> {
        let mut numbering = Numbering::new();
        let mut number = |normal: String| {
            let numbers: Vec<u32> = words(&normal).map(|word| numbering.number(word.as_bytes())).collect();
            match numbers.len() {
                0..=MOST_WORDS => Ok(numbers),
                words => Err(TooLong { words, most: MOST_WORDS }),
            }
        };
        let normal = |text: &str| self.normal(trimmed_end(text));
        let own = number(normal(answer))?;
        let (mut fewest, mut length) = (None, 0.0);
        for reference in references {
            // sacreBLEU normalises references twice, which tells where a possessive stands before a full stop.
            let once = normal(reference);
            let once: Vec<&str> = words(&once).collect();
            let other = number(normal(&once.join(" ")))?;
            length += other.len() as f64;
            let edits = edits(&own, &other);
            fewest = Some(fewest.map_or(edits, |fewest: usize| fewest.min(edits)));
        }
        let all = [fewest.unwrap_or(0) as f64, length / references.len().max(1) as f64];
        counts.iter_mut().zip(all).for_each(|(count, value)| *count = value);
        Ok(())
    }

    /// TER of sums of counts, from 0 on; of edits without a word in any reference it is 100.
    #[must_use]
    pub fn score(&self, sums: &[f64]) -> f64 {
        let at = |place: usize| sums.get(place).copied().unwrap_or(0.0);
        match (at(0), at(1)) {
            (edits, words) if words > 0.0 => 100.0 * edits / words,
            (edits, _) if edits > 0.0 => 100.0,
            _ => 0.0,
        }
    }
}
