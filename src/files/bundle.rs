//! A release in a bundle: [`Tree`] for [`Bundle`].
//!
//! Every file is held against the index when the bundle is opened. What its artifacts were is remembered and not hashed
//! again; small texts of some of them are found by the path at which they stood below the root.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::evidence::EvidenceFile;
use super::shown::special;
use super::{mistaken, names_in, read_manifest, read_text};
use crate::artifact::{
    Found, ListedFile, Listing, Remembered, ResultsFile, Standing, Text, Tree, Trouble, resolve,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned};
use crate::manifest::Manifest;
use crate::release::bundle::{EVIDENCE, INDEX, Index, MANIFEST, Places};

/// A bundle whose files are what its index says.
#[derive(Debug)]
pub struct Bundle {
    folder: PathBuf,
    index: Index,
    places: Places,
}

impl Bundle {
    /// Opens the bundle in a folder and checks every file against its index.
    ///
    /// # Errors
    /// Every file that is missing, edited or added.
    pub fn open(folder: &Path) -> Result<Self, Diagnostics> {
        let name = |path: &str| folder.join(path).to_string_lossy().into_owned();
        let damaged = |path: &str, why: &str| mistaken::damaged(name(path), why);
        let text = read_text(&folder.join(INDEX), &name(INDEX))?.unwrap_or_default();
        let index = Index::read(&text).map_err(|why| damaged(INDEX, &why))?;
        let mut findings = Diagnostics::new();
        for (path, digest) in index.files() {
            let file = folder.join(path);
            if !file.is_file() {
                findings.push(damaged(path, "a file is missing"));
            } else if EvidenceFile::open(&file, &name(path))?.sha256()?.hex() != digest {
                findings.push(damaged(path, "a file was edited"));
            }
        }
        // Results are found by their name: one that the index does not know could stand in for one that it does.
        for file in names_in(&folder.join(EVIDENCE))? {
            let path = format!("{EVIDENCE}/{file}");
            if !index.files().contains_key(&path) {
                findings.push(damaged(&path, "a file was added"));
            }
        }
        if !index.files().contains_key(MANIFEST) {
            findings.push(damaged(MANIFEST, "it has no manifest"));
        }
        if findings.has_errors() {
            return Err(findings);
        }
        let places = index.places().ok_or_else(|| damaged(INDEX, "an artifact cannot be read"))?;
        Ok(Self { folder: folder.to_path_buf(), index, places })
    }

    /// The kept files below a folder, the root where it is empty: path relative to it, and length.
    fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        self.places.iter().filter_map(move |(path, kept)| {
            let below = match folder {
                "" => path,
                _ => path.strip_prefix(folder)?.strip_prefix('/')?,
            };
            kept.as_ref().ok().map(|place| (below, place.bytes))
        })
    }

    /// Where a declaration is in the bundle: the manifest, or a policy file that it extends.
    fn declaration(&self, path: &str) -> Option<PathBuf> {
        let place =
            if path == self.index.manifest() { MANIFEST.to_owned() } else { self.index.policy(path)? };
        Some(self.folder.join(place))
    }
}

fn nothing_there() -> Trouble {
    Trouble::Missing { folder: String::new(), names: Vec::new() }
}

impl Tree for Bundle {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        let path = resolve("", declared)?;
        if let Some(Ok(place)) = self.places.get(&path) {
            return Ok(Found { path, node: Standing::File { bytes: place.bytes } });
        }
        if self.below(&path).next().is_some() {
            return Ok(Found { path, node: Standing::Folder });
        }
        Err(nothing_there())
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        let entry = |(path, bytes): (&str, u64)| ListedFile { path: path.to_owned(), bytes, linked: false };
        let mut files: Vec<ListedFile> = self.below(folder).map(entry).collect();
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(Listing { files, troubles: Vec::new() })
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        let place = match self.places.get(&resolve("", path)?) {
            Some(Ok(place)) => place,
            Some(Err(why)) => return Err(Trouble::Unreadable { reason: (*why).to_owned() }),
            None => return Err(nothing_there()),
        };
        let mut full = self.folder.clone();
        full.extend(place.path.split('/'));
        let about = std::fs::metadata(&full).map_err(|error| Trouble::unreadable(&error))?;
        if !about.is_file() {
            return Err(Trouble::Special { kind: special(about.file_type()) });
        }
        Ok(Box::new(File::open(full).map_err(|error| Trouble::unreadable(&error))?))
    }

    fn manifest(&self) -> &str {
        self.index.manifest()
    }

    fn name(&self, path: &str) -> String {
        let place = self.declaration(path).unwrap_or_else(|| self.folder.join(path));
        place.to_string_lossy().into_owned()
    }

    fn source(&self) -> String {
        self.folder.to_string_lossy().into_owned()
    }

    fn beside(&self, standing: &str, declared: &str) -> Result<Found, Trouble> {
        let folder = standing.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = resolve(folder, declared)?;
        match self.declaration(&path).and_then(|place| place.metadata().ok()) {
            Some(about) if about.is_file() => Ok(Found { path, node: Standing::File { bytes: about.len() } }),
            _ => Err(nothing_there()),
        }
    }

    fn text(&self, path: &str) -> Result<Text, Diagnostic> {
        let name = self.name(path);
        match self.declaration(path) {
            Some(place) => read_manifest(&place, &name),
            None => Err(nothing_there().finding(&name)),
        }
    }

    fn expand(&self, entry: &str, declared: &Spanned<String>) -> Result<Vec<ResultsFile>, Diagnostic> {
        let mut files = Vec::new();
        for path in self.index.results_of(entry) {
            let place = self.folder.join(path);
            let source = EvidenceFile::open(&place, &place.to_string_lossy())?;
            let member = path.rsplit('/').next().unwrap_or(path).to_owned();
            files.push(ResultsFile { source: Box::new(source), member });
        }
        if files.is_empty() {
            return Err(nothing_there().at(&declared.value, declared.span));
        }
        Ok(files)
    }

    fn remembered(&self, manifest: &Manifest) -> Result<Option<Remembered>, Diagnostics> {
        let index = self.folder.join(INDEX).to_string_lossy().into_owned();
        match self.index.remembered(manifest) {
            Some(kept) => Ok(Some(kept)),
            None => Err(mistaken::damaged(index, "an artifact cannot be read").into()),
        }
    }

    fn missing(&self, path: &str) -> Option<&'static str> {
        let known = resolve("", path).ok().and_then(|path| self.places.get(&path))?;
        known.as_ref().err().copied()
    }

    fn on_disk(&self, path: &str) -> Option<PathBuf> {
        Some(self.folder.join(path))
    }
}
