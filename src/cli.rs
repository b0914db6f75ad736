//! The command line: what was typed. One doc comment a flag; nothing is looked up here.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::manifest::ReleaseType;
use crate::report::Screen;
use crate::report::diff::Comparison;
use crate::report::kinds::{self, KINDS, Kind};

/// Decides whether a generative-AI release may ship: pass, fail or inconclusive, with known error rates.
#[derive(Debug, Parser)]
#[command(
    name = "relgate",
    version,
    help_template = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}Options:\n{options}{after-help}",
    before_help = COMMANDS,
    after_help = EXIT_CODES,
    propagate_version = true
)]
pub struct Cli {
    /// When to colour: on a terminal, always or never.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands in the order in which a release meets them. Each has a help of its own.
pub const COMMANDS: &str = "Start:
  try     Judge results without a manifest, and print the manifest that asks the same
  init    Start a manifest from what a folder holds; `--demo` writes a small story and judges it
  evidence  Say what relgate understands of results files, and the lines of a manifest that fit

Judge:
  check   Judge a release: pin its artifacts, read its evidence, judge its gates, write the report
          (`relgate check --help` shows a manifest to begin with)
  report  Tell a saved report in another form

Compare and pin:
  diff    Compare two releases: what changed, how much it matters, and what got looser
  lock    Pin the artifacts: write what their bytes are to the lock file beside the manifest
  verify  Verify that the artifacts are what the lock file says

  help    Print this, or the help of a command
";

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
    /// Judge results without a manifest, and print the manifest that asks the same.
    #[command(after_help = TRY_HELP)]
    Try(TryArgs),
    /// Start a manifest from what a folder holds; `--demo` writes a small story and judges it.
    #[command(after_help = INIT_HELP, disable_version_flag = true)]
    Init(InitArgs),
    /// Say what relgate understands of results files, and the lines of a manifest that fit them.
    #[command(after_help = EVIDENCE_HELP)]
    Evidence(EvidenceArgs),
    /// Judge a release: pin its artifacts, read its evidence, judge its gates, write the report.
    #[command(after_help = EXIT_CODES, after_long_help = CHECK_HELP)]
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
    /// Tell a saved report in another form: from the report.json of an earlier check, without judging again.
    #[command(after_help = REPORT_EXIT_CODES)]
    Report(ReportArgs),
}

/// A manifest to begin with, what evidence looks like, and the exit codes.
pub const CHECK_HELP: &str = r#"A manifest to begin with, and the files that it names:

  release.yaml
    relgate: 1
    name: my-assistant
    version: 1.0.0                  # of the release
    type: prompt-release            # model-upgrade, data-release, hotfix, safety-patch, ...
    artifacts:                      # models, prompts, datasets, safety_policies, ...
      prompts:
        system: { version: v1, path: prompts/system.md }
    evidence:                       # a file, a folder or a glob
      answers: { path: results/answers.jsonl, fields: { id: question_id } }
      summary: { path: results/summary.json }
    metrics:                        # only for what relgate does not know by name
      follows_style: { field: scores.style, as: rate, direction: higher, category: quality }
    gates:
      - 'accuracy >= 85%'
      - 'p95 latency < 1200ms'
      - 'follows_style >= 90%'
      - 'hallucination rate < 1.5%'
    policy: { require: [quality, safety, latency] }

  results/answers.jsonl             a row a sample; .csv, .tsv and a .json list of rows do too
    {"question_id": "q1", "accuracy": true, "latency_ms": 840, "scores": {"style": 1}}
    {"question_id": "q2", "error": "timeout"}

  results/summary.json              numbers without samples
    {"hallucination_rate": {"events": 12, "n": 1000}}

A change since an earlier release: `baseline: releases/1.0.0`, and 'accuracy drop < 2pp'.
All keys: README.md, "Writing a manifest".

Exit codes:
  0  pass: the release may ship
  1  fail: a blocking gate failed
  2  error: could not judge (usage, bad input, missing data)
  3  inconclusive: the evidence does not decide, and the policy blocks on that"#;

/// The same exit codes in the words of `report`.
pub const REPORT_EXIT_CODES: &str = "Exit codes: those of the judgement that is told
  0  pass: the release may ship
  1  fail: a blocking gate failed
  2  error: could not judge; or the file is no report, of another version, or was edited
  3  inconclusive: the evidence does not decide, and the policy blocks on that";

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

/// How to write `relgate try`, and its exit codes.
pub const TRY_HELP: &str = "What names a file or folder is results, anything else is a rule:
  relgate try new.jsonl old.jsonl                         fixed margins: 2pp of a rate, 10%
  relgate try new.jsonl old.jsonl 'accuracy drop < 1pp'   your own rule
  relgate try new.csv 'accuracy >= 90%' 'p95 latency_ms < 1200ms'
  relgate try ab.jsonl ab.jsonl --where prompt=new --baseline-where prompt=old

Nothing is pinned, and nothing is written but to --out. Without older results and without a rule the
values are printed with their limits, and the exit code is 2: nothing was asked.

Exit codes:
  0  pass: every rule holds
  1  fail: a rule is broken
  2  error: could not judge (usage, bad input, missing data, nothing asked)
  3  inconclusive: the results do not decide";

/// What `relgate try` was asked.
#[derive(Debug, Args)]
pub struct TryArgs {
    /// The results to judge: a file, a folder, or a pattern in quotes.
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Results from before, to compare with, and rules, each in quotes.
    #[arg(value_name = "OLD|RULE")]
    pub rest: Vec<String>,
    /// Judge these rows only, of OLD too unless `--baseline-where` says others; again for another value or key.
    #[arg(long = "where", value_name = "KEY=VALUE", value_parser = parse_condition)]
    pub conditions: Vec<(String, String)>,
    /// Compare with these rows of OLD, which may be the same file.
    #[arg(long = "baseline-where", value_name = "KEY=VALUE", value_parser = parse_condition)]
    pub baseline_conditions: Vec<(String, String)>,
    /// The field that says which case a row is, where it is not `id`; several are joined.
    #[arg(long, value_name = "FIELD[,FIELD]", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub id: Option<String>,
    /// Read NAME from FIELD, such as `latency_s=latency` or `accuracy=scores.correct`.
    #[arg(long = "field", value_name = "NAME=FIELD", value_parser = parse_field)]
    pub fields: Vec<(String, String)>,
    /// Write the reports into this folder; nothing is written without it.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_parser = kind(), default_value = "terminal", value_name = "KIND")]
    pub format: &'static Kind,
    /// The day to judge age on; today (UTC) when absent.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<NaiveDate>,
    /// Print the verdict only.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What `relgate init` does, and its exit codes.
pub const INIT_HELP: &str =
    "It looks for prompts, datasets, results that relgate reads, results from before and git tags. It
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

/// What `relgate evidence` prints, and its exit codes.
pub const EVIDENCE_HELP: &str =
    "For each file: its format, the runs in it, what was attempted and errored, what can be measured, and
the lines for release.yaml. Limits in them are made of these very results and marked so.

Exit codes:
  0  every file was understood
  2  error: one was not (unknown, damaged, contradicting itself, empty)";

/// What `relgate evidence` was asked.
#[derive(Debug, Args)]
pub struct EvidenceArgs {
    /// Results: files, folders, or patterns in quotes.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = EvidenceFormat::Terminal, value_name = "KIND")]
    pub format: EvidenceFormat,
}

/// What `relgate evidence` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EvidenceFormat {
    /// For people.
    Terminal,
    /// `relgate/evidence/v1`.
    Json,
}

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
    #[arg(long, value_parser = kind(), default_value = "terminal", value_name = "KIND")]
    pub format: &'static Kind,
    /// Write a further report: KIND to `--out`, or KIND=PATH (with one manifest only).
    #[arg(long, value_name = "KIND[=PATH]", value_parser = parse_report)]
    pub report: Vec<(&'static Kind, Option<PathBuf>)>,
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
    /// Verify a part: artifacts (`models.*`) or files (`models/**`, or a folder). The result is marked as partial.
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

/// What `relgate report` was asked.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The report.json that `relgate check` wrote, or its folder.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What to print.
    #[arg(long, value_parser = kind(), default_value = "terminal", value_name = "KIND")]
    pub format: &'static Kind,
    /// Write a further report: KIND beside the file, or KIND=PATH.
    #[arg(long, value_name = "KIND[=PATH]", value_parser = parse_report)]
    pub report: Vec<(&'static Kind, Option<PathBuf>)>,
    /// Print the verdict only, and the first error where there is none.
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

/// A kind that can tell a comparison, and how.
#[derive(Debug, Clone, Copy)]
pub struct DiffFormat {
    /// A comparison as text.
    pub render: fn(&Comparison, Screen) -> String,
}

/// Reads a type of release.
fn release_type() -> impl TypedValueParser<Value = ReleaseType> {
    PossibleValuesParser::new(ReleaseType::WORDS)
        .try_map(|word| ReleaseType::from_word(&word).ok_or("no type of release"))
}

/// Reads the name of a kind of report.
fn kind() -> impl TypedValueParser<Value = &'static Kind> {
    let values = KINDS.iter().map(|kind| PossibleValue::new(kind.name).help(kind.about));
    PossibleValuesParser::new(values).try_map(|name| kinds::named(&name).ok_or("no kind of report"))
}

/// Reads the name of a kind of report that can tell a comparison.
fn diff_kind() -> impl TypedValueParser<Value = DiffFormat> {
    let kinds = KINDS.iter().filter(|kind| kind.comparison.is_some());
    let values = kinds.map(|kind| PossibleValue::new(kind.name).help(kind.about));
    PossibleValuesParser::new(values).try_map(|name| diff_format(&name))
}

fn diff_format(name: &str) -> Result<DiffFormat, String> {
    let render = kinds::named(name).and_then(|kind| kind.comparison);
    render.map(|render| DiffFormat { render }).ok_or_else(|| no_kind(name, |kind| kind.comparison.is_some()))
}

fn no_kind(name: &str, wanted: impl Fn(&Kind) -> bool) -> String {
    let names: Vec<&str> = KINDS.iter().filter(|kind| wanted(kind)).map(|kind| kind.name).collect();
    format!("`{name}` is no kind of report; the kinds are {}", names.join(", "))
}

/// `KIND` or `KIND=PATH`.
fn kind_and_path(text: &str) -> Result<(&str, Option<PathBuf>), String> {
    match text.split_once('=') {
        Some((kind, path)) if !path.is_empty() => Ok((kind, Some(PathBuf::from(path)))),
        Some(_) => Err("the path after `=` is empty".to_owned()),
        None => Ok((text, None)),
    }
}

fn parse_report(text: &str) -> Result<(&'static Kind, Option<PathBuf>), String> {
    let (name, path) = kind_and_path(text)?;
    Ok((kinds::named(name).ok_or_else(|| no_kind(name, |_| true))?, path))
}

fn parse_report_path(text: &str) -> Result<(DiffFormat, PathBuf), String> {
    let (name, path) = kind_and_path(text)?;
    let kind = diff_format(name)?;
    Ok((kind, path.ok_or("write KIND=PATH, for example markdown=diff.md")?))
}

fn parse_condition(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, for example lang=de".to_owned()),
    }
}

fn parse_field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, field)) if !name.is_empty() && !field.is_empty() => {
            Ok((name.to_owned(), field.to_owned()))
        }
        _ => Err("write NAME=FIELD, for example latency_s=latency".to_owned()),
    }
}

fn parse_named_path(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.to_owned())),
        _ => Err("write NAME=PATH, for example answers=results/answers.jsonl".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{COMMANDS, Cli};

    #[test]
    fn help_names_every_command_once() {
        let help = Cli::command().render_help().to_string();
        for command in Cli::command().get_subcommands() {
            let line = format!("\n  {:<8}", command.get_name());
            assert_eq!(COMMANDS.matches(&line).count(), 1, "{}", command.get_name());
            assert!(help.contains(&line), "{help}");
        }
        assert!(help.contains("--color") && help.contains("Exit codes:"), "{help}");
    }
}
