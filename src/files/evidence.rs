//! Evidence files: [`Source`] for an open file.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::special;
use crate::artifact::{Source, digest_source, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Digest;

/// An open evidence file, as long as it was when it was opened.
#[derive(Debug)]
pub struct EvidenceFile {
    name: String,
    path: PathBuf,
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
        Ok(Self { name: name.to_owned(), path: path.to_path_buf(), file, length })
    }

    /// The digest of its bytes; memory stays the same however large it is.
    ///
    /// # Errors
    /// Reading fails, or the file changed its length since it was opened.
    pub fn sha256(&self) -> Result<Digest, Diagnostic> {
        let digest = digest_source(self)?;
        self.check_length()?;
        Ok(digest)
    }
}

impl Source for EvidenceFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn check_length(&self) -> Result<(), Diagnostic> {
        let now = self.file.metadata().map_err(|error| unreadable(&self.name, &error))?.len();
        if now == self.length {
            return Ok(());
        }
        Err(Diagnostic::error(Code::ChangedWhileRead, format!("`{}` changed while it was read", self.name))
            .in_file(&self.name)
            .note(format!("it had {} bytes and now has {now}", self.length))
            .help("let the evaluation finish first, then run relgate again"))
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

fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Unreadable, format!("`{name}` cannot be read: {}", reason(error)))
        .in_file(name)
        .help("check that the evaluation wrote it and that the user who runs relgate may read it")
}
