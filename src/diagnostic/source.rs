//! The texts that findings point into, and places in them.

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

/// A text with its name, and where its lines begin.
#[derive(Debug)]
struct Kept {
    name: String,
    text: String,
    lines: Vec<usize>,
}

/// The texts that spans point into.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Kept>,
}

impl Sources {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps `text` under the name that messages show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        self.files.push(Kept { name: name.into(), text, lines });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The name of a file as messages show it.
    #[must_use]
    pub fn name(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |kept| &kept.name)
    }

    /// The whole text of a file.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |kept| &kept.text)
    }

    /// The text under a span; empty where the span does not fit the file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line and column (both from 1, columns in characters) of a span's start.
    #[must_use]
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let Some(kept) = self.files.get(span.file.0 as usize) else { return (1, 1) };
        let before = kept.text.get(..span.start as usize).unwrap_or(&kept.text);
        let line = kept.lines.partition_point(|start| *start <= before.len());
        let start = line.checked_sub(1).and_then(|line| kept.lines.get(line)).copied().unwrap_or(0);
        (line.max(1), before.get(start..).map_or(0, |rest| rest.chars().count()) + 1)
    }
}
