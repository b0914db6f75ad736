//! What `relgate lock` and `relgate verify` tell: the artifacts that were pinned, and what is no longer as it was locked.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::number;
use super::table::Table;
use crate::artifact::lock::{Difference, DifferenceSide, Form, Lock};
use crate::artifact::{Pinned, PinnedArtifact};
use crate::attest::Mismatch;
use crate::diagnostic::{Code, inert_json, printable};
use crate::manifest::Digest;
use crate::secret::hide_secrets;

/// The format of `relgate verify --format json`.
const SCHEMA: &str = "relgate/verify/v1";
/// Digits of a digest that people compare.
const DIGITS: usize = 12;

/// A finished verification.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a> {
    /// The lock file as messages show it.
    pub lock: &'a str,
    /// The glob of `--only`: then it is partial, and no verification of the release.
    pub only: Option<&'a str>,
    /// How much was verified.
    pub extent: Extent,
    /// What is not as it was locked.
    pub differences: &'a [Difference],
    /// The ledger of the release; none where there is none, or it was not looked at.
    pub ledger: Option<&'a VerifiedLedger>,
    /// What somebody else says of the release; none where nobody was asked.
    pub attestation: Option<&'a VerifiedAttestation>,
    /// Code and text of what contradicts something else than the lock: a declared digest, a `.dvc` file, a shard index.
    pub errors: &'a [(Code, String)],
}

/// A signed statement that was held against what is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAttestation {
    /// Its file as messages show it.
    pub path: String,
    /// The digest of that file.
    pub sha256: Digest,
    /// What the release is to be deployed to.
    pub environment: String,
    /// The id of the pinned key.
    pub key: String,
    /// What it says the gates came to; none where it is not signed by that key, or cannot be read.
    pub level: Option<String>,
    /// When it says that the release was judged.
    pub judged: Option<String>,
    /// By which policy.
    pub policy: Option<Digest>,
    /// Whether the policy was held against a list.
    pub is_policy_held: bool,
    /// The fields that are not as they have to be.
    pub mismatches: Vec<Mismatch>,
}

/// A ledger that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLedger {
    /// Its folder as messages show it.
    pub path: String,
    /// How many events it holds.
    pub events: u64,
    /// How many of them nothing follows yet.
    pub heads: u64,
    /// The git revision that it was held against.
    pub against: Option<String>,
    /// The name of the newest checkpoint in it, and of the one that was given.
    pub checkpoints: Vec<String>,
    /// What is not as it was written.
    pub flaws: Vec<LedgerFlaw>,
}

/// Something in a ledger that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerFlaw {
    /// Its code.
    pub code: Code,
    /// The file in the ledger's folder.
    pub file: String,
    /// In a sentence.
    pub text: String,
}

/// How much a lock holds, or how much of it was verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Artifacts.
    pub artifacts: u64,
    /// Their files.
    pub files: u64,
    /// The bytes of their files.
    pub bytes: u64,
    /// Artifacts whose bytes are elsewhere: only what the manifest says of them can be compared.
    pub elsewhere: u64,
}

impl Extent {
    /// What of a lock is selected, by artifact key and path of the file in the lock.
    #[must_use]
    pub fn of(lock: &Lock) -> Self {
        let mut extent = Self::default();
        for artifact in &lock.artifacts {
            extent.artifacts += 1;
            extent.files += artifact.files.len() as u64;
            extent.bytes += artifact.files.iter().map(|file| file.size).sum::<u64>();
            extent.elsewhere += u64::from(artifact.form == Form::Uri);
        }
        extent
    }

    /// "6 artifacts, 31 files, 1,234 bytes".
    #[must_use]
    pub fn words(self) -> String {
        let (artifacts, files) = (counted(self.artifacts, "artifact"), counted(self.files, "file"));
        format!("{artifacts}, {files}, {}", counted(self.bytes, "byte"))
    }
}

/// For a person.
#[must_use]
pub fn verified_terminal(verified: &Verified<'_>) -> String {
    let mut text = String::new();
    if let Some(only) = verified.only {
        let only = printable(only);
        let _ = writeln!(
            text,
            "PARTIAL  only what matches `{only}` was verified; the release was not, and neither shards nor what\n         \
             DVC, SHA256SUMS or a hub say of the files was looked at"
        );
    }
    let lock = printable(verified.lock);
    let count = verified.differences.len() as u64;
    if count == 0 && !verified.errors.is_empty() {
        let _ = writeln!(text, "DIFFERENT  as in {lock}, but not as other files say:\n");
        for (_, error) in verified.errors {
            let _ = writeln!(text, "  {}", printable(error));
        }
    } else if count == 0 && verified.extent.artifacts == 0 {
        let _ = writeln!(text, "NOTHING PINNED  neither the manifest nor {lock} has artifacts");
    } else if count == 0 {
        let _ = writeln!(text, "VERIFIED  {} as in {lock}", verified.extent.words());
    } else {
        let _ = writeln!(text, "DIFFERENT  {} from {lock}\n", counted(count, "difference"));
        text.push_str(&differences(verified.differences));
    }
    if let Some(ledger) = verified.ledger {
        text.push_str(&verified_ledger(ledger));
    }
    if let Some(attestation) = verified.attestation {
        text.push_str(&verified_attestation(attestation));
        // Whoever reads the last line only must not take a statement about other bytes for one about these.
        if attestation.mismatches.is_empty()
            && !(verified.differences.is_empty() && verified.errors.is_empty())
        {
            text.push_str("REFUSED  the statement is good, and what is here is not what it is about: see the differences above\n");
        }
    }
    if verified.extent.elsewhere > 0 {
        let elsewhere = counted(verified.extent.elsewhere, "artifact");
        let _ = writeln!(
            text,
            "\nnote: the bytes of {elsewhere} are elsewhere; what the manifest says of them was compared"
        );
    }
    text
}

/// The ledger's part, for a person.
#[must_use]
pub fn verified_ledger(ledger: &VerifiedLedger) -> String {
    let mut text = String::new();
    let path = printable(&ledger.path);
    let events = counted(ledger.events, "event");
    if ledger.flaws.is_empty() {
        let _ = write!(text, "VERIFIED  {events} in {path}, each as it was written");
        for checkpoint in &ledger.checkpoints {
            let _ = write!(text, "; whole since {}", printable(checkpoint));
        }
        if let Some(reference) = &ledger.against {
            let _ = write!(text, "; nothing of {} is gone", printable(reference));
        }
        text.push('\n');
        if ledger.heads > 1 {
            let _ = writeln!(text, "note: {} branches were merged; the next event joins them", ledger.heads);
        }
    } else {
        let _ = writeln!(text, "DIFFERENT  {} in {path}\n", counted(ledger.flaws.len() as u64, "finding"));
        for flaw in &ledger.flaws {
            let _ = writeln!(text, "{}\n  {}", printable(&flaw.file), printable(&flaw.text));
        }
    }
    text
}

/// The statement's part, for a person.
#[must_use]
pub fn verified_attestation(attestation: &VerifiedAttestation) -> String {
    let (path, environment) = (printable(&attestation.path), printable(&attestation.environment));
    let said = |text: &Option<String>| printable(text.as_deref().unwrap_or_default());
    let mut text = String::new();
    if attestation.mismatches.is_empty() {
        let _ = write!(
            text,
            "ATTESTED  {path}: {} for {environment}, judged {}",
            said(&attestation.level),
            said(&attestation.judged)
        );
        let policy = attestation.policy.as_ref().map_or("", Digest::hex);
        if attestation.is_policy_held {
            let _ = writeln!(text, ", by a policy that is allowed");
        } else {
            let _ = writeln!(
                text,
                "\nnote: no `--policy` says by which it may have been judged; it was sha256:{policy}"
            );
        }
    } else {
        let _ =
            writeln!(text, "REFUSED  {path}: it does not let this release be deployed to {environment}\n");
        for mismatch in &attestation.mismatches {
            let _ = writeln!(text, "  {}: {}", printable(&mismatch.field), printable(&mismatch.text));
        }
    }
    text
}

/// Each difference with both sides.
#[must_use]
pub fn differences(list: &[Difference]) -> String {
    let mut text = String::new();
    for one in list {
        let _ = writeln!(text, "{}", one.headline());
        if let Some(locked) = &one.locked {
            let _ = writeln!(text, "  locked  {}", facts(locked));
        }
        if let Some(found) = &one.found {
            let _ = writeln!(text, "  found   {}", facts(found));
        }
        if let Some(note) = &one.note {
            let _ = writeln!(text, "  note: {}", printable(note));
        }
    }
    text
}

fn facts(facts: &DifferenceSide) -> String {
    match facts {
        DifferenceSide::File { sha256, size } => format!("{}  {}", sha256.hex(), counted(*size, "byte")),
        DifferenceSide::Text(text) => printable(&hide_secrets(text)),
    }
}

/// For a program.
#[must_use]
pub fn verified_json(verified: &Verified<'_>) -> String {
    let side = |facts: Option<&DifferenceSide>| match facts {
        None => Value::Null,
        Some(DifferenceSide::File { sha256, size }) => json!({"sha256": sha256.hex(), "size": size}),
        Some(DifferenceSide::Text(text)) => json!(hide_secrets(text)),
    };
    let one = |one: &Difference| {
        json!({
            "artifact": one.artifact, "path": one.path, "what": one.what.word(), "note": one.note,
            "locked": side(one.locked.as_ref()), "found": side(one.found.as_ref()),
        })
    };
    let extent = verified.extent;
    let document = json!({
        "schema": SCHEMA,
        "lock": verified.lock,
        "partial": verified.only.is_some(),
        "only": verified.only,
        "verified": verified.differences.is_empty() && verified.errors.is_empty() && verified.only.is_none()
            && verified.ledger.is_none_or(|ledger| ledger.flaws.is_empty())
            && verified.attestation.is_none_or(|one| one.mismatches.is_empty()),
        "artifacts": extent.artifacts, "files": extent.files, "bytes": extent.bytes, "elsewhere": extent.elsewhere,
        "errors": verified.errors.iter().map(|(code, text)| json!({"code": code.word(), "text": text})).collect::<Vec<_>>(),
        "differences": verified.differences.iter().map(one).collect::<Vec<_>>(),
        "ledger": verified.ledger.map(ledger_json),
        "attestation": verified.attestation.map(attestation_json),
    });
    inert_json(&format!("{document:#}\n"))
}

fn attestation_json(one: &VerifiedAttestation) -> Value {
    let mismatch = |one: &Mismatch| json!({"field": one.field, "text": one.text});
    json!({
        "path": one.path, "sha256": one.sha256.hex(), "environment": one.environment, "key": one.key, "level": one.level,
        "judged": one.judged, "policy": one.policy.as_ref().map(Digest::hex), "policy_held": one.is_policy_held,
        "mismatches": one.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
    })
}

fn ledger_json(ledger: &VerifiedLedger) -> Value {
    let flaw = |flaw: &LedgerFlaw| json!({"file": flaw.file, "code": flaw.code.word(), "text": flaw.text});
    json!({
        "path": ledger.path, "events": ledger.events, "heads": ledger.heads, "against": ledger.against,
        "checkpoints": ledger.checkpoints, "flaws": ledger.flaws.iter().map(flaw).collect::<Vec<_>>(),
    })
}

/// The table of what was pinned, in the order of the manifest.
#[must_use]
pub fn pinned_table(pinned: &Pinned) -> String {
    let mut table = Table::new(["kind", "name", "version", "files", "bytes", "digest"], 3..5);
    for artifact in pinned {
        table.row(row(artifact));
    }
    table.render()
}

fn row(artifact: &PinnedArtifact) -> [String; 6] {
    let digest = |digest: &Digest| digest.hex().get(..DIGITS).map(|digits| format!("{digits}…"));
    let hashed = |text: String| if artifact.hashed() { text } else { "-".to_owned() };
    [
        artifact.kind.singular().to_owned(),
        printable(&artifact.name),
        printable(&artifact.version),
        hashed(artifact.files().len().to_string()),
        hashed(number::count(artifact.bytes())),
        artifact.digest().and_then(digest).unwrap_or_else(|| "none".to_owned()),
    ]
}

/// "1 file", "1,234 files".
fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", number::count(number), if number == 1 { "" } else { "s" })
}
