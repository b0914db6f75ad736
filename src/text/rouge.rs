//! ROUGE: how many words, pairs of words, or words in the same order a summary and its reference share; F-measures from 0 to 1.
//!
//! Source: Lin, *ROUGE: a package for automatic evaluation of summaries* (2004), as rouge-score 0.1.2 has it: words are runs of
//! `a-z` and `0-9`, so a text in other letters has none.

use super::lcs::Places;
use super::ngrams;
use super::porter::stem;
use super::tokens::Numbering;
use super::{RULES, TooLong, yes_or_no};

/// A text may have so many words: the longest common subsequence takes as many steps as the product of two lengths.
pub const MOST_WORDS: usize = 20_000;

/// What is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// Words.
    Words,
    /// Pairs of words beside each other.
    Pairs,
    /// Words in the same order.
    Sequence,
    /// The same, line by line: for summaries of several sentences.
    Lines,
}

impl Shared {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Words, Self::Pairs, Self::Sequence, Self::Lines];

    /// Its name in a manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Words => "rouge-1",
            Self::Pairs => "rouge-2",
            Self::Sequence => "rouge-l",
            Self::Lines => "rouge-lsum",
        }
    }
}

/// What of the two texts is shared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RougeScore {
    /// The share of the answer.
    pub precision: f64,
    /// The share of the reference.
    pub recall: f64,
    /// Their harmonic mean; 0 where nothing is shared.
    pub f: f64,
}

impl RougeScore {
    fn of(shared: usize, own: usize, other: usize) -> Self {
        let share = |of: usize| if of == 0 { 0.0 } else { shared as f64 / of as f64 };
        let (precision, recall) = (share(own), share(other));
        let sum = precision + recall;
        Self { precision, recall, f: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 } }
    }
}

/// Which part of a [`RougeScore`] is the figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RougeFigure {
    /// F.
    #[default]
    F,
    /// Precision.
    Precision,
    /// Recall.
    Recall,
}

impl RougeFigure {
    /// Its name in a manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F => "f",
            Self::Precision => "precision",
            Self::Recall => "recall",
        }
    }
}

/// ROUGE with its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rouge {
    /// What is shared.
    pub shared: Shared,
    /// Whether words are one that differ in their endings only (Porter's stemmer, for English).
    pub stem: bool,
    /// The figure.
    pub part: RougeFigure,
}

impl Rouge {
    /// All that changes its figures.
    #[must_use]
    pub fn signature(&self) -> String {
        let (name, stem, part) = (self.shared.name(), yes_or_no(self.stem), self.part.name());
        format!("{name}|stem:{stem}|score:{part}|rules:{RULES}")
    }

    /// The figure of an answer, in `0..=1`: against the reference with the highest F. 0 where one of the texts has no words.
    ///
    /// # Errors
    /// A text of more than [`MOST_WORDS`] words.
    pub fn score(&self, answer: &str, references: &[&str]) -> Result<f64, TooLong> {
        let [score] = scores([self.shared], self.stem, answer, references)?;
        Ok(match self.part {
            RougeFigure::F => score.f,
            RougeFigure::Precision => score.precision,
            RougeFigure::Recall => score.recall,
        })
    }
}

/// Several of them at once; of each that of the reference with the highest F, the first of equals.
///
/// # Errors
/// As [`Rouge::score`].
pub fn scores<const N: usize>(
    shared: [Shared; N],
    stemmed: bool,
    answer: &str,
    references: &[&str],
) -> Result<[RougeScore; N], TooLong> {
    let mut numbering = Numbering::new();
    let own = Text::read(answer, stemmed, &mut numbering)?;
    let mut best = [RougeScore::of(0, 0, 0); N];
    for reference in references {
        let other = Text::read(reference, stemmed, &mut numbering)?;
        let distinct = numbering.distinct();
        let mut grams = None;
        for (best, shared) in best.iter_mut().zip(shared) {
            let mut of_order = |order: usize| {
                let found = *grams.get_or_insert_with(|| {
                    // Two words' numbers always fit a key.
                    ngrams::clipped(2, distinct, &[&own.words, &other.words]).unwrap_or_default()
                });
                let runs = |text: &Text| text.words.len().saturating_sub(order - 1);
                let shared = found.get(order - 1).copied().unwrap_or(0) as usize;
                RougeScore::of(shared, runs(&own), runs(&other))
            };
            let score = match shared {
                Shared::Words => of_order(1),
                Shared::Pairs => of_order(2),
                Shared::Sequence => RougeScore::of(
                    Places::of(&own.words, distinct).longest(&other.words),
                    own.words.len(),
                    other.words.len(),
                ),
                Shared::Lines => RougeScore::of(
                    shared_in_lines(&own, &other, distinct),
                    own.words.len(),
                    other.words.len(),
                ),
            };
            if score.f > best.f {
                *best = score;
            }
        }
    }
    Ok(best)
}

/// A text as the numbers of its words.
struct Text {
    words: Vec<u32>,
    /// Where each line ends among the words.
    ends: Vec<usize>,
}

impl Text {
    fn read(text: &str, stemmed: bool, numbering: &mut Numbering) -> Result<Self, TooLong> {
        let mut read = Self { words: Vec::with_capacity(text.len() / 4 + 4), ends: Vec::new() };
        // Other letters go, but for those that are `a` to `z` in lower case (the Kelvin sign).
        let lower = if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() };
        let mut word: Vec<u8> = Vec::with_capacity(32);
        for line in lower.split('\n') {
            let mut bytes = line.as_bytes();
            while !bytes.is_empty() {
                let length = bytes.iter().position(|c| !c.is_ascii_alphanumeric()).unwrap_or(bytes.len());
                let (token, rest) = bytes.split_at_checked(length).unwrap_or_default();
                bytes = rest.get(1..).unwrap_or_default();
                if stemmed && token.len() > 3 {
                    word.clear();
                    word.extend_from_slice(token);
                    stem(&mut word);
                    read.words.push(numbering.number(&word));
                } else if !token.is_empty() {
                    read.words.push(numbering.number(token));
                }
            }
            read.ends.push(read.words.len());
        }
        match read.words.len() {
            0..=MOST_WORDS => Ok(read),
            words => Err(TooLong { words, most: MOST_WORDS }),
        }
    }

    fn lines(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let line = |(start, end): (usize, &usize)| self.words.get(start..*end).unwrap_or_default();
        starts.zip(&self.ends).map(line).filter(|line| !line.is_empty())
    }
}

/// For each line of the reference the words that it shares with any line of the answer, in order; none counted more often
/// than it stands in either text.
fn shared_in_lines(own: &Text, other: &Text, distinct: u32) -> usize {
    if own.lines().nth(1).is_none() && other.lines().nth(1).is_none() {
        return Places::of(&own.words, distinct).longest(&other.words);
    }
    let mut left = [own, other].map(|text| {
        let mut counts = vec![0_u32; distinct as usize + 1];
        for word in &text.words {
            if let Some(count) = counts.get_mut(*word as usize) {
                *count += 1;
            }
        }
        counts
    });
    let lines: Vec<(&[u32], Places)> = own.lines().map(|line| (line, Places::of(line, distinct))).collect();
    let mut shared = 0;
    for line in other.lines() {
        let mut met = vec![false; line.len()];
        for (own, places) in &lines {
            for place in places.shared(own, line) {
                if let Some(met) = met.get_mut(place) {
                    *met = true;
                }
            }
        }
        for (word, _) in line.iter().zip(met).filter(|(_, met)| *met) {
            let mut counts = left.each_mut().map(|counts| counts.get_mut(*word as usize));
            if let [Some(own), Some(other)] = &mut counts
                && **own > 0
                && **other > 0
            {
                **own -= 1;
                **other -= 1;
                shared += 1;
            }
        }
    }
    shared
}
