//! Where an earlier release comes from, the baseline or the anchor: the working tree, a git commit, or a bundle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::bundle;
use super::compare::{BaselineSource, same_conditions};
use super::extends::{self, Shelf};
use super::locked;
use super::pieces::{Opened, Places};
use crate::artifact::{self, Contents, Pinned};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, Spanned};
use crate::evidence::Declared;
use crate::files::{GitTree, Root, expand_given, parse_git_reference, read_manifest};
use crate::gate::{self, Claim};
use crate::manifest::{self, EvidenceSpec, Manifest, Reference};

/// An earlier release that the candidate is compared with.
pub(super) struct Baseline {
    /// Its manifest.
    pub(super) manifest: Manifest,
    /// Its artifacts.
    pub(super) pinned: Pinned,
    /// Whether it has a lock.
    pub(super) locked: bool,
    /// Why the manifest is without what it extends; none where it has all of it.
    pub(super) own_policy_only: Option<Diagnostic>,
    ground: Ground,
}

impl Baseline {
    /// The folder of the bundle that it comes from, if it does.
    pub(super) fn bundle(&self) -> Option<&Path> {
        match &self.ground {
            Ground::Bundle { folder, .. } => Some(folder),
            Ground::Folder(_) | Ground::Commit(_) => None,
        }
    }

    /// The bytes of its artifacts; none in a bundle.
    pub(super) fn contents(&self) -> Option<&dyn Contents> {
        match &self.ground {
            Ground::Folder(root) => Some(root),
            Ground::Commit(tree) => Some(tree),
            Ground::Bundle { .. } => None,
        }
    }
}

/// What a path of the baseline's manifest is relative to.
enum Ground {
    Folder(Root),
    Commit(GitTree),
    Bundle {
        folder: PathBuf,
        /// Evidence entry -> digest of the results that it was made of.
        results: BTreeMap<String, String>,
    },
}

impl Ground {
    fn expand(&self, name: &str, path: &Spanned<String>) -> Result<Places, Diagnostic> {
        match self {
            Self::Folder(root) => root.expand(path).map(Places::Files),
            Self::Commit(tree) => tree.expand(path).map(Places::Tree),
            Self::Bundle { folder, .. } => bundle::evidence(folder, name).map(Places::Files),
        }
    }
}

/// What the command line and the candidate say about an earlier release.
pub(super) struct Asked<'a> {
    /// Which one.
    pub(super) reference: Reference,
    /// `--baseline` or `--anchor`.
    pub(super) given: Option<&'a str>,
    /// The candidate.
    pub(super) candidate: &'a Manifest,
    /// The candidate's file, as it was given.
    pub(super) path: &'a Path,
    /// The candidate's root.
    pub(super) root: &'a Root,
}

/// Loads the baseline or the anchor; none where the candidate names none.
pub(super) fn load(asked: &Asked<'_>, sources: &mut Sources) -> Result<Option<Baseline>, Diagnostics> {
    let declared = match asked.reference {
        Reference::Baseline => asked.candidate.baseline.as_ref(),
        Reference::Anchor => asked.candidate.anchor.as_ref(),
    };
    let Some(text) = asked.given.or(declared.map(|declared| declared.value.as_str())) else {
        return Ok(None);
    };
    if text == "none" {
        return Ok(None);
    }
    let span = declared.map(|declared| declared.span).filter(|_| asked.given.is_none());
    let what = asked.reference.word();
    release(&Named { text, span, what, beside: asked.path, root: asked.root }, sources).map(Some)
}

/// An earlier release as somebody names it.
pub(super) struct Named<'a> {
    /// A manifest, its folder, a bundle, or `git:REV[:path]`.
    pub(super) text: &'a str,
    /// Where it is written in a manifest; its paths are then relative to that manifest and stay in its root. On the
    /// command line it is as typed.
    pub(super) span: Option<Span>,
    /// What messages call it: "baseline".
    pub(super) what: &'a str,
    /// The manifest of which it is an earlier release; `git:REV` means the same file in that commit.
    pub(super) beside: &'a Path,
    /// The root of that manifest.
    pub(super) root: &'a Root,
}

/// Loads an earlier release.
pub(super) fn release(named: &Named<'_>, sources: &mut Sources) -> Result<Baseline, Diagnostics> {
    match parse_git_reference(named.text) {
        Some((rev, path)) => in_commit(named, rev, path, sources),
        None => in_folder(named, sources),
    }
}

fn in_commit(
    named: &Named<'_>,
    rev: &str,
    path: Option<&str>,
    sources: &mut Sources,
) -> Result<Baseline, Diagnostics> {
    let tree = GitTree::open(named.root.folder(), rev)?;
    let own = named.beside.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let path = match path {
        Some(path) => path.to_owned(),
        None => artifact::join(named.root.base(), &own),
    };
    let text = tree.read_manifest(&path)?;
    let file = sources.add(tree.name(&path), text.text);
    let manifest = manifest::parse(sources, file)?;
    let (manifest, own_policy_only) = inherit(manifest, &path, &tree, sources);
    let tree = tree.for_file(&path);
    let pinned = pin(&manifest, &tree)?;
    let name = path.rsplit('/').next().unwrap_or(&path);
    let locked =
        locked::path_of(Path::new(name)).is_ok_and(|lock| tree.look(&lock.to_string_lossy()).is_ok());
    Ok(Baseline { manifest, pinned, locked, own_policy_only, ground: Ground::Commit(tree) })
}

fn in_folder(named: &Named<'_>, sources: &mut Sources) -> Result<Baseline, Diagnostics> {
    let Named { text, span, what, .. } = *named;
    let at = |finding: Diagnostic| match span {
        Some(span) => finding.at(span, format!("the {what}")),
        None => finding,
    };
    let declared = || named.root.resolve(text).map_err(|trouble| at(trouble.finding(text)));
    let folder = match span {
        Some(_) => named.root.absolute(&declared()?),
        None => PathBuf::from(text),
    };
    if !folder.exists() {
        return Err(at(Diagnostic::error(Code::NoBaseline, format!("the {what} `{text}` does not exist"))
            .help("name a manifest, its folder, a bundle, or `git:REV`"))
        .into());
    }
    if folder.join(bundle::INDEX).is_file() {
        let loaded = bundle::load(&folder, sources)?;
        let (manifest, own_policy_only) = inherit(loaded.manifest, &loaded.path, &loaded.policies, sources);
        let ground = Ground::Bundle { folder, results: loaded.results };
        let (pinned, locked) = (loaded.pinned, loaded.locked);
        return Ok(Baseline { manifest, pinned, locked, own_policy_only, ground });
    }
    if let Some(finding) = bundle::mistaken::beside(&folder).or_else(|| results(&folder, what)) {
        return Err(at(finding).into());
    }
    let plain = folder.is_dir().then(|| folder.clone());
    let (path, root) = match span {
        Some(_) => {
            let relative = declared()?;
            let relative = if folder.is_dir() { artifact::join(&relative, "release.yaml") } else { relative };
            (named.root.absolute(&relative), named.root.for_file(&relative))
        }
        None => {
            let path = if folder.is_dir() { folder.join("release.yaml") } else { folder };
            // What lies in the candidate's root keeps that root; elsewhere it has one of its own.
            let root = Root::find(&path, Some(named.root.folder())).or_else(|_| Root::find(&path, None))?;
            (path, root)
        }
    };
    let text = read_manifest(&path, &path.to_string_lossy()).map_err(at)?;
    let file = sources.add(path.to_string_lossy(), text.text);
    let manifest = manifest::parse(sources, file)?;
    if let Some(finding) = plain.and_then(|folder| bundle::mistaken::headless(&folder, &manifest)) {
        return Err(finding.into());
    }
    let own = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let own = artifact::join(root.base(), &own);
    let (manifest, own_policy_only) = inherit(manifest, &own, &root, sources);
    let pinned = pin(&manifest, &root)?;
    let locked = locked::path_of(&path).is_ok_and(|lock| lock.exists());
    Ok(Baseline { manifest, pinned, locked, own_policy_only, ground: Ground::Folder(root) })
}

/// Results in the place of the release that they belong to.
fn results(path: &Path, what: &str) -> Option<Diagnostic> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    if !path.is_file() || !matches!(ending.as_str(), "jsonl" | "ndjson" | "csv" | "gz" | "zst") {
        return None;
    }
    let text = format!("the {what} `{}` is a file of results, not a release", path.to_string_lossy());
    Some(
        Diagnostic::error(Code::BaselineIsResults, text)
            .in_file(path.to_string_lossy())
            .help("name the manifest of the release, its folder, a bundle, or `git:REV`")
            .help(
                "results of the baseline that stand elsewhere are named with `--baseline-evidence NAME=PATH`",
            ),
    )
}

/// An earlier release with what it inherits. It was judged long ago: a shared policy that has changed since, or is gone,
/// does not keep it from being compared with, because no gate of its own is judged.
fn inherit(
    manifest: Manifest,
    path: &str,
    shelf: &dyn Shelf,
    sources: &mut Sources,
) -> (Manifest, Option<Diagnostic>) {
    match extends::apply(manifest.clone(), path, shelf, sources) {
        Ok(inherited) => (inherited.manifest, None),
        Err(findings) => {
            let why = findings.iter().next().map_or("", |first| first.title.as_str());
            let text = format!(
                "{} {} is compared with, but not the policy that it extends: {why}",
                manifest.name.value, manifest.version.value
            );
            let finding = Diagnostic::warning(Code::EarlierPolicy, text);
            let at = manifest.policy.extends.first().map(|path| path.span);
            (
                manifest,
                Some(match at {
                    Some(span) => finding.at(span, "extended here"),
                    None => finding,
                }),
            )
        }
    }
}

/// The baseline's artifacts; what cannot be hashed any more is an error here as well.
fn pin(manifest: &Manifest, contents: &dyn Contents) -> Result<Pinned, Diagnostics> {
    let (pinned, findings) = artifact::pin(manifest, contents);
    if findings.has_errors() { Err(findings) } else { Ok(pinned) }
}

/// Where the results of an earlier release are looked for.
pub(super) struct Lookup<'a> {
    /// Which one it is.
    pub(super) reference: Reference,
    /// The release; none where the candidate names none.
    pub(super) release: Option<&'a Baseline>,
    /// `--baseline-evidence`.
    pub(super) given: &'a [(String, String)],
    /// The candidate's root.
    pub(super) root: &'a Root,
}

/// An earlier release's results for one evidence entry of the candidate, and which of their rows count.
///
/// What the candidate and the command line say about the baseline's results says nothing about the anchor's.
pub(super) fn evidence(entry: &EvidenceSpec, lookup: &Lookup<'_>) -> Result<BaselineSource, Diagnostics> {
    let name = &entry.name.value;
    let is_baseline = lookup.reference == Reference::Baseline;
    let given = lookup.given.iter().rev().filter(|_| is_baseline).find(|(other, _)| other == name);
    let declared = entry.baseline.as_ref().filter(|_| is_baseline);
    let own = lookup.release.and_then(|release| {
        let other = release.manifest.evidence.iter().find(|other| other.name.value == *name)?;
        Some((release, other))
    });
    let places = match (given, declared, own) {
        (Some((_, path)), _, _) => Places::Files(expand_given(path)?),
        (None, Some(declared), _) => Places::Files(lookup.root.expand(&declared.path)?),
        (None, None, Some((release, other))) => release.ground.expand(name, &other.path)?,
        (None, None, None) => return Err(nothing(entry, lookup).into()),
    };
    let overridden = given.is_some() || declared.is_some();
    let results = own.filter(|_| !overridden).and_then(|(release, other)| match &release.ground {
        Ground::Bundle { results, .. } => Some((results, other)),
        Ground::Folder(_) | Ground::Commit(_) => None,
    });
    let bundled = results.is_some();
    let conditions = declared
        .and_then(|declared| declared.conditions.clone())
        .or_else(|| own.map(|(_, other)| other.conditions.clone()))
        .unwrap_or_else(|| entry.conditions.clone());
    let bundled_from = results
        .filter(|(_, other)| same_conditions(&other.conditions, &entry.conditions))
        .and_then(|(results, _)| results.get(name).cloned());
    // A bundle keeps the selected rows only.
    let conditions = if bundled { Vec::new() } else { conditions };
    // Results that a release brings are read as it says; those that the candidate names, as the candidate's own.
    let said = match own.filter(|_| !overridden) {
        Some(_) if bundled => Declared::default(),
        Some((_, other)) => Declared::new(&other.fields, other.format),
        None => Declared::new(
            declared.and_then(|declared| declared.fields.as_ref()).unwrap_or(&entry.fields),
            declared.and_then(|declared| declared.format).or(entry.format),
        ),
    };
    let opened = Opened::open(name, places, said)?;
    if let Some(release) = lookup.release.filter(|_| !overridden && !bundled) {
        check_identity(name, &opened, release, lookup.reference)?;
    }
    Ok(BaselineSource { opened, conditions, bundled, bundled_from })
}

/// Results of an earlier release that were made with other artifacts than it declares are not its results.
fn check_identity(
    name: &str,
    opened: &Opened,
    release: &Baseline,
    reference: Reference,
) -> Result<(), Diagnostic> {
    let claims = gate::check_claims(&opened.identities(), &release.manifest, &release.pinned);
    let other = claims.into_iter().find_map(|claim| match claim {
        Claim::Differs(key, claimed, declared) => Some((key, claimed, declared)),
        _ => None,
    });
    let Some((key, claimed, declared)) = other else { return Ok(()) };
    let file = opened.files.first().map_or("", |(file, _)| file.name());
    let whose = reference.word();
    Err(Diagnostic::error(
        Code::BaselineEvidenceMismatch,
        format!("the {whose}'s `{name}` was made with {key} {claimed}; its manifest has {declared}"),
    )
    .in_file(file)
    .help(format!(
        "evaluate the {whose} as it was released, or compare with the release that these results belong to"
    )))
}

fn nothing(entry: &EvidenceSpec, lookup: &Lookup<'_>) -> Diagnostic {
    let (name, whose) = (&entry.name.value, lookup.reference.word());
    let found = Diagnostic::error(
        Code::NoBaselineEvidence,
        format!("evidence `{name}` has no results of the {whose}"),
    )
    .at(entry.name.span, format!("compared with the {whose} by a gate"));
    match (lookup.release, lookup.reference) {
        (None, _) => found.help(format!(
            "name the release to compare with: `{whose}: releases/2.3.0`, or `{whose}: git:v2.3.0`; without one (`none`) there is no gate on a change"
        )),
        (Some(_), Reference::Baseline) => found.help(format!(
            "the baseline's manifest has no evidence `{name}`; name its results: `baseline: path/to/results`"
        )),
        (Some(_), Reference::Anchor) => found.help(format!(
            "the anchor's manifest has no evidence `{name}`; name a release as `anchor` that was evaluated with it"
        )),
    }
}
