//! The files of a log: which fields they have, and in which order they were written.

use std::collections::{BTreeMap, BTreeSet};

use super::derived::{self, DerivedField};
use super::log_front::{Began, Front};
use super::log_parts::LogParts;
use super::log_rows::Rows;
use crate::artifact::{Source as _, Tree};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, printable};
use crate::evidence::{self, Catalog, CountTable, Declared, Depth, FieldKind, Format, NumbersPart};
use crate::files::LogFile;
use crate::manifest::{Manifest, MonitoringSpec};
use crate::monitor::{FEEDBACK, LogField, derived_column};
use crate::release::Release;

/// Files of records, the oldest first, and the fields that they have.
pub(super) struct Log<'f> {
    pub(super) files: Vec<Rows<'f>>,
    /// Whether they are parts that were stripped, and so many of their rows could not be read.
    pub(super) stripped: Option<u64>,
    /// What queries counted.
    pub(super) counts: CountTable,
    /// The fields of those.
    pub(super) counted: BTreeSet<String>,
    pub(super) fields: BTreeMap<String, FieldKind>,
    /// The fields of rows.
    in_rows: BTreeSet<String>,
    derived: Vec<DerivedField>,
}

/// Files of a log by what they hold.
pub(super) struct Sorted<'f> {
    /// Records, the oldest first, each with when it began, and what it holds.
    pub(super) records: Vec<(f64, &'f LogFile, Catalog)>,
    /// Parts of records that were stripped.
    pub(super) parts: Vec<(&'f LogFile, NumbersPart)>,
    pub(super) counts: CountTable,
}

impl<'f> Sorted<'f> {
    /// # Errors
    /// Files that cannot be read.
    pub(super) fn of(files: &'f [LogFile], monitoring: &MonitoringSpec) -> Result<Self, Diagnostics> {
        let declared = Declared { records: true, ..Declared::new(&monitoring.fields, monitoring.format) };
        let mut findings = Diagnostics::new();
        let mut own = Self { records: Vec::new(), parts: Vec::new(), counts: CountTable::default() };
        for file in files.iter().filter(|file| !file.is_empty()) {
            if let Err(found) = own.add(file, &declared, monitoring) {
                findings.extend(found);
            }
        }
        if findings.has_errors() {
            return Err(findings);
        }
        // A rotated file comes before the one that goes on, whatever they are called; where nobody knows, by name.
        own.records.sort_by(|one, other| one.0.total_cmp(&other.0));
        Ok(own)
    }

    fn add(
        &mut self,
        file: &'f LogFile,
        declared: &Declared,
        monitoring: &MonitoringSpec,
    ) -> Result<(), Diagnostics> {
        if let Some(part) = NumbersPart::of(file)? {
            self.parts.push((file, part));
            return Ok(());
        }
        let front = Front::of(file)?;
        let is_counts = |format| match evidence::detect_as(front.source(), format) {
            Ok((Format::Counts, compression)) => Some(compression),
            _ => None,
        };
        if let Some(compression) = is_counts(declared.format) {
            return self.counts.add(file, compression);
        }
        if is_counts(None).is_some() {
            return Err(counts_as(file, monitoring).into());
        }
        let catalog = evidence::probe_as(front.source(), Depth::Head, declared).map_err(|found| {
            let is_empty = found.iter().any(|one| one.code == Code::EmptyEvidence);
            if is_empty { no_record_in(file).into() } else { found }
        })?;
        let began = Began::of(&front, &catalog)?;
        self.records.push((began, file, catalog));
        Ok(())
    }
}

fn no_record_in(file: &LogFile) -> Diagnostic {
    Diagnostic::error(Code::EmptyEvidence, "no line of this log can be read as a record")
        .in_file(file.name())
        .help("find out what writes there: a record is a line of its own; nothing is decided from it")
}

/// The fields of several files.
pub(super) fn fields_of<'c>(catalogs: impl Iterator<Item = &'c Catalog>) -> BTreeMap<String, FieldKind> {
    let mut fields: BTreeMap<String, FieldKind> = BTreeMap::new();
    for (name, kind) in catalogs.flat_map(|catalog| &catalog.fields) {
        fields.entry(name.clone()).and_modify(|known| *known = known.and(*kind)).or_insert(*kind);
    }
    fields
}

/// What can be worked out of responses, where rows have some.
///
/// # Errors
/// A list or a prompt that cannot be looked for.
pub(super) fn derived_of(
    fields: &BTreeMap<String, FieldKind>,
    (manifest, monitoring): (&Manifest, &MonitoringSpec),
    tree: &dyn Tree,
) -> Result<Vec<DerivedField>, Diagnostic> {
    if fields.contains_key("response") { derived::all(manifest, monitoring, tree) } else { Ok(Vec::new()) }
}

/// Adds the fields that are worked out.
pub(super) fn add_derived(fields: &mut BTreeMap<String, FieldKind>, derived: &[DerivedField]) {
    for own in derived {
        fields.entry(own.name.to_owned()).or_insert(own.kind);
    }
}

/// Adds what no row has to have: nobody may have said anything yet, and nothing may have gone wrong.
pub(super) fn add_unsaid(fields: &mut BTreeMap<String, FieldKind>) {
    for name in ["error", FEEDBACK] {
        fields.entry(name.to_owned()).or_insert(FieldKind::Bool);
    }
}

impl<'f> Log<'f> {
    pub(super) fn of(
        files: &'f [LogFile],
        release: &Release,
        monitoring: &MonitoringSpec,
    ) -> Result<Self, Diagnostics> {
        let Sorted { records, parts, counts } = Sorted::of(files, monitoring)?;
        let whose = (&release.manifest, monitoring);
        let tree = release.tree.as_ref();
        let parts = LogParts::of(parts, records.first().map(|(_, file, _)| *file), release)?;
        let mut fields = match &parts {
            Some(parts) => fields_of(parts.catalogs()),
            None => fields_of(records.iter().map(|(_, _, catalog)| catalog)),
        };
        let in_rows: BTreeSet<String> = fields.keys().cloned().collect();
        let derived = derived_of(&fields, whose, tree)?;
        add_derived(&mut fields, &derived);
        let counted = counted(&counts, &fields, monitoring)?;
        if parts.is_some() || !records.is_empty() {
            add_unsaid(&mut fields);
        }
        fields.extend(counted.iter().map(|name| (name.clone(), FieldKind::Bool)));
        let (files, stripped) = match parts {
            Some(parts) => {
                let torn = parts.torn();
                (parts.rows(), Some(torn))
            }
            None => (records.into_iter().map(Rows::of).collect(), None),
        };
        Ok(Self { files, stripped, counts, counted, fields, in_rows, derived })
    }

    /// The fields, and feedback only where somebody gave some: nobody waits for what is never logged.
    pub(super) fn logged(&self) -> BTreeMap<String, FieldKind> {
        let given = self.in_rows.contains(FEEDBACK) || self.counted.contains(FEEDBACK);
        let kept = |(name, _): &(&String, &FieldKind)| given || *name != FEEDBACK;
        self.fields.iter().filter(kept).map(|(name, kind)| (name.clone(), *kind)).collect()
    }

    /// Where the value of a field comes from.
    pub(super) fn field(&self, name: &str) -> LogField {
        match self.derived.iter().find(|own| own.name == name) {
            _ if name == "error" => LogField::Error,
            Some(_) if self.in_rows.contains(name) => LogField::Own(name.to_owned()),
            Some(_) if self.stripped.is_some() => LogField::Own(derived_column(name)),
            Some(own) => own.field.clone(),
            None => LogField::Own(name.to_owned()),
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
