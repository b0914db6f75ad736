//! What the Hugging Face tools leave behind: a snapshot's folder is named by its commit, and a download into a folder
//! keeps a `.metadata` file for each file (commit, etag, time; the etag of a large file is its SHA-256).

use std::collections::BTreeMap;

use super::contradiction::{Checked, absent, mismatch, unreadable};
use super::known::{Known, Place};
use crate::artifact::lock::is_commit;
use crate::artifact::lock::revision;
use crate::artifact::tree::{Tree, join};
use crate::diagnostic::{Code, Diagnostic, Nature, Severity, Span, list};

/// Where `hf download --local-dir` keeps what it knows.
const METADATA: &str = ".cache/huggingface/download/";

/// Whether a file of a folder artifact is such a note.
pub(super) fn is_metadata(path: &str) -> bool {
    note_of(path).is_some()
}

/// Where the note about a file would stand if it was downloaded into a folder above it.
pub(super) fn note_for(folder: &str, path: &str) -> String {
    let about = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
    join(folder, &format!("{METADATA}{about}.metadata"))
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
        // Many remove what they do not need (the same weights in another format); what is missing of what was locked,
        // or of an index, is told there.
        None => findings.push(Diagnostic {
            severity: Severity::Warning,
            ..absent(&target, path, span).help("download it again, or remove the note where it is not needed")
        }),
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

/// Downloads into one folder at more than one revision, where `uri` names none that they are held against: each file may be
/// whole, and together they may be no model that anybody published. `notes` are path, text and the artifact's place.
pub(super) fn check_mixed<'a>(
    known: &Known<'_>,
    notes: impl Iterator<Item = (&'a str, &'a str, Span)>,
) -> Vec<Diagnostic> {
    let mut downloads: BTreeMap<(&str, Span), BTreeMap<&str, Vec<String>>> = BTreeMap::new();
    for (path, text, span) in notes {
        let Some((folder, about)) = note_of(path) else { continue };
        let target = join(folder.trim_end_matches('/'), about);
        let commit = text.lines().next().map_or("", str::trim);
        let held = known.artifacts.iter().any(|place| place.span == span && revision_of(place).is_some());
        if is_commit(commit) && !held && known.files.contains_key(&target) {
            downloads.entry((folder, span)).or_default().entry(commit).or_default().push(target);
        }
    }
    downloads
        .into_iter()
        .filter(|(_, commits)| commits.len() > 1)
        .map(|((_, span), commits)| mixed(&commits, span))
        .collect()
}

fn mixed(commits: &BTreeMap<&str, Vec<String>>, span: Span) -> Diagnostic {
    let text = format!("files of this download are of {} revisions", commits.len());
    let finding = Diagnostic::warning(Code::MixedRevisions, text).at(span, "downloaded here");
    let told = commits
        .iter()
        .take(4)
        .map(|(commit, files)| format!("{commit}: {}", list(files.iter().map(String::as_str), 3)));
    told.fold(finding, Diagnostic::note)
        .help("download one revision as a whole, and let `uri` name it: `hf:org/name@COMMIT`")
}

/// A snapshot of the hub's cache (`.../snapshots/<commit>`) under a uri with another commit.
pub(super) fn check_snapshot(place: &Place<'_>) -> Option<Diagnostic> {
    let commit = place.path.split('/').skip_while(|part| *part != "snapshots").nth(1)?;
    let revision = revision_of(place)?;
    (is_commit(commit) && commit != revision).then(|| other_commit(place, place.path, commit, &revision))
}

/// Files of a snapshot that are links to blobs of the hub's cache, where a blob is not what its name says: the
/// SHA-256 of a large file. Which blob a link leads to is told by device and inode.
pub(super) fn check_blobs(place: &Place<'_>, contents: &dyn Tree) -> Vec<Diagnostic> {
    let Some((hub, _)) = place.path.split_once("/snapshots/").filter(|_| place.folder) else {
        return Vec::new();
    };
    let blobs = join(hub, "blobs");
    let linked = || place.pinned.files().iter().filter(|file| file.linked);
    if linked().next().is_none() {
        return Vec::new();
    }
    let Ok(listing) = contents.list(&blobs) else { return Vec::new() };
    let mut names = BTreeMap::new();
    for entry in listing.files.iter().filter(|entry| is_sha256(&entry.path)) {
        if let Ok(Some(stamp)) = contents.stamp(&join(&blobs, &entry.path)) {
            names.insert((stamp.device, stamp.inode), entry.path.as_str());
        }
    }
    linked()
        .filter_map(|file| {
            let at = join(place.path, &file.path);
            let stamp = contents.stamp(&at).ok()??;
            let name = *names.get(&(stamp.device, stamp.inode)).filter(|_| stamp.inode != 0)?;
            let blob = join(&blobs, name);
            (name != file.digest.hex()).then(|| {
                mismatch(&at, &blob, "sha256", name, file.digest.hex(), place.span).help("download it again")
            })
        })
        .collect()
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
    .nature(Nature::Differs)
    .at(place.span, "downloaded here")
    .note(format!("`uri` names {declared}, downloaded was {found}"))
    .help("download the revision that `uri` names, or correct `uri`")
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
