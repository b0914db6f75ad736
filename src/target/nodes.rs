//! YAML and JSON files as trees whose values know their bytes.

use std::ops::Range;

use super::refusal::Refusal;
use crate::diagnostic::{Code, Diagnostics, FileId, Place};
use crate::document::{Limits, Node, NodeKind, json, yaml};

/// The largest file of an engine that is edited.
const MOST: usize = 4 << 20;
const LIMITS: Limits = Limits {
    called: "an engine's file",
    nodes: 200_000,
    depth: 100,
    too_large: Code::TooLarge,
    bare_words: false,
};

/// One document of a file, and where it begins.
pub(super) struct Document<'a> {
    pub(super) root: Node,
    /// All of the file.
    text: &'a str,
    offset: usize,
}

impl Document<'_> {
    /// The bytes of a value in the file, quotes included.
    pub(super) fn place(&self, node: &Node) -> Range<usize> {
        self.offset + node.span.start as usize..self.offset + node.span.end as usize
    }

    /// Refuses because of a value.
    pub(super) fn refuse(&self, node: &Node, text: impl Into<String>, help: impl Into<String>) -> Refusal {
        Refusal::at(self.text, self.place(node).start, text, help)
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, node: &Node, what: &str) -> Result<u64, Refusal> {
        let found = node.scalar().filter(|scalar| scalar.plain).and_then(|scalar| scalar.text.parse().ok());
        found.ok_or_else(|| {
            self.refuse(
                node,
                format!("{what} is {}, not a whole number", node.describe()),
                "write a whole number from 0 on",
            )
        })
    }
}

/// The one JSON document of a file.
pub(super) fn json_document(text: &str) -> Result<Document<'_>, Refusal> {
    fits(text)?;
    let root = json(text, FileId::ONLY, &LIMITS).map_err(|wrong| refused(text, 0, &wrong))?;
    Ok(Document { root, text, offset: 0 })
}

/// The YAML documents of a file, which lines of `---` part.
pub(super) fn yaml_documents(text: &str) -> Result<Vec<Document<'_>>, Refusal> {
    fits(text)?;
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == "---" {
            starts.push(at);
        }
    }
    let mut documents = Vec::new();
    for (i, offset) in starts.iter().enumerate() {
        let next = starts.get(i + 1).copied().unwrap_or(text.len());
        let own = text.get(*offset..next).unwrap_or_default();
        // The line that parts them belongs to the next one.
        let own = if next < text.len() || own.trim_end().ends_with("---") {
            own.trim_end()
                .strip_suffix("---")
                .filter(|own| own.is_empty() || own.ends_with('\n'))
                .unwrap_or(own)
        } else {
            own
        };
        let root = yaml(own, FileId::ONLY, &LIMITS).map_err(|wrong| refused(text, *offset, &wrong))?;
        documents.extend(root.map(|root| Document { root, text, offset: *offset }));
    }
    Ok(documents)
}

fn fits(text: &str) -> Result<(), Refusal> {
    if text.len() <= MOST {
        return Ok(());
    }
    Err(Refusal::new(
        format!("it is larger than {} MiB", MOST >> 20),
        "name a file that holds the split alone",
    ))
}

fn refused(text: &str, offset: usize, wrong: &Diagnostics) -> Refusal {
    const HELP: &str = "correct it; relgate changes a file only where it understands all of it";
    let Some(first) = wrong.iter().next() else { return Refusal::new("it cannot be read", HELP) };
    match first.place {
        Place::Span(span) => Refusal::at(text, offset + span.start as usize, first.title.clone(), HELP),
        _ => Refusal::new(first.title.clone(), HELP),
    }
}

/// The value of a key; none where it is no mapping or has no such key.
pub(super) fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    node.mapping()?.iter().find(|(own, _)| own.key() == key).map(|(_, value)| value)
}

/// The text of a scalar under a key.
pub(super) fn text_of<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    get(node, key)?.scalar().map(|scalar| scalar.text.as_str())
}

/// The items of a list; none of everything else.
pub(super) fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.kind) {
        Some(NodeKind::Sequence(items)) => items,
        _ => &[],
    }
}
