//! Configurations and policies, by the form that their name or first character shows.

pub(super) use crate::document::Content as Node;

use crate::diagnostic::{Code, Diagnostics, FileId};
use crate::document::{self, Limits};

/// What such a file may hold.
const LIMITS: Limits = Limits {
    called: "a file that is compared",
    nodes: 1_000_000,
    depth: 100,
    too_large: Code::TooLarge,
    bare_words: false,
};

/// The form of a document by the name of its file and its first character; none where it is neither.
pub(super) fn parse(name: &str, text: &str) -> Option<Result<Node, String>> {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("json") => Some(json(text)),
        Some("yaml" | "yml") => Some(yaml(text)),
        _ if text.trim_start().starts_with('{') => json(text).ok().map(Ok),
        _ => None,
    }
}

/// A JSON document.
///
/// # Errors
/// Why it is none, in one line.
pub(super) fn json(text: &str) -> Result<Node, String> {
    let read = document::json(text, FileId::ONLY, &LIMITS);
    read.map(|node| Node::from(&node)).map_err(|found| why(found, text))
}

fn yaml(text: &str) -> Result<Node, String> {
    let read = document::yaml(text, FileId::ONLY, &LIMITS);
    read.map(|node| node.as_ref().map_or(Node::Null, Node::from)).map_err(|found| why(found, text))
}

/// The first finding in one line.
fn why(found: Diagnostics, text: &str) -> String {
    let first = document::by_line(found, text, "").into_iter().next();
    first.map_or_else(String::new, |first| match first.line() {
        Some(line) => format!("{} at line {line}", first.title),
        None => first.title,
    })
}
