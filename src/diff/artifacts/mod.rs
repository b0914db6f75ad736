//! The artifacts of two releases: which are new, gone, renamed or changed, and who looks into them.
//!
//! `facts` words what the manifests and digests alone say.

mod facts;
mod phrases;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::pair::Pair;
use super::record::Record;
use super::side::ReleaseSide;
use super::{config, dataset, prompt, safety_policy, suite};
use crate::change::{ArtifactChange, ChangeKind, Changes};
use crate::diagnostic::Diagnostics;
use crate::manifest::ArtifactKind;

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
    let of =
        |wanted: ChangeKind| changes.artifacts.iter().filter(move |change| change.change == Some(wanted));
    for old in of(ChangeKind::Removed) {
        let Some(digest) = old.before.as_ref().and_then(|seen| seen.digest.as_ref()) else { continue };
        let same = |new: &&ArtifactChange| {
            new.kind == old.kind
                && !taken.contains(&new.key())
                && new.after.as_ref().is_some_and(|seen| seen.digest.as_ref() == Some(digest))
        };
        if let Some(new) = of(ChangeKind::Added).find(same) {
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
        // The facts say that nobody can look.
        _ if !pair.readable() => Ok(Vec::new()),
        ArtifactKind::Datasets => dataset::records(pair),
        ArtifactKind::SafetyPolicies => safety_policy::records(pair),
        ArtifactKind::InferenceConfigs => config::records(pair),
        // Keys in the manifest itself.
        _ if pair.inline() => config::records(pair),
        ArtifactKind::Prompts => prompt::records(pair),
        ArtifactKind::EvalSuites => suite::records(pair),
    }
}
