//! An end in the middle, as by Ctrl-C: what is being put into place is put there as a whole first, and what is not in its place yet
//! leaves no trace.
//!
//! A signal belongs to the process, and so does this memory of what the process has not finished.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What has to be waited for and what has to go.
struct Unfinished {
    /// Sets that are being put into place.
    holders: usize,
    /// Whether the process is about to end.
    ending: bool,
    /// Whether a set was put into place.
    written: bool,
    /// Every file that was staged; those that came into their place are not there any more.
    staged: Vec<PathBuf>,
    /// Every folder that was made, the outer ones first.
    made: Vec<PathBuf>,
}

static UNFINISHED: Mutex<Unfinished> = Mutex::new(Unfinished {
    holders: 0,
    ending: false,
    written: false,
    staged: Vec::new(),
    made: Vec::new(),
});
static CHANGED: Condvar = Condvar::new();

thread_local! {
    /// Sets within sets that this thread puts into place.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

fn unfinished() -> MutexGuard<'static, Unfinished> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the process from ending in the middle of a set.
pub(super) struct Hold(());

/// Until what is returned is dropped, the process ends neither by Ctrl-C nor by a polite request; once it is about to end, nobody
/// gets this far.
pub(super) fn hold() -> Hold {
    let mut state = to_make();
    state.holders += 1;
    DEPTH.set(DEPTH.get() + 1);
    Hold(())
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = unfinished();
        state.holders -= 1;
        state.written = true;
        DEPTH.set(DEPTH.get() - 1);
        CHANGED.notify_all();
    }
}

/// The memory, to make something that is not finished; once the process is about to end, nobody gets this far but who finishes a set.
fn to_make() -> MutexGuard<'static, Unfinished> {
    let mut state = unfinished();
    while state.ending && DEPTH.get() == 0 {
        state = CHANGED.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    state
}

/// Makes a file that is not in its place yet.
pub(super) fn stage<F: AsRef<Path>>(make: impl FnOnce() -> io::Result<F>) -> io::Result<F> {
    let mut state = to_make();
    let file = make()?;
    state.staged.push(file.as_ref().to_path_buf());
    Ok(file)
}

/// Makes a folder for files that are not in their places yet.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut state = to_make();
    fs::create_dir(folder)?;
    state.made.push(folder.to_path_buf());
    Ok(())
}

/// Waits for what is being put into place and removes what is not; from then on this process writes nothing. Whether it had put
/// something into place.
#[must_use]
pub fn end_in_the_middle() -> bool {
    let mut state = unfinished();
    state.ending = true;
    while state.holders > 0 {
        state = CHANGED.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    for file in &state.staged {
        let _ = fs::remove_file(file);
    }
    // Only those that are empty go.
    for folder in state.made.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
    state.written
}
