//! Whether evidence was made with the artifacts that the manifest declares, and how old it is.
//!
//! Only what the evidence itself records counts; a file's own time says when it was copied.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::binding::{self, Claim};
use super::outcome::{Reason, is_required};
use crate::artifact::Pinned;
use crate::evidence::Identity;
use crate::manifest::{ArtifactKind, Digest, Manifest};
use crate::release::Release;

/// The age of evidence against `max_evidence_age`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceAge {
    /// Not limited, or young enough.
    Fine,
    /// Limited, and the evidence does not record its time.
    Unknown,
    /// Made at this time, which is too long ago.
    TooOld(DateTime<Utc>),
    /// Made after the day that the judgement is for.
    FromTheFuture(DateTime<Utc>),
}

/// What the evidence says about itself, compared with the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceState {
    /// Its statements that do not agree.
    pub claims: Vec<Claim>,
    /// Its age.
    pub age: EvidenceAge,
    /// Why gates on it cannot be judged, if so.
    pub blocked: Option<Reason>,
}

/// The kinds of artifacts that shape what is evaluated.
const SHAPING: &[ArtifactKind] = &[
    ArtifactKind::Models,
    ArtifactKind::Prompts,
    ArtifactKind::SafetyPolicies,
    ArtifactKind::InferenceConfigs,
];

/// Compares what each file of an evidence entry says about itself with a release.
#[must_use]
pub fn check(identities: &[Identity], release: &Release, as_of: NaiveDate) -> EvidenceState {
    let manifest = &release.manifest;
    let claims = check_claims(identities, release);
    let ages: Vec<EvidenceAge> = identities.iter().map(|identity| age(identity, manifest, as_of)).collect();
    let worst = |bad: fn(&EvidenceAge) -> bool| ages.iter().copied().find(bad);
    let age = worst(|age| matches!(age, EvidenceAge::TooOld(_) | EvidenceAge::FromTheFuture(_)))
        .or(worst(|age| *age == EvidenceAge::Unknown))
        .unwrap_or(EvidenceAge::Fine);
    let required = is_required(manifest.policy.binding);
    let differs = claims.iter().any(|claim| matches!(claim, Claim::Differs(..)));
    // Results of the released model say nothing of those beside them that another one made.
    let blocked = if differs || binding::mixes_models(identities, release) {
        Some(Reason::EvidenceMismatch)
    } else if matches!(age, EvidenceAge::TooOld(_) | EvidenceAge::FromTheFuture(_)) {
        Some(Reason::EvidenceTooOld)
    } else if required && (age == EvidenceAge::Unknown || !claims.is_empty()) {
        Some(Reason::EvidenceUnbound)
    } else {
        None
    };
    EvidenceState { claims, age, blocked }
}

/// The statements of evidence about artifacts that do not agree with a release.
#[must_use]
pub fn check_claims(identities: &[Identity], release: &Release) -> Vec<Claim> {
    let mut claims = Vec::new();
    for claim in identities.iter().flat_map(|identity| claims_of(identity, release)) {
        if !claims.contains(&claim) {
            claims.push(claim);
        }
    }
    claims
}

fn claims_of(identity: &Identity, release: &Release) -> Vec<Claim> {
    let Release { manifest, pinned, .. } = release;
    let binding::Bound { keys, mut claims } = binding::of(identity, release);
    for (key, claimed) in &identity.artifacts {
        claims.extend(compare(key, claimed, manifest, pinned));
    }
    for artifact in &manifest.artifacts {
        let key = artifact.key();
        if SHAPING.contains(&artifact.kind) && !identity.artifacts.contains_key(&key) && !keys.contains(&key)
        {
            claims.push(Claim::Silent(key));
        }
    }
    claims
}

fn compare(key: &str, claimed: &str, manifest: &Manifest, pinned: &Pinned) -> Option<Claim> {
    let Some(artifact) = manifest.artifacts.iter().find(|artifact| artifact.key() == key) else {
        return Some(Claim::Unknown(key.to_owned()));
    };
    let pinned = pinned.get(key);
    if pinned.is_some_and(|pinned| pinned.is(claimed)) {
        return None;
    }
    let declared = if claimed.starts_with("sha256:") {
        let digest = pinned.and_then(|pinned| pinned.digest()).map(Digest::hex);
        digest.map_or_else(|| "no digest".to_owned(), |hex| format!("sha256:{hex}"))
    } else {
        artifact.version.value.clone()
    };
    Some(Claim::Differs(key.to_owned(), claimed.to_owned(), declared))
}

fn age(identity: &Identity, manifest: &Manifest, as_of: NaiveDate) -> EvidenceAge {
    let Some(limit) = &manifest.policy.max_evidence_age else { return EvidenceAge::Fine };
    let Some(created) = identity.created else { return EvidenceAge::Unknown };
    // Days are whole: evidence of the same day has age 0, whatever the hour of the judgement.
    let end_of_day = as_of.succ_opt().unwrap_or(as_of).and_time(chrono::NaiveTime::MIN).and_utc();
    let oldest = end_of_day - TimeDelta::hours(24 + i64::from(limit.value.hours));
    if created >= end_of_day {
        EvidenceAge::FromTheFuture(created)
    } else if created < oldest {
        EvidenceAge::TooOld(created)
    } else {
        EvidenceAge::Fine
    }
}
