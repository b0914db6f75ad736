//! `relgate evidence`.

use clap::{Args, ValueEnum};

/// What `relgate evidence` prints, and its exit codes.
pub const EVIDENCE_HELP: &str = "Examples:
  relgate evidence results/answers.jsonl
  relgate evidence 'results/*.json' --format json

For each file: its format, the runs in it, what was attempted and errored, what can be measured, and
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
