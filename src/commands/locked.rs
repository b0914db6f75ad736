//! The lock file beside a manifest, for the commands that make it and look at it.

use std::path::Path;

use crate::artifact::NamedText;
use crate::artifact::lock::Lock;
use crate::diagnostic::Diagnostic;
use crate::files::read_text;
use crate::manifest::{Digest, Manifest};
use crate::release::read_lock;

/// The lock of a release at a path and the digest of that file; none where nothing stands there.
pub(super) fn load(path: &Path, manifest: &Manifest) -> Result<Option<(Lock, Digest)>, Diagnostic> {
    let name = path.to_string_lossy().into_owned();
    let Some(text) = read_text(path, &name)? else { return Ok(None) };
    read_lock(&NamedText { name, text }, manifest).map(Some)
}
