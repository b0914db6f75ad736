//! Files that are compared as plain text, because nobody knows their keys or they cannot be read as what they should be.
//!
//! Deliberately absent: prompts, of whose words more is asked.

use super::artifacts::Pair;
use super::files::{self, FilePair};
use super::text::words::passages;
use super::text::{Text, decode};
use super::{Record, Rule};
use crate::diagnostic::Diagnostics;

/// Passages that are shown; the rest is counted.
const PASSAGES: usize = 20;

/// A file on both sides as texts; a missing one is empty, none where one is no text or too large to be read.
pub(super) fn texts(pair: &Pair<'_>, file: &FilePair<'_>) -> Result<Option<(Text, Text)>, Diagnostics> {
    let read = |side, file: Option<_>| match file {
        Some(file) => Ok::<_, Diagnostics>(files::whole(side, file)?.and_then(decode)),
        None => Ok(Some(Text::empty())),
    };
    Ok(read(pair.before, file.before)?.zip(read(pair.after, file.after)?))
}

/// What differs in a file that is text on both sides; `why` says why not more is known.
pub(super) fn record(
    pair: &Pair<'_>,
    name: &str,
    (before, after): &(Text, Text),
    why: &str,
) -> Option<Record> {
    let found = passages(&before.body, &after.body, PASSAGES);
    let mut said = Vec::new();
    if found.count > 0 {
        said.push(found.words());
    }
    said.extend(
        before.respelled(after).map(|how| if found.count == 0 { format!("only {how}") } else { how }),
    );
    if said.is_empty() {
        return None;
    }
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    let text = format!("{name}: {}{why}", said.join("; "));
    Some(pair.record(Rule::ArtifactText, &text).showing(found.details()))
}
