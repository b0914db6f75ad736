//! Whether each answer is one of its references.

use crate::metric::answers::Scorer;
use crate::text::TooLong;
use crate::text::exact_match::ExactMatch;

impl Scorer for ExactMatch {
    fn name(&self) -> String {
        self.signature()
    }

    fn score(&self, answer: &str, references: &[&str]) -> Result<f64, TooLong> {
        Ok(f64::from(u8::from(self.holds(answer, references))))
    }
}
