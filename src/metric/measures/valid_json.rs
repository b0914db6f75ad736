//! Whether each answer is JSON.

use crate::metric::answers::Scorer;
use crate::text::{TooLong, valid_json};

#[derive(Debug)]
pub(super) struct ValidJson;

impl Scorer for ValidJson {
    fn name(&self) -> String {
        valid_json::signature()
    }

    fn score(&self, answer: &str, _references: &[&str]) -> Result<f64, TooLong> {
        Ok(f64::from(u8::from(valid_json::holds(answer))))
    }
}
