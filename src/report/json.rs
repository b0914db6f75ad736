//! `report.json`, schema `relgate/report/v1`: versioned wire structs, apart from the domain types.
//!
//! Absent is `null`; a number is finite by construction.

use std::collections::BTreeMap;

use serde::Serialize;

use super::diff::records::{WireRecord, record};
use super::document::{Artifact, Comparison, Evidence, Finding, Gate, Report, Slice, Waiver};
use crate::diagnostic::inert_json;
use crate::manifest::{Dimension, MissingSamples, Unit};
use crate::metric::{Estimate, Needed, POWER};

/// A number that JSON can hold; anything else is `null`.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub(super) struct Finite(Option<f64>);

impl From<f64> for Finite {
    fn from(value: f64) -> Self {
        Self(value.is_finite().then_some(value))
    }
}

impl From<Option<f64>> for Finite {
    fn from(value: Option<f64>) -> Self {
        Self(value.filter(|value| value.is_finite()))
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    schema: &'static str,
    tool: Tool,
    generated_at: String,
    as_of: String,
    release: WireRelease<'a>,
    decision: &'static str,
    exit_code: u8,
    gates: Vec<WireGate<'a>>,
    artifacts: Vec<WireArtifact<'a>>,
    changes: Option<Vec<WireRecord<'a>>>,
    policy: WirePolicy,
    evidence: Vec<WireEvidence<'a>>,
    errors: Vec<WireFinding<'a>>,
    warnings: Vec<WireFinding<'a>>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) fn new(version: &'static str) -> Self {
        Self { name: "relgate", version }
    }
}

#[derive(Serialize)]
struct WireRelease<'a> {
    name: &'a str,
    version: String,
    #[serde(rename = "type")]
    release_type: &'static str,
    manifest_sha256: &'a str,
    lock_sha256: Option<&'a str>,
}

#[derive(Serialize)]
struct WireGate<'a> {
    id: &'a str,
    rule: &'a str,
    metric: &'a str,
    category: Option<&'static str>,
    enforcement: &'static str,
    outcome: &'static str,
    waived: Option<WireWaiver<'a>>,
    reason: WireReason<'a>,
    candidate: WireEstimate<'a>,
    against: Option<&'static str>,
    baseline: Option<WireEstimate<'a>>,
    change: Option<WireChange>,
    threshold: WireThreshold,
    p_pass: Finite,
    p_fail: Finite,
    p_fail_adjusted: Finite,
    needed: Option<WireNeeded>,
    slices: Vec<WireSlice<'a>>,
}

#[derive(Serialize)]
struct WireChange {
    value: Finite,
    lower: Finite,
    upper: Finite,
    unbounded: Vec<&'static str>,
    confidence: Finite,
    relative: bool,
    paired: bool,
    method: &'static str,
}

#[derive(Serialize)]
struct WireSlice<'a> {
    key: BTreeMap<&'a str, &'a str>,
    outcome: &'static str,
    candidate: WireEstimate<'a>,
    p_pass: Finite,
    p_fail: Finite,
}

#[derive(Serialize)]
struct WireWaiver<'a> {
    reason: &'a str,
    owner: &'a str,
    approver: &'a str,
    expires: String,
    limit: Option<&'a str>,
}

#[derive(Serialize)]
struct WireReason<'a> {
    code: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
pub(super) struct WireEstimate<'a> {
    value: Finite,
    lower: Finite,
    upper: Finite,
    unbounded: Vec<&'static str>,
    confidence: Finite,
    n: Option<u64>,
    events: Option<u64>,
    clusters: Option<u64>,
    selected: Option<u64>,
    rows: Option<u64>,
    missing: Option<u64>,
    method: &'static str,
    evidence: &'a str,
}

#[derive(Serialize)]
struct WireThreshold {
    op: &'static str,
    value: Finite,
    unit: Option<String>,
}

#[derive(Serialize)]
struct WireNeeded {
    samples: Option<u64>,
    power: Finite,
    assumed: Finite,
    least: Option<u64>,
}

#[derive(Serialize)]
struct WireArtifact<'a> {
    kind: &'static str,
    name: &'a str,
    version: &'a str,
    sha256: Option<&'a str>,
    changed: Option<&'static str>,
}

#[derive(Serialize)]
struct WirePolicy {
    confidence: Finite,
    fail_confidence: Finite,
    looks: u32,
    on_inconclusive: &'static str,
    point_estimates: &'static str,
    missing_samples: WireMissing,
    binding: &'static str,
    unpinned_models: &'static str,
    max_evidence_age: Option<String>,
    require: Vec<&'static str>,
    require_stated: bool,
    no_regression_on_quality: bool,
    observed_counts: bool,
}

#[derive(Serialize)]
struct WireMissing {
    exclude_up_to: Finite,
}

#[derive(Serialize)]
struct WireEvidence<'a> {
    name: &'a str,
    format: &'static str,
    sha256: &'a str,
    declared: Option<&'a str>,
    rows: Option<u64>,
    selected: Option<u64>,
    scored: Option<u64>,
    errored: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct WireFinding<'a> {
    code: &'static str,
    text: &'a str,
    file: Option<&'a str>,
    line: Option<u64>,
}

/// The report as JSON text with a final newline.
pub(super) fn render(report: &Report) -> String {
    pretty(&Wire {
        schema: "relgate/report/v1",
        tool: Tool::new(report.tool_version),
        generated_at: report.generated_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        as_of: report.as_of.format("%Y-%m-%d").to_string(),
        release: WireRelease {
            name: &report.release.name,
            version: report.release.version.to_string(),
            release_type: report.release.release_type.word(),
            manifest_sha256: &report.release.manifest_sha256,
            lock_sha256: report.release.lock_sha256.as_deref(),
        },
        decision: report.decision.word(),
        exit_code: report.decision.exit_code(),
        gates: report.gates.iter().map(gate).collect(),
        artifacts: report.artifacts.iter().map(artifact).collect(),
        changes: report.changes.as_ref().map(|records| records.iter().map(record).collect()),
        policy: policy(report),
        evidence: report.evidence.iter().map(evidence).collect(),
        errors: report.errors.iter().map(finding).collect(),
        warnings: report.warnings.iter().map(finding).collect(),
    })
}

/// A wire struct as text with a final newline.
pub(super) fn pretty(wire: &impl Serialize) -> String {
    // Serialising structs of strings and numbers into a string cannot fail.
    let mut text = serde_json::to_string_pretty(wire).unwrap_or_default();
    text.push('\n');
    inert_json(&text)
}

fn gate(gate: &Gate) -> WireGate<'_> {
    WireGate {
        id: &gate.id,
        rule: &gate.rule,
        metric: &gate.metric,
        category: gate.category.map(crate::manifest::Category::word),
        enforcement: gate.enforcement.word(),
        outcome: gate.outcome.word(),
        waived: gate.waived.first().map(waiver),
        reason: WireReason { code: gate.reason.code(), text: &gate.why },
        candidate: estimate(&gate.candidate, &gate.evidence),
        against: gate.comparison.as_ref().map(|one| one.against.word()),
        baseline: gate.comparison.as_ref().map(|one| estimate(&one.baseline, &gate.evidence)),
        change: gate.comparison.as_ref().map(change),
        threshold: WireThreshold { op: gate.op, value: gate.threshold.into(), unit: unit(gate.unit) },
        p_pass: gate.p_pass.into(),
        p_fail: gate.p_fail.into(),
        p_fail_adjusted: gate.p_fail_adjusted.into(),
        needed: gate.needed.as_ref().map(needed),
        slices: gate.slices.iter().map(|one| slice(one, &gate.evidence)).collect(),
    }
}

/// The unit's name; plain numbers have none.
pub(super) fn unit(unit: Unit) -> Option<String> {
    match unit.dimension {
        Dimension::Fraction | Dimension::Points => Some("fraction".to_owned()),
        _ if unit == Unit::NUMBER => None,
        _ => Some(unit.word.replace('$', "usd")),
    }
}

pub(super) fn estimate<'a>(estimate: &Estimate, evidence: &'a str) -> WireEstimate<'a> {
    WireEstimate {
        value: estimate.value.into(),
        lower: estimate.lower.into(),
        upper: estimate.upper.into(),
        unbounded: unbounded(estimate),
        confidence: estimate.confidence.into(),
        n: estimate.n,
        events: estimate.events,
        clusters: estimate.clusters,
        selected: estimate.selected,
        rows: estimate.rows,
        missing: estimate.missing,
        method: estimate.method.word(),
        evidence,
    }
}

/// The sides that no limit closes.
pub(super) fn unbounded(estimate: &Estimate) -> Vec<&'static str> {
    let sides = [(estimate.unbounded_below, "lower"), (estimate.unbounded_above, "upper")];
    sides.into_iter().filter_map(|(open, side)| open.then_some(side)).collect()
}

fn waiver(waiver: &Waiver) -> WireWaiver<'_> {
    WireWaiver {
        reason: &waiver.reason,
        owner: &waiver.owner,
        approver: &waiver.approver,
        expires: waiver.expires.to_string(),
        limit: waiver.limit.as_deref(),
    }
}

fn change(comparison: &Comparison) -> WireChange {
    let change = &comparison.change;
    WireChange {
        value: change.value.into(),
        lower: change.lower.into(),
        upper: change.upper.into(),
        unbounded: unbounded(change),
        confidence: change.confidence.into(),
        relative: comparison.relative,
        paired: comparison.paired,
        method: change.method.word(),
    }
}

fn slice<'a>(slice: &'a Slice, evidence: &'a str) -> WireSlice<'a> {
    WireSlice {
        key: slice.key.iter().map(|(field, label)| (field.as_str(), label.as_str())).collect(),
        outcome: slice.outcome.word(),
        candidate: estimate(&slice.candidate, evidence),
        p_pass: slice.p_pass.into(),
        p_fail: slice.p_fail.into(),
    }
}

fn needed(needed: &Needed) -> WireNeeded {
    WireNeeded {
        samples: needed.samples,
        power: POWER.into(),
        assumed: needed.assumed.into(),
        least: needed.least,
    }
}

fn artifact(artifact: &Artifact) -> WireArtifact<'_> {
    WireArtifact {
        kind: artifact.kind,
        name: &artifact.name,
        version: &artifact.version,
        sha256: artifact.sha256.as_deref(),
        changed: artifact.changed,
    }
}

fn policy(report: &Report) -> WirePolicy {
    let policy = &report.policy;
    WirePolicy {
        confidence: policy.confidence.level().into(),
        fail_confidence: policy.fail_confidence.level().into(),
        looks: policy.looks,
        on_inconclusive: policy.on_inconclusive.word(),
        point_estimates: policy.point_estimates.word(),
        missing_samples: WireMissing {
            exclude_up_to: match policy.missing_samples {
                MissingSamples::WorstCase => 0.0.into(),
                MissingSamples::ExcludeUpTo(share) => share.into(),
            },
        },
        binding: policy.binding.word(),
        unpinned_models: policy.unpinned_models.word(),
        max_evidence_age: policy.max_evidence_age.map(|age| age.value.to_string()),
        require: report.required.categories.iter().map(|category| category.value.word()).collect(),
        require_stated: report.required.stated.is_some(),
        no_regression_on_quality: report.required.no_regression.is_some(),
        observed_counts: policy.observed_counts,
    }
}

fn evidence(evidence: &Evidence) -> WireEvidence<'_> {
    WireEvidence {
        name: &evidence.name,
        format: evidence.format,
        sha256: &evidence.sha256,
        declared: evidence.declared.as_deref(),
        rows: evidence.rows,
        selected: evidence.selected,
        scored: evidence.scored,
        errored: evidence.errored,
    }
}

pub(super) fn finding(finding: &Finding) -> WireFinding<'_> {
    WireFinding {
        code: finding.code.word(),
        text: &finding.text,
        file: finding.file.as_deref(),
        line: finding.line,
    }
}
