//! TOLD: the changelog entry of a release, put into a file that people edit too.
//!
//! [`render`] words one [`ChangelogEntry`]; [`apply`] puts it where it belongs in the text of a changelog and returns the whole
//! new text. The entry stands between two comments that carry digests (`marker`), so that a later run knows what
//! relgate wrote and what a person wrote:
//!
//! | what stands there | the same results | new results |
//! |---|---|---|
//! | no entry | inserted | inserted |
//! | a block as relgate wrote it | byte for byte the same | replaced, first date kept |
//! | a block that was edited | left alone, warning | left alone, warning |
//! | a block that was adopted | left alone | left alone, warning |
//! | a section without markers | left alone, warning | left alone, warning |
//!
//! With `adopt` the text of the last three rows becomes the entry: only markers change, the text stays. What a person
//! wrote is never overwritten; whoever wants relgate's wording back deletes the block.
//!
//! A file is read as Keep a Changelog is written in the wild (`heading`, `layout`, `place`). Line ends, a byte order
//! mark and everything outside the block are kept to the byte. A file whose markers are damaged is refused,
//! and so is one in another format (`format`).
//!
//! There are no link reference definitions for a version, because relgate knows no address.

mod block;
mod entry;
mod escape;
mod findings;
mod format;
mod heading;
mod layout;
mod lines;
mod marker;
mod parts;
mod place;
mod scan;

pub use entry::{ChangelogEntry, entry, render};
pub use format::check_name;

use crate::diagnostic::Diagnostic;
use block::{Section, State, Written};
use findings::Findings;
use layout::Layout;
use lines::Text;

/// What [`apply`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// The entry stood there already.
    Unchanged,
    /// The entry is new.
    Inserted,
    /// The entry took the place of what relgate wrote for earlier results.
    Replaced,
    /// The text of a person became the entry.
    Adopted,
    /// The text of a person stands in the entry's place; a warning says so.
    LeftAlone,
}

/// A changelog after [`apply`].
#[derive(Debug, Clone)]
pub struct Applied {
    /// The whole text of the file.
    pub text: String,
    /// What happened to it; the text is that of before for [`Edit::Unchanged`] and [`Edit::LeftAlone`].
    pub change: Edit,
    /// What is worth a look.
    pub warnings: Vec<Diagnostic>,
}

/// Puts `entry` into the changelog `existing`, none where there is no such file; `file` is its name in messages.
///
/// A second call gives the same bytes, whatever the date of the entry. `adopt` makes the text that a person wrote for
/// this version the entry; it means nothing where relgate's own text stands.
///
/// # Errors
/// The file is no Markdown, the markers are damaged, two blocks are of one release, a code block or comment is never closed, or a merge is
/// unfinished: nothing may be written.
pub fn apply(
    file: &str,
    existing: Option<&str>,
    entry: &ChangelogEntry,
    adopt: bool,
) -> Result<Applied, Diagnostic> {
    check_name(file)?;
    let existing = existing.unwrap_or_default();
    let text = Text::new(existing);
    if text.is_blank() {
        return Ok(outcome(block::first_file(&text, entry), Edit::Inserted));
    }
    let findings = Findings { file, version: &entry.version };
    let layout = Layout::read(&text, &entry.name).map_err(|damage| findings.damage(&damage))?;
    if let Some(why) = format::other(file, &text, &layout) {
        return Err(findings.not_markdown(why));
    }
    let written = Written::of(entry);
    let by_hand = layout.by_hand(&written.id);
    let mut applied = match (layout.block(&written.id), by_hand.as_slice()) {
        (Some(found), _) => {
            let section = Section::of_block(&text, found);
            in_block(&text, &section, &written, adopt, findings)
        }
        (None, []) => insert(&text, &layout, &written, findings),
        (None, [line]) if adopt && layout.is_outside(*line) => {
            let section = Section::by_hand(&text, &layout, *line, &entry.version);
            outcome(section.wrap(&text, &written), Edit::Adopted)
        }
        (None, [line, ..]) => left_alone(&text, findings.by_hand(*line, layout.is_outside(*line))),
    };
    if let (Some(found), [line, ..]) = (layout.block(&written.id), by_hand.as_slice()) {
        applied.warnings.push(findings.twice(found.begin, *line));
    }
    Ok(applied)
}

/// Whether the changelog holds an entry of the release, which did not pass this time: a pass that is told and does not
/// hold. None where the file cannot be read as a changelog.
#[must_use]
pub fn behind(file: &str, existing: &str, entry: &ChangelogEntry) -> Option<Diagnostic> {
    let text = Text::new(existing);
    let layout = Layout::read(&text, &entry.name).ok()?;
    let block = layout.block(&Written::of(entry).id)?;
    Some(Findings { file, version: &entry.version }.behind((block.begin, block.end)))
}

/// What becomes of a block of the version.
fn in_block(
    text: &Text<'_>,
    section: &Section<'_>,
    written: &Written<'_>,
    adopt: bool,
    findings: Findings<'_>,
) -> Applied {
    match section.state(written) {
        State::Same => outcome(text.concat(), Edit::Unchanged),
        State::Behind => outcome(section.replace(text, written), Edit::Replaced),
        State::Edited | State::AdoptedBehind if adopt => outcome(section.adopt(text, written), Edit::Adopted),
        State::Edited => left_alone(text, findings.edited(section.lines(), section.is_current(written))),
        State::AdoptedBehind => left_alone(text, findings.adopted_behind(section.lines())),
    }
}

fn insert(text: &Text<'_>, layout: &Layout, written: &Written<'_>, findings: Findings<'_>) -> Applied {
    let place = place::find(text, layout, &written.entry.version);
    let mut applied = outcome(block::insert(text, place.line, written), Edit::Inserted);
    if place.is_guess {
        applied.warnings.push(findings.no_versions(place.line));
    }
    applied
}

fn outcome(text: String, change: Edit) -> Applied {
    Applied { text, change, warnings: Vec::new() }
}

fn left_alone(text: &Text<'_>, warning: Diagnostic) -> Applied {
    Applied { text: text.concat(), change: Edit::LeftAlone, warnings: vec![warning] }
}
