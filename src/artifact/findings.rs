//! Words every way in which an artifact is not what it should be: what is wrong, where, what to do.

use super::lfs::Pointer;
use super::spelling::Spelling;
use super::tree::{Found, Standing, Trouble};
use crate::diagnostic::{Code, Diagnostic, Nature, Span, list};
use crate::manifest::{Artifact, Digest};

/// Names of other files with the same trouble that a finding lists; the rest is counted.
const LISTED: usize = 5;

impl Trouble {
    /// The finding about `path`, without a place.
    #[must_use]
    pub fn finding(&self, path: &str) -> Diagnostic {
        let error = |code, what: &str| Diagnostic::error(code, format!("`{path}` {what}"));
        match self {
            Self::Missing { folder, names } => missing(path, folder, names),
            Self::Empty => Diagnostic::error(Code::EmptyPath, "this path is empty")
                .help("name a file or a folder"),
            Self::Absolute => error(Code::AbsolutePath, "is an absolute path")
                .help("write it relative to the file in which it stands, so that it means the same on every computer"),
            Self::LeavesRoot => error(Code::LeavesRoot, "leads out of the root folder")
                .note("the root is the top folder of the git repository, else the folder of the manifest")
                .help("move it into the repository, or name a folder that holds both with `--root`"),
            Self::LinkLeavesRoot { target } => {
                error(Code::LeavesRoot, "leads out of the root folder through a symbolic link")
                    .note(format!("the link leads to `{target}`"))
                    .help("put the file itself there: `cp --remove-destination` replaces a link by what it leads to")
            }
            Self::BrokenLink { target } => error(Code::BrokenLink, "is a symbolic link that leads to no file")
                .note(format!("the link says `{target}`"))
                .help("restore what it leads to, or replace the link by the file"),
            Self::FolderLink { target } => error(Code::FolderLink, "is a symbolic link to a folder")
                .note(format!("the link leads to `{target}`"))
                .help("links to folders are not followed, so that nothing is hashed twice or in a circle: declare that folder as an artifact of its own, or put a copy there"),
            Self::Special { kind } => error(Code::SpecialFile, &format!("is {kind}, neither a file nor a folder"))
                .help("write its content to a regular file and name that"),
            Self::NotUtf8 => error(Code::NameNotUtf8, "is a file name that is not UTF-8")
                .help("rename the file; its name is part of the digest and must read the same everywhere"),
            Self::Repository => error(Code::NestedRepository, "is a git repository's own data")
                .note("git rewrites it without any change to the content, so a digest over it would not hold")
                .help("let `path` name a folder without `.git`, for example a subfolder, or export the content with `git archive`"),
            Self::Unfinished => error(Code::UnfinishedDownload, "is a download that was not finished")
                .note("the program that made it gives it another name when it is whole")
                .help("download it again, or remove it"),
            Self::Escaped => error(Code::EscapedName, "is a file name with a backslash or a line end")
                .help("rename the file; `sha256sum` writes such names in another way, so the digest could not be recomputed"),
            Self::Unreadable { reason } => error(Code::Unreadable, &format!("cannot be read: {reason}")).nature(Nature::Damaged)
                .help("make it readable for the user who runs relgate"),
            Self::Changed => error(Code::ChangedWhileRead, "changed while it was read")
                .help("run relgate again when nothing writes to it any more"),
        }
    }

    /// The finding about `path` at the place in a manifest that names it, or its folder.
    #[must_use]
    pub fn at(&self, path: &str, span: Span) -> Diagnostic {
        let finding = self.finding(path).at(span, self.label());
        match self {
            Self::Missing { .. } => finding.help(
                "a path is relative to the file in which it stands; a file that is not committed is missing in CI",
            ),
            _ => finding,
        }
    }

    /// What stands under the underline of the path.
    fn label(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "no such file or folder",
            Self::Empty => "empty",
            Self::Absolute => "starts at the top of the file system",
            Self::LeavesRoot | Self::LinkLeavesRoot { .. } => "ends outside the root folder",
            Self::BrokenLink { .. } => "ends nowhere",
            Self::Special { .. } => "not a regular file",
            Self::FolderLink { .. } | Self::NotUtf8 | Self::Repository | Self::Unfinished | Self::Escaped => {
                "found in this folder"
            }
            Self::Unreadable { .. } => "cannot be read",
            Self::Changed => "changed",
        }
    }
}

/// A path at which nothing stands; names the neighbour that was probably meant.
fn missing(path: &str, folder: &str, names: &[String]) -> Diagnostic {
    let finding =
        Diagnostic::error(Code::MissingFile, format!("`{path}` does not exist")).nature(Nature::Absent);
    if path.contains('\\') {
        return finding.help("write `/` between folders, on Windows too");
    }
    let rest = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
    let part = rest.split('/').next().unwrap_or(rest);
    let shown = if folder.is_empty() { "the root folder".to_owned() } else { format!("`{folder}`") };
    let finding = if names.iter().any(|name| name.strip_suffix(".dvc") == Some(part)) {
        finding.help("it is kept by DVC: run `dvc pull`")
    } else {
        finding
    };
    finding.note(format!("there is no `{part}` in {shown}")).suggest(part, names.iter().map(String::as_str))
}

/// One finding for all files of an artifact that have the same trouble.
pub(super) fn group(first: Diagnostic, others: &[String]) -> Diagnostic {
    if others.is_empty() {
        return first;
    }
    first.note(format!("the same holds for {}", list(others.iter().map(String::as_str), LISTED)))
}

/// A folder without a file.
pub(super) fn empty_folder(path: &str) -> Diagnostic {
    Diagnostic::error(Code::EmptyFolder, format!("the folder `{path}` holds no file"))
        .nature(Nature::Absent)
        .note("git does not keep empty folders, and the digest of nothing says nothing")
        .help("put the artifact's files there, or let `path` name another folder")
}

/// A Git LFS pointer instead of the content.
pub(super) fn lfs_pointer(path: &str, pointer: &Pointer) -> Diagnostic {
    let what = pointer.keeper.words();
    let finding =
        Diagnostic::error(Code::LfsPointer, format!("`{path}` is a {what} pointer, not the file itself"))
            .nature(Nature::Elsewhere);
    match pointer.size {
        Some(size) => finding.note(format!("the {size} bytes that it stands for were not downloaded")),
        None => finding,
    }
    .help(pointer.keeper.help())
}

/// A pointer in a commit, where it stands for a file, that does not say for which.
pub(super) fn lfs_pointer_damaged(path: &str) -> Diagnostic {
    Diagnostic::error(Code::LfsPointer, format!("`{path}` is a Git LFS pointer that names no file"))
        .note("a whole pointer has one line `oid sha256:` with 64 digits and one line `size`")
        .help("commit the file again with git-lfs installed; until then compare with another release")
}

/// Names that are one name on a Mac or on Windows.
pub(super) fn collision(path: &str, names: &[&str]) -> Diagnostic {
    Diagnostic::warning(
        Code::NamesCollide,
        format!(
            "{} in `{path}` are one file name on macOS and Windows",
            list(names.iter().copied(), LISTED)
        ),
    )
    .note("they differ only in case or in how an accented letter is written; a checkout there loses all but one")
    .help("rename all but one")
}

/// Bytes other than the declared ones; `spelling` is the one in which the same text would fit.
pub(super) fn mismatch(
    artifact: &Artifact,
    found: Option<&Found>,
    declared: &Digest,
    actual: &Digest,
    spelling: Option<Spelling>,
) -> Diagnostic {
    let (what, noun) = match found {
        Some(Found { path, node: Standing::File { .. } }) => (format!("`{path}`"), "the file"),
        Some(Found { path, node: Standing::Folder }) => (format!("the folder `{path}`"), "the folder"),
        None => (format!("`{}`", artifact.key()), "the block of inline values"),
    };
    let finding = Diagnostic::error(Code::DigestMismatch, format!("{what} is not what `sha256` declares"))
        .nature(Nature::Differs)
        .note(format!("declared {}, found {}", short(declared), short(actual)));
    match spelling {
        Some(spelling) => finding.note(spelling.words("declared")).help(
            "git may have converted the text at checkout: a line `PATH -text` in `.gitattributes` keeps its bytes the same on every computer",
        ),
        None => finding.help(format!(
            "if {noun} changed on purpose, raise `version` and write `sha256: {}`; if not, restore what was declared",
            actual.hex()
        )),
    }
}

/// What stands under a declared digest that does not fit.
pub(super) fn mismatch_label(actual: &Digest) -> String {
    format!("the bytes have {}", short(actual))
}

/// The first digits of a digest, which is what people compare.
fn short(digest: &Digest) -> String {
    format!("{}…", digest.hex().get(..12).unwrap_or(digest.hex()))
}
