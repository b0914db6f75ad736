//! The lock's content and its one spelling: sorted, one file a line, and a last line that is the digest of all before it.

use std::fmt::Write as _;

use super::revision::revision;
use crate::artifact::digest::digest_bytes;
use crate::artifact::fold;
use crate::artifact::{Pinned, PinnedArtifact, PinnedContent, PinnedFile, Trouble};
use crate::diagnostic::{Code, Diagnostic, inert_json, list};
use crate::manifest::{Artifact, ArtifactKind, Digest, Manifest};

/// The format, and its version.
pub(super) const SCHEMA: &str = "relgate/lock/v1";
/// The line that says by which rules files were found and digests made; another set of rules is another line.
pub(super) const POLICY: &str =
    r#"{"ignored": [], "links": "files-inside-root", "names": "utf-8", "tree": "relgate-tree-v1"}"#;

/// What every artifact of a release was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The name of the release.
    pub release: String,
    /// The artifacts, sorted by the word of their kind and then by name.
    pub artifacts: Vec<LockedArtifact>,
}

/// What one artifact was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedArtifact {
    /// Which of the six kinds.
    pub kind: ArtifactKind,
    /// Its name within the kind.
    pub name: String,
    /// Its version, exactly as written.
    pub version: String,
    /// Its path as the manifest declares it.
    pub path: Option<String>,
    /// Its uri.
    pub uri: Option<String>,
    /// The revision that the uri, or else the version, names.
    pub revision: Option<String>,
    /// What was hashed.
    pub form: Form,
    /// The digest of its bytes; a declared one where they are elsewhere, none where nothing is known.
    pub digest: Option<Digest>,
    /// Its files, in byte order of their paths.
    pub files: Vec<LockedFile>,
}

/// What an artifact consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One file.
    File,
    /// A folder.
    Folder,
    /// Inline values.
    Values,
    /// Something that only a uri names.
    Uri,
}

impl Form {
    /// Every form.
    pub(super) const ALL: [Self; 4] = [Self::File, Self::Folder, Self::Values, Self::Uri];

    /// The word in lock files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Values => "values",
            Self::Uri => "uri",
        }
    }
}

/// One file of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedFile {
    /// Its path in the artifact's folder; its name where the file is the artifact.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Digest,
}

impl LockedArtifact {
    /// `kind.name`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }
}

impl Lock {
    /// The lock of artifacts that were pinned without an error.
    ///
    /// # Errors
    /// An artifact could not be hashed, or two of its files would be one on another computer.
    pub fn of(manifest: &Manifest, pinned: &Pinned) -> Result<Self, Diagnostic> {
        let mut artifacts = Vec::new();
        for (declared, artifact) in manifest.artifacts.iter().zip(pinned) {
            artifacts.push(locked(declared, artifact)?);
        }
        artifacts.sort_by(|a, b| (a.kind.word(), a.name.as_bytes()).cmp(&(b.kind.word(), b.name.as_bytes())));
        Ok(Self { release: manifest.name.value.clone(), artifacts })
    }

    /// Every locked file, in their order.
    pub fn files(&self) -> impl Iterator<Item = (&LockedArtifact, &LockedFile)> {
        self.artifacts.iter().flat_map(|artifact| artifact.files.iter().map(move |file| (artifact, file)))
    }
}

/// What a pinned artifact is to be locked as; none where it could not be hashed.
pub(super) fn form(content: &PinnedContent) -> Option<Form> {
    match content {
        PinnedContent::File(_) => Some(Form::File),
        PinnedContent::Folder { .. } => Some(Form::Folder),
        PinnedContent::Values { .. } => Some(Form::Values),
        PinnedContent::Elsewhere => Some(Form::Uri),
        PinnedContent::Unusable => None,
    }
}

/// The name of a pinned file in the lock.
pub(super) fn locked_path(form: Form, path: &str) -> &str {
    match form {
        // Where the root is depends on the clone; the name does not.
        Form::File => path.rsplit('/').next().unwrap_or(path),
        _ => path,
    }
}

fn locked(declared: &Artifact, pinned: &PinnedArtifact) -> Result<LockedArtifact, Diagnostic> {
    let Some(form) = form(&pinned.content) else {
        return Err(Diagnostic::error(Code::NotPinned, format!("`{}` could not be hashed", pinned.key()))
            .at(declared.name.span, "not locked")
            .help("correct what the other findings say about it"));
    };
    // In a folder they are refused before; a lock has no way to write them that everybody reads.
    let escaped = |file: &&PinnedFile| file.path.contains(['\\', '\n', '\r']);
    if let Some(file) = pinned.files().iter().find(escaped) {
        return Err(Trouble::Escaped.finding(&file.path).at(declared.name.span, "not locked"));
    }
    let collided = fold::collisions(pinned.files().iter().map(|file| file.path.as_str()));
    if let Some(names) = collided.first() {
        return Err(collision(&pinned.key(), names).at(declared.name.span, "not locked"));
    }
    let file = |file: &PinnedFile| LockedFile {
        path: locked_path(form, &file.path).to_owned(),
        size: file.bytes,
        sha256: file.digest.clone(),
    };
    Ok(LockedArtifact {
        kind: pinned.kind,
        name: pinned.name.clone(),
        version: pinned.version.clone(),
        path: declared.path.as_ref().map(|path| path.value.clone()),
        uri: pinned.uri.clone(),
        revision: revision(pinned.uri.as_deref(), &pinned.version),
        form,
        digest: pinned.digest().cloned(),
        files: pinned.files().iter().map(file).collect(),
    })
}

/// Names that cannot stand side by side everywhere cannot be locked: elsewhere one of them is always missing.
pub(super) fn collision(key: &str, names: &[&str]) -> Diagnostic {
    let how = match names {
        [first, second, ..] => fold::apart(first, second),
        _ => "in case".to_owned(),
    };
    Diagnostic::error(
        Code::NamesCollide,
        format!("{} of `{key}` are one file name on macOS and Windows", list(names.iter().copied(), 5)),
    )
    .note(format!("they differ only {how}; a lock with both can never be met there"))
    .help("rename all but one")
}

/// The bytes of a lock file: JSON with sorted keys, one file a line.
///
/// Its `sha256` is the digest of all lines before it, so that anybody recomputes it: `head -n -2 release.lock | sha256sum`.
#[must_use]
pub fn write(lock: &Lock) -> String {
    let mut text = String::from("{\n  \"artifacts\": [");
    for (i, artifact) in lock.artifacts.iter().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        write_artifact(&mut text, artifact);
    }
    text.push_str(if lock.artifacts.is_empty() { "],\n" } else { "\n  ],\n" });
    // Writing to a `String` cannot fail.
    let release = quoted(Some(&lock.release));
    let _ = writeln!(text, "  \"policy\": {POLICY},\n  \"release\": {release},\n  \"schema\": \"{SCHEMA}\",");
    let own = digest_bytes(text.as_bytes());
    let _ = writeln!(text, "  \"sha256\": \"{}\"\n}}", own.hex());
    text
}

fn write_artifact(text: &mut String, artifact: &LockedArtifact) {
    let digest = artifact.digest.as_ref().map(Digest::hex);
    let tree = digest.filter(|_| artifact.form == Form::Folder);
    let _ = write!(text, "    {{\n      \"digest\": {},\n      \"files\": [", quoted(digest));
    for (i, file) in artifact.files.iter().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        let (path, sha256) = (quoted(Some(&file.path)), file.sha256.hex());
        let _ =
            write!(text, "        {{\"path\": {path}, \"sha256\": \"{sha256}\", \"size\": {}}}", file.size);
    }
    text.push_str(if artifact.files.is_empty() { "],\n" } else { "\n      ],\n" });
    let lines = [
        ("form", quoted(Some(artifact.form.word()))),
        ("kind", quoted(Some(artifact.kind.word()))),
        ("name", quoted(Some(&artifact.name))),
        ("path", quoted(artifact.path.as_deref())),
        ("revision", quoted(artifact.revision.as_deref())),
        ("tree", quoted(tree)),
        ("uri", quoted(artifact.uri.as_deref())),
    ];
    for (key, value) in lines {
        let _ = writeln!(text, "      \"{key}\": {value},");
    }
    let _ = write!(text, "      \"version\": {}\n    }}", quoted(Some(&artifact.version)));
}

/// A JSON string, or null.
fn quoted(text: Option<&str>) -> String {
    // A string always serialises.
    inert_json(&serde_json::to_string(&text).unwrap_or_default())
}
