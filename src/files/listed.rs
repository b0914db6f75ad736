//! A release in the working tree: [`Tree`] for [`Worktree`].

use std::fs::{self, DirEntry, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::shown::{shown, special};
use super::stamped::stamped;
use super::{Worktree, expand, mistaken, read_manifest, read_text};
use crate::artifact::{
    Found, ListedFile, Listing, NamedText, Remembered, ResultsFile, Stamp, Standing, Text, Tree, Trouble,
    decode, is_repository, join,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Spanned};
use crate::manifest::Manifest;

impl Tree for Worktree {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        self.find_at(&self.resolve(declared)?)
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        let mut listing = Listing::default();
        // A stack and not recursion: depth is up to whoever made the folder.
        let mut waiting = vec![String::new()];
        while let Some(below) = waiting.pop() {
            let entries = match fs::read_dir(self.absolute(&join(folder, &below))) {
                Ok(entries) => entries,
                Err(error) if below.is_empty() => return Err(Trouble::unreadable(&error)),
                Err(error) => {
                    listing.troubles.push((below, Trouble::unreadable(&error)));
                    continue;
                }
            };
            for entry in entries {
                match entry {
                    Ok(entry) => self.list_one(folder, &below, &entry, &mut listing, &mut waiting),
                    Err(error) => listing.troubles.push((below.clone(), Trouble::unreadable(&error))),
                }
            }
        }
        listing.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        listing.troubles.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(listing)
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        let full = self.absolute(path);
        // Whatever became of the file since it was listed, a pipe is not opened.
        let about = fs::metadata(&full).map_err(|error| gone(path, &error))?;
        if !about.is_file() {
            return Err(Trouble::Special { kind: special(about.file_type()) });
        }
        let file = File::open(full).map_err(|error| Trouble::unreadable(&error))?;
        Ok(Box::new(file))
    }

    fn manifest(&self) -> &str {
        self.manifest_path()
    }

    fn name(&self, path: &str) -> String {
        self.from_here(path)
    }

    fn beside(&self, standing: &str, declared: &str) -> Result<Found, Trouble> {
        self.for_file(standing).look(declared)
    }

    fn text(&self, path: &str) -> Result<Text, Diagnostic> {
        let named = path == self.manifest_path();
        if let Some(text) = self.draft().filter(|_| named) {
            return decode(&self.name(path), text.as_bytes());
        }
        let place = if named { self.named().to_path_buf() } else { self.absolute(path) };
        read_manifest(&place, &self.name(path))
    }

    fn expand(&self, _: &str, declared: &Spanned<String>) -> Result<Vec<ResultsFile>, Diagnostic> {
        expand::expand(self, self.base(), declared)
    }

    fn lock(&self) -> Result<Option<NamedText>, Diagnostic> {
        if self.draft().is_some() {
            return Ok(None);
        }
        let path = lock_of(self.named())?;
        let name = path.to_string_lossy().into_owned();
        Ok(read_text(&path, &name)?.map(|text| NamedText { name, text }))
    }

    fn remembered(&self, manifest: &Manifest) -> Result<Option<Remembered>, Diagnostics> {
        match self
            .named()
            .parent()
            .filter(|_| self.draft().is_none())
            .and_then(|folder| mistaken::headless(folder, manifest))
        {
            Some(finding) => Err(finding.into()),
            None => Ok(None),
        }
    }

    fn on_disk(&self, path: &str) -> Option<PathBuf> {
        let drafted = self.draft().is_some() && path == self.manifest_path();
        (!drafted).then(|| self.absolute(path))
    }

    fn stamp(&self, path: &str) -> Result<Option<Stamp>, Trouble> {
        let full = self.absolute(path);
        let about = fs::metadata(&full).map_err(|error| gone(path, &error))?;
        if !about.is_file() {
            return Err(Trouble::Special { kind: special(about.file_type()) });
        }
        Ok(Some(stamped(&full, &about)))
    }

    fn below_root(&self, absolute: &str) -> Option<String> {
        Path::new(absolute).is_absolute().then(|| self.locate(Path::new(absolute)))?
    }
}

/// The lock file of a manifest: `release.lock` beside `release.yaml`.
///
/// # Errors
/// The manifest itself is called so.
pub fn lock_of(manifest: &Path) -> Result<PathBuf, Diagnostic> {
    let path = manifest.with_extension("lock");
    if path == manifest {
        return Err(Diagnostic::error(Code::BadName, "a manifest cannot be called `.lock`")
            .in_file(manifest.to_string_lossy())
            .help("that is the name of the file which `relgate lock` writes; call it `release.yaml`"));
    }
    Ok(path)
}

/// Why a file that was seen before, or is only looked for, cannot be opened.
fn gone(path: &str, error: &io::Error) -> Trouble {
    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        return Trouble::Missing { folder, names: Vec::new() };
    }
    Trouble::unreadable(error)
}

impl Worktree {
    /// Sorts one entry of a folder into files, troubles and folders that are still to be listed.
    fn list_one(
        &self,
        folder: &str,
        below: &str,
        entry: &DirEntry,
        listing: &mut Listing,
        waiting: &mut Vec<String>,
    ) {
        let name = entry.file_name();
        let path = join(below, &name.to_string_lossy());
        if name.to_str().is_none() {
            return listing.troubles.push((path, Trouble::NotUtf8));
        }
        if name.to_str().is_some_and(is_repository) {
            return listing.troubles.push((path, Trouble::Repository));
        }
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return listing.troubles.push((path, Trouble::unreadable(&error))),
        };
        if kind.is_dir() {
            return waiting.push(path);
        }
        let found = if kind.is_symlink() {
            self.list_link(&join(folder, &path))
        } else if kind.is_file() {
            entry.metadata().map_err(|error| Trouble::unreadable(&error)).map(|about| about.len())
        } else {
            Err(Trouble::Special { kind: special(kind) })
        };
        match found {
            Ok(bytes) => listing.files.push(ListedFile { path, bytes, linked: kind.is_symlink() }),
            Err(trouble) => listing.troubles.push((path, trouble)),
        }
    }

    /// The length of the file that a symbolic link leads to.
    fn list_link(&self, path: &str) -> Result<u64, Trouble> {
        match self.find_at(path)?.node {
            Standing::File { bytes } => Ok(bytes),
            Standing::Folder => Err(Trouble::FolderLink {
                target: fs::read_link(self.absolute(path)).map_or_else(|_| String::new(), |to| shown(&to)),
            }),
        }
    }
}
