//! `relgate plan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::parse_named_path;

/// How to ask for a plan, and its exit codes.
pub const PLAN_HELP: &str = "Examples:
  relgate plan                                      what each gate reads, and how many samples it needs
  relgate plan --n 2000                             how likely all pass with 2,000 samples of each evidence entry
  relgate plan --n answers=2000 --true toxicity=0.02%
  relgate plan --report html=plan.html              chances by the number of samples and by the true value, drawn
  relgate plan --price 0.004 --latency 900 --parallel 8

Results that stand where the manifest looks for them are a pilot: they say how values spread.
Without any, a true value is assumed: of a rate below a limit half of the limit, of a comparison no change.

Exit codes:
  0  every blocking gate can pass at the planned size
  2  error: could not plan (usage, bad input)
  3  a blocking gate can never pass at the planned size";

/// What `relgate plan` was asked.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The manifest.
    #[arg(default_value = "release.yaml", value_name = "MANIFEST")]
    pub manifest: PathBuf,
    /// Plan for so many samples: of every evidence entry, or of one.
    #[arg(long, value_name = "N|EVIDENCE=N", value_parser = parse_size)]
    pub n: Vec<(Option<String>, u64)>,
    /// The chance of a pass that sizes are for.
    #[arg(long, value_name = "CHANCE", default_value = "80%", value_parser = parse_power)]
    pub power: f64,
    /// Assume this true value of what a gate judges, such as `toxicity=0.02%` or `accuracy-drop=0.5pp`.
    #[arg(long = "true", value_name = "GATE=VALUE", value_parser = parse_truth)]
    pub truths: Vec<(String, String)>,
    /// What a sample costs, in US dollars.
    #[arg(long, value_name = "USD", value_parser = parse_amount)]
    pub price: Option<f64>,
    /// How long a sample takes, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = parse_amount)]
    pub latency: Option<f64>,
    /// How many samples run at the same time.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub parallel: u64,
    /// Read the pilot of evidence NAME from PATH instead.
    #[arg(long, value_name = "NAME=PATH", value_parser = parse_named_path)]
    pub evidence: Vec<(String, String)>,
    /// Compare with this release instead: a manifest, its folder, a bundle, `git:REV[:path]`, or `none`.
    #[arg(long, value_name = "BASELINE")]
    pub baseline: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = PlanFormat::Terminal, value_name = "KIND")]
    pub format: PlanFormat,
    /// Write the plan in another form as well.
    #[arg(long, value_name = "KIND=PATH", value_parser = parse_plan_path)]
    pub report: Vec<(PlanFormat, PathBuf)>,
    /// The root that no path may leave; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Print the headline only.
    #[arg(long, short)]
    pub quiet: bool,
}

/// The kinds of output of `relgate plan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For a person.
    Terminal,
    /// Schema relgate/plan/v1.
    Json,
    /// A page for a browser, in one file, with curves.
    Html,
}

fn parse_plan_path(text: &str) -> Result<(PlanFormat, PathBuf), String> {
    let (name, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or("write KIND=PATH, for example html=plan.html")?;
    Ok((
        PlanFormat::from_str(name, false)
            .map_err(|_| format!("`{name}` is no kind of plan: terminal, json or html"))?,
        PathBuf::from(path),
    ))
}

fn parse_size(text: &str) -> Result<(Option<String>, u64), String> {
    let (name, number) = match text.split_once('=') {
        Some((name, number)) => (Some(name.to_owned()).filter(|name| !name.is_empty()), number),
        None => (None, text),
    };
    let n = number.replace([',', '_'], "").parse().ok().filter(|n| (1..=1_000_000_000).contains(n));
    n.map(|n| (name, n))
        .ok_or_else(|| "write a number of samples, for example 2000 or answers=2000".to_owned())
}

fn parse_power(text: &str) -> Result<f64, String> {
    let (digits, hundredths) = match text.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let value: Option<f64> = digits.trim().parse().ok();
    let power = value.map(|value| if hundredths { value / 100.0 } else { value });
    power
        .filter(|power| (0.5..1.0).contains(power))
        .ok_or_else(|| "write a chance from 50% to below 100%, for example 80% or 0.8".to_owned())
}

fn parse_truth(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((gate, value)) if !gate.is_empty() && !value.trim().is_empty() => {
            Ok((gate.to_owned(), value.trim().to_owned()))
        }
        _ => Err("write GATE=VALUE, for example toxicity=0.02%".to_owned()),
    }
}

fn parse_amount(text: &str) -> Result<f64, String> {
    let value = text.trim_start_matches('$').parse::<f64>().ok();
    value
        .filter(|value| value.is_finite() && *value >= 0.0)
        .ok_or_else(|| "write a number of 0 or more".to_owned())
}
