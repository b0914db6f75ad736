//! Small artifact files that were kept in another folder than the one in which they stood: [`Contents`] for [`Kept`].
//!
//! They are found by the path at which they stood below the root. Deliberately absent: which files are kept, and
//! whether their bytes are still what they were; whoever says where they are has checked both.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use super::special;
use crate::artifact::{Contents, Entry, Found, Listing, Node, Trouble, resolve};

/// The files of a release that are at hand without its root, and why the others are not.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    folder: PathBuf,
    /// Path below the root -> where it is now, relative to `folder`, with its length; or why it is not there.
    files: BTreeMap<String, Result<(String, u64), &'static str>>,
}

impl Kept {
    /// Nothing yet, of what stands below `folder`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), files: BTreeMap::new() }
    }

    /// Says that the file `path` stands at `place` below the folder.
    ///
    /// # Errors
    /// The path is none below a root.
    pub fn add(&mut self, path: &str, place: String, bytes: u64) -> Result<(), Trouble> {
        // Two artifacts may name one file; that one of them keeps it is enough.
        self.files.insert(resolve("", path)?, Ok((place, bytes)));
        Ok(())
    }

    /// Says why the file `path` was not kept.
    ///
    /// # Errors
    /// The path is none below a root.
    pub fn add_absent(&mut self, path: &str, why: &'static str) -> Result<(), Trouble> {
        self.files.entry(resolve("", path)?).or_insert(Err(why));
        Ok(())
    }

    /// The kept files below a folder, the root where it is empty: path relative to it, and length.
    fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        self.files.iter().filter_map(move |(path, kept)| {
            let below = match folder {
                "" => path,
                _ => path.strip_prefix(folder)?.strip_prefix('/')?,
            };
            kept.as_ref().ok().map(|(_, bytes)| (below, *bytes))
        })
    }
}

impl Contents for Kept {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        let path = resolve("", declared)?;
        if let Some(Ok((_, bytes))) = self.files.get(&path) {
            return Ok(Found { path, node: Node::File { bytes: *bytes } });
        }
        if self.below(&path).next().is_some() {
            return Ok(Found { path, node: Node::Folder });
        }
        Err(Trouble::Missing { folder: String::new(), names: Vec::new() })
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        let entry = |(path, bytes): (&str, u64)| Entry { path: path.to_owned(), bytes, linked: false };
        let mut files: Vec<Entry> = self.below(folder).map(entry).collect();
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(Listing { files, troubles: Vec::new() })
    }

    fn open(&self, path: &str) -> Result<Box<dyn Read + '_>, Trouble> {
        let place = match self.files.get(&resolve("", path)?) {
            Some(Ok((place, _))) => place,
            Some(Err(why)) => return Err(Trouble::Unreadable { reason: (*why).to_owned() }),
            None => return Err(Trouble::Missing { folder: String::new(), names: Vec::new() }),
        };
        let mut full = self.folder.clone();
        full.extend(place.split('/'));
        let about = std::fs::metadata(&full).map_err(|error| Trouble::unreadable(&error))?;
        if !about.is_file() {
            return Err(Trouble::Special { kind: special(about.file_type()) });
        }
        Ok(Box::new(File::open(full).map_err(|error| Trouble::unreadable(&error))?))
    }

    fn absent(&self, path: &str) -> Option<&'static str> {
        let known = resolve("", path).ok().and_then(|path| self.files.get(&path))?;
        known.as_ref().err().copied()
    }
}
