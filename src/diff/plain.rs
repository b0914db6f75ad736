//! Files that are compared as plain text, because nobody knows their keys or they cannot be read as what they should be.

use super::catalogue::ChangeRule;
use super::files::{self, FilePair};
use super::pair::Pair;
use super::record::{Detail, LISTED, Record};
use super::text::words::passages;
use super::text::{Text, decode};
use crate::artifact::PinnedFile;
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
    Some(pair.record(ChangeRule::ArtifactText, &text).showing(found.details()))
}

/// `system.bin is not UTF-8 text: 120 bytes (sha256:...) -> 130 bytes (sha256:...)`.
pub(super) fn described(file: &FilePair<'_>) -> String {
    let side = |file: Option<&PinnedFile>| match file {
        Some(file) => {
            format!("{} bytes (sha256:{})", file.bytes, file.digest.hex().get(..12).unwrap_or_default())
        }
        None => "not there".to_owned(),
    };
    let large = [file.before, file.after].into_iter().flatten().any(|file| file.bytes > files::WHOLE);
    let why = if large { "is too large or not UTF-8 text" } else { "is not UTF-8 text" };
    format!("{} {why}: {} -> {}", file.name, side(file.before), side(file.after))
}

/// Files that are no text, each with its sizes and digests.
pub(super) fn not_text(pair: &Pair<'_>, files: &[String]) -> Option<Record> {
    let first = files.first()?;
    let text = match files.len() {
        1 => format!("what it says cannot be compared, {first}"),
        count => format!("what {count} files say cannot be compared, such as {first}"),
    };
    Some(pair.record(ChangeRule::NotText, &text).showing(Detail::lines(files.iter().cloned(), LISTED)))
}
