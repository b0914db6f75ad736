//! The hotfix that a `restore` means: its manifest, its lock and the files that it takes out of git, written once, after the way back,
//! and never over anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::context::Context;
use crate::artifact::lock::{Form, Lock, LockedArtifact};
use crate::artifact::{Tree, digest_bytes, digest_reader, join, read_all};
use crate::commands::committed::committed;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, list, printable};
use crate::files::{self, Commit, Named, create_set, lock_of, read_text};
use crate::ledger::{Chain, EventRelease, HotfixData, RolloutState};
use crate::manifest::tree::{self, Node};
use crate::manifest::{self, ArtifactKind, Manifest, Reference};
use crate::release::{self, Outline, SharedPolicy};
use crate::report::rollout::{RolloutHotfix, RolloutReport};
use crate::rollout::{Restore, RestoreSide, apart, same_artifacts};

/// More bytes are not copied: large files are no prompts, and stand where they stood.
const MOST: u64 = 64 << 20;

/// What became of a hotfix.
#[derive(Debug, Default)]
pub(super) struct HotfixTold {
    /// What a person does next.
    next: Option<String>,
    lines: Vec<String>,
    /// Why there is none.
    pub(super) trouble: Diagnostics,
}

impl HotfixTold {
    /// Adds it to what is told of a way back.
    pub(super) fn tell(&self, report: &mut RolloutReport) {
        report.lines.extend(self.lines.iter().cloned());
        if let Some(next) = &self.next {
            report.next = Some(next.clone());
        }
    }
}

/// Where the parts of a hotfix stand.
struct HotfixPlace {
    /// Its manifest, from the root.
    manifest: String,
    /// Its own folder, from the manifest's.
    folder: String,
}

/// A release that it is made of.
struct Origin {
    manifest: Manifest,
    text: String,
    root: Node,
    lock: Option<Lock>,
    tree: Box<dyn Tree>,
    /// The commit that it was read from; none where it is the one here.
    commit: Option<Commit>,
}

/// Files that it brings along.
#[derive(Default)]
struct Copies {
    /// By `kind.name`, where the files stand now, from the manifest.
    moved: BTreeMap<String, String>,
    places: Vec<String>,
    /// Paths from the manifest, with their bytes.
    files: Vec<(String, Vec<u8>)>,
    bytes: u64,
}

impl Context {
    /// Writes the hotfix that was meant when the rollout was taken back. Whatever goes wrong is told, and nothing else depends on it.
    pub(super) fn write_hotfix(&self, chain: &Chain, state: &RolloutState) -> HotfixTold {
        let Some(meant) = &state.hotfix else { return HotfixTold::default() };
        let Some(good) = &state.went_back_to else { return HotfixTold::default() };
        match self.hotfix(chain, (&state.candidate, good), meant) {
            Ok(told) => told,
            Err(why) => {
                let words = meant.restores.join(" and ");
                let finding = Diagnostic::warning(
                    Code::HotfixNotWritten,
                    format!(
                        "no hotfix with the {words} of {} was written: {}",
                        printable(&good.version),
                        why.title
                    ),
                );
                let finding = why.notes.iter().fold(finding, |finding, note| finding.note(note.clone()));
                let help = why.help.first().cloned().unwrap_or_default();
                let finding = finding.help(format!(
                    "{help}{}to keep the rest of {}, declare {} by hand (`type: hotfix`) and let `relgate check` judge it",
                    if help.is_empty() { "" } else { "; " },
                    printable(&state.candidate.version),
                    meant.version
                ));
                HotfixTold { trouble: finding.into(), ..HotfixTold::default() }
            }
        }
    }

    fn hotfix(
        &self,
        chain: &Chain,
        (failed_of, good_of): (&EventRelease, &EventRelease),
        meant: &HotfixData,
    ) -> Result<HotfixTold, Diagnostic> {
        let (failed_version, good_version) = (printable(&failed_of.version), printable(&good_of.version));
        let kinds: Vec<ArtifactKind> =
            meant.restores.iter().filter_map(|word| ArtifactKind::from_word(word)).collect();
        if good_of.lock.is_none() {
            let text = format!("{good_version} has no lock in the ledger, so that nobody knows its bytes");
            return Err(
                refused(text).help("run `relgate lock` before every release, and commit the lock with it")
            );
        }
        let Some(place) = self.place_of(&meant.version) else {
            return Err(refused(format!("`{}` is no version", printable(&meant.version))));
        };
        let mut sources = Sources::new();
        let failed = self.origin(chain, failed_of, &mut sources)?;
        let good = self.origin(chain, good_of, &mut sources)?;
        if let Some(line) = needless((&failed, &failed_version), (&good, &good_version), &kinds) {
            return Ok(HotfixTold { lines: vec![line], ..HotfixTold::default() });
        }
        let copies = self.copies(chain, (&failed, failed_of), &good, (&kinds, &place.folder))?;
        let baseline = self.other_baseline(&failed.manifest, &good, good_of);
        let restore = Restore {
            text: &failed.text,
            failed: failed.side(),
            good: good.side(),
            kinds: &kinds,
            version: &meant.version,
            summary: &meant.summary,
            folder: &place.folder,
            path: self.root.manifest_path(),
            baseline: baseline.as_deref(),
            moved: &copies.moved,
        };
        let text = restore.manifest_text().filter(|text| self.reads(&place, text, meant));
        let text = text.ok_or_else(|| {
            refused(format!("what {failed_version} and {good_version} declare does not make one manifest"))
        })?;
        let written = self.put(&place, &copies, restore.lock_text(), text)?;
        let shown = self.root.from_here(&place.manifest);
        let base = self.root.base();
        let results = restore.results();
        let results: Vec<String> =
            results.iter().map(|path| self.root.from_here(&join(base, path))).collect();
        let results = list(results.iter().map(String::as_str), 3);
        let mut lines = Vec::new();
        if !written {
            lines.push(format!("`{shown}` was there already, as it is meant"));
        }
        if failed.lock.is_none() {
            lines.push(format!(
                "{failed_version} had no lock, so that nobody knows whether its files are what they were: `relgate lock {shown}` writes one"
            ));
        }
        let next = format!("evaluate {} into {results}, then `relgate check {shown}`", meant.version);
        Ok(HotfixTold { next: Some(next), lines, trouble: Diagnostics::new() })
    }

    /// Where the hotfix of a version stands: beside the manifest, which it may take the place of.
    fn place_of(&self, version: &str) -> Option<HotfixPlace> {
        // Whoever wrote it into the ledger, it leads nowhere else.
        semver::Version::parse(version).ok()?;
        let own = self.root.manifest_path().rsplit('/').next().unwrap_or_default();
        let name = match own.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem}-{version}.{ending}"),
            None => format!("{own}-{version}"),
        };
        Some(HotfixPlace { manifest: join(self.root.base(), &name), folder: format!("releases/{version}") })
    }

    /// The hotfix of a rollout that was taken back, where its manifest stands.
    pub(super) fn waiting_hotfix(&self, state: Option<&RolloutState>) -> Option<RolloutHotfix> {
        let (meant, good) = state.and_then(|state| state.hotfix.as_ref().zip(state.went_back_to.as_ref()))?;
        let place = self.place_of(&meant.version)?;
        let name = self.root.from_here(&place.manifest);
        let text = read_text(&self.root.absolute(&place.manifest), &name).ok().flatten()?;
        let mut sources = Sources::new();
        let file = sources.add(name.clone(), text);
        // What stands there may be somebody else's.
        let manifest = manifest::sketch(&sources, file).manifest?;
        let is_it = manifest.summary.is_some_and(|summary| summary.value == meant.summary)
            && manifest.version.value.to_string() == meant.version;
        is_it.then(|| RolloutHotfix {
            manifest: name,
            version: meant.version.clone(),
            restores: meant.restores.clone(),
            from: good.version.clone(),
        })
    }

    /// A release as its manifest and lock were: here, or in git.
    fn origin(&self, chain: &Chain, of: &EventRelease, sources: &mut Sources) -> Result<Origin, Diagnostic> {
        let own = self.root.lock().ok().flatten();
        let same_lock = match &of.lock {
            Some(digest) => own.is_some_and(|lock| digest_bytes(lock.text.as_bytes()) == *digest),
            None => true,
        };
        let is_here = self.version() == of.version && same_lock;
        let commit = if is_here { None } else { committed(&self.root, chain, of)? };
        let tree: Box<dyn Tree> = match &commit {
            Some(commit) => Box::new(commit.clone()),
            None if is_here => Box::new(self.root.clone()),
            None => return Err(nowhere(of, self.root.manifest_path())),
        };
        let Outline { declaration, findings } = release::outline(tree.as_ref(), SharedPolicy::OrOwn, sources);
        let first = findings.iter().next().map(|finding| finding.title.clone());
        let broken = |first: Option<String>| {
            refused(format!(
                "the manifest of {} cannot be read: {}",
                printable(&of.version),
                first.unwrap_or_default()
            ))
        };
        let Some(declaration) = declaration.filter(|_| !findings.has_errors()) else {
            return Err(broken(first));
        };
        let manifest = declaration.manifest;
        let text = sources.text(manifest.file).to_owned();
        let root = tree::parse(sources, manifest.file).ok().flatten().ok_or_else(|| broken(None))?;
        let lock = match &of.lock {
            Some(_) => release::read_lock(&manifest, tree.as_ref())?.map(|read| read.lock),
            None => None,
        };
        Ok(Origin { manifest, text, root, lock, tree, commit })
    }

    /// The files that it brings along: those that are restored, and those of the release that failed which are not here any more.
    fn copies(
        &self,
        chain: &Chain,
        (failed, failed_of): (&Origin, &EventRelease),
        good: &Origin,
        (kinds, folder): (&[ArtifactKind], &str),
    ) -> Result<Copies, Diagnostic> {
        let mut copies = Copies::default();
        for (declared, locked) in files_of(good).filter(|(_, locked)| kinds.contains(&locked.kind)) {
            if let Err(why) = copies.take(good.tree.as_ref(), (declared, locked), folder)
                && !stands(&self.root, declared, locked)
            {
                return Err(why);
            }
        }
        let mut kept = None;
        for (declared, locked) in files_of(failed).filter(|(_, locked)| !kinds.contains(&locked.kind)) {
            if stands(&self.root, declared, locked) {
                continue;
            }
            // It was edited in place, or the manifest went on.
            if kept.is_none() {
                let commit = match &failed.commit {
                    Some(commit) => Some(commit.clone()),
                    None => committed(&self.root, chain, failed_of)?,
                };
                kept = Some(commit.ok_or_else(|| nowhere(failed_of, self.root.manifest_path()))?);
            }
            if let Some(commit) = &kept {
                copies.take(commit, (declared, locked), folder)?;
            }
        }
        Ok(copies)
    }

    /// What it is compared with, where the release that failed is compared with another one than serves again: that one in git.
    fn other_baseline(&self, failed: &Manifest, good: &Origin, of: &EventRelease) -> Option<String> {
        let commit = good.commit.as_ref()?;
        let is_good = || {
            let named = Named::of(Reference::Baseline, None, failed, &self.root)?;
            let tree = files::find(&named).ok()?;
            let mut sources = Sources::new();
            let file = sources.add("", tree.text(tree.manifest()).ok()?.text);
            let older = manifest::sketch(&sources, file).manifest?;
            (older.name.value == of.name && older.version.value.to_string() == of.version).then_some(())
        };
        is_good().is_none().then(|| format!("git:{}:{}", commit.commit(), self.root.manifest_path()))
    }

    /// Whether a manifest at its place is read as what it is meant to be.
    fn reads(&self, place: &HotfixPlace, text: &str, meant: &HotfixData) -> bool {
        let drafted = self.root.for_file(&place.manifest).drafted(text);
        let mut sources = Sources::new();
        let Outline { declaration, findings } = release::outline(&drafted, SharedPolicy::OrOwn, &mut sources);
        !findings.has_errors()
            && declaration
                .is_some_and(|declared| declared.manifest.version.value.to_string() == meant.version)
    }

    /// Writes all of it, the manifest last; whether it was not there yet.
    fn put(
        &self,
        place: &HotfixPlace,
        copies: &Copies,
        lock: Option<String>,
        text: String,
    ) -> Result<bool, Diagnostic> {
        let base = self.root.base();
        let at = |path: &str| self.root.absolute(&join(base, path));
        let manifest = self.root.absolute(&place.manifest);
        let mut set: Vec<(PathBuf, Vec<u8>)> =
            copies.files.iter().map(|(path, bytes)| (at(path), bytes.clone())).collect();
        if let Some(lock) = lock {
            set.push((lock_of(&manifest)?, lock.into_bytes()));
        }
        set.push((manifest, text.into_bytes()));
        create_set(self.root.folder(), &at(&place.folder), &set)
    }
}

impl Origin {
    fn side(&self) -> RestoreSide<'_> {
        RestoreSide { manifest: &self.manifest, root: &self.root, lock: self.lock.as_ref() }
    }
}

impl Copies {
    /// Takes the files of an artifact along, each with the bytes that its release had.
    fn take(
        &mut self,
        tree: &dyn Tree,
        (declared, locked): (&str, &LockedArtifact),
        folder: &str,
    ) -> Result<(), Diagnostic> {
        let key = locked.key();
        let size: u64 = locked.files.iter().map(|file| file.size).sum();
        if self.bytes + size > MOST {
            let text = format!("`{key}` takes more than the {} MiB that are copied", MOST >> 20);
            return Err(refused(text).help(format!("put its bytes back at `{}`", printable(declared))));
        }
        let Some(place) = apart(folder, (&key, declared), &self.places) else {
            return Err(refused(format!("there is no place for the files of `{key}` beside the others")));
        };
        let found = tree.look(declared).map_err(|trouble| trouble.finding(declared))?;
        let mut files = Vec::new();
        for file in &locked.files {
            let (from, to) = match locked.form {
                Form::Folder => (join(&found.path, &file.path), join(&place, &file.path)),
                _ => (found.path.clone(), place.clone()),
            };
            let bytes = read_all(tree, &from, file.size).map_err(|trouble| trouble.finding(&from))?;
            match bytes {
                Some(bytes) if digest_bytes(&bytes) == file.sha256 => files.push((to, bytes)),
                _ => return Err(other_bytes(&tree.name(&from), &key)),
            }
        }
        self.bytes += size;
        self.files.extend(files);
        self.places.push(place.clone());
        self.moved.insert(key, place);
        Ok(())
    }
}

/// Why there is nothing that a hotfix could be, in a sentence.
fn needless(
    (failed, failed_version): (&Origin, &str),
    (good, good_version): (&Origin, &str),
    kinds: &[ArtifactKind],
) -> Option<String> {
    let (one, other) = (failed.lock.as_ref()?, good.lock.as_ref()?);
    if same_artifacts(one, other, |kind| kinds.contains(&kind)) {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
        let words = words.join(" and ");
        return Some(format!(
            "{failed_version} and {good_version} have the same {words}: there is nothing to restore"
        ));
    }
    same_artifacts(one, other, |kind| !kinds.contains(&kind)).then(|| {
        format!("all that differs between {failed_version} and {good_version} is what is restored: no hotfix is needed")
    })
}

/// The artifacts of a release that are files, with their declared paths.
fn files_of(origin: &Origin) -> impl Iterator<Item = (&str, &LockedArtifact)> {
    origin.manifest.artifacts.iter().filter_map(|artifact| {
        let declared = artifact.path.as_ref()?;
        let lock = origin.lock.as_ref()?;
        let own =
            |locked: &&LockedArtifact| locked.kind == artifact.kind && locked.name == artifact.name.value;
        Some((declared.value.as_str(), lock.artifacts.iter().find(own)?))
    })
}

/// Whether an artifact still stands at its place as it was locked; of a large file its length is enough, since the lock tells the rest.
fn stands(tree: &dyn Tree, declared: &str, locked: &LockedArtifact) -> bool {
    let Ok(found) = tree.look(declared) else { return false };
    let folder = locked.form == Form::Folder;
    if folder {
        let Ok(listing) = tree.list(&found.path) else { return false };
        let same = |(here, locked): (&crate::artifact::ListedFile, &crate::artifact::lock::LockedFile)| {
            here.path == locked.path && here.bytes == locked.size
        };
        if listing.files.len() != locked.files.len() || !listing.files.iter().zip(&locked.files).all(same) {
            return false;
        }
    }
    locked.files.iter().all(|file| {
        let path = if folder { join(&found.path, &file.path) } else { found.path.clone() };
        let large = file.size > MOST;
        let Ok(mut reader) = tree.open(&path) else { return false };
        large || digest_reader(&mut reader, file.size).is_ok_and(|(digest, _)| digest == file.sha256)
    })
}

fn refused(text: String) -> Diagnostic {
    Diagnostic::error(Code::HotfixNotWritten, text)
}

fn nowhere(of: &EventRelease, path: &str) -> Diagnostic {
    let lock = lock_of(Path::new(path)).map(|lock| lock.display().to_string()).unwrap_or_default();
    refused(format!("{} is neither here nor in git", printable(&of.version)))
        .note(format!("no commit in the history of this one has the `{path}` and `{lock}` of {}", printable(&of.version)))
        .help("commit manifest, lock and artifacts of every release; in a shallow clone fetch the history (`git fetch --unshallow`)")
}

fn other_bytes(name: &str, key: &str) -> Diagnostic {
    refused(format!("`{}` is not what the lock of its release says of `{key}`", printable(name)))
        .note("git keeps a Git LFS pointer for it, or it was edited before it was committed")
        .help("put the bytes that were released back")
}
