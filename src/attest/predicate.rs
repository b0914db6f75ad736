//! What is claimed, in words that other people defined: a result of tests, a summary of a verification.

use serde::{Deserialize, Serialize};

use super::statement::{DigestSet, ResourceDescriptor, uri};
use crate::manifest::Digest;

/// in-toto's result of tests: <https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md>.
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";
/// SLSA's verification summary: <https://slsa.dev/spec/v1.1/verification_summary>.
pub const VERIFIED_SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

/// What every gate came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResult {
    /// The gates together.
    pub result: TestOutcome,
    /// What it was judged by: the manifest, and the criteria with everything inherited.
    pub configuration: Vec<ResourceDescriptor>,
    /// Gates that passed.
    #[serde(rename = "passedTests")]
    pub passed_tests: Vec<String>,
    /// Gates that did not pass and do not stop the release: they only warn, or were waived.
    #[serde(rename = "warnedTests")]
    pub warned_tests: Vec<String>,
    /// Gates that stop the release, and errors beside gates.
    #[serde(rename = "failedTests")]
    pub failed_tests: Vec<String>,
}

/// The gates together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TestOutcome {
    /// All passed.
    Passed,
    /// The release may ship, and some gate did not pass.
    Warned,
    /// The release may not ship.
    Failed,
}

/// Whether a release may be deployed, and by what policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct VerificationSummary {
    /// Who says so.
    pub verifier: SummaryVerifier,
    /// When it was judged, RFC 3339 in UTC.
    pub time_verified: String,
    /// `relgate:NAME@VERSION?env=ENVIRONMENT`: for nothing else.
    pub resource_uri: String,
    /// What had to hold.
    pub policy: PolicyReference,
    /// Everything that it rests on.
    pub input_attestations: Vec<InputAttestation>,
    /// Whether it may be deployed.
    pub verification_result: VerificationOutcome,
    /// `RELGATE_GATES_PASSED`, `RELGATE_GATES_PASSED_WITH_WAIVERS` or `FAILED`.
    pub verified_levels: Vec<String>,
}

/// Who verified. SLSA 1.1 has a `version` here too, which the types of in-toto do not know and strict readers refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummaryVerifier {
    /// Its identity as a URI.
    pub id: String,
}

/// A policy, by where it stands and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyReference {
    /// The manifest.
    pub uri: String,
    /// The digest of what had to hold, waivers included.
    pub digest: DigestSet,
}

/// Something that a verification rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputAttestation {
    /// What it is.
    pub uri: String,
    /// Its bytes.
    pub digest: DigestSet,
}

impl InputAttestation {
    /// Bytes by what they are and their digest.
    #[must_use]
    pub fn new(uri: String, sha256: Digest) -> Self {
        Self { uri, digest: DigestSet { sha256 } }
    }
}

/// Whether a release may be deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerificationOutcome {
    /// It may.
    Passed,
    /// It may not.
    Failed,
}

impl VerificationOutcome {
    /// The word in statements.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Failed => "FAILED",
        }
    }
}

impl VerificationSummary {
    /// The identity of the verifier.
    pub const VERIFIER: &str = "urn:relgate:check";
    /// Every blocking gate passed.
    pub const PASSED: &str = "RELGATE_GATES_PASSED";
    /// Every blocking gate passed, or was waived.
    pub const PASSED_WITH_WAIVERS: &str = "RELGATE_GATES_PASSED_WITH_WAIVERS";
    /// The release may not ship.
    pub const FAILED: &str = "FAILED";

    /// `resourceUri` of a release for an environment.
    #[must_use]
    pub fn resource_of(name: &str, version: &str, environment: Option<&str>) -> String {
        let release = uri("relgate", &format!("{name}@{version}"));
        environment.map_or_else(|| release.clone(), |environment| format!("{release}?env={environment}"))
    }
}
