//! Where the baseline comes from: a manifest in the working tree, or one in a git commit.

use std::path::{Path, PathBuf};

use super::bundle;
use super::compare::BaselineSource;
use super::pieces::{Opened, Places};
use crate::artifact::{self, Contents, Pinned};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span, Spanned};
use crate::files::{GitTree, Root, expand_given, parse_git_reference, read_manifest};
use crate::gate::{self, Claim};
use crate::manifest::{self, EvidenceSpec, Manifest};

/// The release that the candidate is compared with.
pub(super) struct Baseline {
    /// Its manifest.
    pub(super) manifest: Manifest,
    /// Its artifacts.
    pub(super) pinned: Pinned,
    ground: Ground,
}

/// What a path of the baseline's manifest is relative to.
enum Ground {
    Folder(Root),
    Commit(GitTree),
    Bundle(PathBuf),
}

impl Ground {
    fn expand(&self, name: &str, path: &Spanned<String>) -> Result<Places, Diagnostic> {
        match self {
            Self::Folder(root) => root.expand(path).map(Places::Files),
            Self::Commit(tree) => tree.expand(path).map(Places::Tree),
            Self::Bundle(folder) => bundle::evidence(folder, name).map(Places::Files),
        }
    }
}

/// What the command line and the candidate say about the baseline.
pub(super) struct Asked<'a> {
    /// `--baseline`.
    pub(super) given: Option<&'a str>,
    /// The candidate.
    pub(super) candidate: &'a Manifest,
    /// The candidate's file, as it was given.
    pub(super) path: &'a Path,
    /// The candidate's root.
    pub(super) root: &'a Root,
}

/// Loads the baseline; none where the candidate names none.
pub(super) fn load(asked: &Asked<'_>, sources: &mut Sources) -> Result<Option<Baseline>, Diagnostics> {
    let declared = asked.candidate.baseline.as_ref();
    let Some(text) = asked.given.or(declared.map(|baseline| baseline.value.as_str())) else {
        return Ok(None);
    };
    if text == "none" {
        return Ok(None);
    }
    let span = declared.map(|baseline| baseline.span).filter(|_| asked.given.is_none());
    match parse_git_reference(text) {
        Some((rev, path)) => in_commit(asked, rev, path, sources).map(Some),
        None => in_folder(asked, text, span, sources).map(Some),
    }
}

fn in_commit(
    asked: &Asked<'_>,
    rev: &str,
    path: Option<&str>,
    sources: &mut Sources,
) -> Result<Baseline, Diagnostics> {
    let tree = GitTree::open(asked.root.folder(), rev)?;
    let own = asked.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let path = match path {
        Some(path) => path.to_owned(),
        None => artifact::join(asked.root.base(), &own),
    };
    let text = tree.read_manifest(&path)?;
    let file = sources.add(tree.name(&path), text.text);
    let manifest = manifest::parse(sources, file)?;
    let tree = tree.for_file(&path);
    let pinned = pin(&manifest, &tree)?;
    Ok(Baseline { manifest, pinned, ground: Ground::Commit(tree) })
}

fn in_folder(
    asked: &Asked<'_>,
    text: &str,
    span: Option<Span>,
    sources: &mut Sources,
) -> Result<Baseline, Diagnostics> {
    let at = |finding: Diagnostic| match span {
        Some(span) => finding.at(span, "the baseline"),
        None => finding,
    };
    // In a manifest a path is relative to it and stays in its root; on the command line it is as typed.
    let folder = match span {
        Some(_) => {
            asked.root.absolute(&asked.root.resolve(text).map_err(|trouble| at(trouble.finding(text)))?)
        }
        None => PathBuf::from(text),
    };
    if !folder.exists() {
        return Err(at(Diagnostic::error("no-baseline", format!("the baseline `{text}` does not exist"))
            .help("name a manifest, its folder, a bundle, or `git:REV`"))
        .into());
    }
    if folder.join(bundle::INDEX).is_file() {
        let loaded = bundle::load(&folder, sources)?;
        return Ok(Baseline {
            manifest: loaded.manifest,
            pinned: loaded.pinned,
            ground: Ground::Bundle(folder),
        });
    }
    let (path, root) = match span {
        Some(_) => {
            let relative = asked.root.resolve(text).map_err(|trouble| at(trouble.finding(text)))?;
            let path = asked.root.absolute(&relative);
            let relative = if path.is_dir() { artifact::join(&relative, "release.yaml") } else { relative };
            (asked.root.absolute(&relative), asked.root.for_file(&relative))
        }
        None => {
            let path = Path::new(text);
            let path = if path.is_dir() { path.join("release.yaml") } else { path.to_path_buf() };
            let root = Root::find(&path, None)?;
            (path, root)
        }
    };
    let text = read_manifest(&path, &path.to_string_lossy()).map_err(at)?;
    let file = sources.add(path.to_string_lossy(), text.text);
    let manifest = manifest::parse(sources, file)?;
    let pinned = pin(&manifest, &root)?;
    Ok(Baseline { manifest, pinned, ground: Ground::Folder(root) })
}

/// The baseline's artifacts; what cannot be hashed any more is an error here as well.
fn pin(manifest: &Manifest, contents: &dyn Contents) -> Result<Pinned, Diagnostics> {
    let (pinned, findings) = artifact::pin(manifest, contents);
    if findings.has_errors() { Err(findings) } else { Ok(pinned) }
}

/// The baseline's results for one evidence entry of the candidate, and which of their rows count.
pub(super) fn evidence(
    entry: &EvidenceSpec,
    given: &[(String, String)],
    baseline: Option<&Baseline>,
    root: &Root,
) -> Result<BaselineSource, Diagnostics> {
    let name = &entry.name.value;
    let own = baseline.and_then(|baseline| {
        baseline
            .manifest
            .evidence
            .iter()
            .find(|other| other.name.value == *name)
            .map(|other| (baseline, other))
    });
    let places = match (given.iter().rev().find(|(other, _)| other == name), &entry.baseline, own) {
        (Some((_, path)), _, _) => Places::Files(expand_given(path)?),
        (None, Some(declared), _) => Places::Files(root.expand(&declared.path)?),
        (None, None, Some((baseline, other))) => baseline.ground.expand(name, &other.path)?,
        (None, None, None) => return Err(nothing(entry, baseline).into()),
    };
    let overridden = given.iter().any(|(other, _)| other == name) || entry.baseline.is_some();
    let bundled =
        !overridden && own.is_some_and(|(baseline, _)| matches!(baseline.ground, Ground::Bundle(_)));
    let declared = entry.baseline.as_ref().and_then(|baseline| baseline.conditions.clone());
    let conditions = declared
        .or_else(|| own.map(|(_, other)| other.conditions.clone()))
        .unwrap_or_else(|| entry.conditions.clone());
    // A bundle keeps the selected rows only.
    let conditions = if bundled { Vec::new() } else { conditions };
    let opened = Opened::open(name, places)?;
    if let Some(baseline) = baseline.filter(|_| !overridden && !bundled) {
        check_identity(name, &opened, baseline)?;
    }
    Ok(BaselineSource { opened, conditions, bundled })
}

/// Results of the baseline that were made with other artifacts than it declares are not its results.
fn check_identity(name: &str, opened: &Opened, baseline: &Baseline) -> Result<(), Diagnostic> {
    let claims = gate::check_claims(&opened.identities(), &baseline.manifest, &baseline.pinned);
    let other = claims.into_iter().find_map(|claim| match claim {
        Claim::Differs(key, claimed, declared) => Some((key, claimed, declared)),
        _ => None,
    });
    let Some((key, claimed, declared)) = other else { return Ok(()) };
    let file = opened.files.first().map_or("", |(file, _)| file.name());
    Err(Diagnostic::error(
        "baseline-evidence-mismatch",
        format!("the baseline's `{name}` was made with {key} {claimed}; its manifest has {declared}"),
    )
    .in_file(file)
    .help(
        "evaluate the baseline as it was released, or compare with the release that these results belong to",
    ))
}

fn nothing(entry: &EvidenceSpec, baseline: Option<&Baseline>) -> Diagnostic {
    let name = &entry.name.value;
    let found = Diagnostic::error(
        "no-baseline-evidence",
        format!("evidence `{name}` has no results of the baseline"),
    )
    .at(entry.name.span, "compared with the baseline by a gate");
    match baseline {
        Some(_) => found.help(format!(
            "the baseline's manifest has no evidence `{name}`; name its results: `baseline: path/to/results`"
        )),
        None => found
            .help("name the release to compare with: `baseline: releases/2.3.0`, or `baseline: git:v2.3.0`"),
    }
}
