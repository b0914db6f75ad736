//! One part of evidence, or of a log, as numbers: the header of a `relgate/numbers/v1` file that `relgate summarize` wrote.
//!
//! The header says which files its rows are of, with the digest of each, what is in them besides rows, and for which release
//! they were made. Two digests hold it together: one of the header, one of the rows.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};

use serde::{Deserialize, Serialize};

use super::blocks::unreadable;
use super::detect::detect;
use super::feed::LONGEST;
use super::formats::{NUMBERS, Numbers, damaged};
use super::probe::Catalog;
use super::sample::Projected;
use super::source::{Compression, Source};
use super::unpack;
use crate::artifact::digest_bytes;
use crate::diagnostic::{Code, Diagnostic, Nature, printable};
use crate::manifest::{Digest, Format};

/// What the header of a part says besides its columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartHeader {
    /// Which part it is, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
    /// The evidence entry; none of a log of production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What it was made for.
    pub made_for: MadeFor,
    /// Files that its numbers were worked out against: path -> digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub against: BTreeMap<String, String>,
    /// The files that its rows are of, in the order of the rows.
    pub sources: Vec<PartSource>,
    /// The digest of the header, with nothing in its place.
    pub sha256: String,
}

/// What numbers were made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeFor {
    /// The name of the release.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of its manifest and of what that extends, in hexadecimal digits.
    pub sha256: String,
}

/// A file that rows of a part are of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSource {
    /// What messages call it.
    pub name: String,
    /// The path under which it counts in the digest of several.
    pub member: String,
    /// Its length.
    pub bytes: u64,
    /// The digest of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Its rows.
    pub rows: u64,
    /// Of a log, rows that could not be read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub torn: u64,
    /// Of a log, the time of its first records, in seconds since 1970; none where they have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<f64>,
    /// What its first rows show, or all of them.
    pub catalog: Catalog,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A part, as far as its header says.
#[derive(Debug, Clone)]
pub struct NumbersPart {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// What it says of itself.
    pub header: PartHeader,
    /// How it is packed.
    pub compression: Compression,
}

impl NumbersPart {
    /// The part in a file; none where it is something else.
    ///
    /// # Errors
    /// A part whose header is damaged.
    pub fn of(source: &dyn Source) -> Result<Option<Self>, Diagnostic> {
        let compression = match detect(source) {
            Ok((Format::Numbers, compression)) => compression,
            // What cannot even be unpacked may have been one.
            Err(finding) if finding.nature == Nature::Damaged => return Err(finding),
            Ok(_) | Err(_) => return Ok(None),
        };
        let mut line = Vec::new();
        let mut stream = BufReader::new(unpack::open(source, compression)).take(LONGEST as u64);
        stream.read_until(b'\n', &mut line).map_err(|error| unreadable(source.name(), &error))?;
        let Some(read) = Numbers::of_head(&line) else {
            return Err(damaged(source.name(), "its header cannot be read"));
        };
        if !read.is_part() {
            return Ok(None);
        }
        let Ok(read) = serde_json::from_slice::<PartLine>(&line) else {
            return Err(damaged(source.name(), "its header is not as relgate wrote it"));
        };
        let header = read.part.clone();
        let mut blank = read.clone();
        blank.part.sha256.clear();
        let sound = line == text(&read).as_bytes()
            && digest_bytes(text(&blank).as_bytes()).hex() == header.sha256
            && (1..=header.of).contains(&header.number)
            && header.sources.iter().map(|one| one.rows).sum::<u64>() == read.rows;
        if !sound {
            return Err(damaged(source.name(), "its header is not as relgate wrote it"));
        }
        Ok(Some(Self { columns: read.columns, header, compression }))
    }

    /// What messages call it: `part 3 of 64`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("part {} of {}", self.header.number, self.header.of)
    }

    /// The file that the row on a line is of, and its number there, from 1; the header is on line 1.
    #[must_use]
    pub(super) fn source_of(&self, line: u64) -> Option<(String, u64)> {
        let mut row = line.checked_sub(2)?;
        for source in &self.header.sources {
            match row.checked_sub(source.rows) {
                Some(behind) => row = behind,
                None => return Some((source.name.clone(), row + 1)),
            }
        }
        None
    }

    /// Whether it says what a field's values are: it has a column of them, or its files were looked at to their ends and none
    /// has such a field.
    #[must_use]
    pub fn keeps(&self, field: &Projected) -> bool {
        let lacks =
            |source: &PartSource| source.catalog.whole && !source.catalog.fields.contains_key(&field.name);
        self.columns.contains(&field.column()) || self.header.sources.iter().all(lacks)
    }

    /// Makes sure that it keeps every one of these fields.
    ///
    /// # Errors
    /// The first that it does not.
    pub(super) fn check(&self, file: &str, fields: &[Projected]) -> Result<(), Diagnostic> {
        let Some(field) = fields.iter().find(|field| !self.keeps(field)) else { return Ok(()) };
        let text = format!("{} keeps nothing of `{}`", self.words(), printable(&field.name));
        Err(Diagnostic::error(Code::NumbersLackField, text)
            .in_file(file)
            .help("let `relgate summarize` read the results again, with the release.yaml that is judged"))
    }
}

/// The header as it stands in a file; [`Numbers`] is what every reader sees of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartLine {
    schema: String,
    columns: Vec<String>,
    rows: u64,
    rows_sha256: String,
    part: PartHeader,
}

/// The line of a header whose digest is not known yet; `rows_sha256` is the digest of the lines of the rows.
#[must_use]
pub fn part_line(columns: Vec<String>, rows: u64, rows_sha256: &Digest, mut part: PartHeader) -> String {
    part.sha256.clear();
    let rows_sha256 = rows_sha256.hex().to_owned();
    let mut line = PartLine { schema: NUMBERS.to_owned(), columns, rows, rows_sha256, part };
    digest_bytes(text(&line).as_bytes()).hex().clone_into(&mut line.part.sha256);
    text(&line)
}

fn text(line: &PartLine) -> String {
    // Structs of numbers and texts always serialise.
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    text
}
