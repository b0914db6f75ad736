//! Which tree somebody means who names a release: a manifest, its folder, a bundle, or `git:REV[:path]`.

use std::path::{Path, PathBuf};

use super::{Bundle, Commit, Worktree, inside, mistaken, parse_git_reference};
use crate::artifact::{Tree, join};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::manifest::{Manifest, Reference};
use crate::release::bundle::{INDEX, MANIFEST};

/// A release as somebody names it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// What was written.
    pub text: &'a str,
    /// Where it is written in the manifest of `beside`; its paths are then relative to that manifest and stay in its root. On
    /// the command line it is as typed.
    pub span: Option<Span>,
    /// What messages call it: "baseline".
    pub what: &'a str,
    /// The release in the working tree that it stands beside; `git:REV` means the same file in that commit.
    pub beside: &'a Worktree,
    /// Whether it has to stand in the root of `beside`, as `--root` wants it.
    pub bounded: bool,
}

impl<'a> Named<'a> {
    /// The earlier release that a candidate on `root` is compared with: the one that is `given`, else the one that it declares;
    /// none where neither names one.
    #[must_use]
    pub fn of(
        reference: Reference,
        given: Option<&'a str>,
        candidate: &'a Manifest,
        root: &'a Worktree,
    ) -> Option<Self> {
        let declared = match reference {
            Reference::Baseline => candidate.baseline.as_ref(),
            Reference::Anchor => candidate.anchor.as_ref(),
        };
        let text = given.or(declared.map(|declared| declared.value.as_str()))?;
        let span = declared.map(|declared| declared.span).filter(|_| given.is_none());
        (text != "none").then_some(Self { text, span, what: reference.word(), beside: root, bounded: false })
    }
}

impl Named<'_> {
    /// Where it stands, or would stand, on the disk: a bundle's folder, a manifest, or a manifest's folder; none for a commit,
    /// and for a path that leads out of the root.
    fn place(&self) -> Option<PathBuf> {
        if parse_git_reference(self.text).is_some() {
            return None;
        }
        match self.span {
            Some(_) => self.beside.resolve(self.text).ok().map(|path| self.beside.absolute(&path)),
            None => Some(PathBuf::from(self.text)),
        }
    }

    /// Whether the release may be touched by who writes into a folder: it stands in it, or the folder in a bundle or in what
    /// nobody can read as a release.
    #[must_use]
    pub fn reaches(&self, folder: &Path) -> bool {
        let Some(place) = self.place() else { return false };
        let whole = is_bundle(&place) || !manifest_of(&place).is_file();
        inside(&place, folder) || whole && inside(folder, &place)
    }
}

/// The tree that a name means. Nothing of the release is read yet.
///
/// # Errors
/// Nothing is there, or something that is no release.
pub fn find(named: &Named<'_>) -> Result<Box<dyn Tree>, Diagnostics> {
    if let Some((rev, path)) = parse_git_reference(named.text) {
        let commit = Commit::open(named.beside.folder(), rev)?;
        let path = path.unwrap_or_else(|| named.beside.manifest());
        return Ok(Box::new(commit.for_file(path)));
    }
    let at = |finding: Diagnostic| match named.span {
        Some(span) => finding.at(span, format!("the {}", named.what)),
        None => finding,
    };
    let declared = match named.span {
        Some(_) => Some(named.beside.resolve(named.text).map_err(|trouble| at(trouble.finding(named.text)))?),
        None => None,
    };
    let path =
        declared.as_ref().map_or_else(|| PathBuf::from(named.text), |path| named.beside.absolute(path));
    if !path.exists() {
        let text = format!("the {} `{}` does not exist", named.what, named.text);
        let finding = Diagnostic::error(Code::NoBaseline, text);
        let finding = finding.help("name a manifest, its folder, a bundle, or `git:REV`");
        return Err(at(finding).into());
    }
    if is_bundle(&path) {
        return Ok(Box::new(Bundle::open(&path)?));
    }
    if let Some(finding) = mistaken::beside(&path).or_else(|| mistaken::results(&path, named.what)) {
        return Err(at(finding).into());
    }
    let folder = path.is_dir();
    if let Some(declared) = declared {
        let manifest = if folder { join(&declared, MANIFEST) } else { declared };
        return Ok(Box::new(named.beside.for_file(&manifest)));
    }
    let manifest = manifest_of(&path);
    // What lies in the root of the other keeps that root; elsewhere it has one of its own.
    let inside = Worktree::find(&manifest, Some(named.beside.folder()));
    let tree = if named.bounded { inside? } else { inside.or_else(|_| Worktree::find(&manifest, None))? };
    Ok(Box::new(tree))
}

/// The manifest that a path means: the one in a folder, or the path itself.
#[must_use]
pub fn manifest_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(MANIFEST) } else { path.to_path_buf() }
}

/// Whether a path is the folder of a bundle.
#[must_use]
pub fn is_bundle(path: &Path) -> bool {
    path.join(INDEX).is_file()
}
