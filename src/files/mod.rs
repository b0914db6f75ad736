//! The only reader and writer of files: the world on one side, the traits of the stages on the other.
//!
//! [`Root`] knows where paths start and that they may not leave it, [`read_manifest`] reads a manifest with its
//! limits, [`Root`] implements [`Contents`](crate::artifact::Contents) for artifacts, [`EvidenceFile`] implements
//! [`Source`](crate::evidence::Source) for evidence, [`GitTree`] does both for a commit, [`Kept`] the first for a bundle, [`Output`] writes sets of files
//! without leaving half of one, [`StatCache`] remembers digests. Deliberately absent: the clock, the environment, the network, printing, and any meaning of what is read.
#![allow(
    clippy::disallowed_methods,
    reason = "this module is where the files that are forbidden elsewhere are read and written"
)]

mod contents;
mod evidence;
mod expand;
mod git;
mod hashing;
mod kept;
mod listing;
mod manifest;
mod output;
mod root;
mod stat_cache;
mod text;

pub use evidence::{EvidenceFile, digest_all};
pub use expand::{Located, expand_given};
pub use git::{Blob, GitTree, TreeFile, digest_tree_files, parse_git_reference};
pub use hashing::Hashing;
pub use kept::Kept;
pub use listing::names_in;
pub use manifest::{ManifestText, read_manifest};
pub use output::{Output, replace_file, replace_files};
pub use root::{Root, inside};
pub use stat_cache::StatCache;
pub use text::read_text;

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
