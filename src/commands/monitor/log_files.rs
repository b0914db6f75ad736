//! The files of a log: which fields they have, and in which order they were written.

use std::collections::BTreeMap;

use super::derived::{self, DerivedField};
use crate::artifact::Source;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::{self, Declared, Depth, FieldKind, Projected, Projection, Role, Sample, Sink, Value};
use crate::files::{LogFile, Worktree};
use crate::manifest::{Manifest, MonitoringSpec};
use crate::monitor::{FEEDBACK, LogField};

/// How much of a file is looked at to learn its fields.
const HEAD: u64 = 4 << 20;
/// How much of that to learn when it began.
const FRONT: usize = 1 << 16;

/// Files of records, the oldest first, and the fields that they have.
pub(super) struct Log<'f> {
    pub(super) files: Vec<(&'f LogFile, evidence::Catalog)>,
    pub(super) fields: BTreeMap<String, FieldKind>,
    derived: Vec<DerivedField>,
}

impl<'f> Log<'f> {
    pub(super) fn of(
        files: &'f [LogFile],
        manifest: &Manifest,
        monitoring: &MonitoringSpec,
        root: &Worktree,
    ) -> Result<Self, Diagnostics> {
        let declared = Declared { records: true, ..Declared::new(&monitoring.fields, monitoring.format) };
        let mut findings = Diagnostics::new();
        let mut known = Vec::new();
        let mut fields: BTreeMap<String, FieldKind> = BTreeMap::new();
        for file in files.iter().filter(|file| !file.is_empty()) {
            // A torn line at its front is no reason not to look: the others say what the fields are.
            let head = Sound::of(&file.head(HEAD)?)?;
            match evidence::probe_as(&head, Depth::Head, &declared) {
                Ok(catalog) => {
                    for (name, kind) in &catalog.fields {
                        fields
                            .entry(name.clone())
                            .and_modify(|known| *known = known.and(*kind))
                            .or_insert(*kind);
                    }
                    known.push((Began::of(&head, &catalog)?, file, catalog));
                }
                Err(found) => findings.extend(found),
            }
        }
        if findings.has_errors() {
            return Err(findings);
        }
        // A rotated file comes before the one that goes on, whatever they are called; where nobody knows, by name.
        known.sort_by(|one, other| one.0.total_cmp(&other.0));
        let known = known.into_iter().map(|(_, file, catalog)| (file, catalog)).collect();
        let has_response = fields.contains_key("response");
        let derived = if has_response { derived::all(manifest, monitoring, root)? } else { Vec::new() };
        for own in &derived {
            fields.entry(own.name.to_owned()).or_insert(own.kind);
        }
        // Nobody may have said anything yet, and nothing may have gone wrong.
        for name in ["error", FEEDBACK] {
            fields.entry(name.to_owned()).or_insert(FieldKind::Bool);
        }
        Ok(Self { files: known, fields, derived })
    }

    /// The fields, and feedback only where somebody gave some: nobody waits for what is never logged.
    pub(super) fn logged(&self) -> BTreeMap<String, FieldKind> {
        let given = self.files.iter().any(|(_, catalog)| catalog.fields.contains_key(FEEDBACK));
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

/// The front of a file without its torn lines.
#[derive(Debug)]
struct Sound {
    name: String,
    bytes: Vec<u8>,
}

impl Sound {
    fn of(head: &LogFile) -> Result<Self, Diagnostic> {
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
        if bytes.trim_ascii_start().starts_with(b"{") {
            let whole = |line: &&[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
            let sound: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(whole).collect();
            if !sound.is_empty() {
                bytes = [sound.join(&b'\n'), vec![b'\n']].concat();
            }
        }
        Ok(Self { name: head.name().to_owned(), bytes })
    }
}

impl Sound {
    /// So many bytes of whole lines; all of a file that is packed.
    fn front(&self, most: usize) -> &[u8] {
        let is_plain = self.bytes.first().is_some_and(|first| !matches!(first, 0x1f | 0x28));
        let front = self.bytes.get(..most).filter(|_| is_plain).unwrap_or(&self.bytes);
        let end = memchr::memrchr(b'\n', front).filter(|_| is_plain).map_or(front.len(), |feed| feed + 1);
        front.get(..end).unwrap_or(front)
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
    fn of(head: &Sound, catalog: &evidence::Catalog) -> Result<f64, Diagnostics> {
        let fields = vec![Projected { name: "time".to_owned(), role: Role::Time }];
        let projection = Projection { fields, records: true, paths: catalog.paths.clone() };
        let front = Sound { name: head.name.clone(), bytes: head.front(FRONT).to_vec() };
        let mut began = Self(f64::INFINITY);
        evidence::stream(&front, catalog.format, catalog.compression, &projection, &mut began)?;
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
