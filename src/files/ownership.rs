//! Whose a file is: what tells a run's own files from those of others, before anything is written over or removed.
//!
//! In an output folder the list that runs keep there says it ([`Made`]). A report that is asked for elsewhere stands on no
//! list, so its text says it ([`is_recognised`]).

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;

use super::listing::files_below;
use super::replace::{cannot_write, replace_file};
use crate::artifact::resolve;
use crate::diagnostic::Diagnostic;
use crate::evidence::NUMBERS;
use crate::report::kinds::is_own;
use crate::report::monitor::is_of_monitor;

/// The list: a name a line, relative to the folder.
const LIST: &str = ".relgate-files";
/// A longer one is none that relgate wrote.
const MOST: u64 = 1 << 20;
/// The folder that is relgate's by its name, and everything in it.
const OWN: &str = "relgate-report";
/// As much of a file as says what it is.
const BEGINNING: u64 = 256 << 10;

/// What runs of relgate made in a folder.
#[derive(Debug)]
pub struct Made {
    folder: PathBuf,
    names: BTreeSet<String>,
}

impl Made {
    /// Reads the list of a folder; nothing where there is none, or where it is none of relgate's.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let list = folder.join(LIST);
        let small = fs::symlink_metadata(&list).is_ok_and(|about| about.is_file() && about.len() <= MOST);
        let text = if small { fs::read_to_string(&list).unwrap_or_default() } else { String::new() };
        let plain = |name: &&str| resolve("", name).is_ok_and(|path| path == **name);
        let names = text.lines().filter(plain).map(str::to_owned).collect();
        Self { folder: folder.to_path_buf(), names }
    }

    /// Whether relgate made the file of that name, relative to the folder.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// All of them, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// What stands under a name although no run made it; a folder is nothing that could be written over.
    #[must_use]
    pub fn foreign_file(&self, name: &str) -> Option<PathBuf> {
        let path = self.folder.join(name);
        let taken = fs::symlink_metadata(&path).is_ok_and(|about| !about.is_dir());
        (taken && !self.has(name)).then_some(path)
    }

    /// The first file below a folder of that name that no run made.
    #[must_use]
    pub fn foreign_below(&self, name: &str) -> Option<PathBuf> {
        let below = files_below(&self.folder.join(name), name);
        below.into_iter().find(|(_, name)| !self.has(name)).map(|(path, _)| path)
    }

    /// Adds `names` to the list in the folder.
    pub(super) fn extend(&mut self, names: &[String]) -> Result<(), Diagnostic> {
        self.names.extend(names.iter().cloned());
        self.write()
    }

    /// Makes `names` the list in the folder.
    pub(super) fn replace(&mut self, names: &[String]) -> Result<(), Diagnostic> {
        self.names = names.iter().cloned().collect();
        self.write()
    }

    fn write(&self) -> Result<(), Diagnostic> {
        let text: String = self.names().flat_map(|name| [name, "\n"]).collect();
        let list = self.folder.join(LIST);
        if fs::symlink_metadata(&list).is_ok_and(|about| !about.is_file()) {
            return Err(cannot_write(&list, &std::io::ErrorKind::AlreadyExists.into()));
        }
        replace_file(&list, text.as_bytes())
    }
}

/// Whether the text of a file is one that a run wrote as a report. A file that cannot be read is somebody else's.
#[must_use]
pub fn is_recognised(path: &Path) -> bool {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    read.is_ok() && (is_own(&text) || is_of_monitor(&text))
}

/// Whether nothing stands at a path, or a file without content.
#[must_use]
pub fn is_unwritten(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |about| about.is_file() && about.len() == 0)
}

/// Whether a file begins as a part of evidence does that `summarize` made, packed (`.gz`) or not.
#[must_use]
pub fn is_part(path: &Path) -> bool {
    let mut begins = Vec::new();
    let Ok(file) = File::open(path) else { return false };
    let packed = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let read = if packed {
        GzDecoder::new(file).take(BEGINNING).read_to_end(&mut begins)
    } else {
        file.take(BEGINNING).read_to_end(&mut begins)
    };
    let text = String::from_utf8_lossy(&begins);
    let is_numbers = text.starts_with(&format!("{{\"schema\":\"{NUMBERS}\""));
    read.is_ok() && is_numbers && text.contains("\"part\":{\"number\":")
}

/// Removes a file that a run made, where nothing new can stand in its place and the older one would count; whether it is gone.
#[must_use]
pub fn withdraw(path: &Path) -> bool {
    fs::remove_file(path).is_ok()
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
