//! The lock file beside a manifest: where it stands, reading it, and holding a release against it in `check`.

use std::path::{Path, PathBuf};

use super::hashing::{Switches, hashing};
use crate::artifact::lock::{self, Difference, Lock};
use crate::artifact::{self, Content, Contents, Pinned};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, printable};
use crate::files::{Root, read_text};
use crate::manifest::{Digest, Manifest};
use crate::report::pinning::headline;

/// Differences that one finding lists; the rest is counted.
const LISTED: usize = 8;

/// The lock file of a manifest: `release.lock` beside `release.yaml`.
pub(super) fn path_of(manifest: &Path) -> Result<PathBuf, Diagnostic> {
    let path = manifest.with_extension("lock");
    if path == manifest {
        return Err(Diagnostic::error(Code::BadName, "a manifest cannot be called `.lock`")
            .in_file(manifest.to_string_lossy())
            .help("that is the name of the file which `relgate lock` writes; call it `release.yaml`"));
    }
    Ok(path)
}

/// The lock of a release at a path and the digest of that file; none where nothing stands there.
pub(super) fn load(path: &Path, manifest: &Manifest) -> Result<Option<(Lock, Digest)>, Diagnostic> {
    let name = path.to_string_lossy();
    let Some(text) = read_text(path, &name)? else { return Ok(None) };
    let lock = lock::read(&text, &name)?;
    // `a.yaml` and `a.yml` would share one lock, and copies of a manifest bring a lock along.
    if lock.release != manifest.name.value {
        let (locked, here) = (printable(&lock.release), printable(&manifest.name.value));
        return Err(Diagnostic::error(Code::LockOfAnotherRelease, format!("`{name}` is the lock of `{locked}`, not of `{here}`"))
            .in_file(name.as_ref())
            .help("if the release was renamed, make it anew: `relgate lock`; if these are two releases, call their manifests differently"));
    }
    Ok(Some((lock, artifact::digest_bytes(text.as_bytes()))))
}

/// Pins the artifacts of a manifest and holds them against the lock beside it, if there is one: its digest.
pub(super) fn pin(
    path: &Path,
    manifest: &Manifest,
    root: &Root,
    switches: Switches,
) -> (Pinned, Option<Digest>, Diagnostics) {
    hashing(root, switches, |contents| {
        let (pinned, mut findings) = artifact::pin(manifest, contents);
        let lock = hold(path, manifest, &pinned, contents, &mut findings);
        (pinned, lock, findings)
    })
}

/// Every difference from the lock is an error.
fn hold(
    path: &Path,
    manifest: &Manifest,
    pinned: &Pinned,
    contents: &dyn Contents,
    findings: &mut Diagnostics,
) -> Option<Digest> {
    let loaded = path_of(path).and_then(|at| Ok((load(&at, manifest)?, at)));
    let ((lock, digest), at) = match loaded {
        Ok((Some(loaded), at)) => (loaded, at),
        Ok((None, _)) => return None,
        Err(finding) => {
            findings.push(finding);
            return None;
        }
    };
    let unusable = |key: &str| pinned.get(key).is_some_and(|one| one.content == Content::Unusable);
    findings.extend(artifact::cross_check(manifest, pinned, contents));
    let mut differences = lock::verify(&lock, manifest, pinned, contents, None);
    // What cannot be hashed has its own finding already.
    differences.retain(|one| !unusable(&one.artifact));
    for group in differences.chunk_by(|a, b| a.artifact == b.artifact) {
        findings.push(mismatch(group, manifest, &at.to_string_lossy()));
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
        finding = finding.note(headline(one) + &note);
    }
    if group.len() > LISTED {
        finding = finding.note(format!("and {} more differences", group.len() - LISTED));
    }
    finding
        .help("`relgate verify` lists both sides; if the change is meant: `relgate lock`; if not, restore what was locked")
}
