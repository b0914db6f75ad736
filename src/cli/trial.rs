//! `relgate try`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::values::{kind, parse_condition, parse_field};
use crate::report::kinds::Kind;

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
