//! Where a report that is asked for goes: its path may have the name of the release.

use std::path::{Path, PathBuf};

/// Stands for the name of the release in the path of a report.
const NAME: &str = "{name}";

/// The path of a report of the release of that name.
pub(super) fn of_release(path: &Path, name: &str) -> PathBuf {
    match path.to_str() {
        Some(text) => PathBuf::from(text.replace(NAME, name)),
        None => path.to_path_buf(),
    }
}

/// Whether a path needs the name of a release.
pub(super) fn needs_name(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(NAME))
}
