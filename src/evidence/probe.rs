//! What is in an evidence file: fields, aggregates, identity.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::blocks::{Gather, unreadable};
use super::candidates;
use super::detect::detect_as;
use super::feed::Block;
use super::foreign::{Logged, MeasuredWith, Retell, ToolFile};
use super::formats::{Aside, Holding, Layout, Numbers, Reading, StatedAggregate, about};
use super::header::{self, Identity};
use super::paths::{Paths, leaves};
use super::retold;
use super::row::{Plan, RowBuffer, Rows, SPECIALS};
use super::runs::{self, Depth, Run, layouts, no_samples, sample_header};
use super::sample::{Projection, Sample, Sink};
use super::source::{Compression, Source};
use super::unpack::{first_bytes, text_of};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature, Spanned};
use crate::document::{Fault, Fields, Token};
use crate::manifest::{FieldSource, Format, RowKey};

/// What is in an evidence file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// How it is written.
    #[serde(with = "format_word")]
    pub format: Format,
    /// How it is packed.
    #[serde(skip)]
    pub compression: Compression,
    /// What it calls the fields that we have other names for.
    #[serde(skip)]
    pub paths: Paths,
    /// Scores and labels by name; without `id`, `epoch` and `error`.
    pub fields: BTreeMap<String, FieldKind>,
    /// What a metrics file says.
    pub aggregates: BTreeMap<String, StatedAggregate>,
    /// What else stands in it, and is no metric.
    pub asides: BTreeMap<String, Aside>,
    /// When it was made, and with what.
    pub identity: Identity,
    /// What a bundle says that its numbers were measured with.
    pub measured_with: MeasuredWith,
    /// What another tool says besides its rows; of files of ours empty.
    pub told: ToolFile,
    /// Samples that were looked at.
    pub rows: u64,
    /// Whether those were all.
    pub whole: bool,
}

impl Catalog {
    /// Whether there are samples; else there are aggregates only.
    #[must_use]
    pub fn has_samples(&self) -> bool {
        self.rows > 0
    }
}

/// What the values of a field are, apart from null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// A format as its word.
mod format_word {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::manifest::Format;

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(super) fn serialize<S: Serializer>(format: &Format, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(format.word())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(input: D) -> Result<Format, D::Error> {
        let word = String::deserialize(input)?;
        Format::from_word(&word).ok_or_else(|| D::Error::custom("no format has this name"))
    }
}

/// More fields than this are a mistake (a map from ids written as rows), and would fill the memory.
const MOST_FIELDS: usize = 10_000;

/// What somebody said about how a file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Its format, where the content does not tell.
    pub format: Option<Format>,
    /// What it calls the fields that we have other names for.
    pub paths: Paths,
    /// Whether its rows are records of production, of which not each has an id.
    pub records: bool,
}

impl Declared {
    /// What a manifest says.
    #[must_use]
    pub fn new(fields: &[FieldSource], format: Option<Spanned<Format>>) -> Self {
        Self { format: format.map(|format| format.value), paths: Paths::declared(fields), records: false }
    }

    /// With what tells rows of ratings apart.
    #[must_use]
    pub fn with_raters(self, key: Option<&RowKey>) -> Self {
        Self { paths: self.paths.with_raters(key), ..self }
    }
}

/// Looks at `source`, about which nothing was said.
///
/// # Errors
/// What is wrong with the file, as far as it was looked at.
pub fn probe(source: &dyn Source, depth: Depth) -> Result<Catalog, Diagnostics> {
    probe_as(source, depth, &Declared::default())
}

/// Looks at `source`.
///
/// # Errors
/// What is wrong with the file, as far as it was looked at.
pub fn probe_as(source: &dyn Source, depth: Depth, declared: &Declared) -> Result<Catalog, Diagnostics> {
    let (format, compression) = detect_as(source, declared.format)?;
    let mut catalog = Catalog {
        format,
        compression,
        paths: declared.paths.clone(),
        fields: BTreeMap::new(),
        aggregates: BTreeMap::new(),
        asides: BTreeMap::new(),
        identity: Identity::default(),
        measured_with: MeasuredWith::default(),
        told: ToolFile::default(),
        rows: 0,
        whole: true,
    };
    match about(format).content {
        Holding::Aggregates(read) => {
            let metrics = read(source, compression)?;
            (catalog.aggregates, catalog.identity) = (metrics.aggregates, metrics.identity);
            catalog.asides = metrics.asides;
        }
        Holding::Samples(_) => {
            let paths = declared.paths.or(about(format).fields);
            samples(source, depth, &Declared { paths, ..declared.clone() }, &mut catalog)?;
        }
        Holding::Foreign(retell) => {
            // Of a log its front says what its fields are.
            let front = declared.records && depth == Depth::Head;
            let logged = declared.records.then(|| if front { Logged::front() } else { Logged::whole() });
            foreign_rows(source, (retell, logged), declared, &mut catalog)?;
        }
    }
    Ok(catalog)
}

/// What the header line says, where there is one; its findings come with the rows.
fn first_line(source: &dyn Source, compression: Compression) -> Result<Identity, Diagnostic> {
    let bytes = first_bytes(source, compression).map_err(|error| unreadable(source.name(), &error))?;
    let line = text_of(&bytes);
    let line = memchr::memchr(b'\n', line).and_then(|end| line.get(..end)).unwrap_or(line);
    let header = std::str::from_utf8(line).ok().and_then(header::recognise);
    Ok(header.map(|header| header.identity).unwrap_or_default())
}

/// Looks at the rows of a per-sample file.
fn samples(
    source: &dyn Source,
    depth: Depth,
    declared: &Declared,
    catalog: &mut Catalog,
) -> Result<(), Diagnostics> {
    let (compression, paths) = (catalog.compression, &declared.paths);
    let plan = Plan::new(&Projection { records: declared.records, ..Projection::default() }, paths);
    let header = |cells: Vec<Cow<'_, str>>| sample_header(cells, paths);
    let mut fields = Merged::default();
    for layout in layouts(source, catalog.format, compression)? {
        if layout == (Layout::Lines { header: true }) {
            catalog.identity = first_line(source, compression)?;
        }
        if layout == Layout::Arrays {
            let bytes =
                first_bytes(source, compression).map_err(|error| unreadable(source.name(), &error))?;
            // A header that is none is told with the rows.
            catalog.measured_with =
                Numbers::of_head(&bytes).map(|header| header.measured_with).unwrap_or_default();
        }
        let read = runs::of_source(
            source,
            compression,
            Run { layout, depth, header: &header },
            None,
            &|block, reading, seen: &mut SeenFields| {
                let mut nothing = Nothing;
                let row = RowBuffer::new(&plan, &mut nothing);
                reading.read(block, &mut Catalogued { row, paths, seen, slots: Vec::new() })
            },
            &mut fields,
        );
        let seen = read.map_err(|findings| {
            if findings.iter().all(|found| found.nature == Nature::Unseen) {
                candidates::hint(findings, source, compression, layout, paths)
            } else {
                findings
            }
        })?;
        catalog.rows += seen.rows;
        catalog.whole &= seen.whole;
    }
    if catalog.rows == 0 {
        return Err(no_samples(source.name()).into());
    }
    catalog.fields = fields.0;
    Ok(())
}

/// Looks at what another tool wrote, to its end where it is no log: what it says of its rows may stand behind them.
fn foreign_rows(
    source: &dyn Source,
    (retell, logged): (Retell, Option<Logged>),
    declared: &Declared,
    catalog: &mut Catalog,
) -> Result<(), Diagnostics> {
    let paths = &declared.paths;
    let plan = Plan::new(&Projection { records: declared.records, ..Projection::default() }, paths);
    let mut fields = Merged::default();
    let work = |block: &Block, reading: &Reading<'_>, seen: &mut SeenFields| {
        let mut nothing = Nothing;
        let row = RowBuffer::new(&plan, &mut nothing);
        reading.read(block, &mut Catalogued { row, paths, seen, slots: Vec::new() })
    };
    let (seen, mut told) = retold::read(source, catalog.compression, (retell, logged), &work, &mut fields)?;
    catalog.aggregates = std::mem::take(&mut told.aggregates);
    // A log of all that a service does may hold none yet that is watched.
    if seen.rows == 0 && !declared.records && catalog.aggregates.is_empty() && told.beside_results.is_none() {
        return Err(no_samples(source.name()).into());
    }
    (catalog.rows, catalog.fields, catalog.told) = (seen.rows, fields.0, told);
    Ok(())
}

/// The fields of the blocks so far.
#[derive(Default)]
struct Merged(BTreeMap<String, FieldKind>);

impl Gather<SeenFields> for Merged {
    fn fork(&self) -> SeenFields {
        SeenFields::default()
    }

    fn absorb(&mut self, seen: SeenFields, _lines: u64) -> Result<(), Diagnostic> {
        for (name, kind) in seen.kinds {
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
struct SeenFields {
    numbers: HashMap<String, usize>,
    kinds: Vec<(String, FieldKind)>,
}

impl SeenFields {
    /// The number of a field; none where there are more than anybody means.
    fn number(&mut self, name: &str, most: usize) -> Option<usize> {
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        if self.kinds.len() > most {
            return None;
        }
        self.numbers.insert(name.to_owned(), self.kinds.len());
        self.kinds.push((name.to_owned(), FieldKind::Null));
        Some(self.kinds.len() - 1)
    }

    fn note(&mut self, number: usize, kind: FieldKind) {
        if let Some((_, known)) = self.kinds.get_mut(number) {
            *known = known.and(kind);
        }
    }
}

/// A sink for rows of which only the form counts.
struct Nothing;

impl Sink for Nothing {
    fn fork(&self) -> Self {
        Self
    }

    fn fold(&mut self, _: &Sample<'_>) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn absorb(&mut self, _: Self, _: u64) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// A field of the results as the rows of one block have it.
struct Known {
    /// Where the row needs it, for `id`, `epoch` and `error`.
    row: Option<u32>,
    /// What it is called, and its number; empty where nothing asks for it by its own name.
    names: Vec<usize>,
    /// Its name in the results.
    own: String,
}

/// Fields nested deeper than this many are not offered; they can be named all the same.
const MOST_NESTED: usize = 1_000;

/// The rows of a block, checked like those that are judged, with the fields that they have.
struct Catalogued<'a, 's> {
    row: RowBuffer<'a, 's, Nothing>,
    paths: &'s Paths,
    seen: &'s mut SeenFields,
    slots: Vec<Known>,
}

impl Catalogued<'_, '_> {
    /// Notes what stands in a field under the names that it is known by.
    fn note(&mut self, slot: u32, kind: FieldKind) {
        for number in self.slots.get(slot as usize).map(|known| known.names.as_slice()).unwrap_or_default() {
            self.seen.note(*number, kind);
        }
    }
}

impl<'a> Fields<'a> for Catalogued<'a, '_> {
    fn slot(&mut self, name: &str) -> Option<u32> {
        let names = self.paths.names(name).into_iter().filter(|name| !SPECIALS.contains(name));
        let names = names.filter_map(|name| self.seen.number(name, MOST_FIELDS)).collect();
        self.slots.push(Known { row: self.row.slot(name), names, own: name.to_owned() });
        Some(self.slots.len() as u32 - 1)
    }

    fn take(&mut self, slot: u32, token: Token<'a>) -> Result<(), Fault> {
        if let Some(row) = self.slots.get(slot as usize).and_then(|known| known.row) {
            self.row.take(row, token)?;
        }
        self.note(slot, kind(token));
        if let (Token::Map { text, .. }, Some(known)) = (token, self.slots.get(slot as usize)) {
            let (paths, seen) = (self.paths, &mut *self.seen);
            leaves(&known.own, text, |path, token| {
                for name in paths.names(path).into_iter().filter(|name| !SPECIALS.contains(name)) {
                    if let Some(number) = seen.number(name, MOST_NESTED) {
                        seen.note(number, kind(token));
                    }
                }
            })?;
        }
        Ok(())
    }
}

fn kind(token: Token<'_>) -> FieldKind {
    match token {
        Token::Null => FieldKind::Null,
        Token::Bool(_) => FieldKind::Bool,
        Token::Number(_) => FieldKind::Number,
        Token::Text(_) => FieldKind::Text,
        Token::List { .. } | Token::Map { .. } => FieldKind::Nested,
    }
}

impl<'a> Rows<'a> for Catalogued<'a, '_> {
    fn begin(&mut self) {
        self.row.begin();
    }

    fn cell(&mut self, slot: u32, cell: Cow<'a, str>) -> Result<(), Fault> {
        let kind = match &*cell {
            "" => FieldKind::Null,
            text if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
                FieldKind::Bool
            }
            text if text.parse::<f64>().is_ok() => FieldKind::Number,
            _ => FieldKind::Text,
        };
        self.note(slot, kind);
        match self.slots.get(slot as usize).and_then(|known| known.row) {
            Some(row) => self.row.cell(row, cell),
            None => Ok(()),
        }
    }

    fn puts_up_with_torn(&mut self) -> bool {
        self.row.puts_up_with_torn()
    }

    fn end(&mut self, line: u64) -> Result<(), Fault> {
        self.row.end(line)
    }
}
