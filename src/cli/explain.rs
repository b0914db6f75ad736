//! `relgate explain`.

use std::path::PathBuf;

use clap::Args;

/// What `relgate explain` tells, and its exit codes.
pub const EXPLAIN_HELP: &str = "Examples:
  relgate explain p95-latency                  judges release.yaml now, writes nothing, and retells one gate
  relgate explain p95-latency --report relgate-report
  relgate explain metrics latency              the standard metrics with `latency` in a name
  relgate explain rules                        how rules are written
  relgate explain bad-side                     a finding, by the code in its brackets

Exit codes:
  0  explained
  2  error: there is nothing of that name, or the release could not be judged";

/// What `relgate explain` was asked.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id of a gate, `metrics`, `rules`, or a finding's code; without it, what there is to explain.
    #[arg(value_name = "TOPIC")]
    pub topic: Option<String>,
    /// With `metrics`: a word that a name has, or a category.
    #[arg(value_name = "WORD")]
    pub word: Option<String>,
    /// Explain a gate of a saved report: a report.json or its folder.
    #[arg(long, value_name = "FILE", conflicts_with = "manifest")]
    pub report: Option<PathBuf>,
    /// Explain a gate of this manifest, judged now.
    #[arg(long, value_name = "MANIFEST")]
    pub manifest: Option<PathBuf>,
}
