//! An entry between its two comments: telling relgate's words from a person's, and putting either in place.
//!
//! The digest is over the text without its day and without the file's line ends, so that neither the clock nor
//! `core.autocrlf` makes an edit of it.

use chrono::NaiveDate;
use semver::Version;

use super::entry::{ChangelogEntry, date_of, render, render_dated};
use super::escape::plain;
use super::layout::Layout;
use super::lines::{Line, Text};
use super::marker::{Begin, Id, end_line};
use super::parts::Block;
use crate::artifact::digest_bytes;
use crate::manifest::Digest;

/// An entry and the digest that it has in a block.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) entry: &'a ChangelogEntry,
    pub(super) id: Id,
    digest: Digest,
}

impl<'a> Written<'a> {
    pub(super) fn of(entry: &'a ChangelogEntry) -> Self {
        let body = render(entry);
        let id = Id::new(&entry.name, &entry.version);
        Self { entry, id, digest: digest(Text::new(&body).lines(), &entry.version) }
    }

    fn begin(&self, adopted: Option<Digest>) -> String {
        Begin { id: self.id.clone(), generated: self.digest.clone(), adopted }.line()
    }

    /// Everything of a block but its last line.
    fn upper(&self, date: NaiveDate, end: &str) -> String {
        let text = format!("{}\n\n{}\n", self.begin(None), render_dated(self.entry, date));
        text.replace('\n', end)
    }

    fn whole(&self, end: &str) -> String {
        format!("{}{}{end}", self.upper(self.entry.date, end), end_line(&self.id))
    }
}

/// What stands in a block, compared with what relgate would write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing to do.
    Same,
    /// relgate's own words, for other results.
    Behind,
    /// A person's words that were adopted, for other results.
    AdoptedBehind,
    /// A person's words.
    Edited,
}

/// The text of a version, in a block or not yet.
#[derive(Debug)]
pub(super) struct Section<'a> {
    marker: Option<&'a Begin>,
    from: usize,
    to: usize,
    digest: Digest,
    date: Option<NaiveDate>,
}

impl<'a> Section<'a> {
    /// What stands in a block.
    pub(super) fn of_block(text: &Text<'_>, block: &'a Block) -> Self {
        let (from, to) = (block.begin + 1, block.end);
        let lines = text.range(from, to);
        let version = &block.marker.id.version;
        let date = content(lines).first().and_then(|line| date_of(line.text, version));
        Self { marker: Some(&block.marker), from, to, digest: digest(lines, version), date }
    }

    /// What a person wrote under the heading at `line`, without a block.
    pub(super) fn by_hand(text: &Text<'_>, layout: &Layout, line: usize, version: &Version) -> Self {
        let to = line + content(text.range(line, layout.section_end(line))).len();
        Self { marker: None, from: line, to, digest: digest(text.range(line, to), version), date: None }
    }

    /// First and last line of the block.
    pub(super) fn lines(&self) -> (usize, usize) {
        (self.from.saturating_sub(1), self.to)
    }

    /// Whether the block was written for the same results.
    pub(super) fn is_current(&self, written: &Written<'_>) -> bool {
        self.marker.is_some_and(|marker| marker.generated == written.digest)
    }

    pub(super) fn state(&self, written: &Written<'_>) -> State {
        let Some(marker) = self.marker else { return State::Edited };
        let current = self.is_current(written);
        let expected = marker.adopted.as_ref().unwrap_or(&marker.generated);
        if self.digest == written.digest {
            // Right words under a marker that says otherwise: a merge, or an edit that was taken back.
            if current && marker.adopted.is_none() { State::Same } else { State::Behind }
        } else if self.digest != *expected {
            State::Edited
        } else if current {
            State::Same
        } else if marker.adopted.is_some() {
            State::AdoptedBehind
        } else {
            State::Behind
        }
    }

    /// The file with relgate's words in the block, under the day that stands there.
    pub(super) fn replace(&self, text: &Text<'_>, written: &Written<'_>) -> String {
        let (begin, end) = self.lines();
        let date = self.date.unwrap_or(written.entry.date);
        text.splice(begin, end, &written.upper(date, text.end()))
    }

    /// The file with the block's words as the entry; only the first line changes.
    pub(super) fn adopt(&self, text: &Text<'_>, written: &Written<'_>) -> String {
        let (begin, _) = self.lines();
        let end = text.lines().get(begin).map_or("", |line| line.end);
        let first = written.begin(Some(self.digest.clone()));
        text.splice(begin, begin + 1, &format!("{first}{end}"))
    }

    /// The file with markers around a section that had none; only lines are added.
    pub(super) fn wrap(&self, text: &Text<'_>, written: &Written<'_>) -> String {
        let end = text.end();
        let body: String =
            text.range(self.from, self.to).iter().flat_map(|line| [line.text, line.end]).collect();
        let first = written.begin(Some(self.digest.clone()));
        let closed = if body.ends_with(['\n', '\r']) { "" } else { end };
        let last = end_line(&written.id);
        let block = format!("{first}{end}{end}{body}{closed}{end}{last}{end}");
        text.splice(self.from, self.to, &set_apart(text, self.from, self.to, &block))
    }
}

/// The file with a new block before `line`.
pub(super) fn insert(text: &Text<'_>, line: usize, written: &Written<'_>) -> String {
    let block = written.whole(text.end());
    text.splice(line, line, &set_apart(text, line, line, &block))
}

/// A file that has nothing in it yet, with a title, an introduction and the entry.
pub(super) fn first_file(text: &Text<'_>, entry: &ChangelogEntry) -> String {
    let end = text.end();
    let name = plain(&entry.name);
    let intro = format!(
        "# Changelog\n\nAll notable changes to {name} are documented in this file.\n\n\
         The format is based on [Keep a Changelog](https://keepachangelog.com/en/2.0.0/), and versions follow\n\
         [Semantic Versioning](https://semver.org/).\n\n## [Unreleased]\n\n"
    );
    let new = format!("{}{}", intro.replace('\n', end), Written::of(entry).whole(end));
    text.splice(text.len(), text.len(), &set_apart(text, text.len(), text.len(), &new))
}

/// `new`, which goes in place of lines `from..to`, with an empty line between it and what stands around it.
fn set_apart(text: &Text<'_>, from: usize, to: usize, new: &str) -> String {
    let end = text.end();
    let mut apart = String::new();
    if let Some(above) = from.checked_sub(1).and_then(|above| text.lines().get(above)) {
        if above.end.is_empty() {
            apart.push_str(end);
        }
        if !above.is_blank() {
            apart.push_str(end);
        }
    }
    apart.push_str(new);
    if text.lines().get(to).is_some_and(|below| !below.is_blank()) {
        apart.push_str(end);
    }
    apart
}

/// The lines without the empty ones at the start and the end.
fn content<'l, 't>(lines: &'l [Line<'t>]) -> &'l [Line<'t>] {
    let first = lines.iter().position(|line| !line.is_blank()).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !line.is_blank()).map_or(first, |last| last + 1);
    lines.get(first..last).unwrap_or_default()
}

/// The digest of an entry's text: without its day, line ends and spaces at the end of lines.
fn digest(lines: &[Line<'_>], version: &Version) -> Digest {
    let mut normal = String::new();
    for (at, line) in content(lines).iter().enumerate() {
        if at == 0 && date_of(line.text, version).is_some() {
            normal.push_str("## [version] - date");
        } else {
            normal.push_str(line.text.trim_end());
        }
        normal.push('\n');
    }
    digest_bytes(normal.as_bytes())
}
