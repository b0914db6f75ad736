//! `relgate verify`: are the artifacts what the lock says they are?

use std::io;
use std::path::Path;

use glob::{MatchOptions, Pattern};

use super::attest::{Relied, relied_on};
use super::clock::Clock;
use super::console::{Console, tell_findings, tell_unjudged};
use super::hashing::{Switches, hashing};
use super::ledger::{VerifiedFolder, verified_folder};
use crate::artifact::lock::{self, Difference, Lock, LockedArtifact};
use crate::artifact::{self, Found, Listing, Standing, Tree, Trouble, join, resolve};
use crate::cli::{VerifyArgs, VerifyFormat};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature, Severity, Sources, printable};
use crate::files::{Hashing, Worktree, lock_of};
use crate::manifest::{Artifact, Manifest};
use crate::release::{self, ReadLock, SharedPolicy};
use crate::report::Exit;
use crate::report::pinning::{
    Extent, Verified, VerifiedAttestation, differences, verified_attestation, verified_json, verified_ledger,
    verified_terminal,
};

/// As a shell: `*` crosses no folder; hidden files are files like others here.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// A finished comparison.
struct Compared {
    lock: String,
    extent: Extent,
    differences: Vec<Difference>,
    attestation: Option<VerifiedAttestation>,
    findings: Diagnostics,
}

/// Verifies one manifest.
pub(super) fn run(args: &VerifyArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    let mut ledger = None;
    let compared = match verify(args, &mut sources, &mut ledger) {
        Ok(compared) => compared,
        Err(findings) => {
            tell_findings(&findings, &sources, console)?;
            if let Some(folder) = &ledger {
                tell_findings(&folder.findings, &sources, console)?;
            }
            tell_unjudged(&args.manifest, &findings, "verified", "nothing is known about it", console)?;
            return Ok(Exit::Error);
        }
    };
    tell_findings(&compared.findings, &sources, console)?;
    if let Some(folder) = &ledger {
        tell_findings(&folder.findings, &sources, console)?;
    }
    let ledger_unseen = ledger.as_ref().is_some_and(|folder| folder.is_unseen);
    let ledger = ledger.map(|folder| folder.told);
    let wrong = compared.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let wrong: Vec<&Diagnostic> = wrong.collect();
    let lock_unseen = !wrong.iter().all(|finding| differs(finding));
    let unseen = lock_unseen || ledger_unseen;
    let errors: Vec<(Code, String)> =
        wrong.iter().map(|finding| (finding.code, finding.title.clone())).collect();
    let verified = Verified {
        lock: &compared.lock,
        only: args.only.as_deref(),
        extent: compared.extent,
        differences: &compared.differences,
        ledger: ledger.as_ref(),
        attestation: compared.attestation.as_ref(),
        errors: &errors,
    };
    let text = match args.format {
        VerifyFormat::Json => verified_json(&verified),
        // What could not be looked at must not hide what could.
        VerifyFormat::Terminal if unseen => {
            differences(&compared.differences)
                + &ledger.as_ref().map(verified_ledger).unwrap_or_default()
                + &compared.attestation.as_ref().map(verified_attestation).unwrap_or_default()
        }
        VerifyFormat::Terminal => verified_terminal(&verified),
    };
    match args.format {
        VerifyFormat::Json => console.out.write_all(text.as_bytes())?,
        VerifyFormat::Terminal => console.tell(&text)?,
    }
    if unseen {
        let instead = if compared.differences.is_empty() {
            "nothing is known about it"
        } else {
            "what could be looked at is listed above"
        };
        tell_unjudged(&args.manifest, &compared.findings, "verified", instead, console)?;
        return Ok(Exit::Error);
    }
    let is_whole = ledger.is_none_or(|ledger| ledger.flaws.is_empty());
    let is_attested = compared.attestation.is_none_or(|attestation| attestation.mismatches.is_empty());
    let same = compared.differences.is_empty() && errors.is_empty() && is_whole && is_attested;
    Ok(if same { Exit::Pass } else { Exit::Fail })
}

/// Whether a finding says what a difference says: the release is not as it was locked, and could be looked at.
fn differs(finding: &Diagnostic) -> bool {
    matches!(finding.nature, Nature::Absent | Nature::Differs | Nature::Incomplete)
}

/// `ledger` is what became of the ledger, whatever becomes of the rest.
fn verify(
    args: &VerifyArgs,
    sources: &mut Sources,
    ledger: &mut Option<VerifiedFolder>,
) -> Result<Compared, Diagnostics> {
    let root = Worktree::find(&args.manifest, args.root.as_deref())?;
    let mut manifest = release::declare(&root, SharedPolicy::OrOwn, sources)?.manifest;
    *ledger = verified_folder(args, &manifest, &root)?;
    let Some(ReadLock { name, mut lock, digest }) = release::read_lock(&manifest, &root)? else {
        return Err(no_lock(&args.manifest)?.into());
    };
    let relied =
        Relied { manifest: &manifest, lock: &lock, digest: &digest, now: Clock::now(None).generated_at };
    let attestation = relied_on(&args.attestation, &relied)?;
    let switches = Switches { no_cache: args.no_cache, quiet: args.quiet };
    let only = args.only.as_deref().map(pattern).transpose()?;
    hashing(&root, switches, |contents| {
        let (pinned, findings, differences) = match &only {
            None => {
                let (pinned, mut findings) = artifact::pin(&manifest, contents);
                findings.extend(artifact::cross_check(&manifest, &pinned, contents));
                let found = lock::verify(&lock, &manifest, &pinned, contents, None);
                (pinned, findings, found)
            }
            Some(pattern) => {
                let part = Part::select(pattern, &mut manifest, &mut lock, contents)?;
                let (pinned, findings) = artifact::pin(&manifest, &part);
                let found = lock::verify(
                    &lock,
                    &manifest,
                    &pinned,
                    &part,
                    Some(&|key, path| part.selects(key, path)),
                );
                // Whether shards are complete cannot be told from a part.
                let findings = findings.into_iter().filter(|finding| finding.nature != Nature::Incomplete);
                let findings = findings.fold(Diagnostics::new(), |mut all, finding| {
                    all.push(finding);
                    all
                });
                (pinned, findings, found)
            }
        };
        drop(pinned);
        Ok(Compared { lock: name, extent: Extent::of(&lock), differences, attestation, findings })
    })
}

fn no_lock(manifest: &Path) -> Result<Diagnostic, Diagnostic> {
    let name = lock_of(manifest)?.to_string_lossy().into_owned();
    Ok(Diagnostic::error(Code::NoLock, format!("there is no lock `{name}`")).in_file(name).help(format!(
        "make it with `relgate lock {}`, and commit it",
        printable(&manifest.to_string_lossy())
    )))
}

fn pattern(glob: &str) -> Result<Pattern, Diagnostic> {
    let named = glob.strip_prefix("./").unwrap_or(glob).trim_end_matches('/');
    let glob = if named.is_empty() { glob } else { named };
    Pattern::new(glob).map_err(|error| {
        Diagnostic::error(Code::BadGlob, format!("`{glob}` cannot be used with `--only`: {}", error.msg))
            .help("use `*`, `?`, `[a-z]` and `**` between two `/`, as in 'models/**'")
    })
}

/// What a glob that matches nothing was probably to say: a key with a slash in it.
fn meant(glob: &str, manifest: &Manifest, lock: &Lock) -> Option<String> {
    let key = glob.replacen('/', ".", 1);
    let mut keys =
        manifest.artifacts.iter().map(Artifact::key).chain(lock.artifacts.iter().map(LockedArtifact::key));
    keys.any(|known| known == key).then_some(key)
}

/// The part of the files that `--only` names.
struct Part<'a> {
    pattern: &'a Pattern,
    contents: &'a Hashing<'a>,
    /// Folder artifacts: path below the root, key, and path as declared.
    folders: Vec<(String, String, String)>,
}

impl<'a> Part<'a> {
    /// Leaves in the manifest and in the lock what the pattern matches.
    fn select(
        pattern: &'a Pattern,
        manifest: &mut Manifest,
        lock: &mut Lock,
        contents: &'a Hashing<'a>,
    ) -> Result<Self, Diagnostic> {
        let mut part = Self { pattern, contents, folders: Vec::new() };
        let meant = meant(pattern.as_str(), manifest, lock);
        for artifact in &manifest.artifacts {
            let Some(path) = &artifact.path else { continue };
            if let Ok(Found { path: at, node: Standing::Folder }) = contents.look(&path.value) {
                part.folders.push((at, artifact.key(), path.value.clone()));
            }
        }
        for artifact in &mut lock.artifacts {
            let (key, path) = (artifact.key(), artifact.path.clone().unwrap_or_default());
            let single = artifact.form != lock::Form::Folder;
            artifact.files.retain(|file| {
                part.selects(&key, &if single { path.clone() } else { below(&path, &file.path) })
            });
        }
        let locked = |key: &str| lock.artifacts.iter().any(|one| one.key() == key && part.keeps_locked(one));
        manifest.artifacts.retain(|artifact| locked(&artifact.key()) || part.keeps(artifact));
        let kept = |key: &str| manifest.artifacts.iter().any(|one| one.key() == key);
        lock.artifacts.retain(|artifact| part.keeps_locked(artifact) || kept(&artifact.key()));
        if manifest.artifacts.is_empty() && lock.artifacts.is_empty() {
            return Err(Diagnostic::error(Code::NoMatch, format!("nothing matches `--only {pattern}`"))
                .note("the glob is held against `kind.name` of an artifact and against paths from the manifest's folder")
                .help(meant.map_or_else(
                    || "for example `--only 'models.*'` or `--only 'prompts/**'`".to_owned(),
                    |meant| format!("did you mean `--only '{}'`?", printable(&meant)),
                )));
        }
        Ok(part)
    }

    fn selects(&self, key: &str, path: &str) -> bool {
        // However the manifest spells it.
        let plain = resolve("", path).unwrap_or_else(|_| path.to_owned());
        let path = plain.as_str();
        let folder = self.pattern.as_str();
        // A folder by its name is everything in it.
        let in_folder = path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        in_folder || self.pattern.matches_with(key, MATCHING) || self.pattern.matches_with(path, MATCHING)
    }

    fn keeps_locked(&self, artifact: &LockedArtifact) -> bool {
        self.selects(&artifact.key(), artifact.path.as_deref().unwrap_or("")) || !artifact.files.is_empty()
    }

    fn keeps(&self, artifact: &Artifact) -> bool {
        let key = artifact.key();
        let path = artifact.path.as_ref().map_or("", |path| path.value.as_str());
        let folder = self.folders.iter().find(|(_, other, _)| *other == key);
        self.selects(&key, path)
            || folder.is_some_and(|(at, ..)| self.list(at).is_ok_and(|listing| !listing.files.is_empty()))
    }
}

impl Tree for Part<'_> {
    fn look(&self, declared: &str) -> Result<Found, Trouble> {
        self.contents.look(declared)
    }

    fn list(&self, folder: &str) -> Result<Listing, Trouble> {
        let mut listing = self.contents.list(folder)?;
        let named = |path: &str| {
            let of = |(at, key, declared): &(String, String, String)| {
                at == folder && self.selects(key, &below(declared, path))
            };
            self.folders.iter().any(of)
        };
        listing.files.retain(|entry| named(&entry.path));
        listing.troubles.retain(|(path, _)| path.is_empty() || named(path));
        Ok(listing)
    }

    fn open(&self, path: &str) -> Result<Box<dyn io::Read + '_>, Trouble> {
        self.contents.open(path)
    }

    fn stamp(&self, path: &str) -> Result<Option<artifact::Stamp>, Trouble> {
        self.contents.stamp(path)
    }

    fn known(&self, stamp: &artifact::Stamp, sum: artifact::Sum) -> Option<String> {
        self.contents.known(stamp, sum)
    }

    fn learned(&self, stamp: &artifact::Stamp, sum: artifact::Sum, hex: &str) {
        self.contents.learned(stamp, sum, hex);
    }

    fn below_root(&self, absolute: &str) -> Option<String> {
        self.contents.below_root(absolute)
    }

    fn ahead(&self, bytes: u64) {
        self.contents.ahead(bytes);
    }
}

/// A file of a folder artifact as the lock's differences show it.
fn below(declared: &str, path: &str) -> String {
    if declared == "." { path.to_owned() } else { join(declared.trim_end_matches('/'), path) }
}
