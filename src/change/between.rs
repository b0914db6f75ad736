//! The stage itself: two sides merged by kind and name.

use std::collections::BTreeMap;

use super::changes::{ArtifactChange, Aspects, Bytes, ChangeKind, Changes, Seen};
use crate::artifact::{Pinned, PinnedArtifact, PinnedContent};
use crate::manifest::{Artifact, ArtifactKind, Manifest};

/// One release: what it declares and what was hashed of it.
#[derive(Debug, Clone, Copy)]
pub struct ComparedSide<'a> {
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// The artifacts of that manifest, pinned.
    pub pinned: &'a Pinned,
}

/// An artifact with what pinning found; none where pinning did not reach it.
type Half<'a> = (&'a Artifact, Option<&'a PinnedArtifact>);

impl<'a> ComparedSide<'a> {
    fn by_name(&self) -> BTreeMap<(ArtifactKind, &'a str), Half<'a>> {
        let half = |artifact: &'a Artifact| {
            let pinned = self.pinned.get(&artifact.key());
            ((artifact.kind, artifact.name.value.as_str()), (artifact, pinned))
        };
        self.manifest.artifacts.iter().map(half).collect()
    }
}

/// What differs between a baseline and a candidate; without a baseline the candidate's artifacts, uncompared.
#[must_use]
pub fn between(baseline: Option<&ComparedSide<'_>>, candidate: &ComparedSide<'_>) -> Changes {
    let mut before = baseline.map(ComparedSide::by_name).unwrap_or_default();
    let compared = baseline.is_some();
    let mut artifacts = Vec::new();
    for ((kind, name), after) in candidate.by_name() {
        let before = before.remove(&(kind, name));
        let change = compared.then(|| before.map_or(ChangeKind::Added, |before| compare(before, after)));
        artifacts.push(ArtifactChange {
            kind,
            name: name.to_owned(),
            change,
            before: before.map(seen),
            after: Some(seen(after)),
            aspects: before.map_or(Aspects::NONE, |before| aspects(before, after)),
        });
    }
    artifacts.extend(before.into_iter().map(|((kind, name), gone)| ArtifactChange {
        kind,
        name: name.to_owned(),
        change: Some(ChangeKind::Removed),
        before: Some(seen(gone)),
        after: None,
        aspects: Aspects::NONE,
    }));
    artifacts.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    Changes { artifacts, compared }
}

impl Aspects {
    /// Nothing was compared.
    const NONE: Self = Self { version: false, bytes: Bytes::Unknown, uri: false, values: false };
}

fn seen((artifact, pinned): Half<'_>) -> Seen {
    Seen {
        version: artifact.version.value.clone(),
        digest: pinned.and_then(PinnedArtifact::digest).cloned(),
        uri: artifact.uri.as_ref().map(|uri| uri.value.clone()),
        role: artifact.role.map(|role| role.value),
    }
}

fn aspects(before: Half<'_>, after: Half<'_>) -> Aspects {
    let digest = |half: Half<'_>| half.1.and_then(PinnedArtifact::digest).cloned();
    let bytes = match (digest(before), digest(after)) {
        (Some(before), Some(after)) if before == after => Bytes::Same,
        (Some(_), Some(_)) => Bytes::Differ,
        _ => Bytes::Unknown,
    };
    let uri = |half: Half<'_>| half.0.uri.as_ref().map(|uri| uri.value.clone());
    let inline = before.0.values.is_some() && after.0.values.is_some();
    Aspects {
        version: before.0.version.value != after.0.version.value,
        bytes,
        uri: uri(before) != uri(after),
        values: inline && bytes == Bytes::Differ,
    }
}

/// Modified or unchanged.
///
/// Where both sides name an artifact that only its provider holds (`openai:gpt-4.3`), version and uri are all
/// that there is to compare. Where relgate should know the bytes of a side and does not, nothing shows that they
/// stayed the same, so they count as modified.
fn compare(before: Half<'_>, after: Half<'_>) -> ChangeKind {
    let Aspects { version, bytes, uri, .. } = aspects(before, after);
    let unknowable = |half: Half<'_>| {
        half.1.is_some_and(|pinned| pinned.content == PinnedContent::Elsewhere && pinned.declared.is_none())
    };
    let same = match bytes {
        Bytes::Same => true,
        Bytes::Differ => false,
        Bytes::Unknown => unknowable(before) && unknowable(after),
    };
    if same && !version && !uri { ChangeKind::Unchanged } else { ChangeKind::Modified }
}
