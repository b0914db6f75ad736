//! The commit that holds a release as the ledger knows it.

use std::path::Path;

use super::frozen;
use crate::artifact::{Tree as _, digest_bytes};
use crate::diagnostic::{Diagnostic, Sources};
use crate::files::{Commit, Worktree, git_commits, lock_of};
use crate::ledger::{Chain, EventRelease, Happening};
use crate::manifest::{Digest, Manifest};
use crate::release::{self, Outline, SharedPolicy};

/// The newest commit in the history of the current one whose manifest, at the path of the one here, is that of the release: by its lock,
/// without one by the plan that it was rolled out with. None where there is no such commit.
///
/// # Errors
/// git cannot read a commit that it lists.
pub(super) fn committed(
    root: &Worktree,
    chain: &Chain,
    of: &EventRelease,
) -> Result<Option<Commit>, Diagnostic> {
    let path = root.manifest_path();
    let lock = lock_of(Path::new(path))?.to_string_lossy().replace('\\', "/");
    let plan = chain.links().iter().rev().find_map(|link| match &link.event.happening {
        Happening::Started(data) if link.event.release == *of => Some(&data.plan),
        _ => None,
    });
    for id in git_commits(root.folder(), &[path, &lock]) {
        let commit = Commit::open(root.folder(), &id)?.for_file(path);
        if is_of(&commit, of, plan) {
            return Ok(Some(commit));
        }
    }
    Ok(None)
}

/// Whether a commit holds the release.
fn is_of(commit: &Commit, of: &EventRelease, plan: Option<&Digest>) -> bool {
    let mut scratch = Sources::new();
    let Outline { declaration, .. } = release::outline(commit, SharedPolicy::OrOwn, &mut scratch);
    let Some(declaration) = declaration else { return false };
    let manifest: &Manifest = &declaration.manifest;
    if manifest.name.value != of.name || manifest.version.value.to_string() != of.version {
        return false;
    }
    match &of.lock {
        Some(digest) => {
            commit.lock().ok().flatten().is_some_and(|lock| digest_bytes(lock.text.as_bytes()) == *digest)
        }
        None => plan.is_some_and(|plan| frozen::plan_digest(manifest, &scratch) == *plan),
    }
}
