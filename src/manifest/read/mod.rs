//! Walks the node tree by the field table, collects every finding, and goes on.

pub(super) mod agree;
mod artifacts;
mod evidence;
mod gates;
mod json;
mod policy;
mod policy_file;
mod release;
mod scalar;

pub use policy_file::parse_policy;

use super::fields::{Field, Shape};
use super::release::Manifest;
use super::tree::{self, Node, NodeKind, Scalar};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources, Span, list};

/// Reads a manifest.
///
/// # Errors
/// Every finding of the file, in the order of its lines; only YAML syntax errors stop at the first.
pub fn parse(sources: &Sources, file: FileId) -> Result<Manifest, Diagnostics> {
    let Some(root) = tree::parse(sources, file)? else {
        return Err(Diagnostic::error(Code::ManifestEmpty, "this file holds no manifest")
            .in_file(sources.name(file))
            .help("a manifest begins with `relgate: 1`, `name:` and `version:`")
            .into());
    };
    let mut reader = Reader { text: sources.text(file), findings: Diagnostics::new() };
    let manifest = release::read(&mut reader, file, &root);
    match manifest {
        Some(manifest) if reader.findings.is_empty() => Ok(manifest),
        _ => Err(reader.findings),
    }
}

/// What every reading function shares: the text and the findings so far.
pub(super) struct Reader<'a> {
    text: &'a str,
    findings: Diagnostics,
}

/// A mapping whose keys are known to be those of its shape.
pub(super) struct Map<'a> {
    span: Span,
    pairs: Vec<(&'a Node, &'a Node)>,
}

impl<'a> Map<'a> {
    /// The value of a key, if it is there.
    fn get(&self, name: &str) -> Option<&'a Node> {
        self.pairs.iter().find(|(key, _)| key_text(key) == name).map(|(_, value)| *value)
    }
}

/// The text of a key; keys are scalars by the tree's construction.
fn key_text(key: &Node) -> &str {
    key.scalar().map_or("", |scalar| &scalar.text)
}

impl Reader<'_> {
    fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Opens a mapping with known keys; unknown and missing ones are findings, the known ones are kept.
    fn open<'n>(&mut self, node: &'n Node, shape: &'static Shape) -> Option<Map<'n>> {
        let pairs = self.mapping(node, shape.name)?;
        let mut known = Vec::new();
        for (key, value) in pairs {
            if shape.fields.iter().any(|field| field.name == key_text(key)) {
                known.push((key, value));
            } else {
                self.unknown_key(key, value, shape);
            }
        }
        for field in shape.fields.iter().filter(|field| field.required) {
            if !known.iter().any(|(key, _)| key_text(key) == field.name) {
                self.missing_key(node.span, shape, field);
            }
        }
        Some(Map { span: node.span, pairs: known })
    }

    /// A mapping with any keys.
    fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<Vec<(&'n Node, &'n Node)>> {
        if let NodeKind::Mapping(pairs) = &node.kind {
            return Some(pairs.iter().map(|(key, value)| (key, value)).collect());
        }
        self.expected(node, &format!("{what} is a mapping"), "write `key: value` lines below it");
        None
    }

    /// A list; a single value is a finding.
    fn items<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        if let NodeKind::Sequence(items) = &node.kind {
            return Some(items);
        }
        self.expected(node, &format!("{what} is a list"), "write `[a, b]`, or one `- item` a line");
        None
    }

    /// The finding for a value of another type than the one expected.
    fn expected(&mut self, node: &Node, what: &str, help: &str) {
        self.report(
            Diagnostic::error(Code::WrongType, what.to_owned())
                .at(node.span, format!("this is {}", node.describe()))
                .help(help),
        );
    }

    fn unknown_key(&mut self, key: &Node, value: &Node, shape: &Shape) {
        let name = key_text(key);
        let empty = value.scalar().is_some_and(Scalar::is_null);
        if empty && name.starts_with(|c: char| c.is_ascii_digit()) {
            self.report(
                Diagnostic::error(Code::CommaInFlow, "in `{ ... }` a comma ends the value")
                    .at(key.span, "YAML reads this as a key of its own")
                    .help("write `$1000`, or put the whole text in single quotes"),
            );
            return;
        }
        let known = shape.fields.iter().map(|field| field.name);
        self.report(
            Diagnostic::error(Code::UnknownKey, format!("{} has no key `{name}`", shape.name))
                .at(key.span, "unknown")
                .suggest(name, known.clone())
                .note(format!("its keys are {}", list(known, 24))),
        );
    }

    fn missing_key(&mut self, span: Span, shape: &Shape, field: &Field) {
        self.report(
            Diagnostic::error(Code::MissingKey, format!("{} has no `{}`", shape.name, field.name))
                .at(self.first_line(span), format!("`{}` is missing here", field.name))
                .note(field.doc.to_owned()),
        );
    }

    /// The first line of a span: underlining a whole mapping would hide the point.
    fn first_line(&self, span: Span) -> Span {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let length = text.find('\n').unwrap_or(text.len());
        let length = text.get(..length).unwrap_or("").trim_end().len();
        Span { end: span.start + u32::try_from(length).unwrap_or(0), ..span }
    }

    /// A scalar that says something; lists, mappings and nothing are findings.
    fn scalar<'n>(&mut self, node: &'n Node, what: &str, example: &str) -> Option<&'n Scalar> {
        match node.scalar() {
            Some(scalar) if !scalar.is_null() => Some(scalar),
            _ => {
                self.expected(
                    node,
                    &format!("{what} is missing its value"),
                    &format!("for example `{example}`"),
                );
                None
            }
        }
    }
}
