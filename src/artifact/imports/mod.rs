//! What other tools wrote down about the same files, held against what was hashed: DVC, `SHA256SUMS`, Hugging Face.
//!
//! Their claims never replace relgate's digests (MD5 is no pin); where they contradict, one of the two is not what
//! somebody thinks it is, and that is an error.

mod contradiction;
mod dvc;
mod hub;
mod ignored;
mod known;
mod sums;

use std::collections::BTreeMap;

use self::contradiction::unreadable;
use self::known::{Known, MOST, parent};
use super::pinned::Pinned;
use super::tree::{Tree, Trouble, join, read_all};
use crate::diagnostic::{Diagnostics, Span};
use crate::manifest::Manifest;

/// Every contradiction between what was hashed and what other tools say of the same files.
#[must_use]
pub fn cross_check(manifest: &Manifest, pinned: &Pinned, contents: &dyn Tree) -> Diagnostics {
    let mut known = Known::new(manifest, pinned);
    let mut findings = Diagnostics::new();
    let mut texts = Vec::new();
    for (path, claim) in claims(&known, contents) {
        match read_all(contents, &path, MOST) {
            Ok(Some(bytes)) => match String::from_utf8(bytes) {
                Ok(text) => texts.push((path, claim, text)),
                Err(_) => findings.push(unreadable(&path, "it is not UTF-8 text", claim.span)),
            },
            Ok(None) => {
                let why = format!("it is larger than {} MiB", MOST >> 20);
                findings.push(unreadable(&path, &why, claim.span));
            }
            // Looked for, not found: there is nothing to hold against.
            Err(Trouble::Missing { .. }) => {}
            Err(trouble) => {
                findings.push(unreadable(&path, &trouble.finding(&path).title, claim.span));
            }
        }
    }
    if !texts.is_empty() {
        known.index();
    }
    for (path, claim, text) in &texts {
        let found = match claim.tool {
            Tool::Dvc => dvc::check(&known, path, text, claim.span, contents),
            Tool::Sums => sums::check(&known, path, text, claim.span, contents),
            Tool::Hub => hub::check(&known, path, text, claim.span),
        };
        for finding in found.err().into_iter().flatten() {
            findings.push(finding);
        }
    }
    let notes = texts.iter().filter(|(_, claim, _)| matches!(claim.tool, Tool::Hub));
    for finding in
        hub::check_mixed(&known, notes.map(|(path, claim, text)| (path.as_str(), text.as_str(), claim.span)))
    {
        findings.push(finding);
    }
    for place in &known.artifacts {
        for finding in hub::check_snapshot(place).into_iter().chain(hub::check_blobs(place, contents)) {
            findings.push(finding);
        }
    }
    findings
}

/// Who wrote a file with claims.
#[derive(Debug, Clone, Copy)]
enum Tool {
    Dvc,
    Sums,
    Hub,
}

/// A file with claims: who wrote it, and the artifact's path in the manifest that led to it.
#[derive(Debug, Clone, Copy)]
struct Claim {
    tool: Tool,
    span: Span,
}

/// Files with claims that may be there: in a folder artifact, beside an artifact, and `dvc.lock` above it.
fn claims(known: &Known<'_>, contents: &dyn Tree) -> BTreeMap<String, Claim> {
    let mut claims = BTreeMap::new();
    for place in &known.artifacts {
        let mut add = |path: String, tool| {
            claims.entry(path).or_insert(Claim { tool, span: place.span });
        };
        if !place.path.is_empty() {
            add(format!("{}.dvc", place.path), Tool::Dvc);
            add(join(parent(place.path), "SHA256SUMS"), Tool::Sums);
        }
        let mut folder = place.path;
        while !folder.is_empty() {
            folder = parent(folder);
            add(join(folder, "dvc.lock"), Tool::Dvc);
            if !place.folder {
                add(hub::note_for(folder, place.path), Tool::Hub);
            }
        }
        for file in place.pinned.files().iter().filter(|_| place.folder) {
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            let tool = match name {
                "dvc.lock" => Tool::Dvc,
                "SHA256SUMS" => Tool::Sums,
                _ if name.strip_suffix(".dvc").is_some_and(|of| !of.is_empty()) => Tool::Dvc,
                _ if hub::is_metadata(&file.path) => Tool::Hub,
                _ => continue,
            };
            add(join(place.path, &file.path), tool);
        }
    }
    // A folder that is called `x.dvc` makes no claim.
    claims.retain(|path, _| !matches!(contents.stamp(path), Err(Trouble::Special { .. })));
    claims
}
