//! `OUT/bundle/`: all that a later release needs of this one as its baseline, without its evidence.
//!
//! The manifest and the policy files that it extends, the digests of the artifacts, small text files of some of them
//! (`texts`), and the numbers per sample of the gated metrics under hashed ids. An index holds the digest of every file and
//! of itself, so that a bundle edited by hand is noticed.

pub(super) mod mistaken;
mod texts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::examine::Read;
use super::extends::Shelf;
use super::pieces::Opened;
use crate::artifact::{self, Content, Contents, Found, Node, Pinned, PinnedArtifact, Trouble, digest_bytes};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::files::{self, EvidenceFile, Located, expand_given, names_in, read_manifest, read_text};
use crate::manifest::{self, ArtifactKind, Digest, Manifest};

/// The file that makes a folder a bundle.
pub(super) const INDEX: &str = "bundle.json";
/// The format of the index.
const SCHEMA: &str = "relgate/bundle/v1";
/// The manifest's name in a bundle.
const MANIFEST: &str = "release.yaml";
/// The folder of the policy files in a bundle; below it they stand as they stood below the root.
const POLICIES: &str = "extends";
/// The folder of the results in a bundle.
const EVIDENCE: &str = "evidence";
/// The folders of a bundle, in which nothing but its own files may stand.
pub(super) const FOLDERS: &[&str] = &[EVIDENCE, POLICIES, texts::FOLDER];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    schema: String,
    /// Where the manifest stood below the root; only where it extends policy files, whose paths count from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    artifacts: Vec<Kept>,
    /// The digest of the lock that they were held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lock: Option<String>,
    /// Evidence entry -> digest of the results that it was made of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    results: BTreeMap<String, String>,
    /// Path in the bundle -> digest.
    files: BTreeMap<String, String>,
    /// The digest of this index with an empty `sha256`.
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    kind: String,
    name: String,
    version: String,
    uri: Option<String>,
    sha256: Option<String>,
    /// Where it stood below the root; only where `files` says more about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Whether a folder stood there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    folder: bool,
    /// Its files; empty where none of them would be kept anyway.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<texts::File>,
}

/// What a release declares, as texts.
pub(super) struct Declared<'a> {
    /// Its manifest.
    pub(super) text: &'a str,
    /// Where that stands below the root.
    pub(super) path: &'a str,
    /// The policy files that it extends: path below the root, and text.
    pub(super) inherited: &'a [(String, String)],
    /// The digest of its lock.
    pub(super) lock: Option<&'a Digest>,
}

/// The files of a bundle by their path in it.
///
/// # Errors
/// Aggregates that cannot be copied, an artifact that changed since it was hashed; a bundle never lacks anything in silence.
pub(super) fn files(
    declared: &Declared<'_>,
    (pinned, contents): (&Pinned, &dyn Contents),
    opened: &[Opened],
    read: &[Read],
) -> Result<Vec<(String, Vec<u8>)>, Diagnostic> {
    let mut files = vec![(MANIFEST.to_owned(), declared.text.as_bytes().to_vec())];
    let policies = declared.inherited.iter();
    files.extend(policies.map(|(path, text)| (format!("{POLICIES}/{path}"), text.as_bytes().to_vec())));
    for (entry, read) in opened.iter().zip(read) {
        let name = &entry.name;
        if let Some(table) = &read.table {
            files.push((format!("{EVIDENCE}/{name}.jsonl"), table.export().into_bytes()));
            continue;
        }
        for (i, (ending, bytes)) in entry.copies()?.into_iter().enumerate() {
            files.push((format!("{EVIDENCE}/{name}.{i}.{ending}"), bytes));
        }
    }
    let mut texts = texts::Keeper::new(contents);
    let artifacts = pinned.iter().map(|artifact| keep(artifact, &mut texts)).collect::<Result<_, _>>()?;
    files.extend(texts.copies);
    let mut index = Index {
        schema: SCHEMA.to_owned(),
        manifest: (!declared.inherited.is_empty()).then(|| declared.path.to_owned()),
        artifacts,
        results: read.iter().map(|read| (read.name.clone(), read.sha256.hex().to_owned())).collect(),
        lock: declared.lock.map(|digest| digest.hex().to_owned()),
        files: files
            .iter()
            .map(|(path, bytes)| (path.clone(), digest_bytes(bytes).hex().to_owned()))
            .collect(),
        sha256: String::new(),
    };
    let own = digest_bytes(text(&index).as_bytes());
    own.hex().clone_into(&mut index.sha256);
    files.push((INDEX.to_owned(), text(&index).into_bytes()));
    Ok(files)
}

fn keep(artifact: &PinnedArtifact, texts: &mut texts::Keeper<'_>) -> Result<Kept, Diagnostic> {
    let files = texts.keep(artifact)?;
    Ok(Kept {
        kind: artifact.kind.word().to_owned(),
        name: artifact.name.clone(),
        version: artifact.version.clone(),
        uri: artifact.uri.clone(),
        sha256: artifact.digest().map(|digest| digest.hex().to_owned()),
        path: artifact.path.clone().filter(|_| !files.is_empty()),
        folder: !files.is_empty() && matches!(artifact.content, Content::Folder { .. }),
        files,
    })
}

fn text(index: &Index) -> String {
    // Structs of strings always serialise.
    let mut text = serde_json::to_string_pretty(index).unwrap_or_default();
    text.push('\n');
    text
}

/// A bundle, read.
pub(super) struct Loaded {
    /// Its manifest.
    pub(super) manifest: Manifest,
    /// The digests of its artifacts.
    pub(super) pinned: Pinned,
    /// Where the manifest stood below the root.
    pub(super) path: String,
    /// The policy files that it extends.
    pub(super) policies: Policies,
    /// Whether they were held against a lock.
    pub(super) locked: bool,
    /// Evidence entry -> digest of the results that were judged.
    pub(super) results: BTreeMap<String, String>,
    /// The texts of its artifacts that were kept.
    pub(super) texts: files::Kept,
}

/// The policy files of a bundle.
pub(super) struct Policies {
    folder: PathBuf,
}

impl Shelf for Policies {
    fn find(&self, standing: &str, declared: &str) -> Result<Found, Trouble> {
        let folder = standing.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = artifact::resolve(folder, declared)?;
        match path_in(&self.folder, &path).metadata() {
            Ok(about) if about.is_file() => Ok(Found { path, node: Node::File { bytes: about.len() } }),
            _ => Err(Trouble::Missing { folder: String::new(), names: Vec::new() }),
        }
    }

    fn read(&self, path: &str) -> Result<String, Diagnostic> {
        read_manifest(&path_in(&self.folder, path), &self.name(path)).map(|read| read.text)
    }

    fn name(&self, path: &str) -> String {
        path_in(&self.folder, path).to_string_lossy().into_owned()
    }
}

fn path_in(folder: &Path, path: &str) -> PathBuf {
    folder.join(POLICIES).join(path)
}

fn damaged(file: String, why: &str) -> Diagnostic {
    Diagnostic::error(Code::BundleDamaged, format!("this bundle is not as relgate wrote it: {why}"))
        .in_file(file)
        .help("take the bundle again from the run that made it; it is not meant to be edited")
}

/// Reads a bundle and checks every file against its index.
pub(super) fn load(folder: &Path, sources: &mut Sources) -> Result<Loaded, Diagnostics> {
    let name = |path: &str| folder.join(path).to_string_lossy().into_owned();
    let damaged = |path: &str, why: &str| damaged(name(path), why);
    let index_text = read_text(&folder.join(INDEX), &name(INDEX))?.unwrap_or_default();
    let mut index: Index = serde_json::from_str(&index_text)
        .map_err(|error| damaged(INDEX, &format!("the index cannot be read ({error})")))?;
    if index.schema != SCHEMA {
        return Err(damaged(
            INDEX,
            &format!("its format is `{}`, this relgate reads `{SCHEMA}`", index.schema),
        )
        .into());
    }
    let own = std::mem::take(&mut index.sha256);
    if digest_bytes(text(&index).as_bytes()).hex() != own {
        return Err(damaged(INDEX, "the index was edited").into());
    }
    let mut findings = Diagnostics::new();
    for (path, digest) in &index.files {
        let file = folder.join(path);
        if !file.is_file() {
            findings.push(damaged(path, "a file is missing"));
        } else if EvidenceFile::open(&file, &name(path))?.sha256()?.hex() != digest {
            findings.push(damaged(path, "a file was edited"));
        }
    }
    // Results are found by their name: one that the index does not know could stand in for one that it does.
    for file in names_in(&folder.join(EVIDENCE))? {
        let path = format!("{EVIDENCE}/{file}");
        if !index.files.contains_key(&path) {
            findings.push(damaged(&path, "a file was added"));
        }
    }
    if findings.has_errors() {
        return Err(findings);
    }
    let text = read_text(&folder.join(MANIFEST), &name(MANIFEST))?
        .ok_or_else(|| damaged(MANIFEST, "it has no manifest"))?;
    let file = sources.add(name(MANIFEST), text);
    let manifest = manifest::parse(sources, file)?;
    let mut texts = files::Kept::new(folder);
    let restore = |kept: &Kept| restore(kept, &manifest, &index.files, &mut texts);
    let artifacts: Option<Vec<PinnedArtifact>> = index.artifacts.iter().map(restore).collect();
    let artifacts = artifacts.ok_or_else(|| damaged(INDEX, "an artifact cannot be read"))?;
    Ok(Loaded {
        manifest,
        pinned: Pinned::restored(artifacts),
        path: index.manifest.unwrap_or_else(|| MANIFEST.to_owned()),
        policies: Policies { folder: folder.to_path_buf() },
        locked: index.lock.is_some(),
        results: index.results,
        texts,
    })
}

/// An artifact as it was pinned; none where the index says what cannot be.
fn restore(
    kept: &Kept,
    manifest: &Manifest,
    files: &BTreeMap<String, String>,
    texts: &mut files::Kept,
) -> Option<PinnedArtifact> {
    let digest = match &kept.sha256 {
        Some(hex) => Some(Digest::from_hex(hex)?),
        None => None,
    };
    let mut artifact = PinnedArtifact {
        kind: ArtifactKind::from_word(&kept.kind)?,
        name: kept.name.clone(),
        version: kept.version.clone(),
        path: kept.path.clone(),
        uri: kept.uri.clone(),
        declared: None,
        content: Content::Elsewhere,
    };
    let declared = manifest.artifacts.iter().find(|declared| declared.key() == artifact.key())?;
    if !kept.files.is_empty() {
        artifact.content = texts::restore(kept, files, texts)?;
    } else if let Some(values) = &declared.values {
        let (digest, bytes) = artifact::digest_values(&values.value).ok()?;
        artifact.content = Content::Values { digest, bytes };
    }
    if artifact.content == Content::Elsewhere {
        artifact.declared = digest;
    } else if artifact.digest() != digest.as_ref() {
        return None;
    }
    Some(artifact)
}

/// The files of an evidence entry in a bundle.
pub(super) fn evidence(folder: &Path, name: &str) -> Result<Vec<Located>, Diagnostic> {
    let samples = folder.join(format!("{EVIDENCE}/{name}.jsonl"));
    let path = if samples.is_file() { samples } else { folder.join(format!("{EVIDENCE}/{name}.*.*")) };
    expand_given(&path.to_string_lossy())
}
