//! Who runs the command, as the environment says it: a claim.
#![allow(clippy::disallowed_methods, reason = "the only place that reads who runs the command")]

use std::env;

/// The first that is set: the person whom a CI service names, then the user of the computer.
const NAMES: [&str; 6] =
    ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "USER", "LOGNAME", "USERNAME"];

/// Who runs the command; `unknown` where nothing says it.
pub(super) fn actor() -> String {
    let named = NAMES.iter().filter_map(|name| env::var(name).ok());
    named
        .map(|name| name.trim().to_owned())
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Whether it runs in CI, which sets `CI`.
pub(super) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}
