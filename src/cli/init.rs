//! `relgate init`.

use std::path::PathBuf;

use clap::Args;

use super::values::release_type;
use crate::manifest::ReleaseType;

/// What `relgate init` does, and its exit codes.
pub const INIT_HELP: &str = "Examples:
  relgate init                             asks for name, version and type, and writes release.yaml
  relgate init --yes --dry-run             asks nothing, and prints it
  relgate init --demo demo                 a story of two versions and a regression, and its verdict

It looks for prompts, datasets, results that relgate reads, results from before and git tags. It
follows no link and overwrites nothing. Its gates are proposals, and tried out before they are written.

Exit codes:
  0  written (or printed)
  2  error: nothing was written (a release.yaml is there, a folder is not empty, bad input)
  --demo ends as the check of its story does: with 1, because a gate fails";

/// What `relgate init` was asked.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct InitArgs {
    /// The folder that release.yaml is written into.
    #[arg(default_value = ".", value_name = "DIR")]
    pub folder: PathBuf,
    /// Write a story of two versions and a regression into a new folder, and judge it.
    #[arg(long, conflicts_with_all = ["yes", "name", "version", "release_type", "summary", "dry_run"])]
    pub demo: bool,
    /// Ask nothing: take the flags, and guesses for the rest.
    #[arg(long, short)]
    pub yes: bool,
    /// The name of what is released; that of the folder when absent.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Its version; the one after the last git tag when absent.
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// What kind of release it is; a prompt-release when absent.
    #[arg(long = "type", value_name = "TYPE", value_parser = release_type())]
    pub release_type: Option<ReleaseType>,
    /// What it is about; a hotfix has to say what it fixes.
    #[arg(long, value_name = "TEXT")]
    pub summary: Option<String>,
    /// Print the manifest, write nothing.
    #[arg(long)]
    pub dry_run: bool,
}
