//! Writes files where nothing stands yet.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::replace::StagedFiles;
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

/// Puts files where nothing stands yet, all of them on the disk before the first has its name, and the last one after all others: it
/// says that the others are there. Whether they were written: not where the same bytes stand there already. `own` is the folder in
/// which nothing but them may stand; what a killed run left of the same files is completed.
///
/// # Errors
/// Something else stands there, in `own` too; or they cannot be written. Nothing has changed then.
pub fn create_set(root: &Path, own: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<bool, Diagnostic> {
    let Some((last, bytes)) = files.last() else { return Ok(false) };
    if same_stands(last, bytes)? {
        return Ok(false);
    }
    inside_of(root, own)?;
    let known = |path: &Path| files.iter().any(|(own, _)| own == path);
    if let Some(foreign) = all_below(own)?.into_iter().find(|path| !known(path)) {
        let name = shown(&foreign);
        return Err(occupied(format!("`{name}` stands there already, and nobody knows what it is about")));
    }
    let mut staged = StagedFiles::default();
    for (path, bytes) in files {
        if !same_stands(path, bytes)? {
            inside_of(root, path)?;
            staged.add_with_folder(path, bytes)?;
        }
    }
    staged.commit_new()?;
    Ok(true)
}

/// Whether a file with these bytes stands at a path; none where nothing does.
fn same_stands(path: &Path, bytes: &[u8]) -> Result<bool, Diagnostic> {
    let taken = |what: &str| occupied(format!("`{}` {what}, and nothing is written over it", shown(path)));
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(taken(&format!("cannot be looked at ({})", reason(&error)))),
        Ok(about) if !about.is_file() => Err(taken("is there already")),
        Ok(about) => {
            let same = about.len() == bytes.len() as u64 && fs::read(path).is_ok_and(|own| own == bytes);
            if same { Ok(true) } else { Err(taken("is there already, with other content")) }
        }
    }
}

/// Every file, link and the like below a folder but what unfinished writes of relgate left.
fn all_below(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let taken = |error: &std::io::Error| {
        occupied(format!("`{}` is no folder that could be filled: {}", shown(folder), reason(error)))
    };
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(taken(&error)),
        Ok(about) if !about.is_dir() => return Ok(vec![folder.to_path_buf()]),
        Ok(_) => {}
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| taken(&error))? {
        let path = entry.map_err(|error| taken(&error))?.path();
        if !super::replace::is_staged(&path) {
            found.extend(all_below(&path)?);
        }
    }
    Ok(found)
}

/// A place whose folders, as far as they are there, are in the root.
fn inside_of(root: &Path, place: &Path) -> Result<(), Diagnostic> {
    let real = place.ancestors().skip(1).find_map(|folder| {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        fs::canonicalize(here).ok()
    });
    if real.is_some_and(|real| real.starts_with(root)) {
        return Ok(());
    }
    let text = format!("`{}` is not in the root `{}`", shown(place), shown(root));
    Err(Diagnostic::error(Code::CannotWrite, text).help("a link leads out of it: make it a folder"))
}

fn occupied(text: String) -> Diagnostic {
    Diagnostic::error(Code::AlreadyThere, text).help("name a new folder, or move away what stands there")
}
