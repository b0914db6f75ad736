//! The cases that failed in a side's own results: asked for only where an evaluation suite changed.
//!
//! Where nobody can tell which cases failed, a note says so: without it, silence would read as "none of them".

use std::collections::BTreeSet;

use super::evidence::Results;
use crate::change::{ArtifactChange, Changes};
use crate::diagnostic::{Diagnostics, list};
use crate::manifest::ArtifactKind;
use crate::metric::{Bound, MOST_FAILING, Truth};
use crate::release::Release;

/// What is not known where results cannot say it.
const UNKNOWN: &str = "which cases of the changed evaluation suites failed before is not known";

/// The ids before and after; a suite that nobody changed lost no case.
///
/// # Errors
/// Results that cannot be read to their end.
pub(super) fn ids(
    before: (&Release, &mut Results<'_>),
    after: (&Release, &mut Results<'_>),
    changes: &Changes,
    notes: &mut Vec<String>,
) -> Result<(BTreeSet<String>, BTreeSet<String>), Diagnostics> {
    if !matters(changes) {
        return Ok((BTreeSet::new(), BTreeSet::new()));
    }
    let (found, why) = of(before)?;
    notes.extend(why.map(|why| format!("{UNKNOWN}: {why}")));
    Ok((found, of(after)?.0))
}

/// The note where nobody looks at results.
pub(super) fn unasked(changes: &Changes) -> Option<String> {
    matters(changes).then(|| format!("{UNKNOWN}: `--no-evidence`"))
}

fn matters(changes: &Changes) -> bool {
    let mut suites = changes.artifacts.iter().filter(|change| change.kind == ArtifactKind::EvalSuites);
    suites.any(ArtifactChange::another)
}

/// The ids, and why some or all may be missing.
fn of(
    (side, results): (&Release, &mut Results<'_>),
) -> Result<(BTreeSet<String>, Option<String>), Diagnostics> {
    if results.is_bundle() {
        return Ok((BTreeSet::new(), Some("a bundle keeps hashes of their ids only".to_owned())));
    }
    let bounds: Vec<Bound> = side.manifest.gates.iter().filter_map(|gate| results.bind(gate)).collect();
    let Some(found) = results.failing(&bounds)? else {
        return Ok((BTreeSet::new(), Some(format!("they are more than {MOST_FAILING}"))));
    };
    let tells = |bound: &Bound| bound.measure.truth() != Truth::Never;
    let lacking = list(results.lacking.iter().map(|(name, _)| name.as_str()), 4);
    let why = if !results.lacking.is_empty() {
        Some(format!("results are missing (of {lacking})"))
    } else if !bounds.iter().any(tells) {
        Some("no gate is about a rate of its results".to_owned())
    } else {
        None
    };
    Ok((found, why))
}
