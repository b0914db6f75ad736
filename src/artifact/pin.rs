//! The stage itself: look at every artifact, hash all their files in parallel, compare with what is declared.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::digest::{digest_tree, digest_values, finish, for_each_block};
use super::lfs::{self, Pointer};
use super::pinned::{Pinned, PinnedArtifact, PinnedContent, PinnedFile};
use super::spelling::{EXPLAINED, Spelling, spellings};
use super::stamp::Sum;
use super::tree::{Found, ListedFile, Listing, Standing, Tree, Trouble, join};
use super::{findings, fold, shards};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::manifest::{Artifact, Digest, Manifest};

use sha2::{Digest as _, Sha256};

/// Hashes every artifact of a manifest and compares it with its declared digest.
///
/// The findings are complete and in the order of the manifest; with an error among them the release must not
/// pass. An artifact that could not be hashed is [`PinnedContent::Unusable`] and has no digest.
#[must_use]
pub fn pin(manifest: &Manifest, contents: &dyn Tree) -> (Pinned, Diagnostics) {
    let surveys: Vec<Survey> = manifest.artifacts.iter().map(|artifact| survey(artifact, contents)).collect();
    let jobs: Vec<(String, u64)> = surveys.iter().flat_map(Survey::jobs).collect();
    contents.ahead(jobs.iter().map(|(_, bytes)| bytes).sum());
    // One file a task: a large model must not hold up the files behind it. The order is that of `jobs`.
    let mut hashed = jobs
        .par_iter()
        .with_max_len(1)
        .map(|(path, bytes)| hash(contents, path, *bytes))
        .collect::<Vec<_>>()
        .into_iter();
    let mut all = Diagnostics::new();
    let mut pinned = Vec::with_capacity(surveys.len());
    for (artifact, survey) in manifest.artifacts.iter().zip(surveys) {
        let count = survey.jobs().count();
        let files: Vec<_> = hashed.by_ref().take(count).collect();
        let (artifact, found) = conclude(artifact, survey, files, contents);
        for finding in found {
            all.push(finding);
        }
        pinned.push(artifact);
    }
    (Pinned::new(pinned), all)
}

/// How programs call what they have not downloaded to its end.
const UNFINISHED: [&str; 4] = [".incomplete", ".crdownload", ".aria2", ".partial"];

/// What one look at an artifact told, before any byte was read.
struct Survey {
    found: Option<Found>,
    /// The folder that the paths of `entries` start from, relative to the root.
    folder: String,
    /// The files: all those of a folder, or the one.
    entries: Vec<ListedFile>,
    /// What is known without reading a file.
    content: Option<PinnedContent>,
    findings: Vec<Diagnostic>,
}

impl Survey {
    /// The files to hash: path relative to the root, and length.
    fn jobs(&self) -> impl Iterator<Item = (String, u64)> {
        let entries = if self.content.is_none() { self.entries.as_slice() } else { &[] };
        entries.iter().map(|entry| (join(&self.folder, &entry.path), entry.bytes))
    }
}

fn survey(artifact: &Artifact, contents: &dyn Tree) -> Survey {
    let mut survey = Survey {
        found: None,
        folder: String::new(),
        entries: Vec::new(),
        content: None,
        findings: Vec::new(),
    };
    if let Some(path) = &artifact.path {
        match contents.look(&path.value) {
            Ok(found) => {
                match found.node {
                    Standing::File { bytes } => {
                        survey.entries = vec![ListedFile { path: found.path.clone(), bytes, linked: false }];
                    }
                    Standing::Folder => survey_folder(&mut survey, &found.path, path.span, contents),
                }
                survey.found = Some(found);
            }
            Err(trouble) => {
                let finding = trouble.at(&path.value, path.span);
                survey.findings.push(finding);
                survey.content = Some(PinnedContent::Unusable);
            }
        }
    } else if let Some(values) = &artifact.values {
        survey.content = Some(pin_values(artifact, &values.value, values.span, &mut survey.findings));
    } else {
        survey.content = Some(PinnedContent::Elsewhere);
    }
    survey
}

/// Lists a folder; whatever in it cannot be hashed makes the whole folder unusable.
fn survey_folder(survey: &mut Survey, folder: &str, span: Span, contents: &dyn Tree) {
    let shown = if folder.is_empty() { "." } else { folder };
    let listing = contents
        .list(folder)
        .unwrap_or_else(|trouble| Listing { files: Vec::new(), troubles: vec![(String::new(), trouble)] });
    folder.clone_into(&mut survey.folder);
    survey.entries = listing.files;
    let mut troubles = listing.troubles;
    for entry in &survey.entries {
        if UNFINISHED.iter().any(|ending| entry.path.ends_with(ending)) {
            troubles.push((entry.path.clone(), Trouble::Unfinished));
        }
        if entry.path.contains(['\\', '\n', '\r']) {
            troubles.push((entry.path.clone(), Trouble::Escaped));
        }
    }
    if survey.entries.is_empty() && troubles.is_empty() {
        let finding = findings::empty_folder(shown).at(span, "empty");
        survey.findings.push(finding);
        survey.content = Some(PinnedContent::Unusable);
    }
    if !troubles.is_empty() {
        survey.content = Some(PinnedContent::Unusable);
        let found = troubles.into_iter().map(|(path, trouble)| {
            let path = if path.is_empty() { shown.to_owned() } else { join(folder, &path) };
            (trouble.at(&path, span), path)
        });
        survey.findings.extend(grouped(found));
    }
    survey.findings.extend(shards::check(folder, &survey.entries, span, contents));
    for names in fold::collisions(survey.entries.iter().map(|entry| entry.path.as_str())) {
        let finding = findings::collision(shown, &names).at(span, "in this folder");
        survey.findings.push(finding);
    }
}

/// One finding a code, the first in full and the paths of the others in a note.
fn grouped(found: impl IntoIterator<Item = (Diagnostic, String)>) -> Vec<Diagnostic> {
    let mut groups: BTreeMap<Code, (Diagnostic, Vec<String>)> = BTreeMap::new();
    for (finding, path) in found {
        groups
            .entry(finding.code)
            .and_modify(|(_, others)| others.push(path))
            .or_insert((finding, Vec::new()));
    }
    groups.into_values().map(|(first, others)| findings::group(first, &others)).collect()
}

fn pin_values(
    artifact: &Artifact,
    values: &serde_json::Value,
    span: Span,
    findings: &mut Vec<Diagnostic>,
) -> PinnedContent {
    match digest_values(values) {
        Ok((digest, bytes)) => PinnedContent::Values { digest, bytes },
        Err(error) => {
            let text = format!("the values of `{}` have no canonical JSON: {error}", artifact.key());
            findings.push(Diagnostic::error(Code::NoCanonicalJson, text).at(span, "these values"));
            PinnedContent::Unusable
        }
    }
}

/// The digest of one file, and the pointer that it is if it is one.
type Hashed = Result<(Digest, Option<Pointer>), Trouble>;

fn hash(contents: &dyn Tree, path: &str, expected: u64) -> Hashed {
    let before = contents.stamp(path)?;
    if before.is_some_and(|stamp| stamp.bytes != expected) {
        return Err(Trouble::Changed);
    }
    let known = before.and_then(|stamp| contents.known(&stamp, Sum::Sha256));
    if let Some(digest) = known.and_then(|hex| Digest::from_hex(&hex)) {
        // Pointers are never learned.
        return Ok((digest, None));
    }
    let mut reader = contents.open(path)?;
    let mut hasher = Sha256::new();
    // A pointer is short, and may come in pieces.
    let mut short = Vec::new();
    let length = for_each_block(&mut *reader, expected, |block| {
        if expected <= lfs::MOST {
            short.extend_from_slice(block);
        }
        hasher.update(block);
    })
    .map_err(|error| Trouble::unreadable(&error))?;
    drop(reader);
    // Also where another file took its place: half of one and half of the other was read, or may have been.
    if length != expected || contents.stamp(path)? != before {
        return Err(Trouble::Changed);
    }
    let (digest, pointer) = (finish(hasher), lfs::pointer(&short));
    if let (Some(stamp), None) = (before, &pointer) {
        contents.learned(&stamp, Sum::Sha256, digest.hex());
    }
    Ok((digest, pointer))
}

/// Puts the digests of an artifact's files together and compares the whole with what is declared.
fn conclude(
    artifact: &Artifact,
    mut survey: Survey,
    hashed: Vec<Hashed>,
    contents: &dyn Tree,
) -> (PinnedArtifact, Vec<Diagnostic>) {
    let content = match survey.content.take() {
        Some(content) => content,
        None => collect(artifact, &mut survey, hashed, contents.keeps_pointers()),
    };
    let pinned = PinnedArtifact {
        kind: artifact.kind,
        name: artifact.name.value.clone(),
        version: artifact.version.value.clone(),
        path: match &survey.found {
            Some(found) if found.path.is_empty() => Some(".".to_owned()),
            Some(found) => Some(found.path.clone()),
            None => artifact.path.as_ref().map(|path| path.value.clone()),
        },
        uri: artifact.uri.as_ref().map(|uri| uri.value.clone()),
        declared: artifact.sha256.as_ref().map(|digest| digest.value.clone()),
        content,
    };
    let mut findings = survey.findings;
    findings.extend(compare(artifact, &pinned, survey.found.as_ref(), contents));
    (pinned, findings)
}

fn collect(
    artifact: &Artifact,
    survey: &mut Survey,
    hashed: Vec<Hashed>,
    keeps_pointers: bool,
) -> PinnedContent {
    let Some((found, path)) = survey.found.as_ref().zip(artifact.path.as_ref()) else {
        return PinnedContent::Unusable;
    };
    let mut files = Vec::with_capacity(survey.entries.len());
    let mut troubles = Vec::new();
    for (entry, result) in survey.entries.iter().zip(hashed) {
        let shown = join(&survey.folder, &entry.path);
        match result {
            Ok((digest, None)) => {
                let ListedFile { path, bytes, linked } = entry.clone();
                files.push(PinnedFile { path, bytes, digest, linked });
            }
            Ok((_, Some(pointer))) => match (pointer.digest.clone(), pointer.size) {
                (Some(digest), Some(bytes)) if keeps_pointers => {
                    files.push(PinnedFile { path: entry.path.clone(), bytes, digest, linked: entry.linked });
                }
                _ => {
                    let (finding, label) = if keeps_pointers {
                        (findings::lfs_pointer_damaged(&shown), "damaged")
                    } else {
                        (findings::lfs_pointer(&shown, &pointer), "not downloaded")
                    };
                    troubles.push((finding.at(path.span, label), shown));
                }
            },
            Err(trouble) => {
                let finding = trouble.at(&shown, path.span);
                troubles.push((finding, shown));
            }
        }
    }
    survey.findings.extend(grouped(troubles));
    if files.len() < survey.entries.len() {
        return PinnedContent::Unusable;
    }
    match found.node {
        Standing::Folder => PinnedContent::Folder {
            digest: digest_tree(files.iter().map(|file| (file.path.as_str(), &file.digest))),
            files,
        },
        Standing::File { .. } => files.pop().map_or(PinnedContent::Unusable, PinnedContent::File),
    }
}

/// The finding where hashed bytes are not the declared ones.
fn compare(
    artifact: &Artifact,
    pinned: &PinnedArtifact,
    found: Option<&Found>,
    contents: &dyn Tree,
) -> Option<Diagnostic> {
    let declared = artifact.sha256.as_ref()?;
    let actual = pinned.digest().filter(|actual| **actual != declared.value)?;
    let spelling = found.and_then(|found| explain(pinned, found, &declared.value, contents));
    let finding = findings::mismatch(artifact, found, &declared.value, actual, spelling)
        .at(declared.span, findings::mismatch_label(actual));
    Some(match &artifact.path {
        Some(path) => finding.also(path.span, "these bytes"),
        None => finding,
    })
}

/// The spelling of the same text that has the declared digest.
fn explain(
    pinned: &PinnedArtifact,
    found: &Found,
    declared: &Digest,
    contents: &dyn Tree,
) -> Option<Spelling> {
    if pinned.bytes() > EXPLAINED {
        return None;
    }
    let respelled: Vec<[Digest; 6]> = pinned
        .files()
        .iter()
        .map(|file| {
            let path = match found.node {
                Standing::File { .. } => file.path.clone(),
                Standing::Folder => join(&found.path, &file.path),
            };
            // Binary files have one spelling, as for git.
            let text = spellings(&mut *contents.open(&path).ok()?, file.bytes).ok()?;
            Some(text.unwrap_or_else(|| [(); 6].map(|()| file.digest.clone())))
        })
        .collect::<Option<_>>()?;
    Spelling::ALL.into_iter().enumerate().find_map(|(at, spelling)| {
        let mut digests = respelled.iter().filter_map(|digests| digests.get(at));
        let whole = match found.node {
            Standing::File { .. } => digests.next().cloned()?,
            Standing::Folder => {
                digest_tree(pinned.files().iter().map(|file| file.path.as_str()).zip(digests))
            }
        };
        (whole == *declared).then_some(spelling)
    })
}
