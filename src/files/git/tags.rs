//! The releases that a repository has names for.

use std::path::Path;

use super::process::Git;

/// More than anybody's tags.
const MOST: u64 = 1 << 20;

/// The tags that the current commit of the repository at `folder` has in its history, in no order; none where there is no
/// repository, no commit or no git.
#[must_use]
pub fn tags(folder: &Path) -> Vec<String> {
    let arguments = ["for-each-ref", "--format=%(refname:strip=2)", "--merged=HEAD", "refs/tags"];
    let output = Git::new(folder).run_up_to(&arguments, MOST).ok().flatten();
    let output = output.filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
