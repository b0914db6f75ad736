//! Evidence in a commit: [`Source`] over the bytes of one file, held in memory.

use std::io::{self, Read as _};

use super::{Commit, GitTree};
use crate::artifact::{digest_bytes, digest_reader, digest_tree, reason};
use crate::diagnostic::{Code, Diagnostic};
use crate::evidence::Source;
use crate::manifest::Digest;
use std::sync::Arc;

/// Most bytes of one evidence file in a commit: git can only give a file from front to back.
const MOST: u64 = 1024 * 1024 * 1024;
/// How every Git LFS pointer file starts.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// One file of a commit that an evidence path means.
#[derive(Debug, Clone)]
pub struct TreeFile {
    /// The file as messages show it: `git:v2.3.0:evals/answers.jsonl`.
    pub name: String,
    /// Its path below the folder or below the part of the glob without wildcards; the file name of a single file.
    pub member: String,
    commit: Arc<Commit>,
    /// The object that holds its bytes.
    id: String,
}

/// The bytes of an evidence file of a commit.
#[derive(Debug)]
pub struct Blob {
    name: String,
    bytes: Vec<u8>,
}

impl TreeFile {
    pub(super) fn new(tree: &GitTree, path: &str, member: String, id: String) -> Self {
        Self { name: tree.name(path), member, commit: Arc::clone(&tree.commit), id }
    }

    /// Reads it into memory.
    ///
    /// # Errors
    /// It is too large, an LFS pointer, or git cannot give it.
    pub fn open(&self) -> Result<Blob, Diagnostic> {
        let reader = self.reader()?;
        let length = reader.left();
        if length > MOST {
            return Err(too_large(&self.name, length));
        }
        let mut bytes = Vec::with_capacity(length as usize);
        reader.take(MOST).read_to_end(&mut bytes).map_err(|error| unreadable(&self.name, &reason(&error)))?;
        if bytes.starts_with(LFS) && bytes.len() < 1024 {
            return Err(lfs_pointer(&self.name));
        }
        Ok(Blob { name: self.name.clone(), bytes })
    }

    /// The digest of its bytes; memory stays the same however large it is.
    ///
    /// # Errors
    /// git cannot give it.
    pub fn sha256(&self) -> Result<Digest, Diagnostic> {
        let mut reader = self.reader()?;
        let expected = reader.left();
        let (digest, _) =
            digest_reader(&mut reader, expected).map_err(|error| unreadable(&self.name, &reason(&error)))?;
        Ok(digest)
    }

    fn reader(&self) -> Result<super::process::BlobReader<'_>, Diagnostic> {
        self.commit.git.blob(&self.id).map_err(|trouble| trouble.finding(&self.name).in_file(&self.name))
    }
}

impl Blob {
    /// The digest of its bytes.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        digest_bytes(&self.bytes)
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

/// The digest of one evidence entry in a commit; equal to that of the same files in the working tree.
///
/// # Errors
/// The first file, in their order, that git cannot give.
pub fn digest_tree_files(files: &[TreeFile]) -> Result<Digest, Diagnostic> {
    let digests: Vec<Digest> = files.iter().map(TreeFile::sha256).collect::<Result<_, _>>()?;
    match digests.as_slice() {
        [one] => Ok(one.clone()),
        several => Ok(digest_tree(files.iter().map(|file| file.member.as_str()).zip(several))),
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
    Diagnostic::error(Code::LfsPointer, format!("`{name}` is a Git LFS pointer, not the results themselves"))
        .in_file(name)
        .note("git keeps the results outside its history, and relgate does not download anything")
        .help("check that commit out with `git lfs pull`, and name the file with `baseline:` of the evidence entry")
}
