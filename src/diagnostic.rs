//! What relgate finds wrong, and where: the one shape of every error and warning.
//!
//! A [`Diagnostic`] holds facts (a stable code, a sentence, a place, what to do); [`render`] words it
//! the way rustc does. What a finding means for the verdict is decided elsewhere.

mod code;
mod render;

pub use code::Code;
pub use render::{inert_json, printable, render};

pub(crate) use render::is_invisible;

use std::fmt;

/// A file whose text is kept for underlining; an index into [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(u32);

impl FileId {
    /// The file of a reading that looks at one file and keeps no text of it; of no [`Sources`].
    pub const ONLY: Self = Self(0);
}

/// Bytes `start..end` of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Bytes `start..end` of `file`; an end before the start gives an empty span.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end.max(start)) }
    }
}

/// A value and the place where its author wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// The texts that spans point into.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<(String, String)>,
}

impl Sources {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps `text` under the name that messages show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push((name.into(), text.into()));
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The name of a file as messages show it.
    #[must_use]
    pub fn name(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |(name, _)| name)
    }

    /// The whole text of a file.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |(_, text)| text)
    }

    /// The text under a span; empty where the span does not fit the file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line and column (both from 1, columns in characters) of a span's start.
    #[must_use]
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let text = self.text(span.file);
        let before = text.get(..span.start as usize).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        (line, column)
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// relgate could not judge.
    Error,
    /// Judged all the same; worth a look.
    Warning,
}

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nowhere in particular (the command line, the whole release).
    Nowhere,
    /// A whole file.
    File(String),
    /// A line (from 1) of a file that is too large to keep.
    Line {
        /// The file as messages show it.
        file: String,
        /// The line, from 1.
        line: u64,
    },
    /// Bytes of a kept file.
    Span(Span),
}

/// One finding: what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable identifier in kebab-case; the same in terminal and `report.json`.
    pub code: Code,
    /// One sentence without a full stop.
    pub title: String,
    /// Where.
    pub place: Place,
    /// What stands under the underline.
    pub label: String,
    /// Other places that belong to the finding.
    pub others: Vec<(Span, String)>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// The findings that it stands for, where it says only how many more there are.
    pub stands_for: Unlisted,
}

impl Diagnostic {
    /// An error without a place yet.
    #[must_use]
    pub fn error(code: Code, title: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            title: title.into(),
            place: Place::Nowhere,
            label: String::new(),
            others: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            stands_for: Unlisted::default(),
        }
    }

    /// A warning without a place yet.
    #[must_use]
    pub fn warning(code: Code, title: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, title) }
    }

    /// Sets the underlined place and what stands under it.
    #[must_use]
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.place = Place::Span(span);
        self.label = label.into();
        self
    }

    /// Sets a whole file as the place.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.place = Place::File(file.into());
        self
    }

    /// Sets a line (from 1) of a file that is not kept as the place.
    #[must_use]
    pub fn at_line(mut self, file: impl Into<String>, line: u64) -> Self {
        self.place = Place::Line { file: file.into(), line };
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.others.push((span, label.into()));
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds "did you mean" where one of `known` is close to `word`.
    #[must_use]
    pub fn suggest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(word, known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// The line (from 1) of a file that is not kept; none for other places.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self.place {
            Place::Line { line, .. } => Some(line),
            _ => None,
        }
    }

    /// File and line as a report shows them.
    #[must_use]
    pub fn file_line(&self, sources: &Sources) -> (Option<String>, Option<u64>) {
        match &self.place {
            Place::Nowhere => (None, None),
            Place::File(file) => (Some(file.clone()), None),
            Place::Line { file, line } => (Some(file.clone()), Some(*line)),
            Place::Span(span) => {
                (Some(sources.name(span.file).to_owned()), Some(sources.line_column(*span).0 as u64))
            }
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

/// The findings of a stage, in the order in which it found them; of a great many the first, and how many more there were.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// What stands for those that are only counted; the last of the findings.
    rest: Option<Diagnostic>,
}

/// Findings that are only counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Unlisted {
    /// How many errors.
    pub errors: u64,
    /// How many warnings.
    pub warnings: u64,
}

impl Diagnostics {
    /// The most that are kept: nobody reads more, and a file that is wrong everywhere must not fill the memory or the screen.
    pub const MOST: usize = 100;

    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding. An error takes the place of a warning where there is no room for both.
    pub fn push(&mut self, finding: Diagnostic) {
        if finding.stands_for != Unlisted::default() {
            self.omit(finding.stands_for);
            return;
        }
        if self.list.len() < Self::MOST {
            self.list.push(finding);
            return;
        }
        let warning = |kept: &Diagnostic| kept.severity == Severity::Warning;
        let error = finding.severity == Severity::Error;
        match self.list.iter().rposition(warning).filter(|_| error) {
            Some(at) => {
                self.list.remove(at);
                self.list.push(finding);
                self.omit(Unlisted { errors: 0, warnings: 1 });
            }
            None => self.omit(Unlisted { errors: u64::from(error), warnings: u64::from(!error) }),
        }
    }

    /// Adds the findings of another stage.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        for finding in other {
            self.push(finding);
        }
    }

    fn omit(&mut self, more: Unlisted) {
        let all = self.rest.as_ref().map_or(Unlisted::default(), |rest| rest.stands_for);
        let all = Unlisted { errors: all.errors + more.errors, warnings: all.warnings + more.warnings };
        let text = format!("{} more were found, and are not listed", all.errors + all.warnings);
        let severity = if all.errors > 0 { Severity::Error } else { Severity::Warning };
        let rest = Diagnostic::warning(Code::MoreFindings, text);
        self.rest = Some(Diagnostic { severity, stands_for: all, ..rest });
    }

    /// How many errors there are, those that are not listed among them.
    #[must_use]
    pub fn errors(&self) -> u64 {
        let listed = self.list.iter().filter(|finding| finding.severity == Severity::Error);
        listed.count() as u64 + self.rest.as_ref().map_or(0, |rest| rest.stands_for.errors)
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings in order; where there were more, the last says how many.
    pub fn iter(&self) -> Iter<'_> {
        self.list.iter().chain(self.rest.iter())
    }
}

/// Goes through findings.
pub type Iter<'a> = std::iter::Chain<std::slice::Iter<'a, Diagnostic>, std::option::Iter<'a, Diagnostic>>;

impl From<Diagnostic> for Diagnostics {
    fn from(finding: Diagnostic) -> Self {
        Self { list: vec![finding], ..Self::default() }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(findings: I) -> Self {
        let mut all = Self::new();
        for finding in findings {
            all.push(finding);
        }
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::iter::Chain<std::vec::IntoIter<Diagnostic>, std::option::IntoIter<Diagnostic>>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter().chain(self.rest)
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The known word that `word` is most likely a slip of; none where nothing is close.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` and `c` in backticks, for messages; at most `most` of them.
pub fn list<'a>(words: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let mut words = words.into_iter();
    let shown: Vec<String> =
        words.by_ref().take(most).map(|word| format!("`{}`", printable(shortened(word)))).collect();
    let shown = shown.join(", ");
    match words.count() {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The longest name that anybody means; a longer one is refused where it is given and cut where it is told.
pub const LONGEST_NAME: usize = 200;

/// The beginning of a foreign text, as far as a message has room for it.
#[must_use]
pub fn shortened(text: &str) -> &str {
    match text.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_findings_are_kept_and_no_error_is_lost_behind_warnings() {
        let mut findings: Diagnostics =
            (0..300).map(|i| Diagnostic::warning(Code::WrongType, i.to_string())).collect();
        findings.push(Diagnostic::error(Code::NotFinite, "the error"));
        let more: Diagnostics =
            (0..300).map(|i| Diagnostic::warning(Code::WrongType, i.to_string())).collect();
        findings.extend(more);
        assert!(findings.has_errors() && findings.errors() == 1);
        let told: Vec<&str> = findings.iter().map(|finding| finding.title.as_str()).collect();
        assert_eq!(told.len(), 101);
        assert_eq!((told[0], told[98], told[99]), ("0", "98", "the error"));
        assert_eq!(told[100], "501 more were found, and are not listed");
        assert_eq!(findings.into_iter().count(), 101);
    }
}
