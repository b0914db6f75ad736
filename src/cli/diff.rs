//! `relgate diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::{DiffFormat, diff_kind, parse_report_path};

/// How to name releases, and the exit codes of `relgate diff`.
pub const DIFF_HELP: &str =
    "Each release is a manifest, its folder, the bundle folder of an earlier check, or `git:REV[:path]`:
  relgate diff releases/2.3.0 release.yaml
  relgate diff git:main                     the manifest of main, and the one in the working tree
  relgate diff v2.3.0..HEAD                 one manifest in two revisions

Exit codes:
  0  compared, and nothing at or above --fail-on (or no --fail-on)
  1  fail: a change at or above --fail-on
  2  error: could not compare (usage, bad input, missing data)";

/// What `relgate diff` was asked.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The release before and the one after; `REV..REV` for two revisions of one manifest; the working tree's manifest
    /// where only the one before is named.
    #[arg(required = true, num_args = 1..=2, value_names = ["BEFORE", "AFTER"])]
    pub releases: Vec<String>,
    /// The manifest to look for in git revisions that name no path.
    #[arg(long, default_value = "release.yaml", value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// Exit with 1 where something got looser, or changed with this weight or more.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
    /// What to print.
    #[arg(long, value_parser = diff_kind(), default_value = "terminal", value_name = "KIND")]
    pub format: DiffFormat,
    /// Write the comparison to a file as well.
    #[arg(long, value_name = "KIND=PATH", value_parser = parse_report_path)]
    pub report: Vec<(DiffFormat, PathBuf)>,
    /// Compare what is declared only, without figures of evaluation results.
    #[arg(long)]
    pub no_evidence: bool,
    /// The root that no path may leave; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Print the headline only.
    #[arg(long, short)]
    pub quiet: bool,
}

/// From which change on `relgate diff` ends with exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Anything that lets more through than before, or may and should not ship without a decision.
    Looser,
    /// Changes that should not ship without a decision.
    Blocking,
    /// Those, and changes that somebody should look at.
    Review,
    /// Any change at all.
    Any,
}
