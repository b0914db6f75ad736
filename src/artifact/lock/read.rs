//! Reads a lock file and believes nothing: its own digest first, then every field, then that it is spelled as written.

use serde::Deserialize;

use super::document::{Form, Lock, LockedArtifact, LockedFile, POLICY, SCHEMA, collision, write};
use crate::artifact::digest::{digest_bytes, digest_tree};
use crate::artifact::fold;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{ArtifactKind, Digest};

/// How the last two lines begin and end.
const LAST: (&str, &str) = ("  \"sha256\": \"", "\"\n}\n");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLock {
    artifacts: Vec<WireArtifact>,
    policy: serde_json::Value,
    release: String,
    schema: String,
    #[serde(rename = "sha256")]
    _sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireArtifact {
    digest: Option<String>,
    files: Vec<WireFile>,
    form: String,
    kind: String,
    name: String,
    path: Option<String>,
    revision: Option<String>,
    tree: Option<String>,
    uri: Option<String>,
    version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFile {
    path: String,
    sha256: String,
    size: u64,
}

/// The lock that a file holds; messages name the file `name`.
///
/// # Errors
/// It was edited, is of another version, or says what no lock can say.
pub fn read(text: &str, name: &str) -> Result<Lock, Diagnostic> {
    if !own_digest_fits(text) {
        return Err(edited(text, name));
    }
    let wire: WireLock = serde_json::from_str(text).map_err(|error| {
        // An unknown version may have other fields.
        other_version(text, name).unwrap_or_else(|| damaged(name, &format!("it cannot be read ({error})")))
    })?;
    if wire.schema != SCHEMA {
        return Err(
            other_version(text, name).unwrap_or_else(|| damaged(name, "its `schema` is not that of a lock"))
        );
    }
    if serde_json::from_str(POLICY).ok().as_ref() != Some(&wire.policy) {
        return Err(Diagnostic::error(Code::LockPolicy, format!("`{name}` was made by other rules"))
            .in_file(name)
            .note(format!("this relgate finds files by {POLICY}"))
            .help("make it anew with this relgate: `relgate lock`"));
    }
    let mut artifacts = Vec::with_capacity(wire.artifacts.len());
    for artifact in wire.artifacts {
        artifacts.push(one(artifact, name)?);
    }
    let sorted = artifacts
        .is_sorted_by(|a, b| (a.kind.word(), a.name.as_bytes()) < (b.kind.word(), b.name.as_bytes()));
    if !sorted {
        return Err(damaged(name, "its artifacts are not sorted, or one stands there twice"));
    }
    let lock = Lock { release: wire.release, artifacts };
    // Whatever is left (spaces, escapes, the order of keys) is another spelling of the same.
    if write(&lock) != text {
        return Err(damaged(name, "it is not spelled as relgate spells it"));
    }
    Ok(lock)
}

/// Whether the digest in the last lines is that of the lines before.
fn own_digest_fits(text: &str) -> bool {
    let Some((content, hex)) = text.strip_suffix(LAST.1).and_then(|rest| rest.rsplit_once(LAST.0)) else {
        return false;
    };
    content.ends_with('\n') && digest_bytes(content.as_bytes()).hex() == hex
}

/// What a lock that fails its own digest is, as far as can be told.
fn edited(text: &str, name: &str) -> Diagnostic {
    if let Some(finding) = other_version(text, name) {
        return finding;
    }
    if text.lines().any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
        return damaged(name, "it holds an unfinished merge");
    }
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    if plain != text && own_digest_fits(&plain) {
        return Diagnostic::error(
            Code::LockEdited,
            format!("`{name}` has other line ends or a byte order mark"),
        )
        .in_file(name)
        .note("everything else is as relgate wrote it; git may have converted it at checkout")
        .help("write `*.lock -text` into `.gitattributes`, and take the file anew: `git checkout -- PATH`");
    }
    damaged(name, "its own digest does not fit: it was edited or cut off")
}

/// The finding where a lock says that it has another version.
fn other_version(text: &str, name: &str) -> Option<Diagnostic> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let schema = value.get("schema")?.as_str()?;
    (schema != SCHEMA && schema.starts_with("relgate/lock/")).then(|| {
        Diagnostic::error(Code::LockVersion, format!("`{name}` is a lock of another version"))
            .in_file(name)
            .note(format!("it says `{schema}`, this relgate reads `{SCHEMA}`"))
            .help("use the relgate that wrote it, or make it anew with this one: `relgate lock`")
    })
}

fn damaged(name: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::LockEdited, format!("`{name}` is not as relgate wrote it: {why}"))
        .in_file(name)
        .help("restore it from git; or, if what stands here now is meant, make it anew: `relgate lock`")
}

fn one(wire: WireArtifact, name: &str) -> Result<LockedArtifact, Diagnostic> {
    let key = format!("{}.{}", wire.kind, wire.name);
    let refuse = |why: String| damaged(name, &format!("{why} (in `{key}`)"));
    let kind = ArtifactKind::from_word(&wire.kind).ok_or_else(|| refuse("no such kind".to_owned()))?;
    let form = Form::ALL.into_iter().find(|form| form.word() == wire.form);
    let form = form.ok_or_else(|| refuse("no such form".to_owned()))?;
    let digest = |hex: &str| {
        hex_digest(hex).ok_or_else(|| refuse(format!("`{hex}` is no digest of 64 lower-case digits")))
    };
    let mut files = Vec::with_capacity(wire.files.len());
    for file in wire.files {
        if !is_inside(&file.path) {
            return Err(refuse(format!("the path `{}` leaves its folder", file.path)));
        }
        files.push(LockedFile { sha256: digest(&file.sha256)?, path: file.path, size: file.size });
    }
    if !files.is_sorted_by(|a: &LockedFile, b| a.path.as_bytes() < b.path.as_bytes()) {
        return Err(refuse("its files are not sorted, or one stands there twice".to_owned()));
    }
    if let Some(names) = fold::collisions(files.iter().map(|file| file.path.as_str())).first() {
        return Err(collision(&key, names).in_file(name));
    }
    if wire.path.as_deref().is_some_and(|path| path.starts_with(['/', '\\'])) {
        return Err(refuse("its path is absolute".to_owned()));
    }
    let whole = wire.digest.as_deref().map(digest).transpose()?;
    let fits = match form {
        Form::File => files.len() == 1 && files.first().map(|file| &file.sha256) == whole.as_ref(),
        Form::Folder => {
            let tree = digest_tree(files.iter().map(|file| (file.path.as_str(), &file.sha256)));
            !files.is_empty() && Some(&tree) == whole.as_ref() && wire.tree == wire.digest
        }
        Form::Values => files.is_empty() && whole.is_some(),
        Form::Uri => files.is_empty(),
    };
    if !fits || (form != Form::Folder && wire.tree.is_some()) {
        return Err(refuse("its digest is not that of its files".to_owned()));
    }
    Ok(LockedArtifact {
        kind,
        name: wire.name,
        version: wire.version,
        path: wire.path,
        uri: wire.uri,
        revision: wire.revision,
        form,
        digest: whole,
        files,
    })
}

/// A digest without a prefix.
fn hex_digest(hex: &str) -> Option<Digest> {
    Digest::from_hex(hex).filter(|digest| digest.hex() == hex)
}

/// Whether a path stays below its folder, whatever the system: no drive, no `..`, no empty part.
fn is_inside(path: &str) -> bool {
    let parts = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    parts && !path.contains(['\\', '\n', '\r', '\0'])
}
