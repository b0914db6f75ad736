//! Texts compared with references: BLEU, chrF, TER, ROUGE, exact match and token F1, and what one text says of itself.
//!
//! Pure: two texts in, a few numbers out. A metric over a corpus (BLEU, chrF, TER) is a statistic of sums of counts, so that a
//! row is counted while it is read and let go; the others are one number a row. The figures are those of sacreBLEU 2.6.0,
//! rouge-score 0.1.2 and the `SQuAD` scripts, to 1e-9; [`RULES`] changes whenever ours do.

pub mod bleu;
pub mod chrf;
pub mod exact_match;
pub mod json_schema;
mod lcs;
pub mod length;
mod letters;
mod ngrams;
mod normal;
mod porter;
pub mod regex;
pub mod rouge;
pub mod ter;
pub mod token_f1;
mod tokenizer;
mod tokens;
pub mod valid_json;

pub use tokenizer::Tokenizer;

/// The version of the rules by which texts are counted: counts of other rules are not compared.
pub const RULES: u32 = 1;

/// A text that is longer than a metric is worked out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// How many words it has.
    pub words: usize,
    /// How many it may have.
    pub most: usize,
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
