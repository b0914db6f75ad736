//! `bundle.json`, the index of a bundle: what a later release needs of this one as its baseline, without its evidence.
//!
//! A bundle holds the manifest and the policy files that it extends, the digests of the artifacts, small text files of some
//! of them (`texts`), and the numbers per sample of the gated metrics under hashed ids. The index holds the digest of every
//! file and of itself, so that a bundle edited by hand is noticed. `files` opens it as a [`Tree`](crate::artifact::Tree).

mod kept;
mod texts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use kept::{Copy, KeptFile, Places};

use self::kept::Kept;
use super::Release;
use crate::artifact::{self, Pinned, PinnedArtifact, PinnedContent, Remembered, digest_bytes};
use crate::diagnostic::Diagnostic;
use crate::manifest::{ArtifactKind, Digest, Manifest};

/// The file that makes a folder a bundle.
pub const INDEX: &str = "bundle.json";
/// The manifest's name in a bundle.
pub const MANIFEST: &str = "release.yaml";
/// The folder of the results in a bundle.
pub const EVIDENCE: &str = "evidence";
/// The folder of the policy files in a bundle; below it they stand as they stood below the root.
const POLICIES: &str = "extends";
/// The folders of a bundle, in which nothing but its own files may stand.
pub const FOLDERS: &[&str] = &[EVIDENCE, POLICIES, texts::FOLDER];
/// The format of the index.
const SCHEMA: &str = "relgate/bundle/v1";

/// The index, read or to be written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    schema: String,
    /// Where the manifest stood below the root; only where it extends policy files, whose paths count from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    artifacts: Vec<Kept>,
    /// The digest of the lock that they were held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lock: Option<String>,
    /// The word of the verdict on it.
    decision: String,
    /// Evidence entry -> digest of the results that it was made of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    results: BTreeMap<String, String>,
    /// Path in the bundle -> digest.
    files: BTreeMap<String, String>,
    /// The digest of this index with an empty `sha256`.
    sha256: String,
}

/// The small files of a bundle, and the index that lacks the results.
pub struct Draft {
    /// Everything but the results and the index.
    pub files: Vec<Copy>,
    index: Index,
}

impl Draft {
    /// What is kept of a release: `text` is its manifest as it stands on the disk, `decision` the word of its verdict.
    ///
    /// # Errors
    /// An artifact changed since it was hashed; a bundle never lacks anything in silence.
    pub fn of(release: &Release, text: &str, decision: &str) -> Result<Self, Diagnostic> {
        let mut files = vec![Copy { path: MANIFEST.to_owned(), bytes: text.as_bytes().to_vec() }];
        files.extend(release.inherited.iter().map(|policy| Copy {
            path: format!("{POLICIES}/{}", policy.path),
            bytes: policy.text.as_bytes().to_vec(),
        }));
        let mut texts = texts::Keeper::new(release.tree.as_ref());
        let artifacts = release.pinned.iter().map(|one| keep(one, &mut texts)).collect::<Result<_, _>>()?;
        files.extend(texts.copies());
        let index = Index {
            schema: SCHEMA.to_owned(),
            manifest: (!release.inherited.is_empty()).then(|| release.tree.manifest().to_owned()),
            artifacts,
            lock: release.lock.as_ref().map(|digest| digest.hex().to_owned()),
            decision: decision.to_owned(),
            results: BTreeMap::new(),
            files: files
                .iter()
                .map(|file| (file.path.clone(), digest_bytes(&file.bytes).hex().to_owned()))
                .collect(),
            sha256: String::new(),
        };
        Ok(Self { files, index })
    }

    /// Takes note of the results of an evidence entry that were judged.
    pub fn judged(&mut self, entry: &str, sha256: &Digest) {
        self.index.results.insert(entry.to_owned(), sha256.hex().to_owned());
    }

    /// Takes note of a file of results at a path in the bundle.
    pub fn results(&mut self, path: String, sha256: &Digest) {
        self.index.files.insert(path, sha256.hex().to_owned());
    }

    /// The index of all that was taken note of.
    #[must_use]
    pub fn index(mut self) -> String {
        let own = digest_bytes(text(&self.index).as_bytes());
        own.hex().clone_into(&mut self.index.sha256);
        text(&self.index)
    }
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
        folder: !files.is_empty() && matches!(artifact.content, PinnedContent::Folder { .. }),
        files,
    })
}

fn text(index: &Index) -> String {
    // Structs of strings always serialise.
    let mut text = serde_json::to_string_pretty(index).unwrap_or_default();
    text.push('\n');
    text
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// In words, why it is not one that relgate wrote.
    pub fn read(index: &str) -> Result<Self, String> {
        let mut index: Self =
            serde_json::from_str(index).map_err(|error| format!("the index cannot be read ({error})"))?;
        if index.schema != SCHEMA {
            return Err(format!("its format is `{}`, this relgate reads `{SCHEMA}`", index.schema));
        }
        let own = std::mem::take(&mut index.sha256);
        if digest_bytes(text(&index).as_bytes()).hex() != own {
            return Err("the index was edited".to_owned());
        }
        if !index.files.keys().all(|path| texts::plain(path)) {
            return Err("a file of it would stand outside".to_owned());
        }
        Ok(index)
    }

    /// Path in the bundle -> digest of the file in hexadecimal digits.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// Where the manifest stood below the root.
    #[must_use]
    pub fn manifest(&self) -> &str {
        self.manifest.as_deref().unwrap_or(MANIFEST)
    }

    /// The files of results of an evidence entry, by their path in the bundle.
    pub fn results_of(&self, entry: &str) -> impl Iterator<Item = &str> {
        let own = move |path: &&str| {
            let name = path.strip_prefix(EVIDENCE).and_then(|path| path.strip_prefix('/'));
            let ending = name.and_then(|name| name.strip_prefix(entry)?.strip_prefix('.'));
            ending.is_some_and(|ending| ending == "jsonl" || ending.starts_with(|c: char| c.is_ascii_digit()))
        };
        self.files.keys().map(String::as_str).filter(own)
    }

    /// The place of a policy file that stood at `path` below the root.
    #[must_use]
    pub fn policy(&self, path: &str) -> Option<String> {
        let place = format!("{POLICIES}/{path}");
        self.files.contains_key(&place).then_some(place)
    }

    /// Where the files of artifacts are; none where the index says what cannot be.
    #[must_use]
    pub fn places(&self) -> Option<Places> {
        let mut places = Places::new();
        for kept in &self.artifacts {
            texts::places(kept, &self.files, &mut places)?;
        }
        Some(places)
    }

    /// What is known of the release; none where the index says what cannot be of a release with this manifest.
    #[must_use]
    pub fn remembered(&self, manifest: &Manifest) -> Option<Remembered> {
        let artifacts: Option<Vec<PinnedArtifact>> =
            self.artifacts.iter().map(|kept| restore(kept, manifest)).collect();
        Some(Remembered {
            pinned: Pinned::restored(artifacts?),
            lock: match &self.lock {
                Some(hex) => Some(Digest::from_hex(hex)?),
                None => None,
            },
            results: self.results.clone(),
            decision: self.decision.clone(),
        })
    }
}

/// An artifact as it was pinned; none where the index says what cannot be.
fn restore(kept: &Kept, manifest: &Manifest) -> Option<PinnedArtifact> {
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
        content: PinnedContent::Elsewhere,
    };
    let declared = manifest.artifacts.iter().find(|declared| declared.key() == artifact.key())?;
    if !kept.files.is_empty() {
        artifact.content = texts::content(kept)?;
    } else if let Some(values) = &declared.values {
        let (digest, bytes) = artifact::digest_values(&values.value).ok()?;
        artifact.content = PinnedContent::Values { digest, bytes };
    }
    if artifact.content == PinnedContent::Elsewhere {
        artifact.declared = digest;
    } else if artifact.digest() != digest.as_ref() {
        return None;
    }
    Some(artifact)
}
