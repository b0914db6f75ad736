//! `report.json`, schema `relgate/report/v1`: the one finished view of a judgement, written by `check` and read again.
//!
//! Every rendering is made of what stands here and of nothing else, so a saved report tells in another form what the
//! judgement told. These types are apart from those of the stages: a stage may change, this shape only grows. Keys
//! stand in the order of the fields; absent is `null`; a number is finite by its type.

mod of;
mod read;
pub(super) mod wire;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use read::read;
pub use wire::{Finite, Schema, SliceKey, Word};

use crate::gate::{Outcome, ReasonKind};
use crate::manifest::{Category, Enforcement, Reference, ReleaseType, Unit};
use crate::metric::Method;
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
    /// What is to be released; none where the manifest could not be read.
    pub release: Option<ReportRelease>,
    /// The gates together.
    pub decision: Word<Decision>,
    /// The exit code of the command that judged.
    pub exit_code: u8,
    /// The step to take: what to do about the gate or error that stands in the way; none for a pass.
    pub next: Option<String>,
    /// The gates in the order of the manifest, then the built-in ones.
    pub gates: Vec<ReportGate>,
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
}

/// One gate, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportGate {
    /// Its identifier; `ID@anchor` for the same rule against the anchor.
    pub id: String,
    /// Its rule as written.
    pub rule: String,
    /// The metric's folded name.
    pub metric: String,
    /// What the metric is about.
    pub category: Option<Word<Category>>,
    /// What its outcome does.
    pub enforcement: Word<Enforcement>,
    /// What it came to.
    pub outcome: Word<Outcome>,
    /// The first of the waivers that it ships under; all stand in `waivers`.
    pub waived: Option<ReportAcceptance>,
    /// Why.
    pub reason: ReportReason,
    /// Why the gate is there, as its author says.
    pub rationale: Option<String>,
    /// The candidate's own numbers.
    pub candidate: ReportEstimate,
    /// Which earlier release it is compared with; none for a rule about a level.
    pub against: Option<Word<Reference>>,
    /// That release's numbers.
    pub baseline: Option<ReportEstimate>,
    /// The change from there to here, as the rule means it.
    pub change: Option<ReportChange>,
    /// The unit of `candidate` and `baseline`; proportions are fractions, plain numbers have none.
    #[serde(with = "wire::unit")]
    pub unit: Unit,
    /// What was asked.
    pub threshold: ReportThreshold,
    /// p-value of "the rule holds", the largest of the whole and its slices.
    pub p_pass: Finite,
    /// p-value of "the rule is broken", the smallest of them.
    pub p_fail: Finite,
    /// The same in the light of all blocking gates.
    pub p_fail_adjusted: Finite,
    /// The size of a fresh run, for an inconclusive gate.
    pub needed: Option<ReportNeeded>,
    /// The cases behind an outcome that is not a pass, worst first; none where they are not known.
    pub cases: Option<Vec<ReportCase>>,
    /// How many more cases there are; none where they are not known.
    pub cases_omitted: Option<u64>,
    /// The slices that were judged on their own.
    pub slices: Vec<ReportSlice>,
}

/// Why a gate came to its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportReason {
    /// A word of a closed list, such as `bound-clears-threshold`.
    pub code: String,
    /// What stands between the gate and an answer; none where it has one.
    pub kind: Option<Word<ReasonKind>>,
    /// Why, in a sentence.
    pub text: String,
    /// What to do about it, in a sentence; none for a pass.
    pub advice: Option<String>,
}

/// A value with its one-sided limits, and what it was measured on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportEstimate {
    /// The value over the scored samples.
    pub value: Finite,
    /// The lower limit, at `confidence`.
    pub lower: Finite,
    /// The upper limit, at `confidence`.
    pub upper: Finite,
    /// The sides that no limit closes: `lower`, `upper`.
    pub unbounded: Vec<String>,
    /// One-sided confidence of each limit.
    pub confidence: Finite,
    /// Samples with a usable score.
    pub n: Option<u64>,
    /// True samples among them, or exceedances of the threshold for a quantile.
    pub events: Option<u64>,
    /// Clusters of samples that are not independent within.
    pub clusters: Option<u64>,
    /// Selected rows.
    pub selected: Option<u64>,
    /// Rows in the evidence.
    pub rows: Option<u64>,
    /// Selected rows without a usable score.
    pub missing: Option<u64>,
    /// How the limits were found.
    pub method: Word<Method>,
    /// The evidence entry.
    pub evidence: String,
}

/// A change between two releases with its one-sided limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportChange {
    /// The change, in the unit of the threshold.
    pub value: Finite,
    /// The lower limit, at `confidence`.
    pub lower: Finite,
    /// The upper limit, at `confidence`.
    pub upper: Finite,
    /// The sides that no limit closes: `lower`, `upper`.
    pub unbounded: Vec<String>,
    /// One-sided confidence of each limit.
    pub confidence: Finite,
    /// Samples it rests on: pairs where it is paired.
    pub n: Option<u64>,
    /// Whether it is a share of the baseline.
    pub relative: bool,
    /// Whether both were measured on the same ids.
    pub paired: bool,
    /// How the limits were found.
    pub method: Word<Method>,
}

/// What a rule asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportThreshold {
    /// The comparison as written: `<`, `<=`, `>`, `>=`, `==`, `!=`.
    pub op: String,
    /// The threshold in `unit`.
    pub value: Finite,
    /// The unit of the threshold and of `change`; a difference of proportions is a fraction too.
    #[serde(with = "wire::unit")]
    pub unit: Unit,
    /// The threshold as its author wrote it.
    pub text: String,
}

/// The size of a fresh run that would most likely decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportNeeded {
    /// Its samples; none where no practical number would do.
    pub samples: Option<u64>,
    /// The chance that it decides.
    pub power: Finite,
    /// The true value that is assumed.
    pub assumed: Finite,
    /// The least number of samples that could ever show the rule.
    pub least: Option<u64>,
}

/// One case behind an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportCase {
    /// The sample's id as written.
    pub id: String,
    /// Its epoch, where the evidence has several.
    pub epoch: Option<String>,
    /// Its value, as the gate reads it; none where it has no score.
    pub value: Finite,
    /// The baseline's value of the same id.
    pub baseline: Finite,
    /// The text of its `error` field.
    pub error: Option<String>,
}

/// One slice of a gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSlice {
    /// Field and label, in the order of `by:`.
    pub key: SliceKey,
    /// What it came to.
    pub outcome: Word<Outcome>,
    /// The candidate's own numbers in it.
    pub candidate: ReportEstimate,
    /// The change in it, for a comparison.
    pub change: Option<ReportChange>,
    /// p-value of "the rule holds".
    pub p_pass: Finite,
    /// p-value of "the rule is broken".
    pub p_fail: Finite,
}

/// An accepted exception, beside the gate that ships under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportAcceptance {
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

/// A declared waiver, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportWaiver {
    /// The gate that it is for.
    pub gate: String,
    /// The slice that it is limited to.
    pub slice: Option<SliceKey>,
    /// `used`, `unused`, `other-slice`, `expired`, `limit-not-met`, `not-enough` or `for-an-error`.
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
    /// `added`, `modified`, `removed`, `unchanged`; none without a baseline.
    pub changed: Option<String>,
}

/// A line on what changed, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportLine {
    /// How it must be told.
    pub told: Word<Told>,
    /// The artifact it is about, as `prompts.system`.
    pub artifact: Option<String>,
    /// What was: a version, a rule, a value.
    pub before: Option<String>,
    /// What is.
    pub after: Option<String>,
    /// The whole line as a sentence, without the word of `told`.
    pub text: String,
}

/// How a change must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// It lets more through than before; never counted into a rest.
    Looser,
    /// It blocks, and nobody can tell which way it goes; never counted into a rest.
    MayBeLooser,
    /// It changed.
    Changed,
}

/// One change between two releases, in detail; the same in `relgate diff`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRecord {
    /// The stable id of its rule.
    pub id: String,
    /// Where it is, such as `gates.toxicity.threshold`.
    pub path: String,
    /// The artifact it is about, as `prompts.system`.
    pub artifact: Option<String>,
    /// How much it matters.
    pub severity: Word<crate::diff::Weight>,
    /// Which way it goes.
    pub direction: Word<crate::diff::Direction>,
    /// What changed, in a sentence.
    pub text: String,
    /// What was; none where it was not there.
    pub before: Option<String>,
    /// What is; none where it is gone.
    pub after: Option<String>,
    /// What shows it.
    pub details: Vec<ReportDetail>,
}

/// One piece of what shows a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum ReportDetail {
    /// A line of text.
    Line {
        /// The text.
        line: String,
    },
    /// A passage of a text, word by word.
    Words {
        /// The line on which the passage starts, from 1.
        at: usize,
        /// Its pieces in order, spaces included.
        words: Vec<ReportWord>,
    },
}

/// A piece of a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportWord {
    /// `same`, `removed` or `added`.
    pub op: String,
    /// The text of the piece.
    pub text: String,
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
    /// Its digest: of the file, or of `digest  name` lines where there are several.
    pub sha256: String,
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
}

/// An error or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportFinding {
    /// The code of docs/codes.md.
    pub code: String,
    /// What was found, in a sentence.
    pub text: String,
    /// The file, if it stands in one.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
}

impl ReportTool {
    /// This build of relgate.
    #[must_use]
    pub fn own() -> Self {
        Self { name: "relgate".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

impl ReportGate {
    /// Whether it stops the release unless it passes or is waived.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.enforcement.0 == Enforcement::Block
    }

    /// The threshold in the unit that people read: a difference of proportions is told in points.
    #[must_use]
    pub fn judged_unit(&self) -> Unit {
        match &self.change {
            Some(change) if !change.relative && self.threshold.unit == Unit::FRACTION => Unit::POINTS,
            _ => self.threshold.unit,
        }
    }
}

impl SliceKey {
    /// As a person names it: `lang = de, topic = refunds`.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.iter().map(|(field, label)| format!("{field} = {label}")).collect::<Vec<_>>().join(", ")
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
