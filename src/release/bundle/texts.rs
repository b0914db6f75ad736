//! Which files of artifacts a bundle keeps, so that what changed in them can still be shown: small texts of prompts, safety
//! policies and inference configurations.
//!
//! Models, datasets and evaluation suites never: a bundle holds no text of a sample. A file that is left out stands in the
//! index with the reason.

use std::collections::BTreeMap;

use super::kept::{Copy, File, Kept, KeptFile, Omitted, Places};
use crate::artifact::{
    PinnedArtifact, PinnedContent, PinnedFile, Tree, Trouble, digest_bytes, digest_tree, join, read_all,
    resolve,
};
use crate::diagnostic::Diagnostic;
use crate::manifest::{ArtifactKind, Digest};

/// The folder of the files in a bundle.
pub(super) const FOLDER: &str = "artifacts";
/// The largest file that is kept, in bytes.
const MOST: u64 = 256 << 10;
/// The most bytes of kept files in a bundle.
const MOST_IN_ALL: u64 = 4 << 20;

/// Whether files of this kind are kept at all.
fn kept(kind: ArtifactKind) -> bool {
    match kind {
        ArtifactKind::Prompts | ArtifactKind::SafetyPolicies | ArtifactKind::InferenceConfigs => true,
        ArtifactKind::Models | ArtifactKind::Datasets | ArtifactKind::EvalSuites => false,
    }
}

/// Where a file stands in a bundle: a folder with its tree, a single file by its name.
fn place(artifact: (&str, &str), folder: bool, path: &str) -> String {
    let (kind, name) = artifact;
    let path = if folder { path } else { path.rsplit_once('/').map_or(path, |(_, name)| name) };
    format!("{FOLDER}/{kind}/{name}/{path}")
}

/// Collects the files, in the order of the manifest.
pub(super) struct Keeper<'a> {
    tree: &'a dyn Tree,
    copies: Vec<Copy>,
    bytes: u64,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(tree: &'a dyn Tree) -> Self {
        Self { tree, copies: Vec::new(), bytes: 0 }
    }

    /// The copies that were made.
    pub(super) fn copies(self) -> Vec<Copy> {
        self.copies
    }

    /// The files of an artifact, of which as many as may be are copied; empty for a kind that is not kept.
    ///
    /// # Errors
    /// A file cannot be read any more, or is not what was hashed.
    pub(super) fn keep(&mut self, artifact: &PinnedArtifact) -> Result<Vec<File>, Diagnostic> {
        let files = if kept(artifact.kind) { artifact.files() } else { &[] };
        files.iter().map(|file| self.one(artifact, file)).collect()
    }

    fn one(&mut self, artifact: &PinnedArtifact, file: &PinnedFile) -> Result<File, Diagnostic> {
        let folder = matches!(artifact.content, PinnedContent::Folder { .. });
        let copied = self.copy(artifact, folder, file)?;
        Ok(File {
            path: file.path.clone(),
            bytes: file.bytes,
            sha256: file.digest.hex().to_owned(),
            omitted: match copied {
                Ok(bytes) => {
                    self.bytes += file.bytes;
                    let path = place((artifact.kind.word(), &artifact.name), folder, &file.path);
                    self.copies.push(Copy { path, bytes });
                    None
                }
                Err(omitted) => Some(omitted),
            },
        })
    }

    fn copy(
        &self,
        artifact: &PinnedArtifact,
        folder: bool,
        file: &PinnedFile,
    ) -> Result<Result<Vec<u8>, Omitted>, Diagnostic> {
        if file.bytes > MOST {
            return Ok(Err(Omitted::TooLarge));
        }
        if self.bytes + file.bytes > MOST_IN_ALL {
            return Ok(Err(Omitted::BundleFull));
        }
        let path = below_root(artifact.path.as_deref(), folder, &file.path);
        let read = read_all(self.tree, &path, MOST).and_then(|bytes| {
            bytes.filter(|bytes| digest_bytes(bytes) == file.digest).ok_or(Trouble::Changed)
        });
        let bytes = read.map_err(|trouble| trouble.finding(&path).note("it was to be kept in the bundle"))?;
        Ok(if std::str::from_utf8(&bytes).is_ok() { Ok(bytes) } else { Err(Omitted::NotText) })
    }
}

fn below_root(artifact: Option<&str>, folder: bool, path: &str) -> String {
    if folder { join(artifact.unwrap_or_default(), path) } else { path.to_owned() }
}

/// Where the files of an artifact stand in the bundle, added to `places`; none where the index says what cannot be.
pub(super) fn places(
    kept_artifact: &Kept,
    index: &BTreeMap<String, String>,
    places: &mut Places,
) -> Option<()> {
    let Kept { kind, name, path: root, folder, files, .. } = kept_artifact;
    if !files.is_empty() && !kept(ArtifactKind::from_word(kind)?) {
        return None;
    }
    for file in files {
        // A path of one spelling that stays where it belongs.
        if !plain(&file.path) {
            return None;
        }
        let path = resolve("", &below_root(root.as_deref(), *folder, &file.path)).ok()?;
        if let Some(omitted) = file.omitted {
            // Two artifacts may name one file; that one of them keeps it is enough.
            places.entry(path).or_insert(Err(omitted.why()));
            continue;
        }
        let place = place((kind, name), *folder, &file.path);
        if index.get(&place) != Some(&file.sha256) {
            return None;
        }
        places.insert(path, Ok(KeptFile { path: place, bytes: file.bytes }));
    }
    Some(())
}

/// Whether a path is written in its one spelling and stays below where it starts.
pub(super) fn plain(path: &str) -> bool {
    resolve("", path).is_ok_and(|resolved| resolved == path) && !path.contains(['\\', '\n', '\r'])
}

/// The content of an artifact whose files stand in the index; none where that cannot be.
pub(super) fn content(kept_artifact: &Kept) -> Option<PinnedContent> {
    let Kept { folder, files, .. } = kept_artifact;
    let pinned = |file: &File| {
        let digest = Digest::from_hex(&file.sha256)?;
        Some(PinnedFile { path: file.path.clone(), bytes: file.bytes, digest, linked: false })
    };
    let mut pinned: Vec<PinnedFile> = files.iter().map(pinned).collect::<Option<_>>()?;
    if *folder {
        let digest = digest_tree(pinned.iter().map(|file| (file.path.as_str(), &file.digest)));
        return Some(PinnedContent::Folder { digest, files: pinned });
    }
    let only = pinned.pop()?;
    pinned.is_empty().then_some(PinnedContent::File(only))
}
