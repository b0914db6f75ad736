//! The names in a folder, and the removal of what does not belong there.
//!
//! Deliberately absent: following a symbolic link that stands for a folder; what it points to is somebody else's.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::shown;
use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic};

/// The names of what stands in a folder, sorted; none where there is no such folder. Names that start with a dot are those
/// of the system and left out.
///
/// # Errors
/// The folder cannot be listed.
pub fn names_in(folder: &Path) -> Result<Vec<String>, Diagnostic> {
    let unreadable = |error: &io::Error| {
        Diagnostic::error(
            Code::Unreadable,
            format!("`{}` cannot be listed: {}", shown(folder), reason(error)),
        )
        .in_file(shown(folder))
        .help("make it readable for the user who runs relgate")
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(unreadable(&error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| unreadable(&error))?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Removes every file below `folder` that is none of `keep`, and the folders that are empty then. The path with the error
/// that stopped it.
pub(super) fn remove_others(folder: &Path, keep: &[PathBuf]) -> Result<(), (PathBuf, io::Error)> {
    let at = |path: &Path| {
        let path = path.to_path_buf();
        move |error| (path, error)
    };
    // Not `is_dir`, which would follow a link.
    match fs::symlink_metadata(folder) {
        Ok(about) if about.is_dir() => {}
        _ => return Ok(()),
    }
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let path = entry.path();
        if entry.file_type().map_err(at(&path))?.is_dir() {
            remove_others(&path, keep)?;
            // It stays where something is left in it.
            let _ = fs::remove_dir(&path);
        } else if !keep.contains(&path) {
            fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}
