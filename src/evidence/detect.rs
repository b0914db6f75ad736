//! Tells from its name and first bytes what kind of file evidence is.
//!
//! What the bytes say wins over the name. Deliberately absent: guessing; what is not recognised is refused with
//! a list of what is.

use std::io::Read;

use super::blocks::unreadable;
use super::source::{Compression, Format, Source};
use super::unpack::{self, read_full};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Step, steps};

/// The unpacked bytes that are looked at.
const HEAD: u64 = 1 << 20;

/// What `source` is.
///
/// # Errors
/// The file is empty, cannot be read, or is of no kind that relgate understands.
pub fn detect(source: &dyn Source) -> Result<(Format, Compression), Diagnostic> {
    let mut magic = [0; 6];
    let read = read_full(source, 0, &mut magic).map_err(|error| unreadable(source.name(), &error))?;
    let magic = magic.get(..read).unwrap_or_default();
    if magic.is_empty() {
        return Err(empty(source.name()));
    }
    let compression = compression(magic);
    let ending = ending(source.name());
    let format = match ending.as_deref() {
        Some("jsonl" | "ndjson") => Some(Format::Jsonl),
        Some("csv") => Some(Format::Csv),
        Some("yaml" | "yml") => Some(Format::Metrics),
        _ => None,
    };
    if let Some(packed) = foreign(magic) {
        return Err(unknown(source.name(), &format!("it is {packed}")));
    }
    if let Some(format) = format {
        return Ok((format, compression));
    }
    let head = head(source, compression)?;
    match looks_like(&head) {
        Some(format) => Ok((format, compression)),
        None if ending.as_deref() == Some("json") => Ok((Format::Metrics, compression)),
        None => Err(unknown(source.name(), "neither its name nor its first bytes say what it is")),
    }
}

/// The ending of a file's name in lower case, without that of its packing.
pub(super) fn ending(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let inner = [".gz", ".zst", ".zstd"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
    let file = inner.rsplit(['/', '\\']).next().unwrap_or_default();
    file.rsplit_once('.').map(|(_, ending)| ending.to_owned())
}

/// How a file that starts with `magic` is packed.
pub(super) fn compression(magic: &[u8]) -> Compression {
    match magic {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        // A frame, or a skippable frame before it.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Kinds of files that people take for evidence.
pub(super) fn foreign(magic: &[u8]) -> Option<&'static str> {
    match magic {
        [b'P', b'K', 3, 4, ..] => Some("a ZIP archive"),
        [b'B', b'Z', b'h', ..] => Some("packed with bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("packed with xz"),
        [b'P', b'A', b'R', b'1', ..] => Some("a Parquet file"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16 text"),
        _ => None,
    }
}

fn head(source: &dyn Source, compression: Compression) -> Result<Vec<u8>, Diagnostic> {
    let mut head = Vec::new();
    unpack::open(source, compression)
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(|error| unreadable(source.name(), &error))?;
    Ok(head)
}

/// One object on the first line and more behind it is JSON Lines; another object is a metrics file.
pub(super) fn looks_like(head: &[u8]) -> Option<Format> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !text.starts_with(b"{") {
        return None;
    }
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let (first, rest) = text.split_at_checked(end)?;
    // A pretty-printed document does not end on its first line.
    let object = std::str::from_utf8(first).is_ok_and(is_object);
    let lines = object && !rest.trim_ascii().is_empty();
    Some(if lines { Format::Jsonl } else { Format::Metrics })
}

/// Whether a line is one whole object, whatever stands in it.
fn is_object(line: &str) -> bool {
    let mut first = None;
    let whole = steps(line, |step| {
        first.get_or_insert(step);
        Ok(())
    });
    whole.is_ok() && first == Some(Step::Object)
}

/// The finding that a file holds nothing.
pub(super) fn empty(file: &str) -> Diagnostic {
    Diagnostic::error(Code::EmptyEvidence, "this file is empty")
        .in_file(file)
        .help("find out why the evaluation wrote nothing; nothing can be judged from it")
}

fn unknown(file: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::UnknownFormat, format!("relgate does not understand this file: {why}"))
        .in_file(file)
        .note("understood are samples as .jsonl, .ndjson or .csv, and metrics as .json, .yaml or .yml")
        .note("each may be packed as .gz or .zst")
        .help("write the results in one of these, as UTF-8 text")
}
