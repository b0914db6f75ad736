//! What a document says, without its places: equal where the same values stand under the same keys.

use std::collections::BTreeMap;
use std::fmt;

use super::tree::{Meaning, Node, NodeKind};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; `1.0` is `1`.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Content>),
    /// Keys with values.
    Map(BTreeMap<String, Content>),
}

impl Content {
    /// What it is, in a word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
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
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    /// The value of a key; none where it is no map or has no such key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// Text, number or boolean as text; none for everything else.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// A number in one spelling; one that a double cannot hold keeps its own, so that no digit of it is lost.
    pub(crate) fn of_number(text: &str) -> Self {
        if let Ok(whole) = text.parse::<i64>() {
            return Self::Number(whole.to_string());
        }
        let whole = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && !whole => Self::Number(value.to_string()),
            _ => Self::Number(text.to_owned()),
        }
    }
}

impl From<&Node> for Content {
    fn from(node: &Node) -> Self {
        match &node.kind {
            NodeKind::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => Self::Null,
                Meaning::Bool(value) => Self::Bool(value),
                Meaning::Number(text) => Self::of_number(text),
                Meaning::NotFinite(_) => Self::Text(scalar.text.clone()),
                Meaning::Text(text) => Self::Text(text.to_owned()),
            },
            NodeKind::Sequence(items) => Self::List(items.iter().map(Self::from).collect()),
            NodeKind::Mapping(pairs) => Self::Map(
                pairs.iter().map(|(key, value)| (key.key().to_owned(), Self::from(value))).collect(),
            ),
        }
    }
}

impl From<&serde_json::Value> for Content {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(value) => Self::of_number(&value.to_string()),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(map) => {
                Self::Map(map.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

/// A value the way JSON writes it, on one line.
impl fmt::Display for Content {
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
