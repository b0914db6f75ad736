//! What was hashed, as files with claims name it: by path below the root.

use std::collections::BTreeMap;

use crate::artifact::pinned::{Pinned, PinnedArtifact, PinnedContent, PinnedFile};
use crate::artifact::tree::join;
use crate::diagnostic::Span;
use crate::manifest::Manifest;

/// The largest file with claims that is read.
pub(super) const MOST: u64 = 16 * 1024 * 1024;

/// What was hashed, by path below the root.
pub(super) struct Known<'a> {
    pub(super) files: BTreeMap<String, &'a PinnedFile>,
    pub(super) artifacts: Vec<Place<'a>>,
}

/// An artifact with bytes, and where it stands.
pub(super) struct Place<'a> {
    pub(super) path: &'a str,
    pub(super) folder: bool,
    pub(super) span: Span,
    pub(super) pinned: &'a PinnedArtifact,
}

impl<'a> Known<'a> {
    pub(super) fn new(manifest: &Manifest, pinned: &'a Pinned) -> Self {
        let mut known = Self { files: BTreeMap::new(), artifacts: Vec::new() };
        for artifact in &manifest.artifacts {
            let Some((declared, pinned)) = artifact.path.as_ref().zip(pinned.get(&artifact.key())) else {
                continue;
            };
            let folder = matches!(pinned.content, PinnedContent::Folder { .. });
            let Some(path) = pinned.path.as_deref().filter(|_| !pinned.files().is_empty()) else { continue };
            let path = if path == "." { "" } else { path };
            known.artifacts.push(Place { path, folder, span: declared.span, pinned });
        }
        known
    }

    /// Fills `files`, which takes longer than everything else where nobody claims anything.
    pub(super) fn index(&mut self) {
        for place in &self.artifacts {
            for file in place.pinned.files() {
                let at = if place.folder { join(place.path, &file.path) } else { file.path.clone() };
                self.files.insert(at, file);
            }
        }
    }

    /// Whether a path lies inside a folder artifact, so that what should stand there would have been hashed.
    pub(super) fn covers(&self, path: &str) -> bool {
        let below = |folder: &str| {
            folder.is_empty()
                || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.artifacts.iter().any(|place| place.folder && below(place.path))
    }

    /// The hashed files below a folder, by path relative to it.
    pub(super) fn below<'b>(
        &'b self,
        folder: &str,
    ) -> impl Iterator<Item = (&'b str, &'b str, &'a PinnedFile)> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let skip = start.len();
        let of_folder = {
            let start = start.clone();
            move |path: &str| path.starts_with(&start)
        };
        self.files
            .range(start..)
            .take_while(move |(path, _)| of_folder(path))
            .filter_map(move |(path, file)| Some((path.as_str(), path.get(skip..)?, *file)))
    }
}

/// The folder that a path is in; empty for the root.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
