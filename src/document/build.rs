//! Puts the parts of a document together to a tree, for both readers, within the limits.

use std::collections::HashMap;

use super::tree::{Limits, Node, NodeKind, Scalar, shorten};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Span};

/// A collection that is still open.
struct Open {
    start: Span,
    items: Vec<Node>,
    mapping: bool,
}

/// The tree so far.
pub(super) struct Builder<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) limits: &'a Limits,
    pub(super) findings: Diagnostics,
    pub(super) root: Option<Node>,
    stack: Vec<Open>,
    nodes: usize,
}

impl<'a> Builder<'a> {
    /// Nothing yet.
    pub(super) fn new(file: FileId, text: &'a str, limits: &'a Limits) -> Self {
        Self { file, text, limits, findings: Diagnostics::new(), root: None, stack: Vec::new(), nodes: 0 }
    }

    /// The tree, or what is wrong with it; no tree where the document is empty.
    pub(super) fn finish(self) -> Result<Option<Node>, Diagnostics> {
        if self.findings.has_errors() { Err(self.findings) } else { Ok(self.root) }
    }

    /// How many collections are open.
    pub(super) fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Takes a scalar; `inner` is where its text starts if it stands in the file as it is meant. `false` when the
    /// document holds too much.
    pub(super) fn scalar(&mut self, text: String, plain: bool, inner: usize, span: Span) -> bool {
        let verbatim = self.text.get(inner..).is_some_and(|rest| rest.starts_with(&text)).then_some(inner);
        let verbatim = verbatim.and_then(|inner| u32::try_from(inner).ok());
        self.add(Node { span, kind: NodeKind::Scalar(Scalar { text, plain, verbatim }) })
    }

    /// Takes a scalar without quotes.
    pub(super) fn plain(&mut self, text: &str, span: Span) -> bool {
        self.scalar(text.to_owned(), true, span.start as usize, span)
    }

    /// Opens a list or a mapping.
    pub(super) fn open(&mut self, mapping: bool, start: Span) {
        self.stack.push(Open { start, items: Vec::new(), mapping });
    }

    /// Closes the innermost collection; `false` when the document holds too much.
    pub(super) fn close(&mut self, end: Span) -> bool {
        let Some(open) = self.stack.pop() else { return true };
        // A block collection ends where the next token starts; its last item's end reads better.
        let last = open.items.last().map_or(end.end, |item| item.span.end);
        let bracket = self.text.get(end.start as usize..end.end as usize);
        let stop = if bracket.is_some_and(|text| text == "]" || text == "}") { end.end } else { last };
        let span = Span::new(self.file, open.start.start as usize, stop as usize);
        let kind = if open.mapping {
            NodeKind::Mapping(self.pairs(open.items))
        } else {
            NodeKind::Sequence(open.items)
        };
        self.add(Node { span, kind })
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node) -> bool {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let Limits { called, nodes, too_large, .. } = *self.limits;
            let title = format!("{called} of more than {} thousand values", nodes / 1000);
            self.findings.push(Diagnostic::error(too_large, title).at(node.span, "the reading stopped here"));
            return false;
        }
        match self.stack.last_mut() {
            Some(open) => open.items.push(node),
            None => self.root = Some(node),
        }
        true
    }

    /// Keys and values in turn to pairs; keys must be scalars and must not repeat.
    fn pairs(&mut self, items: Vec<Node>) -> Vec<(Node, Node)> {
        let mut pairs: Vec<(Node, Node)> = Vec::with_capacity(items.len() / 2);
        let mut seen = HashMap::with_capacity(items.len() / 2);
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let Some(scalar) = key.scalar() else {
                let finding = Diagnostic::error(Code::YamlKey, "a key must be a single word or text")
                    .at(key.span, format!("this key is {}", key.describe()));
                self.findings.push(finding);
                continue;
            };
            if scalar.text == "<<" && scalar.plain {
                let title = format!("merge keys are not read in {}", self.limits.called);
                let finding = Diagnostic::error(Code::YamlMerge, title)
                    .at(key.span, "a merge key")
                    .help("write the keys out; shared policy goes into a file named by `policy: extends:`");
                self.findings.push(finding);
                continue;
            }
            if let Some(first) = seen.insert(scalar.text.clone(), key.span) {
                let title = format!("`{}` stands here twice", shorten(&scalar.text));
                let finding = Diagnostic::error(Code::DuplicateKey, title)
                    .at(key.span, "the second one")
                    .also(first, "the first one")
                    .help("keep one of them; readers that accept both keep the last in silence");
                self.findings.push(finding);
                continue;
            }
            pairs.push((key, value));
        }
        pairs
    }
}
