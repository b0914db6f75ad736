//! Token F1: how many words an answer and a reference share, in any order, from 0 to 1.
//!
//! Source: as `normal`; the two scripts differ in what no words at all are worth.

use super::RULES;
use super::normal::normal;

/// What an answer is worth if it, or its reference, has no words that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Empty {
    /// 1 where both have none, else 0: no answer is the right answer to a question that has none (`SQuAD` 2.0).
    #[default]
    Matches,
    /// 0 (`SQuAD` 1.1).
    Misses,
}

/// Token F1 with its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenF1 {
    /// What no words are worth.
    pub empty: Empty,
}

impl TokenF1 {
    /// All that changes its figures.
    #[must_use]
    pub fn signature(&self) -> String {
        let rule = if self.empty == Empty::Matches { "squad2" } else { "squad1.1" };
        format!("token-f1|rule:{rule}|rules:{RULES}")
    }

    /// F1 of an answer against the reference that fits it best, in `0..=1`.
    #[must_use]
    pub fn score(&self, answer: &str, references: &[&str]) -> f64 {
        let mut own = normal(answer);
        own.sort_unstable();
        references.iter().map(|reference| self.of_one(&own, reference)).fold(0.0, f64::max)
    }

    fn of_one(self, own: &[String], reference: &str) -> f64 {
        let mut other = normal(reference);
        other.sort_unstable();
        if own.is_empty() || other.is_empty() {
            let both = own.is_empty() && other.is_empty();
            return f64::from(u8::from(both && self.empty == Empty::Matches));
        }
        let (mut a, mut b, mut shared) = (own.iter().peekable(), other.iter().peekable(), 0_usize);
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => drop(a.next()),
                std::cmp::Ordering::Greater => drop(b.next()),
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    a.next();
                    b.next();
                }
            }
        }
        if shared == 0 {
            return 0.0;
        }
        let (p, r) = (shared as f64 / own.len() as f64, shared as f64 / other.len() as f64);
        2.0 * p * r / (p + r)
    }
}
