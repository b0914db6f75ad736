//! One finding: what, where, and what to do about it.

use std::fmt;

use super::code::Code;
use super::source::{Sources, Span};
use super::words::nearest;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// relgate could not judge.
    Error,
    /// Judged all the same; worth a look.
    Warning,
}

/// What kind of trouble a finding tells, for code that goes on differently after some. Its [`Code`] is for people and for
/// programs outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Nature {
    /// Nothing that anybody asks for.
    #[default]
    Other,
    /// Nothing stands where it was looked for.
    Absent,
    /// A few bytes stand for something that is kept elsewhere.
    Elsewhere,
    /// It is there, and is not what was said of it.
    Differs,
    /// Of files that belong together one is missing, or one too many is there.
    Incomplete,
    /// Nothing that was looked at has the name.
    Unseen,
    /// Nothing has the name, and the finding says which one was meant.
    Misspelt,
    /// The medium or the packing failed.
    Damaged,
    /// It ends before its end.
    CutOff,
    /// It is not what its format allows.
    Malformed,
}

impl Nature {
    /// Whether something is not there, as is usual for the results of an earlier release; anything else is damage.
    #[must_use]
    pub fn is_absence(self) -> bool {
        matches!(self, Self::Absent | Self::Elsewhere)
    }
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
    /// What kind of trouble it is.
    pub nature: Nature,
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
            nature: Nature::Other,
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

    /// Sets what kind of trouble it is.
    #[must_use]
    pub fn nature(mut self, nature: Nature) -> Self {
        self.nature = nature;
        self
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

    /// File, line and column (both from 1) as a report shows them.
    #[must_use]
    pub fn file_line_column(&self, sources: &Sources) -> (Option<String>, Option<u64>, Option<u64>) {
        match &self.place {
            Place::Nowhere => (None, None, None),
            Place::File(file) => (Some(file.clone()), None, None),
            Place::Line { file, line } => (Some(file.clone()), Some(*line), None),
            Place::Span(span) => {
                let (line, column) = sources.line_column(*span);
                (Some(sources.name(span.file).to_owned()), Some(line as u64), Some(column as u64))
            }
        }
    }

    /// The same finding where the texts that it points into are not kept: with file and line, and what stood under them as
    /// notes.
    #[must_use]
    pub fn settled(mut self, sources: &Sources) -> Self {
        let place = |span: Span| {
            let file = sources.name(span.file).to_owned();
            let line = sources.line_column(span).0 as u64;
            if file.is_empty() { Place::Nowhere } else { Place::Line { file, line } }
        };
        let Place::Span(span) = self.place else { return self };
        self.place = place(span);
        let label = std::mem::take(&mut self.label);
        let others =
            std::mem::take(&mut self.others).into_iter().filter_map(|(span, label)| match place(span) {
                Place::Line { file, line } => Some(format!("{file}:{line}: {label}")),
                _ => None,
            });
        let told: Vec<String> =
            Some(label).filter(|label| !label.is_empty()).into_iter().chain(others).collect();
        self.notes.splice(0..0, told);
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

/// Findings that are only counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Unlisted {
    /// How many errors.
    pub errors: u64,
    /// How many warnings.
    pub warnings: u64,
}
