//! `relgate report`.

use std::path::PathBuf;

use clap::Args;

use super::values::{kind, parse_report};
use crate::report::kinds::Kind;

/// How to use `report`, and the same exit codes in its words.
pub const REPORT_HELP: &str = "Examples:
  relgate report relgate-report                            the last report again, for people
  relgate report relgate-report --format markdown          for a comment on a pull request
  relgate report relgate-report/report.json --format json

Exit codes: those of the judgement that is told
  0  pass: the release may ship
  1  fail: a blocking gate failed
  2  error: could not judge; or the file is no report, of another version, or was edited
  3  inconclusive: the evidence does not decide, and the policy blocks on that";

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
