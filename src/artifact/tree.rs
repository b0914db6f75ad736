//! Where a release stands: a working tree, a commit, a bundle. What pinning, loading and comparing need of it.
//!
//! [`Tree`] is declared here, implemented by `files`, and faked in tests. Paths are texts with `/`, relative to the root.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;

use super::pinned::Pinned;
use super::source::{ResultsFile, reason};
use super::stamp::{Stamp, Sum};
use super::text::{Text, decode};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::manifest::tree::MAX_BYTES;
use crate::manifest::{Digest, Manifest};

/// The files of one release.
///
/// `Send` and `Sync`, because files are hashed by several threads at once and both sides of a comparison are read together.
pub trait Tree: Send + Sync {
    /// What stands at a path as the manifest spells it. Symbolic links are followed while they stay in the root.
    ///
    /// # Errors
    /// Whatever keeps the path from being a readable file or folder inside the root.
    fn look(&self, declared: &str) -> Result<Found, Trouble>;

    /// Every file below a folder that [`Tree::look`] found, in byte order of the relative path.
    ///
    /// # Errors
    /// The folder itself cannot be listed; troubles below it stand in the [`Listing`].
    fn list(&self, folder: &str) -> Result<Listing, Trouble>;

    /// The bytes of a file that `look` or `list` found; the path is relative to the root.
    ///
    /// # Errors
    /// The file cannot be opened.
    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble>;

    /// Where the manifest stands, relative to the root.
    #[allow(clippy::unnecessary_literal_bound, reason = "only the default is a literal")]
    fn manifest(&self) -> &str {
        "release.yaml"
    }

    /// A file (path relative to the root) as messages name it.
    fn name(&self, path: &str) -> String {
        path.to_owned()
    }

    /// The release as outputs name it.
    fn source(&self) -> String {
        self.name(self.manifest())
    }

    /// The path relative to the root of a file that is declared in another file, `standing`.
    ///
    /// # Errors
    /// Whatever keeps the path from being a readable file or folder inside the root.
    fn beside(&self, standing: &str, declared: &str) -> Result<Found, Trouble> {
        let folder = standing.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.look(&resolve(folder, declared)?)
    }

    /// The text of a manifest or a policy file; the path is relative to the root.
    ///
    /// # Errors
    /// It is missing, too large, or not UTF-8.
    fn text(&self, path: &str) -> Result<Text, Diagnostic> {
        let name = self.name(path);
        let bytes = read_all(self, path, MAX_BYTES as u64).map_err(|trouble| trouble.finding(&name))?;
        match bytes {
            Some(bytes) => decode(&name, &bytes),
            None => Err(crate::manifest::tree::too_large(&name, MAX_BYTES + 1)),
        }
    }

    /// The open files of evidence entry `entry`, at least one, in byte order; `declared` is what its `path` says. A tree of
    /// artifacts alone has none.
    ///
    /// # Errors
    /// Nothing is there, or something that relgate does not read; placed at the path.
    fn expand(&self, entry: &str, declared: &Spanned<String>) -> Result<Vec<ResultsFile>, Diagnostic> {
        let _ = entry;
        let trouble = Trouble::Missing { folder: String::new(), names: Vec::new() };
        Err(trouble.at(&declared.value, declared.span))
    }

    /// The lock beside the manifest; none where nothing stands there.
    ///
    /// # Errors
    /// Something stands there that cannot be read.
    fn lock(&self) -> Result<Option<NamedText>, Diagnostic> {
        Ok(None)
    }

    /// What was kept of a release whose files are not here any more, now that its manifest is known; none where the files
    /// are here.
    ///
    /// # Errors
    /// What was kept is not what was written.
    fn remembered(&self, manifest: &Manifest) -> Result<Option<Remembered>, Diagnostics> {
        let _ = manifest;
        Ok(None)
    }

    /// Why the bytes of a file that was pinned (path as for [`Tree::open`]) are not at hand; none where they are.
    fn missing(&self, path: &str) -> Option<&'static str> {
        let _ = path;
        None
    }

    /// Where a file (path relative to the root) is on this machine; none in a commit.
    fn on_disk(&self, path: &str) -> Option<PathBuf> {
        let _ = path;
        None
    }

    /// What a file (path as for [`Tree::open`]) looks like from outside; none where it cannot change, as in a commit.
    ///
    /// # Errors
    /// No regular file stands there any more.
    fn stamp(&self, path: &str) -> Result<Option<Stamp>, Trouble> {
        let _ = path;
        Ok(None)
    }

    /// The checksum, in hexadecimal digits, of a file that was read before and has had this stamp ever since.
    fn known(&self, stamp: &Stamp, sum: Sum) -> Option<String> {
        let _ = (stamp, sum);
        None
    }

    /// Takes note of a checksum, so that it may be [known](Tree::known) the next time.
    fn learned(&self, stamp: &Stamp, sum: Sum, hex: &str) {
        let _ = (stamp, sum, hex);
    }

    /// So many bytes are about to be read.
    fn ahead(&self, bytes: u64) {
        let _ = bytes;
    }

    /// The path relative to the root of an absolute path; none outside the root, and where there are no such paths.
    fn below_root(&self, absolute: &str) -> Option<String> {
        let _ = absolute;
        None
    }

    /// The digests of those files of the working tree that are the checkouts of files in this commit, although their bytes may
    /// differ from what it keeps; [`Tree::open`] gives the bytes of the checkout from then on. None where git does not say so,
    /// and in everything but a commit.
    fn checked_out(&self, pairs: &[Checkout]) -> Vec<Option<Digest>> {
        vec![None; pairs.len()]
    }

    /// Whether a Git LFS pointer is what stands here for a large file: its digest is then that of the file. In a working
    /// tree it means that the file was not downloaded, which is an error.
    fn keeps_pointers(&self) -> bool {
        false
    }
}

/// A small text file, and what messages call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedText {
    /// As messages name the file.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// What a bundle keeps of a release instead of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Its artifacts as they were pinned.
    pub pinned: Pinned,
    /// The digest of the lock that they were held against.
    pub lock: Option<Digest>,
    /// Evidence entry -> digest, in hexadecimal digits, of the results that its numbers were made of.
    pub results: BTreeMap<String, String>,
    /// The word of the verdict on it.
    pub decision: String,
}

/// A file of a commit, and the one in the working tree that may be its checkout; both relative to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Its path in the commit.
    pub committed: String,
    /// The path in the working tree.
    pub here: String,
}

/// An existing file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path relative to the root; empty for the root itself.
    pub path: String,
    /// What it is.
    pub node: Standing,
}

/// A file or a folder; nothing else can be an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A regular file.
    File {
        /// Its length.
        bytes: u64,
    },
    /// A folder.
    Folder,
}

/// What stands below a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files, in byte order of `path`.
    pub files: Vec<ListedFile>,
    /// What is there and cannot be hashed, in byte order of the path (relative to the folder).
    pub troubles: Vec<(String, Trouble)>,
}

/// One file below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its path relative to the folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Whether a symbolic link stands there (that leads to a file inside the root).
    pub linked: bool,
}

/// Why a path cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing stands there.
    Missing {
        /// The deepest folder of the path that exists, relative to the root.
        folder: String,
        /// Names in that folder, for "did you mean".
        names: Vec<String>,
    },
    /// The path is empty.
    Empty,
    /// The path is absolute.
    Absolute,
    /// `..` leads out of the root.
    LeavesRoot,
    /// A symbolic link leads out of the root.
    LinkLeavesRoot {
        /// Where it leads.
        target: String,
    },
    /// A symbolic link leads nowhere or in a circle.
    BrokenLink {
        /// Where it says it leads.
        target: String,
    },
    /// A symbolic link to a folder stands inside an artifact folder.
    FolderLink {
        /// Where it leads.
        target: String,
    },
    /// Neither a file nor a folder.
    Special {
        /// What it is, as "a named pipe".
        kind: &'static str,
    },
    /// The name is not UTF-8.
    NotUtf8,
    /// A `.git` inside an artifact folder.
    Repository,
    /// A download that was not finished.
    Unfinished,
    /// The name has a character that `sha256sum` would escape.
    Escaped,
    /// The operating system refuses.
    Unreadable {
        /// Its reason, in its words.
        reason: String,
    },
    /// The file changed while it was looked at and read.
    Changed,
}

impl Trouble {
    /// The trouble of a failed read.
    #[must_use]
    pub fn unreadable(error: &io::Error) -> Self {
        Self::Unreadable { reason: reason(error) }
    }
}

/// The path relative to the root of a path that is declared in a file of the folder `base`.
///
/// Lexical: `..` undoes the folder before it, links or not, so that the answer is the same everywhere.
///
/// # Errors
/// The path is empty, absolute, leaves the root or lies in a git repository's own data.
pub fn resolve(base: &str, declared: &str) -> Result<String, Trouble> {
    if declared.trim().is_empty() {
        return Err(Trouble::Empty);
    }
    let mut bytes = declared.bytes();
    let drive = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic()) && bytes.next() == Some(b':');
    if declared.starts_with(['/', '\\']) || (drive && matches!(bytes.next(), Some(b'/' | b'\\'))) {
        return Err(Trouble::Absolute);
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in declared.split('/') {
        match part {
            ".." if parts.pop().is_none() => return Err(Trouble::LeavesRoot),
            // A `..` that comes here has undone the folder before it.
            "" | "." | ".." => {}
            // On Windows such a part would start over at another drive or hide a `..`.
            name if cfg!(windows) && name.contains('\\') => {
                return Err(Trouble::Missing { folder: parts.join("/"), names: Vec::new() });
            }
            name if cfg!(windows) && name.contains(':') => return Err(Trouble::Absolute),
            name if is_repository(name) => return Err(Trouble::Repository),
            name => parts.push(name),
        }
    }
    Ok(parts.join("/"))
}

/// Whether a name is that of a git repository's own data, also as file systems that fold names spell it. It holds
/// access tokens and changes without a change to the content, so nothing below it is ever read.
#[must_use]
pub fn is_repository(name: &str) -> bool {
    let name = name.trim_end_matches(['.', ' ']);
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

/// `folder/name`, where either may be empty.
#[must_use]
pub fn join(folder: &str, name: &str) -> String {
    match (folder.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => folder.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}

/// All bytes of a file, or nothing where it holds more than `most` (a prompt is compared, a model is not).
///
/// # Errors
/// The file cannot be opened or read.
pub fn read_all<T: Tree + ?Sized>(tree: &T, path: &str, most: u64) -> Result<Option<Vec<u8>>, Trouble> {
    let mut bytes = Vec::new();
    // One byte over the limit tells "exactly the limit" from "more".
    let mut reader = tree.open(path)?.take(most.saturating_add(1));
    reader.read_to_end(&mut bytes).map_err(|error| Trouble::unreadable(&error))?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}
