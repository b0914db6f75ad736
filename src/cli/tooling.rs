//! `relgate schema`, `relgate completions`, `relgate man`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// How to use a schema.
pub const SCHEMA_HELP: &str = "Examples:
  relgate schema manifest > release.schema.json
  relgate schema report | check-jsonschema --schemafile /dev/stdin relgate-report/report.json

The first line of a release.yaml lets an editor check it while it is written:
  # yaml-language-server: $schema=./release.schema.json

Exit codes:
  0  printed
  2  error: no such schema";

/// How to install completions.
pub const COMPLETIONS_HELP: &str = "Examples:
  relgate completions bash > ~/.local/share/bash-completion/completions/relgate
  relgate completions zsh > \"${fpath[1]}/_relgate\"
  relgate completions fish > ~/.config/fish/completions/relgate.fish

Exit codes:
  0  printed
  2  error: no such shell";

/// How to read a manual page.
pub const MAN_HELP: &str = "Examples:
  relgate man | man -l -
  relgate man check | man -l -
  relgate man --out man1                    writes relgate.1 and a page for every command

Exit codes:
  0  printed, or written
  2  error: no such command, or a page could not be written";

/// What `relgate schema` was asked.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of which documents.
    #[arg(value_enum, value_name = "NAME")]
    pub name: SchemaName,
}

/// The documents that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// release.yaml.
    Manifest,
    /// A policy file that release.yaml extends.
    Policy,
    /// report.json (relgate/report/v1).
    Report,
    /// A metrics file (relgate/metrics/v1).
    Metrics,
    /// A row of per-sample results, and the line that may stand before them (relgate/samples/v1).
    Samples,
    /// release.lock (relgate/lock/v1).
    Lock,
    /// `relgate diff --format json` (relgate/diff/v1).
    Diff,
    /// `relgate evidence --format json` (relgate/evidence/v1).
    Evidence,
    /// `relgate plan --format json` (relgate/plan/v1).
    Plan,
    /// An event of the ledger (relgate/event/v1).
    Event,
    /// `relgate monitor --format json` (relgate/monitor/v1).
    Monitor,
    /// `relgate rollout --format json` (relgate/rollout/v1).
    Rollout,
    /// The file that says which units get which release (relgate/split/v1).
    Split,
    /// A row of counts of production records (relgate/counts/v1).
    Counts,
    /// A line of a numbers file: its header, or a row (relgate/numbers/v1).
    Numbers,
    /// What the approver of a waiver signs (relgate/waiver/v1).
    Waiver,
}

/// What `relgate completions` was asked.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// For which shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// What `relgate man` was asked.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command; without it the page of relgate itself.
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Option<String>,
    /// Write the pages of relgate and of every command into this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
