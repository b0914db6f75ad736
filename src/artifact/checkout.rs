//! Files that a checkout writes with other bytes than their commit keeps (line ends, `ident`, filters) are the same files.

use super::digest::digest_tree;
use super::lfs::stands_for_another;
use super::pinned::{Pinned, PinnedArtifact, PinnedContent};
use super::tree::{Checkout, Tree, join};

/// Gives files of a commit (`theirs`, on `commit`) the bytes that a checkout wrote for them, wherever those are what was pinned
/// in the working tree (`ours`). What is only like them stays another file.
pub fn as_checked_out(theirs: &mut Pinned, commit: &dyn Tree, ours: &Pinned) {
    let mut asked = Vec::new();
    for (place, artifact) in theirs.iter().enumerate() {
        let Some(here) = ours.get(&artifact.key()) else { continue };
        asked.extend(differing(place, artifact, here, commit));
    }
    if asked.is_empty() {
        return;
    }
    let pairs: Vec<Checkout> = asked.iter().map(|one| one.pair.clone()).collect();
    let found = commit.checked_out(&pairs);
    for (one, digest) in asked.iter().zip(found) {
        let here = ours.get(&one.key).and_then(|artifact| artifact.files().get(one.here));
        let Some((here, artifact)) = here.zip(theirs.at(one.artifact)) else { continue };
        if digest.as_ref() != Some(&here.digest) {
            continue;
        }
        match &mut artifact.content {
            PinnedContent::File(file) => (file.digest, file.bytes) = (here.digest.clone(), here.bytes),
            PinnedContent::Folder { digest, files } => {
                if let Some(file) = files.get_mut(one.file) {
                    (file.digest, file.bytes) = (here.digest.clone(), here.bytes);
                }
                *digest = digest_tree(files.iter().map(|file| (file.path.as_str(), &file.digest)));
            }
            PinnedContent::Values { .. } | PinnedContent::Elsewhere | PinnedContent::Unusable => {}
        }
    }
}

/// A file of a commit that has other bytes in the working tree.
struct Asked {
    key: String,
    /// The place of its artifact among those of the commit.
    artifact: usize,
    /// Its place among the files of that artifact.
    file: usize,
    /// The place of the working tree's file among those of its artifact.
    here: usize,
    pair: Checkout,
}

fn differing(place: usize, theirs: &PinnedArtifact, ours: &PinnedArtifact, commit: &dyn Tree) -> Vec<Asked> {
    let folder = |artifact: &PinnedArtifact| matches!(artifact.content, PinnedContent::Folder { .. });
    let at = |artifact: &PinnedArtifact, path: &str| {
        let below = artifact.path.as_deref().filter(|path| *path != ".").unwrap_or_default();
        if folder(artifact) { join(below, path) } else { path.to_owned() }
    };
    if folder(theirs) != folder(ours) {
        return Vec::new();
    }
    let mut asked = Vec::new();
    for (file, old) in theirs.files().iter().enumerate() {
        let twin = |new: &super::PinnedFile| !folder(ours) || new.path == old.path;
        let Some(here) = ours.files().iter().position(twin) else { continue };
        let Some(new) = ours.files().get(here).filter(|new| new.digest != old.digest) else { continue };
        let pair = Checkout { committed: at(theirs, &old.path), here: at(ours, &new.path) };
        // A pointer says itself which bytes it stands for.
        if !stands_for_another(commit, &pair.committed) {
            asked.push(Asked { key: theirs.key(), artifact: place, file, here, pair });
        }
    }
    asked
}
