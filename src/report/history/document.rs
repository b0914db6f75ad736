//! A history as JSON: schema `relgate/history/v1`.

use serde::Serialize;

use super::gate::{GateHistory, Point};
use super::judged::JudgedRelease;
use super::whole::History;
use crate::gate::Outcome;
use crate::manifest::Unit;
use crate::report::json::pretty;
use crate::report::v1::{Finite, Word};
use crate::verdict::Decision;

/// The schema of the document.
pub const HISTORY: &str = "relgate/history/v1";

/// The whole history.
#[derive(Debug, Serialize)]
pub struct HistoryDocument {
    /// [`HISTORY`].
    pub schema: &'static str,
    /// The name of what is released.
    pub name: String,
    /// The versions, ascending.
    pub releases: Vec<HistoryReleaseDocument>,
    /// The gates.
    pub gates: Vec<HistoryGateDocument>,
    /// What somebody who reads it should know.
    pub notices: Vec<String>,
}

/// One version.
#[derive(Debug, Serialize)]
pub struct HistoryReleaseDocument {
    /// Its version.
    pub version: String,
    /// The day it was judged on.
    pub as_of: String,
    /// What it came to.
    pub decision: Word<Decision>,
}

/// One gate.
#[derive(Debug, Serialize)]
pub struct HistoryGateDocument {
    /// Its id.
    pub id: String,
    /// The unit of its figures; proportions are fractions, plain numbers have none.
    #[serde(serialize_with = "crate::report::v1::wire::unit::serialize")]
    pub unit: Unit,
    /// One a version that had it.
    pub points: Vec<HistoryPointDocument>,
}

/// What a gate came to in a version.
#[derive(Debug, Serialize)]
pub struct HistoryPointDocument {
    /// The version.
    pub version: String,
    /// What was judged.
    pub estimate: HistoryEstimate,
    /// The rule as it was then.
    pub rule: String,
    /// The thresholds then; two where a change counted either way.
    pub thresholds: Vec<Finite>,
    /// What it came to.
    pub outcome: Word<Outcome>,
}

/// A value between its limits.
#[derive(Debug, Serialize)]
pub struct HistoryEstimate {
    /// The value.
    pub value: Finite,
    /// Its lower limit.
    pub lower: Finite,
    /// Its upper limit.
    pub upper: Finite,
}

/// The document as text.
#[must_use]
pub fn json(history: &History) -> String {
    pretty(&HistoryDocument::from(history))
}

impl From<&History> for HistoryDocument {
    fn from(history: &History) -> Self {
        let version = |place: usize| {
            history.releases.get(place).map_or_else(String::new, |release| release.version.to_string())
        };
        let point = |point: &Point| HistoryPointDocument {
            version: version(point.release),
            estimate: HistoryEstimate {
                value: point.value.into(),
                lower: point.lower.into(),
                upper: point.upper.into(),
            },
            rule: point.rule.clone(),
            thresholds: point.thresholds.iter().map(|threshold| Finite::from(*threshold)).collect(),
            outcome: Word(point.outcome),
        };
        let gate = |gate: &GateHistory| HistoryGateDocument {
            id: gate.id.clone(),
            unit: gate.unit,
            points: gate.points.iter().map(point).collect(),
        };
        let release = |release: &JudgedRelease| HistoryReleaseDocument {
            version: release.version.to_string(),
            as_of: release.as_of.to_string(),
            decision: Word(release.decision),
        };
        Self {
            schema: HISTORY,
            name: history.name.clone(),
            releases: history.releases.iter().map(release).collect(),
            gates: history.gates.iter().map(gate).collect(),
            notices: history.notices.clone(),
        }
    }
}
