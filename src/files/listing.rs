//! What stands in a folder. A symbolic link that stands for a folder is not followed: what it points to is somebody else's.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::shown::shown;
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

/// Every file below `folder`, with its name as seen from where the folder is called `name`. A symbolic link is a file,
/// whatever it points to. Names that start with a dot are those of the system and left out.
pub(super) fn files_below(folder: &Path, name: &str) -> Vec<(PathBuf, String)> {
    // Not `is_dir`, which would follow a link.
    match fs::symlink_metadata(folder) {
        Ok(about) if about.is_dir() => {}
        Ok(_) => return vec![(folder.to_path_buf(), name.to_owned())],
        Err(_) => return Vec::new(),
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let own = entry.file_name().to_string_lossy().into_owned();
        if own.starts_with('.') {
            continue;
        }
        let name = format!("{name}/{own}");
        found.extend(files_below(&entry.path(), &name));
    }
    found.sort();
    found
}
