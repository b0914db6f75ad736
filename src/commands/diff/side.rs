//! One of the two releases, loaded from where it is: the working tree, a commit, or a bundle.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::operands::Operand;
use crate::artifact::{self, Contents, Pinned, digest_bytes};
use crate::change;
use crate::commands::pieces::Places;
use crate::commands::{bundle, extends};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Spanned};
use crate::diff;
use crate::files::{GitTree, Kept, Root, read_manifest};
use crate::manifest::{self, Digest, Manifest};

/// A release with everything that a comparison looks at.
pub(super) struct Side {
    /// What it declares, everything inherited included.
    pub(super) manifest: Manifest,
    /// Its artifacts.
    pub(super) pinned: Pinned,
    /// Where it was read from, as outputs name it.
    pub(super) source: String,
    /// The digest of the manifest.
    pub(super) sha256: Digest,
    /// What its paths are relative to.
    pub(super) ground: Ground,
    /// What pinning found that is no error.
    pub(super) warnings: Diagnostics,
}

impl Side {
    /// For the stage that says which artifacts differ.
    pub(super) fn as_changed(&self) -> change::Side<'_> {
        change::Side { manifest: &self.manifest, pinned: &self.pinned }
    }

    /// For the stage that looks into them.
    pub(super) fn as_compared<'a>(&'a self, failed: &'a BTreeSet<String>) -> diff::Release<'a> {
        diff::Release {
            manifest: &self.manifest,
            pinned: &self.pinned,
            contents: Some(self.ground.contents()),
            failed,
        }
    }
}

/// What the paths of a release are relative to.
pub(super) enum Ground {
    Folder(Root),
    Commit(GitTree),
    /// Its folder, and the texts of artifacts in it.
    Bundle(PathBuf, Kept),
}

impl Ground {
    /// The bytes of artifacts; in a bundle those that were kept.
    fn contents(&self) -> &dyn Contents {
        match self {
            Self::Folder(root) => root,
            Self::Commit(tree) => tree,
            Self::Bundle(_, texts) => texts,
        }
    }

    /// The files of an evidence entry.
    pub(super) fn expand(&self, name: &str, path: &Spanned<String>) -> Result<Places, Diagnostic> {
        match self {
            Self::Folder(root) => root.expand(path).map(Places::Files),
            Self::Commit(tree) => tree.expand(path).map(Places::Tree),
            Self::Bundle(folder, _) => bundle::evidence(folder, name).map(Places::Files),
        }
    }
}

/// Where revisions are looked up, and the manifest in them that is meant.
pub(super) struct Home<'a> {
    /// The working tree's manifest: that of the other side, else the one of `--manifest`.
    pub(super) manifest: &'a Path,
    /// `--root`.
    pub(super) root: Option<&'a Path>,
}

/// Loads a release.
///
/// # Errors
/// Whatever keeps any part of it from being read or being what it should be.
pub(super) fn load(operand: &Operand, home: &Home<'_>, sources: &mut Sources) -> Result<Side, Diagnostics> {
    match operand {
        Operand::Git { rev, path } => in_commit(rev, path.as_deref(), home, sources),
        Operand::Path(path) if path.join(bundle::INDEX).is_file() => in_bundle(path, sources),
        Operand::Path(path) => match bundle::mistaken::beside(path) {
            Some(finding) => Err(finding.into()),
            None => in_folder(&manifest_of(path), home, sources),
        },
    }
}

/// The manifest that a path means: the one in a folder, or the path itself.
pub(super) fn manifest_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("release.yaml") } else { path.to_path_buf() }
}

fn in_folder(path: &Path, home: &Home<'_>, sources: &mut Sources) -> Result<Side, Diagnostics> {
    let source = path.to_string_lossy().into_owned();
    let text = read_manifest(path, &source).map_err(|finding| other_ways(finding, &source))?;
    let file = sources.add(source.clone(), text.text);
    let manifest = manifest::parse(sources, file)?;
    if let Some(finding) = path.parent().and_then(|folder| bundle::mistaken::headless(folder, &manifest)) {
        return Err(finding.into());
    }
    let root = Root::find(path, home.root)?;
    let own = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let own = artifact::join(root.base(), &own);
    let manifest = extends::apply(manifest, &own, &root, sources)?.manifest;
    let (pinned, warnings) = pin(&manifest, &root)?;
    Ok(Side { manifest, pinned, source, sha256: text.sha256, ground: Ground::Folder(root), warnings })
}

/// A path that is not there may have been meant as a revision.
fn other_ways(finding: Diagnostic, path: &str) -> Diagnostic {
    if finding.code == Code::NoManifest && !path.contains(['/', '\\']) {
        return finding.help(format!("a git revision is written `git:{path}`"));
    }
    finding
}

fn in_commit(
    rev: &str,
    path: Option<&str>,
    home: &Home<'_>,
    sources: &mut Sources,
) -> Result<Side, Diagnostics> {
    let root = Root::find(home.manifest, home.root)?;
    let tree = GitTree::open(root.folder(), rev)?;
    let own = home.manifest.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let path = path.map_or_else(|| artifact::join(root.base(), &own), str::to_owned);
    let text = tree.read_manifest(&path)?;
    let source = tree.name(&path);
    let file = sources.add(source.clone(), text.text);
    let manifest = manifest::parse(sources, file)?;
    let manifest = extends::apply(manifest, &path, &tree, sources)?.manifest;
    let tree = tree.for_file(&path);
    let (pinned, warnings) = pin(&manifest, &tree)?;
    Ok(Side { manifest, pinned, source, sha256: text.sha256, ground: Ground::Commit(tree), warnings })
}

fn in_bundle(folder: &Path, sources: &mut Sources) -> Result<Side, Diagnostics> {
    let loaded = bundle::load(folder, sources)?;
    let sha256 = digest_bytes(sources.text(loaded.manifest.file).as_bytes());
    let manifest = extends::apply(loaded.manifest, &loaded.path, &loaded.policies, sources)?.manifest;
    Ok(Side {
        manifest,
        pinned: loaded.pinned,
        source: folder.to_string_lossy().into_owned(),
        sha256,
        ground: Ground::Bundle(folder.to_path_buf(), loaded.texts),
        warnings: Diagnostics::new(),
    })
}

/// Artifacts that are not there, or not what they are declared to be, cannot be compared.
fn pin(manifest: &Manifest, contents: &dyn Contents) -> Result<(Pinned, Diagnostics), Diagnostics> {
    let (pinned, findings) = artifact::pin(manifest, contents);
    if findings.has_errors() { Err(findings) } else { Ok((pinned, findings)) }
}
