//! `relgate summarize`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// How parts are made and judged, and the exit codes.
pub const SUMMARIZE_HELP: &str = "Examples:
  relgate summarize results/answers.jsonl -o parts/1.jsonl.gz
  relgate summarize --part 3/64 shards/0003.jsonl -o parts/0003.jsonl.gz
  relgate check --evidence 'answers=parts/*.jsonl.gz'
  relgate summarize --log --part 3/64 logs/0003.jsonl -o seen/0003.jsonl.gz
  relgate monitor --log 'seen/*.jsonl.gz'

Every part keeps what the gates of release.yaml need of each row, and no text: 40 to 170 bytes a row. Any
engine that runs a command for a file makes parts: xargs, Dask, Spark, a batch queue. `check` takes parts 1
to N of the same release.yaml, each exactly once, and its report.json is the one of the results themselves.
An id is kept as its hash, but of rows that a report may have to name.

With `--log` the files are records of production, and the parts keep what the signals of `monitoring` need;
`monitor` and `rollout` take them as they take the records. Ids and units are kept as hashes.

Exit codes:
  0  the part is written
  2  error: files that cannot be read or are no rows; nothing was written";

/// What `relgate summarize` was asked.
#[derive(Debug, Args)]
pub struct SummarizeArgs {
    /// Results of one evidence entry, or with `--log` records: files, folders, or patterns in quotes.
    #[arg(required = true, value_name = "SHARD")]
    pub shards: Vec<String>,
    /// Where the part goes; packed where the name ends with `.gz`.
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Which part it is, of how many.
    #[arg(long, value_name = "K/N", default_value = "1/1")]
    pub part: PartOf,
    /// The manifest whose gates, or signals, say what is kept.
    #[arg(long, value_name = "MANIFEST", default_value = "release.yaml")]
    pub manifest: PathBuf,
    /// The evidence entry that the results are of, where their paths do not say it.
    #[arg(long, value_name = "NAME")]
    pub evidence: Option<String>,
    /// The files are of the log that `monitoring` watches.
    #[arg(long, conflicts_with = "evidence")]
    pub log: bool,
    /// The root that no path of the manifest may leave; the git top level, else the manifest's folder.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Say nothing where all went well.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Part `number` of `of`, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOf {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

impl FromStr for PartOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed =
            text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parsed {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("write which part it is, of how many: `3/64`, from `1/64` to `64/64`".to_owned()),
        }
    }
}
