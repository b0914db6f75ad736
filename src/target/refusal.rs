//! Why an engine's file is left alone.

/// Why an engine's file cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line, from 1, where there is one.
    pub line: Option<usize>,
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub help: String,
}

impl Refusal {
    /// About a whole file.
    pub(super) fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { line: None, text: text.into(), help: help.into() }
    }
}
