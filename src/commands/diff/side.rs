//! The two releases, loaded from where they are: the working tree, a commit, or a bundle.

use std::path::Path;

use super::operands::Operand;
use crate::diagnostic::{Diagnostic, Diagnostics, Nature, Sources};
use crate::files::{self, Named, Worktree, is_bundle, manifest_of, read_manifest};
use crate::release::{self, Release, SharedPolicy};

/// Where revisions are looked up, and the manifest in them that is meant.
pub(super) struct Home<'a> {
    /// The working tree's manifest: that of the other side, else the one of `--manifest`.
    pub(super) manifest: &'a Path,
    /// `--root`.
    pub(super) root: Option<&'a Path>,
}

/// Loads a release.
///
/// # Errors
/// Whatever keeps any part of it from being read or being what it should be.
pub(super) fn load(
    operand: &Operand,
    home: &Home<'_>,
    sources: &mut Sources,
) -> Result<Release, Diagnostics> {
    let text = operand.text();
    let beside = match operand {
        Operand::Git { .. } => Worktree::find(home.manifest, home.root)?,
        Operand::Path(path) => {
            let manifest = manifest_of(path);
            if !path.exists() {
                let name = manifest.to_string_lossy();
                read_manifest(&manifest, &name).map_err(|finding| other_ways(finding, &name))?;
            }
            Worktree::find(&manifest, home.root.filter(|_| !is_bundle(path)))?
        }
    };
    let tree =
        files::find(&Named { text: &text, span: None, what: "release", beside: &beside, bounded: true })?;
    release::load(tree, SharedPolicy::Whole, sources)
}

/// A path that is not there may have been meant as a revision.
fn other_ways(finding: Diagnostic, path: &str) -> Diagnostic {
    if finding.nature == Nature::Absent && !path.contains(['/', '\\']) {
        return finding.help(format!("a git revision is written `git:{path}`"));
    }
    finding
}
