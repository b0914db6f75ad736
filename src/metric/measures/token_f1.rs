//! The words that each answer shares with a reference.

use crate::metric::answers::Scorer;
use crate::text::TooLong;
use crate::text::token_f1::TokenF1;

impl Scorer for TokenF1 {
    fn name(&self) -> String {
        self.signature()
    }

    fn score(&self, answer: &str, references: &[&str]) -> Result<f64, TooLong> {
        Ok(TokenF1::score(self, answer, references))
    }
}
