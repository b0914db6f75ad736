//! Values with their limits for a manifest that stands in no file: what `try` prints without a rule, and what `init` makes
//! limits of.

use crate::diagnostic::{Diagnostics, Sources};
use crate::judge::{self, Level, Opened};
use crate::manifest;
use crate::propose::ManifestDraft;

/// Measures what the gates of a draft are about, in the order of the gates; `opened` are the results of its evidence.
///
/// # Errors
/// Damaged results, or gates that do not fit them.
pub(super) fn levels(draft: &ManifestDraft, opened: &mut [Opened]) -> Result<Vec<Level>, Diagnostics> {
    let mut sources = Sources::new();
    let file = sources.add("", draft.text());
    // The draft is no file of anybody's: its findings stand nowhere.
    let settled = |findings: Diagnostics| findings.settled(&sources);
    let manifest = manifest::parse(&sources, file).map_err(settled)?;
    let gates = judge::ask(&manifest, opened).map_err(settled)?;
    judge::levels(&manifest, opened, &gates).map_err(settled)
}
