//! The two comments around an entry.
//!
//! `<!-- relgate:begin app 2.4.0 sha256=... -->` names the release and the digest of what relgate wrote; after `--adopt`
//! it also has `adopted=...`, the digest of the text of a person that stands there instead.
//! `<!-- relgate:end app 2.4.0 -->` closes the block. Several releases may share a file: a block is one's by name and
//! version.

use std::fmt::{self, Write as _};

use semver::Version;

use crate::manifest::Digest;

/// A comment of relgate's in a changelog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marker {
    /// The first line of a block.
    Begin(Begin),
    /// The last line of a block.
    End(Id),
}

/// Whose entry it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Id {
    /// The release's name as one word, see [`word`].
    name: String,
    pub(super) version: Version,
}

impl Id {
    pub(super) fn new(name: &str, version: &Version) -> Self {
        Self { name: word(name), version: version.clone() }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A name as one word that cannot end a comment: anything but letters, digits, `-`, `_` and `.` as `%` and its number.
fn word(name: &str) -> String {
    let mut word = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
            word.push(c);
        } else {
            let _ = write!(word, "%{:x};", u32::from(c));
        }
    }
    word
}

/// What the first line of a block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begin {
    /// The release.
    pub(super) id: Id,
    /// Digest of the entry that relgate would write for the results it knew.
    pub(super) generated: Digest,
    /// Digest of the text that a person put in its place.
    pub(super) adopted: Option<Digest>,
}

impl Begin {
    pub(super) fn line(&self) -> String {
        let adopted =
            self.adopted.as_ref().map_or_else(String::new, |text| format!(" adopted={}", text.hex()));
        format!("<!-- relgate:begin {} sha256={}{adopted} -->", self.id, self.generated.hex())
    }
}

/// The last line of a block.
pub(super) fn end_line(id: &Id) -> String {
    format!("<!-- relgate:end {id} -->")
}

/// Whether a line claims to be one of relgate's comments, whole or damaged.
pub(super) fn claims(line: &str) -> bool {
    let Some(comment) = line.trim_start().strip_prefix("<!--") else { return false };
    comment.trim_start().starts_with("relgate:")
}

/// The comment that a line is; none where it is damaged.
pub(super) fn parse(line: &str) -> Option<Marker> {
    let inside = line.trim().strip_prefix("<!--")?.strip_suffix("-->")?;
    let mut words = inside.split_whitespace();
    let kind = words.next()?;
    let id = Id { name: words.next()?.to_owned(), version: Version::parse(words.next()?).ok()? };
    let marker = match kind {
        "relgate:begin" => {
            let generated = Digest::from_hex(words.next()?.strip_prefix("sha256=")?)?;
            let adopted = match words.next() {
                Some(word) => Some(Digest::from_hex(word.strip_prefix("adopted=")?)?),
                None => None,
            };
            Marker::Begin(Begin { id, generated, adopted })
        }
        "relgate:end" => Marker::End(id),
        _ => return None,
    };
    words.next().is_none().then_some(marker)
}
