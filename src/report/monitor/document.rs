//! The finished view of a run of `relgate monitor`.

use serde::Serialize;

use crate::manifest::Category;
use crate::monitor::{ArmReading, LogCounts, Readings, RecordEvent, SignalOutcome, SignalReading};
use crate::report::Exit;
use crate::report::v1::{Finite, ReportTool};

/// The name of the format.
const SCHEMA: &str = "relgate/monitor/v1";

/// What a view is made of.
pub struct MonitorFacts<'a> {
    /// The release's name.
    pub name: &'a str,
    /// The candidate's version.
    pub release: &'a str,
    /// The stable release's version, where there is one.
    pub stable: Option<&'a str>,
    /// `beside` or `alone`.
    pub phase: &'static str,
    /// The candidate's share that is meant now; none where nobody says it.
    pub weight: Option<f64>,
    /// When it was looked, as RFC 3339.
    pub now: String,
    /// What was seen.
    pub readings: &'a Readings,
    /// What is done when a signal of this id and category fails.
    pub action: &'a dyn Fn(&str, Category) -> String,
}

/// The whole.
#[derive(Debug, Clone, Serialize)]
pub struct MonitorReport {
    schema: &'static str,
    tool: ReportTool,
    pub(super) now: String,
    pub(super) name: String,
    pub(super) release: String,
    pub(super) stable: Option<String>,
    pub(super) phase: &'static str,
    pub(super) weight: Finite,
    pub(super) decision: &'static str,
    /// The signals.
    pub signals: Vec<MonitoredSignal>,
    pub(super) log: MonitoredLog,
    pub(super) notes: Vec<String>,
}

/// One signal.
#[derive(Debug, Clone, Serialize)]
pub struct MonitoredSignal {
    /// Its id.
    pub id: String,
    pub(super) rule: String,
    pub(super) category: &'static str,
    pub(super) unit: &'static str,
    /// Its outcome's word.
    pub outcome: &'static str,
    /// Why.
    pub reason: String,
    /// What the values of both sides are shares of, where that is values beyond a limit.
    pub(super) counts: Option<MonitoredEvent>,
    pub(super) candidate: MonitoredArm,
    pub(super) stable: MonitoredArm,
    pub(super) evidence: MonitoredEvidence,
    pub(super) seen: Option<MonitoredSeen>,
    pub(super) method: &'static str,
    pub(super) action: String,
}

/// Values beyond a limit.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MonitoredEvent {
    /// `at-least`, `above`, `at-most` or `below`.
    pub(super) side: &'static str,
    /// In the signal's unit.
    pub(super) limit: f64,
}

impl MonitoredEvent {
    fn of(event: RecordEvent) -> Option<Self> {
        let (side, limit) = match event {
            RecordEvent::AtLeast(limit) => ("at-least", limit),
            RecordEvent::Above(limit) => ("above", limit),
            RecordEvent::AtMost(limit) => ("at-most", limit),
            RecordEvent::Below(limit) => ("below", limit),
            RecordEvent::True | RecordEvent::False => return None,
        };
        Some(Self { side, limit })
    }
}

/// One side of a signal.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MonitoredArm {
    pub(super) value: Finite,
    pub(super) n: u64,
    pub(super) events: Option<u64>,
    pub(super) units: u64,
    pub(super) missing: u64,
}

impl From<ArmReading> for MonitoredArm {
    fn from(arm: ArmReading) -> Self {
        let ArmReading { value, n, events, units, missing } = arm;
        Self { value: value.into(), n, events, units, missing }
    }
}

/// The evidence, as natural logarithms.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct MonitoredEvidence {
    pub(super) fail: Finite,
    pub(super) fail_at: Finite,
    pub(super) pass: Finite,
    pub(super) pass_at: Finite,
}

/// What a step has seen.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MonitoredSeen {
    pub(super) detect: Finite,
    pub(super) have: u64,
    pub(super) needed: Option<u64>,
    pub(super) counted: &'static str,
    pub(super) power: f64,
    /// Whether a step may end without a pass.
    pub enough: bool,
}

/// What became of the rows, and when and how many there are.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct MonitoredLog {
    #[serde(flatten)]
    pub(super) counts: LogCounts,
    pub(super) requests_a_day: Finite,
    pub(super) newest: Finite,
}

impl MonitorReport {
    /// The finished view.
    #[must_use]
    pub fn of(facts: &MonitorFacts<'_>) -> Self {
        let readings = facts.readings;
        let signal = |one: &SignalReading| MonitoredSignal {
            id: one.id.clone(),
            rule: one.rule.clone(),
            category: one.category.word(),
            unit: one.unit,
            outcome: one.outcome.word(),
            reason: one.reason.clone(),
            counts: one.event.and_then(MonitoredEvent::of),
            candidate: one.candidate.into(),
            stable: one.stable.into(),
            evidence: MonitoredEvidence {
                fail: one.fail.into(),
                fail_at: one.fail_at.into(),
                pass: one.pass.into(),
                pass_at: one.pass_at.into(),
            },
            seen: one.seen.map(|seen| MonitoredSeen {
                detect: seen.detect.into(),
                have: seen.have,
                needed: seen.needed,
                counted: seen.counted,
                power: crate::stats::sequential::power::ENOUGH,
                enough: seen.enough(),
            }),
            method: one.method,
            action: (facts.action)(&one.id, one.category),
        };
        Self {
            schema: SCHEMA,
            tool: ReportTool::own(),
            now: facts.now.clone(),
            name: facts.name.to_owned(),
            release: facts.release.to_owned(),
            stable: facts.stable.map(str::to_owned),
            phase: facts.phase,
            weight: facts.weight.into(),
            decision: decision(readings),
            signals: readings.signals.iter().map(signal).collect(),
            log: MonitoredLog {
                counts: readings.log,
                requests_a_day: readings.traffic.into(),
                newest: readings.newest.into(),
            },
            notes: readings.notes.clone(),
        }
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        crate::report::json::pretty(self)
    }

    /// How a command ends; `require_pass` where all have to pass.
    #[must_use]
    pub fn exit(&self, require_pass: bool) -> Exit {
        let any = |word: &str| self.signals.iter().any(|signal| signal.outcome == word);
        match () {
            () if any("fail") => Exit::Fail,
            () if any("blind") || self.signals.is_empty() => Exit::Error,
            () if require_pass && self.decision != "pass" => Exit::Inconclusive,
            () => Exit::Pass,
        }
    }
}

/// Whether a text is such a document.
pub(super) fn is_own(text: &str) -> bool {
    text.starts_with("{\n  \"schema\": \"relgate/monitor/v1\"")
}

/// The worst of all; a pass where every signal but the split itself passed.
fn decision(readings: &Readings) -> &'static str {
    match readings.worst() {
        SignalOutcome::Inconclusive if readings.all_pass() => "pass",
        worst => worst.word(),
    }
}
