//! The two comments around an entry.
//!
//! `<!-- relgate:begin 2.4.0 sha256=... -->` names the version and the digest of what relgate wrote; after `--adopt`
//! it also has `adopted=...`, the digest of the text of a person that stands there instead.
//! `<!-- relgate:end 2.4.0 -->` closes the block. Deliberately absent: what is between them.

use semver::Version;

use crate::manifest::Digest;

/// A comment of relgate's in a changelog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marker {
    /// The first line of a block.
    Begin(Begin),
    /// The last line of a block.
    End(Version),
}

/// What the first line of a block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begin {
    /// The entry's version.
    pub(super) version: Version,
    /// Digest of the entry that relgate would write for the results it knew.
    pub(super) generated: Digest,
    /// Digest of the text that a person put in its place.
    pub(super) adopted: Option<Digest>,
}

impl Begin {
    pub(super) fn line(&self) -> String {
        let adopted =
            self.adopted.as_ref().map_or_else(String::new, |text| format!(" adopted={}", text.hex()));
        format!("<!-- relgate:begin {} sha256={}{adopted} -->", self.version, self.generated.hex())
    }
}

/// The last line of a block.
pub(super) fn end_line(version: &Version) -> String {
    format!("<!-- relgate:end {version} -->")
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
    let version = Version::parse(words.next()?).ok()?;
    let marker = match kind {
        "relgate:begin" => {
            let generated = Digest::from_hex(words.next()?.strip_prefix("sha256=")?)?;
            let adopted = match words.next() {
                Some(word) => Some(Digest::from_hex(word.strip_prefix("adopted=")?)?),
                None => None,
            };
            Marker::Begin(Begin { version, generated, adopted })
        }
        "relgate:end" => Marker::End(version),
        _ => return None,
    };
    words.next().is_none().then_some(marker)
}
