//! `relgate ledger`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// How to ask a ledger, and the exit codes.
pub const LEDGER_HELP: &str = "Examples:
  relgate ledger init                              begins one; commit .relgate/ledger
  relgate ledger                                   the newest events, the last one at the end
  relgate ledger 3f5a0c1e                          one event with everything that it says
  relgate ledger --last-good                       what everybody gets, or would get after going back
  relgate ledger --waivers                         every waiver that a judgement used
  relgate ledger --artifact prompts.system         the versions of an artifact over time
  relgate ledger checkpoint                        four lines for a signed tag: git tag -s -F - ledger-1
  relgate ledger yank 2.4.0 --as ana --reason 'leaks the prompt'

What a ledger proves, and what it does not: docs/ledger.md. `relgate verify` looks for events that were edited, lost or put in.

Exit codes:
  0  told, or written
  2  error: no ledger, a damaged one, nothing of that name, or it cannot be written";

/// What `relgate ledger` was asked.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct LedgerArgs {
    /// What to do instead of telling.
    #[command(subcommand)]
    pub act: Option<LedgerAct>,
    /// An event: how its digest or the name of its file begins.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// The release that was promoted last and neither taken back nor yanked since.
    #[arg(long, conflicts_with = "id")]
    pub last_good: bool,
    /// Every waiver that a judgement used.
    #[arg(long, conflicts_with_all = ["id", "last_good"])]
    pub waivers: bool,
    /// The versions of one artifact.
    #[arg(long, value_name = "KIND.NAME", conflicts_with_all = ["id", "last_good", "waivers"])]
    pub artifact: Option<String>,
    /// Of this release only.
    #[arg(long, value_name = "NAME")]
    pub release: Option<String>,
    /// All events, however many.
    #[arg(long)]
    pub all: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = LedgerFormat::Terminal, value_name = "KIND")]
    pub format: LedgerFormat,
    /// Where the ledger is.
    #[command(flatten)]
    pub place: LedgerPlace,
}

/// Where the ledger is.
#[derive(Debug, Clone, Args)]
pub struct LedgerPlace {
    /// The ledger's folder; what `deployment: ledger` of release.yaml says, else .relgate/ledger below the root.
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// The root that no path may leave; the git top level, else the current folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// What to do with a ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerAct {
    /// Begin a ledger: make its folder, which is to be committed.
    Init {
        /// Where the ledger is.
        #[command(flatten)]
        place: LedgerPlace,
        /// Say nothing of what was done.
        #[arg(long, short)]
        quiet: bool,
    },
    /// Write down what the ledger holds now, and print it to keep it elsewhere.
    Checkpoint {
        /// Where the ledger is.
        #[command(flatten)]
        place: LedgerPlace,
    },
    /// Take a version out of use for good: nothing goes back to it, and nothing starts it.
    Yank {
        /// The version.
        #[arg(value_name = "VERSION")]
        out_of_use: String,
        /// Why.
        #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
        reason: String,
        /// Who says so.
        #[arg(long = "as", value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
        by: String,
        /// The release, where the ledger knows the version of several.
        #[arg(long, value_name = "NAME")]
        release: Option<String>,
        /// Where the ledger is.
        #[command(flatten)]
        place: LedgerPlace,
        /// Say nothing of what was done.
        #[arg(long, short)]
        quiet: bool,
    },
}

/// The kinds of output of `relgate ledger`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LedgerFormat {
    /// For a person.
    Terminal,
    /// Schema relgate/ledger/v1.
    Json,
}
