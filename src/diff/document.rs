//! JSON and YAML documents as one tree of keys and values, for configurations and policies.
//!
//! A repeated key is refused: which of the two holds depends on the reader. Deliberately absent: what a key means.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::diagnostic::{Place, Sources};
use crate::manifest::tree;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; `1.0` is `1`.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys with values.
    Map(BTreeMap<String, Node>),
}

impl Node {
    /// What it is, in a word.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "keys",
        }
    }

    /// Whether it holds no other values.
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    /// The value of a key; none where it is no map or has no such key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// Text, number or boolean as text; none for everything else.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// The number, where it is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }
}

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
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn yaml(text: &str) -> Result<Node, String> {
    if text.trim().is_empty() {
        return Ok(Node::Null);
    }
    let mut sources = Sources::new();
    let file = sources.add("", text);
    match tree::parse(&sources, file) {
        Ok(node) => Ok(Node::from(&node)),
        Err(found) => Err(found.iter().next().map_or_else(String::new, |first| {
            let title = first.title.replace(" in a manifest", "");
            match first.place {
                Place::Span(span) => format!("{title} at line {}", sources.line_column(span).0),
                _ => title,
            }
        })),
    }
}

impl From<&tree::Node> for Node {
    fn from(node: &tree::Node) -> Self {
        match &node.kind {
            tree::NodeKind::Scalar(scalar) if scalar.is_null() => Self::Null,
            tree::NodeKind::Scalar(scalar) if scalar.plain => match scalar.text.as_str() {
                "true" | "True" | "TRUE" => Self::Bool(true),
                "false" | "False" | "FALSE" => Self::Bool(false),
                // `1.10` stays a version where it is no number that JSON could have.
                text => number(text).map_or_else(|| Self::Text(text.to_owned()), Self::Number),
            },
            tree::NodeKind::Scalar(scalar) => Self::Text(scalar.text.clone()),
            tree::NodeKind::Sequence(items) => Self::List(items.iter().map(Self::from).collect()),
            tree::NodeKind::Mapping(pairs) => {
                let key =
                    |key: &tree::Node| key.scalar().map(|scalar| scalar.text.clone()).unwrap_or_default();
                Self::Map(pairs.iter().map(|(name, value)| (key(name), Self::from(value))).collect())
            }
        }
    }
}

fn number(text: &str) -> Option<String> {
    let starts =
        text.trim_start_matches(['-', '+']).starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if !starts {
        return None;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.to_string());
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| value.to_string())
}

impl From<&serde_json::Value> for Node {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(value) => {
                let text = value.to_string();
                Self::Number(number(&text).unwrap_or(text))
            }
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(map) => {
                Self::Map(map.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

/// A value the way JSON writes it, on one line.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Map(map) => {
                f.write_str("{")?;
                for (at, (key, value)) in map.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Node::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut all = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value()?;
            match all.entry(key) {
                Entry::Vacant(place) => place.insert(value),
                Entry::Occupied(place) => {
                    return Err(A::Error::custom(format!("the key `{}` stands there twice", place.key())));
                }
            };
        }
        Ok(Node::Map(all))
    }
}
