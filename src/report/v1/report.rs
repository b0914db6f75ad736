//! The whole report, and what it says besides gates and changes.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use super::changed::{ReportLine, ReportRecord};
use super::gate::ReportGate;
use super::ledger::ReportLedger;
use super::next::ReportNext;
use super::risks::ReportRisk;
use super::wire::{self, Finite, Schema, SliceKey, Word};
use crate::manifest::{Category, ReleaseType, Unit};
use crate::verdict::Decision;

/// A whole judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `relgate/report/v1`.
    pub schema: Schema,
    /// Which relgate judged.
    pub tool: ReportTool,
    /// When the report was made, to the second.
    #[serde(with = "wire::second")]
    pub generated_at: DateTime<Utc>,
    /// The day that expiry and age are judged on.
    #[serde(with = "wire::text")]
    pub as_of: NaiveDate,
    /// The manifest's file, relative to the root as every file that a report names; none where no manifest was read.
    pub manifest: Option<String>,
    /// What is to be released; none where the manifest could not be read.
    pub release: Option<ReportRelease>,
    /// The gates together.
    pub decision: Word<Decision>,
    /// The exit code of the command that judged.
    pub exit_code: u8,
    /// The step to take.
    pub next: ReportNext,
    /// The gates in the order of the manifest, then the built-in ones.
    pub gates: Vec<ReportGate>,
    /// How the values behind the gates lie, where they are numbers of single samples.
    pub distributions: Vec<ReportDistribution>,
    /// The register of risks in the order of the manifest; each has its gate in `gates`.
    pub risks: Vec<ReportRisk>,
    /// The pinned artifacts in the order of the manifest.
    pub artifacts: Vec<ReportArtifact>,
    /// What changed since the baseline, what got looser first; none without a baseline, or where it could not be told.
    pub changes: Option<Vec<ReportRecord>>,
    /// The version of the baseline that `changes` counts from; none without a baseline.
    pub changes_since: Option<String>,
    /// The same in a line each for people, as far as it is known.
    pub changed: Vec<ReportLine>,
    /// The waivers in the order of the manifest, used or not.
    pub waivers: Vec<ReportWaiver>,
    /// How it was judged; none where it could not be.
    pub policy: Option<ReportPolicy>,
    /// What it was judged on.
    pub evidence: Vec<ReportEvidence>,
    /// What could not be judged, and what stands in the way besides gates.
    pub errors: Vec<ReportFinding>,
    /// What is worth a look.
    pub warnings: Vec<ReportFinding>,
    /// The command that judges the same again, quoted for a POSIX shell; none where nothing was judged.
    pub command: Option<String>,
    /// The SHA-256 of all of this, so that an edit does not go unnoticed; empty before the report is told as JSON.
    pub checksum: String,
    /// What the ledger says, read where a report for people outside is told; no part of report.json.
    #[serde(skip)]
    pub remembered: Option<ReportLedger>,
}

/// How the values of a field lie: the quantiles of its distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportDistribution {
    /// The evidence entry.
    pub evidence: String,
    /// The field.
    pub field: String,
    /// The unit of the values.
    #[serde(with = "wire::unit")]
    pub unit: Unit,
    /// The shares of the samples that are at or below the values of the same place, from 0 to 1.
    pub shares: Vec<Finite>,
    /// The candidate's values, ascending.
    pub candidate: Vec<Finite>,
    /// The earlier release's; none where its results were not read.
    pub baseline: Option<Vec<Finite>>,
}

/// The program that wrote a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportTool {
    /// `relgate`.
    pub name: String,
    /// Its semantic version.
    pub version: String,
}

/// What is to be released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRelease {
    /// `name` of the manifest.
    pub name: String,
    /// `version` of the manifest.
    #[serde(with = "wire::text")]
    pub version: semver::Version,
    /// `type` of the manifest.
    #[serde(rename = "type")]
    pub release_type: Word<ReleaseType>,
    /// `summary` of the manifest.
    pub summary: Option<String>,
    /// The digest of the manifest's bytes, 64 hexadecimal digits.
    pub manifest_sha256: String,
    /// The digest of the lock that the artifacts were held against; none without a lock.
    pub lock_sha256: Option<String>,
    /// The digest of gates, metrics, policy and what selects rows, inherited ones included; none where nothing was judged.
    pub criteria_sha256: Option<String>,
}

/// A declared waiver, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportWaiver {
    /// The gate that it is for.
    pub gate: String,
    /// The slice that it is limited to.
    pub slice: Option<SliceKey>,
    /// `used`, `unused`, `other-slice`, `expired`, `unsigned`, `limit-not-met`, `not-enough` or `for-an-error`.
    pub state: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who asked for it.
    pub owner: String,
    /// Who accepted it.
    pub approver: String,
    /// The last day on which it holds.
    #[serde(with = "wire::text")]
    pub expires: NaiveDate,
    /// The worst value that it accepts, as written.
    pub limit: Option<String>,
}

/// One pinned artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportArtifact {
    /// `model`, `prompt`, `dataset`, `safety_policy`, `inference_config`, `eval_suite`.
    pub kind: String,
    /// Its name in the manifest.
    pub name: String,
    /// Its declared version.
    pub version: String,
    /// The digest of its bytes, where they are known.
    pub sha256: Option<String>,
    /// The file or folder, as the manifest names it.
    pub path: Option<String>,
    /// Where it lives when it is not in the repository.
    pub uri: Option<String>,
    /// What its digest is of: `file`, `folder` (lines of digest and name), `values` (canonical JSON), `elsewhere`, or `unusable`.
    pub content: String,
    /// What a dataset is for: `eval`, `train` or another role of the manifest.
    pub role: Option<String>,
    /// `added`, `modified`, `removed`, `unchanged`; none without a baseline.
    pub changed: Option<String>,
}

/// How a release was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportPolicy {
    /// Confidence of a pass.
    pub confidence: Finite,
    /// Confidence of a fail.
    pub fail_confidence: Finite,
    /// How often the evidence may be judged while it grows.
    pub looks: u32,
    /// `block` or `warn`.
    pub on_inconclusive: String,
    /// `refuse` or `accept`.
    pub point_estimates: String,
    /// What becomes of missing samples.
    pub missing_samples: ReportMissing,
    /// `warn` or `require`.
    pub binding: String,
    /// `warn` or `refuse`.
    pub unpinned_models: String,
    /// `warn` or `block`.
    pub looser_changes: String,
    /// How far from the day of the judgement a waiver may expire, as written.
    pub waiver_at_most: String,
    /// The oldest evidence that counts, as written; none without a limit.
    pub max_evidence_age: Option<String>,
    /// The categories that need a blocking gate.
    pub require: Vec<Word<Category>>,
    /// Whether the policy states them; else they are those of the release type.
    pub require_stated: bool,
    /// Whether a blocking gate must show that quality is no worse than the baseline's.
    pub no_regression_on_quality: bool,
    /// Whether observed facts satisfy `require`.
    pub observed_counts: bool,
    /// `warn` or `require`: whether the register of risks has to be whole.
    pub risks: String,
}

/// What becomes of missing samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportMissing {
    /// The largest share that is left out; 0 where each counts as the worst case.
    pub exclude_up_to: Finite,
}

/// One evidence entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportEvidence {
    /// Its name in the manifest.
    pub name: String,
    /// How its files are written.
    pub format: String,
    /// Its digest: of the file, or of `digest  name` lines where there are several. None only before a report is written: where
    /// nothing asked for it, as in a dry run on a terminal.
    #[serde(deserialize_with = "there")]
    pub sha256: Option<String>,
    /// The declared digest.
    pub declared: Option<String>,
    /// Rows in it; none for aggregates.
    pub rows: Option<u64>,
    /// Rows that count.
    pub selected: Option<u64>,
    /// Rows that count and have every gated score.
    pub scored: Option<u64>,
    /// Rows that count and carry an error.
    pub errored: Option<u64>,
    /// Calls that were made for the rows, repeats included; none where the evidence does not tell.
    pub attempts: Option<u64>,
    /// Rows that the model refused to answer; none where the evidence does not tell.
    pub refused: Option<u64>,
    /// Rows that a content filter stopped; none where the evidence does not tell.
    pub filtered: Option<u64>,
    /// Rows that a rate or length limit stopped; none where the evidence does not tell.
    pub limited: Option<u64>,
    /// How often each error text occurs; none where it was not counted.
    pub errors: Option<std::collections::BTreeMap<String, u64>>,
    /// How many rows have error texts beside the most frequent ones; none where they were not counted.
    pub errors_omitted: Option<u64>,
    /// The ids that were dropped on purpose; none without a list of them, or an earlier release.
    pub retired: Option<ReportRetired>,
}

/// The list of ids that an entry retires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRetired {
    /// The digest of the list.
    pub sha256: String,
    /// Ids in it.
    pub listed: u64,
    /// Those of the baseline that are left out for it; none where its results were not read.
    pub left_out: Option<u64>,
}

/// An error or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportFinding {
    /// The code of docs/codes.md.
    pub code: String,
    /// What was found, in a sentence.
    pub text: String,
    /// The file, if it stands in one: relative to the root, or as it was named where it is elsewhere.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The column, from 1, in characters; none where it is about a whole line.
    pub column: Option<u64>,
    /// What to do, in a sentence each.
    pub help: Vec<String>,
}

/// What a report that is read has to say.
fn there<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(Some)
}

impl ReportTool {
    /// This build of relgate.
    #[must_use]
    pub fn own() -> Self {
        Self { name: "relgate".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl ReportFinding {
    /// The sentence with its place, for a terminal.
    #[must_use]
    pub fn in_a_line(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{} ({file}:{line})", self.text),
            (Some(file), None) => format!("{} ({file})", self.text),
            _ => self.text.clone(),
        }
    }
}
