//! A release as git remembers it: the files of one commit, read without a checkout.
//!
//! [`Commit`] resolves a revision once and then answers from that commit alone: [`Tree`] for artifacts, the
//! manifest, evidence files as [`Blob`]s. Links, the root and names keep the rules of [`Worktree`](super::Worktree).
//! Bytes are those that git stores, a Git LFS pointer for the file that it names. Where a file of the working tree has others, git itself
//! is asked whether it would store the same for it, as `git status` does: line ends, `ident`, and the filters which git's own
//! configuration (never the repository's content) says how to run. Nothing is ever fetched, in partial clones neither.

mod blob;
mod checkout;
mod commits;
mod contents;
mod makers;
mod objects;
mod open;
mod process;
mod tags;
mod tree;
mod user;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::expand::{self, At, Ground, Member, Name};
use crate::artifact::{
    Checkout, Found, Listing, NamedText, ResultsFile, Text, Tree, Trouble, decode, read_all, resolve,
    stands_for_another,
};
use crate::diagnostic::{Code, Diagnostic, Spanned};
use crate::manifest::Digest;
use crate::manifest::tree::{MAX_BYTES, too_large};

use blob::Blob;
pub use commits::commits;
pub use contents::contents;
pub use makers::CommitMakers;
use objects::Objects;
pub use tags::tags;
use tree::EntryKind;
pub use user::user;

/// The largest lock that is read.
const MOST_OF_A_LOCK: u64 = 64 << 20;

/// `git:REV` or `git:REV:PATH` as `baseline:` spells it: the revision and the path in it.
///
/// The path counts from the root and not from the manifest's folder, as in git itself.
#[must_use]
pub fn parse_git_reference(text: &str) -> Option<(&str, Option<&str>)> {
    let rest = text.strip_prefix("git:")?;
    Some(match rest.split_once(':') {
        Some((rev, path)) => (rev, Some(path)),
        None => (rest, None),
    })
}

/// The files of one commit, below the root.
#[derive(Debug, Clone)]
pub struct Commit {
    commit: Arc<Objects>,
    /// The manifest's path relative to the root.
    manifest: String,
}

impl Commit {
    /// The commit's full id.
    #[must_use]
    pub fn commit(&self) -> &str {
        &self.commit.id
    }

    /// The revision as it was asked for.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.commit.rev
    }

    /// The folder from which declared paths are meant, relative to the root; empty for the root itself.
    #[must_use]
    pub fn base(&self) -> &str {
        self.manifest.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The same commit for the paths that stand in a file of it.
    #[must_use]
    pub fn for_file(&self, path: &str) -> Self {
        Self { commit: Arc::clone(&self.commit), manifest: path.to_owned() }
    }

    /// A declared path relative to the root, by its letters alone.
    ///
    /// # Errors
    /// The path is empty, absolute or leaves the root.
    pub fn resolve(&self, declared: &str) -> Result<String, Trouble> {
        resolve(self.base(), declared)
    }

    /// The text of a file of the commit, by its path below the root.
    ///
    /// # Errors
    /// It is not there, too large, or no text.
    pub fn text_of(&self, path: &str) -> Result<String, Diagnostic> {
        let name = self.name(path);
        let bytes = read_all(self, path, MAX_BYTES as u64).map_err(|trouble| trouble.finding(&name))?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        text.ok_or_else(|| {
            Diagnostic::error(Code::Unreadable, format!("`{name}` is no text of at most {MAX_BYTES} bytes"))
        })
    }

    /// The first digits of the commit, which is what people compare.
    fn short(&self) -> &str {
        self.commit.id.get(..12).unwrap_or(&self.commit.id)
    }
}

impl Tree for Commit {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        let path = self.resolve(declared)?;
        let node = self.commit.node(&path)?;
        Ok(Found { path, node })
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        self.commit.list(folder)
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        let checkouts = self.commit.checkouts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = checkouts.get(path) {
            return Ok(Box::new(File::open(place).map_err(|error| Trouble::unreadable(&error))?));
        }
        match self.commit.find(path)? {
            tree::At::File(id) => Ok(Box::new(self.commit.git.blob(&id)?)),
            tree::At::Folder(_) => Err(Trouble::Special { kind: "a folder" }),
        }
    }

    fn manifest(&self) -> &str {
        &self.manifest
    }

    /// `git:v2.3.0:release.yaml`.
    fn name(&self, path: &str) -> String {
        format!("git:{}:{path}", self.commit.rev)
    }

    fn beside(&self, standing: &str, declared: &str) -> Result<Found, Trouble> {
        self.for_file(standing).look(declared)
    }

    fn text(&self, path: &str) -> Result<Text, Diagnostic> {
        let name = self.name(path);
        let refuse = |trouble: &Trouble| {
            trouble
                .finding(path)
                .in_file(&name)
                .note(format!("looked for in commit {}", self.short()))
                .help("a path after `git:REV:` counts from the root: `git:v2.3.0:services/chat/release.yaml`")
        };
        let path = resolve("", path).map_err(|trouble| refuse(&trouble))?;
        let file = match self.commit.find(&path) {
            Ok(tree::At::File(_)) => read_all(self, &path, MAX_BYTES as u64),
            Ok(tree::At::Folder(_)) => {
                let finding = Diagnostic::error(
                    Code::ManifestIsFolder,
                    format!("`{name}` is a folder, not a manifest"),
                );
                return Err(finding.in_file(&name).help(format!("name the file: `{name}/release.yaml`")));
            }
            Err(trouble) => Err(trouble),
        };
        match file.map_err(|trouble| refuse(&trouble))? {
            Some(bytes) => decode(&name, &bytes),
            None => Err(too_large(&name, MAX_BYTES + 1)),
        }
    }

    fn expand(&self, _: &str, declared: &Spanned<String>) -> Result<Vec<ResultsFile>, Diagnostic> {
        expand::expand(self, self.base(), declared).map_err(|finding| {
            finding.note(format!("looked for in commit {} (`git:{}`)", self.short(), self.revision()))
        })
    }

    fn lock(&self) -> Result<Option<NamedText>, Diagnostic> {
        let Some(path) = lock_of(&self.manifest) else { return Ok(None) };
        let name = self.name(&path);
        if self.commit.find(&path).is_err() {
            return Ok(None);
        }
        let bytes = read_all(self, &path, MOST_OF_A_LOCK).map_err(|trouble| trouble.finding(&name))?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        match text {
            Some(text) => Ok(Some(NamedText { name, text })),
            None => Err(Diagnostic::error(
                Code::Unreadable,
                format!("`{name}` is no lock: too large, or not text"),
            )),
        }
    }

    fn checked_out(&self, pairs: &[Checkout]) -> Vec<Option<Digest>> {
        self.commit.checked_out(pairs)
    }

    fn keeps_pointers(&self) -> bool {
        true
    }

    fn missing(&self, path: &str) -> Option<&'static str> {
        stands_for_another(self, path).then_some("git keeps a Git LFS pointer for them")
    }
}

/// `release.lock` for `release.yaml`, in the same folder.
fn lock_of(manifest: &str) -> Option<String> {
    let path = Path::new(manifest).with_extension("lock");
    path.to_str().filter(|path| *path != manifest).map(str::to_owned)
}

impl Ground for Commit {
    fn at(&self, path: &str) -> Result<At, Trouble> {
        Ok(match self.commit.find(path)? {
            tree::At::File(_) => At::File,
            tree::At::Folder(_) => At::Folder,
        })
    }

    fn names(&self, folder: &str) -> Result<Vec<Name>, Trouble> {
        let tree::At::Folder(real) = self.commit.find(folder)? else {
            return Err(Trouble::Special { kind: "a file" });
        };
        let mut names: BTreeMap<&str, Name> = BTreeMap::new();
        for (path, node) in self.commit.tree.below(&real) {
            let (text, folder) = path.split_once('/').map_or((path, false), |(name, _)| (name, true));
            if text.starts_with('.') || (!folder && node.kind == EntryKind::Submodule) {
                continue;
            }
            let utf8 = node.utf8 || !text.contains(char::REPLACEMENT_CHARACTER);
            names.entry(text).or_insert_with(|| Name { text: text.to_owned(), utf8, folder });
        }
        Ok(names.into_values().collect())
    }

    fn open(&self, file: &Member) -> Result<ResultsFile, Diagnostic> {
        let name = self.name(&file.path);
        let id = match self.commit.find(&file.path) {
            Ok(tree::At::File(id)) => id,
            Ok(tree::At::Folder(_)) => {
                return Err(Trouble::Special { kind: "a folder" }.finding(&name).in_file(name));
            }
            Err(trouble) => return Err(trouble.finding(&name).in_file(name)),
        };
        let blob = Blob::read(&self.commit.git, &id, name)?;
        Ok(ResultsFile { source: Box::new(blob), member: file.member.clone() })
    }
}
