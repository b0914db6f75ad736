//! What is no longer as it was locked: every artifact and every file, missing, extra or changed.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::document::{Form, Lock, LockedArtifact, LockedFile, form, locked_path};
use super::revision::revision;
use crate::artifact::fold::{apart, fold};
use crate::artifact::spelling::{self, Spelling};
use crate::artifact::tree::{Standing, Tree, Trouble, join, resolve};
use crate::artifact::{Pinned, PinnedArtifact, PinnedContent, PinnedFile};
use crate::diagnostic::printable;
use crate::manifest::{Artifact, Digest, Manifest};

/// One thing that is not as it was locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `kind.name` of the artifact.
    pub artifact: String,
    /// The file, from the manifest's folder; none where the artifact as a whole differs.
    pub path: Option<String>,
    /// What differs.
    pub what: What,
    /// What was locked.
    pub locked: Option<DifferenceSide>,
    /// What is there.
    pub found: Option<DifferenceSide>,
    /// What helps to understand it.
    pub note: Option<String>,
}

/// In which way something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Locked, and not there.
    Missing,
    /// There, and not locked.
    Extra,
    /// Other bytes.
    Changed,
    /// Another version, uri, ... of the artifact: the name of the field.
    Field(&'static str),
}

impl Difference {
    /// `changed  prompts.system  prompts/system.md`.
    #[must_use]
    pub fn headline(&self) -> String {
        let what = match self.what {
            What::Field(name) => format!("other {name}"),
            other => other.word().to_owned(),
        };
        let path = self.path.as_ref().map_or_else(String::new, |path| format!("  {}", printable(path)));
        format!("{what}  {}{path}", printable(&self.artifact))
    }
}

impl What {
    /// The word in outputs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Changed => "changed",
            Self::Field(name) => name,
        }
    }
}

/// One side of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DifferenceSide {
    /// The bytes of a file.
    File {
        /// Their digest.
        sha256: Digest,
        /// Their number.
        size: u64,
    },
    /// The text of a field.
    Text(String),
}

/// Which part of a lock is verified, by artifact key and the file's path from the manifest's folder; all where there is none.
pub type Selection<'a> = Option<&'a dyn Fn(&str, &str) -> bool>;

/// Everything that is not as it was locked, sorted by artifact and path.
///
/// `contents` is looked at again only to tell what is missing and to explain what changed. Artifacts that could not be
/// hashed for another reason are not listed: the findings of pinning tell about them.
#[must_use]
pub fn verify(
    lock: &Lock,
    manifest: &Manifest,
    pinned: &Pinned,
    contents: &dyn Tree,
    selected: Selection<'_>,
) -> Vec<Difference> {
    let locked: BTreeMap<String, &LockedArtifact> =
        lock.artifacts.iter().map(|artifact| (artifact.key(), artifact)).collect();
    let found: BTreeMap<String, (&Artifact, &PinnedArtifact)> = manifest
        .artifacts
        .iter()
        .filter_map(|artifact| Some((artifact.key(), (artifact, pinned.get(&artifact.key())?))))
        .collect();
    let keys: BTreeSet<&String> = locked.keys().chain(found.keys()).collect();
    let mut differences = Vec::new();
    for key in keys {
        let mut one = One { key, contents, selected, differences: &mut differences };
        match (locked.get(key), found.get(key)) {
            (Some(locked), Some((declared, pinned))) => one.compare(locked, declared, pinned),
            (Some(locked), None) => one.gone(locked),
            (None, Some((declared, pinned))) => one.added(declared, pinned),
            (None, None) => {}
        }
    }
    differences
}

/// One artifact under comparison.
struct One<'a> {
    key: &'a str,
    contents: &'a dyn Tree,
    selected: Selection<'a>,
    differences: &'a mut Vec<Difference>,
}

impl One<'_> {
    fn push(
        &mut self,
        path: Option<String>,
        what: What,
        locked: Option<DifferenceSide>,
        found: Option<DifferenceSide>,
    ) {
        let artifact = self.key.to_owned();
        self.differences.push(Difference { artifact, path, what, locked, found, note: None });
    }

    /// Whether the artifact itself is to be verified; its files are asked for one by one.
    fn whole(&self, path: Option<&str>) -> bool {
        self.selects(|| path.unwrap_or("").to_owned())
    }

    fn selects(&self, path: impl FnOnce() -> String) -> bool {
        self.selected.is_none_or(|selected| selected(self.key, &path()))
    }

    fn gone(&mut self, locked: &LockedArtifact) {
        if self.whole(locked.path.as_deref()) || locked.files.iter().any(|file| self.file(locked, file)) {
            let facts = DifferenceSide::Text(format!("version {}", locked.version));
            self.push(None, What::Missing, Some(facts), None);
        }
    }

    fn added(&mut self, declared: &Artifact, pinned: &PinnedArtifact) {
        let path = declared.path.as_ref().map(|path| path.value.as_str());
        let shown = |file: &PinnedFile| shown(path, &pinned.content, file);
        if self.whole(path) || pinned.files().iter().any(|file| self.selects(|| shown(file))) {
            let facts = DifferenceSide::Text(format!("version {}", pinned.version));
            self.push(None, What::Extra, None, Some(facts));
        }
    }

    /// Whether a locked file is to be verified.
    fn file(&self, locked: &LockedArtifact, file: &LockedFile) -> bool {
        self.selects(|| locked_shown(locked, file))
    }

    fn compare(&mut self, locked: &LockedArtifact, declared: &Artifact, pinned: &PinnedArtifact) {
        let path = declared.path.as_ref().map(|path| path.value.clone());
        if self.whole(path.as_deref()) || !locked.files.is_empty() {
            self.fields(locked, path.clone(), pinned);
        }
        let Some(form) = form(&pinned.content) else {
            return self.unusable(locked, path.as_deref());
        };
        if form != locked.form {
            let text = |form: Form| Some(DifferenceSide::Text(form.word().to_owned()));
            return self.push(None, What::Field("form"), text(locked.form), text(form));
        }
        match form {
            Form::Values | Form::Uri => {
                if pinned.digest() != locked.digest.as_ref() {
                    let text = |digest: Option<&Digest>| {
                        Some(DifferenceSide::Text(digest.map_or("none", Digest::hex).to_owned()))
                    };
                    let (before, now) = (text(locked.digest.as_ref()), text(pinned.digest()));
                    self.push(None, What::Field("digest"), before, now);
                }
            }
            Form::File | Form::Folder => self.files(locked, form, path.as_deref(), pinned),
        }
    }

    /// Version, path, uri and revision.
    fn fields(&mut self, locked: &LockedArtifact, path: Option<String>, pinned: &PinnedArtifact) {
        let now = revision(pinned.uri.as_deref(), &pinned.version);
        let pairs = [
            ("version", Some(locked.version.clone()), Some(pinned.version.clone())),
            ("path", locked.path.clone(), path),
            ("uri", locked.uri.clone(), pinned.uri.clone()),
            ("revision", locked.revision.clone(), now),
        ];
        // `./model/` and `model` are one place.
        let plain = |path: &Option<String>| {
            path.as_deref().map(|path| resolve("", path).unwrap_or_else(|_| path.to_owned()))
        };
        let differ = |name: &str, before: &Option<String>, now: &Option<String>| {
            before != now && (name != "path" || plain(before) != plain(now))
        };
        for (name, before, now) in pairs.into_iter().filter(|(name, before, now)| differ(name, before, now)) {
            self.push(
                None,
                What::Field(name),
                before.map(DifferenceSide::Text),
                now.map(DifferenceSide::Text),
            );
        }
    }

    /// An artifact without a digest: its files are missing where nothing stands there at all.
    fn unusable(&mut self, locked: &LockedArtifact, path: Option<&str>) {
        let gone = path.is_some_and(|path| match self.contents.look(path) {
            Err(Trouble::Missing { .. }) => true,
            Ok(found) if found.node == Standing::Folder => self
                .contents
                .list(&found.path)
                .is_ok_and(|listing| listing.files.is_empty() && listing.troubles.is_empty()),
            _ => false,
        });
        for file in locked.files.iter().filter(|_| gone) {
            if self.file(locked, file) {
                self.push(Some(locked_shown(locked, file)), What::Missing, Some(facts(file)), None);
            }
        }
    }

    fn files(&mut self, locked: &LockedArtifact, form: Form, path: Option<&str>, pinned: &PinnedArtifact) {
        // A file that is the artifact is compared whatever it is called now: another path is told as such.
        let order = |before: &LockedFile, now: &PinnedFile| match form {
            Form::File => Ordering::Equal,
            _ => before.path.as_bytes().cmp(now.path.as_bytes()),
        };
        let first = self.differences.len();
        // Both are in byte order of their paths.
        let (mut before, mut now) = (locked.files.iter().peekable(), pinned.files().iter().peekable());
        loop {
            let side = match (before.peek(), now.peek()) {
                (Some(before), Some(now)) => order(before, now),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            let gone = if side == Ordering::Greater { None } else { before.next() };
            let here = if side == Ordering::Less { None } else { now.next() };
            self.file_pair(locked, gone, here, (form, path, pinned));
        }
        self.renames(first);
    }

    /// One path: locked, there, or both.
    fn file_pair(
        &mut self,
        locked: &LockedArtifact,
        before: Option<&LockedFile>,
        now: Option<&PinnedFile>,
        (form, path, pinned): (Form, Option<&str>, &PinnedArtifact),
    ) {
        match (before, now) {
            (Some(before), Some(now)) if now.digest == before.sha256 && now.bytes == before.size => {}
            (Some(before), now) if self.file(locked, before) => {
                let what = if now.is_some() { What::Changed } else { What::Missing };
                self.push(
                    Some(locked_shown(locked, before)),
                    what,
                    Some(facts(before)),
                    now.map(pinned_facts),
                );
                let note = now.and_then(|now| self.respelled(pinned, now, &before.sha256));
                if let Some(last) = self.differences.last_mut() {
                    last.note = note;
                }
            }
            (None, Some(now)) => {
                let at = beside(path.unwrap_or(""), locked_path(form, &now.path), form);
                if self.selects(|| at.clone()) {
                    self.push(Some(at), What::Extra, None, Some(pinned_facts(now)));
                }
            }
            _ => {}
        }
    }

    /// Why the bytes changed, where it is only their line ends or a byte order mark.
    fn respelled(&self, artifact: &PinnedArtifact, file: &PinnedFile, locked: &Digest) -> Option<String> {
        if file.bytes > spelling::EXPLAINED {
            return None;
        }
        let path = match (&artifact.content, artifact.path.as_deref()) {
            (PinnedContent::Folder { .. }, Some(".")) => file.path.clone(),
            (PinnedContent::Folder { .. }, Some(folder)) => join(folder, &file.path),
            _ => file.path.clone(),
        };
        let mut reader = self.contents.open(&path).ok()?;
        let all = spelling::spellings(&mut *reader, file.bytes).ok()??;
        let at = all.iter().position(|digest| digest == locked)?;
        let spelling: &Spelling = Spelling::ALL.get(at)?;
        let git = if spelling.by_git() {
            "; a line `PATH -text` in `.gitattributes` keeps git from converting it"
        } else {
            ""
        };
        Some(spelling.words("locked") + git)
    }

    /// Marks a missing and an extra file that belong together: another case, or the same bytes under another name.
    fn renames(&mut self, first: usize) {
        let fresh = self.differences.get(first..).unwrap_or(&[]);
        let mut notes: Vec<(usize, String)> = Vec::new();
        let of = |what: What| {
            fresh.iter().enumerate().filter(move |(_, one)| one.what == what).filter_map(|(i, one)| {
                Some((i, one.path.as_deref()?, one.locked.as_ref().or(one.found.as_ref())?))
            })
        };
        let extras: BTreeMap<String, (usize, &str)> =
            of(What::Extra).map(|(i, path, _)| (fold(path), (i, path))).collect();
        let by_bytes: BTreeMap<String, (usize, &str)> =
            of(What::Extra).map(|(i, path, facts)| (format!("{facts:?}"), (i, path))).collect();
        for (i, path, facts) in of(What::Missing) {
            if let Some((other, extra)) = extras.get(&fold(path)) {
                let why = "one of the two comes from a file system that does not tell them apart";
                notes.push((i, format!("differs from `{extra}` only {}: {why}", apart(path, extra))));
                notes.push((*other, format!("differs from `{path}` only {}: {why}", apart(extra, path))));
            } else if let Some((other, extra)) = by_bytes.get(&format!("{facts:?}")) {
                notes.push((i, format!("the same bytes stand in `{extra}`: renamed")));
                notes.push((*other, format!("the same bytes were locked as `{path}`: renamed")));
            }
        }
        for (i, note) in notes {
            if let Some(one) = self.differences.get_mut(first + i) {
                one.note = Some(note);
            }
        }
    }
}

fn facts(file: &LockedFile) -> DifferenceSide {
    DifferenceSide::File { sha256: file.sha256.clone(), size: file.size }
}

fn pinned_facts(file: &PinnedFile) -> DifferenceSide {
    DifferenceSide::File { sha256: file.digest.clone(), size: file.bytes }
}

/// A locked file as messages show it: from the manifest's folder.
fn locked_shown(artifact: &LockedArtifact, file: &LockedFile) -> String {
    beside(artifact.path.as_deref().unwrap_or(""), &file.path, artifact.form)
}

/// The same of a file that is there.
fn shown(path: Option<&str>, content: &PinnedContent, file: &PinnedFile) -> String {
    let form = form(content).unwrap_or(Form::Folder);
    beside(path.unwrap_or(""), locked_path(form, &file.path), form)
}

fn beside(path: &str, name: &str, form: Form) -> String {
    match form {
        Form::File => path.to_owned(),
        _ if path == "." => name.to_owned(),
        _ => join(path.trim_end_matches('/'), name),
    }
}
