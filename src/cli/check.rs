//! `relgate check`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::values::{kind, parse_named_path, parse_report};
use crate::report::kinds::Kind;

/// A manifest to begin with, what evidence looks like, and the exit codes.
pub const CHECK_HELP: &str = r#"Examples:
  relgate check                                  release.yaml in this folder; reports go to relgate-report/
  relgate check --dry-run                        judge and print, write nothing
  relgate check --baseline git:v2.3.0            against an earlier release
  relgate check a/release.yaml b/release.yaml    the exit code is that of the worst decision

A manifest to begin with, and the files that it names:

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
All keys: docs/manifest.md, or `relgate schema manifest` for an editor.

Exit codes:
  0  pass: the release may ship
  1  fail: a blocking gate failed
  2  error: could not judge (usage, bad input, missing data)
  3  inconclusive: the evidence does not decide, and the policy blocks on that"#;

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
    /// Write the judgement into the ledger (always so where `CI` is set and there is a ledger).
    #[arg(long, conflicts_with = "dry_run")]
    pub record: bool,
    /// Leave the changelog alone.
    #[arg(long)]
    pub no_changelog: bool,
    /// Keep the changelog text that somebody wrote for this version, and call it the entry.
    #[arg(long, conflicts_with = "no_changelog")]
    pub adopt: bool,
    /// What to print; of several manifests one document, with what they come to together.
    #[arg(long, value_parser = kind(), default_value = "terminal", value_name = "KIND")]
    pub format: &'static Kind,
    /// Write a further report, any number of them: KIND to `--out`, or KIND=PATH; the kinds are those of `--format`. `{name}` in
    /// PATH is the name of the release; several manifests need it.
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
    /// The branch that says who may sign waivers, so that no change exempts itself; origin/main where it is there.
    #[arg(long, value_name = "REF", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub protected_ref: Option<String>,
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
