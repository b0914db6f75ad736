//! Evidence in a commit: [`Source`] over the bytes of one file, held in memory.

use std::io::{self, Read as _};

use super::process::Git;
use crate::artifact::{Source, reason};
use crate::diagnostic::{Code, Diagnostic, Nature};

/// Most bytes of one evidence file in a commit: git can only give a file from front to back.
const MOST: u64 = 1024 * 1024 * 1024;
/// How every Git LFS pointer file starts.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// The bytes of an evidence file of a commit.
#[derive(Debug)]
pub(super) struct Blob {
    name: String,
    bytes: Vec<u8>,
}

impl Blob {
    /// Reads the object `id` into memory; messages name the file `name`.
    ///
    /// # Errors
    /// It is too large, an LFS pointer, or git cannot give it.
    pub(super) fn read(git: &Git, id: &str, name: String) -> Result<Self, Diagnostic> {
        let reader = git.blob(id).map_err(|trouble| trouble.finding(&name).in_file(&name))?;
        let length = reader.left();
        if length > MOST {
            return Err(too_large(&name, length));
        }
        let mut bytes = Vec::with_capacity(length as usize);
        reader.take(MOST).read_to_end(&mut bytes).map_err(|error| unreadable(&name, &reason(&error)))?;
        if bytes.starts_with(LFS) && bytes.len() < 1024 {
            return Err(lfs_pointer(&name));
        }
        Ok(Self { name, bytes })
    }
}

impl Source for Blob {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut rest = self.bytes.get(start..).unwrap_or(&[]);
        rest.read(buf)
    }
}

fn unreadable(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::Unreadable, format!("`{name}` cannot be read: {why}")).in_file(name)
}

fn too_large(name: &str, length: u64) -> Diagnostic {
    let mebibytes = |bytes: u64| bytes / (1024 * 1024);
    Diagnostic::error(Code::TooLarge, format!("`{name}` is too large to be read through git"))
        .in_file(name)
        .note(format!("it has {} MiB, and at most {} MiB are read", mebibytes(length), mebibytes(MOST)))
        .help("put these results into a file of their own and name it with `baseline:` of the evidence entry")
}

fn lfs_pointer(name: &str) -> Diagnostic {
    Diagnostic::error(Code::LfsPointer, format!("`{name}` is a Git LFS pointer, not the results themselves")).nature(Nature::Elsewhere)
        .in_file(name)
        .note("git keeps the results outside its history, and relgate does not download anything")
        .help("check that commit out with `git lfs pull`, and name the file with `baseline:` of the evidence entry")
}
