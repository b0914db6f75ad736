//! Whose a file is: what tells a run's own files from those of others, before anything is written over or removed.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

/// The folder that is relgate's by its name, and everything in it.
const OWN: &str = "relgate-report";
/// As much of a file as says what it is.
const BEGINNING: u64 = 256 << 10;

/// The first part of a file as text; empty where it cannot be read.
#[must_use]
pub fn beginning(path: &Path) -> String {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut bytes));
    read.map_or_else(|_| String::new(), |_| String::from_utf8_lossy(&bytes).into_owned())
}

/// Every file below a folder, folders that are links left out; none where there is no such folder.
#[must_use]
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => waiting.push(entry.path()),
                _ => found.push(entry.path()),
            }
        }
    }
    found.sort_unstable();
    found
}

/// Whether a path leads into the folder of a git repository's own files.
#[must_use]
pub fn in_git_folder(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = fs::canonicalize(path).or_else(|_| fs::canonicalize(folder).map(|folder| folder.join("?")));
    let git = |path: &Path| path.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"));
    git(path) || real.is_ok_and(|real| git(&real))
}

/// Whether a folder is the default folder of reports, or lies in one.
#[must_use]
pub fn named_relgate(folder: &Path) -> bool {
    folder.components().any(|part| matches!(part, Component::Normal(name) if name == OWN))
}
