//! The artifacts of two releases: which are new, gone, renamed or changed, and who looks into them.
//!
//! `facts` words what the manifests and digests alone say. Deliberately absent: what is inside; each kind has its module.

mod facts;
mod phrases;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{Record, ReleaseSide, Rule, config, dataset, files, prompt, safety_policy, suite};
use crate::artifact::{Content, PinnedArtifact};
use crate::change::{ArtifactChange, Change, Changes};
use crate::diagnostic::Diagnostics;
use crate::manifest::ArtifactKind;

/// One artifact on both sides, with the bytes at hand on both.
pub(super) struct Pair<'a> {
    /// What is known of the change.
    pub(super) change: &'a ArtifactChange,
    /// The release before, and the artifact in it.
    pub(super) before: (&'a ReleaseSide<'a>, &'a PinnedArtifact),
    /// The release after, and the artifact in it.
    pub(super) after: (&'a ReleaseSide<'a>, &'a PinnedArtifact),
}

impl Pair<'_> {
    /// `artifacts.prompts.system`.
    pub(super) fn path(&self) -> String {
        format!("artifacts.{}", self.change.key())
    }

    /// How a sentence about it begins: `prompt system: v1.8 -> v1.9, `, or `prompt system v1.9: ` under the same version.
    pub(super) fn headline(&self) -> String {
        let (old, new) = (&self.before.1.version, &self.after.1.version);
        let what = what(self.change);
        if old == new { format!("{what} {new}: ") } else { format!("{what}: {old} -> {new}, ") }
    }

    /// A record about it whose sentence goes on after [`Pair::headline`].
    pub(super) fn record(&self, rule: Rule, goes_on: &str) -> Record {
        Record::on(rule, self.path(), &self.headline(), goes_on).of(self.change.key())
    }

    /// Whether somebody can look inside on both sides.
    pub(super) fn readable(&self) -> bool {
        self.hidden().is_none()
    }

    /// The version whose bytes nobody can look at, and why not.
    pub(super) fn hidden(&self) -> Option<(&str, &'static str)> {
        [self.before, self.after].into_iter().find_map(|(release, artifact)| {
            let why = match &artifact.content {
                Content::Values { .. } => None,
                Content::File(_) | Content::Folder { .. } => match release.contents {
                    None => Some("only their digest was kept"),
                    Some(contents) => files::absent(self, (contents, artifact)),
                },
                // It had a path, so this is what a bundle tells of it.
                Content::Elsewhere if artifact.uri.is_none() => Some("only their digest was kept"),
                Content::Elsewhere => Some("they are not in the repository"),
                Content::Unusable => Some("they could not be read"),
            };
            why.map(|why| (artifact.version.as_str(), why))
        })
    }

    /// Whether a side has its content in the manifest itself.
    fn inline(&self) -> bool {
        [self.before, self.after]
            .iter()
            .any(|(_, artifact)| matches!(artifact.content, Content::Values { .. }))
    }
}

/// `safety policy default`: what a sentence calls an artifact.
fn what(change: &ArtifactChange) -> String {
    format!("{} {}", change.kind.singular().replace('_', " "), change.name)
}

/// The changes of the artifacts.
pub(super) fn records(
    before: &ReleaseSide<'_>,
    after: &ReleaseSide<'_>,
    changes: &Changes,
) -> Result<Vec<Record>, Diagnostics> {
    let (mut records, renamed) = renames(changes);
    let rest: Vec<&ArtifactChange> = changes
        .artifacts
        .iter()
        .filter(|change| change.changed() && !renamed.contains(&change.key()))
        .collect();
    // Prompts and suites are read on every core; the order stays that of the changes.
    let found: Vec<Result<Vec<Record>, Diagnostics>> =
        rest.par_iter().with_max_len(1).map(|change| one(before, after, change)).collect();
    let mut refused = Diagnostics::new();
    for found in found {
        match found {
            Ok(found) => records.extend(found),
            Err(found) => refused.extend(found),
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    records.extend(facts::unpinned(before.manifest, after.manifest));
    records.extend(phrases::lost(before, after));
    records.extend(facts::pins(before.manifest, after.manifest));
    records.extend(dataset::overlap(before, after)?);
    Ok(records)
}

/// What is gone here and new there with the same bytes: one record for both, and their keys.
fn renames(changes: &Changes) -> (Vec<Record>, BTreeSet<String>) {
    let mut records = Vec::new();
    let mut taken = BTreeSet::new();
    let of = |wanted: Change| changes.artifacts.iter().filter(move |change| change.change == Some(wanted));
    for old in of(Change::Removed) {
        let Some(digest) = old.before.as_ref().and_then(|seen| seen.digest.as_ref()) else { continue };
        let same = |new: &&ArtifactChange| {
            new.kind == old.kind
                && !taken.contains(&new.key())
                && new.after.as_ref().is_some_and(|seen| seen.digest.as_ref() == Some(digest))
        };
        if let Some(new) = of(Change::Added).find(same) {
            records.push(facts::renamed(old, new));
            taken.extend([old.key(), new.key()]);
        }
    }
    (records, taken)
}

/// Everything about one artifact that was not renamed.
fn one(
    before: &ReleaseSide<'_>,
    after: &ReleaseSide<'_>,
    change: &ArtifactChange,
) -> Result<Vec<Record>, Diagnostics> {
    let (Some(old), Some(new)) = (before.pinned.get(&change.key()), after.pinned.get(&change.key())) else {
        return Ok(facts::one_sided(change).into_iter().collect());
    };
    let pair = Pair { change, before: (before, old), after: (after, new) };
    let mut records = facts::modified(&pair);
    if change.another() {
        records.extend(inside(&pair)?);
    }
    Ok(records)
}

/// What changed inside an artifact.
fn inside(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    match pair.change.kind {
        ArtifactKind::Models => Ok(Vec::new()),
        ArtifactKind::Datasets => dataset::records(pair),
        // The facts say that nobody can look.
        _ if !pair.readable() => Ok(Vec::new()),
        ArtifactKind::SafetyPolicies => safety_policy::records(pair),
        ArtifactKind::InferenceConfigs => config::records(pair),
        // Keys in the manifest itself.
        _ if pair.inline() => config::records(pair),
        ArtifactKind::Prompts => prompt::records(pair),
        ArtifactKind::EvalSuites => suite::records(pair),
    }
}
