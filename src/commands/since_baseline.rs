//! What changed since the baseline, for the report and the changelog.
//!
//! No gate is judged by it: where it cannot be told, a warning says so and the judgement stands.

use std::collections::BTreeSet;

use crate::change::{ArtifactChange, Changes};
use crate::diagnostic::{Code, Diagnostic};
use crate::diff::{self, ChangeRule, Direction, Record};
use crate::gate::Gate;
use crate::judge::Earlier;
use crate::manifest::{ArtifactKind, Manifest, Reference};
use crate::metric::Bound;
use crate::release::Release;

/// The changes, or why they cannot be told; and where cases are gone of which nobody knows whether they failed, a warning.
pub(super) fn records(
    earlier: &Earlier<'_>,
    candidate: &Release,
    gates: &[Gate],
    changes: &Changes,
) -> (Option<Vec<Record>>, Option<Diagnostic>) {
    let Some(base) = earlier.baseline else { return (None, None) };
    let (failed, why) = failed(earlier, &candidate.manifest, gates, changes);
    let none = BTreeSet::new();
    let before = compared(base, &failed);
    let after = compared(candidate, &none);
    match diff::between(&before, &after, changes) {
        Ok(mut records) => {
            if base.own_policy_only.is_some() {
                records.retain(without_policy);
            }
            let touched = |one: &Record| {
                matches!(one.rule, ChangeRule::SuiteCaseRemoved | ChangeRule::SuiteCaseChanged)
            };
            let why = why.filter(|_| records.iter().any(touched)).map(|why| {
                let text =
                    format!("which of the cases that are gone or changed had failed is not known: {why}");
                Diagnostic::warning(Code::FailedCasesUnknown, text)
            });
            (Some(records), why)
        }
        Err(findings) => {
            let why = findings.iter().next().map_or("", |first| first.title.as_str());
            let text = format!("what changed inside the artifacts cannot be told: {why}");
            (None, Some(Diagnostic::warning(Code::ChangesNotTold, text)))
        }
    }
}

/// For the stage that looks into it.
pub(super) fn compared<'a>(release: &'a Release, failed: &'a BTreeSet<String>) -> diff::ReleaseSide<'a> {
    diff::ReleaseSide {
        manifest: &release.manifest,
        pinned: &release.pinned,
        contents: Some(release.tree.as_ref()),
        failed,
    }
}

/// Whether a record holds although the baseline's shared policy was not found again, which looks as if there had been
/// none: what the policy would have said is then no change, nor that a gate of its own got stricter.
fn without_policy(record: &Record) -> bool {
    let by_policy = matches!(record.rule, ChangeRule::PolicyValue | ChangeRule::PolicyExtends)
        || record.path == "type.require";
    let of_gate = record.artifact.is_none() && record.rule < ChangeRule::PolicyValue;
    !by_policy && (!of_gate || record.direction != Direction::Tighter)
}

/// The ids of the cases that failed in the baseline's results, and why some or all of them may be missing. Asked for only
/// where an evaluation suite changed; what keeps results from being read keeps no gate from being judged.
fn failed(
    earlier: &Earlier<'_>,
    manifest: &Manifest,
    gates: &[Gate],
    changes: &Changes,
) -> (BTreeSet<String>, Option<String>) {
    let (mut failed, mut why) = (BTreeSet::new(), None);
    let mut suites = changes.artifacts.iter().filter(|change| change.kind == ArtifactKind::EvalSuites);
    if !suites.any(ArtifactChange::another) {
        return (failed, why);
    }
    for entry in &manifest.evidence {
        let own: Vec<&Bound> =
            gates.iter().map(|gate| &gate.bound).filter(|bound| bound.evidence == entry.name.value).collect();
        if own.is_empty() {
            continue;
        }
        let found = earlier.results(Reference::Baseline, entry).and_then(|source| {
            if source.bundled {
                return Ok(Err("a bundle keeps hashes of their ids only".to_owned()));
            }
            let found = source.opened.failing(&source.conditions, &own)?;
            Ok(found.ok_or_else(|| "they are too many".to_owned()))
        });
        match found {
            Ok(Ok(found)) => failed.extend(found),
            Ok(Err(reason)) => why = Some(reason),
            Err(findings) => why = findings.iter().next().map(|first| first.title.clone()),
        }
    }
    (failed, why)
}
