//! The cases that failed in a side's own results: asked for only where an evaluation suite changed.

use std::collections::BTreeSet;

use super::evidence::Results;
use super::side::Side;
use crate::change::{ArtifactChange, Changes};
use crate::diagnostic::Diagnostics;
use crate::manifest::ArtifactKind;
use crate::metric::{Bound, MOST_FAILING};

/// The ids before and after; a suite that nobody changed lost no case.
///
/// # Errors
/// Results that cannot be read to their end.
pub(super) fn ids(
    before: (&Side, &mut Results<'_>),
    after: (&Side, &mut Results<'_>),
    changes: &Changes,
    notes: &mut Vec<String>,
) -> Result<(BTreeSet<String>, BTreeSet<String>), Diagnostics> {
    let suites = changes.artifacts.iter().filter(|change| change.kind == ArtifactKind::EvalSuites);
    if !suites.clone().any(ArtifactChange::another) {
        return Ok((BTreeSet::new(), BTreeSet::new()));
    }
    Ok((of("before", before, notes)?, of("after", after, notes)?))
}

fn of(
    word: &str,
    (side, results): (&Side, &mut Results<'_>),
    notes: &mut Vec<String>,
) -> Result<BTreeSet<String>, Diagnostics> {
    let bounds: Vec<Bound> = side.manifest.gates.iter().filter_map(|gate| results.bind(gate)).collect();
    let found = results.failing(&bounds)?;
    if found.is_none() {
        notes.push(format!(
            "more than {MOST_FAILING} cases failed {word}: which of them the evaluation suite lost is not shown"
        ));
    }
    Ok(found.unwrap_or_default())
}
