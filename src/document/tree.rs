//! The tree: what a document says, where each value stands, and how it was written.

use crate::diagnostic::{Code, Diagnostics, Place, Span};

/// How much a document may hold, and what messages call it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What messages call the document, with its article: `a manifest`.
    pub called: &'static str,
    /// The most nodes (scalars, lists and mappings).
    pub nodes: usize,
    /// The deepest nesting of lists and mappings.
    pub depth: usize,
    /// The code of the finding that there are more nodes.
    pub too_large: Code,
    /// Whether words that JSON does not know (`NaN`, `None`) are kept as scalars, for whoever words them better.
    pub bare_words: bool,
}

/// One value and its place.
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
    /// A mapping, in the order of the file; keys are unique scalars.
    Mapping(Vec<(Node, Node)>),
}

/// A scalar's text and how it was quoted.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    /// The text after unescaping; numbers keep their spelling.
    pub text: String,
    /// Whether it stands without quotes, so that `true`, `null` and numbers are meant.
    pub plain: bool,
    /// Where the text's own bytes start, when they stand in the file exactly as in `text`
    /// (no escapes, no folding): byte `i` of `text` is byte `verbatim + i` of the file.
    pub verbatim: Option<u32>,
}

/// What a scalar means by the core schema of YAML, of which JSON's words are a part; numbers in base ten only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// `NaN`, `Infinity` or `-Infinity`, however it was spelled.
    NotFinite(&'static str),
    /// Text.
    Text(&'a str),
}

impl Node {
    /// What the node is, in the words of messages about what somebody wrote by hand.
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

    /// Keys and values, if it is a mapping.
    #[must_use]
    pub fn mapping(&self) -> Option<&[(Self, Self)]> {
        match &self.kind {
            NodeKind::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The text of a key; keys are scalars by the tree's construction.
    #[must_use]
    pub fn key(&self) -> &str {
        self.scalar().map_or("", |scalar| &scalar.text)
    }
}

impl Scalar {
    /// Whether it is YAML's null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.meaning() == Meaning::Null
    }

    /// What it means; in quotes always text.
    #[must_use]
    pub fn meaning(&self) -> Meaning<'_> {
        if !self.plain {
            return Meaning::Text(&self.text);
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
            "true" | "True" | "TRUE" => Meaning::Bool(true),
            "false" | "False" | "FALSE" => Meaning::Bool(false),
            ".nan" | ".NaN" | ".NAN" | "NaN" | "nan" => Meaning::NotFinite("NaN"),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "inf" | "Infinity" => Meaning::NotFinite("Infinity"),
            "-.inf" | "-.Inf" | "-.INF" | "-inf" | "-Infinity" => Meaning::NotFinite("-Infinity"),
            text if is_number(text) => Meaning::Number(text),
            text => Meaning::Text(text),
        }
    }
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, without leading zeros, which older
/// YAML reads as base eight.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    digits(whole)
        && digits(decimals)
        && !(whole.is_empty() && decimals.is_empty())
        && !(whole.len() > 1 && whole.starts_with('0'))
        && !power.is_empty()
        && digits(power)
}

/// At most 60 characters of a text, for messages.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Findings about `text` by file and line instead of by span, for files whose text is not kept.
#[must_use]
pub fn by_line(findings: Diagnostics, text: &str, file: &str) -> Diagnostics {
    let line = |span: Span| {
        let before = text.as_bytes().get(..span.start as usize).unwrap_or(text.as_bytes());
        memchr::memchr_iter(b'\n', before).count() as u64 + 1
    };
    let mut placed = Diagnostics::new();
    for mut finding in findings {
        if let Place::Span(span) = finding.place {
            finding = finding.at_line(file, line(span));
            finding.label.clear();
        }
        for (span, label) in std::mem::take(&mut finding.others) {
            finding = finding.note(format!("{label} stands on line {}", line(span)));
        }
        placed.push(finding);
    }
    placed
}
