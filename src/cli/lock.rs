//! `relgate lock` and `relgate verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::attest::AttestationArgs;

/// How to use `lock`, and the same exit codes in its words.
pub const LOCK_HELP: &str = "Examples:
  relgate lock                             writes release.lock beside release.yaml; commit both
  relgate lock --dry-run                   shows what would be pinned
  relgate lock --sums SHA256SUMS           a list for `sha256sum -c`, too

Exit codes:
  0  pass: everything is as locked, or was locked
  1  fail: something is missing, extra or changed
  2  error: could not lock or verify (usage, bad input, no lock, a damaged lock)";

/// How to use `verify`, and its exit codes.
pub const VERIFY_HELP: &str = "Examples:
  relgate verify                           every artifact against release.lock
  relgate verify --only 'models.*'         a part of them; the result says that it is one
  relgate verify --against origin/main     and nothing of that branch's ledger is gone
  relgate verify --attestation vsa.dsse.json --key ci.pub --env production --max-age 7d
                                           and this key says that it may be deployed there
  relgate verify --format json

Exit codes:
  0  pass: everything is as locked, the ledger whole, the attestation as asked
  1  fail: something is missing, extra or changed, or the attestation says something else
  2  error: could not lock or verify (usage, bad input, no lock, a damaged lock)";

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
    #[arg(long, value_name = "GLOB", conflicts_with = "attestation", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub only: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = VerifyFormat::Terminal, value_name = "KIND")]
    pub format: VerifyFormat,
    /// The root that no path may leave; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The ledger's folder; what `deployment: ledger` says, else .relgate/ledger below the root, where it is there.
    #[arg(long, value_name = "DIR", conflicts_with = "only")]
    pub ledger: Option<PathBuf>,
    /// Nothing that stood in the ledger of this git revision may be gone or changed.
    #[arg(long, value_name = "REF", conflicts_with = "only", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub against: Option<String>,
    /// The ledger holds everything that this checkpoint, kept elsewhere, says.
    #[arg(long, value_name = "FILE", conflicts_with = "only")]
    pub checkpoint: Option<PathBuf>,
    /// What somebody else says of the release.
    #[command(flatten)]
    pub attestation: AttestationArgs,
    /// Hash every file, whatever was hashed before (always so where `CI` is set).
    #[arg(long)]
    pub no_cache: bool,
    /// Show no progress.
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
