//! What a file once held, as far as the history of the current commit reaches.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use super::process::Git;

/// More lines of a history than anybody reads.
const MOST: u64 = 8 << 20;
/// So many contents of a file are looked at.
const MOST_CONTENTS: usize = 1000;
/// A file of which a person would read the words is not larger.
const MOST_BYTES: u64 = 1 << 20;

/// The contents that the file at `path` (from `folder`) had in the history of the current commit, newest first, each once; those
/// that are too large to be read are left out. None where there is no repository, no commit or no git.
#[must_use]
pub fn contents(folder: &Path, path: &str) -> Vec<Vec<u8>> {
    let git = Git::new(folder);
    let arguments =
        ["--literal-pathspecs", "log", "--no-renames", "--raw", "--no-abbrev", "--format=", "-m", "--", path];
    let output = git.run_up_to(&arguments, MOST).ok().flatten().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let mut known = BTreeSet::new();
    // `:MODE MODE OLD NEW STATUS<tab>PATH`; what is gone is all zeros.
    let ids = text.lines().filter_map(|line| line.strip_prefix(':')?.split(' ').nth(3));
    let ids = ids.filter(|id| id.bytes().any(|byte| byte != b'0') && known.insert((*id).to_owned()));
    ids.take(MOST_CONTENTS)
        .filter_map(|id| {
            let mut bytes = Vec::new();
            git.blob(id).ok()?.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
            (bytes.len() as u64 <= MOST_BYTES).then_some(bytes)
        })
        .collect()
}
