//! A summary held against what is to be deployed: field by field, and every field that is not as it has to be is named.

use chrono::{DateTime, TimeDelta, Utc};

use super::predicate::{VerificationOutcome, VerificationSummary};
use super::statement::{Mismatch, ResourceDescriptor, Statement};
use crate::manifest::Digest;

/// A clock that is ahead by less than this is no reason against a statement.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What is to be deployed, where, and by which policies it may have been judged.
#[derive(Debug, Clone)]
pub struct Expectation<'a> {
    /// The lock, then the artifacts whose bytes are known.
    pub subjects: Vec<ResourceDescriptor>,
    /// The name of the release.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Where it is to be deployed.
    pub environment: &'a str,
    /// The policies that are allowed; any where empty.
    pub policies: &'a [Digest],
    /// How old it may be; any age where none.
    pub max_age: Option<TimeDelta>,
    /// The time.
    pub now: DateTime<Utc>,
}

impl Expectation<'_> {
    /// Every field of a summary that is not as it has to be; nothing where the release may be deployed.
    #[must_use]
    pub fn mismatches(&self, statement: &Statement<VerificationSummary>) -> Vec<Mismatch> {
        let summary = &statement.predicate;
        let mut found = self.subjects(&statement.subject);
        let resource = VerificationSummary::resource_of(self.name, self.version, Some(self.environment));
        if summary.resource_uri != resource {
            found.push(Mismatch::new(
                "resourceUri",
                format!("it is for `{}`, and `{resource}` is to be deployed", summary.resource_uri),
            ));
        }
        if summary.verifier.id != VerificationSummary::VERIFIER {
            let text = format!("`{}` is not {}", summary.verifier.id, VerificationSummary::VERIFIER);
            found.push(Mismatch::new("verifier.id", text));
        }
        found.extend(result(summary));
        let policy = &summary.policy.digest.sha256;
        if !self.policies.is_empty() && !self.policies.contains(policy) {
            let text = format!("sha256:{} is none of those that are allowed", policy.hex());
            found.push(Mismatch::new("policy.digest", text));
        }
        found.extend(self.age(&summary.time_verified).map(|text| Mismatch::new("timeVerified", text)));
        found
    }

    fn subjects(&self, stated: &[ResourceDescriptor]) -> Vec<Mismatch> {
        let differs = |expected: &ResourceDescriptor| {
            let field = format!("subject `{}`", expected.name);
            let mut same = stated.iter().filter(|one| one.name == expected.name);
            match (same.next(), same.next()) {
                (None, _) => Some(Mismatch::new(field, "it says nothing of it")),
                (Some(_), Some(_)) => Some(Mismatch::new(field, "it names it twice")),
                (Some(one), None) if one.digest != expected.digest => Some(Mismatch::new(
                    field,
                    format!(
                        "it is about sha256:{}, and what is here is sha256:{}",
                        one.digest.sha256.hex(),
                        expected.digest.sha256.hex()
                    ),
                )),
                _ => None,
            }
        };
        self.subjects.iter().filter_map(differs).collect()
    }

    fn age(&self, time: &str) -> Option<String> {
        let Ok(at) = DateTime::parse_from_rfc3339(time) else {
            return Some(format!("`{time}` is no time"));
        };
        let age = self.now - at.to_utc();
        if age < -AHEAD {
            return Some(format!("{time} has not come yet"));
        }
        self.max_age.filter(|most| age > *most).map(|_| format!("{time} is longer ago than allowed"))
    }
}

/// What is wrong with what a summary comes to.
fn result(summary: &VerificationSummary) -> Option<Mismatch> {
    let levels: Vec<&str> = summary.verified_levels.iter().map(String::as_str).collect();
    match (summary.verification_result, levels.as_slice()) {
        (VerificationOutcome::Failed, _) => {
            Some(Mismatch::new("verificationResult", "it is FAILED: what did not pass is never deployed"))
        }
        (_, [VerificationSummary::PASSED | VerificationSummary::PASSED_WITH_WAIVERS]) => None,
        (_, other) => Some(Mismatch::new(
            "verifiedLevels",
            format!("`{}` is not what passing gates come to", other.join(", ")),
        )),
    }
}
