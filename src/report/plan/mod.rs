//! What to expect of an evaluation: the finished view (`relgate/plan/v1`), as JSON and for people.

mod of;
mod terminal;
mod words;

pub use of::{PlanFacts, PlannedCosts};
pub(super) use words::chance;
pub use words::never_passes;

use serde::Serialize;

use super::v1::{Finite, ReportFinding, ReportTool, SliceKey, Word};
use crate::manifest::{Category, Enforcement, Reference, Unit};
use crate::metric::Method;

/// The name of the format.
pub(in crate::report) const SCHEMA: &str = "relgate/plan/v1";

/// A whole plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanReport {
    /// `relgate/plan/v1`.
    pub schema: &'static str,
    /// Which relgate planned.
    pub tool: ReportTool,
    /// `name` of the manifest.
    pub name: String,
    /// `version` of the manifest.
    pub version: String,
    /// The chance that sizes are for.
    pub power: Finite,
    /// 3 where a blocking gate can never pass, else 0.
    pub exit_code: u8,
    /// The blocking gates that can never pass at the planned sizes.
    pub never_pass: Vec<String>,
    /// The evidence entries that gates read, in the order of the manifest.
    pub evidence: Vec<PlannedEvidence>,
    /// The gates in the order of the manifest.
    pub gates: Vec<PlannedGate>,
    /// All that blocks together.
    pub joint: PlannedJoint,
    /// What the evaluation costs in US dollars; none where no price is known for some of it.
    pub cost_usd: Finite,
    /// How long it takes in seconds; none where no latency is known for some of it.
    pub seconds: Finite,
    /// How many samples run at the same time.
    pub parallel: u64,
    /// What is worth a look.
    pub warnings: Vec<ReportFinding>,
}

/// One evidence entry, as it is planned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedEvidence {
    /// Its name.
    pub name: String,
    /// Whether results of it are there: a pilot.
    pub pilot: bool,
    /// Samples that are planned; none where nobody knows.
    pub n: Option<u64>,
    /// Where that number comes from: `given`, `pilot`, `needed` or `unknown`.
    pub n_from: &'static str,
    /// Samples with which every gate has the wanted chance; none where no practical number does, or that cannot be said.
    pub needed: Option<u64>,
    /// US dollars a sample.
    pub price_usd: Finite,
    /// Milliseconds a sample.
    pub latency_ms: Finite,
    /// US dollars together.
    pub cost_usd: Finite,
    /// Seconds together, so many at a time.
    pub seconds: Finite,
}

/// One gate, as it is planned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedGate {
    /// Its identifier.
    pub id: String,
    /// Its rule as written.
    pub rule: String,
    /// The metric's folded name.
    pub metric: String,
    /// What the metric is about.
    pub category: Option<Word<Category>>,
    /// What its outcome does.
    pub enforcement: Word<Enforcement>,
    /// The evidence entry.
    pub evidence: String,
    /// Whether nothing was measured for it yet.
    pub foreseen: bool,
    /// The fields or aggregate that it reads.
    pub reads: Vec<String>,
    /// What their values are: a unit, `true/false`, or `number`.
    pub values: String,
    /// The earlier release that it compares with.
    pub against: Option<Word<Reference>>,
    /// How its limits will be found, as far as that is known.
    pub method: Option<Word<Method>>,
    /// One-sided confidence of a pass.
    pub confidence: Finite,
    /// The fields by whose values it is judged on its own.
    pub by: Vec<String>,
    /// Samples with which every part of it has the wanted chance.
    pub needed: Option<u64>,
    /// Samples below which it can never pass.
    pub least: Option<u64>,
    /// Whether the value that the pilot measured meets the rule; none without a pilot.
    pub pilot_holds: Option<bool>,
    /// Why its chances cannot be reckoned: `observed`, `stated`, `needs-pilot` or `method`; none where they can.
    pub unknown: Option<&'static str>,
    /// What true values are: the quantity of the rule (`value`), or the share of samples beyond its limit (`share`).
    pub truth: &'static str,
    /// The limit, as a true value.
    pub threshold: Finite,
    /// Whether the chances are exact, and no approximation.
    pub exact: bool,
    /// The chance of a pass against the true value, at the planned size; empty where it cannot be reckoned.
    pub curve: Vec<PlannedPoint>,
    /// The chance that its least likely part passes at the assumed true value, against the number of samples; empty where it cannot be
    /// reckoned.
    pub sizes: Vec<PlannedSize>,
    /// In which unit true values are told.
    #[serde(skip)]
    pub unit: Unit,
    /// The whole first, then the slices that the pilot has.
    pub parts: Vec<PlannedPart>,
    /// The gate in sentences, one after another.
    pub text: Vec<String>,
}

/// A point of an operating characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PlannedPoint {
    /// The true value.
    pub truth: Finite,
    /// The chance of a pass.
    pub passes: Finite,
}

/// How likely a gate passes with so many samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PlannedSize {
    /// Samples.
    pub n: u64,
    /// The chance of a pass.
    pub passes: Finite,
}

/// All samples of a gate, or a slice of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedPart {
    /// Field and label; empty for the whole.
    pub key: SliceKey,
    /// Samples that are planned.
    pub n: Option<u64>,
    /// The true value that is assumed.
    pub assumed: Finite,
    /// Where it comes from: `given`, `pilot`, `no-change`, `twice-the-margin` or `halfway`.
    pub assumed_from: Option<&'static str>,
    /// Samples of the evidence with which it has the wanted chance.
    pub needed: Option<u64>,
    /// The chance of a pass.
    pub passes: Finite,
    /// The true value that is found out as a fail with the wanted chance.
    pub detects: Finite,
    /// Whether it can pass, whatever is true.
    pub can_pass: bool,
    /// Whether it can fail, whatever is true.
    pub can_fail: bool,
}

/// How likely all blocking gates pass together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedJoint {
    /// Gates that are in it.
    pub gates: usize,
    /// Parts of them; each slice is one.
    pub parts: usize,
    /// The product of their chances: as if they had nothing to do with each other.
    pub independent: Finite,
    /// No less, however they hang together.
    pub at_least: Finite,
    /// No more, however they hang together.
    pub at_most: Finite,
    /// Blocking gates that are not in it, because nobody can reckon their chance.
    pub unknown: Vec<String>,
}

impl PlanReport {
    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        super::json::pretty(self)
    }
}
