//! The names of a commit below the root.

use std::collections::BTreeMap;

/// Most names of a folder that are offered for "did you mean".
const NEIGHBOURS: usize = 1000;

/// Every entry of a commit below the root, by path; folders are only the parts before a `/`.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) entries: BTreeMap<String, CommitEntry>,
}

/// One entry of a commit.
#[derive(Debug)]
pub(super) struct CommitEntry {
    pub(super) kind: EntryKind,
    /// The object that holds its bytes.
    pub(super) id: String,
    /// Whether the name is UTF-8; where it is not, its path is an approximation.
    pub(super) utf8: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
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
        let mut entries: BTreeMap<String, CommitEntry> = BTreeMap::new();
        for line in listed.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let (about, path) = line.split_at(line.iter().position(|byte| *byte == b'\t')?);
            let mut about = std::str::from_utf8(about).ok()?.split(' ');
            let (mode, _, id) = (about.next()?, about.next()?, about.next()?);
            let Some(path) = path.get(1..)?.strip_prefix(prefix.as_bytes()) else {
                continue;
            };
            let kind = match mode {
                "120000" => EntryKind::Link,
                "160000" => EntryKind::Submodule,
                _ => EntryKind::File,
            };
            let utf8 = std::str::from_utf8(path).is_ok();
            let text = String::from_utf8_lossy(path).into_owned();
            // A name that cannot be spelled must not hide behind one that can.
            if !utf8 || !entries.contains_key(&text) {
                entries.insert(text, CommitEntry { kind, id: id.to_owned(), utf8 });
            }
        }
        Some(Self { entries })
    }

    /// Entries below a folder with paths relative to it, in byte order.
    pub(super) fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &CommitEntry)> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.entries
            .range(start.clone()..)
            .map_while(move |(path, node)| path.strip_prefix(start.as_str()).map(|path| (path, node)))
    }

    pub(super) fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    /// Names directly in a folder, for "did you mean".
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
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
