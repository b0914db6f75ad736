//! What an earlier look came to, where nobody wrote to the log since.
#![allow(clippy::disallowed_methods, reason = "the clock and the program itself are looked at in commands/")]

use std::env;
use std::fmt::Write as _;
use std::time::SystemTime;

use super::derived;
use crate::commands::hashing::cache_folder;
use crate::files::{KeptLook, LogFile, Worktree};
use crate::judge;
use crate::monitor::{LogPlan, Watch, WatchPlan};
use crate::release::Release;

/// Everything that a look depends on besides its time.
pub(super) struct Depends<'a> {
    pub(super) root: &'a Worktree,
    pub(super) release: &'a Release,
    pub(super) files: &'a [LogFile],
    pub(super) log: &'a LogPlan,
    pub(super) watch: &'a WatchPlan,
}

/// The place of what this look comes to; none where nothing may be kept, or where nobody can know that it stays the same.
pub(super) struct Memory<'a> {
    place: KeptLook,
    depends: Depends<'a>,
    files: Vec<String>,
}

impl<'a> Memory<'a> {
    pub(super) fn of(depends: Depends<'a>, no_cache: bool) -> Option<Self> {
        let folder = cache_folder(no_cache)?;
        let files = settled(depends.files)?;
        let Depends { root, release, log, watch, .. } = &depends;
        let made_for = judge::made_for(&release.manifest, &release.sha256, &release.inherited);
        let against = derived::against(&release.manifest, release.tree.as_ref()).ok()?;
        let watch = WatchPlan { now: 0.0, ..(*watch).clone() };
        let mut key = program()?;
        // Both plans are plain data, and their numbers are written to the last digit; what is worked out of responses depends on the
        // manifest and on the texts that it names.
        let _ = write!(key, "{made_for:?}\n{against:?}\n{log:?}\n{watch:?}\n{files:?}");
        let subject = root.absolute(root.manifest_path());
        let place = KeptLook::of(&folder, &subject.to_string_lossy(), &key);
        Some(Self { place, depends, files })
    }

    /// What watched an unchanged log.
    pub(super) fn recall(&self) -> Option<Watch> {
        Watch::recall(self.depends.watch.clone(), &self.place.recall()?)
    }

    /// Keeps what was seen, unless a file was written to meanwhile.
    pub(super) fn keep(&self, watch: &Watch) {
        if settled(self.depends.files).as_ref() == Some(&self.files)
            && let Some(kept) = watch.keep()
        {
            self.place.keep(&kept);
        }
    }
}

fn settled(files: &[LogFile]) -> Option<Vec<String>> {
    let now = SystemTime::now();
    files.iter().map(|file| file.settled(now)).collect()
}

/// This very program: another one may come to something else.
fn program() -> Option<String> {
    let about = env::current_exe().ok()?.metadata().ok()?;
    let modified = about.modified().ok()?;
    Some(format!("{} {} {modified:?}\n", env!("CARGO_PKG_VERSION"), about.len()))
}
