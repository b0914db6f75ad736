//! The cases in the files of an evaluation suite, one after another: JSON Lines, CSV, lists in JSON and YAML.
//!
//! Rows are streamed through the readers of evidence. A file that ends in the middle of a row is refused, since nobody knows
//! what is missing behind it.

use std::collections::BTreeMap;
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::artifact::{PinnedArtifact, PinnedFile};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature};
use crate::diff::config::masked;
use crate::diff::document::{self, Form, Node, each_row};
use crate::diff::files;
use crate::diff::side::ReleaseSide;
use crate::diff::text::shorten;
use crate::evidence::table::{self, Shape};
use crate::secret::mask;

/// Keys that name a case, the best first.
const IDS: &[&str] = &["id", "case_id", "test_id", "sample_id", "question_id", "name", "key"];
/// Keys of a document that hold its cases.
const LISTS: &[&str] = &["cases", "tests", "samples", "questions", "examples", "items", "data", "evals"];

/// One case.
pub(super) struct SuiteCase {
    /// What names it; none where nothing does.
    pub(super) id: Option<String>,
    /// What it says.
    pub(super) node: Node,
}

impl SuiteCase {
    fn new(node: Node) -> Self {
        let id = IDS.iter().find_map(|key| node.get(key).and_then(Node::text)).filter(|id| !id.is_empty());
        Self { id, node }
    }

    /// The hash of what names it: its id, else all that it says.
    pub(super) fn name(&self) -> u128 {
        self.id.as_deref().map_or_else(|| self.said(), named)
    }

    /// The hash of all that it says.
    pub(super) fn said(&self) -> u128 {
        said(&self.node)
    }

    /// What it is called in outputs: its name, else how it begins.
    pub(super) fn called(&self) -> String {
        match &self.id {
            Some(id) => shorten(&mask(None, id), 80),
            None => format!("(without an id) {}", shorten(&masked("", &self.node, false), 60)),
        }
    }
}

/// How the rows of a file are read, where each is a case; none for documents and for everything else.
///
/// # Errors
/// It cannot be opened.
pub(super) fn shape(
    (release, artifact): (&ReleaseSide<'_>, &PinnedArtifact),
    file: &PinnedFile,
) -> Result<Option<Shape>, Diagnostics> {
    let path = files::path(artifact, file);
    if matches!(Form::of(&path, ""), Form::Json | Form::Yaml) {
        return Ok(None);
    }
    let Some(contents) = release.contents else { return Ok(None) };
    Ok(table::recognise(&path, files::stream(contents, &path, file.bytes)?)?.ok())
}

/// Hands over every case of a file of rows.
///
/// # Errors
/// A row that cannot be read, by its line; a file that is cut off or damaged.
pub(super) fn stream(
    (release, artifact): (&ReleaseSide<'_>, &PinnedArtifact),
    file: &PinnedFile,
    shape: Shape,
    take: &mut dyn FnMut(SuiteCase),
) -> Result<(), Diagnostics> {
    let path = files::path(artifact, file);
    let Some(contents) = release.contents else { return Ok(()) };
    let stream = files::stream(contents, &path, file.bytes)?;
    each_row(stream, &path, shape, &mut |row| take(SuiteCase::new(row))).map_err(|found| {
        let cut = found.iter().find(|finding| finding.nature == Nature::CutOff);
        cut.map(|cut| cut_off(&path, cut).into()).unwrap_or(found)
    })
}

/// The finding that a file ends in the middle of a case.
fn cut_off(path: &str, found: &Diagnostic) -> Diagnostic {
    let finding = Diagnostic::error(Code::SuiteCutOff, format!("`{path}` ends in the middle of a case"))
        .nature(Nature::CutOff);
    let finding = match found.line() {
        Some(line) => finding.at_line(path, line),
        None => finding.in_file(path),
    };
    finding
        .note("the file was cut off, and nobody can tell which cases are missing behind it")
        .help("write or copy the evaluation suite again")
}

/// The cases of a document and what else stands in it; why it holds none where it does not.
pub(super) fn document(path: &str, text: &str) -> Result<(Vec<SuiteCase>, Node), String> {
    let rest = || Node::Map(BTreeMap::new());
    let cases = |items: Vec<Node>| items.into_iter().map(SuiteCase::new).collect();
    let parsed = document::parse(Form::of(path, text), path, text);
    match parsed.unwrap_or_else(|| Err("neither JSON nor YAML".to_owned()))? {
        Node::Null => Ok((Vec::new(), rest())),
        Node::List(items) => Ok((cases(items), rest())),
        Node::Map(mut map) => {
            let key = LISTS.iter().find(|key| matches!(map.get(**key), Some(Node::List(_))));
            match key.and_then(|key| map.remove(*key)) {
                Some(Node::List(items)) => Ok((cases(items), Node::Map(map))),
                _ => Err("no list of cases".to_owned()),
            }
        }
        _ => Err("no list of cases".to_owned()),
    }
}

/// The hash of an id.
pub(super) fn named(id: &str) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write_u8(0);
    hasher.write(id.as_bytes());
    hasher.finish128().as_u128()
}

/// The hash of what a value says.
fn said(node: &Node) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write_u8(1);
    feed(node, &mut hasher);
    hasher.finish128().as_u128()
}

/// Lengths go before texts, so that no two values read the same.
fn feed(node: &Node, hasher: &mut SipHasher13) {
    let mut text = |tag: u8, text: &str| {
        hasher.write_u8(tag);
        hasher.write_u64(text.len() as u64);
        hasher.write(text.as_bytes());
    };
    match node {
        Node::Null => hasher.write_u8(0),
        Node::Bool(on) => hasher.write_u8(1 + u8::from(*on)),
        Node::Number(number) => text(3, number),
        Node::Text(words) => text(4, words),
        Node::List(items) => {
            hasher.write_u8(5);
            hasher.write_u64(items.len() as u64);
            for item in items {
                feed(item, hasher);
            }
        }
        Node::Map(map) => {
            hasher.write_u8(6);
            hasher.write_u64(map.len() as u64);
            for (key, value) in map {
                hasher.write_u64(key.len() as u64);
                hasher.write(key.as_bytes());
                feed(value, hasher);
            }
        }
    }
}
