//! chrF and chrF++: how many runs of one to six characters, and of words, an answer and a reference share, in points from 0 to
//! 100.
//!
//! Source: Popović, *chrF: character n-gram F-score* (WMT 2015) and *chrF++* (WMT 2017), as sacreBLEU 2.6.0 has them.

use std::borrow::Cow;

use super::letters::{is_mark, is_space, words};
use super::ngrams::{self, MOST};
use super::tokens::Numbering;
use super::{RULES, TooLong, yes_or_no};

/// The longest runs of characters.
pub const MOST_ORDER: usize = MOST;

/// The longest runs of words: chrF++ has 2.
pub const MOST_WORDS: usize = 4;

/// chrF with its options.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chrf {
    /// The longest runs of characters, in `1..=`[`MOST_ORDER`].
    pub characters: usize,
    /// The longest runs of words, in `0..=`[`MOST_WORDS`]: 0 is chrF, 2 chrF++.
    pub words: usize,
    /// How many times as much what a reference has counts as what an answer has.
    pub beta: f64,
    /// Whether case is ignored.
    pub lowercase: bool,
    /// Whether white space is a character.
    pub whitespace: bool,
    /// Whether every length counts, also those that no text reaches (as Moses and NLTK have it).
    pub every_order: bool,
}

impl Default for Chrf {
    fn default() -> Self {
        Self { characters: 6, words: 0, beta: 2.0, lowercase: false, whitespace: false, every_order: false }
    }
}

impl Chrf {
    /// All that changes its figures.
    #[must_use]
    pub fn signature(&self) -> String {
        format!(
            "chrf|case:{}|eff:{}|nc:{}|nw:{}|beta:{}|space:{}|rules:{RULES}",
            if self.lowercase { "lc" } else { "mixed" },
            yes_or_no(!self.every_order),
            self.characters,
            self.words,
            self.beta,
            yes_or_no(self.whitespace)
        )
    }

    /// Counts of a row: for each length, runs of the answer, runs of the reference, and those that they share.
    #[must_use]
    pub fn width(&self) -> usize {
        3 * (self.characters + self.words)
    }

    /// Counts an answer against the reference that fits it best, into `counts`, as many as the width.
    ///
    /// # Errors
    /// More words than can be numbered.
    pub fn count(&self, answer: &str, references: &[&str], counts: &mut [f64]) -> Result<(), TooLong> {
        let texts: Vec<Cow<'_, str>> = std::iter::once(answer)
            .chain(references.iter().copied())
            .map(|text| if self.lowercase { text.to_lowercase().into() } else { text.into() })
            .collect();
        let Some((answer, references)) = texts.split_first() else { return Ok(()) };
        let own = characters(answer, self.whitespace);
        let own_words: Vec<&str> = if self.words > 0 { parted(answer) } else { Vec::new() };
        let mut best = -1.0;
        for reference in references {
            let mut row = Vec::with_capacity(self.width());
            self.of_characters(&own, &characters(reference, self.whitespace), &mut row)?;
            if self.words > 0 {
                self.of_words(&own_words, &parted(reference), &mut row)?;
            }
            let score = if references.len() == 1 { 0.0 } else { self.score(&row) };
            if score > best {
                best = score;
                counts.iter_mut().zip(row).for_each(|(count, value)| *count = value);
            }
        }
        Ok(())
    }

    fn of_characters(&self, own: &[u32], other: &[u32], row: &mut Vec<f64>) -> Result<(), TooLong> {
        let highest = own.iter().chain(other).copied().max().unwrap_or(0);
        triples(self.characters, highest, (own, other), row)
    }

    fn of_words(&self, own: &[&str], other: &[&str], row: &mut Vec<f64>) -> Result<(), TooLong> {
        let mut numbering = Numbering::new();
        let mut number =
            |words: &[&str]| words.iter().map(|word| numbering.number(word.as_bytes())).collect::<Vec<u32>>();
        let (own, other) = (number(own), number(other));
        triples(self.words, numbering.distinct(), (&own, &other), row)
    }

    /// chrF of sums of counts, in `0..=100`; 0 where nothing is shared.
    #[must_use]
    pub fn score(&self, sums: &[f64]) -> f64 {
        const LITTLE: f64 = 1e-16;
        let factor = self.beta * self.beta;
        let (mut score, mut precision, mut recall, mut reached) = (0.0, 0.0, 0.0, 0);
        let (triples, _) = sums.as_chunks::<3>();
        for [own, other, shared] in triples {
            let share = |of: f64| if of > 0.0 { shared / of } else { LITTLE };
            let (p, r) = (share(*own), share(*other));
            let below = factor * p + r;
            score += if below > 0.0 { (1.0 + factor) * p * r / below } else { LITTLE };
            if *own > 0.0 && *other > 0.0 {
                precision += p;
                recall += r;
                reached += 1;
            }
        }
        if self.every_order {
            return 100.0 * score / triples.len().max(1) as f64;
        }
        if reached == 0 || precision + recall <= 0.0 {
            return 0.0;
        }
        let (p, r) = (precision / f64::from(reached), recall / f64::from(reached));
        100.0 * (1.0 + factor) * p * r / (factor * p + r)
    }
}

/// Runs of the answer, runs of the reference and shared ones, for each length. What has no reference does not count.
fn triples(
    order: usize,
    highest: u32,
    (own, other): (&[u32], &[u32]),
    row: &mut Vec<f64>,
) -> Result<(), TooLong> {
    let shared = ngrams::clipped(order, highest, &[own, other])
        .ok_or(TooLong { words: highest as usize, most: 1 << 21 })?;
    for (shorter, shared) in (0..order).zip(shared) {
        let runs = |text: &[u32]| text.len().saturating_sub(shorter) as f64;
        let counted = if runs(other) > 0.0 { runs(own) } else { 0.0 };
        row.extend([counted, runs(other), shared as f64]);
    }
    Ok(())
}

/// The characters of a text as numbers from 1 on.
fn characters(text: &str, whitespace: bool) -> Vec<u32> {
    let mut numbers = Vec::with_capacity(text.len());
    numbers.extend(text.chars().filter(|c| whitespace || !is_space(*c)).map(|c| u32::from(c) + 1));
    numbers
}

/// Words with a mark at their end, or else at their beginning, cut off.
fn parted(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for word in words(text) {
        let last = word.chars().next_back().filter(|c| is_mark(*c) && word.len() > 1);
        let first = word.chars().next().filter(|c| is_mark(*c) && word.len() > 1);
        // Marks are one byte each.
        let cut = match (last, first) {
            (Some(_), _) => word.split_at_checked(word.len() - 1),
            (None, Some(_)) => word.split_at_checked(1),
            (None, None) => None,
        };
        match cut {
            Some((one, other)) => parts.extend([one, other]),
            None => parts.push(word),
        }
    }
    parts
}
