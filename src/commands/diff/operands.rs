//! Which two releases the words on the command line mean; nothing is opened here but a look whether a path exists.

use std::path::{Component, Path, PathBuf};

use crate::cli::DiffArgs;
use crate::diagnostic::{Code, Diagnostic};
use crate::files::parse_git_reference;

/// Where a release is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    /// A manifest, its folder, or a bundle's folder.
    Path(PathBuf),
    /// A manifest in a commit; the path counts from the root.
    Git {
        /// The revision.
        rev: String,
        /// The manifest's path, where one is named.
        path: Option<String>,
    },
}

impl Operand {
    fn of(text: &str) -> Self {
        match parse_git_reference(text) {
            Some((rev, path)) => Self::Git { rev: rev.to_owned(), path: path.map(str::to_owned) },
            None => Self::Path(PathBuf::from(text)),
        }
    }

    /// As it is written on the command line.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Path(path) => path.to_string_lossy().into_owned(),
            Self::Git { rev, path: None } => format!("git:{rev}"),
            Self::Git { rev, path: Some(path) } => format!("git:{rev}:{path}"),
        }
    }

    fn revision(rev: &str) -> Self {
        Self::Git { rev: if rev.is_empty() { "HEAD" } else { rev }.to_owned(), path: None }
    }
}

/// The release before and the release after.
///
/// # Errors
/// A range beside a second release, or with three dots.
pub(super) fn read(args: &DiffArgs) -> Result<(Operand, Operand), Diagnostic> {
    let range = |text: &str| {
        if Path::new(text).exists() { None } else { split(text) }
    };
    match args.releases.as_slice() {
        [before, after] => {
            for one in [before, after] {
                if let Some(range) = range(one) {
                    range?;
                    return Err(Diagnostic::error(
                        Code::TwoReleases,
                        format!("`{one}` names two revisions, and another release stands beside it"),
                    )
                    .help(format!("give the range alone: `relgate diff {one}`")));
                }
            }
            Ok((Operand::of(before), Operand::of(after)))
        }
        [one] => match range(one) {
            Some(range) => range.map(|(old, new)| (Operand::revision(&old), Operand::revision(&new))),
            None if same_file(one, &args.manifest) => Err(itself(one)),
            None => Ok((Operand::of(one), Operand::Path(args.manifest.clone()))),
        },
        _ => Err(Diagnostic::error(Code::TwoReleases, "two releases are compared")),
    }
}

/// Whether the one release that was named is the manifest that it would be compared with.
fn same_file(one: &str, manifest: &Path) -> bool {
    fn plain(path: &Path) -> impl Iterator<Item = Component<'_>> {
        path.components().filter(|part| *part != Component::CurDir)
    }
    let named = Path::new(one);
    let in_folder = named.join(manifest.file_name().unwrap_or_default());
    [named, &in_folder].into_iter().any(|path| plain(path).eq(plain(manifest)))
}

/// "no changes" would be true of any file and itself, and is not what was asked.
fn itself(one: &str) -> Diagnostic {
    Diagnostic::error(Code::TwoReleases, format!("`{one}` would be compared with itself"))
        .note("the release after is that manifest where only one is named")
        .help(format!("name the release before: `relgate diff git:main {one}`"))
}

/// The two revisions of `A..B`; none where the text is no range, a path for example.
fn split(text: &str) -> Option<Result<(String, String), Diagnostic>> {
    let range = text.strip_prefix("git:").unwrap_or(text);
    let (old, new) = range.split_once("..")?;
    // `../2.3.0` and `a/../b` are paths.
    if old.is_empty() || old.ends_with(['/', '\\']) || new.starts_with(['/', '\\']) {
        return None;
    }
    let new_name = new.trim_start_matches('.');
    if new.starts_with('.') {
        return Some(Err(Diagnostic::error(Code::TwoReleases, format!("`{text}` has three dots"))
            .note("in git they mean the changes since both parted, which is a third release")
            .help(format!(
                "compare two releases: `relgate diff {old}..{new_name}`; or the one where both parted: `relgate diff git:$(git merge-base {old} {}) git:{}`",
                or_head(new_name),
                or_head(new_name)
            ))));
    }
    let new = new.strip_prefix("git:").unwrap_or(new);
    Some(Ok((old.to_owned(), new.to_owned())))
}

fn or_head(rev: &str) -> &str {
    if rev.is_empty() { "HEAD" } else { rev }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn ranges_and_paths_are_told_apart() {
        let range = |text: &str| split(text).map(|range| range.map_err(|_| "refused"));
        let two = |old: &str, new: &str| Some(Ok((old.to_owned(), new.to_owned())));
        assert_eq!(range("v2.3.0..HEAD"), two("v2.3.0", "HEAD"));
        assert_eq!(range("git:v2.3.0..feature/x"), two("v2.3.0", "feature/x"));
        assert_eq!(range("git:v1..git:v2"), two("v1", "v2"));
        assert_eq!(range("v2.3.0.."), two("v2.3.0", ""));
        assert_eq!(range("v2.3.0...HEAD"), Some(Err("refused")));
        for path in ["../2.3.0", "a/../b", "..", "release.yaml", "git:main", "git:main:release.yaml"] {
            assert_eq!(range(path), None, "{path}");
        }
    }
}
