//! A release as git remembers it: the files of one commit, read without a checkout.
//!
//! [`GitTree`] resolves a revision once and then answers from that commit alone: [`Contents`] for artifacts, the
//! manifest, evidence files as [`Blob`]s. Links, the root and names keep the rules of [`Root`](super::Root).
//! Bytes are those that git stores, a Git LFS pointer for the file that it names: filters of `.gitattributes` are not run, because they
//! run programs. Deliberately absent: a checkout, the index, submodules, hooks, and the network, in partial clones
//! too: nothing is ever fetched.

mod blob;
mod expand;
mod open;
mod process;
mod tree;

pub use blob::{Blob, TreeFile, digest_tree_files};

use std::io::Read;
use std::sync::Arc;

use crate::artifact::{Contents, Entry, Found, Listing, Trouble, digest_bytes, join, read_all, resolve};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::tree::{MAX_BYTES, too_large};

use super::ManifestText;
use process::Git;
use tree::{Kind, Tree};

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
pub struct GitTree {
    commit: Arc<Commit>,
    /// The folder from which declared paths are meant, relative to the root.
    base: String,
}

/// What all views of one commit share.
#[derive(Debug)]
struct Commit {
    git: Git,
    /// The revision as it was asked for.
    rev: String,
    /// The commit that it means.
    id: String,
    tree: Tree,
}

impl GitTree {
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
        &self.base
    }

    /// The same commit for the paths that stand in a file of it.
    #[must_use]
    pub fn for_file(&self, path: &str) -> Self {
        let base = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        Self { commit: Arc::clone(&self.commit), base }
    }

    /// A path relative to the root as messages name it: `git:v2.3.0:release.yaml`.
    #[must_use]
    pub fn name(&self, path: &str) -> String {
        format!("git:{}:{path}", self.commit.rev)
    }

    /// A declared path relative to the root, by its letters alone.
    ///
    /// # Errors
    /// The path is empty, absolute or leaves the root.
    pub fn resolve(&self, declared: &str) -> Result<String, Trouble> {
        resolve(&self.base, declared)
    }

    /// Reads the manifest at a path relative to the root.
    ///
    /// # Errors
    /// It is missing, a folder, too large, not UTF-8, or git cannot give it.
    pub fn read_manifest(&self, path: &str) -> Result<ManifestText, Diagnostic> {
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
            Some(bytes) => manifest_text(&name, &bytes),
            None => Err(too_large(&name, MAX_BYTES + 1)),
        }
    }

    /// The first digits of the commit, which is what people compare.
    fn short(&self) -> &str {
        self.commit.id.get(..12).unwrap_or(&self.commit.id)
    }
}

/// The text of a manifest's bytes, without a byte order mark.
fn manifest_text(name: &str, bytes: &[u8]) -> Result<ManifestText, Diagnostic> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Diagnostic::error(Code::ManifestNotUtf8, format!("`{name}` is not UTF-8 text"))
            .in_file(name)
            .note(format!("byte {} belongs to no character", error.valid_up_to()))
            .help("save the file as UTF-8 and commit it; until then name another baseline")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    Ok(ManifestText { text, sha256: digest_bytes(bytes) })
}

impl Contents for GitTree {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        let path = self.resolve(declared)?;
        let node = self.commit.node(&path)?;
        Ok(Found { path, node })
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        self.commit.list(folder)
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        match self.commit.find(path)? {
            tree::At::File(id) => Ok(Box::new(self.commit.git.blob(&id)?)),
            tree::At::Folder(_) => Err(Trouble::Special { kind: "a folder" }),
        }
    }

    fn keeps_pointers(&self) -> bool {
        true
    }
}

impl Commit {
    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        let tree::At::Folder(real) = self.find(folder)? else {
            return Err(Trouble::Special { kind: "a file" });
        };
        let mut listing = Listing::default();
        let mut files = Vec::new();
        for (path, node) in self.tree.below(&real) {
            let found = match node.kind {
                _ if !node.utf8 => Err(Trouble::NotUtf8),
                _ if path.split('/').any(|part| part == ".git") => Err(Trouble::Repository),
                Kind::File => Ok(node.id.clone()),
                Kind::Link => self.link_to_file(&join(&real, path), &node.id),
                Kind::Submodule => Err(Trouble::Special { kind: "a git submodule" }),
            };
            match found {
                Ok(id) => files.push((path.to_owned(), id, node.kind == Kind::Link)),
                Err(trouble) => listing.troubles.push((path.to_owned(), trouble)),
            }
        }
        let ids: Vec<&str> = files.iter().map(|(_, id, _)| id.as_str()).collect();
        let sizes = self.git.sizes(&ids)?;
        for ((path, _, linked), size) in files.into_iter().zip(sizes) {
            match size {
                Ok(bytes) => listing.files.push(Entry { path, bytes, linked }),
                Err(trouble) => listing.troubles.push((path, trouble)),
            }
        }
        listing.troubles.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(listing)
    }

    /// The file that a link inside a listed folder leads to; links to folders are not followed there.
    fn link_to_file(&self, path: &str, id: &str) -> Result<String, Trouble> {
        match self.find(path)? {
            tree::At::File(id) => Ok(id),
            tree::At::Folder(_) => Err(Trouble::FolderLink { target: self.target(id)? }),
        }
    }
}
