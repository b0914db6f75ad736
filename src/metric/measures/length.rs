//! The length of each answer.

use crate::metric::answers::Scorer;
use crate::text::TooLong;
use crate::text::length::Length;

impl Scorer for Length {
    fn name(&self) -> String {
        self.signature()
    }

    fn score(&self, answer: &str, _references: &[&str]) -> Result<f64, TooLong> {
        Ok(self.of(answer) as f64)
    }
}
