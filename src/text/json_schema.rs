//! Whether a text is JSON that a JSON Schema describes.

use std::fmt;

use super::RULES;

/// A JSON Schema, ready to be asked. Draft 2020-12 unless its `$schema` names another; what it refers to has to stand in it.
pub struct AnswerSchema {
    validator: jsonschema::Validator,
    digest: String,
}

impl fmt::Debug for AnswerSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerSchema").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl AnswerSchema {
    /// Reads a schema; `digest` is that of its bytes.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn new(text: &str, digest: String) -> Result<Self, String> {
        let schema: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let validator = jsonschema::validator_for(&schema).map_err(|error| error.to_string())?;
        Ok(Self { validator, digest })
    }

    /// All that changes its figures.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("json-schema|schema:{}|rules:{RULES}", self.digest)
    }

    /// Whether a text is JSON and fits.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        serde_json::from_str(text).is_ok_and(|value: serde_json::Value| self.validator.is_valid(&value))
    }
}
