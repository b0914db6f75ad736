//! Where paths start and what they may not leave: the git top level, else the manifest's folder.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::shown::{shown, special};
use crate::artifact::{Found, Standing, Trouble, is_repository, join, reason, resolve};
use crate::diagnostic::{Code, Diagnostic};

/// Most names of a folder that are offered for "did you mean".
const NEIGHBOURS: usize = 1000;

/// The root folder, and the folder in it from which the paths of one manifest are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// The root, absolute and without symbolic links.
    folder: PathBuf,
    /// The manifest's folder relative to it, with `/`.
    base: String,
    /// The manifest, relative to the root.
    manifest: String,
    /// The manifest as it was named, which is what messages show.
    named: PathBuf,
    /// The manifest's text, where it stands in no file yet.
    draft: Option<Arc<str>>,
}

impl Worktree {
    /// The root for a manifest: `given` (`--root`), else the git top level above it, else its folder.
    ///
    /// # Errors
    /// A folder that does not exist, or a manifest outside the given root.
    pub fn find(manifest: &Path, given: Option<&Path>) -> Result<Self, Diagnostic> {
        let parent = match manifest.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let start = real_folder(parent, "the manifest's folder")?;
        let folder = match given {
            Some(given) => real_folder(given, "the root given with `--root`")?,
            None => git_top(&start).unwrap_or(&start).to_path_buf(),
        };
        match relative(&folder, &start) {
            Some(base) => {
                let own =
                    manifest.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                let manifest_path = join(&base, &own);
                Ok(Self { folder, manifest: manifest_path, base, named: manifest.to_path_buf(), draft: None })
            }
            None => Err(Diagnostic::error(
                Code::ManifestOutsideRoot,
                format!("`{}` is not below the root `{}`", shown(manifest), shown(&folder)),
            )
            .help("let `--root` name a folder that holds the manifest and everything that it names")),
        }
    }

    /// The same root for the paths that stand in another file of it (a baseline, an extended policy).
    #[must_use]
    pub fn for_file(&self, path: &str) -> Self {
        Self {
            folder: self.folder.clone(),
            base: path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
            manifest: path.to_owned(),
            named: PathBuf::from(self.from_here(path)),
            draft: None,
        }
    }

    /// The same root with a manifest of this text that stands in no file: nothing is read where it is named, and no lock
    /// beside it is its own.
    #[must_use]
    pub fn drafted(self, text: &str) -> Self {
        Self { draft: Some(text.into()), ..self }
    }

    /// The text of the manifest, where it stands in no file.
    pub(super) fn draft(&self) -> Option<&str> {
        self.draft.as_deref()
    }

    /// The root folder: absolute, without symbolic links.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The manifest as it was named.
    #[must_use]
    pub fn named(&self) -> &Path {
        &self.named
    }

    /// The manifest's path relative to the root.
    #[must_use]
    pub fn manifest_path(&self) -> &str {
        &self.manifest
    }

    /// The folder from which declared paths are meant, relative to the root; empty for the root itself.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where a path relative to the root is in the file system.
    #[must_use]
    pub fn absolute(&self, path: &str) -> PathBuf {
        // Part by part: a Windows path as `canonicalize` gives it knows no `/`.
        let mut full = self.folder.clone();
        full.extend(path.split('/').filter(|part| !part.is_empty()));
        full
    }

    /// A path relative to the root as messages show it: from where the manifest was named, so that everything which a run names
    /// counts from the current folder.
    #[must_use]
    pub fn from_here(&self, path: &str) -> String {
        if path == self.manifest {
            return self.named.to_string_lossy().into_owned();
        }
        let parts = |path: &'_ str| -> Vec<String> {
            path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let (base, own) = (parts(&self.base), parts(path));
        let common = base.iter().zip(&own).take_while(|(one, other)| one == other).count();
        let mut at = self.named.parent().unwrap_or(Path::new("")).to_path_buf();
        for _ in common..base.len() {
            let named = matches!(at.components().next_back(), Some(Component::Normal(_)));
            if !(named && at.pop()) {
                at.push("..");
            }
        }
        at.extend(own.get(common..).unwrap_or_default());
        at.to_string_lossy().into_owned()
    }

    /// A declared path relative to the root, by its letters alone; nothing needs to stand there.
    ///
    /// # Errors
    /// The path is empty, absolute or leaves the root.
    pub fn resolve(&self, declared: &str) -> Result<String, Trouble> {
        resolve(&self.base, declared)
    }

    /// Where a file that is to be written stands: it may be missing, its folder may not lead out of the root.
    ///
    /// # Errors
    /// The path leaves the root, something other than a file stands there, or its folder is missing.
    pub fn target(&self, declared: &str) -> Result<PathBuf, Trouble> {
        let path = self.resolve(declared)?;
        match self.find_at(&path) {
            Ok(Found { node: Standing::File { .. }, .. }) => Ok(self.absolute(&path)),
            Ok(_) => Err(Trouble::Special { kind: "a folder" }),
            Err(Trouble::Missing { .. }) => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                self.find_at(folder).map(|_| self.absolute(&path))
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// The path below the root at which a file of an existing folder stands or would stand; none outside the root.
    #[must_use]
    pub fn locate(&self, file: &Path) -> Option<String> {
        let folder = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = relative(&self.folder, &fs::canonicalize(folder).ok()?)?;
        Some(join(&folder, file.file_name()?.to_str()?))
    }

    /// A file as messages show it, relative to the root; as it is where it is elsewhere. Neither it nor its folder has to exist.
    #[must_use]
    pub fn from_root(&self, shown: &str) -> String {
        let path = Path::new(shown);
        let found = path.ancestors().skip(1).find_map(|folder| {
            let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            Some((fs::canonicalize(here).ok()?, path.strip_prefix(folder).ok()?))
        });
        found
            .and_then(|(real, rest)| relative(&self.folder, &real.join(rest)))
            .unwrap_or_else(|| shown.to_owned())
    }

    /// What stands at a path relative to the root; symbolic links are followed while they stay inside.
    pub(super) fn find_at(&self, path: &str) -> Result<Found, Trouble> {
        let full = self.absolute(path);
        let real = match fs::canonicalize(&full) {
            Ok(real) => real,
            Err(error) => return Err(self.why_not(path, &error)),
        };
        if !real.starts_with(&self.folder) {
            return Err(Trouble::LinkLeavesRoot { target: shown(&real) });
        }
        if in_repository(&self.folder, &real) {
            return Err(Trouble::Repository);
        }
        let about = fs::metadata(&real).map_err(|error| Trouble::unreadable(&error))?;
        let node = if about.is_file() {
            Standing::File { bytes: about.len() }
        } else if about.is_dir() {
            Standing::Folder
        } else {
            return Err(Trouble::Special { kind: special(about.file_type()) });
        };
        Ok(Found { path: path.to_owned(), node })
    }

    /// Why a path cannot be resolved: the first part of it that is missing or a dead link.
    fn why_not(&self, path: &str, error: &std::io::Error) -> Trouble {
        let mut folder = String::new();
        for part in path.split('/') {
            let next = join(&folder, part);
            let full = self.absolute(&next);
            // A link whose target may not be looked at is unreadable and not broken.
            if let Ok(target) = fs::read_link(&full)
                && fs::metadata(&full).is_err_and(|error| error.kind() != ErrorKind::PermissionDenied)
            {
                return Trouble::BrokenLink { target: shown(&target) };
            }
            if fs::symlink_metadata(&full).is_err_and(|error| missing(error.kind())) {
                let names = neighbours(&self.absolute(&folder));
                return Trouble::Missing { folder, names };
            }
            folder = next;
        }
        Trouble::Unreadable { reason: reason(error) }
    }
}

/// Whether a real path lies in the own data of a git repository below `folder`. What git-annex keeps there for the
/// links that it puts into the working tree is content.
pub(super) fn in_repository(folder: &Path, real: &Path) -> bool {
    let below = real.strip_prefix(folder).unwrap_or(real);
    let mut parts = below.components().filter_map(|part| part.as_os_str().to_str());
    parts.any(is_repository) && !(parts.next() == Some("annex") && parts.next() == Some("objects"))
}

/// Names in a folder; empty where it cannot be listed, because they are only offered as help.
pub(super) fn neighbours(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.take(NEIGHBOURS).filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}

/// Whether a kind of error means that nothing stands at the path.
fn missing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// A folder without symbolic links in its path.
fn real_folder(path: &Path, what: &str) -> Result<PathBuf, Diagnostic> {
    let name = shown(path);
    let real = fs::canonicalize(path).map_err(|error| {
        Diagnostic::error(Code::NoFolder, format!("{what} `{name}` cannot be used: {}", reason(&error)))
            .help("check the path; it is relative to the current folder")
    })?;
    if real.is_dir() {
        return Ok(real);
    }
    Err(Diagnostic::error(Code::NoFolder, format!("{what} `{name}` is not a folder")).help("give a folder"))
}

/// The nearest folder upwards that holds `.git` (a folder; a file in worktrees and submodules).
fn git_top(start: &Path) -> Option<&Path> {
    start.ancestors().find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok())
}

/// `path` below `root` with `/`, unless it is elsewhere or not UTF-8.
pub(super) fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .strip_prefix(root)
        .ok()?
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    parts.map(|parts| parts.join("/"))
}

/// Whether a file stands, or would stand, at `place` or in the folder that it is; symbolic links are followed.
#[must_use]
pub fn inside(file: &Path, place: &Path) -> bool {
    // Folders that are not there yet may be made before it is.
    fn real(path: &Path) -> Option<PathBuf> {
        if let Ok(real) = fs::canonicalize(path) {
            return Some(real);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(real(folder.unwrap_or(Path::new(".")))?.join(path.file_name()?))
    }
    match (real(file), real(place)) {
        (Some(file), Some(place)) => file.starts_with(place),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_current_folder_as_the_manifest_does() {
        for (named, base, path, shown) in [
            ("release.yaml", "", "evals/a.jsonl", "evals/a.jsonl"),
            ("proj/release.yaml", "proj", "proj/evals/a.jsonl", "proj/evals/a.jsonl"),
            ("release.yaml", "proj", "proj/evals/a.jsonl", "evals/a.jsonl"),
            ("release.yaml", "a/b", "a/c.jsonl", "../c.jsonl"),
            ("b/release.yaml", "a/b", "a/c.jsonl", "c.jsonl"),
            ("b/release.yaml", "a/b", "c.jsonl", "../c.jsonl"),
            ("../x/release.yaml", "a/x", "a/y/c.jsonl", "../y/c.jsonl"),
            ("/r/a/release.yaml", "a", "c.jsonl", "/r/c.jsonl"),
            ("proj/release.yaml", "proj", "proj/release.yaml", "proj/release.yaml"),
        ] {
            let manifest = join(base, named.rsplit('/').next().unwrap());
            let named = PathBuf::from(named);
            let tree =
                Worktree { folder: PathBuf::from("/r"), base: base.to_owned(), manifest, named, draft: None };
            assert_eq!(tree.from_here(path), shown, "{path} of {tree:?}");
        }
    }
}
