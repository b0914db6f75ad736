//! Whether each answer is JSON that a schema describes.

use crate::metric::answers::Scorer;
use crate::text::TooLong;
use crate::text::json_schema::AnswerSchema;

/// What stands for a schema whose file is not read yet.
#[derive(Debug)]
pub(super) struct FutureSchema;

impl Scorer for FutureSchema {
    fn name(&self) -> String {
        "json-schema".to_owned()
    }

    fn score(&self, _answer: &str, _references: &[&str]) -> Result<f64, TooLong> {
        // What nobody has read says nothing of an answer.
        Ok(f64::NAN)
    }
}

impl Scorer for AnswerSchema {
    fn name(&self) -> String {
        self.signature()
    }

    fn score(&self, answer: &str, _references: &[&str]) -> Result<f64, TooLong> {
        Ok(f64::from(u8::from(self.holds(answer))))
    }
}
