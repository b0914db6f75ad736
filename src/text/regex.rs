//! Whether a text has a part that a regular expression describes.

use super::RULES;

/// A regular expression of the `regex` crate: no look-around and no back references, and time in proportion to the text.
#[derive(Debug, Clone)]
pub struct Pattern {
    expression: regex::Regex,
}

impl Pattern {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn new(expression: &str) -> Result<Self, String> {
        match regex::Regex::new(expression) {
            Ok(expression) => Ok(Self { expression }),
            Err(regex::Error::Syntax(text)) => Err(text
                .lines()
                .last()
                .unwrap_or("it cannot be read")
                .trim_start_matches("error: ")
                .to_owned()),
            Err(_) => Err("it is too large".to_owned()),
        }
    }

    /// The expression as it is written.
    #[must_use]
    pub fn expression(&self) -> &str {
        self.expression.as_str()
    }

    /// All that changes its figures.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("regex|pattern:{}|rules:{RULES}", self.expression.as_str())
    }

    /// Whether some part of a text fits.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        self.expression.is_match(text)
    }
}
