//! A report as statements for people outside: made of what stands in it, so that nothing is typed twice.

use chrono::{DateTime, NaiveTime, Utc};
use serde_json::json;

use super::json::pretty;
use super::v1::{Report, ReportGate, ReportRisk, ReportWaiver};
use crate::artifact::{digest_bytes, digest_values};
use crate::attest::{
    DigestSet, InputAttestation, LOCK, PolicyReference, ResourceDescriptor, Statement, SummaryVerifier,
    TEST_RESULT, TestOutcome, TestResult, VERIFIED_SUMMARY, VerificationOutcome, VerificationSummary, uri,
};
use crate::gate::Outcome;
use crate::manifest::{ArtifactKind, Digest};
use crate::verdict::Decision;

/// The file of the statement on the gates.
pub const TEST_RESULT_FILE: &str = "test-result.statement.json";

/// What a summary says that no report knows.
#[derive(Debug, Clone, Default)]
pub struct SummaryAsked<'a> {
    /// What the release is to be deployed to.
    pub environment: &'a str,
    /// Further bytes that it is about: the digest of an image.
    pub subjects: Vec<ResourceDescriptor>,
    /// Further things that it rests on: the ledger.
    pub inputs: Vec<InputAttestation>,
}

/// Gates by what they came to; none of a report that read no manifest.
#[must_use]
pub fn test_result(report: &Report) -> Option<Statement<TestResult>> {
    let release = report.release.as_ref()?;
    let named = |wanted: fn(&ReportGate) -> bool| {
        report.gates.iter().filter(|gate| wanted(gate)).map(|gate| gate.id.clone()).collect::<Vec<_>>()
    };
    let warned =
        named(|gate| !gate.stops && !matches!(gate.outcome.0, Outcome::Pass | Outcome::NotApplicable));
    let mut failed = named(|gate| gate.stops);
    failed.extend(report.errors.iter().map(|error| format!("{}: {}", error.code, error.text)));
    let result = match report.decision.0 {
        Decision::Pass if warned.is_empty() => TestOutcome::Passed,
        Decision::Pass => TestOutcome::Warned,
        _ => TestOutcome::Failed,
    };
    let mut configuration = vec![manifest(report)?];
    configuration.extend(
        release
            .criteria_sha256
            .as_deref()
            .and_then(hex)
            .map(|digest| ResourceDescriptor::new("criteria", digest)),
    );
    let predicate = TestResult {
        result,
        configuration,
        passed_tests: named(|gate| gate.outcome.0 == Outcome::Pass),
        warned_tests: warned,
        failed_tests: failed,
    };
    Some(Statement::new(TEST_RESULT, subjects(report)?, predicate))
}

/// Whether the release may be deployed to an environment; none of a report that read no manifest.
#[must_use]
pub fn summary(report: &Report, asked: SummaryAsked<'_>) -> Option<Statement<VerificationSummary>> {
    let release = report.release.as_ref()?;
    let tests = test_result(report)?;
    let passed = report.decision.0 == Decision::Pass;
    let waived = report.waivers.iter().any(|waiver| waiver.state == ReportWaiver::USED);
    let level = match (passed, waived) {
        (true, false) => VerificationSummary::PASSED,
        (true, true) => VerificationSummary::PASSED_WITH_WAIVERS,
        (false, _) => VerificationSummary::FAILED,
    };
    let digest_of = |text: &str| digest_bytes(text.as_bytes());
    let mut inputs = vec![
        InputAttestation::new(uri("file", TEST_RESULT_FILE), digest_of(&tests.text())),
        InputAttestation::new(uri("file", "report.json"), digest_of(&pretty(&report.sealed()))),
    ];
    for entry in &report.evidence {
        let name = uri("relgate", &format!("evidence/{}", entry.name));
        inputs.push(InputAttestation::new(name, hex(entry.sha256.as_deref()?)?));
    }
    inputs.extend(asked.inputs);
    let mut subject = subjects(report)?;
    subject.extend(asked.subjects);
    let predicate = VerificationSummary {
        verifier: SummaryVerifier { id: VerificationSummary::VERIFIER.to_owned() },
        time_verified: judged_at(report).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        resource_uri: VerificationSummary::resource_of(
            &release.name,
            &release.version.to_string(),
            Some(asked.environment),
        ),
        policy: PolicyReference {
            uri: uri("file", report.manifest.as_deref().unwrap_or("release.yaml")),
            digest: DigestSet { sha256: policy(report)? },
        },
        input_attestations: inputs,
        verification_result: if passed { VerificationOutcome::Passed } else { VerificationOutcome::Failed },
        verified_levels: vec![level.to_owned()],
    };
    Some(Statement::new(VERIFIED_SUMMARY, subject, predicate))
}

/// The digest of what had to hold, as RFC 8785 JSON: the criteria, how often the results may be looked at, what the type of the
/// release requires, what tests each risk, every waiver. A release under a waiver has another one than the same release without.
#[must_use]
pub fn policy(report: &Report) -> Option<Digest> {
    let release = report.release.as_ref()?;
    let criteria = release.criteria_sha256.as_deref().and_then(hex)?;
    let waiver = |waiver: &ReportWaiver| {
        json!({
            "gate": waiver.gate, "slice": waiver.slice.as_ref().map(|slice| &slice.0), "reason": waiver.reason,
            "owner": waiver.owner, "approver": waiver.approver, "expires": waiver.expires.to_string(), "limit": waiver.limit,
        })
    };
    let risk = |risk: &ReportRisk| {
        let assessment = risk.assessment.as_ref();
        json!({
            "id": risk.id, "not_applicable": risk.not_applicable,
            "tested_by": assessment.map(|own| own.tested_by.iter().map(|test| &test.id).collect::<Vec<_>>()),
            "accepted": assessment.and_then(|own| own.accepted.as_ref()).map(|own| json!({"by": own.by, "reason": own.reason})),
        })
    };
    let whole = json!({
        "criteria": criteria.hex(),
        "looks": report.policy.as_ref()?.looks,
        "type": release.release_type.0.word(),
        "risks": report.risks.iter().map(risk).collect::<Vec<_>>(),
        "waivers": report.waivers.iter().map(waiver).collect::<Vec<_>>(),
    });
    digest_values(&whole).ok().map(|(digest, _)| digest)
}

/// When it was judged: expiry and age were judged on a day that may have been given, and a statement is no younger than that.
fn judged_at(report: &Report) -> DateTime<Utc> {
    let end_of_day = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    report.generated_at.min(report.as_of.and_time(end_of_day).and_utc())
}

/// The lock, or without one the manifest; then every artifact whose bytes are known.
fn subjects(report: &Report) -> Option<Vec<ResourceDescriptor>> {
    let release = report.release.as_ref()?;
    let first = match release.lock_sha256.as_deref() {
        Some(lock) => ResourceDescriptor::new(LOCK, hex(lock)?),
        None => manifest(report)?,
    };
    let artifacts = report.artifacts.iter().filter_map(|artifact| {
        let kind = ArtifactKind::ALL.iter().find(|kind| kind.singular() == artifact.kind)?;
        Some(ResourceDescriptor::new(format!("{kind}.{}", artifact.name), hex(artifact.sha256.as_deref()?)?))
    });
    Some(std::iter::once(first).chain(artifacts).collect())
}

fn manifest(report: &Report) -> Option<ResourceDescriptor> {
    let name = report.manifest.clone().unwrap_or_else(|| "release.yaml".to_owned());
    Some(ResourceDescriptor::new(name, hex(&report.release.as_ref()?.manifest_sha256)?))
}

fn hex(text: &str) -> Option<Digest> {
    Digest::from_hex(text)
}
