//! What stands in a commit and where its links lead, by the rules of a file system that ends at the root.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::RwLock;

use super::process::Git;
use super::tree::{At, CommitEntry, EntryKind, Names};
use crate::artifact::{ListedFile, Listing, Standing as Found, Trouble, is_repository, join};

/// Links that are followed for one path before it counts as a circle, as on Linux.
const MOST_LINKS: usize = 40;
/// The longest target of a link.
const LONGEST_TARGET: u64 = 4096;
/// What all views of one commit share.
#[derive(Debug)]
pub(super) struct Objects {
    pub(super) git: Git,
    /// The revision as it was asked for.
    pub(super) rev: String,
    /// The commit that it means.
    pub(super) id: String,
    pub(super) tree: Names,
    /// The root as a path in the repository: empty, or with a `/` at its end.
    pub(super) prefix: String,
    /// Files that the working tree has as a checkout of theirs: path here -> where that is.
    pub(super) checkouts: RwLock<BTreeMap<String, PathBuf>>,
}

impl Objects {
    /// Every file below a folder.
    pub(super) fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        let At::Folder(real) = self.find(folder)? else {
            return Err(Trouble::Special { kind: "a file" });
        };
        let mut listing = Listing::default();
        let mut files = Vec::new();
        for (path, node) in self.tree.below(&real) {
            let found = match node.kind {
                _ if !node.utf8 => Err(Trouble::NotUtf8),
                _ if path.split('/').any(is_repository) => Err(Trouble::Repository),
                EntryKind::File => Ok(node.id.clone()),
                EntryKind::Link => self.link_to_file(&join(&real, path), &node.id),
                EntryKind::Submodule => Err(Trouble::Special { kind: "a git submodule" }),
            };
            match found {
                Ok(id) => files.push((path.to_owned(), id, node.kind == EntryKind::Link)),
                Err(trouble) => listing.troubles.push((path.to_owned(), trouble)),
            }
        }
        let ids: Vec<&str> = files.iter().map(|(_, id, _)| id.as_str()).collect();
        let sizes = self.git.sizes(&ids)?;
        for ((path, _, linked), size) in files.into_iter().zip(sizes) {
            match size {
                Ok(bytes) => listing.files.push(ListedFile { path, bytes, linked }),
                Err(trouble) => listing.troubles.push((path, trouble)),
            }
        }
        listing.troubles.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(listing)
    }

    /// The file that a link inside a listed folder leads to; links to folders are not followed there.
    fn link_to_file(&self, path: &str, id: &str) -> Result<String, Trouble> {
        match self.find(path)? {
            At::File(id) => Ok(id),
            At::Folder(_) => Err(Trouble::FolderLink { target: self.target(id)? }),
        }
    }

    /// What stands at a path relative to the root, as an artifact needs it.
    pub(super) fn node(&self, path: &str) -> Result<Found, Trouble> {
        match self.find(path)? {
            At::Folder(_) => Ok(Found::Folder),
            At::File(id) => {
                let bytes = self.git.sizes(&[&id])?.pop().unwrap_or(Err(Trouble::Changed))?;
                Ok(Found::File { bytes })
            }
        }
    }

    /// Follows a path relative to the root, part by part, through links that stay inside.
    pub(super) fn find(&self, path: &str) -> Result<At, Trouble> {
        let mut real = String::new();
        // Parts that are still to be walked, the next one last; `true` for those that the caller wrote.
        let mut left: Vec<(String, bool)> = parts(path, true);
        // The first link on the way is what the caller knows, so troubles behind it are told about it.
        let mut through: Option<String> = None;
        let mut links = 0;
        while let Some((part, own)) = left.pop() {
            if own {
                through = None;
            }
            if part == ".." {
                // Only the target of a link has such parts.
                if real.is_empty() {
                    return Err(Trouble::LinkLeavesRoot { target: through.unwrap_or_default() });
                }
                real.truncate(real.rfind('/').unwrap_or(0));
                continue;
            }
            let next = join(&real, &part);
            match self.tree.entries.get(&next) {
                Some(node) if !node.utf8 => return Err(Trouble::NotUtf8),
                Some(CommitEntry { kind: EntryKind::Submodule, .. }) => {
                    return Err(Trouble::Special { kind: "a git submodule" });
                }
                Some(CommitEntry { kind: EntryKind::Link, id, .. }) => {
                    let target = self.target(id)?;
                    links += 1;
                    let first = through.get_or_insert_with(|| target.clone());
                    if links > MOST_LINKS || target.is_empty() {
                        return Err(Trouble::BrokenLink { target: first.clone() });
                    }
                    if target.starts_with('/') {
                        return Err(Trouble::LinkLeavesRoot { target });
                    }
                    left.extend(parts(&target, false));
                }
                Some(CommitEntry { kind: EntryKind::File, id, .. }) if left.is_empty() => {
                    return Ok(At::File(id.clone()));
                }
                None if self.tree.is_folder(&next) => real = next,
                Some(_) if through.is_none() => {
                    return Err(Trouble::Missing { folder: next, names: Vec::new() });
                }
                _ => {
                    return Err(match through {
                        Some(target) => Trouble::BrokenLink { target },
                        None => Trouble::Missing { names: self.tree.names(&real), folder: real },
                    });
                }
            }
        }
        Ok(At::Folder(real))
    }

    /// Where a link leads, as it says it.
    pub(super) fn target(&self, id: &str) -> Result<String, Trouble> {
        let mut bytes = Vec::new();
        let mut reader = self.git.blob(id)?.take(LONGEST_TARGET);
        reader.read_to_end(&mut bytes).map_err(|error| Trouble::unreadable(&error))?;
        String::from_utf8(bytes).map_err(|_| Trouble::NotUtf8)
    }
}

/// The parts of a path, the first one last.
fn parts(path: &str, own: bool) -> Vec<(String, bool)> {
    path.split('/')
        .rev()
        .filter(|part| !part.is_empty() && *part != ".")
        .map(|part| (part.to_owned(), own))
        .collect()
}
