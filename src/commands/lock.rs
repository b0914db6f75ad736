//! `relgate lock`: writes down what the artifacts are, and says what that changes.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use super::console::{Console, tell_findings, tell_unjudged};
use super::hashing::{Switches, hashing};
use crate::artifact::lock::{self, Difference, Lock};
use crate::artifact::{self, Pinned, PinnedArtifact, join};
use crate::cli::LockArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Sources, printable};
use crate::files::{Worktree, lock_of, read_text, replace_files};
use crate::manifest::Manifest;
use crate::release::{self, Held, SharedPolicy};
use crate::report::Exit;
use crate::report::pinning::{Extent, differences, pinned_table};

/// The largest lock that is read: half a million files.
const MOST: usize = 64 << 20;

/// What was pinned and written.
struct Locked {
    pinned: Pinned,
    lock: Lock,
    name: String,
    written: Vec<String>,
    /// What is not as in the earlier lock; none where there was no readable one.
    changed: Option<Vec<Difference>>,
    warnings: Diagnostics,
}

/// Locks one manifest.
pub(super) fn run(args: &LockArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    match lock(args, &mut sources) {
        Ok(locked) => {
            tell_findings(&locked.warnings, &sources, console)?;
            tell(&locked, args, console)?;
            Ok(Exit::Pass)
        }
        Err(findings) => {
            tell_findings(&findings, &sources, console)?;
            tell_unjudged(&args.manifest, &findings, "locked", "nothing was written", console)?;
            Ok(Exit::Error)
        }
    }
}

fn lock(args: &LockArgs, sources: &mut Sources) -> Result<Locked, Diagnostics> {
    let root = Worktree::find(&args.manifest, args.root.as_deref())?;
    let declared = release::declare(&root, SharedPolicy::OrOwn, sources)?;
    let at = lock_of(&args.manifest)?;
    let manifest = &declared.manifest;
    let switches = Switches { no_cache: args.no_cache, quiet: args.quiet };
    hashing(&root, switches, |contents| {
        let Held { pinned, mut findings, .. } = declared.pin(contents);
        findings.extend(artifact::cross_check(manifest, &pinned, contents));
        let name = at.to_string_lossy().into_owned();
        for artifact in outside(&pinned, &root, &at) {
            findings.push(inside(manifest, artifact, &name));
        }
        let sums = match args.sums.as_deref().map(|to| sums(to, &at, &pinned, manifest, &root)).transpose() {
            Ok(sums) => sums,
            Err(finding) => {
                findings.push(finding);
                None
            }
        };
        if findings.has_errors() {
            return Err(findings);
        }
        let lock = Lock::of(manifest, &pinned)?;
        let text = lock::write(&lock);
        // Nothing is written that `verify` would refuse.
        lock::read(&text, &name)?;
        if text.len() > MOST {
            return Err(too_large(&name).into());
        }
        for finding in loose(manifest) {
            findings.push(finding);
        }
        let earlier = release::read_lock(manifest, &root).unwrap_or_else(|finding| {
            findings.push(Diagnostic { severity: Severity::Warning, ..finding });
            None
        });
        let changed = earlier.map(|earlier| lock::verify(&earlier.lock, manifest, &pinned, contents, None));
        let mut files = vec![(at.clone(), text)];
        files.extend(args.sums.clone().zip(sums));
        let stale = |(to, text): &&(PathBuf, String)| {
            read_text(to, &to.to_string_lossy()).ok().flatten().as_ref() != Some(text)
        };
        let files: Vec<&(PathBuf, String)> = files.iter().filter(|_| !args.dry_run).filter(stale).collect();
        let bytes: Vec<(&Path, &[u8])> =
            files.iter().map(|(to, text)| (to.as_path(), text.as_bytes())).collect();
        replace_files(&bytes)?;
        let written = files.iter().map(|(to, _)| to.to_string_lossy().into_owned()).collect();
        Ok(Locked { pinned, lock, name, written, changed, warnings: findings })
    })
}

fn too_large(name: &str) -> Diagnostic {
    Diagnostic::error(Code::LockTooLarge, format!("`{name}` would be larger than {} MiB", MOST >> 20))
        .help("pack the many small files of a dataset into few large ones")
}

/// Folder artifacts that a file which is about to be written would become part of.
fn outside<'a>(pinned: &'a Pinned, root: &Worktree, to: &Path) -> Vec<&'a PinnedArtifact> {
    let Some(at) = root.locate(to) else { return Vec::new() };
    let holds = |artifact: &&PinnedArtifact| match artifact.path.as_deref() {
        Some(".") => true,
        Some(path) => at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        None => false,
    };
    pinned.iter().filter(holds).collect()
}

fn inside(manifest: &Manifest, artifact: &PinnedArtifact, name: &str) -> Diagnostic {
    let key = artifact.key();
    let finding = Diagnostic::error(
        Code::InsideArtifact,
        format!("`{name}` would be part of `{key}`, which it describes"),
    )
    .note("writing it would change the artifact's digest")
    .help("move the artifact into a folder of its own, or write the file elsewhere");
    match manifest.artifacts.iter().find(|declared| declared.key() == key).and_then(|one| one.path.as_ref()) {
        Some(path) => finding.at(path.span, "holds the file that is to be written"),
        None => finding,
    }
}

/// Uris whose revision can be moved.
fn loose(manifest: &Manifest) -> Vec<Diagnostic> {
    let elsewhere = manifest.artifacts.iter().filter(|one| one.path.is_none() && one.sha256.is_none());
    elsewhere
        .filter_map(|artifact| {
            let uri = artifact.uri.as_ref()?;
            let why = lock::loose_revision(&uri.value, &artifact.version.value)?;
            Some(
                Diagnostic::warning(
                    Code::UnpinnedRevision,
                    format!("`{}` is not pinned: it may change without a release", artifact.key()),
                )
                .at(uri.span, why)
                .help("name the commit: `hf:org/name@<40 digits>`; or declare `sha256`"),
            )
        })
        .collect()
}

/// The lines of `SHA256SUMS` at a path: every hashed file, relative to the folder of that file.
fn sums(
    to: &Path,
    lock: &Path,
    pinned: &Pinned,
    manifest: &Manifest,
    root: &Worktree,
) -> Result<String, Diagnostic> {
    let name = to.to_string_lossy().into_owned();
    if let Some(artifact) = outside(pinned, root, to).first() {
        return Err(inside(manifest, artifact, &name));
    }
    let at = root.locate(to).ok_or_else(|| {
        Diagnostic::error(
            Code::SumsOutsideRoot,
            format!("`{name}` is not in an existing folder below the root"),
        )
        .help("`sha256sum -c` finds files from the folder of the list: put it into the root or below")
    })?;
    let refuse = |why: &str| {
        Diagnostic::error(Code::SumsOverwrites, format!("`{name}` {why}"))
            .help("let `--sums` name a new file, such as `SHA256SUMS`, or an older list of checksums")
    };
    if root.locate(lock).as_ref() == Some(&at) {
        return Err(refuse("is the lock itself"));
    }
    // Only an older list is replaced: a slip on the command line must not cost a manifest or evidence.
    let list = |text: &str| text.lines().all(|line| line.get(64..66) == Some("  ") && !line.is_empty());
    if read_text(to, &name)?.is_some_and(|text| !list(&text)) {
        return Err(refuse("holds something other than checksums, and would be overwritten"));
    }
    let folder: Vec<&str> = match at.rsplit_once('/') {
        Some((folder, _)) => folder.split('/').collect(),
        None => Vec::new(),
    };
    let mut lines: Vec<(String, &str)> = Vec::new();
    for artifact in pinned {
        let base = match (&artifact.content, artifact.path.as_deref()) {
            (artifact::PinnedContent::Folder { .. }, Some(path)) if path != "." => path,
            _ => "",
        };
        for file in artifact.files() {
            lines.push((relative(&folder, &join(base, &file.path)), file.digest.hex()));
        }
    }
    lines.sort_unstable();
    // Two artifacts may hold the same file.
    lines.dedup();
    Ok(lines.iter().fold(String::new(), |text, (path, hex)| text + hex + "  " + path + "\n"))
}

/// A path below the root as it is written in a folder below the root.
fn relative(folder: &[&str], path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let shared = folder.iter().zip(&parts).take_while(|(a, b)| a == b).count();
    let up = folder.len() - shared;
    let rest = parts.get(shared..).unwrap_or(&[]).join("/");
    format!("{}{rest}", "../".repeat(up))
}

fn tell(locked: &Locked, args: &LockArgs, console: &mut Console<'_>) -> io::Result<()> {
    let extent = Extent::of(&locked.lock).words();
    let name = printable(&locked.name);
    let state = match (&locked.changed, locked.written.contains(&locked.name), args.dry_run) {
        (Some(changed), _, true) if !changed.is_empty() => "would be changed",
        (None, _, true) => "would be made",
        (_, true, _) => "written",
        _ => "is up to date",
    };
    let mut text = format!("{name} {state}: {extent}\n");
    if args.quiet {
        return console.tell(&text);
    }
    if !locked.lock.artifacts.is_empty() {
        let _ = write!(text, "\n{}", pinned_table(&locked.pinned));
    }
    if let Some(changed) = locked.changed.as_ref().filter(|changed| !changed.is_empty()) {
        let _ = write!(text, "\nsince the earlier lock:\n{}", differences(changed));
    }
    for other in locked.written.iter().filter(|other| **other != locked.name) {
        let _ = write!(text, "\nwrote {}\n", printable(other));
    }
    console.tell(&text)
}
