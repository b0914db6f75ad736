//! The files of a log: which fields they have, and in which order they were written.

use std::collections::{BTreeMap, BTreeSet};

use super::derived::{self, DerivedField};
use crate::artifact::{Source, Tree};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, printable};
use crate::evidence::{
    self, CountTable, Declared, Depth, FieldKind, Format, Projected, Projection, Role, Sample, Sink, Value,
};
use crate::files::LogFile;
use crate::manifest::{Manifest, MonitoringSpec};
use crate::monitor::{FEEDBACK, LogField};

/// How much of a file is looked at to learn its fields.
const HEAD: u64 = 4 << 20;
/// How much of that to learn when it began.
const FRONT: usize = 1 << 16;

/// Files of records, the oldest first, and the fields that they have.
pub(super) struct Log<'f> {
    pub(super) files: Vec<(&'f LogFile, evidence::Catalog)>,
    /// What queries counted.
    pub(super) counts: CountTable,
    /// The fields of those.
    pub(super) counted: BTreeSet<String>,
    pub(super) fields: BTreeMap<String, FieldKind>,
    derived: Vec<DerivedField>,
}

impl<'f> Log<'f> {
    pub(super) fn of(
        files: &'f [LogFile],
        manifest: &Manifest,
        monitoring: &MonitoringSpec,
        tree: &dyn Tree,
    ) -> Result<Self, Diagnostics> {
        let declared = Declared { records: true, ..Declared::new(&monitoring.fields, monitoring.format) };
        let mut findings = Diagnostics::new();
        let mut known = Vec::new();
        let mut fields: BTreeMap<String, FieldKind> = BTreeMap::new();
        let mut counts = CountTable::default();
        for file in files.iter().filter(|file| !file.is_empty()) {
            let front = Front::of(file)?;
            let is_counts = |format| match evidence::detect_as(front.source(), format) {
                Ok((Format::Counts, compression)) => Some(compression),
                _ => None,
            };
            if let Some(compression) = is_counts(declared.format) {
                counts.add(file, compression).unwrap_or_else(|found| findings.extend(found));
                continue;
            }
            if is_counts(None).is_some() {
                findings.push(counts_as(file, monitoring));
                continue;
            }
            match evidence::probe_as(front.source(), Depth::Head, &declared) {
                Ok(catalog) => {
                    for (name, kind) in &catalog.fields {
                        fields
                            .entry(name.clone())
                            .and_modify(|known| *known = known.and(*kind))
                            .or_insert(*kind);
                    }
                    known.push((Began::of(&front, &catalog)?, file, catalog));
                }
                Err(found) => findings.extend(found),
            }
        }
        if findings.has_errors() {
            return Err(findings);
        }
        // A rotated file comes before the one that goes on, whatever they are called; where nobody knows, by name.
        known.sort_by(|one, other| one.0.total_cmp(&other.0));
        let known: Vec<_> = known.into_iter().map(|(_, file, catalog)| (file, catalog)).collect();
        let has_response = fields.contains_key("response");
        let derived = if has_response { derived::all(manifest, monitoring, tree)? } else { Vec::new() };
        for own in &derived {
            fields.entry(own.name.to_owned()).or_insert(own.kind);
        }
        let counted = counted(&counts, &fields, monitoring)?;
        // Nobody may have said anything yet, and nothing may have gone wrong.
        for name in ["error", FEEDBACK].into_iter().filter(|_| !known.is_empty()) {
            fields.entry(name.to_owned()).or_insert(FieldKind::Bool);
        }
        fields.extend(counted.iter().map(|name| (name.clone(), FieldKind::Bool)));
        Ok(Self { files: known, counts, counted, fields, derived })
    }

    /// The fields, and feedback only where somebody gave some: nobody waits for what is never logged.
    pub(super) fn logged(&self) -> BTreeMap<String, FieldKind> {
        let logged = self.files.iter().any(|(_, catalog)| catalog.fields.contains_key(FEEDBACK));
        let given = logged || self.counted.contains(FEEDBACK);
        let kept = |(name, _): &(&String, &FieldKind)| given || *name != FEEDBACK;
        self.fields.iter().filter(kept).map(|(name, kind)| (name.clone(), *kind)).collect()
    }

    /// Where the value of a field comes from.
    pub(super) fn field(&self, name: &str) -> LogField {
        let in_rows = self.files.iter().any(|(_, catalog)| catalog.fields.contains_key(name));
        match self.derived.iter().find(|own| own.name == name) {
            _ if name == "error" => LogField::Error,
            Some(own) if !in_rows => own.field.clone(),
            _ => LogField::Own(name.to_owned()),
        }
    }
}

/// A row of counts read as a record would be one record in which nothing happened.
fn counts_as(file: &LogFile, monitoring: &MonitoringSpec) -> Diagnostic {
    let declared = monitoring.format.map_or("", |format| format.value.word());
    let text = format!("`{}` holds counts, and no records", printable(file.name()));
    let span = monitoring.format.map_or(monitoring.span, |format| format.span);
    Diagnostic::error(Code::SignalSpec, text).at(span, format!("this says {declared} of every file")).help(
        "leave `format:` out where records and counts stand in one log: each is recognised by its content",
    )
}

/// The fields that queries counted.
///
/// # Errors
/// One that the records have too, and conditions that no count can meet.
fn counted(
    counts: &CountTable,
    logged: &BTreeMap<String, FieldKind>,
    monitoring: &MonitoringSpec,
) -> Result<BTreeSet<String>, Diagnostic> {
    if counts.rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    if let Some(condition) = monitoring.conditions.first() {
        return Err(Diagnostic::error(
            Code::SignalSpec,
            "counts have no fields that `where` could select by",
        )
        .at(condition.field.span, "the log holds counts")
        .help("let the query count what is meant; give signals of single records their own `where:`"));
    }
    if let Some(both) = counts.signals.iter().find(|name| logged.contains_key(*name)) {
        let text = format!("`{}` is counted, and logged record by record too", printable(both));
        return Err(Diagnostic::error(Code::SignalSpec, text)
            .at(monitoring.span, "which of the two holds cannot be known")
            .help("leave it out of the query, or call it something else there"));
    }
    Ok(counts.signals.iter().cloned().collect())
}

/// What is looked at of a file to learn its fields.
enum Front<'f> {
    /// Of lines of objects the first ones.
    Lines(Sound),
    /// Of anything else the file: its reader takes no more than its front.
    File(&'f LogFile),
}

impl<'f> Front<'f> {
    fn of(file: &'f LogFile) -> Result<Self, Diagnostic> {
        let head = file.head(HEAD)?;
        // A torn line at its front is no reason not to look: the others say what the fields are.
        Ok(Sound::of(&head)?.map_or(Self::File(file), Self::Lines))
    }

    fn source(&self) -> &dyn Source {
        match self {
            Self::Lines(sound) => sound,
            Self::File(file) => *file,
        }
    }
}

/// The front of a file of lines without its torn ones.
#[derive(Debug)]
struct Sound {
    name: String,
    bytes: Vec<u8>,
}

impl Sound {
    /// None of a file in which an object is no line.
    fn of(head: &LogFile) -> Result<Option<Self>, Diagnostic> {
        let unreadable = |error: &std::io::Error| {
            Diagnostic::error(Code::Unreadable, format!("`{}` cannot be read: {error}", head.name()))
                .in_file(head.name())
                .help("run again; if it stays, check that the file is on a disk that works")
        };
        let mut bytes = vec![0; usize::try_from(head.len()).unwrap_or(0)];
        let mut have = 0;
        while have < bytes.len() {
            let rest = bytes.get_mut(have..).unwrap_or_default();
            match head.read_at(have as u64, rest).map_err(|error| unreadable(&error))? {
                0 => break,
                count => have += count,
            }
        }
        if !evidence::is_of_object_lines(&bytes) {
            return Ok(None);
        }
        let lines = bytes.split(|byte| *byte == b'\n');
        let sound: Vec<&[u8]> = lines.filter(|line| evidence::is_object_line(line)).collect();
        let bytes = [sound.join(&b'\n'), vec![b'\n']].concat();
        Ok(Some(Self { name: head.name().to_owned(), bytes }))
    }

    /// So many bytes of whole lines, and at least the first one.
    fn front(&self, most: usize) -> &[u8] {
        let feed = self.bytes.get(..most).and_then(|front| memchr::memrchr(b'\n', front));
        let end = feed.or_else(|| memchr::memchr(b'\n', &self.bytes));
        self.bytes.get(..end.map_or(self.bytes.len(), |feed| feed + 1)).unwrap_or(&self.bytes)
    }
}

impl Source for Sound {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        if let (Some(buf), Some(rest)) = (buf.get_mut(..count), rest.get(..count)) {
            buf.copy_from_slice(rest);
        }
        Ok(count)
    }

    fn check_unchanged(&self) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// The time of the first records of a file.
struct Began(f64);

impl Began {
    /// In seconds since 1970; infinite where none has a time.
    fn of(front: &Front<'_>, catalog: &evidence::Catalog) -> Result<f64, Diagnostics> {
        let fields = vec![Projected { name: "time".to_owned(), role: Role::Time }];
        let projection = Projection { fields, records: true, paths: catalog.paths.clone() };
        let short;
        let source: &dyn Source = match front {
            Front::Lines(sound) => {
                short = Sound { name: sound.name.clone(), bytes: sound.front(FRONT).to_vec() };
                &short
            }
            Front::File(file) => *file,
        };
        let mut began = Self(f64::INFINITY);
        evidence::stream_front(source, catalog.format, catalog.compression, &projection, &mut began)?;
        Ok(began.0)
    }
}

impl Sink for Began {
    fn fork(&self) -> Self {
        Self(f64::INFINITY)
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        if let Some(Value::Number(time)) = sample.values.first() {
            self.0 = self.0.min(*time);
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, _lines: u64) -> Result<(), Diagnostic> {
        self.0 = self.0.min(later.0);
        Ok(())
    }
}
