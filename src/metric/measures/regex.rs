//! Whether each answer has what an expression describes.

use crate::metric::answers::Scorer;
use crate::text::TooLong;
use crate::text::regex::Pattern;

impl Scorer for Pattern {
    fn name(&self) -> String {
        self.signature()
    }

    fn score(&self, answer: &str, _references: &[&str]) -> Result<f64, TooLong> {
        Ok(f64::from(u8::from(self.holds(answer))))
    }
}
