//! Hashing as commands do it: with the memory of the user's cache folder, and a line on the terminal when it takes long.
#![allow(clippy::disallowed_methods, reason = "the environment and the clock are read in commands/")]

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::progress::watched;
use crate::artifact::Tree;
use crate::files::{Hashing, StatCache};

/// What was asked on the command line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Switches {
    /// `--no-cache`.
    pub(super) no_cache: bool,
    /// `--quiet`.
    pub(super) quiet: bool,
}

/// Does something that hashes files.
pub(super) fn hashing<T>(tree: &dyn Tree, switches: Switches, work: impl FnOnce(&Hashing<'_>) -> T) -> T {
    hashing_with(stat_cache(switches.no_cache), tree, switches.quiet, work)
}

/// The same with a memory that others learn from as well.
pub(super) fn hashing_with<T>(
    cache: Option<Arc<StatCache>>,
    tree: &dyn Tree,
    quiet: bool,
    work: impl FnOnce(&Hashing<'_>) -> T,
) -> T {
    let contents = Hashing::new(tree, cache);
    let result = watched(quiet, || work(&contents));
    contents.save();
    result
}

/// What earlier runs hashed; none where that is switched off or nobody knows where it stands.
pub(super) fn stat_cache(no_cache: bool) -> Option<Arc<StatCache>> {
    cache_folder(no_cache).map(|folder| Arc::new(StatCache::open(&folder, SystemTime::now())))
}

/// The folder of the cache; none where it is switched off or nobody knows one.
pub(super) fn cache_folder(no_cache: bool) -> Option<PathBuf> {
    // In CI a cache that somebody else may have filled must not vouch for a release.
    let off = no_cache || env::var_os("CI").is_some_and(|value| !value.is_empty());
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let user = || {
        if cfg!(windows) {
            folder("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            Some(folder("HOME")?.join("Library/Caches"))
        } else {
            Some(folder("HOME")?.join(".cache"))
        }
    };
    if off { None } else { Some(folder("XDG_CACHE_HOME").or_else(user)?.join("relgate")) }
}
