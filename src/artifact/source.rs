//! The bytes of results files, wherever they are.

use std::io::{self, Read};
use std::path::Path;

use rayon::prelude::*;

use super::digest::{digest_reader, digest_tree};
use super::stamp::Stamp;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Digest;

/// Random access to the bytes of one evidence file.
///
/// `Sync`, because blocks of one file are read by several threads at once.
pub trait Source: Sync {
    /// The file as messages show it (a path relative to the root).
    fn name(&self) -> &str;

    /// Bytes in the file.
    fn len(&self) -> u64;

    /// Whether the file holds nothing.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads into `buf` from byte `offset`; 0 at the end. May return fewer bytes than asked for.
    ///
    /// # Errors
    /// Whatever the medium reports; never a silent short file.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Where the file stands in the file system; none where it is part of a commit or of the memory.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// What tells its content from every other one; none where the system does not say, or where it is not as it was when it
    /// was opened.
    fn stamp(&self) -> Option<Stamp> {
        None
    }

    /// Its digest, where an earlier run learned it and nobody wrote to the file since.
    fn known_digest(&self) -> Option<Digest> {
        None
    }

    /// Takes note of the digest of all that was read.
    fn learned_digest(&self, _: &Digest) {}

    /// Whether the file is still as it was when it was opened; ask after reading it.
    ///
    /// # Errors
    /// It was written to: what was read is half of one story and half of another.
    fn check_unchanged(&self) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// One open file of an evidence entry.
pub struct ResultsFile {
    /// Its bytes.
    pub source: Box<dyn Source + Send>,
    /// Its path below the folder or below the part of the glob without wildcards; the file name of a single file.
    pub member: String,
}

/// The digest of a file's bytes, read or known; memory stays the same however large it is.
///
/// # Errors
/// Reading fails.
pub fn digest_source(source: &dyn Source) -> Result<Digest, Diagnostic> {
    if let Some(known) = source.known_digest() {
        return Ok(known);
    }
    let mut reader = FrontToBack { source, offset: 0 };
    let (digest, _) = digest_reader(&mut reader, source.len()).map_err(|error| {
        let name = source.name();
        Diagnostic::error(Code::Unreadable, format!("`{name}` cannot be read: {}", reason(&error)))
            .in_file(name)
            .help("check that the evaluation wrote it and that the user who runs relgate may read it")
    })?;
    source.learned_digest(&digest);
    Ok(digest)
}

/// The digest of one evidence entry: of the file's bytes, or of several files as of a folder.
///
/// For several, each counts under its path as a member, so that the same results in another place have the same digest.
///
/// # Errors
/// The first file, in their order, that cannot be read.
pub fn digest_files(files: &[&ResultsFile]) -> Result<Digest, Diagnostic> {
    let digests: Vec<Digest> = files
        .par_iter()
        .with_max_len(1)
        .map(|file| digest_source(file.source.as_ref()))
        .collect::<Vec<_>>()
        .into_iter()
        .collect::<Result<_, _>>()?;
    Ok(digest_of(files.iter().map(|file| file.member.as_str()).zip(digests)))
}

/// The same from the digest of each file, which stands under its path as a member.
pub fn digest_of<'a>(files: impl IntoIterator<Item = (&'a str, Digest)>) -> Digest {
    let files: Vec<(&str, Digest)> = files.into_iter().collect();
    match files.as_slice() {
        [(_, one)] => one.clone(),
        several => digest_tree(several.iter().map(|(member, digest)| (*member, digest))),
    }
}

/// A source read from front to back.
struct FrontToBack<'a> {
    source: &'a dyn Source,
    offset: u64,
}

impl Read for FrontToBack<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.offset, buf)?;
        self.offset += count as u64;
        Ok(count)
    }
}

/// The operating system's words without Rust's ` (os error 13)`.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}
