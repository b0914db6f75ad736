//! What `relgate check` would say of a manifest that is not written yet.

use std::path::{Path, PathBuf};

use crate::cli::{CheckArgs, Cli, Command};
use crate::commands::check::{self, Question};
use crate::commands::clock::Clock;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::files::Worktree;
use crate::release::{self, SharedPolicy};
use crate::verdict::Decision;

/// The manifest that is started.
const MANIFEST: &str = "release.yaml";

/// The path of the manifest in a folder, as people write it.
pub(super) fn manifest_in(folder: &Path) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(MANIFEST) } else { folder.join(MANIFEST) }
}

/// What `relgate check --dry-run` is asked of a manifest.
pub(super) fn check_args(manifest: &Path) -> Option<CheckArgs> {
    use clap::Parser as _;

    let typed = ["relgate", "check", "--dry-run", "--"].iter().map(AsRef::as_ref);
    match Cli::try_parse_from(typed.chain([manifest.as_os_str()])) {
        Ok(Cli { command: Command::Check(args), .. }) => Some(args),
        _ => None,
    }
}

/// Whether the artifacts of a manifest of this text can be pinned.
pub(super) fn pinned(path: &Path, text: &str) -> Result<(), Diagnostics> {
    let root = Worktree::find(path, None)?.drafted(text);
    let mut sources = Sources::new();
    let declared = release::declare(&root, SharedPolicy::Whole, &mut sources);
    let findings =
        declared.map_err(|findings| findings.settled(&sources))?.pin(&root).findings.settled(&sources);
    if findings.has_errors() { Err(findings) } else { Ok(()) }
}

/// What `relgate check --dry-run` says of a manifest of this text at `path`.
pub(super) fn judged(path: &Path, text: &str) -> Result<Decision, Diagnostics> {
    let unreadable = || Diagnostic::error(Code::BadName, "the folder has a name that cannot be typed");
    let args = check_args(path).ok_or_else(unreadable)?;
    let question = Question { path, draft: Some(text), ..Question::of_file(path, &args) };
    let mut sources = Sources::new();
    let finished = check::judge(&question, &args, Clock::now(None), &mut sources);
    let finished = finished.map_err(|findings| findings.settled(&sources))?;
    Ok(finished.report.decision.0)
}
