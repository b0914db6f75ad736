//! Where a ledger is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::artifact::Trouble;
use crate::cli::LedgerPlace;
use crate::diagnostic::{Diagnostics, Sources};
use crate::files::Worktree;
use crate::ledger::FOLDER;
use crate::manifest::Manifest;
use crate::release::{self, SharedPolicy};

/// Another command that writes the ledger is waited for so long.
pub(in crate::commands) const PATIENCE: Duration = Duration::from_secs(10);

/// The folder of the ledger, found from the current folder: as given, as release.yaml says, or the usual one.
pub(in crate::commands) fn folder(place: &LedgerPlace) -> Result<PathBuf, Diagnostics> {
    let manifest = Path::new("release.yaml");
    let root = Worktree::find(manifest, place.root.as_deref())?;
    if place.ledger.is_some() || !manifest.exists() {
        return folder_of(place.ledger.as_deref(), None, &root);
    }
    let mut sources = Sources::new();
    let declared = release::declare(&root, SharedPolicy::OrOwn, &mut sources);
    declared
        .and_then(|declared| folder_of(None, Some(&declared.manifest), &root))
        .map_err(|findings| findings.settled(&sources))
}

/// The folder of the ledger of a release: as given, as its manifest says, or the usual one below the root. As messages show it.
pub(in crate::commands) fn folder_of(
    given: Option<&Path>,
    manifest: Option<&Manifest>,
    root: &Worktree,
) -> Result<PathBuf, Diagnostics> {
    if let Some(given) = given {
        return Ok(given.to_path_buf());
    }
    let deployment = manifest.and_then(|manifest| manifest.deployment.as_ref());
    let path = match deployment.and_then(|deployment| deployment.ledger.as_ref()) {
        Some(declared) => root
            .resolve(&declared.value)
            .map_err(|trouble: Trouble| trouble.finding(&declared.value).at(declared.span, "the ledger"))?,
        None => FOLDER.to_owned(),
    };
    Ok(PathBuf::from(root.from_here(&path)))
}
