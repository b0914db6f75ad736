//! A changelog as a whole: where blocks and sections begin and end, and where an entry may stand.

use super::heading::Subject;
use super::lines::Text;
use super::marker::Id;
use super::parts::{Block, Damage, Fold, Heading};
use super::scan::{Scan, outdented};

/// A changelog, read.
#[derive(Debug)]
pub(super) struct Layout {
    headings: Vec<Heading>,
    blocks: Vec<Block>,
    folds: Vec<Fold>,
    tail: usize,
}

impl Layout {
    /// Reads a file; `name` is that of the release.
    pub(super) fn read(text: &Text<'_>, name: &str) -> Result<Self, Damage> {
        let mut scan = Scan::new(text, name);
        for at in 0..text.len() {
            scan.line(at)?;
        }
        let (Scan { headings, blocks, solid, .. }, folds) = scan.finish()?;
        for (at, block) in blocks.iter().enumerate() {
            let mut before = blocks.iter().take(at);
            if let Some(first) = before.find(|first| first.marker.id == block.marker.id) {
                let id = block.marker.id.clone();
                return Err(Damage::Twice { first: first.begin, second: block.begin, id });
            }
        }
        Ok(Self { tail: tail(text, solid), headings, blocks, folds })
    }

    /// relgate's blocks in the order of the file.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The block of a release.
    pub(super) fn block(&self, id: &Id) -> Option<&Block> {
        self.blocks.iter().find(|block| block.marker.id == *id)
    }

    /// Whether a line stands in no block.
    pub(super) fn is_outside(&self, line: usize) -> bool {
        !self.blocks.iter().any(|block| (block.begin..=block.end).contains(&line))
    }

    /// The headings that stand in no block.
    pub(super) fn outside(&self) -> impl Iterator<Item = &Heading> {
        self.headings.iter().filter(|heading| self.is_outside(heading.line))
    }

    /// Whether the file shows that it is a changelog: an entry of relgate's, a version, `Unreleased`.
    pub(super) fn is_changelog(&self) -> bool {
        let tells = |heading: &Heading| heading.subject != Subject::Other || heading.mentions.is_some();
        !self.blocks.is_empty() || self.headings.iter().any(tells)
    }

    /// Lines of the version's headings that are in no block of the version (it may be another release's of that
    /// version). Where relgate's entry stands already, a heading that only mentions the version is none.
    pub(super) fn by_hand(&self, id: &Id) -> Vec<usize> {
        let loose = self.block(id).is_none();
        let of_version = |heading: &&Heading| match &heading.subject {
            Subject::Version(other) => *other == id.version,
            _ => loose && heading.mentions.as_ref() == Some(&id.version),
        };
        let own = |line: usize| {
            let mut blocks = self.blocks.iter().filter(|block| block.marker.id.version == id.version);
            blocks.any(|block| (block.begin..=block.end).contains(&line))
        };
        self.headings
            .iter()
            .filter(of_version)
            .map(|heading| heading.line)
            .filter(|line| !own(*line))
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

    /// What would fold away something put before `line`.
    pub(super) fn fold(&self, line: usize) -> Option<Fold> {
        self.folds.iter().find(|fold| fold.start < line && line <= fold.end).copied()
    }

    /// Where the link definitions at the end of the file start, or one past its last line.
    pub(super) fn tail(&self) -> usize {
        self.tail
    }
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
