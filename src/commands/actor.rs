//! Who runs the command, as the environment or git says it: a claim.
#![allow(clippy::disallowed_methods, reason = "the only place that reads who runs the command")]

use std::env;
use std::path::Path;

use crate::files::git_user;

/// The first that is set: the person whom a CI service names, then the user of the computer.
const NAMES: [&str; 6] =
    ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "USER", "LOGNAME", "USERNAME"];

/// Who runs the command: by the environment, else by git's configuration in `folder`; `unknown` where nothing says it.
pub(super) fn actor(folder: &Path) -> String {
    let named = NAMES.iter().filter_map(|name| env::var(name).ok());
    named
        .map(|name| name.trim().to_owned())
        .find(|name| !name.is_empty())
        .or_else(|| git_user(folder))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Whether it runs in CI, which sets `CI`.
pub(super) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}
