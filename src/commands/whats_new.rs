//! What changed since the baseline, for the report and the changelog.
//!
//! No gate is judged by it: where it cannot be told, a warning says so and the judgement stands.

use std::collections::BTreeSet;

use super::baseline::Baseline;
use crate::artifact::Pinned;
use crate::change::Changes;
use crate::diagnostic::Diagnostic;
use crate::diff::{self, Record, Release};
use crate::files::Root;
use crate::manifest::Manifest;

/// The changes, or why they cannot be told.
pub(super) fn records(
    base: &Baseline,
    (manifest, pinned, root): (&Manifest, &Pinned, &Root),
    changes: &Changes,
) -> (Option<Vec<Record>>, Option<Diagnostic>) {
    let failed = BTreeSet::new();
    let before = Release {
        manifest: &base.manifest,
        pinned: &base.pinned,
        contents: base.contents(),
        failed: &failed,
    };
    let after = Release { manifest, pinned, contents: Some(root), failed: &failed };
    match diff::between(&before, &after, changes) {
        Ok(mut records) => {
            // A policy that was not found again looks as if there had been none.
            if base.own_policy_only.is_some() {
                records.retain(|record| record.artifact.is_some());
            }
            (Some(records), None)
        }
        Err(findings) => {
            let why = findings.iter().next().map_or("", |first| first.title.as_str());
            let text = format!("what changed inside the artifacts cannot be told: {why}");
            (None, Some(Diagnostic::warning("changes-not-told", text)))
        }
    }
}
