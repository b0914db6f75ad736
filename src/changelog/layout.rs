//! What the lines of a changelog are: blocks of relgate's, headings, code, comments, the links at the end.
//!
//! Reads as much of `CommonMark` as keeps an example in a code block from being taken for a heading. Deliberately
//! absent: containers (a heading in a list or a quote is none here), and any decision.

use semver::Version;

use super::heading::{Subject, atx, subject, underline};
use super::lines::Text;
use super::marker::{self, Begin, Marker};

/// A heading; lines count from 0 here and everywhere below `findings`.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) line: usize,
    pub(super) level: usize,
    pub(super) subject: Subject,
}

/// A block of relgate's: the lines of its two comments and what the first says.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) begin: usize,
    pub(super) end: usize,
    pub(super) marker: Begin,
}

/// A file that nobody can write into without guessing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Damage {
    /// A comment of relgate's that is neither a beginning nor an end.
    Unreadable { line: usize },
    /// A comment of relgate's in the code block or comment that starts at `open`.
    Hidden { line: usize, open: usize },
    /// A block begins before the one before has ended.
    Nested { outer: usize, inner: usize },
    /// An end without a beginning.
    NoBegin { line: usize },
    /// A beginning without an end.
    NoEnd { line: usize },
    /// A block that ends as another version.
    OtherEnd { begin: usize, end: usize },
    /// Two blocks of one version.
    Twice { first: usize, second: usize, version: Version },
    /// A code block or a comment that runs to the end of the file.
    NeverClosed { line: usize },
    /// A merge that is not finished.
    Conflict { line: usize },
}

/// A changelog, read.
#[derive(Debug)]
pub(super) struct Layout {
    headings: Vec<Heading>,
    blocks: Vec<Block>,
    tail: usize,
}

impl Layout {
    /// Reads a file; `name` is that of the release.
    pub(super) fn read(text: &Text<'_>, name: &str) -> Result<Self, Damage> {
        let mut scan = Scan::default();
        for (at, line) in text.lines().iter().enumerate() {
            scan.line(text, at, line.text, name)?;
        }
        if let Some(open) = scan.hidden {
            return Err(Damage::NeverClosed { line: open.line() });
        }
        if let Some((line, _)) = scan.open {
            return Err(Damage::NoEnd { line });
        }
        for (at, block) in scan.blocks.iter().enumerate() {
            let mut before = scan.blocks.iter().take(at);
            if let Some(first) = before.find(|first| first.marker.version == block.marker.version) {
                let version = block.marker.version.clone();
                return Err(Damage::Twice { first: first.begin, second: block.begin, version });
            }
        }
        Ok(Self { tail: tail(text, scan.solid), headings: scan.headings, blocks: scan.blocks })
    }

    /// relgate's blocks in the order of the file.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The block of a version.
    pub(super) fn block(&self, version: &Version) -> Option<&Block> {
        self.blocks.iter().find(|block| block.marker.version == *version)
    }

    /// Whether a line stands in no block.
    pub(super) fn is_outside(&self, line: usize) -> bool {
        !self.blocks.iter().any(|block| (block.begin..=block.end).contains(&line))
    }

    /// The headings that stand in no block.
    pub(super) fn outside(&self) -> impl Iterator<Item = &Heading> {
        self.headings.iter().filter(|heading| self.is_outside(heading.line))
    }

    /// Lines of the version's headings that are not in the version's own block.
    pub(super) fn by_hand(&self, version: &Version) -> Vec<usize> {
        let own = self.block(version);
        self.headings
            .iter()
            .filter(|heading| matches!(&heading.subject, Subject::Version(other) if other == version))
            .map(|heading| heading.line)
            .filter(|line| !own.is_some_and(|block| (block.begin..=block.end).contains(line)))
            .collect()
    }

    /// One past the last line of the section under a heading.
    pub(super) fn section_end(&self, line: usize) -> usize {
        let level = self.headings.iter().find(|heading| heading.line == line).map_or(6, |found| found.level);
        let heading = self
            .outside()
            .filter(|next| next.line > line && (next.level <= level || next.subject != Subject::Other))
            .map(|next| next.line)
            .min();
        let block = self.blocks.iter().map(|block| block.begin).filter(|begin| *begin > line).min();
        [heading, block].into_iter().flatten().min().unwrap_or(self.tail).max(line + 1)
    }

    /// Where the link definitions at the end of the file start, or one past its last line.
    pub(super) fn tail(&self) -> usize {
        self.tail
    }
}

/// Where headings mean nothing.
#[derive(Debug, Clone, Copy)]
enum Hidden {
    Code { line: usize, mark: char, width: usize, indent: usize },
    Comment { line: usize },
}

impl Hidden {
    fn line(self) -> usize {
        match self {
            Self::Code { line, .. } | Self::Comment { line } => line,
        }
    }

    fn opens(at: usize, line: &str) -> Option<Self> {
        let text = outdented(line)?;
        if let Some(comment) = text.strip_prefix("<!--") {
            return (!comment.contains("-->")).then_some(Self::Comment { line: at });
        }
        let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = text.trim_start_matches(mark);
        let width = text.len() - info.len();
        // A "`" further on makes it code within a line.
        let is_fence = width >= 3 && !(mark == '`' && info.contains('`'));
        is_fence.then_some(Self::Code { line: at, mark, width, indent: line.len() - text.len() })
    }

    fn closes(self, line: &str) -> bool {
        match self {
            Self::Comment { .. } => line.contains("-->"),
            Self::Code { mark, width, indent, .. } => {
                let text = line.trim_start_matches(' ');
                let run = text.len() - text.trim_start_matches(mark).len();
                let close_by = line.len() - text.len() <= indent + 3;
                close_by && run >= width && text.trim_start_matches(mark).trim().is_empty()
            }
        }
    }
}

/// Reads line by line.
#[derive(Debug, Default)]
struct Scan {
    headings: Vec<Heading>,
    blocks: Vec<Block>,
    hidden: Option<Hidden>,
    open: Option<(usize, Begin)>,
    /// One past the last line of code, comment or block.
    solid: usize,
}

impl Scan {
    fn line(&mut self, text: &Text<'_>, at: usize, line: &str, name: &str) -> Result<(), Damage> {
        if outdented(line).is_some_and(marker::claims) {
            self.solid = at + 1;
            return self.marker(at, line);
        }
        if let Some(hidden) = self.hidden {
            if hidden.closes(line) {
                self.hidden = None;
            }
            self.solid = at + 1;
            return Ok(());
        }
        if line.starts_with("<<<<<<< ") {
            return Err(Damage::Conflict { line: at });
        }
        self.hidden = Hidden::opens(at, line);
        if self.hidden.is_some() {
            return Ok(());
        }
        let found = match (atx(line), underline(line)) {
            (Some((level, title)), _) => Some((at, level, title)),
            (None, Some(level)) if self.is_underlined(text, at) => {
                at.checked_sub(1).map(|above| (above, level, text.line(above).trim()))
            }
            _ => None,
        };
        if let Some((line, level, title)) = found {
            self.headings.push(Heading { line, level, subject: subject(level, title, name) });
        }
        Ok(())
    }

    fn marker(&mut self, at: usize, line: &str) -> Result<(), Damage> {
        if let Some(hidden) = self.hidden {
            return Err(Damage::Hidden { line: at, open: hidden.line() });
        }
        match (marker::parse(line).ok_or(Damage::Unreadable { line: at })?, self.open.take()) {
            (Marker::Begin(marker), None) => self.open = Some((at, marker)),
            (Marker::Begin(_), Some((outer, _))) => return Err(Damage::Nested { outer, inner: at }),
            (Marker::End(_), None) => return Err(Damage::NoBegin { line: at }),
            (Marker::End(version), Some((begin, marker))) if version == marker.version => {
                self.blocks.push(Block { begin, end: at, marker });
            }
            (Marker::End(_), Some((begin, _))) => return Err(Damage::OtherEnd { begin, end: at }),
        }
        Ok(())
    }

    /// Whether the line above `at` is one line of text on its own.
    fn is_underlined(&self, text: &Text<'_>, at: usize) -> bool {
        let Some(above) = at.checked_sub(1) else { return false };
        let starts_alone = above == 0 || text.line(above - 1).trim().is_empty();
        let is_text = outdented(text.line(above)).is_some_and(|line| {
            !line.is_empty() && !line.starts_with(['-', '*', '+', '>', '|', '<', '#', '='])
        });
        above >= self.solid && starts_alone && is_text
    }
}

/// A line without its indent; none where the indent makes it code.
fn outdented(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    (line.len() - text.len() < 4 && !text.starts_with('\t')).then_some(text)
}

/// The first line of the link definitions at the end, with comments among them; nothing before `solid` counts.
fn tail(text: &Text<'_>, solid: usize) -> usize {
    let is_link =
        |line: &str| outdented(line).is_some_and(|line| line.starts_with('[') && line.contains("]:"));
    let is_comment = |line: &str| line.starts_with("<!--") && line.trim_end().ends_with("-->");
    let mut start = text.len();
    for at in (solid..text.len()).rev() {
        let line = text.line(at);
        if is_link(line) || is_comment(line) {
            start = at;
        } else if !line.trim().is_empty() {
            break;
        }
    }
    start
}
