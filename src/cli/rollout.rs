//! `relgate rollout` and `relgate rollback`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};

use super::attest::AttestationArgs;
use super::values::{artifact_kind, parse_time};
use crate::manifest::ArtifactKind;

/// How to roll out, and the exit codes.
pub const ROLLOUT_HELP: &str = "Examples:
  relgate rollout plan                              what each step can see at this traffic, and when
  relgate rollout start                             judges the release again, then the first step
  relgate rollout start --attestation vsa.dsse.json --key ci.pub --env production
                                                    where the evidence is elsewhere: it was judged there
  relgate rollout next                              looks, then waits, advances, holds or goes back; for cron
  relgate rollout                                   where it stands, and what `next` would do
  relgate rollout approve --as ana --reason 'read the report'
  relgate rollout hold --as ben --reason 'incident 4711'
  relgate rollout next --run 'nginx -s reload'      after the file of an engine was written

relgate routes nothing: it writes weights where an engine reads them, reads them back, and believes the split that the log shows.

Exit codes:
  0  it waits, or advanced
  1  a signal failed: it went back, or printed the command; of `start`: refused
  2  a signal is blind, nobody can watch what is served, or error (usage, bad input, an engine that cannot be reached)
  3  held, or an approval is missing: a person is asked; of `plan`: no step can see its harm in time";

/// What `relgate rollout` was asked.
#[derive(Debug, Args)]
pub struct RolloutArgs {
    /// What to do instead of saying where it stands.
    #[command(subcommand)]
    pub act: Option<RolloutAct>,
    /// Which rollout.
    #[command(flatten)]
    pub of: RolloutOf,
    /// What to print.
    #[arg(long, value_enum, default_value_t = RolloutFormat::Terminal, value_name = "KIND")]
    pub format: RolloutFormat,
}

/// Which rollout, and where its parts are.
#[derive(Debug, Clone, Args)]
pub struct RolloutOf {
    /// The manifest.
    #[arg(long, default_value = "release.yaml", value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// Read these records instead of the manifest's `log`; may be given several times.
    #[arg(long, value_name = "PATH")]
    pub log: Vec<String>,
    /// Act as of this time instead of now: for tests and replays.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub now: Option<DateTime<Utc>>,
    /// The folder of the ledger.
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// The branch that says who may sign approvals and waivers; origin/main where it is there.
    #[arg(long, value_name = "REF", value_parser = NonEmptyStringValueParser::new())]
    pub protected_ref: Option<String>,
    /// The root that no path may leave but that of a log; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Read a log again that nobody wrote to since the last look.
    #[arg(long)]
    pub no_cache: bool,
    /// Print the headline only.
    #[arg(long, short)]
    pub quiet: bool,
}

/// How engines are told and asked.
#[derive(Debug, Clone, Args)]
pub struct EngineArgs {
    /// Run this after the weights were written; `RELGATE_CANDIDATE_PER_10000` and `RELGATE_CANDIDATE` tell what is meant.
    #[arg(long, value_name = "COMMAND")]
    pub run: Vec<String>,
    /// Ask this command what is served: it prints a split as JSON, or the candidate's share such as `10%`.
    #[arg(long, value_name = "COMMAND")]
    pub read_back: Option<String>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// A person and their reason.
#[derive(Debug, Clone, Args)]
pub struct PersonArgs {
    /// Who says so.
    #[arg(long = "as", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub by: String,
    /// Why.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub reason: String,
}

/// What to do with a rollout.
#[derive(Debug, Subcommand)]
pub enum RolloutAct {
    /// Say what each step can see at this traffic, and when; writes nothing but what `--render` asks for.
    Plan {
        /// Which rollout.
        #[command(flatten)]
        of: RolloutOf,
        /// The stable release's rate that a bare name is reckoned with, where no log shows it.
        #[arg(long, default_value = "2%", value_name = "SHARE", value_parser = super::values::parse_share)]
        stable_rate: f64,
        /// Write the objects of an `argo-rollouts` target, which Argo drives itself.
        #[arg(long, value_name = "FILE")]
        render: Option<PathBuf>,
        /// The image in which Argo runs `relgate monitor` between steps.
        #[arg(long, value_name = "IMAGE", default_value = "relgate")]
        image: String,
    },
    /// Judge the release again and take the first step; also resumes one that is held.
    Start {
        /// Which rollout.
        #[command(flatten)]
        of: RolloutOf,
        /// Engines.
        #[command(flatten)]
        engine: EngineArgs,
        /// Where the evidence is elsewhere: what was said of the release instead of judging it again.
        #[command(flatten)]
        attestation: AttestationArgs,
        /// Start a release that was taken back, again.
        #[arg(long, requires = "reason")]
        again: bool,
        /// Why.
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        reason: Option<String>,
    },
    /// Look at production, then wait, advance, hold or go back.
    Next {
        /// Which rollout.
        #[command(flatten)]
        of: RolloutOf,
        /// Engines.
        #[command(flatten)]
        engine: EngineArgs,
        /// Overrule what only waits: blindness, too few records, an approval. Never a failing signal or another weight.
        #[arg(long, requires_all = ["by", "reason"])]
        anyway: bool,
        /// Who overrules.
        #[arg(long = "as", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
        by: Option<String>,
        /// Why.
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        reason: Option<String>,
    },
    /// A person's word for a step that asks for it.
    Approve {
        /// Which rollout.
        #[command(flatten)]
        of: RolloutOf,
        /// Who and why.
        #[command(flatten)]
        person: PersonArgs,
        /// Sign it with this key, by `ssh-keygen -Y`.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Stand still until `start`.
    Hold {
        /// Which rollout.
        #[command(flatten)]
        of: RolloutOf,
        /// Who and why.
        #[command(flatten)]
        person: PersonArgs,
    },
}

/// The kinds of output of `relgate rollout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RolloutFormat {
    /// For a person.
    Terminal,
    /// Schema relgate/rollout/v1.
    Json,
}

/// How to go back, and the exit codes.
pub const ROLLBACK_HELP: &str = "Examples:
  relgate rollback --as ana --reason 'answers leak the prompt'
  relgate rollback --as ana --reason 'incident 4711' --run 'nginx -s reload'
  relgate rollback --as ana --reason 'slow since 2.4.0' --restore models
                                       and a hotfix that keeps the rest: `relgate check` judges it
  relgate rollback --dry-run --as ana --reason drill
  relgate rollback --as alertmanager --alert alert.json --reason 'page 4711'

The candidate's share becomes 0 at once, and the release that served before serves everybody. The candidate is then
quarantined: `relgate rollout start --again --reason TEXT` is needed to try it again.

Exit codes:
  0  it went back, and the engines were read back
  1  it could not: an engine still serves the candidate
  2  error (usage, bad input, no rollout)";

/// What `relgate rollback` was asked.
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// Which rollout.
    #[command(flatten)]
    pub of: RolloutOf,
    /// Who and why.
    #[command(flatten)]
    pub person: PersonArgs,
    /// Engines.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Write the manifest of a hotfix too: this release with the artifacts of these kinds from the one that is gone back to.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = artifact_kind())]
    pub restore: Vec<ArtifactKind>,
    /// Only where this alert of Prometheus' Alertmanager (its JSON) is firing.
    #[arg(long, value_name = "FILE")]
    pub alert: Option<PathBuf>,
}
