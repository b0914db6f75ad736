//! Writes a file in the place of an older one: first beside it and to the disk, then by renaming, so that nobody ever reads
//! half of one. What a killed run left behind is removed by the next one.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::interrupt;
use super::shown::shown;
use crate::artifact::reason;
use crate::diagnostic::{Code, Diagnostic, list};

/// How the name of a file begins that is not in its place yet.
const STAGED: &str = ".relgate-";
/// How it ends.
const UNFINISHED: &str = ".tmp";

/// A file without a name beside `path`, for what has to be written before it is known what stands in front of it.
///
/// # Errors
/// The folder of `path` cannot be written.
pub fn scratch(path: &Path) -> Result<fs::File, Diagnostic> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    tempfile::tempfile_in(folder).map_err(|error| cannot_replace(path, &error))
}

/// Replaces one file, or makes it, in a folder that exists; a symbolic link stays one and its target is replaced.
///
/// # Errors
/// The old file is untouched.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    replace_files(&[(path, bytes)])
}

/// Replaces several files as [`replace_file`] does one, none before all of them are on the disk.
///
/// # Errors
/// As of `Output::finish`.
pub fn replace_files(files: &[(&Path, &[u8])]) -> Result<(), Diagnostic> {
    let mut staged = StagedFiles::default();
    for (path, bytes) in files {
        staged.add(path, bytes)?;
    }
    staged.commit()
}

/// Files that are on the disk, each beside the place where it is to stand; dropped, they leave no trace.
#[derive(Debug, Default)]
pub struct StagedFiles {
    files: Vec<(NamedTempFile, PathBuf)>,
    /// The folders that were not there.
    created: Vec<PathBuf>,
}

impl StagedFiles {
    /// The same in a folder that is made where it is not there.
    ///
    /// # Errors
    /// As of [`StagedFiles::add`]; or the folder cannot be made.
    pub fn add_with_folder(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
        if let Some(folder) = path.parent() {
            make_folder(folder, &mut self.created).map_err(|error| cannot_replace(path, &error))?;
        }
        self.add(path, bytes)
    }

    /// Adds a file that is to stand at `path`, in a folder that exists; a symbolic link stays one and its target is replaced.
    ///
    /// # Errors
    /// It cannot be written beside it, or what stands there is no file.
    pub fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        sweep(std::slice::from_ref(&target));
        self.add_written(path, &mut |out| out.write_all(bytes))
    }

    /// The same of a file that `write` writes, beside others that write into the same folder at the same time: what killed runs
    /// left there stays.
    ///
    /// # Errors
    /// As of [`StagedFiles::add`].
    pub fn add_written(
        &mut self,
        path: &Path,
        write: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), Diagnostic> {
        let target = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) if error.kind() == ErrorKind::NotFound => path.to_path_buf(),
            Err(error) => return Err(cannot_replace(path, &error)),
        };
        if target.exists() && !target.is_file() {
            return Err(Diagnostic::error(Code::CannotWrite, format!("`{}` is not a file", shown(path)))
                .help("remove it or name another file"));
        }
        let file = stage(&target)
            .and_then(|mut file| write(&mut file).map(|()| file))
            .and_then(|file| file.as_file().sync_all().map(|()| file))
            .map_err(|error| cannot_replace(path, &error))?;
        self.files.push((file, target));
        Ok(())
    }

    /// Puts every file into its place.
    ///
    /// # Errors
    /// As of `Output::finish`.
    pub fn commit(mut self) -> Result<(), Diagnostic> {
        let _whole = interrupt::hold();
        commit(std::mem::take(&mut self.files).into_iter(), cannot_replace)
    }

    /// Puts every file into its place, where nothing stands yet, in the order in which they were added.
    ///
    /// # Errors
    /// Something stands there by now, or the system refuses: none of them is there then.
    pub fn commit_new(mut self) -> Result<(), Diagnostic> {
        let _whole = interrupt::hold();
        let mut done: Vec<PathBuf> = Vec::new();
        for (file, target) in std::mem::take(&mut self.files) {
            if let Err(error) = file.persist_noclobber(&target) {
                for new in &done {
                    // They were made a moment ago, by nobody else.
                    let _ = fs::remove_file(new);
                }
                return Err(cannot_replace(&target, &error.error));
            }
            done.push(target);
        }
        sync_folders(&done);
        self.created.clear();
        Ok(())
    }
}

impl Drop for StagedFiles {
    fn drop(&mut self) {
        self.files.clear();
        // Those that hold nothing.
        remove_empty(&self.created);
    }
}

/// Removes folders that are empty, the innermost first.
pub(super) fn remove_empty(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
}

/// Creates a folder and remembers every level that was not there.
pub(super) fn make_folder(folder: &Path, created: &mut Vec<PathBuf>) -> io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|level| !level.as_os_str().is_empty() && fs::symlink_metadata(level).is_err())
        .collect();
    for level in missing.into_iter().rev() {
        match interrupt::make_folder(level) {
            Ok(()) => created.push(level.to_path_buf()),
            // Another run made it in the meantime.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Removes what killed runs left beside `targets`: staged files that no living run holds.
pub(super) fn sweep(targets: &[PathBuf]) {
    let mut folders: Vec<&Path> = targets.iter().filter_map(|target| target.parent()).collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in folders {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if !is_staged(&entry.path()) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                continue;
            }
            let abandoned = fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
            if abandoned {
                // One that stays is in nobody's way.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Whether a path is that of a file that is not in its place yet.
pub(super) fn is_staged(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(STAGED) && name.ends_with(UNFINISHED))
}

/// A temporary file beside `target`, with the mode that the file is to have.
pub(super) fn stage(target: &Path) -> io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let old = fs::metadata(target).ok().map(|about| about.permissions());
    let mut builder = tempfile::Builder::new();
    builder.prefix(STAGED).suffix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        // From which the system takes the umask, as for every other new file; the crate's own default is 0600.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = interrupt::stage(|| builder.tempfile_in(folder))?;
    // Says that somebody is at work on it; where a file system has no locks, the sweep keeps away as well.
    let _ = file.as_file().try_lock();
    if let Some(old) = old {
        // Renaming replaces a read-only file without a word; whoever made it so meant it.
        if old.readonly() {
            return Err(io::Error::new(ErrorKind::PermissionDenied, "the file is read-only"));
        }
        file.as_file().set_permissions(old)?;
    }
    Ok(file)
}

/// Renames every staged file into place; dropping the others removes them. `refused` words what the system refuses.
pub(super) fn commit(
    staged: impl Iterator<Item = (NamedTempFile, PathBuf)>,
    refused: fn(&Path, &io::Error) -> Diagnostic,
) -> Result<(), Diagnostic> {
    let mut done: Vec<PathBuf> = Vec::new();
    for (file, target) in staged {
        if let Err(error) = file.persist(&target) {
            let finding = refused(&target, &error.error);
            let new: Vec<String> = done.iter().map(|path| shown(path)).collect();
            return Err(if new.is_empty() {
                finding
            } else {
                finding.note(format!("already new: {}", list(new.iter().map(String::as_str), 10)))
            });
        }
        done.push(target);
    }
    sync_folders(&done);
    Ok(())
}

/// Brings the new names to the disk where the system has a way to say so.
pub(super) fn sync_folders(targets: &[PathBuf]) {
    #[cfg(unix)]
    {
        let mut folders: Vec<&Path> = targets
            .iter()
            .filter_map(|target| target.parent())
            .filter(|folder| !folder.as_os_str().is_empty())
            .collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            // The files are in place whatever this says; some file systems cannot sync a folder.
            let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
        }
    }
    #[cfg(not(unix))]
    let _ = targets;
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::CannotWrite, format!("`{}` cannot be written: {}", shown(path), reason(error)))
}

/// About one file that stands where it has to, or that somebody named: no option gives it another folder.
fn cannot_replace(path: &Path, error: &io::Error) -> Diagnostic {
    let finding = unwritable(path, error);
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => finding.help("make room on that disk"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            finding.help("let the user who runs relgate write to it and to its folder")
        }
        ErrorKind::NotFound => finding.help("make its folder first; only the file is made"),
        ErrorKind::AlreadyExists => {
            finding.note("something stands there that is not relgate's").help("move it away")
        }
        ErrorKind::NotADirectory => {
            finding.note("a file stands where a folder is needed").help("check the path")
        }
        _ => finding.help("check the path and the disk"),
    }
}

/// About a file of the output folder.
pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Diagnostic {
    let finding = unwritable(path, error);
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            finding.help("make room, or choose a folder on another disk with `--out`")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => finding
            .help("choose a folder that may be written with `--out`, or run without output: `--dry-run`"),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            finding.note("a file stands where a folder is needed").help("choose another folder with `--out`")
        }
        _ => finding.help("choose another folder with `--out`"),
    }
}
