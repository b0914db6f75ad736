//! What is in an evidence file: fields, aggregates, identity.
//!
//! Deliberately absent: values (only their kinds are kept) and what a field means for a gate.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::blocks::{self, Gather, Outcome};
use super::detect::{self, detect};
use super::feed::{Block, Feed, Rows as RowEnds};
use super::header::{self, Identity};
use super::metrics::{self, Aggregate};
use super::row::{Rows, check_special, check_special_cell, missing_id, special};
use super::source::{Compression, Format, Source};
use super::{csv, jsonl, unpack};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::{Fault, Fields, Token};

/// How much of a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The rows of the first MiB of text.
    Head,
    /// All of it.
    Whole,
}

/// What is in an evidence file.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    /// How it is written.
    pub format: Format,
    /// How it is packed.
    pub compression: Compression,
    /// Scores and labels by name; without `id`, `epoch` and `error`.
    pub fields: BTreeMap<String, FieldKind>,
    /// What a metrics file says.
    pub aggregates: BTreeMap<String, Aggregate>,
    /// When it was made, and with what.
    pub identity: Identity,
    /// Samples that were looked at.
    pub rows: u64,
    /// Whether those were all.
    pub whole: bool,
}

/// What the values of a field are, apart from null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldKind {
    /// Nothing but null.
    Null,
    /// `true` and `false`.
    Bool,
    /// Numbers.
    Number,
    /// Text.
    Text,
    /// Lists or objects, which are neither scores nor labels.
    Nested,
    /// Values of several kinds.
    Mixed,
}

impl FieldKind {
    /// The kind of values of this kind and of `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Null, kind) | (kind, Self::Null) => kind,
            (one, two) if one == two => one,
            _ => Self::Mixed,
        }
    }
}

/// More fields than this are a mistake (a map from ids written as rows), and would fill the memory.
const MOST_FIELDS: usize = 10_000;

/// Looks at `source`.
///
/// # Errors
/// What is wrong with the file, as far as it was looked at.
pub fn probe(source: &dyn Source, depth: Depth) -> Result<Catalog, Diagnostics> {
    let (format, compression) = detect(source)?;
    let mut catalog = Catalog {
        format,
        compression,
        fields: BTreeMap::new(),
        aggregates: BTreeMap::new(),
        identity: Identity::default(),
        rows: 0,
        whole: true,
    };
    match format {
        Format::Metrics => {
            let metrics = metrics::read(source, compression)?;
            (catalog.aggregates, catalog.identity) = (metrics.aggregates, metrics.identity);
        }
        Format::Jsonl => {
            catalog.identity = first_line(source, compression)?;
            let read = |block: &Block, table: &mut Table| jsonl::read(block, table);
            samples(source, depth, RowEnds::Lines, &read, &mut catalog)?;
        }
        Format::Csv => {
            let columns = csv::columns(source, compression)?;
            let read = |block: &Block, table: &mut Table| csv::read(block, &columns, table);
            samples(source, depth, RowEnds::Quoted, &read, &mut catalog)?;
        }
    }
    Ok(catalog)
}

/// What the header line says, where there is one; its findings come with the rows.
fn first_line(source: &dyn Source, compression: Compression) -> Result<Identity, Diagnostic> {
    let mut feed = Feed::new(unpack::open(source, compression), RowEnds::Lines);
    let mut block = Block::default();
    feed.next(&mut block).map_err(|error| blocks::unreadable(source.name(), &error))?;
    let line = block.rows().trim_ascii_start();
    let line = memchr::memchr(b'\n', line).and_then(|end| line.get(..end)).unwrap_or(line);
    let header = std::str::from_utf8(line).ok().and_then(header::recognise);
    Ok(header.map(|header| header.identity).unwrap_or_default())
}

/// Looks at the rows of a per-sample file.
fn samples(
    source: &dyn Source,
    depth: Depth,
    ends: RowEnds,
    read: &(impl Fn(&Block, &mut Table) -> Outcome + Sync),
    catalog: &mut Catalog,
) -> Result<(), Diagnostics> {
    let mut fields = Merged::default();
    let compression = catalog.compression;
    if depth == Depth::Head {
        let feed = Feed::new(unpack::open(source, compression), ends);
        (catalog.rows, catalog.whole) = blocks::run_first(source.name(), feed, read, &mut fields)?;
    } else {
        catalog.rows = blocks::run(source, compression, ends, read, &mut fields)?;
    }
    if catalog.rows == 0 {
        return Err(no_samples(source.name()).into());
    }
    catalog.fields = fields.0;
    Ok(())
}

/// The finding that a per-sample file holds no sample.
pub(super) fn no_samples(file: &str) -> Diagnostic {
    Diagnostic { title: "this file holds no samples".to_owned(), ..detect::empty(file) }
}

/// The fields of the blocks so far.
#[derive(Default)]
struct Merged(BTreeMap<String, FieldKind>);

impl Gather<Table> for Merged {
    fn fork(&self) -> Table {
        Table::default()
    }

    fn absorb(&mut self, table: Table, _lines: u64) -> Result<(), Diagnostic> {
        for (name, kind) in table.fields {
            let merged = self.0.get(&name).map_or(kind, |known| known.and(kind));
            self.0.insert(name, merged);
        }
        if self.0.len() > MOST_FIELDS {
            return Err(too_many_fields());
        }
        Ok(())
    }
}

fn too_many_fields() -> Diagnostic {
    Diagnostic::error(Code::TooManyFields, format!("the rows have more than {MOST_FIELDS} different fields"))
        .help("write one sample a row, with the same fields in every row")
}

/// The fields of one block.
#[derive(Default)]
struct Table {
    slots: HashMap<String, u32>,
    fields: Vec<(String, FieldKind)>,
    has_id: bool,
}

/// Slots of `id`, `epoch` and `error` start here.
const SPECIAL: u32 = 1 << 31;

impl Table {
    fn note(&mut self, slot: u32, kind: FieldKind) {
        if let Some((_, known)) = self.fields.get_mut(slot as usize) {
            *known = known.and(kind);
        }
    }
}

impl<'a> Fields<'a> for Table {
    fn slot(&mut self, name: &str) -> Option<u32> {
        if let Some(special) = special(name) {
            return Some(SPECIAL + special);
        }
        if let Some(slot) = self.slots.get(name) {
            return Some(*slot);
        }
        // One more than allowed is enough for the finding.
        if self.fields.len() > MOST_FIELDS {
            return None;
        }
        let slot = self.fields.len() as u32;
        self.slots.insert(name.to_owned(), slot);
        self.fields.push((name.to_owned(), FieldKind::Null));
        Some(slot)
    }

    fn take(&mut self, slot: u32, token: Token<'a>) -> Result<(), Fault> {
        if slot >= SPECIAL {
            self.has_id |= slot == SPECIAL;
            return check_special(slot - SPECIAL, token);
        }
        let kind = match token {
            Token::Null => FieldKind::Null,
            Token::Bool(_) => FieldKind::Bool,
            Token::Number(_) => FieldKind::Number,
            Token::Text(_) => FieldKind::Text,
            Token::List { .. } | Token::Map { .. } => FieldKind::Nested,
        };
        self.note(slot, kind);
        Ok(())
    }
}

impl<'a> Rows<'a> for Table {
    fn begin(&mut self) {
        self.has_id = false;
    }

    fn cell(&mut self, slot: u32, cell: Cow<'a, str>) -> Result<(), Fault> {
        if slot >= SPECIAL {
            self.has_id |= slot == SPECIAL && !cell.is_empty();
            return check_special_cell(slot - SPECIAL, &cell);
        }
        let kind = match &*cell {
            "" => FieldKind::Null,
            "true" | "TRUE" | "True" | "false" | "FALSE" | "False" => FieldKind::Bool,
            text if text.parse::<f64>().is_ok() => FieldKind::Number,
            _ => FieldKind::Text,
        };
        self.note(slot, kind);
        Ok(())
    }

    fn end(&mut self, _line: u64) -> Result<(), Fault> {
        if self.has_id { Ok(()) } else { Err(missing_id().into()) }
    }
}
