//! The other end: a statement that somebody else signed, held against what is here.

use chrono::{DateTime, Utc};

use crate::artifact::digest_bytes;
use crate::artifact::lock::Lock;
use crate::attest::{
    Envelope, Expectation, LOCK, Mismatch, ResourceDescriptor, Statement, VERIFIED_SUMMARY,
    VerificationSummary, pre_authentication,
};
use crate::cli::AttestationArgs;
use crate::diagnostic::{Code, Diagnostic, printable};
use crate::files::{is_signed_by, public_key, read_text};
use crate::manifest::{Digest, Manifest};
use crate::report::pinning::VerifiedAttestation;

/// What is to be deployed.
pub(in crate::commands) struct Relied<'a> {
    /// The release.
    pub(in crate::commands) manifest: &'a Manifest,
    /// Its lock as it is here.
    pub(in crate::commands) lock: &'a Lock,
    /// The digest of its bytes.
    pub(in crate::commands) digest: &'a Digest,
    /// The time.
    pub(in crate::commands) now: DateTime<Utc>,
}

/// Holds the statement that was named against what is here; none where none was.
///
/// # Errors
/// It or the key cannot be read, or there is no `openssl`.
pub(in crate::commands) fn relied_on(
    asked: &AttestationArgs,
    relied: &Relied<'_>,
) -> Result<Option<VerifiedAttestation>, Diagnostic> {
    let (Some(path), Some(key), Some(environment)) = (&asked.attestation, &asked.key, &asked.env) else {
        return Ok(None);
    };
    let name = path.to_string_lossy().into_owned();
    let unreadable = |why: String| {
        Diagnostic::error(Code::BadAttestation, format!("`{}`: {}", printable(&name), printable(&why)))
            .in_file(&name)
            .help("give vsa.dsse.json or vsa.sigstore.json as `relgate attest` wrote it")
    };
    let key = public_key(key)?;
    let text = read_text(path, &name)?.ok_or_else(|| unreadable("there is no such file".to_owned()))?;
    let envelope = Envelope::read(&text).map_err(unreadable)?;
    let mut told = VerifiedAttestation {
        path: name.clone(),
        sha256: digest_bytes(text.as_bytes()),
        environment: environment.clone(),
        key: key.id().to_owned(),
        level: None,
        judged: None,
        policy: None,
        is_policy_held: !asked.policy.is_empty(),
        mismatches: Vec::new(),
    };
    if envelope.key.as_deref().is_some_and(|stated| stated != key.id()) {
        told.mismatches.push(Mismatch::new("keyid", "it names another key than the one that is pinned"));
    }
    if !is_signed_by(&key, &pre_authentication(&envelope.payload), &envelope.signature)? {
        // Nothing that it says is worth a look.
        told.mismatches
            .push(Mismatch::new("sig", "it is not a signature of this payload by the key that is pinned"));
        return Ok(Some(told));
    }
    let payload = String::from_utf8_lossy(&envelope.payload);
    let statement: Statement<VerificationSummary> = match Statement::read(&payload, VERIFIED_SUMMARY) {
        Ok(statement) => statement,
        Err(mismatch) => {
            told.mismatches.push(mismatch);
            return Ok(Some(told));
        }
    };
    let expected = Expectation {
        subjects: subjects(relied),
        name: &relied.manifest.name.value,
        version: &relied.manifest.version.value.to_string(),
        environment,
        policies: &asked.policy,
        max_age: asked.max_age,
        now: relied.now,
    };
    told.mismatches.extend(expected.mismatches(&statement));
    let summary = statement.predicate;
    told.level = summary.verified_levels.first().cloned();
    told.judged = Some(summary.time_verified);
    told.policy = Some(summary.policy.digest.sha256);
    Ok(Some(told))
}

/// The lock and what it pins, as statements name them.
fn subjects(relied: &Relied<'_>) -> Vec<ResourceDescriptor> {
    let artifacts = relied.lock.artifacts.iter();
    let artifacts = artifacts.filter_map(|one| Some(ResourceDescriptor::new(one.key(), one.digest.clone()?)));
    std::iter::once(ResourceDescriptor::new(LOCK, relied.digest.clone())).chain(artifacts).collect()
}
