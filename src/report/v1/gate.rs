//! One gate in a report: what was asked, what was measured, why it came to its outcome.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::people::{ReportJudge, ReportRater, ReportRerun, ReportVersion};
use super::wire::{self, Finite, SliceKey, Word};
use crate::gate::{Outcome, ReasonKind};
use crate::manifest::{Category, ChangeWord, Enforcement, Reference, Unit};
use crate::metric::Method;

/// One gate, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportGate {
    /// Its identifier; `ID@anchor` for the same rule against the anchor.
    pub id: String,
    /// Its rule as written.
    pub rule: String,
    /// Where its rule stands; none for a gate of relgate's own.
    pub place: Option<ReportPlace>,
    /// The metric's folded name.
    pub metric: String,
    /// What the metric is about.
    pub category: Option<Word<Category>>,
    /// What its outcome does.
    pub enforcement: Word<Enforcement>,
    /// What it came to.
    pub outcome: Word<Outcome>,
    /// Whether it keeps the release from passing.
    pub stops: bool,
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
    /// That release's numbers; for a rule about a level those of the baseline, where its results were read.
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
    /// How likely the whole passes at any true value with samples like these; none where nobody can reckon it.
    pub operating: Option<ReportOperating>,
    /// The place in `distributions` of the values that it is about; none where they are no numbers of single samples.
    pub distribution: Option<usize>,
    /// All that changes the figures of a metric of texts: tokenizer, smoothing, case, version; none of other metrics.
    pub signature: Option<String>,
    /// The judge whose verdicts it is made of, raw and corrected; none where no judge is declared.
    pub judge: Option<ReportJudge>,
    /// Who rated; empty where the evidence names nobody.
    pub raters: Vec<ReportRater>,
    /// The versions that were compared, the strongest first; empty where the gate is not about several.
    pub versions: Vec<ReportVersion>,
    /// What an identical run would change; none where every case has one result.
    pub rerun: Option<ReportRerun>,
    /// The slices that were judged on their own.
    pub slices: Vec<ReportSlice>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportPlace {
    /// The file, relative to the root.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1, in characters.
    pub column: u64,
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
    /// Which way a change counts; none for a rule about a level.
    pub change: Option<Word<ChangeWord>>,
}

/// The size of a fresh run that would most likely decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportNeeded {
    /// Its samples; none where no practical number would do.
    pub samples: Option<u64>,
    /// The slice that they are samples of; none for the whole.
    pub slice: Option<SliceKey>,
    /// The chance that it decides.
    pub power: Finite,
    /// The true value that is assumed.
    pub assumed: Finite,
    /// The least number of samples that could ever show the rule.
    pub least: Option<u64>,
}

/// The operating characteristic of a gate: its chance to pass as a function of the true value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportOperating {
    /// Whether the true values are shares of samples beyond the threshold, as they are of a quantile; else they are in the unit of
    /// the threshold.
    pub of_share: bool,
    /// Whether the chances are exact; else they come of a normal approximation.
    pub exact: bool,
    /// True values, ascending.
    pub truths: Vec<Finite>,
    /// The chance to pass at the true value of the same place, from 0 to 1.
    pub passes: Vec<Finite>,
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

impl ReportGate {
    /// Whether it is the gate of a risk, which follows the gates that test it.
    #[must_use]
    pub fn is_risk(&self) -> bool {
        self.reason.code.starts_with("risk-")
    }

    /// Whether it stops the release unless it passes or is waived.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.enforcement.0 == Enforcement::Block
    }

    /// The one-sided confidence of each limit of what was judged: the change, where it is about one.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.change.as_ref().map_or(self.candidate.confidence, |change| change.confidence).get()
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
