//! Writes a set of files so that no reader ever sees half of one, or a part of one set beside a part of another.
//!
//! Every file is first written beside its place and brought to the disk. Only when all of them are, those of an older
//! set go, and the new ones are renamed into place, the file that carries the verdict last: a run that is killed leaves the
//! old set, the new one, or no verdict. One run at a time writes into a folder; the second waits. What a killed run left
//! behind is removed by the next one. What no run made is never written over or removed.

use std::fs;
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::NamedTempFile;

use super::ahead::SyncedAhead;
use super::interrupt;
use super::ownership::Made;
use super::replace::{self, cannot_write, commit, remove_empty, stage, sweep};
use super::shown::shown;
use crate::artifact::{DigestWriter, reason, resolve};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Digest;

/// What is written at once.
const BUFFER: usize = 256 << 10;

/// Files that appear together in one folder.
#[derive(Debug)]
pub struct Output {
    folder: PathBuf,
    /// Keeps other runs out for as long as it lives.
    _alone: Option<fs::File>,
    /// The folders that were not there.
    created: Vec<PathBuf>,
    /// Names of what runs before this one made in the folder.
    made: Made,
    staged: Vec<Staged>,
}

/// A file that is not in its place yet.
#[derive(Debug)]
struct Staged {
    name: String,
    target: PathBuf,
    file: NamedTempFile,
}

impl Output {
    /// Begins a set in `folder`, which is made where it is not there; waits for another run that writes into it.
    ///
    /// # Errors
    /// Something else stands there, or it cannot be made.
    pub fn begin(folder: impl Into<PathBuf>) -> Result<Self, Diagnostic> {
        let folder = folder.into();
        let mut created = Vec::new();
        if let Err(finding) = make_folder(&folder, &mut created) {
            remove_empty(&created);
            return Err(finding);
        }
        let alone = alone_in(&folder);
        let made = Made::read(&folder);
        Ok(Self { folder, _alone: alone, created, made, staged: Vec::new() })
    }

    /// Adds a file under a name relative to the folder, `/` between folders; a later one of the same name wins.
    ///
    /// # Errors
    /// Something stands there that no run of relgate made, or the file cannot be written.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        self.add_written(name, &mut |out| out.write_all(bytes)).map(|_| ())
    }

    /// Adds a file that `write` writes; its digest.
    ///
    /// # Errors
    /// As of [`Output::add`].
    pub fn add_written(
        &mut self,
        name: &str,
        write: &mut dyn FnMut(&mut (dyn io::Write + Send)) -> io::Result<()>,
    ) -> Result<Digest, Diagnostic> {
        let target = self.target(name)?;
        if let Some(parent) = target.parent() {
            make_folder(parent, &mut self.created)?;
        }
        if target.is_dir() {
            return Err(Diagnostic::error(Code::CannotWrite, format!("`{}` is a folder", shown(&target)))
                .note("a report file of that name has to be written there")
                .help("remove it, or choose another folder with `--out`"));
        }
        if let Some(foreign) = self.made.foreign_file(name) {
            return Err(not_ours(&foreign));
        }
        sweep(std::slice::from_ref(&target));
        let refused = |error: io::Error| cannot_write(&target, &error);
        let file = stage(&target).map(SyncedAhead::new).map_err(refused)?;
        let mut out = DigestWriter::new(BufWriter::with_capacity(BUFFER, file));
        write(&mut out).map_err(refused)?;
        let (out, digest) = out.finish();
        let out = out.into_inner().map_err(|error| refused(error.into_error()))?;
        let file = out.finish().map_err(refused)?;
        self.staged.retain(|other| other.name != name);
        self.staged.push(Staged { name: name.to_owned(), target, file });
        Ok(digest)
    }

    /// Names a folder, relative as a file is, in which nothing but this set may stand.
    ///
    /// # Errors
    /// Something stands there that no run of relgate made.
    pub fn own(&self, folder: &str) -> Result<(), Diagnostic> {
        self.made.foreign_below(folder).map_or(Ok(()), |foreign| Err(not_ours(&foreign)))
    }

    /// Puts the set into place and removes what earlier runs made and this one did not. `first` is the file that says what
    /// else is there, `last` the one that carries the verdict: until it stands, the folder says nothing.
    ///
    /// # Errors
    /// Before the old set is removed: nothing has changed. After that (somebody else works in the folder): each file is
    /// new or gone, and the finding names the new ones.
    pub fn finish(mut self, first: &str, last: &str) -> Result<Vec<PathBuf>, Diagnostic> {
        self.staged.sort_by_key(|one| (one.name == last, one.name != first));
        // Waiting for the disk takes longest, so every file waits at the same time.
        self.staged
            .par_iter()
            .map(|one| one.file.as_file().sync_all().map_err(|error| cannot_write(&one.target, &error)))
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Result<Vec<()>, _>>()?;
        let names: Vec<String> = self.staged.iter().map(|one| one.name.clone()).collect();
        let _whole = interrupt::hold();
        // Whatever happens from here on, the next run knows what is ours.
        self.made.extend(&names)?;
        self.remove_old(last)?;
        let staged = std::mem::take(&mut self.staged);
        self.created.clear();
        let targets: Vec<PathBuf> = staged.iter().map(|one| one.target.clone()).collect();
        commit(staged.into_iter().map(|one| (one.file, one.target)), cannot_write)?;
        self.made.replace(&names)?;
        Ok(targets)
    }

    /// Puts the files into place beside what earlier runs made: they are of the same set, and go with it.
    ///
    /// # Errors
    /// Nothing has changed, or each file is new or as it was and the finding names the new ones.
    pub fn join(mut self) -> Result<Vec<PathBuf>, Diagnostic> {
        let names: Vec<String> = self.staged.iter().map(|one| one.name.clone()).collect();
        for one in &self.staged {
            one.file.as_file().sync_all().map_err(|error| cannot_write(&one.target, &error))?;
        }
        let _whole = interrupt::hold();
        self.made.extend(&names)?;
        let staged = std::mem::take(&mut self.staged);
        self.created.clear();
        let targets: Vec<PathBuf> = staged.iter().map(|one| one.target.clone()).collect();
        commit(staged.into_iter().map(|one| (one.file, one.target)), cannot_write)?;
        Ok(targets)
    }

    /// Removes what earlier runs made: the verdict first, because without it nothing of what is left reads as one.
    fn remove_old(&self, verdict: &str) -> Result<(), Diagnostic> {
        let mut old: Vec<&str> = self.made.names().collect();
        old.sort_by_key(|name| *name != verdict);
        for name in old {
            let path = self.target(name)?;
            match fs::remove_file(&path) {
                Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    return Err(left_behind(&path, &error));
                }
                _ => {}
            }
            // A folder that is empty now goes with its last file.
            let parents = path.ancestors().skip(1).take_while(|parent| *parent != self.folder);
            for parent in parents {
                if fs::remove_dir(parent).is_err() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether a run of relgate wrote into a folder before.
    #[must_use]
    pub fn made_in(folder: &Path) -> bool {
        Made::read(folder).names().next().is_some()
    }

    /// Removes what runs made in a folder, the verdict `report.json` first, where no new set can stand there; whether the
    /// verdict is gone.
    #[must_use]
    pub fn withdraw(folder: &Path) -> bool {
        const VERDICT: &str = "report.json";
        if !Self::made_in(folder) {
            return false;
        }
        let Ok(set) = Self::begin(folder) else { return false };
        let _whole = interrupt::hold();
        let was_there = set.made.has(VERDICT) && folder.join(VERDICT).exists();
        // What stays after the verdict reads as none.
        let _ = set.remove_old(VERDICT);
        was_there && !folder.join(VERDICT).exists()
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

impl Drop for Output {
    fn drop(&mut self) {
        // Only what never came into its place, and only folders that this set made and that are empty.
        self.staged.clear();
        remove_empty(&self.created);
    }
}

/// Creates the output folder, or one in it, and remembers every level that was not there.
fn make_folder(folder: &Path, created: &mut Vec<PathBuf>) -> Result<(), Diagnostic> {
    replace::make_folder(folder, created).map_err(|error| cannot_write(folder, &error))?;
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

/// About something that stands where a file of the set has to, or among its files.
fn not_ours(path: &Path) -> Diagnostic {
    let text = format!("`{}` was not made by relgate, and is not written over or removed", shown(path));
    Diagnostic::error(Code::NotOurs, text)
        .note(
            "the output folder is for what relgate writes; it knows its own files by `.relgate-files` in it",
        )
        .help("move the file away, or choose another folder with `--out`")
}

/// About a file of an older set that could not be removed.
fn left_behind(path: &Path, error: &io::Error) -> Diagnostic {
    let text = format!("`{}` is of an older run and cannot be removed: {}", shown(path), reason(error));
    Diagnostic::error(Code::CannotWrite, text)
        .note("it would stand beside the new files and does not belong to them")
        .help("remove it, or choose another folder with `--out`")
}
