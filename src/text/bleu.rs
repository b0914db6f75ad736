//! BLEU: how many runs of one to four words of an answer stand in a reference, over a whole corpus, in points from 0 to 100.
//!
//! Source: Papineni et al., *BLEU: a method for automatic evaluation of machine translation* (ACL 2002); smoothing by Chen &
//! Cherry (WMT 2014), as sacreBLEU 2.6.0 has both.

use super::ngrams;
use super::tokenizer::Tokenizer;
use super::tokens::Numbering;
use super::{RULES, TooLong, yes_or_no};

/// The longest runs of words that may be asked for.
pub const MOST_ORDER: usize = 4;

/// How a corpus without a single match of some length is spared a 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Smoothing {
    /// Every length without a match counts half of what the one before would.
    Exponential,
    /// Lengths without a match count so many.
    Floor(f64),
    /// So many are added to matches and to runs from two words on.
    Add(f64),
    /// It is not.
    None,
}

impl Smoothing {
    fn sign(self) -> String {
        match self {
            Self::Exponential => "exp".to_owned(),
            Self::Floor(value) => format!("floor[{value}]"),
            Self::Add(value) => format!("add-k[{value}]"),
            Self::None => "none".to_owned(),
        }
    }
}

/// BLEU with its options.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bleu {
    /// What a word is.
    pub tokenizer: Tokenizer,
    /// Whether case is ignored.
    pub lowercase: bool,
    /// What is done where nothing matches.
    pub smoothing: Smoothing,
    /// Whether lengths that the answers do not reach are left out: for single sentences.
    pub effective_order: bool,
    /// The longest runs of words, in `1..=`[`MOST_ORDER`].
    pub order: usize,
}

impl Default for Bleu {
    fn default() -> Self {
        Self {
            tokenizer: Tokenizer::Western,
            lowercase: false,
            smoothing: Smoothing::Exponential,
            effective_order: false,
            order: MOST_ORDER,
        }
    }
}

impl Bleu {
    /// All that changes its figures.
    #[must_use]
    pub fn signature(&self) -> String {
        format!(
            "bleu|case:{}|eff:{}|tok:{}|smooth:{}|order:{}|rules:{RULES}",
            if self.lowercase { "lc" } else { "mixed" },
            yes_or_no(self.effective_order),
            self.tokenizer.name(),
            self.smoothing.sign(),
            self.order
        )
    }

    /// Counts of a row: words of the answer, words of the closest reference, matches and runs of every length.
    #[must_use]
    pub fn width(&self) -> usize {
        2 + 2 * self.order
    }

    /// Counts an answer against its references into `counts`, as many as the width.
    ///
    /// # Errors
    /// More words than can be numbered.
    pub fn count(&self, answer: &str, references: &[&str], counts: &mut [f64]) -> Result<(), TooLong> {
        let mut numbering = Numbering::new();
        let mut cut = |text: &str| {
            let mut numbers = Vec::with_capacity(text.len() / 4 + 4);
            self.tokenizer.cut(text, self.lowercase, |word| numbers.push(numbering.number(word)));
            numbers
        };
        let texts: Vec<Vec<u32>> =
            std::iter::once(answer).chain(references.iter().copied()).map(&mut cut).collect();
        let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        let words = texts.first().map_or(0, |answer| answer.len());
        let matches = ngrams::clipped(self.order, numbering.distinct(), &texts)
            .ok_or(TooLong { words: numbering.distinct() as usize, most: 1 << 22 })?;
        let closest = texts.iter().skip(1).map(|text| text.len()).min_by_key(|n| (n.abs_diff(words), *n));
        let runs = (0..self.order).map(|shorter| words.saturating_sub(shorter) as f64);
        let all = [words as f64, closest.unwrap_or(0) as f64]
            .into_iter()
            .chain(matches.iter().take(self.order).map(|n| *n as f64))
            .chain(runs);
        for (count, value) in counts.iter_mut().zip(all) {
            *count = value;
        }
        Ok(())
    }

    /// BLEU of sums of counts, in `0..=100`; 0 where nothing matches.
    #[must_use]
    pub fn score(&self, sums: &[f64]) -> f64 {
        let at = |place: usize| sums.get(place).copied().unwrap_or(0.0);
        let (answer, reference) = (at(0), at(1));
        let brevity = match answer < reference {
            true if answer > 0.0 => (1.0 - reference / answer).exp(),
            true => 0.0,
            false => 1.0,
        };
        if (0..self.order).all(|n| at(2 + n) <= 0.0) {
            return 0.0;
        }
        let (mut logs, mut halves, mut reached) = (0.0, 1.0, 0);
        for n in 0..self.order {
            let more = match self.smoothing {
                Smoothing::Add(value) if n > 0 => value,
                _ => 0.0,
            };
            let (matches, runs) = (at(2 + n) + more, at(2 + self.order + n) + more);
            if runs <= 0.0 {
                break;
            }
            reached = n + 1;
            let precision = match self.smoothing {
                _ if matches > 0.0 => 100.0 * matches / runs,
                Smoothing::Exponential => {
                    halves *= 2.0;
                    100.0 / (halves * runs)
                }
                Smoothing::Floor(value) => 100.0 * value / runs,
                _ => 0.0,
            };
            logs += precision.ln();
        }
        if reached < self.order && !self.effective_order {
            return 0.0;
        }
        brevity * (logs / reached as f64).exp()
    }
}
