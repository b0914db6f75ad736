//! The names of a commit and where its links lead, by the rules of a file system that ends at the root.

use std::collections::BTreeMap;
use std::io::Read as _;

use super::Objects;
use crate::artifact::{Node as Found, Trouble, join};

/// Links that are followed for one path before it counts as a circle, as on Linux.
const MOST_LINKS: usize = 40;
/// The longest target of a link.
const LONGEST_TARGET: u64 = 4096;
/// Most names of a folder that are offered for "did you mean".
const NEIGHBOURS: usize = 1000;

/// Every entry of a commit below the root, by path; folders are only the parts before a `/`.
#[derive(Debug, Default)]
pub(super) struct Names {
    entries: BTreeMap<String, Node>,
}

/// One entry of a commit.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The object that holds its bytes.
    pub(super) id: String,
    /// Whether the name is UTF-8; where it is not, its path is an approximation.
    pub(super) utf8: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    Submodule,
}

/// What a path leads to after all links.
#[derive(Debug)]
pub(super) enum At {
    /// The object of a file.
    File(String),
    /// The path of a folder.
    Folder(String),
}

impl Names {
    /// Reads what `git ls-tree -r -z --full-tree` lists; `prefix` is the root in the repository, empty or with `/`.
    pub(super) fn parse(listed: &[u8], prefix: &str) -> Option<Self> {
        let mut entries: BTreeMap<String, Node> = BTreeMap::new();
        for line in listed.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let (about, path) = line.split_at(line.iter().position(|byte| *byte == b'\t')?);
            let mut about = std::str::from_utf8(about).ok()?.split(' ');
            let (mode, _, id) = (about.next()?, about.next()?, about.next()?);
            let Some(path) = path.get(1..)?.strip_prefix(prefix.as_bytes()) else {
                continue;
            };
            let kind = match mode {
                "120000" => Kind::Link,
                "160000" => Kind::Submodule,
                _ => Kind::File,
            };
            let utf8 = std::str::from_utf8(path).is_ok();
            let text = String::from_utf8_lossy(path).into_owned();
            // A name that cannot be spelled must not hide behind one that can.
            if !utf8 || !entries.contains_key(&text) {
                entries.insert(text, Node { kind, id: id.to_owned(), utf8 });
            }
        }
        Some(Self { entries })
    }

    /// Entries below a folder with paths relative to it, in byte order.
    pub(super) fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &Node)> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.entries
            .range(start.clone()..)
            .map_while(move |(path, node)| path.strip_prefix(start.as_str()).map(|path| (path, node)))
    }

    fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    /// Names directly in a folder, for "did you mean".
    fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (path, _) in self.below(folder) {
            let name = path.split('/').next().unwrap_or(path);
            if names.last().is_none_or(|last| last != name) {
                names.push(name.to_owned());
            }
            if names.len() == NEIGHBOURS {
                break;
            }
        }
        names.sort_unstable();
        // `a-b` stands between `a` and `a/b`, so that a name may come twice.
        names.dedup();
        names
    }
}

impl Objects {
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
                Some(Node { kind: Kind::Submodule, .. }) => {
                    return Err(Trouble::Special { kind: "a git submodule" });
                }
                Some(Node { kind: Kind::Link, id, .. }) => {
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
                Some(Node { kind: Kind::File, id, .. }) if left.is_empty() => {
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
