//! Holds a release against the lock beside its manifest.

use crate::artifact::lock::{self, Difference, Lock};
use crate::artifact::{self, NamedText, Pinned, PinnedContent, Tree};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, printable};
use crate::manifest::{Digest, Manifest};

/// Differences that one finding lists; the rest is counted.
const LISTED: usize = 8;

/// The lock beside a manifest, read.
#[derive(Debug)]
pub struct ReadLock {
    /// The file as messages name it.
    pub name: String,
    /// What it pins.
    pub lock: Lock,
    /// The digest of the file.
    pub digest: Digest,
}

/// The lock of a release; none where nothing stands beside its manifest.
///
/// # Errors
/// It is damaged, or the lock of another release.
pub fn read(manifest: &Manifest, tree: &dyn Tree) -> Result<Option<ReadLock>, Diagnostic> {
    let Some(NamedText { name, text }) = tree.lock()? else { return Ok(None) };
    let lock = lock::read(&text, &name)?;
    // `a.yaml` and `a.yml` would share one lock, and copies of a manifest bring a lock along.
    if lock.release != manifest.name.value {
        let (locked, here) = (printable(&lock.release), printable(&manifest.name.value));
        return Err(Diagnostic::error(Code::LockOfAnotherRelease, format!("`{name}` is the lock of `{locked}`, not of `{here}`"))
            .in_file(name)
            .help("if the release was renamed, make it anew: `relgate lock`; if these are two releases, call their manifests differently"));
    }
    let digest = artifact::digest_bytes(text.as_bytes());
    Ok(Some(ReadLock { name, lock, digest }))
}

/// The digest of the lock, if there is one; every difference from it is an error.
pub(super) fn hold(
    manifest: &Manifest,
    pinned: &Pinned,
    tree: &dyn Tree,
    findings: &mut Diagnostics,
) -> Option<Digest> {
    let ReadLock { name, lock, digest } = match read(manifest, tree) {
        Ok(found) => found?,
        Err(finding) => {
            findings.push(finding);
            return None;
        }
    };
    let unusable = |key: &str| pinned.get(key).is_some_and(|one| one.content == PinnedContent::Unusable);
    findings.extend(artifact::cross_check(manifest, pinned, tree));
    let mut differences = lock::verify(&lock, manifest, pinned, tree, None);
    // What cannot be hashed has its own finding already.
    differences.retain(|one| !unusable(&one.artifact));
    for group in differences.chunk_by(|a, b| a.artifact == b.artifact) {
        findings.push(mismatch(group, manifest, &name));
    }
    Some(digest)
}

/// One finding for all differences of an artifact.
fn mismatch(group: &[Difference], manifest: &Manifest, lock: &str) -> Diagnostic {
    let key = group.first().map_or("", |one| one.artifact.as_str());
    let mut finding =
        Diagnostic::error(Code::LockMismatch, format!("`{key}` is not what `{}` pins", printable(lock)));
    finding = match manifest.artifacts.iter().find(|artifact| artifact.key() == key) {
        Some(artifact) => finding.at(artifact.name.span, "not as it was locked"),
        None => finding.in_file(lock),
    };
    for one in group.iter().take(LISTED) {
        let note = one.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
        finding = finding.note(one.headline() + &note);
    }
    if group.len() > LISTED {
        finding = finding.note(format!("and {} more differences", group.len() - LISTED));
    }
    finding
        .help("`relgate verify` lists both sides; if the change is meant: `relgate lock`; if not, restore what was locked")
}
