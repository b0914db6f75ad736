//! The command line: what was typed. One doc comment a flag; nothing is looked up here.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Decides whether a generative-AI release may ship: pass, fail or inconclusive, with known error rates.
#[derive(Debug, Parser)]
#[command(name = "relgate", version, after_help = EXIT_CODES, propagate_version = true)]
pub struct Cli {
    /// When to colour: on a terminal, always or never.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The exit codes, the same for every command.
pub const EXIT_CODES: &str = "Exit codes:
  0  pass: the release may ship
  1  fail: a blocking gate failed
  2  error: could not judge (usage, bad input, missing data)
  3  inconclusive: the evidence does not decide, and the policy blocks on that";

/// The same exit codes in the words of `lock` and `verify`.
pub const LOCK_EXIT_CODES: &str = "Exit codes:
  0  pass: everything is as locked, or was locked
  1  fail: something is missing, extra or changed
  2  error: could not lock or verify (usage, bad input, no lock, a damaged lock)";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge a release: pin its artifacts, read its evidence, judge its gates, write the report.
    #[command(after_help = EXIT_CODES)]
    Check(CheckArgs),
    /// Pin the artifacts: write what their bytes are to the lock file beside the manifest.
    #[command(after_help = LOCK_EXIT_CODES)]
    Lock(LockArgs),
    /// Verify that the artifacts are what the lock file says.
    #[command(after_help = LOCK_EXIT_CODES)]
    Verify(VerifyArgs),
    /// Compare two releases: what changed, how much it matters, and what got looser.
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
}

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

/// What `relgate check` was asked.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct CheckArgs {
    /// The manifests; each of several gets its own folder below `--out`.
    #[arg(default_value = "release.yaml", value_name = "MANIFEST")]
    pub manifests: Vec<PathBuf>,
    /// The folder for report.json and report.md.
    #[arg(long, value_name = "DIR", default_value = "relgate-report")]
    pub out: PathBuf,
    /// Judge and print, write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Leave the changelog alone.
    #[arg(long)]
    pub no_changelog: bool,
    /// Keep the changelog text that somebody wrote for this version, and call it the entry.
    #[arg(long, conflicts_with = "no_changelog")]
    pub adopt: bool,
    /// What to print; `json` of several manifests is one array of the reports of those that could be judged.
    #[arg(long, value_enum, default_value_t = Format::Terminal, value_name = "KIND")]
    pub format: Format,
    /// Write a further report: KIND to `--out`, or KIND=PATH (with one manifest only).
    #[arg(long, value_name = "KIND[=PATH]", value_parser = parse_report)]
    pub report: Vec<(Format, Option<PathBuf>)>,
    /// Read evidence NAME from PATH instead (relative to the current folder; may lie outside the root).
    #[arg(long, value_name = "NAME=PATH", value_parser = parse_named_path)]
    pub evidence: Vec<(String, String)>,
    /// Compare with this release instead: a manifest, its folder, a bundle, `git:REV[:path]`, or `none`.
    #[arg(long, value_name = "BASELINE")]
    pub baseline: Option<String>,
    /// Limit changes since this older release as well: a manifest, its folder, a bundle, `git:REV[:path]`, or `none`.
    #[arg(long, value_name = "ANCHOR")]
    pub anchor: Option<String>,
    /// Read the baseline's evidence NAME from PATH instead.
    #[arg(long, value_name = "NAME=PATH", value_parser = parse_named_path)]
    pub baseline_evidence: Vec<(String, String)>,
    /// The root that no path may leave; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The day to judge expiry and age on; today (UTC) when absent.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<NaiveDate>,
    /// Hash every file, whatever was hashed before (always so where `CI` is set).
    #[arg(long)]
    pub no_cache: bool,
    /// Print the verdict only, and the first error where there is none.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What `relgate lock` was asked.
#[derive(Debug, Args)]
pub struct LockArgs {
    /// The manifest; its lock stands beside it: release.lock.
    #[arg(default_value = "release.yaml", value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// Show what would be pinned, write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Write a list that `sha256sum -c` accepts, too.
    #[arg(long, value_name = "PATH")]
    pub sums: Option<PathBuf>,
    /// The root that no path may leave; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Hash every file, whatever was hashed before (always so where `CI` is set).
    #[arg(long)]
    pub no_cache: bool,
    /// Print one line only.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What `relgate verify` was asked.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The manifest; its lock stands beside it: release.lock.
    #[arg(default_value = "release.yaml", value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// Verify a part: artifacts (`models.*`) or files (`models/**`). The result is marked as partial.
    #[arg(long, value_name = "GLOB", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub only: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = VerifyFormat::Terminal, value_name = "KIND")]
    pub format: VerifyFormat,
    /// The root that no path may leave; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Hash every file, whatever was hashed before (always so where `CI` is set).
    #[arg(long)]
    pub no_cache: bool,
    /// Show no progress.
    #[arg(long, short)]
    pub quiet: bool,
}

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
    #[arg(long, value_enum, default_value_t = Format::Terminal, value_name = "KIND")]
    pub format: Format,
    /// Write the comparison to a file as well.
    #[arg(long, value_name = "KIND=PATH", value_parser = parse_report_path)]
    pub report: Vec<(Format, PathBuf)>,
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

/// The kinds of output of `relgate verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// For a person.
    Terminal,
    /// Schema relgate/verify/v1.
    Json,
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

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The kinds of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person.
    Terminal,
    /// For programs, with a versioned schema.
    Json,
    /// For a pull-request comment.
    Markdown,
}

fn parse_report(text: &str) -> Result<(Format, Option<PathBuf>), String> {
    let (kind, path) = match text.split_once('=') {
        Some((kind, path)) if !path.is_empty() => (kind, Some(PathBuf::from(path))),
        Some(_) => return Err("the path after `=` is empty".to_owned()),
        None => (text, None),
    };
    let kinds = || Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names = || kinds().map(|kind| kind.get_name().to_owned()).collect::<Vec<_>>().join(", ");
    let format = Format::from_str(kind, true)
        .map_err(|_: String| format!("`{kind}` is no kind of report; the kinds are {}", names()))?;
    Ok((format, path))
}

fn parse_report_path(text: &str) -> Result<(Format, PathBuf), String> {
    match parse_report(text)? {
        (kind, Some(path)) => Ok((kind, path)),
        _ => Err("write KIND=PATH, for example markdown=diff.md".to_owned()),
    }
}

fn parse_named_path(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.to_owned())),
        _ => Err("write NAME=PATH, for example answers=results/answers.jsonl".to_owned()),
    }
}
