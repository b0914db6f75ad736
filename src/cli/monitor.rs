//! `relgate monitor`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::{parse_lasting, parse_share, parse_time};

/// How to watch production, and its exit codes.
pub const MONITOR_HELP: &str = "Examples:
  relgate monitor                                   every signal of `monitoring`, candidate beside stable
  relgate monitor --follow 30s                      again and again; looking often costs nothing
  relgate monitor --weight 10% --stable 2.3.0       without a rollout that knows them
  relgate monitor --format prometheus               for a textfile collector
  relgate monitor --cases flagged.txt               ids of flagged and failing records, for the next suite

It reads the log and the ledger, and writes nothing but what it is asked for. A signal is `fail` or `pass` when that is
shown, with tests that hold however often one looks; `inconclusive` otherwise; `blind` where data are missing or late.

Exit codes:
  0  no signal fails
  1  a signal fails
  2  a signal is blind, or error (usage, bad input)
  3  not all pass, with `--require pass` only";

/// What `relgate monitor` was asked.
#[derive(Debug, Args)]
pub struct MonitorArgs {
    /// The manifest.
    #[arg(default_value = "release.yaml", value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// Read these records instead of the manifest's `log`: a file or glob; may be given several times.
    #[arg(long, value_name = "PATH")]
    pub log: Vec<String>,
    /// Look as of this time instead of now, as RFC 3339 or seconds since 1970: for replays.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub now: Option<chrono::DateTime<chrono::Utc>>,
    /// The candidate's share of the traffic, where no rollout knows it.
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    pub weight: Option<f64>,
    /// The version of the stable release, where no rollout knows it; the baseline's otherwise.
    #[arg(long, value_name = "VERSION")]
    pub stable: Option<String>,
    /// The folder of the ledger.
    #[arg(long, value_name = "DIR")]
    pub ledger: Option<PathBuf>,
    /// Write the ids of records that failed or were flagged, one a line below a first one that says so.
    #[arg(long, value_name = "FILE")]
    pub cases: Option<PathBuf>,
    /// Read a log again that nobody wrote to since the last look.
    #[arg(long)]
    pub no_cache: bool,
    /// Also ask that every signal passes.
    #[arg(long, value_enum, value_name = "OUTCOME")]
    pub require: Option<RequiredOutcome>,
    /// Look again after so long, such as 30s, until interrupted.
    #[arg(long, value_name = "TIME", value_parser = parse_lasting)]
    pub follow: Option<std::time::Duration>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = MonitorFormat::Terminal, value_name = "KIND")]
    pub format: MonitorFormat,
    /// Write it in another form as well.
    #[arg(long, value_name = "KIND=PATH", value_parser = parse_monitor_path)]
    pub report: Vec<(MonitorFormat, PathBuf)>,
    /// The root that no path may leave but that of a log; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Print the headline only.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What may be required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RequiredOutcome {
    /// Every signal is shown to hold.
    Pass,
}

/// The kinds of output of `relgate monitor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MonitorFormat {
    /// For a person.
    Terminal,
    /// Schema relgate/monitor/v1.
    Json,
    /// For Prometheus' textfile collector.
    Prometheus,
}

fn parse_monitor_path(text: &str) -> Result<(MonitorFormat, PathBuf), String> {
    let (name, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or("write KIND=PATH, for example json=monitor.json")?;
    Ok((
        MonitorFormat::from_str(name, false)
            .map_err(|_| format!("`{name}` is no kind of output: terminal, json or prometheus"))?,
        PathBuf::from(path),
    ))
}
