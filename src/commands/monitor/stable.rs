//! The release that serves the rest, where no rollout says it.

use crate::diagnostic::Sources;
use crate::files::{self, Named, Worktree};
use crate::manifest::{self, Manifest, Reference};

/// Its version: that of `deployment: stable:`, else the baseline's; none where there is no such release.
pub(super) fn version(manifest: &Manifest, root: &Worktree) -> Option<String> {
    let declared = manifest.deployment.as_ref().and_then(|deployment| deployment.stable.as_ref());
    let given = declared.map(|stable| stable.value.as_str());
    let named = Named::of(Reference::Baseline, given, manifest, root)?;
    let tree = files::find(&named).ok()?;
    let mut sources = Sources::new();
    // Nothing but its version is needed: it may be older than a key that is asked for today.
    let text = tree.text(tree.manifest()).ok()?;
    let file = sources.add("", text.text);
    let sketch = manifest::sketch(&sources, file);
    sketch.manifest.map(|manifest| manifest.version.value.to_string())
}
