//! One gate over the versions of a release.

use crate::gate::Outcome;
use crate::manifest::{ChangeWord, Unit};
use crate::report::v1::{Report, ReportChange, ReportEstimate, ReportGate};

/// A gate over the versions.
#[derive(Debug, Clone)]
pub struct GateHistory {
    /// Its id; `ID@anchor` where it is held against the anchor.
    pub id: String,
    /// The unit of all of its figures.
    pub unit: Unit,
    /// In the order of the versions; a version without the gate has none.
    pub points: Vec<Point>,
}

/// What a gate came to in one version.
#[derive(Debug, Clone)]
pub struct Point {
    /// The place of the version in the history.
    pub release: usize,
    /// What was judged: the estimate, or the change where it is about one.
    pub value: Option<f64>,
    /// Its lower limit.
    pub lower: Option<f64>,
    /// Its upper limit.
    pub upper: Option<f64>,
    /// Value, limits and size in words.
    pub told: String,
    /// The rule as it was then.
    pub rule: String,
    /// What was asked then: `< 1.5%`.
    pub asked: String,
    /// The comparison then.
    pub op: String,
    /// The thresholds then: two where a change counted either way.
    pub thresholds: Vec<f64>,
    /// What it came to.
    pub outcome: Outcome,
    /// What took the effect of that away: `, waived`.
    pub effect: String,
}

/// The gates of the last report, then those that only earlier ones have.
pub(super) fn histories(reports: &[&Report]) -> Vec<GateHistory> {
    let mut histories: Vec<GateHistory> = Vec::new();
    for report in reports.iter().rev() {
        for gate in report.gates.iter().filter(|gate| gate.outcome.0 != Outcome::NotApplicable) {
            let unit = gate.judged_unit();
            if !histories.iter().any(|known| known.is_of(gate)) {
                histories.push(GateHistory { id: gate.id.clone(), unit, points: Vec::new() });
            }
        }
    }
    for history in &mut histories {
        for (release, report) in reports.iter().enumerate() {
            let gates = report.gates.iter().filter(|gate| gate.outcome.0 != Outcome::NotApplicable);
            let own = gates.into_iter().find(|gate| history.is_of(gate)).map(|gate| Point::of(gate, release));
            history.points.extend(own);
        }
    }
    histories
}

impl GateHistory {
    /// Figures in another unit are another history: nobody can draw them on one axis.
    fn is_of(&self, gate: &ReportGate) -> bool {
        self.id == gate.id && self.unit == gate.judged_unit()
    }

    /// The last version's.
    #[must_use]
    pub fn newest(&self) -> Option<&Point> {
        self.points.last()
    }
}

impl Point {
    fn of(gate: &ReportGate, release: usize) -> Self {
        let (value, lower, upper) = match (&gate.change, &gate.candidate) {
            (Some(ReportChange { value, lower, upper, .. }), _)
            | (None, ReportEstimate { value, lower, upper, .. }) => (value.get(), lower.get(), upper.get()),
        };
        let either_way = gate.threshold.change.is_some_and(|word| word.0 == ChangeWord::Change);
        let thresholds = gate.threshold.value.get().map_or_else(Vec::new, |threshold| {
            if either_way { vec![-threshold, threshold] } else { vec![threshold] }
        });
        Self {
            release,
            value,
            lower,
            upper,
            told: gate.judged(),
            rule: gate.rule.clone(),
            asked: gate.asked(),
            op: gate.threshold.op.clone(),
            thresholds,
            outcome: gate.outcome.0,
            effect: gate.effect(),
        }
    }

    /// Whether low values are good, as far as the rule says it.
    pub(super) fn wants_low(&self) -> Option<bool> {
        match self.op.as_str() {
            "<" | "<=" if self.thresholds.len() == 1 => Some(true),
            ">" | ">=" => Some(false),
            _ => None,
        }
    }
}
