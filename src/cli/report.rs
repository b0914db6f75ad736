//! `relgate report`.

use std::path::PathBuf;

use clap::Args;

use super::ledger::LedgerPlace;
use super::values::{kind, parse_report};
use crate::report::kinds::Kind;

/// How to tell reports, and the exit codes in the words of `report`.
pub const REPORT_HELP: &str =
    "Examples: one report in another form, or the gates over the versions of a release
  relgate report relgate-report                           the last report again, for people
  relgate report relgate-report --format markdown
  relgate report relgate-report --report html=report.html
  relgate report relgate-report --report card=MODEL_CARD.md --report bom=bom.cdx.json
  relgate report relgate-report --report card=MODEL_CARD.md --check    in CI: does the committed one still say it?
  relgate report --history reports/*                      a folder or report.json a version
  relgate report --history reports/* --report html=history.html

Exit codes: those of the judgement that is told; of a history, those of its newest version
  0  pass: the release may ship
  1  fail: a blocking gate failed
  2  error: could not judge; or a file is no report, of another version, or was edited
  3  inconclusive: the evidence does not decide, and the policy blocks on that";

/// What `relgate report` was asked.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The report.json that `relgate check` wrote, or its folder.
    #[arg(value_name = "FILE", required_unless_present = "history", conflicts_with = "history")]
    pub file: Option<PathBuf>,
    /// Tell the gates over the versions of a release instead: a report.json or its folder for each.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub history: Vec<PathBuf>,
    /// What to print; a history is told by `terminal`, `json` and `html`.
    #[arg(long, value_parser = kind(), default_value = "terminal", value_name = "KIND")]
    pub format: &'static Kind,
    /// Write a further report, any number of them: KIND beside the file, or KIND=PATH; of a history KIND=PATH only. The kinds are
    /// those of `--format`.
    #[arg(long, value_name = "KIND[=PATH]", value_parser = parse_report)]
    pub report: Vec<(&'static Kind, Option<PathBuf>)>,
    /// Write nothing: end with 1 where a report that `--report` names says something else than this one, or is not there.
    #[arg(long, requires = "report", conflicts_with = "history")]
    pub check: bool,
    /// Where the ledger is, which a card and an audit tell of.
    #[command(flatten)]
    pub ledger: LedgerPlace,
    /// Print the verdict only, and the first error where there is none.
    #[arg(long, short)]
    pub quiet: bool,
}
