//! A small document (a header line, a metrics file) as a tree whose nodes know their line.
//!
//! Numbers keep the text they were written as. Deliberately absent: streaming (samples never come through
//! here) and any meaning of a key.

mod json;
mod yaml;

pub(super) use json::parse as parse_json;
pub(super) use yaml::parse as parse_yaml;

use std::collections::HashSet;

use super::row::quoted;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// Its line, from 1.
    pub(super) line: u64,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// Text.
    Text(String),
    /// A bare word that is none of the above (`NaN`, `None`); only from JSON, and `.nan` from YAML.
    Word(String),
    /// A list; what is in it is not kept.
    List,
    /// An object, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    /// As meant.
    pub(super) name: String,
    /// Its line, from 1.
    pub(super) line: u64,
    /// Whether the object had this key before.
    pub(super) repeated: bool,
}

/// A document that could not be read, with its line.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) line: u64,
    pub(super) what: String,
}

/// Deeper documents are refused; ours have four levels.
const DEEPEST: usize = 32;

impl Node {
    /// The kind of value, and the value where it is short; for messages.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "null".to_owned(),
            Kind::Bool(value) => value.to_string(),
            Kind::Number(text) | Kind::Word(text) => text.chars().take(40).collect(),
            Kind::Text(text) if text.is_empty() => "empty text".to_owned(),
            Kind::Text(text) => format!("text ({})", quoted(text)),
            Kind::List => "a list".to_owned(),
            Kind::Map(_) => "an object".to_owned(),
        }
    }
}

/// Marks the keys that an object had before.
fn mark_repeated(entries: &mut [(Key, Node)]) {
    let mut seen = HashSet::new();
    for (key, _) in entries {
        key.repeated = !seen.insert(key.name.clone());
    }
}
