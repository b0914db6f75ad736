//! A tree as YAML again: what it says, without its comments and layout.

use std::fmt::Write as _;

use super::scalar::quoted;
use super::tree::{Meaning, Node, NodeKind, Scalar};

/// A value on one line, as it may stand between brackets too.
#[must_use]
pub fn flow(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar(scalar) => word(scalar),
        NodeKind::Sequence(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        NodeKind::Mapping(pairs) if pairs.is_empty() => "{}".to_owned(),
        NodeKind::Mapping(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(key, value)| format!("{}: {}", flow(key), flow(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// A value over several lines, each after so many spaces and with a line feed at its end; what holds nothing but scalars is one line.
#[must_use]
pub fn block(node: &Node, indent: usize) -> String {
    let spaces = " ".repeat(indent);
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    match &node.kind {
        NodeKind::Mapping(pairs) if !pairs.is_empty() => {
            for (key, value) in pairs {
                let _ = if is_flat(value) {
                    writeln!(text, "{spaces}{}: {}", flow(key), flow(value))
                } else {
                    write!(text, "{spaces}{}:\n{}", flow(key), block(value, indent + 2))
                };
            }
        }
        NodeKind::Sequence(items) if !items.is_empty() => {
            for item in items {
                let _ = writeln!(text, "{spaces}- {}", flow(item));
            }
        }
        _ => text = format!("{spaces}{}\n", flow(node)),
    }
    text
}

/// Whether nothing in it holds other values.
fn is_flat(node: &Node) -> bool {
    let is_scalar = |node: &Node| node.scalar().is_some();
    match &node.kind {
        NodeKind::Scalar(_) => true,
        NodeKind::Sequence(items) => items.iter().all(is_scalar),
        NodeKind::Mapping(pairs) => pairs.iter().all(|(_, value)| is_scalar(value)),
    }
}

/// A scalar that reads back as the same: numbers keep their spelling, text that could be taken for something else is in quotes.
fn word(scalar: &Scalar) -> String {
    let text = scalar.text.as_str();
    match scalar.meaning() {
        Meaning::Null => "null".to_owned(),
        Meaning::Bool(_) | Meaning::Number(_) | Meaning::NotFinite(_) => text.to_owned(),
        Meaning::Text(text) if scalar.plain && stands_plain(text) => text.to_owned(),
        Meaning::Text(text) => quoted(text),
    }
}

/// Whether a text that stood without quotes may do so anywhere.
fn stands_plain(text: &str) -> bool {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+' | '%');
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && text.chars().all(safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Sources};
    use crate::document::{Content, Limits, yaml};

    const LIMITS: Limits = Limits {
        called: "a test",
        nodes: 1000,
        depth: 64,
        too_large: Code::ManifestTooLarge,
        bare_words: false,
    };

    fn tree(text: &str) -> Node {
        let mut sources = Sources::new();
        let file = sources.add("t", text.to_owned());
        yaml(text, file, &LIMITS).unwrap().unwrap()
    }

    #[test]
    fn what_is_written_reads_back_as_the_same() {
        for text in [
            "a: 1.10\nb: '1.10'\nc: ~\nd: 'null'\ne: true\nf: 'yes'\ng: 10%\nh: 0042\n",
            "a: [x, 'y: z', \"it's\", -1.5e-3, '']\nb: {}\nc: []\nd: { e: { f: [1, [2, { g: h }]] } }\n",
            "a: |\n  two\n  lines\nb: >-\n  folded\n  line # no comment\nc: 'a #b'\n'd: e': f\n",
            "rules:\n  - 'a < 1%'\n  - { rule: 'b >= 2', by: [lang] }\nuri: openai:gpt-4.3\nurl: s3://a/b?c={d}\n",
            "- a\n- b: c\n",
        ] {
            let node = tree(text);
            for written in [block(&node, 0), flow(&node)] {
                assert_eq!(Content::from(&tree(&written)), Content::from(&node), "{written}");
            }
        }
        assert_eq!(block(&tree("a: { b: 1.10, c: { d: [x] } }"), 0), "a:\n  b: 1.10\n  c:\n    d: [x]\n");
    }
}
