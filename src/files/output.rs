//! Writes a set of files so that no reader ever sees half of one, or a part of one set beside a part of another.
//!
//! Every file is first written beside its place and brought to the disk. Only when all of them are, those of an older
//! set go, and the new ones are renamed into place, the file that carries the verdict last: a run that is killed leaves the
//! old set, the new one, or no verdict. One run at a time writes into a folder; the second waits. What a killed run left
//! behind is removed by the next one.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::NamedTempFile;

use super::listing::remove_others;
use super::shown;
use crate::artifact::{reason, resolve};
use crate::diagnostic::{Code, Diagnostic, list};

/// Files that appear together in one folder.
#[derive(Debug)]
pub struct Output {
    folder: PathBuf,
    files: Vec<(String, Vec<u8>)>,
    own: Vec<String>,
}

/// How the name of a file begins that is not in its place yet.
const STAGED: &str = ".relgate-";
/// How it ends.
const UNFINISHED: &str = ".tmp";

impl Output {
    /// A set for `folder`, which is created when the set is written.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), files: Vec::new(), own: Vec::new() }
    }

    /// Adds a file under a name relative to the folder, `/` between folders; a later one of the same name wins.
    pub fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        let name = name.into();
        self.files.retain(|(other, _)| *other != name);
        self.files.push((name, bytes.into()));
    }

    /// Puts a file of the set, by its name, into place last: until then the set says nothing.
    pub fn last(&mut self, name: &str) {
        self.files.sort_by_key(|(other, _)| other == name);
    }

    /// Names a folder, relative as a file is, that holds this set only: what else stands there was left behind by an older
    /// one and is removed once this one is in place.
    pub fn own(&mut self, folder: impl Into<String>) {
        self.own.push(folder.into());
    }

    /// Writes the set; the paths in the order in which they were added, which is that of the renames too: what says
    /// whether the set is whole is added last.
    ///
    /// # Errors
    /// Before the old set is removed: nothing has changed. After that (somebody else works in the folder): each file is
    /// new or gone, and the finding names the new ones.
    pub fn write(self) -> Result<Vec<PathBuf>, Diagnostic> {
        let mut created = Vec::new();
        let result = self.write_all(&mut created);
        if result.is_err() {
            // Only folders that this call made, and only while they are empty: the error is what matters.
            for folder in created.iter().rev() {
                let _ = fs::remove_dir(folder);
            }
        }
        result
    }

    fn write_all(&self, created: &mut Vec<PathBuf>) -> Result<Vec<PathBuf>, Diagnostic> {
        let mut targets = Vec::with_capacity(self.files.len());
        make_folder(&self.folder, created)?;
        let _alone = alone_in(&self.folder);
        for (name, _) in &self.files {
            let target = self.target(name)?;
            if let Some(parent) = target.parent() {
                make_folder(parent, created)?;
            }
            if target.is_dir() {
                return Err(Diagnostic::error(
                    Code::CannotWrite,
                    format!("`{}` is a folder", shown(&target)),
                )
                .note("a report file of that name has to be written there")
                .help("remove it, or choose another folder with `--out`"));
            }
            targets.push(target);
        }
        sweep(&targets);
        let staged = self
            .files
            .iter()
            .zip(&targets)
            .map(|((_, bytes), target)| stage(target, bytes).map_err(|error| cannot_write(target, &error)))
            .collect::<Result<Vec<_>, _>>()?;
        // Waiting for the disk takes longest, so every file waits at the same time.
        staged
            .par_iter()
            .zip(&targets)
            .map(|(file, target)| file.as_file().sync_all().map_err(|error| cannot_write(target, &error)))
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<Vec<()>, _>>()?;
        // The verdict first: without it, nothing of what is left reads as one.
        for target in targets.iter().rev() {
            match fs::remove_file(target) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(cannot_write(target, &error));
                }
                _ => {}
            }
        }
        commit(staged, &targets, cannot_write)?;
        for folder in &self.own {
            let folder = self.target(folder)?;
            remove_others(&folder, &targets).map_err(|(path, error)| left_behind(&path, &error))?;
            // A set without files there leaves no empty folder.
            let _ = fs::remove_dir(&folder);
        }
        Ok(targets)
    }

    /// Where a file goes; a name that would lead out of the folder is refused.
    fn target(&self, name: &str) -> Result<PathBuf, Diagnostic> {
        match resolve("", name) {
            Ok(path) if !path.is_empty() => Ok(self.folder.join(path)),
            _ => Err(Diagnostic::error(
                Code::CannotWrite,
                format!("`{name}` is not a name inside the output folder"),
            )
            .help("give a relative path without `..`")),
        }
    }
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
/// As of [`Output::write`].
pub fn replace_files(files: &[(&Path, &[u8])]) -> Result<(), Diagnostic> {
    let mut staged = Vec::with_capacity(files.len());
    let mut targets = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let target = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) if error.kind() == ErrorKind::NotFound => path.to_path_buf(),
            Err(error) => return Err(cannot_replace(path, &error)),
        };
        if target.exists() && !target.is_file() {
            return Err(Diagnostic::error(Code::CannotWrite, format!("`{}` is not a file", shown(path)))
                .help("remove it or name another file"));
        }
        sweep(std::slice::from_ref(&target));
        let file = stage(&target, bytes)
            .and_then(|staged| staged.as_file().sync_all().map(|()| staged))
            .map_err(|error| cannot_replace(path, &error))?;
        staged.push(file);
        targets.push(target);
    }
    commit(staged, &targets, cannot_replace)
}

/// Creates a folder and remembers every level that was not there.
fn make_folder(folder: &Path, created: &mut Vec<PathBuf>) -> Result<(), Diagnostic> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|level| !level.as_os_str().is_empty() && fs::symlink_metadata(level).is_err())
        .collect();
    for level in missing.into_iter().rev() {
        match fs::create_dir(level) {
            Ok(()) => created.push(level.to_path_buf()),
            // Another run made it in the meantime.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(cannot_write(folder, &error)),
        }
    }
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    Err(Diagnostic::error(Code::CannotWrite, format!("`{}` is not a folder", shown(folder)))
        .note("the report needs a folder, and something else stands there")
        .help("remove it, or choose another folder with `--out`"))
}

/// Waits until no other run writes into the folder, for as long as what is returned lives; none where the system has no
/// locks on folders.
fn alone_in(folder: &Path) -> Option<fs::File> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let handle = fs::File::open(folder).ok()?;
    handle.lock().ok()?;
    Some(handle)
}

/// Removes what killed runs left beside `targets`: staged files that no living run holds.
fn sweep(targets: &[PathBuf]) {
    let mut folders: Vec<&Path> = targets.iter().filter_map(|target| target.parent()).collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in folders {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let ours =
                name.to_str().is_some_and(|name| name.starts_with(STAGED) && name.ends_with(UNFINISHED));
            if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
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

/// Writes the bytes to a temporary file beside `target`, with the mode that the file is to have.
fn stage(target: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
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
    let mut file = builder.tempfile_in(folder)?;
    // Says that somebody is at work on it; where a file system has no locks, the sweep keeps away as well.
    let _ = file.as_file().try_lock();
    if let Some(old) = old {
        // Renaming replaces a read-only file without a word; whoever made it so meant it.
        if old.readonly() {
            return Err(io::Error::new(ErrorKind::PermissionDenied, "the file is read-only"));
        }
        file.as_file().set_permissions(old)?;
    }
    file.write_all(bytes)?;
    Ok(file)
}

/// Renames every staged file into place; dropping the others removes them. `refused` words what the system refuses.
fn commit(
    staged: Vec<NamedTempFile>,
    targets: &[PathBuf],
    refused: fn(&Path, &io::Error) -> Diagnostic,
) -> Result<(), Diagnostic> {
    let mut done: Vec<String> = Vec::new();
    for (file, target) in staged.into_iter().zip(targets) {
        if let Err(error) = file.persist(target) {
            let finding = refused(target, &error.error);
            return Err(if done.is_empty() {
                finding
            } else {
                finding.note(format!("already new: {}", list(done.iter().map(String::as_str), 10)))
            });
        }
        done.push(shown(target));
    }
    sync_folders(targets);
    Ok(())
}

/// Brings the new names to the disk where the system has a way to say so.
fn sync_folders(targets: &[PathBuf]) {
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

fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::CannotWrite, format!("`{}` cannot be written: {}", shown(path), reason(error)))
}

/// About a file of an older set that could not be removed.
fn left_behind(path: &Path, error: &io::Error) -> Diagnostic {
    let text = format!("`{}` is of an older run and cannot be removed: {}", shown(path), reason(error));
    Diagnostic::error(Code::CannotWrite, text)
        .note("all new files are in place, and it does not belong to them")
        .help("remove it, or choose another folder with `--out`")
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
        ErrorKind::NotADirectory => {
            finding.note("a file stands where a folder is needed").help("check the path")
        }
        _ => finding.help("check the path and the disk"),
    }
}

/// About a file of the output folder.
fn cannot_write(path: &Path, error: &io::Error) -> Diagnostic {
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
