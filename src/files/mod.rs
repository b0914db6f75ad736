//! The only reader and writer of files: the world on one side, the traits of the stages on the other.
//!
//! [`Worktree`], [`Commit`] and [`Bundle`] implement [`Tree`](crate::artifact::Tree), [`find`] says which of them a name means,
//! [`EvidenceFile`] implements [`Source`](crate::artifact::Source), [`Output`] writes sets of files without leaving half of
//! one, [`StatCache`] remembers digests. Neither the clock nor the environment is read here.
#![allow(
    clippy::disallowed_methods,
    reason = "this module is where the files that are forbidden elsewhere are read and written"
)]

mod bundle;
mod evidence;
mod expand;
mod git;
mod hashing;
mod listed;
mod listing;
mod manifest;
mod mistaken;
mod named;
mod output;
mod ownership;
mod stat_cache;
mod text;
mod worktree;

pub use bundle::Bundle;
pub use evidence::EvidenceFile;
pub use expand::expand_given;
pub use git::{Commit, parse_git_reference};
pub use hashing::Hashing;
pub use listed::lock_of;
pub use listing::names_in;
pub use manifest::read_manifest;
pub use named::{Named, find, is_bundle, manifest_of};
pub use output::{Output, replace_file, replace_files};
pub use ownership::{beginning, files_below, in_git_folder, named_relgate};
pub use stat_cache::StatCache;
pub use text::read_text;
pub use worktree::{Worktree, inside};

use std::fs::FileType;
use std::path::Path;

/// What a node is that is neither file nor folder; opening one could block for ever, so nobody does.
fn special(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;

        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    let _ = kind;
    "something special"
}

/// A path for messages, with `/` on every system.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if cfg!(windows) { text.replace('\\', "/") } else { text }
}
