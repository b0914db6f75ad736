//! Writes files where nothing stands yet.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::shown::shown;
use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic};

/// Makes a file that was not there.
///
/// # Errors
/// Something stands there, be it a link to nowhere; or it cannot be written.
pub fn create_file(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    let name = shown(path);
    let written = File::create_new(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            occupied(format!("`{name}` is there already, and nothing is written over it"))
        }
        _ => Diagnostic::error(Code::CannotWrite, format!("`{name}` cannot be written: {}", reason(&error)))
            .help("make the folder writable, or name another"),
    })
}

/// Makes a folder for a set of new files, and the files; their paths are relative to it.
///
/// # Errors
/// The folder is there and not empty, or something cannot be written.
pub fn create_folder(folder: &Path, files: &[(&str, String)]) -> Result<(), Diagnostic> {
    let name = shown(folder);
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(occupied(format!("the folder `{name}` is not empty")));
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound && !folder.is_symlink() => {}
        Err(error) => {
            return Err(occupied(format!("`{name}` is no folder that could be filled: {}", reason(&error))));
        }
    }
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| {
                let text = format!("`{}` cannot be made: {}", shown(parent), reason(&error));
                Diagnostic::error(Code::CannotWrite, text).help("name a folder that can be written to")
            })?;
        }
        create_file(&path, text.as_bytes())?;
    }
    Ok(())
}

fn occupied(text: String) -> Diagnostic {
    Diagnostic::error(Code::AlreadyThere, text).help("name a new folder, or move away what stands there")
}
