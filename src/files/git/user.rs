//! Who git's configuration says works here: a claim.

use std::path::Path;

use super::process::Git;

/// `user.name`, as git knows it in `folder`; none where nothing says it, or there is no git.
#[must_use]
pub fn user(folder: &Path) -> Option<String> {
    let output = Git::new(folder).run(&["config", "--get", "user.name"], &[]).ok()?;
    let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !name.is_empty()).then_some(name)
}
