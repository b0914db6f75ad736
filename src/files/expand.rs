//! Which files an evidence path means: a file, a folder of results, or a glob; always in byte order.
//!
//! In a manifest a path may not leave the root; on the command line it is relative to the current folder and
//! may stand anywhere. Deliberately absent: opening the files, and their formats.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::root::neighbours;
use super::{Root, shown, special};
use crate::artifact::{Found, Node, Trouble, join};
use crate::diagnostic::{Code, Diagnostic, Spanned};

/// File name endings that a folder is searched for, each also with an ending of [`PACKED`].
const ENDINGS: [&str; 6] = [".jsonl", ".ndjson", ".csv", ".json", ".yaml", ".yml"];
/// Endings of packed files.
const PACKED: [&str; 4] = ["", ".gz", ".zst", ".zstd"];

/// As a shell: `*` crosses no folder and finds no hidden file.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// One file that an evidence path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The file as messages show it.
    pub name: String,
    /// Its path below the folder or below the part of the glob without wildcards; the file name of a single file.
    pub member: String,
    /// Where it is.
    pub(super) path: PathBuf,
}

impl Root {
    /// The files that an evidence path of a manifest means, at least one.
    ///
    /// # Errors
    /// Nothing is there, or something that relgate does not read; placed at the path.
    pub fn expand(&self, declared: &Spanned<String>) -> Result<Vec<Located>, Diagnostic> {
        let trouble = |path: &str, trouble: &Trouble| trouble.at(path, declared.span);
        let path = self.resolve(&declared.value).map_err(|found| trouble(&declared.value, &found))?;
        expand(&Ground::Root(self), &path).map_err(|refused| match refused {
            Refused::Trouble(path, found) => trouble(&path, &found),
            Refused::Finding(finding) => finding.at(declared.span, "no results here"),
        })
    }
}

/// The files that a path of the command line means: relative to the current folder, in or out of any root.
///
/// # Errors
/// Nothing is there, or something that relgate does not read.
pub fn expand_given(path: &str) -> Result<Vec<Located>, Diagnostic> {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let path = match path.trim_end_matches('/') {
        "" if !path.is_empty() => "/",
        trimmed => trimmed,
    };
    expand(&Ground::Anywhere, path).map_err(|refused| match refused {
        Refused::Trouble(path, trouble) => {
            trouble.finding(&path).help("a path on the command line is relative to the current folder")
        }
        Refused::Finding(finding) => finding,
    })
}

/// Why a path gives no files.
enum Refused {
    /// One path cannot be used.
    Trouble(String, Trouble),
    /// The whole means nothing.
    Finding(Diagnostic),
}

/// Where paths are looked up.
enum Ground<'a> {
    /// Below a root, which links may not leave.
    Root(&'a Root),
    /// Anywhere, relative to the current folder.
    Anywhere,
}

/// One name in a folder.
struct Name {
    text: String,
    utf8: bool,
    folder: bool,
}

impl Ground<'_> {
    fn real(&self, path: &str) -> PathBuf {
        match self {
            Self::Root(root) => root.absolute(path),
            Self::Anywhere if path.is_empty() => PathBuf::from("."),
            Self::Anywhere => PathBuf::from(path),
        }
    }

    fn node(&self, path: &str) -> Result<Node, Refused> {
        let found = match self {
            Self::Root(root) => root.find_at(path),
            Self::Anywhere => {
                look_anywhere(&self.real(path)).map(|node| Found { path: path.to_owned(), node })
            }
        };
        found.map(|found| found.node).map_err(|trouble| Refused::Trouble(path.to_owned(), trouble))
    }

    /// The names in a folder in byte order, without hidden ones.
    fn names(&self, folder: &str) -> Result<Vec<Name>, Refused> {
        let refuse = |error: &std::io::Error| Refused::Trouble(folder.to_owned(), Trouble::unreadable(error));
        let mut names = Vec::new();
        for entry in fs::read_dir(self.real(folder)).map_err(|error| refuse(&error))? {
            let entry = entry.map_err(|error| refuse(&error))?;
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
}

fn look_anywhere(path: &Path) -> Result<Node, Trouble> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() => Ok(Node::File { bytes: about.len() }),
        Ok(about) if about.is_dir() => Ok(Node::Folder),
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

fn expand(ground: &Ground<'_>, path: &str) -> Result<Vec<Located>, Refused> {
    if path.is_empty() && matches!(ground, Ground::Anywhere) {
        return Err(Refused::Trouble(String::new(), Trouble::Empty));
    }
    // A file whose own name holds a bracket is that file.
    match ground.node(path) {
        Ok(Node::File { .. }) => {
            let member = path.rsplit('/').next().unwrap_or(path).to_owned();
            Ok(vec![Located { name: path.to_owned(), member, path: ground.real(path) }])
        }
        Ok(Node::Folder) => folder(ground, path),
        Err(Refused::Trouble(_, Trouble::Missing { .. })) if path.contains(['*', '?', '[']) => {
            glob(ground, path)
        }
        Err(refused) => Err(refused),
    }
}

/// The results files directly inside a folder.
fn folder(ground: &Ground<'_>, path: &str) -> Result<Vec<Located>, Refused> {
    let mut found = BTreeSet::new();
    for name in ground.names(path)? {
        if !name.folder && results(&name.text) {
            take(ground, below(path, &name.text), name.utf8, &mut found)?;
        }
    }
    if found.is_empty() {
        let shown = if path.is_empty() { "." } else { path };
        return Err(Refused::Finding(
            Diagnostic::error(Code::NoResults, format!("the folder `{shown}` holds no results file"))
                .note(format!("files directly inside it count that end in {}", ENDINGS.join(", ")))
                .help("name the file, or the folder it is in, or a glob such as `results/**/*.jsonl`"),
        ));
    }
    Ok(located(ground, path, found))
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
fn take(ground: &Ground<'_>, path: String, utf8: bool, found: &mut BTreeSet<String>) -> Result<(), Refused> {
    if !utf8 {
        return Err(Refused::Trouble(path, Trouble::NotUtf8));
    }
    if let Node::File { .. } = ground.node(&path)? {
        found.insert(path);
    }
    Ok(())
}

fn located(ground: &Ground<'_>, top: &str, found: BTreeSet<String>) -> Vec<Located> {
    let member = |path: &str| path.strip_prefix(top).unwrap_or(path).trim_start_matches('/').to_owned();
    found.into_iter().map(|name| Located { member: member(&name), path: ground.real(&name), name }).collect()
}

/// One part of a glob, between two `/`.
enum Part<'a> {
    Literal(&'a str),
    Wild(Pattern),
    /// `**`: any number of folders.
    Deep,
}

fn glob(ground: &Ground<'_>, path: &str) -> Result<Vec<Located>, Refused> {
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
    ground.node(&top)?;
    let mut found = BTreeSet::new();
    walk(ground, &top, &parts, &mut found)?;
    if found.is_empty() {
        let finding = Diagnostic::error(Code::NoMatch, format!("no file matches `{path}`"))
            .note("`*` stays within one folder and `**` crosses folders; hidden files are not found")
            .help("run the evaluation first, or correct the pattern");
        return Err(Refused::Finding(finding));
    }
    Ok(located(ground, &top, found))
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
    ground: &Ground<'_>,
    folder: &str,
    parts: &[Part<'_>],
    found: &mut BTreeSet<String>,
) -> Result<(), Refused> {
    let Some((part, rest)) = parts.split_first() else {
        return Ok(());
    };
    match part {
        Part::Literal(name) => match ground.node(&below(folder, name)) {
            Err(Refused::Trouble(_, Trouble::Missing { .. })) => Ok(()),
            Err(refused) => Err(refused),
            Ok(node) => enter(ground, below(folder, name), node, rest, found),
        },
        Part::Wild(pattern) => {
            for name in ground.names(folder)? {
                if !pattern.matches_with(&name.text, MATCHING) {
                    continue;
                }
                let path = below(folder, &name.text);
                if !name.utf8 {
                    return Err(Refused::Trouble(path, Trouble::NotUtf8));
                }
                let node = ground.node(&path)?;
                enter(ground, path, node, rest, found)?;
            }
            Ok(())
        }
        Part::Deep => {
            walk(ground, folder, rest, found)?;
            // Links to folders are not followed here: they could lead in a circle.
            for name in ground.names(folder)?.into_iter().filter(|name| name.folder && name.utf8) {
                walk(ground, &below(folder, &name.text), parts, found)?;
            }
            Ok(())
        }
    }
}

/// A matched node: a file at the end of the pattern is found, a folder before its end is searched.
fn enter(
    ground: &Ground<'_>,
    path: String,
    node: Node,
    rest: &[Part<'_>],
    found: &mut BTreeSet<String>,
) -> Result<(), Refused> {
    match node {
        Node::File { .. } if rest.is_empty() => {
            found.insert(path);
            Ok(())
        }
        Node::Folder if !rest.is_empty() => walk(ground, &path, rest, found),
        Node::File { .. } | Node::Folder => Ok(()),
    }
}

/// `folder/name`; the top of the file system already ends in `/`.
fn below(folder: &str, name: &str) -> String {
    if folder == "/" { format!("/{name}") } else { join(folder, name) }
}
