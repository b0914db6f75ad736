//! The steps from node to node: mappings with known keys, lists, scalars, and the findings about what is none of them.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, list};
use crate::manifest::fields::{Field, Mapping};
use crate::manifest::tree::{Node, NodeKind, Scalar};

/// What every reading function shares: the text and the findings so far.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) findings: Diagnostics,
}

/// A mapping whose keys are known to be those of its shape.
pub(super) struct Map<'a> {
    pub(super) span: Span,
    pub(super) pairs: Vec<(&'a Node, &'a Node)>,
}

impl<'a> Map<'a> {
    /// The value of a key, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node> {
        self.pairs.iter().find(|(key, _)| key_text(key) == name).map(|(_, value)| *value)
    }
}

/// The text of a key; keys are scalars by the tree's construction.
pub(super) fn key_text(key: &Node) -> &str {
    key.scalar().map_or("", |scalar| &scalar.text)
}

impl Reader<'_> {
    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Opens a mapping with known keys; unknown and missing ones are findings, the known ones are kept.
    pub(super) fn open<'n>(&mut self, node: &'n Node, shape: &'static Mapping) -> Option<Map<'n>> {
        self.open_asking(node, shape, |_| &[])
    }

    /// The same where what is there tells which other keys there have to be.
    pub(super) fn open_asking<'n>(
        &mut self,
        node: &'n Node,
        shape: &'static Mapping,
        also: impl Fn(&Map<'n>) -> &'static [&'static str],
    ) -> Option<Map<'n>> {
        let pairs = self.mapping(node, shape.name)?;
        let mut known = Vec::new();
        for (key, value) in pairs {
            if shape.fields.iter().any(|field| field.name == key_text(key)) {
                known.push((key, value));
            } else {
                self.unknown_key(key, value, shape);
            }
        }
        let map = Map { span: node.span, pairs: known };
        let also = also(&map);
        let missing: Vec<&Field> = shape
            .fields
            .iter()
            .filter(|field| (field.required || also.contains(&field.name)) && map.get(field.name).is_none())
            .collect();
        self.missing_keys(node.span, shape, &missing);
        Some(map)
    }

    /// A mapping with any keys.
    pub(super) fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<Vec<(&'n Node, &'n Node)>> {
        if let NodeKind::Mapping(pairs) = &node.kind {
            return Some(pairs.iter().map(|(key, value)| (key, value)).collect());
        }
        self.expected(node, &format!("{what} is a mapping"), "write `key: value` lines below it");
        None
    }

    /// A list; a single value is a finding.
    pub(super) fn items<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        if let NodeKind::Sequence(items) = &node.kind {
            return Some(items);
        }
        self.expected(node, &format!("{what} is a list"), "write `[a, b]`, or one `- item` a line");
        None
    }

    /// The finding for a value of another type than the one expected.
    pub(super) fn expected(&mut self, node: &Node, what: &str, help: &str) {
        self.report(
            Diagnostic::error(Code::WrongType, what.to_owned())
                .at(node.span, format!("this is {}", node.describe()))
                .help(help),
        );
    }

    pub(super) fn unknown_key(&mut self, key: &Node, value: &Node, shape: &Mapping) {
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

    /// One finding for all keys that one mapping lacks.
    pub(super) fn missing_keys(&mut self, span: Span, shape: &Mapping, fields: &[&Field]) {
        let here = self.first_line(span);
        let finding = match fields {
            [] => return,
            [field] => Diagnostic::error(Code::MissingKey, format!("{} has no `{}`", shape.name, field.name))
                .at(here, format!("`{}` is missing here", field.name))
                .note(field.doc.to_owned()),
            _ => {
                let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
                let names = names.join(", ");
                let finding = Diagnostic::error(Code::MissingKey, format!("{} has no {names}", shape.name))
                    .at(here, "they are missing here");
                fields
                    .iter()
                    .fold(finding, |finding, field| finding.note(format!("`{}`: {}", field.name, field.doc)))
            }
        };
        self.report(finding);
    }

    /// The first line of a span: underlining a whole mapping would hide the point.
    pub(super) fn first_line(&self, span: Span) -> Span {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let length = text.find('\n').unwrap_or(text.len());
        let length = text.get(..length).unwrap_or("").trim_end().len();
        Span { end: span.start + u32::try_from(length).unwrap_or(0), ..span }
    }

    /// A scalar that says something; lists, mappings and nothing are findings.
    pub(super) fn scalar<'n>(&mut self, node: &'n Node, what: &str, example: &str) -> Option<&'n Scalar> {
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
