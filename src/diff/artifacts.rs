//! The artifacts of two releases: which are new, gone, renamed or changed, and who looks into them.
//!
//! Deliberately absent: what is inside; each kind has its module.

use super::{Record, Release, config, dataset, prompt, safety_policy, suite};
use crate::artifact::PinnedArtifact;
use crate::change::{ArtifactChange, Changes};
use crate::diagnostic::Diagnostics;
use crate::manifest::ArtifactKind;

/// One artifact on both sides, with the bytes at hand on both.
pub(super) struct Pair<'a> {
    /// What is known of the change.
    pub(super) change: &'a ArtifactChange,
    /// The release before, and the artifact in it.
    pub(super) before: (&'a Release<'a>, &'a PinnedArtifact),
    /// The release after, and the artifact in it.
    pub(super) after: (&'a Release<'a>, &'a PinnedArtifact),
}

impl Pair<'_> {
    /// `artifacts.prompts.system`.
    pub(super) fn path(&self) -> String {
        format!("artifacts.{}", self.change.key())
    }
}

/// The changes of the artifacts.
pub(super) fn records(
    before: &Release<'_>,
    after: &Release<'_>,
    changes: &Changes,
) -> Result<Vec<Record>, Diagnostics> {
    let mut records = Vec::new();
    for change in changes.artifacts.iter().filter(|change| change.another()) {
        let (Some(old), Some(new)) = (before.pinned.get(&change.key()), after.pinned.get(&change.key()))
        else {
            continue;
        };
        let pair = Pair { change, before: (before, old), after: (after, new) };
        records.extend(inside(&pair)?);
    }
    records.extend(dataset::overlap(before, after)?);
    Ok(records)
}

/// What changed inside an artifact.
fn inside(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    match pair.change.kind {
        ArtifactKind::Models => Ok(Vec::new()),
        ArtifactKind::Prompts => prompt::records(pair),
        ArtifactKind::Datasets => dataset::records(pair),
        ArtifactKind::SafetyPolicies => safety_policy::records(pair),
        ArtifactKind::InferenceConfigs => config::records(pair),
        ArtifactKind::EvalSuites => suite::records(pair),
    }
}
