//! ROUGE of each answer.

use crate::metric::answers::Scorer;
use crate::text::TooLong;
use crate::text::rouge::Rouge;

impl Scorer for Rouge {
    fn name(&self) -> String {
        self.signature()
    }

    fn score(&self, answer: &str, references: &[&str]) -> Result<f64, TooLong> {
        Rouge::score(self, answer, references)
    }
}
