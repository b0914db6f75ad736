//! What changed in the words of an artifact from one version to the next, from the history of its file.

use std::collections::BTreeMap;
use std::path::Path;

use crate::artifact::{Tree as _, digest_bytes};
use crate::cli::LedgerPlace;
use crate::diagnostic::Sources;
use crate::diff;
use crate::files::{Worktree, git_contents};
use crate::ledger::history::ArtifactVersion;
use crate::manifest::Artifact;
use crate::release::{self, SharedPolicy};
use crate::report::v1::ReportDetail;

/// Passages that are told of a version.
const PASSAGES: usize = 6;

/// The texts of an artifact by their digests: what its file held in the history of the commit, and holds now. Only of one that is
/// one file of the manifest in the current folder.
pub(super) fn texts(key: &str, place: &LedgerPlace) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let Some((root, path)) = file_of(key, place) else { return texts };
    let current = root.open(&path).ok().and_then(|mut file| {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(&mut file, 1 << 20), &mut bytes).ok()?;
        Some(bytes)
    });
    for bytes in git_contents(root.folder(), &path).into_iter().chain(current) {
        let digest = digest_bytes(&bytes).hex().to_owned();
        if let Ok(text) = String::from_utf8(bytes) {
            texts.insert(digest, text);
        }
    }
    texts
}

fn file_of(key: &str, place: &LedgerPlace) -> Option<(Worktree, String)> {
    let root = Worktree::find(Path::new("release.yaml"), place.root.as_deref()).ok()?;
    let declared = release::declare(&root, SharedPolicy::OrOwn, &mut Sources::new()).ok()?;
    let is_it = |artifact: &&Artifact| format!("{}.{}", artifact.kind.word(), artifact.name.value) == key;
    let artifact = declared.manifest.artifacts.iter().find(is_it)?;
    let path = root.resolve(&artifact.path.as_ref()?.value).ok()?;
    Some((root, path))
}

/// What each version says otherwise than the one before it; none where one of both cannot be found.
pub(super) fn changes(
    versions: &[ArtifactVersion],
    texts: &BTreeMap<String, String>,
) -> Vec<Option<Vec<ReportDetail>>> {
    let text = |version: &ArtifactVersion| texts.get(version.sha256.as_ref()?.hex());
    let mut before: Option<&ArtifactVersion> = None;
    let mut changes = Vec::new();
    for version in versions {
        let both = before.and_then(text).zip(text(version));
        changes.push(
            both.map(|(old, new)| diff::wording(old, new, PASSAGES).iter().map(ReportDetail::from).collect()),
        );
        before = Some(version);
    }
    changes
}
