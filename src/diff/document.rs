//! Configurations, policies and cases as documents, by the form that their name or first character shows.

pub(super) use crate::document::Content as Node;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::settings::{ini, toml};
use crate::diagnostic::{Code, Diagnostics, FileId};
use crate::document::{self, Limits};
use crate::evidence::table::{self, ReadBlock, RowValue, Shape, Taker};

/// What such a file may hold.
const LIMITS: Limits = Limits {
    called: "a file that is compared",
    nodes: 1_000_000,
    depth: 100,
    too_large: Code::TooLarge,
    bare_words: false,
};

/// How the values of a file stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Yaml,
    Toml,
    /// Keys and values a line, in sections where there are any: INI, `.env`.
    Ini,
    /// A header row, then rows.
    Table,
    /// None of these.
    Other,
}

impl Form {
    /// By the name of the file, else by its first character.
    pub(super) fn of(path: &str, text: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending {
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "toml" => Self::Toml,
            "ini" | "cfg" | "conf" | "env" | "properties" => Self::Ini,
            "csv" | "tsv" => Self::Table,
            _ if name.starts_with(".env.") => Self::Ini,
            _ if text.trim_start().starts_with('{') && json(text).is_ok() => Self::Json,
            _ => Self::Other,
        }
    }
}

/// A document of a form; an empty text says nothing. None where the form has no keys.
pub(super) fn parse(form: Form, path: &str, text: &str) -> Option<Result<Node, String>> {
    if text.trim().is_empty() && form != Form::Other {
        return Some(Ok(Node::Null));
    }
    match form {
        Form::Json => Some(json(text)),
        Form::Yaml => Some(yaml(text)),
        Form::Toml => Some(toml(text)),
        Form::Ini => Some(ini(text)),
        Form::Table => Some(rows(path, text)),
        Form::Other => None,
    }
}

/// A JSON document.
///
/// # Errors
/// Why it is none, in one line.
pub(super) fn json(text: &str) -> Result<Node, String> {
    let read = document::json(text, FileId::ONLY, &LIMITS);
    read.map(|node| Node::from(&node)).map_err(|found| why(found, text))
}

fn yaml(text: &str) -> Result<Node, String> {
    let read = document::yaml(text, FileId::ONLY, &LIMITS);
    read.map(|node| node.as_ref().map_or(Node::Null, Node::from)).map_err(|found| why(found, text))
}

/// The rows of a table as a list.
fn rows(path: &str, text: &str) -> Result<Node, String> {
    let mut list = Vec::new();
    let stream = || Cursor::new(text.as_bytes());
    let shape = table::recognise(path, stream()).map_err(|found| why(found.into(), text))??;
    each_row(stream(), path, shape, &mut |row| list.push(row)).map_err(|found| why(found, text))?;
    Ok(Node::List(list))
}

/// Hands over every row of a file, in order, as a map.
///
/// # Errors
/// A row that cannot be read, by its line, and a file that is damaged.
pub(super) fn each_row(
    stream: impl Read,
    path: &str,
    shape: Shape,
    take: &mut dyn FnMut(Node),
) -> Result<(), Diagnostics> {
    table::read(
        stream,
        path,
        shape,
        |_| Some(Maps::default()),
        |part: ReadBlock<Maps>| {
            part.taker.into_iter().flat_map(|maps| maps.0).for_each(&mut *take);
        },
    )
}

/// The rows of a block.
#[derive(Default)]
struct Maps(Vec<Node>);

impl Taker for Maps {
    fn row(&mut self, names: &[String], fields: &[(u32, RowValue<'_>)], _: u64) {
        let field =
            |(slot, value): &(u32, RowValue<'_>)| Some((names.get(*slot as usize)?.clone(), node(value)));
        self.0.push(Node::Map(fields.iter().filter_map(field).collect::<BTreeMap<_, _>>()));
    }
}

fn node(value: &RowValue<'_>) -> Node {
    match value {
        RowValue::Null => Node::Null,
        RowValue::Bool(value) => Node::Bool(*value),
        RowValue::Integer(text) | RowValue::Decimal(text) => Node::of_number(text),
        RowValue::Text(text) => Node::Text(text.clone().into_owned()),
        // The row was checked when it was read; what is too deep to be a document is kept as it is written.
        RowValue::List(text) | RowValue::Object(text) => {
            json(text).unwrap_or_else(|_| Node::Text((*text).to_owned()))
        }
    }
}

/// The first finding in one line.
fn why(found: Diagnostics, text: &str) -> String {
    let first = document::by_line(found, text, "").into_iter().next();
    first.map_or_else(String::new, |first| match first.line() {
        Some(line) => format!("{} at line {line}", first.title),
        None => first.title,
    })
}
