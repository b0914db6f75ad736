//! What other tools wrote down about the same files, held against what was hashed: DVC, `SHA256SUMS`, Hugging Face.
//!
//! Their claims never replace relgate's digests (MD5 is no pin); where they contradict, one of the two is not what
//! somebody thinks it is, and that is an error. Deliberately absent: downloading what they stand for.

mod dvc;
mod hub;
mod ignored;
mod sums;

use std::collections::BTreeMap;

use super::pinned::{Content, Pinned, PinnedArtifact, PinnedFile};
use super::tree::{Tree, Trouble, join, read_all};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::manifest::Manifest;

/// The largest of these files that is read.
const MOST: u64 = 16 * 1024 * 1024;

/// Every contradiction between what was hashed and what other tools say of the same files.
#[must_use]
pub fn cross_check(manifest: &Manifest, pinned: &Pinned, contents: &dyn Tree) -> Diagnostics {
    let mut known = Known::new(manifest, pinned);
    let mut findings = Diagnostics::new();
    let mut texts = Vec::new();
    for (path, claim) in known.claims(contents) {
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
    for place in &known.artifacts {
        for finding in hub::check_snapshot(place).into_iter().chain(hub::check_blobs(place, contents)) {
            findings.push(finding);
        }
    }
    findings
}

/// Nothing to say, or everything that is wrong.
type Checked = Result<(), Vec<Diagnostic>>;

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

/// What was hashed, by path below the root.
struct Known<'a> {
    files: BTreeMap<String, &'a PinnedFile>,
    artifacts: Vec<Place<'a>>,
}

/// An artifact with bytes, and where it stands.
struct Place<'a> {
    path: &'a str,
    folder: bool,
    span: Span,
    pinned: &'a PinnedArtifact,
}

impl<'a> Known<'a> {
    fn new(manifest: &Manifest, pinned: &'a Pinned) -> Self {
        let mut known = Self { files: BTreeMap::new(), artifacts: Vec::new() };
        for artifact in &manifest.artifacts {
            let Some((declared, pinned)) = artifact.path.as_ref().zip(pinned.get(&artifact.key())) else {
                continue;
            };
            let folder = matches!(pinned.content, Content::Folder { .. });
            let Some(path) = pinned.path.as_deref().filter(|_| !pinned.files().is_empty()) else { continue };
            let path = if path == "." { "" } else { path };
            known.artifacts.push(Place { path, folder, span: declared.span, pinned });
        }
        known
    }

    /// Fills `files`, which takes longer than everything else where nobody claims anything.
    fn index(&mut self) {
        for place in &self.artifacts {
            for file in place.pinned.files() {
                let at = if place.folder { join(place.path, &file.path) } else { file.path.clone() };
                self.files.insert(at, file);
            }
        }
    }

    /// Files with claims that may be there: in a folder artifact, beside an artifact, and `dvc.lock` above it.
    fn claims(&self, contents: &dyn Tree) -> BTreeMap<String, Claim> {
        let mut claims = BTreeMap::new();
        for place in &self.artifacts {
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

    /// Whether a path lies inside a folder artifact, so that what should stand there would have been hashed.
    fn covers(&self, path: &str) -> bool {
        let below = |folder: &str| {
            folder.is_empty()
                || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.artifacts.iter().any(|place| place.folder && below(place.path))
    }

    /// The hashed files below a folder, by path relative to it.
    fn below<'b>(&'b self, folder: &str) -> impl Iterator<Item = (&'b str, &'b str, &'a PinnedFile)> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let skip = start.len();
        let of_folder = {
            let start = start.clone();
            move |path: &str| path.starts_with(&start)
        };
        self.files
            .range(start..)
            .take_while(move |(path, _)| of_folder(path))
            .filter_map(move |(path, file)| Some((path.as_str(), path.get(skip..)?, *file)))
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn unreadable(path: &str, why: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::ImportUnreadable, format!("`{path}` cannot be held against the artifact: {why}"))
        .at(span, "it describes this artifact, or files in it")
        .help("repair it with the tool that wrote it, or remove it")
}

/// A contradiction: both sides, and which of them to mend.
fn mismatch(target: &str, source: &str, what: &str, claimed: &str, found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::ImportMismatch, format!("`{target}` is not what `{source}` says it is"))
        .at(span, "hashed here")
        .note(format!("{what}: `{source}` says {claimed}, found {found}"))
}

/// Something that is described and not there.
fn absent(target: &str, source: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::ImportMismatch, format!("`{source}` describes `{target}`, which is not there"))
        .at(span, "incomplete")
}
