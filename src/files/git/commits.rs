//! Which commits changed a file, as far as the history of the current commit reaches.

use std::path::Path;

use super::process::Git;

/// More than so many commits of a few files are not looked at.
const MOST: usize = 200;
/// More lines of ids than that.
const MOST_BYTES: u64 = 1 << 20;

/// The ids of the commits in the history of the current one that changed a file at one of `paths` (from `folder`), newest first,
/// at most 200. None where there is no repository, no commit or no git.
#[must_use]
pub fn commits(folder: &Path, paths: &[&str]) -> Vec<String> {
    let count = format!("--max-count={MOST}");
    let log = ["--literal-pathspecs", "log", &count, "--format=%H", "--no-renames", "--"];
    let output = Git::new(folder).run_up_to(&[&log[..], paths].concat(), MOST_BYTES).ok().flatten();
    let output = output.filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
