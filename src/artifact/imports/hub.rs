//! What the Hugging Face tools leave behind: a snapshot's folder is named by its commit, and a download into a folder
//! keeps a `.metadata` file for each file (commit, etag, time; the etag of a large file is its SHA-256).

use super::{Checked, Known, Place, absent, mismatch, unreadable};
use crate::artifact::lock::is_commit;
use crate::artifact::lock::revision;
use crate::artifact::tree::join;
use crate::diagnostic::{Code, Diagnostic, Span};

/// Where `hf download --local-dir` keeps what it knows.
const METADATA: &str = ".cache/huggingface/download/";

/// Whether a file of a folder artifact is such a note.
pub(super) fn is_metadata(path: &str) -> bool {
    note_of(path).is_some()
}

/// The folder of the download (with its `/`) and the file that a note is about.
fn note_of(path: &str) -> Option<(&str, &str)> {
    let at = path.find(METADATA).filter(|at| *at == 0 || path.get(at - 1..*at) == Some("/"))?;
    let about = path.get(at + METADATA.len()..)?.strip_suffix(".metadata")?;
    Some((path.get(..at)?, about))
}

pub(super) fn check(known: &Known<'_>, path: &str, text: &str, span: Span) -> Checked {
    let Some((folder, about)) = note_of(path) else { return Ok(()) };
    let mut lines = text.lines().map(str::trim);
    let (Some(commit), Some(etag)) = (lines.next(), lines.next()) else {
        return Err(vec![unreadable(path, "it has no commit and etag", span)]);
    };
    let mut findings = Vec::new();
    let target = join(folder.trim_end_matches('/'), about);
    match known.files.get(&target) {
        None => findings.push(absent(&target, path, span).help("download it again")),
        Some(file) if is_sha256(etag) && etag != file.digest.hex() => findings
            .push(mismatch(&target, path, "sha256", etag, file.digest.hex(), span).help("download it again")),
        Some(_) => {}
    }
    let place = known.artifacts.iter().find(|place| place.span == span);
    if let Some((place, revision)) = place.and_then(|place| Some((place, revision_of(place)?)))
        && is_commit(commit)
        && commit != revision
    {
        findings.push(other_commit(place, &target, commit, &revision));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// A snapshot of the hub's cache (`.../snapshots/<commit>`) under a uri with another commit.
pub(super) fn check_snapshot(place: &Place<'_>) -> Option<Diagnostic> {
    let commit = place.path.split('/').skip_while(|part| *part != "snapshots").nth(1)?;
    let revision = revision_of(place)?;
    (is_commit(commit) && commit != revision).then(|| other_commit(place, place.path, commit, &revision))
}

/// The whole commit that the artifact's uri names.
fn revision_of(place: &Place<'_>) -> Option<String> {
    revision(place.pinned.uri.as_deref(), &place.pinned.version).filter(|revision| is_commit(revision))
}

fn other_commit(place: &Place<'_>, target: &str, found: &str, declared: &str) -> Diagnostic {
    Diagnostic::error(
        Code::ImportMismatch,
        format!("`{target}` was downloaded at another revision than `uri` names"),
    )
    .at(place.span, "downloaded here")
    .note(format!("`uri` names {declared}, downloaded was {found}"))
    .help("download the revision that `uri` names, or correct `uri`")
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
