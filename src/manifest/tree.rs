//! YAML text to a tree of nodes that know their place.
//!
//! Built from parser events, so that every later finding can underline what its author wrote and strings
//! keep their source text (`1.10` stays `1.10`). Anchors, aliases, merge keys, tags, tabs, several documents
//! and duplicate keys are refused, and size and nesting are bounded before anything is kept. Deliberately
//! absent: what a key means.

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources, Span};

/// The largest manifest, in bytes.
pub const MAX_BYTES: usize = 1_000_000;
/// The most nodes (scalars, lists and mappings) of a manifest.
pub const MAX_NODES: usize = 100_000;
/// The deepest nesting of a manifest.
pub const MAX_DEPTH: usize = 64;

/// One YAML node.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands; a quoted scalar's span includes the quotes.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// A scalar.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file; keys are unique.
    Mapping(Vec<(Node, Node)>),
}

/// A scalar's text and how it was quoted.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    /// The text after YAML's unescaping; numbers keep their spelling.
    pub text: String,
    /// Whether it stands without quotes, so that `true`, `null` and numbers are meant.
    pub plain: bool,
    /// Where the text's own bytes start, when they stand in the file exactly as in `text`
    /// (no escapes, no folding): byte `i` of `text` is byte `verbatim + i` of the file.
    pub verbatim: Option<u32>,
}

impl Node {
    /// What the node is, in the words of messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.kind {
            NodeKind::Scalar(scalar) if scalar.is_null() => "nothing".to_owned(),
            NodeKind::Scalar(scalar) if scalar.text.contains('\n') => {
                format!("a text of {} lines", scalar.text.lines().count())
            }
            NodeKind::Scalar(scalar) => format!("`{}`", shorten(&scalar.text)),
            NodeKind::Sequence(_) => "a list".to_owned(),
            NodeKind::Mapping(_) => "a mapping".to_owned(),
        }
    }

    /// The scalar, if it is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }
}

impl Scalar {
    /// Whether it is YAML's null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

/// At most 60 characters of a text, for messages.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Reads one YAML document.
///
/// # Errors
/// The first syntax error in YAML's own terms, or every refused construct that was met.
pub fn parse(sources: &Sources, file: FileId) -> Result<Node, Diagnostics> {
    let text = sources.text(file);
    if text.len() > MAX_BYTES {
        return Err(too_large(sources.name(file), text.len()).into());
    }
    let mut builder =
        Builder { file, text, stack: Vec::new(), root: None, nodes: 0, findings: Diagnostics::new() };
    let options = granit_parser::options! { flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                if !builder.take(event, span) {
                    break;
                }
            }
            Err(error) => {
                builder.findings.push(super::yaml_traps::explain(&error, text, file));
                break;
            }
        }
    }
    if builder.findings.has_errors() {
        return Err(builder.findings);
    }
    match builder.root {
        Some(root) if !root.scalar().is_some_and(Scalar::is_null) => Ok(root),
        _ => Err(Diagnostic::error(Code::ManifestEmpty, "this file holds no manifest")
            .in_file(sources.name(file))
            .help("a manifest begins with `relgate: 1`, `name:` and `version:`")
            .into()),
    }
}

/// The finding for a file over [`MAX_BYTES`]; also used before such a file is read at all.
#[must_use]
pub fn too_large(name: &str, bytes: usize) -> Diagnostic {
    Diagnostic::error(
        Code::ManifestTooLarge,
        format!(
            "a manifest of {} MB; at most {} MB is read",
            bytes.div_ceil(1_000_000),
            MAX_BYTES / 1_000_000
        ),
    )
    .in_file(name)
    .help("results belong into files named under `evidence:`, data and prompts under `artifacts:`")
}

/// A collection that is still open.
struct Open {
    start: Span,
    items: Vec<Node>,
    mapping: bool,
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    stack: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    findings: Diagnostics,
}

impl Builder<'_> {
    /// Takes one event in; `false` stops the reading.
    fn take(&mut self, event: Event<'_>, span: granit_parser::Span) -> bool {
        let range = span.byte_range().unwrap_or(0..0);
        let here = Span::new(self.file, range.start, range.end);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), here);
                let node = Node { span: here, kind: NodeKind::Scalar(self.scalar(&text, style, here)) };
                return self.add(node);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), here);
                self.stack.push(Open { start: here, items: Vec::new(), mapping: false });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_properties(anchor, tag.is_some(), here);
                self.stack.push(Open { start: here, items: Vec::new(), mapping: true });
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close(here),
            Event::Alias(_) => {
                self.findings.push(
                    Diagnostic::error(Code::YamlAlias, "anchors and aliases are not read in a manifest")
                        .at(here, "an alias")
                        .help("write the value out; if this is a rule or a text, put it in single quotes"),
                );
                return false;
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                self.findings.push(
                    Diagnostic::error(Code::YamlDocuments, "a manifest is one YAML document")
                        .at(here, "a second document starts here")
                        .help("put the second release into a file of its own"),
                );
                return false;
            }
            _ => {}
        }
        true
    }

    fn refuse_properties(&mut self, anchor: usize, tagged: bool, here: Span) {
        if anchor != 0 {
            self.findings.push(
                Diagnostic::error(Code::YamlAnchor, "anchors and aliases are not read in a manifest")
                    .at(here, "this value has an anchor")
                    .help("write the value out where it is needed"),
            );
        }
        if tagged {
            self.findings.push(
                Diagnostic::error(Code::YamlTag, "YAML tags are not read in a manifest")
                    .at(here, "this value has a tag")
                    .help("remove the `!...`; put a text that begins with `!` in single quotes"),
            );
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, here: Span) -> Scalar {
        let inner = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => here.start + 1,
            _ => here.start,
        };
        let verbatim =
            self.text.get(inner as usize..).is_some_and(|rest| rest.starts_with(text)).then_some(inner);
        Scalar { text: text.to_owned(), plain: style == ScalarStyle::Plain, verbatim }
    }

    /// Puts a finished node where it belongs; `false` when the manifest holds too much.
    fn add(&mut self, node: Node) -> bool {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.findings.push(
                Diagnostic::error(
                    Code::ManifestTooLarge,
                    format!("a manifest of more than {} thousand values", MAX_NODES / 1000),
                )
                .at(node.span, "the reading stopped here"),
            );
            return false;
        }
        match self.stack.last_mut() {
            Some(open) => open.items.push(node),
            None => self.root = Some(node),
        }
        true
    }

    fn close(&mut self, end: Span) -> bool {
        let Some(open) = self.stack.pop() else { return true };
        // A block collection ends where the next token starts; its last item's end reads better.
        let last = open.items.last().map_or(end.end, |item| item.span.end);
        let stop =
            if self.text.get(end.start as usize..end.end as usize).is_some_and(|t| t == "]" || t == "}") {
                end.end
            } else {
                last
            };
        let span = Span::new(self.file, open.start.start as usize, stop as usize);
        let kind = if open.mapping {
            NodeKind::Mapping(self.pairs(open.items))
        } else {
            NodeKind::Sequence(open.items)
        };
        self.add(Node { span, kind })
    }

    /// Keys and values in turn to pairs; keys must be scalars and must not repeat.
    fn pairs(&mut self, items: Vec<Node>) -> Vec<(Node, Node)> {
        let mut pairs: Vec<(Node, Node)> = Vec::with_capacity(items.len() / 2);
        let mut seen = std::collections::HashMap::new();
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let Some(name) = key.scalar().map(|scalar| scalar.text.clone()) else {
                self.findings.push(
                    Diagnostic::error(Code::YamlKey, "a key must be a single word or text")
                        .at(key.span, format!("this key is {}", key.describe())),
                );
                continue;
            };
            if name == "<<" {
                self.findings.push(
                    Diagnostic::error(Code::YamlMerge, "merge keys are not read in a manifest")
                        .at(key.span, "a merge key")
                        .help(
                            "write the keys out; shared policy goes into a file named by `policy: extends:`",
                        ),
                );
                continue;
            }
            if let Some(first) = seen.insert(name.clone(), key.span) {
                self.findings.push(
                    Diagnostic::error(Code::DuplicateKey, format!("`{}` stands here twice", shorten(&name)))
                        .at(key.span, "the second one")
                        .also(first, "the first one")
                        .help("keep one of them; YAML readers that accept both keep the last in silence"),
                );
                continue;
            }
            pairs.push((key, value));
        }
        pairs
    }
}
