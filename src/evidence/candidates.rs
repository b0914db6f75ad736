//! Which fields of a file could be the id of its samples: the line to paste, for messages. None is ever taken for the id
//! that nobody named.

use std::borrow::Cow;
use std::collections::HashSet;

use super::blocks::Gather;
use super::formats::{Layout, header};
use super::paths::{Paths, leaves};
use super::row::Rows;
use super::runs::{self, Depth, Run};
use super::source::{Compression, Source};
use crate::diagnostic::{Diagnostic, Diagnostics, list, printable};
use crate::document::{Fault, Fields, Token};

/// Rows whose values are compared.
const ROWS: u64 = 1_000;
/// Fields that are looked at; more are no samples.
const FIELDS: usize = 200;
/// The longest value of an id, in bytes; longer ones are texts.
const LONGEST: usize = 200;
/// Candidates that are named.
const NAMED: usize = 3;

/// One finding in the place of `findings`, of rows without an id, where no row has one: with the line that names the field,
/// as far as the first rows show it.
pub(super) fn hint(
    findings: Diagnostics,
    source: &dyn Source,
    compression: Compression,
    layout: Layout,
    paths: &Paths,
) -> Diagnostics {
    let mut seen = Seen::default();
    let run = Run { layout, depth: Depth::Head, header: &header };
    let read = runs::of_source(
        source,
        compression,
        run,
        None,
        &|block, reading, part: &mut Seen| reading.read(block, part),
        &mut seen,
    );
    // What else is wrong with the file is told by whoever reads it for its samples.
    let missed = paths.of("id").into_iter().find(|part| !seen.has(part)).filter(|_| read.is_ok());
    match missed.zip(findings.iter().next()) {
        Some((missed, first)) => seen.explain(first.clone(), missed).into(),
        None => findings,
    }
}

/// The fields of the first rows.
#[derive(Default)]
struct Seen {
    rows: u64,
    fields: Vec<Field>,
}

/// One field, by the keys that lead to it.
struct Field {
    path: String,
    /// The rows that have it, up to [`ROWS`].
    rows: u64,
    /// Its values while they are all distinct.
    distinct: Option<HashSet<String>>,
    /// Whether every value is text or an integer.
    fits: bool,
    /// Whether every value is an integer.
    whole: bool,
}

impl Seen {
    fn has(&self, path: &str) -> bool {
        self.fields.iter().any(|field| field.path == path)
    }

    /// The place of a field; none where there are more than anybody means.
    fn place(&mut self, path: &str) -> Option<usize> {
        let known = self.fields.iter().position(|field| field.path == path);
        known.or_else(|| {
            (self.fields.len() < FIELDS).then(|| {
                self.fields.push(Field {
                    path: path.to_owned(),
                    rows: 0,
                    distinct: Some(HashSet::new()),
                    fits: true,
                    whole: true,
                });
                self.fields.len() - 1
            })
        })
    }

    fn note(&mut self, place: usize, token: Token<'_>) {
        let value = match token {
            Token::Text(text) => text.decode().ok().map(|text| (text, false)),
            Token::Number(number) if number.whole => Some((Cow::Borrowed(number.text), true)),
            _ => None,
        };
        self.note_value(place, value);
    }

    fn note_value(&mut self, place: usize, value: Option<(Cow<'_, str>, bool)>) {
        let rows = self.rows;
        let Some(field) = self.fields.get_mut(place).filter(|_| rows <= ROWS) else { return };
        field.rows += 1;
        let Some((value, whole)) = value.filter(|(value, _)| !value.is_empty() && value.len() <= LONGEST)
        else {
            field.fits = false;
            return;
        };
        field.whole &= whole;
        let is_new = field.distinct.as_mut().is_some_and(|values| values.insert(value.into_owned()));
        if !is_new {
            field.distinct = None;
        }
    }

    /// The fields that every row has, and that could be an id by their type.
    fn usable(&self) -> impl Iterator<Item = &Field> {
        let rows = self.rows.min(ROWS);
        self.fields
            .iter()
            .filter(move |field| field.fits && field.rows == rows && rows > 0 && field.path.len() <= LONGEST)
    }

    fn explain(&self, finding: Diagnostic, missed: &str) -> Diagnostic {
        let mut finding = finding;
        finding.title = if missed == "id" {
            "no row has an `id`".to_owned()
        } else {
            format!("no row has `{}`, which `fields:` names as the id", printable(missed))
        };
        let spaced = self.fields.iter().find(|field| field.path != missed && field.path.trim() == missed);
        if let Some(spaced) = spaced {
            let name = printable(&spaced.path);
            finding.help = vec![format!(
                "the name of the field is \"{name}\", and the space belongs to it: write the header row without spaces beside the separators"
            )];
            return finding;
        }
        let rows = self.rows.min(ROWS);
        let mut named: Vec<&Field> = self.usable().filter(|field| field.is_named_like_an_id()).collect();
        // The likest name first: `ID` before `user_id`.
        named.sort_by_key(|field| !field.path.eq_ignore_ascii_case("id"));
        let distinct = |field: &&&Field| field.distinct.is_some() && rows > 1;
        let mut best: Vec<&str> =
            named.iter().filter(distinct).map(|field| field.path.as_str()).take(NAMED).collect();
        if best.is_empty() {
            let others = self.usable().filter(|field| !field.whole && field.distinct.is_some() && rows > 1);
            best = others.map(|field| field.path.as_str()).take(NAMED).collect();
        }
        if let [only] = named.as_slice()
            && rows == 1
        {
            best = vec![&only.path];
        }
        if !best.is_empty() {
            let lines: Vec<String> =
                best.iter().map(|path| format!("`fields: {{ id: {} }}`", scalar(path))).collect();
            let each = if best.len() == 1 { "" } else { "each of " };
            finding.help =
                vec![format!("say in the evidence entry which field is the id: {}", lines.join(" or "))];
            return finding.note(format!(
                "{each}{} has another value in every one of the first {rows} rows; whether it names the case, only you know",
                list(best.iter().copied(), NAMED)
            ));
        }
        let repeated: Vec<&str> = named.iter().map(|field| field.path.as_str()).take(NAMED).collect();
        if let [first, ..] = repeated.as_slice() {
            finding.help = vec![format!(
                "say in the evidence entry what makes an id: join fields, as in `fields: {{ id: [{}, OTHER] }}`; or name the field that counts the runs of one case: `fields: {{ id: {0}, epoch: FIELD }}`",
                scalar(first)
            )];
            return finding.note(format!("values of {} repeat", list(repeated.iter().copied(), NAMED)));
        }
        if self.rows == 1 && !self.fields.iter().any(|field| field.fits && !field.whole) {
            return finding.help("one object of numbers is a metrics file: let its name end with `.json`");
        }
        finding
    }
}

impl Field {
    /// Whether people give such names to ids.
    fn is_named_like_an_id(&self) -> bool {
        let last = self.path.rsplit('.').next().unwrap_or_default();
        let lower = last.to_lowercase();
        matches!(lower.as_str(), "id" | "key" | "uid" | "uuid" | "guid")
            || ["_id", "-id", " id", "Id", "ID", "_key", "_uuid"].iter().any(|end| last.ends_with(end))
    }
}

/// A name as YAML writes it.
fn scalar(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
        && !matches!(
            name.to_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain { name.to_owned() } else { format!("'{}'", printable(name).replace('\'', "''")) }
}

impl Gather<Seen> for Seen {
    fn fork(&self) -> Seen {
        Seen::default()
    }

    /// Only the head is looked at, which is one block.
    fn absorb(&mut self, state: Seen, _: u64) -> Result<(), Diagnostic> {
        *self = state;
        Ok(())
    }
}

impl<'a> Fields<'a> for Seen {
    fn slot(&mut self, name: &str) -> Option<u32> {
        self.place(name).and_then(|place| u32::try_from(place).ok())
    }

    fn take(&mut self, slot: u32, token: Token<'a>) -> Result<(), Fault> {
        if let Token::Map { text, .. } = token {
            let outer = self.fields.get(slot as usize).map(|field| field.path.clone()).unwrap_or_default();
            leaves(&outer, text, |path, token| {
                if let Some(place) = self.place(path) {
                    self.note(place, token);
                }
            })?;
        }
        self.note(slot as usize, token);
        Ok(())
    }
}

impl<'a> Rows<'a> for Seen {
    fn begin(&mut self) {
        self.rows += 1;
    }

    fn cell(&mut self, slot: u32, cell: Cow<'a, str>) -> Result<(), Fault> {
        // Numbers with a point are measured, and no names.
        let whole = cell.bytes().all(|byte| byte.is_ascii_digit());
        let measured = !whole && cell.parse::<f64>().is_ok();
        self.note_value(slot as usize, Some((cell, whole)).filter(|_| !measured));
        Ok(())
    }

    fn end(&mut self, _: u64) -> Result<(), Fault> {
        Ok(())
    }
}
