//! Hashing as commands do it: with the memory of the user's cache folder, and a line on the terminal when it takes long.
#![allow(clippy::disallowed_methods, reason = "the environment and the clock are read in commands/")]

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::artifact::Tree;
use crate::files::{Hashing, StatCache};

/// Shorter work is not shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn.
const REDRAW: Duration = Duration::from_millis(100);

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
    let cache = cache_folder(switches).map(|folder| StatCache::open(&folder, SystemTime::now()));
    let contents = Hashing::new(tree, cache);
    let shown = !switches.quiet && io::stderr().is_terminal();
    let result = thread::scope(|scope| {
        // Dropped when the work is done, or when it panics.
        let (working, waiting) = mpsc::channel::<()>();
        let watched = &contents;
        if shown {
            scope.spawn(move || show(watched, &waiting));
        }
        let result = work(watched);
        drop(working);
        result
    });
    contents.save();
    result
}

/// The folder of the cache; none where it is switched off or nobody knows one.
fn cache_folder(switches: Switches) -> Option<PathBuf> {
    // In CI a cache that somebody else may have filled must not vouch for a release.
    let off = switches.no_cache || env::var_os("CI").is_some_and(|value| !value.is_empty());
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

/// Draws one line over itself until the work is done; a terminal that cannot be written to is left alone.
fn show(contents: &Hashing<'_>, waiting: &Receiver<()>) {
    let start = Instant::now();
    let mut pause = PATIENCE;
    while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(pause) {
        pause = REDRAW;
        let (done, total) = contents.progress();
        let _ = write!(io::stderr(), "\r{}\x1b[K", line(done, total, start.elapsed()));
    }
    if pause == REDRAW {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}

/// "hashing 1.2 GiB of 2.0 GiB, 512.0 MiB/s, 2 s left".
fn line(done: u64, total: u64, elapsed: Duration) -> String {
    use std::fmt::Write as _;

    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    let mut line = format!("hashing {} of {}, {}/s", size(done as f64), size(total as f64), size(rate));
    if done > 0 && total > done {
        let _ = write!(line, ", {:.0} s left", ((total - done) as f64 / rate).ceil());
    }
    line
}

fn size(bytes: f64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    let word = units.get(unit).unwrap_or(&"");
    if unit == 0 { format!("{value:.0} {word}") } else { format!("{value:.1} {word}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_bytes_rate_and_time_left() {
        let two = Duration::from_secs(2);
        assert_eq!(line(1 << 30, 2 << 30, two), "hashing 1.0 GiB of 2.0 GiB, 512.0 MiB/s, 2 s left");
        assert_eq!(line(0, 100, two), "hashing 0 bytes of 100 bytes, 0 bytes/s");
        assert_eq!(line(100, 100, two), "hashing 100 bytes of 100 bytes, 50 bytes/s");
    }
}
