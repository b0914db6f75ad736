//! DVC's `*.dvc` and `dvc.lock`: MD5, size and number of files of what it tracks.
//!
//! A folder's checksum is the MD5 of the JSON list of its files, as Python's `json.dumps` spells it, with `.dir` behind it.
//! Entries without `hash: md5` are of DVC 1 or 2, which converted the line ends of text before hashing.

use std::io;

use md5::{Digest as _, Md5};
use rayon::prelude::*;

use super::contradiction::{Checked, absent, mismatch, unreadable};
use super::ignored::Ignored;
use super::known::{Known, MOST, parent};
use crate::artifact::digest::{for_each_block, hex};
use crate::artifact::stamp::Sum;
use crate::artifact::tree::{Tree, Trouble, join, read_all, resolve};
use crate::diagnostic::{Code, Diagnostic, Severity, Sources, Span};
use crate::document::{Limits, Node, NodeKind, yaml};

/// Up to this size a file is read again with other line ends for an entry of DVC 1 or 2.
const CONVERTED: u64 = 64 * 1024 * 1024;

/// One thing that DVC tracks.
struct Out {
    /// Its path below the root.
    path: String,
    md5: String,
    size: Option<u64>,
    nfiles: Option<u64>,
    /// Written by DVC 1 or 2.
    old: bool,
}

pub(super) fn check(known: &Known<'_>, path: &str, text: &str, span: Span, contents: &dyn Tree) -> Checked {
    let outs = read(path, text, contents).map_err(|unread| {
        vec![match unread {
            Unread::Broken(why) => unreadable(path, &why, span),
            Unread::Passed(why) => Diagnostic {
                severity: Severity::Warning,
                ..unreadable(path, &why, span).help("what it says of these files was not looked at")
            },
        }]
    })?;
    let mut findings = Vec::new();
    for out in outs {
        findings.extend(hold(known, &out, path, span, contents));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Why a file of DVC says nothing.
enum Unread {
    /// It is not what DVC writes.
    Broken(String),
    /// It may well be right, and cannot be understood here.
    Passed(String),
}

impl From<String> for Unread {
    fn from(why: String) -> Self {
        Self::Broken(why)
    }
}

/// A file of DVC as a tree; a lock has an entry for every stage of a pipeline.
fn parse(path: &str, text: &str) -> Result<Node, String> {
    let limits = Limits {
        called: "a file of DVC",
        nodes: 4_000_000,
        depth: 64,
        too_large: Code::ImportUnreadable,
        bare_words: false,
    };
    let file = Sources::new().add(path, text);
    let node = yaml(text, file, &limits).map_err(|findings| {
        findings.iter().next().map_or_else(|| "it is not YAML".to_owned(), |finding| finding.title.clone())
    })?;
    node.ok_or_else(|| "it is empty".to_owned())
}

/// Everything that a file of DVC says about paths below the root.
fn read(path: &str, text: &str, contents: &dyn Tree) -> Result<Vec<Out>, Unread> {
    let node = parse(path, text)?;
    let base = match get(&node, "wdir").and_then(word) {
        Some(folder) => {
            resolve(parent(path), folder).map_err(|_| format!("its `wdir` `{folder}` is outside"))?
        }
        None => parent(path).to_owned(),
    };
    let mut outs = Vec::new();
    if let Some(stages) = get(&node, "stages") {
        if get(&node, "schema").and_then(word) != Some("2.0") {
            return Err("its `schema` is not 2.0".to_owned().into());
        }
        let NodeKind::Mapping(stages) = &stages.kind else {
            return Err("its `stages` is no mapping".to_owned().into());
        };
        let pipeline = pipeline(&base, contents).map_err(Unread::Passed)?;
        for (name, stage) in stages {
            let declared = pipeline.as_ref().and_then(|pipeline| stage_of(pipeline, word(name)?));
            let base = match declared.and_then(|stage| get(stage, "wdir")).and_then(word) {
                // Filled in by DVC from a list of its own.
                Some(folder) if folder.contains("${") => continue,
                Some(folder) => match resolve(&base, folder) {
                    Ok(folder) => folder,
                    // Nothing of this release stands there.
                    Err(_) => continue,
                },
                None => base.clone(),
            };
            for key in ["deps", "outs"] {
                each(get(stage, key), &base, &mut outs)?;
            }
        }
    } else {
        each(get(&node, "outs"), &base, &mut outs)?;
    }
    Ok(outs)
}

/// The `dvc.yaml` beside a lock: it says from which folder the paths of a stage count.
fn pipeline(folder: &str, contents: &dyn Tree) -> Result<Option<Node>, String> {
    let path = join(folder, "dvc.yaml");
    let refuse = |why: &str| format!("`{path}` tells what its paths count from, and {why}");
    match read_all(contents, &path, MOST) {
        Ok(Some(bytes)) => {
            let text = String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8"))?;
            parse(&path, &text).map(Some).map_err(|why| refuse(&format!("cannot be read: {why}")))
        }
        Ok(None) => Err(refuse("is too large")),
        Err(Trouble::Missing { .. }) => Ok(None),
        Err(trouble) => Err(refuse(&trouble.finding(&path).title)),
    }
}

/// The stage of a pipeline that a lock calls by this name, or by `name@item` where it is one of many.
fn stage_of<'a>(pipeline: &'a Node, name: &str) -> Option<&'a Node> {
    let stages = get(pipeline, "stages")?;
    let one = name.split_once('@').map_or(name, |(name, _)| name);
    let stage = get(stages, name).or_else(|| get(stages, one))?;
    Some(get(stage, "do").unwrap_or(stage))
}

/// Adds every entry of a list that has an MD5 and a path below the root; others (remotes, parameters) are not files here.
fn each(node: Option<&Node>, base: &str, outs: &mut Vec<Out>) -> Result<(), String> {
    let items = match node.map(|node| &node.kind) {
        Some(NodeKind::Sequence(items)) => items,
        Some(NodeKind::Mapping(_)) => return Err("its entries are no list".to_owned()),
        _ => return Ok(()),
    };
    for item in items {
        let (Some(path), Some(md5)) = (get(item, "path").and_then(word), get(item, "md5").and_then(word))
        else {
            continue;
        };
        // `remote://...` and what DVC keeps outside the repository.
        let Some(path) = resolve(base, path).ok().filter(|_| !path.contains("://")) else { continue };
        let digits = md5.strip_suffix(".dir").unwrap_or(md5);
        if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("`{md5}` is no MD5"));
        }
        let number = |key: &str| -> Result<Option<u64>, String> {
            let Some(text) = get(item, key).and_then(word) else { return Ok(None) };
            text.parse().map(Some).map_err(|_| format!("its `{key}` is `{text}`"))
        };
        let old = get(item, "hash").and_then(word) != Some("md5");
        outs.push(Out {
            path,
            md5: md5.to_lowercase(),
            size: number("size")?,
            nfiles: number("nfiles")?,
            old,
        });
    }
    Ok(())
}

fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let NodeKind::Mapping(pairs) = &node.kind else { return None };
    pairs.iter().find(|(name, _)| word(name) == Some(key)).map(|(_, value)| value)
}

fn word(node: &Node) -> Option<&str> {
    node.scalar().filter(|scalar| !scalar.is_null()).map(|scalar| scalar.text.as_str())
}

/// Holds one entry against what was hashed.
fn hold(known: &Known<'_>, out: &Out, source: &str, span: Span, contents: &dyn Tree) -> Option<Diagnostic> {
    let help = |finding: Diagnostic| {
        finding.help(
            "if the files are right, let DVC take note (`dvc add`, `dvc commit`); if not, `dvc checkout`",
        )
    };
    let differs = |what: &str, claimed: &str, found: &str| {
        Some(help(mismatch(&out.path, source, what, claimed, found, span)))
    };
    let is_folder = out.md5.strip_suffix(".dir").is_some();
    let files: Vec<(&str, &str, u64)> = match known.files.get(&out.path) {
        Some(file) => vec![(out.path.as_str(), "", file.bytes)],
        None if known.covers(&out.path) => {
            let ignored = Ignored::read(&out.path, contents);
            let files = known.below(&out.path).filter(|(path, ..)| !ignored.holds(path));
            files.map(|(path, name, file)| (path, name, file.bytes)).collect()
        }
        // Not an artifact of this release.
        None => return None,
    };
    let here_folder = files.first().is_some_and(|(_, name, _)| !name.is_empty());
    if files.is_empty() {
        return Some(absent(&out.path, source, span).help("fetch it: `dvc pull`"));
    }
    if is_folder != here_folder {
        let words = |folder: bool| if folder { "a folder" } else { "a file" };
        return differs("it", words(is_folder), words(here_folder));
    }
    if let Some(nfiles) = out.nfiles.filter(|nfiles| *nfiles != files.len() as u64) {
        return differs("files", &nfiles.to_string(), &files.len().to_string());
    }
    let bytes: u64 = files.iter().map(|(.., bytes)| bytes).sum();
    // DVC 1 and 2 took the size of a file before or after its conversion, by version.
    let exact = is_folder || !out.old;
    if let Some(size) = out.size.filter(|size| exact && *size != bytes) {
        return differs("size", &format!("{size} bytes"), &format!("{bytes} bytes"));
    }
    contents.ahead(bytes);
    let sums = files.par_iter().map(|(path, _, bytes)| checksum(contents, path, *bytes, false));
    let found = match sums.collect::<Result<Vec<String>, Trouble>>() {
        Ok(sums) if is_folder => folder(&files, &sums),
        Ok(sums) => sums.concat(),
        Err(trouble) => return Some(trouble.at(&out.path, span)),
    };
    if found == out.md5 || (out.old && converted(contents, &files, is_folder).as_deref() == Some(&out.md5)) {
        return None;
    }
    differs("md5", &out.md5, &found)
}

/// The MD5 of a folder from those of its files.
fn folder(files: &[(&str, &str, u64)], sums: &[String]) -> String {
    let mut list: Vec<(&str, &String)> = files.iter().map(|(_, name, _)| *name).zip(sums).collect();
    list.sort_unstable();
    let items: Vec<String> = list
        .iter()
        .map(|(name, sum)| format!("{{\"md5\": \"{sum}\", \"relpath\": {}}}", python_string(name)))
        .collect();
    format!("{}.dir", hex(&Md5::digest(format!("[{}]", items.join(", ")))))
}

/// A string as Python's `json.dumps` writes it: everything beyond ASCII as `\uXXXX`.
fn python_string(text: &str) -> String {
    use std::fmt::Write as _;

    let mut spelled = String::new();
    // A string always serialises.
    for letter in serde_json::to_string(text).unwrap_or_default().chars() {
        if letter.is_ascii() {
            spelled.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Writing to a `String` cannot fail.
            let _ = write!(spelled, "\\u{unit:04x}");
        }
    }
    spelled
}

/// The MD5 of a file, remembered like its digest.
fn checksum(contents: &dyn Tree, path: &str, expected: u64, text: bool) -> Result<String, Trouble> {
    let before = contents.stamp(path)?;
    if let Some(known) = before.filter(|_| !text).and_then(|stamp| contents.known(&stamp, Sum::Md5)) {
        return Ok(known);
    }
    let mut md5 = Md5::new();
    let unreadable = |error: &io::Error| Trouble::unreadable(error);
    let length = for_each_block(&mut *contents.open(path)?, expected, |block| md5.update(block));
    let length = length.map_err(|error| unreadable(&error))?;
    if length != expected || contents.stamp(path)? != before {
        return Err(Trouble::Changed);
    }
    let sum = hex(&md5.finalize());
    if let Some(stamp) = before {
        contents.learned(&stamp, Sum::Md5, &sum);
    }
    Ok(sum)
}

/// The checksum that DVC 1 or 2 would give; none where a file is too large to look at again.
fn converted(contents: &dyn Tree, files: &[(&str, &str, u64)], is_folder: bool) -> Option<String> {
    let mut sums = Vec::with_capacity(files.len());
    for (path, ..) in files {
        let bytes = read_all(contents, path, CONVERTED).ok()??;
        let binary = bytes.iter().take(512).any(|byte| *byte == 0);
        let mut md5 = Md5::new();
        let mut start = 0;
        for at in memchr::memmem::find_iter(&bytes, b"\r\n").filter(|_| !binary) {
            md5.update(bytes.get(start..at)?);
            start = at + 1;
        }
        md5.update(bytes.get(start..)?);
        sums.push(hex(&md5.finalize()));
    }
    if is_folder { Some(folder(files, &sums)) } else { sums.pop() }
}
