//! What pinning yields: artifacts with digests, found again by key or by digest.

use crate::manifest::{ArtifactKind, Digest};

/// The artifacts of one release, in the order of its manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pinned {
    artifacts: Vec<PinnedArtifact>,
}

/// One artifact and what is known about its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedArtifact {
    /// Which of the six kinds.
    pub kind: ArtifactKind,
    /// Its name within the kind.
    pub name: String,
    /// Its version, exactly as written.
    pub version: String,
    /// Where its bytes are, relative to the root; as declared where nothing usable stands there.
    pub path: Option<String>,
    /// Where it lives when it is not in the repository.
    pub uri: Option<String>,
    /// The digest that the manifest declares.
    pub declared: Option<Digest>,
    /// What relgate hashed.
    pub content: PinnedContent,
}

/// What was hashed of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinnedContent {
    /// One file.
    File(PinnedFile),
    /// A folder.
    Folder {
        /// The digest of the whole: names and bytes.
        digest: Digest,
        /// Its files, in byte order of their paths.
        files: Vec<PinnedFile>,
    },
    /// Inline values.
    Values {
        /// The digest of their canonical JSON.
        digest: Digest,
        /// The length of that JSON.
        bytes: u64,
    },
    /// Only a `uri`: relgate does not go there, a declared digest is taken as it is.
    Elsewhere,
    /// It could not be hashed; an error says why.
    Unusable,
}

impl PinnedContent {
    /// The word that reports use.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Folder { .. } => "folder",
            Self::Values { .. } => "values",
            Self::Elsewhere => "elsewhere",
            Self::Unusable => "unusable",
        }
    }
}

/// One hashed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedFile {
    /// Its path: relative to the artifact's folder, or to the root where the file is the artifact.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest.
    pub digest: Digest,
    /// Whether a symbolic link stands there in the folder, so that recomputing needs `find -L`.
    pub linked: bool,
}

impl Pinned {
    pub(super) fn new(artifacts: Vec<PinnedArtifact>) -> Self {
        Self { artifacts }
    }

    /// Artifacts that were hashed before: a bundle keeps their digests, not their bytes.
    #[must_use]
    pub fn restored(artifacts: Vec<PinnedArtifact>) -> Self {
        Self::new(artifacts)
    }

    /// The artifacts in the order of the manifest.
    pub fn iter(&self) -> std::slice::Iter<'_, PinnedArtifact> {
        self.artifacts.iter()
    }

    /// The artifact of a key such as `prompts.system`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&PinnedArtifact> {
        let (kind, name) = key.split_once('.')?;
        self.artifacts.iter().find(|artifact| artifact.kind.word() == kind && artifact.name == name)
    }

    /// The artifact at a place of [`Self::iter`].
    pub(super) fn at(&mut self, place: usize) -> Option<&mut PinnedArtifact> {
        self.artifacts.get_mut(place)
    }

    /// Every artifact with these bytes (two may hold the same).
    pub fn with_digest<'a>(&'a self, digest: &'a Digest) -> impl Iterator<Item = &'a PinnedArtifact> {
        self.artifacts.iter().filter(move |artifact| artifact.digest() == Some(digest))
    }
}

impl<'a> IntoIterator for &'a Pinned {
    type Item = &'a PinnedArtifact;
    type IntoIter = std::slice::Iter<'a, PinnedArtifact>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PinnedArtifact {
    /// `kind.name`, the key that evidence uses.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// The digest of its bytes: hashed here, or declared where the bytes are elsewhere.
    ///
    /// None where nothing is known; a declared digest never stands in for bytes that could not be hashed.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match &self.content {
            PinnedContent::File(file) => Some(&file.digest),
            PinnedContent::Folder { digest, .. } | PinnedContent::Values { digest, .. } => Some(digest),
            PinnedContent::Elsewhere => self.declared.as_ref(),
            PinnedContent::Unusable => None,
        }
    }

    /// Whether relgate hashed the bytes itself.
    #[must_use]
    pub fn hashed(&self) -> bool {
        !matches!(self.content, PinnedContent::Elsewhere | PinnedContent::Unusable)
    }

    /// Its files: one, those of the folder, or none.
    #[must_use]
    pub fn files(&self) -> &[PinnedFile] {
        match &self.content {
            PinnedContent::File(file) => std::slice::from_ref(file),
            PinnedContent::Folder { files, .. } => files,
            PinnedContent::Values { .. } | PinnedContent::Elsewhere | PinnedContent::Unusable => &[],
        }
    }

    /// Bytes that were hashed.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match &self.content {
            PinnedContent::Values { bytes, .. } => *bytes,
            _ => self.files().iter().map(|file| file.bytes).sum(),
        }
    }

    /// Whether evidence that names this artifact as `identity` was made with it.
    ///
    /// `sha256:...` must be its digest; anything else must be its version, to the letter.
    #[must_use]
    pub fn is(&self, identity: &str) -> bool {
        match identity.strip_prefix("sha256:") {
            Some(hex) => self.digest().is_some_and(|digest| digest.hex() == hex),
            None => self.version == identity,
        }
    }
}
