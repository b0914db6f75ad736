//! The differences of two releases as facts, and the questions that later stages ask about them.

use crate::manifest::{ArtifactKind, DatasetRole, Digest, ReleaseType, When};
use crate::secret::hide_secrets;

/// The id of the built-in gate that fails when bytes differ and the version does not.
pub const SILENT_CHANGE: &str = "silent-change";

/// Every artifact of the baseline or the candidate, sorted by kind and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// One entry an artifact, unchanged ones too.
    pub artifacts: Vec<ArtifactChange>,
    /// Whether there was a baseline to compare with.
    pub compared: bool,
}

/// One artifact before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactChange {
    /// Which of the six kinds.
    pub kind: ArtifactKind,
    /// Its name within the kind.
    pub name: String,
    /// What became of it; none without a baseline.
    pub change: Option<ChangeKind>,
    /// The baseline's; none where the baseline does not have it, or there is no baseline.
    pub before: Option<Seen>,
    /// The candidate's; none where it was removed.
    pub after: Option<Seen>,
    /// In what the two differ; all equal where only one side has it.
    pub aspects: Aspects,
}

/// What became of an artifact; the words of `changed` in `report.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Only the candidate has it.
    Added,
    /// Only the baseline has it.
    Removed,
    /// Both have it, and it was not shown to be the same.
    Modified,
    /// Both have it, and it is the same as far as relgate can know.
    Unchanged,
}

impl ChangeKind {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Modified => "modified",
            Self::Unchanged => "unchanged",
        }
    }
}

/// What is known of an artifact on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its version, exactly as written.
    pub version: String,
    /// The digest of its bytes: hashed, or declared where the bytes are elsewhere; none where unknown.
    pub digest: Option<Digest>,
    /// Where it lives when it is not in the repository.
    pub uri: Option<String>,
    /// What a dataset is for, where the manifest says so.
    pub role: Option<DatasetRole>,
}

impl Seen {
    /// The uri without what looks like a secret in it, as outputs show it.
    pub(super) fn shown_uri(seen: Option<&Self>) -> String {
        let uri = seen.and_then(|seen| seen.uri.as_deref());
        uri.map_or_else(|| "no uri".to_owned(), |uri| hide_secrets(uri).into_owned())
    }
}

/// In what two sides of an artifact differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aspects {
    /// The versions differ.
    pub version: bool,
    /// How the bytes compare.
    pub bytes: Bytes,
    /// The uris differ.
    pub uri: bool,
    /// The bytes that differ are inline values, on both sides.
    pub values: bool,
}

/// How the bytes of two sides compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bytes {
    /// Both digests are known and equal: the only proof of "the same".
    Same,
    /// Both digests are known and differ.
    Differ,
    /// At least one digest is unknown.
    Unknown,
}

impl ArtifactChange {
    /// `kind.name`, the key that evidence uses.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// Whether it was added, removed or modified; also where nothing could be compared.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.change != Some(ChangeKind::Unchanged)
    }

    /// Whether there is a sign that another thing ships: proven equal bytes under a new label are none, and neither
    /// is a digest that only one release declares.
    #[must_use]
    pub fn another(&self) -> bool {
        let Aspects { version, bytes, uri, .. } = self.aspects;
        match self.change {
            Some(ChangeKind::Modified) => match bytes {
                Bytes::Same => false,
                Bytes::Differ => true,
                Bytes::Unknown => version || uri,
            },
            Some(ChangeKind::Unchanged) => false,
            Some(ChangeKind::Added | ChangeKind::Removed) | None => true,
        }
    }

    /// Whether its bytes differ and its version does not.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.change == Some(ChangeKind::Modified)
            && self.aspects.bytes == Bytes::Differ
            && !self.aspects.version
    }

    /// Whether its version differs and its bytes do not.
    #[must_use]
    pub fn is_relabelled(&self) -> bool {
        self.change == Some(ChangeKind::Modified) && self.aspects.bytes == Bytes::Same && self.aspects.version
    }

    /// Whether it is at another uri under the same version, without digests that show what that means.
    #[must_use]
    pub fn is_relocated(&self) -> bool {
        let Aspects { version, bytes, uri, .. } = self.aspects;
        self.change == Some(ChangeKind::Modified) && uri && !version && bytes == Bytes::Unknown
    }

    /// One line for a changelog, such as "prompt system v1.8 -> v1.9".
    #[must_use]
    pub fn summary(&self) -> String {
        // "safety policy" reads better in a sentence than the key's `safety_policy`.
        let what = format!("{} {}", self.kind.singular().replace('_', " "), self.name);
        let (before, after) = (self.before.as_ref(), self.after.as_ref());
        let version = after.or(before).map_or("", |seen| seen.version.as_str());
        match self.change {
            None => format!("{what} {version}"),
            Some(ChangeKind::Added) => format!("{what} added ({version})"),
            Some(ChangeKind::Removed) => format!("{what} removed"),
            Some(ChangeKind::Unchanged) => format!("{what} {version}: unchanged"),
            Some(ChangeKind::Modified) => {
                let old = before.map_or("", |seen| seen.version.as_str());
                self.summary_modified(&what, old, version)
            }
        }
    }

    fn summary_modified(&self, what: &str, old: &str, new: &str) -> String {
        let uri = |seen: &Option<Seen>| Seen::shown_uri(seen.as_ref());
        match self.aspects {
            Aspects { version: true, bytes: Bytes::Same, .. } => {
                format!("{what} {old} -> {new} (same bytes)")
            }
            Aspects { version: true, .. } => format!("{what} {old} -> {new}"),
            Aspects { bytes: Bytes::Differ, values: true, .. } => {
                format!("{what} {new}: values changed without a new version")
            }
            Aspects { bytes: Bytes::Differ, .. } => {
                format!("{what} {new}: bytes changed without a new version")
            }
            Aspects { uri: true, bytes: Bytes::Same, .. } => {
                format!("{what} {new}: same bytes, {} -> {}", uri(&self.before), uri(&self.after))
            }
            Aspects { uri: true, .. } => {
                format!("{what} {new}: {} -> {} without a new version", uri(&self.before), uri(&self.after))
            }
            Aspects { .. } => format!("{what} {new}: not comparable, only one release knows its bytes"),
        }
    }
}

impl Changes {
    /// The kinds of which an artifact changed, in the order of the manifest's keys; all six without a baseline.
    #[must_use]
    pub fn changed_kinds(&self) -> Vec<ArtifactKind> {
        let changed = |kind: ArtifactKind| {
            !self.compared
                || self.artifacts.iter().any(|artifact| artifact.kind == kind && artifact.changed())
        };
        ArtifactKind::ALL.iter().copied().filter(|kind| changed(*kind)).collect()
    }

    /// Whether a gate with this `when:` applies: both its lists must fit, and an empty list fits.
    ///
    /// Without a baseline everything counts as changed, so that no gate is switched off by not comparing.
    #[must_use]
    pub fn applies(&self, when: &When, release_type: ReleaseType) -> bool {
        let kinds = self.changed_kinds();
        let changed = when.changed.is_empty() || when.changed.iter().any(|kind| kinds.contains(kind));
        let typed = when.types.is_empty() || when.types.contains(&release_type);
        changed && typed
    }

    /// Artifacts whose bytes differ and whose version does not; each fails the gate [`SILENT_CHANGE`].
    pub fn silent(&self) -> impl Iterator<Item = &ArtifactChange> {
        self.artifacts.iter().filter(|artifact| artifact.is_silent())
    }

    /// Artifacts whose version differs and whose bytes do not.
    pub fn relabelled(&self) -> impl Iterator<Item = &ArtifactChange> {
        self.artifacts.iter().filter(|artifact| artifact.is_relabelled())
    }

    /// Artifacts at another uri under the same version, whose bytes nobody can compare.
    pub fn relocated(&self) -> impl Iterator<Item = &ArtifactChange> {
        self.artifacts.iter().filter(|artifact| artifact.is_relocated())
    }

    /// The entry of one artifact.
    #[must_use]
    pub fn get(&self, kind: ArtifactKind, name: &str) -> Option<&ArtifactChange> {
        self.artifacts.iter().find(|artifact| artifact.kind == kind && artifact.name == name)
    }
}
