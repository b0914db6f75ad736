//! Evidence files: [`Source`] for an open file, and digests of whole evidence entries.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use rayon::prelude::*;

use super::{Located, special};
use crate::artifact::{digest_reader, digest_tree, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::Source;
use crate::manifest::Digest;

/// An open evidence file, as long as it was when it was opened.
#[derive(Debug)]
pub struct EvidenceFile {
    name: String,
    file: File,
    length: u64,
}

impl EvidenceFile {
    /// Opens the file at `path`; messages name it `name`.
    ///
    /// # Errors
    /// It cannot be opened, or is not a regular file.
    pub fn open(path: &Path, name: &str) -> Result<Self, Diagnostic> {
        let open = || {
            let about = fs::metadata(path)?;
            if !about.is_file() {
                let text = format!(
                    "it is {}, not a file",
                    if about.is_dir() { "a folder" } else { special(about.file_type()) }
                );
                return Err(io::Error::new(ErrorKind::InvalidInput, text));
            }
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        let (file, length) = open().map_err(|error| unreadable(name, &error))?;
        Ok(Self { name: name.to_owned(), file, length })
    }

    /// The digest of its bytes; memory stays the same however large it is.
    ///
    /// # Errors
    /// Reading fails, or the file changed its length since it was opened.
    pub fn sha256(&self) -> Result<Digest, Diagnostic> {
        let mut reader = Sequential { source: self, offset: 0 };
        let (digest, _) =
            digest_reader(&mut reader, self.length).map_err(|error| unreadable(&self.name, &error))?;
        self.check_length()?;
        Ok(digest)
    }

    /// Whether the file still has the length with which it was opened; ask after reading it.
    ///
    /// # Errors
    /// It has another length.
    pub fn check_length(&self) -> Result<(), Diagnostic> {
        let now = self.file.metadata().map_err(|error| unreadable(&self.name, &error))?.len();
        if now == self.length {
            return Ok(());
        }
        Err(Diagnostic::error(Code::ChangedWhileRead, format!("`{}` changed while it was read", self.name))
            .in_file(&self.name)
            .note(format!("it had {} bytes and now has {now}", self.length))
            .help("let the evaluation finish first, then run relgate again"))
    }
}

impl Source for EvidenceFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        // What was appended after opening is not read: one judgement sees one length.
        let left = self.length.saturating_sub(offset);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let Some(buf) = buf.get_mut(..most).filter(|buf| !buf.is_empty()) else {
            return Ok(0);
        };
        match read_at(&self.file, offset, buf)? {
            0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "the file became shorter while it was read")),
            count => Ok(count),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, offset)
}

#[cfg(windows)]
fn read_at(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, offset)
}

/// A source read from front to back.
struct Sequential<'a> {
    source: &'a EvidenceFile,
    offset: u64,
}

impl Read for Sequential<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.offset, buf)?;
        self.offset += count as u64;
        Ok(count)
    }
}

/// The digest of one evidence entry: of the file's bytes, or of several files as of a folder.
///
/// For several, each counts under its path below the folder or below the part of the glob that has no
/// wildcard, so that the same results in another place have the same digest.
///
/// # Errors
/// The first file, in their order, that cannot be read.
pub fn digest_all(files: &[Located]) -> Result<Digest, Diagnostic> {
    let digests: Vec<Digest> = files
        .par_iter()
        .with_max_len(1)
        .map(|located| located.open()?.sha256())
        .collect::<Vec<_>>()
        .into_iter()
        .collect::<Result<_, _>>()?;
    match digests.as_slice() {
        [one] => Ok(one.clone()),
        several => Ok(digest_tree(files.iter().map(|located| located.member.as_str()).zip(several))),
    }
}

impl Located {
    /// Opens it.
    ///
    /// # Errors
    /// It cannot be opened any more.
    pub fn open(&self) -> Result<EvidenceFile, Diagnostic> {
        EvidenceFile::open(&self.path, &self.name)
    }

    /// Where it is in the file system.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Unreadable, format!("`{name}` cannot be read: {}", reason(error)))
        .in_file(name)
        .help("check that the evaluation wrote it and that the user who runs relgate may read it")
}
