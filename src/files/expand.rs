//! Which files an evidence path means, in the working tree or in a commit: a file, a folder of results, or a glob; always in
//! byte order.
//!
//! In a manifest a path may not leave the root; on the command line it is relative to the current folder and
//! may stand anywhere.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::evidence::EvidenceFile;
use super::shown::{shown, special};
use super::worktree::Worktree;
use super::worktree::{in_repository, neighbours};
use crate::artifact::{ResultsFile, Standing, Trouble, join, resolve};
use crate::diagnostic::{Code, Diagnostic, Nature, Spanned};

/// File name endings that a folder is searched for, each also with an ending of [`PACKED`].
const ENDINGS: [&str; 9] = [".jsonl", ".ndjson", ".csv", ".tsv", ".json", ".yaml", ".yml", ".xml", ".eval"];
/// Endings of packed files.
const PACKED: [&str; 4] = ["", ".gz", ".zst", ".zstd"];

/// As a shell: `*` crosses no folder and finds no hidden file.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The files that a path of the command line means: relative to the current folder, in or out of any root.
///
/// # Errors
/// Nothing is there, or something that relgate does not read.
pub fn expand_given(path: &str) -> Result<Vec<ResultsFile>, Diagnostic> {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let path = match path.trim_end_matches('/') {
        "" if !path.is_empty() => "/",
        trimmed => trimmed,
    };
    let refuse = |refused| match refused {
        Refused::Trouble(path, trouble) => {
            trouble.finding(&path).help("a path on the command line is relative to the current folder")
        }
        Refused::Finding(finding) => finding,
    };
    let found = match path {
        "" => Err(Refused::Trouble(String::new(), Trouble::Empty)),
        path => files(&Anywhere, path),
    };
    found.map_err(refuse)?.iter().map(|one| Anywhere.open(one)).collect()
}

/// The open files that a declared path means, at least one, in byte order; findings are placed at the path.
pub(super) fn expand(
    ground: &dyn Ground,
    base: &str,
    declared: &Spanned<String>,
) -> Result<Vec<ResultsFile>, Diagnostic> {
    let found = match resolve(base, &declared.value) {
        Ok(path) => files(ground, &path),
        Err(trouble) => Err(Refused::Trouble(declared.value.clone(), trouble)),
    };
    let found = found.map_err(|refused| match refused {
        Refused::Trouble(path, trouble) => trouble.at(&path, declared.span),
        Refused::Finding(finding) => finding.at(declared.span, "no results here"),
    });
    found?.iter().map(|one| ground.open(one)).collect()
}

/// Where paths are looked up. They are written with `/`; those of a tree count from its root.
pub(super) trait Ground {
    /// What stands at a path; links are followed.
    fn at(&self, path: &str) -> Result<At, Trouble>;

    /// The names in a folder in byte order, without hidden ones.
    fn names(&self, folder: &str) -> Result<Vec<Name>, Trouble>;

    /// Opens a file that was found.
    fn open(&self, file: &Member) -> Result<ResultsFile, Diagnostic>;
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    File,
    Folder,
}

/// One name in a folder.
pub(super) struct Name {
    pub(super) text: String,
    pub(super) utf8: bool,
    /// Whether it is a folder itself and no link to one.
    pub(super) folder: bool,
}

/// One file that a path means.
pub(super) struct Member {
    pub(super) path: String,
    /// Its path below the folder or below the part of the glob without wildcards; the file name of a single file.
    pub(super) member: String,
}

/// Why a path gives no files.
enum Refused {
    /// One path cannot be used.
    Trouble(String, Trouble),
    /// The whole means nothing.
    Finding(Diagnostic),
}

/// The file system, relative to the current folder.
struct Anywhere;

impl Ground for Anywhere {
    fn at(&self, path: &str) -> Result<At, Trouble> {
        look_anywhere(&anywhere(path))
    }

    fn names(&self, folder: &str) -> Result<Vec<Name>, Trouble> {
        names(&anywhere(folder))
    }

    fn open(&self, file: &Member) -> Result<ResultsFile, Diagnostic> {
        results_file(&anywhere(&file.path), &file.path, file)
    }
}

fn anywhere(path: &str) -> PathBuf {
    PathBuf::from(if path.is_empty() { "." } else { path })
}

impl Ground for Worktree {
    fn at(&self, path: &str) -> Result<At, Trouble> {
        Ok(match self.find_at(path)?.node {
            Standing::File { .. } => At::File,
            Standing::Folder => At::Folder,
        })
    }

    fn names(&self, folder: &str) -> Result<Vec<Name>, Trouble> {
        names(&self.absolute(folder))
    }

    fn open(&self, file: &Member) -> Result<ResultsFile, Diagnostic> {
        results_file(&self.absolute(&file.path), &self.from_here(&file.path), file)
    }
}

/// Opens a file of the file system, which messages call `name`.
pub(super) fn results_file(path: &Path, name: &str, file: &Member) -> Result<ResultsFile, Diagnostic> {
    let source = EvidenceFile::open(path, name)?;
    Ok(ResultsFile { source: Box::new(source), member: file.member.clone() })
}

fn names(folder: &Path) -> Result<Vec<Name>, Trouble> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| Trouble::unreadable(&error))? {
        let entry = entry.map_err(|error| Trouble::unreadable(&error))?;
        let name = entry.file_name();
        let text = name.to_string_lossy().into_owned();
        if !text.starts_with('.') {
            let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            names.push(Name { text, utf8: name.to_str().is_some(), folder });
        }
    }
    names.sort_by(|a, b| a.text.cmp(&b.text));
    Ok(names)
}

fn look_anywhere(path: &Path) -> Result<At, Trouble> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if in_repository(Path::new("/"), &real) {
        return Err(Trouble::Repository);
    }
    match fs::metadata(path) {
        Ok(about) if about.is_file() => Ok(At::File),
        Ok(about) if about.is_dir() => Ok(At::Folder),
        Ok(about) => Err(Trouble::Special { kind: special(about.file_type()) }),
        Err(error) => Err(match (fs::read_link(path), error.kind()) {
            (Ok(target), ErrorKind::NotFound) => Trouble::BrokenLink { target: shown(&target) },
            (_, ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                let folder = path.ancestors().skip(1).find(|folder| folder.is_dir());
                let folder = folder.unwrap_or(Path::new("."));
                Trouble::Missing { folder: shown(folder), names: neighbours(folder) }
            }
            _ => Trouble::unreadable(&error),
        }),
    }
}

fn at(ground: &dyn Ground, path: &str) -> Result<At, Refused> {
    ground.at(path).map_err(|trouble| Refused::Trouble(path.to_owned(), trouble))
}

fn names_of(ground: &dyn Ground, folder: &str) -> Result<Vec<Name>, Refused> {
    ground.names(folder).map_err(|trouble| Refused::Trouble(folder.to_owned(), trouble))
}

fn files(ground: &dyn Ground, path: &str) -> Result<Vec<Member>, Refused> {
    // A file whose own name holds a bracket is that file.
    match at(ground, path) {
        Ok(At::File) => {
            let member = path.rsplit('/').next().unwrap_or(path).to_owned();
            Ok(vec![Member { path: path.to_owned(), member }])
        }
        Ok(At::Folder) => folder(ground, path),
        Err(Refused::Trouble(_, Trouble::Missing { .. })) if path.contains(['*', '?', '[']) => {
            glob(ground, path)
        }
        Err(refused) => Err(refused),
    }
}

/// The results files directly inside a folder.
fn folder(ground: &dyn Ground, path: &str) -> Result<Vec<Member>, Refused> {
    let mut found = BTreeSet::new();
    for name in names_of(ground, path)? {
        if !name.folder && results(&name.text) {
            take(ground, below(path, &name.text), name.utf8, &mut found)?;
        }
    }
    if found.is_empty() {
        let shown = if path.is_empty() { "." } else { path };
        return Err(Refused::Finding(
            Diagnostic::error(Code::NoResults, format!("the folder `{shown}` holds no results file"))
                .nature(Nature::Absent)
                .note(format!("files directly inside it count that end in {}", ENDINGS.join(", ")))
                .help("name the file, or the folder it is in, or a glob such as `results/**/*.jsonl`"),
        ));
    }
    Ok(members(path, found))
}

/// Whether a file name has an ending that evaluation results have.
fn results(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PACKED
        .iter()
        .filter_map(|packed| name.strip_suffix(packed))
        .any(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

/// Adds a file to the found ones; links and special files are settled here.
fn take(ground: &dyn Ground, path: String, utf8: bool, found: &mut BTreeSet<String>) -> Result<(), Refused> {
    if !utf8 {
        return Err(Refused::Trouble(path, Trouble::NotUtf8));
    }
    if at(ground, &path)? == At::File {
        found.insert(path);
    }
    Ok(())
}

fn members(top: &str, found: BTreeSet<String>) -> Vec<Member> {
    let member = |path: &str| path.strip_prefix(top).unwrap_or(path).trim_start_matches('/').to_owned();
    found.into_iter().map(|path| Member { member: member(&path), path }).collect()
}

/// One part of a glob, between two `/`.
enum Part<'a> {
    Literal(&'a str),
    Wild(Pattern),
    /// `**`: any number of folders.
    Deep,
}

fn glob(ground: &dyn Ground, path: &str) -> Result<Vec<Member>, Refused> {
    let wild = |part: &&str| part.contains(['*', '?', '[']);
    let first = path.split('/').position(|part| wild(&part)).unwrap_or(0);
    let top = path.split('/').take(first).collect::<Vec<_>>().join("/");
    // "/*.jsonl" starts at the top of the file system, whose name would otherwise be lost in the split.
    let top = if top.is_empty() && path.starts_with('/') { "/".to_owned() } else { top };
    let mut parts = path
        .split('/')
        .skip(first)
        .filter(|part| !part.is_empty() && *part != ".")
        .map(parse)
        .collect::<Result<Vec<_>, _>>()?;
    // Twice `**` is once `**`, without the time; `**` at the end means the files there.
    parts.dedup_by(|one, other| matches!((one, other), (Part::Deep, Part::Deep)));
    if let Some(Part::Deep) = parts.last() {
        parts.push(parse("*")?);
    }
    at(ground, &top)?;
    let mut found = BTreeSet::new();
    walk(ground, &top, &parts, &mut found)?;
    if found.is_empty() {
        let finding = Diagnostic::error(Code::NoMatch, format!("no file matches `{path}`"))
            .nature(Nature::Absent)
            .note("`*` stays within one folder and `**` crosses folders; hidden files are not found")
            .help("run the evaluation first, or correct the pattern");
        return Err(Refused::Finding(finding));
    }
    Ok(members(&top, found))
}

fn parse(part: &str) -> Result<Part<'_>, Refused> {
    let refuse = |why: &str| {
        let text = format!("`{part}` cannot be used in a glob: {why}");
        Refused::Finding(
            Diagnostic::error(Code::BadGlob, text).help("use `*`, `?`, `[a-z]` and `**` between two `/`"),
        )
    };
    match part {
        "**" => Ok(Part::Deep),
        ".." => Err(refuse("after a wildcard it could lead anywhere")),
        _ if part.contains(['*', '?', '[']) => {
            Pattern::new(part).map(Part::Wild).map_err(|error| refuse(error.msg))
        }
        _ => Ok(Part::Literal(part)),
    }
}

/// Adds the files below `folder` that the parts match.
fn walk(
    ground: &dyn Ground,
    folder: &str,
    parts: &[Part<'_>],
    found: &mut BTreeSet<String>,
) -> Result<(), Refused> {
    let Some((part, rest)) = parts.split_first() else {
        return Ok(());
    };
    match part {
        Part::Literal(name) => match at(ground, &below(folder, name)) {
            Err(Refused::Trouble(_, Trouble::Missing { .. })) => Ok(()),
            Err(refused) => Err(refused),
            Ok(node) => enter(ground, below(folder, name), node, rest, found),
        },
        Part::Wild(pattern) => {
            for name in names_of(ground, folder)? {
                if !pattern.matches_with(&name.text, MATCHING) {
                    continue;
                }
                let path = below(folder, &name.text);
                if !name.utf8 {
                    return Err(Refused::Trouble(path, Trouble::NotUtf8));
                }
                let node = at(ground, &path)?;
                enter(ground, path, node, rest, found)?;
            }
            Ok(())
        }
        Part::Deep => {
            walk(ground, folder, rest, found)?;
            // Links to folders are not followed here: they could lead in a circle.
            for name in names_of(ground, folder)?.into_iter().filter(|name| name.folder && name.utf8) {
                walk(ground, &below(folder, &name.text), parts, found)?;
            }
            Ok(())
        }
    }
}

/// A matched node: a file at the end of the pattern is found, a folder before its end is searched.
fn enter(
    ground: &dyn Ground,
    path: String,
    node: At,
    rest: &[Part<'_>],
    found: &mut BTreeSet<String>,
) -> Result<(), Refused> {
    match node {
        At::File if rest.is_empty() => {
            found.insert(path);
            Ok(())
        }
        At::Folder if !rest.is_empty() => walk(ground, &path, rest, found),
        At::File | At::Folder => Ok(()),
    }
}

/// `folder/name`; the top of the file system already ends in `/`.
fn below(folder: &str, name: &str) -> String {
    if folder == "/" { format!("/{name}") } else { join(folder, name) }
}
