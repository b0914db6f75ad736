//! Exact match: whether an answer is one of its references.

use super::RULES;
use super::normal::normal;

/// Exact match with its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExactMatch {
    /// Whether every character counts; else case, marks, English articles and surplus white space do not, as in `SQuAD`.
    pub strict: bool,
}

impl ExactMatch {
    /// All that changes its figures.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("exact-match|rule:{}|rules:{RULES}", if self.strict { "strict" } else { "squad" })
    }

    /// Whether an answer is one of its references.
    #[must_use]
    pub fn holds(&self, answer: &str, references: &[&str]) -> bool {
        if self.strict {
            return references.contains(&answer);
        }
        let own = normal(answer);
        references.iter().any(|reference| normal(reference) == own)
    }
}
