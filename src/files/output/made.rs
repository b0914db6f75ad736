//! Which files of an output folder relgate made: a list that it keeps there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{cannot_write, replace_file};
use crate::artifact::resolve;
use crate::diagnostic::Diagnostic;

/// The list: a name a line, relative to the folder.
const LIST: &str = ".relgate-files";
/// A longer one is none that relgate wrote.
const MOST: u64 = 1 << 20;

/// The names of what earlier runs made.
#[derive(Debug, Default)]
pub(super) struct Made(BTreeSet<String>);

impl Made {
    /// Reads the list of a folder; nothing where there is none, or where it is none of relgate's.
    pub(super) fn read(folder: &Path) -> Self {
        let list = folder.join(LIST);
        let small = fs::symlink_metadata(&list).is_ok_and(|about| about.is_file() && about.len() <= MOST);
        let text = if small { fs::read_to_string(&list).unwrap_or_default() } else { String::new() };
        let plain = |name: &&str| resolve("", name).is_ok_and(|path| path == **name);
        Self(text.lines().filter(plain).map(str::to_owned).collect())
    }

    /// Whether relgate made the file of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// All of them, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Adds `names` to the list in the folder.
    pub(super) fn extend(&mut self, folder: &Path, names: &[String]) -> Result<(), Diagnostic> {
        self.0.extend(names.iter().cloned());
        self.write(folder)
    }

    /// Makes `names` the list in the folder.
    pub(super) fn replace(&mut self, folder: &Path, names: &[String]) -> Result<(), Diagnostic> {
        self.0 = names.iter().cloned().collect();
        self.write(folder)
    }

    fn write(&self, folder: &Path) -> Result<(), Diagnostic> {
        let text: String = self.names().flat_map(|name| [name, "\n"]).collect();
        let list = folder.join(LIST);
        if fs::symlink_metadata(&list).is_ok_and(|about| !about.is_file()) {
            return Err(cannot_write(&list, &std::io::ErrorKind::AlreadyExists.into()));
        }
        replace_file(&list, text.as_bytes())
    }
}
