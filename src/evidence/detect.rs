//! Tells from its first bytes and its name what kind of file evidence is, without guessing: what is not recognised is
//! refused with a list of what is.

use super::blocks::unreadable;
use super::formats::{Head, recognise};
use super::source::{Compression, Source};
use super::unpack::{self, compression, ending, first_bytes, foreign, read_full, text_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Format;

/// What `source` is.
///
/// # Errors
/// The file is empty, cannot be read, or is of no kind that relgate understands.
pub fn detect(source: &dyn Source) -> Result<(Format, Compression), Diagnostic> {
    detect_as(source, None)
}

/// What `source` is, where somebody may have said which format it has.
///
/// # Errors
/// As [`detect`].
pub fn detect_as(source: &dyn Source, declared: Option<Format>) -> Result<(Format, Compression), Diagnostic> {
    let mut magic = [0; 6];
    let read = read_full(source, 0, &mut magic).map_err(|error| unreadable(source.name(), &error))?;
    let magic = magic.get(..read).unwrap_or_default();
    if magic.is_empty() {
        return Err(empty(source.name()));
    }
    let packed = foreign(magic);
    // An archive may be the log of a tool.
    let is_read = |what: &str| what == unpack::ZIP || (cfg!(feature = "parquet") && what == unpack::PARQUET);
    if let Some(packed) = packed.filter(|what| !is_read(what)) {
        let finding = unknown(source.name(), &format!("it is {packed}"));
        return Err(if packed == unpack::PARQUET {
            finding.help("`cargo install --path . --features parquet` builds a relgate that reads it")
        } else {
            finding
        });
    }
    let compression = compression(magic);
    let bytes = first_bytes(source, compression).map_err(|error| unreadable(source.name(), &error))?;
    if compression != Compression::None {
        let again = foreign(&bytes).is_some_and(|what| what != "UTF-16 text");
        if again || unpack::compression(&bytes) != Compression::None {
            return Err(unknown(source.name(), "it is packed twice"));
        }
    }
    let ending = ending(source.name());
    let text = text_of(&bytes);
    let head = Head::new(source.name(), text, ending.as_deref());
    match declared.or_else(|| recognise(&head)) {
        Some(format) => Ok((format, compression)),
        None if packed.is_some() => Err(unknown(source.name(), &format!("it is {}", unpack::ZIP))),
        None => Err(unknown(source.name(), "neither its first bytes nor its name say what it is")),
    }
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
        .note("understood are samples as .jsonl, .ndjson, .json, .csv or .tsv, and metrics as .json, .yaml or .yml")
        .note(format!("and what these wrote: {}", tools().join(", ")))
        .note("each may be packed once, as .gz or .zst")
        .help("write the results in one of these, as UTF-8 text; where only the name of the file does not say what it is, say it in the evidence entry: `format: csv`")
}

/// The tools whose results are read.
fn tools() -> Vec<&'static str> {
    Format::ALL.iter().filter(|format| format.is_foreign()).map(|format| format.word()).collect()
}
