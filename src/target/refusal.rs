//! Why an engine's file is left as it is.

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

    /// About the line that holds the byte `at` of `file`.
    pub(super) fn at(file: &str, at: usize, text: impl Into<String>, help: impl Into<String>) -> Self {
        let before = file.as_bytes().get(..at).unwrap_or(file.as_bytes());
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        Self { line: Some(line), ..Self::new(text, help) }
    }
}
