//! Files of a log as one part: their rows as numbers, and the header that says what they are of.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use super::derived;
use super::log_files::{Sorted, add_derived, add_unsaid, derived_of, fields_of};
use super::looked::no_monitoring;
use crate::artifact::{DigestWriter, Source as _};
use crate::cli::PartOf;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::evidence::{
    self, Catalog, Declared, Depth, FieldKind, PartHeader, PartSource, digest_source, part_line,
};
use crate::files::LogFile;
use crate::judge::{self, Summarized};
use crate::manifest::{Condition, MonitoringSpec, SignalSpec, USUAL_SIGNALS};
use crate::monitor::{Bindings, LogField, LogStripping, bind, strip_log};
use crate::release::Release;

/// Reads files of the log that a release is watched by, and writes their rows as numbers to `out`. Also the signals of which these
/// files hold nothing.
///
/// # Errors
/// Damaged files, counts and parts, which are small already, or of `out`.
pub(in crate::commands) fn summarize(
    release: &Release,
    files: &[LogFile],
    part: PartOf,
    out: &mut (dyn Write + Send),
    sources: &Sources,
) -> Result<(Summarized, Vec<String>), Diagnostics> {
    let Some(monitoring) = &release.manifest.monitoring else {
        return Err(no_monitoring(release, sources).into());
    };
    let Sorted { records, parts, counts } = Sorted::of(files, monitoring)?;
    if let Some((file, _)) = parts.first() {
        let finding = Diagnostic::error(Code::NumbersParts, "this is a part already").in_file(file.name());
        return Err(finding.help("name the records themselves").into());
    }
    if !counts.rows.is_empty() {
        let text = "these are counts, and no records to make numbers of";
        let finding = Diagnostic::error(Code::NoSamples, text).at(monitoring.span, "the log holds counts");
        return Err(finding.help("they are small: `relgate monitor` reads them beside the parts").into());
    }
    let mut shard = LogShard { release, monitoring, records };
    let Kept { own, derived, lacking } = shard.kept()?;
    let conditions = conditions(monitoring);
    let against = if derived.is_empty() {
        BTreeMap::new()
    } else {
        derived::against(&release.manifest, release.tree.as_ref())?
    };
    let stripping = Arc::new(LogStripping::new(own, derived, conditions));
    let mut out = DigestWriter::new(out);
    let mut sources = Vec::new();
    for (began, file, catalog) in shard.records {
        let how = (catalog.format, catalog.compression, &catalog.paths);
        let stripped = strip_log(file, how, &stripping, &mut out)?;
        let sha256 = stripped.sha256.map_or_else(|| digest_source(file), Ok)?;
        sources.push(PartSource {
            name: file.name().to_owned(),
            member: file.name().to_owned(),
            bytes: file.len(),
            sha256: sha256.hex().to_owned(),
            rows: stripped.rows,
            torn: stripped.torn,
            began: Some(began).filter(|began| began.is_finite()),
            catalog,
        });
    }
    let rows = sources.iter().map(|source| source.rows).sum();
    let files = sources.len();
    let made_for = judge::made_for(&release.manifest, &release.sha256, &release.inherited);
    let header = PartHeader {
        number: part.number,
        of: part.of,
        evidence: None,
        made_for,
        against,
        sources,
        sha256: String::new(),
    };
    let header = part_line(stripping.columns(), rows, &out.finish().1, header);
    Ok((Summarized { header, rows, files }, lacking))
}

/// Every condition of the log and of its signals, once for each field.
fn conditions(monitoring: &MonitoringSpec) -> Vec<Condition> {
    let all =
        monitoring.conditions.iter().chain(monitoring.signals.iter().flat_map(|signal| &signal.conditions));
    let mut fields = BTreeSet::new();
    all.filter(|condition| fields.insert(condition.field.value.clone())).cloned().collect()
}

/// Files of a log, and what asks of them.
struct LogShard<'a> {
    release: &'a Release,
    monitoring: &'a MonitoringSpec,
    records: Vec<(f64, &'a LogFile, Catalog)>,
}

/// What is kept of every row.
struct Kept {
    own: Vec<String>,
    derived: Vec<(String, LogField)>,
    /// Signals of which there is nothing.
    lacking: Vec<String>,
}

impl LogShard<'_> {
    /// The fields of the signals. One that the first rows do not have is looked for in all rows.
    fn kept(&mut self) -> Result<Kept, Diagnostics> {
        let manifest = &self.release.manifest;
        let mut fields = fields_of(self.records.iter().map(|(_, _, catalog)| catalog));
        let derived = derived_of(&fields, (manifest, self.monitoring), self.release.tree.as_ref())?;
        add_derived(&mut fields, &derived);
        add_unsaid(&mut fields);
        let specs = self.specs();
        let (mut own, mut lacking) = self.fields(&specs, &fields)?;
        if !lacking.is_empty() && self.records.iter().any(|(_, _, catalog)| !catalog.whole) {
            let mut below = BTreeSet::new();
            let declared = Declared::new(&self.monitoring.fields, self.monitoring.format);
            let declared = Declared { records: true, ..declared };
            for (_, file, catalog) in &mut self.records {
                let whole = evidence::probe_as(*file, Depth::Whole, &declared)?;
                let further = whole.fields.into_iter().filter(|(name, _)| !catalog.fields.contains_key(name));
                for (name, kind) in further {
                    if matches!(kind, FieldKind::Bool | FieldKind::Number) {
                        below.insert(name.clone());
                    }
                    fields.entry(name).or_insert(kind);
                }
                // What is looked at first stays what it was: it says what the fields of the log are.
                catalog.whole = true;
            }
            (own, lacking) = self.fields(&specs, &fields)?;
            // The whole log may tell that a signal is about one of those, which these files call otherwise.
            own.extend(below);
        }
        // Of the usual signals nothing has to be there.
        if self.monitoring.signals.is_empty() {
            own.extend(USUAL_SIGNALS.iter().map(|name| (*name).to_owned()));
            lacking.clear();
        }
        let derived = derived.into_iter().filter(|field| own.contains(field.name));
        let derived = derived.map(|field| (field.name.to_owned(), field.field)).collect();
        Ok(Kept { own: own.into_iter().filter(|name| name != "error").collect(), derived, lacking })
    }

    fn specs(&self) -> Vec<SignalSpec> {
        let MonitoringSpec { signals, span, .. } = self.monitoring;
        if signals.is_empty() {
            USUAL_SIGNALS.iter().map(|name| SignalSpec::usual(name, *span)).collect()
        } else {
            signals.clone()
        }
    }

    /// The fields that signals are about, and the signals whose field is not there.
    ///
    /// # Errors
    /// A signal that could not be watched whatever the log has.
    fn fields(
        &self,
        specs: &[SignalSpec],
        fields: &BTreeMap<String, FieldKind>,
    ) -> Result<(BTreeSet<String>, Vec<String>), Diagnostics> {
        let counted = BTreeSet::new();
        let bindings = Bindings {
            manifest: &self.release.manifest,
            monitoring: self.monitoring,
            fields,
            counted: &counted,
        };
        let (mut own, mut lacking, mut findings) = (BTreeSet::new(), Vec::new(), Diagnostics::new());
        for spec in specs {
            match bind(&bindings, std::slice::from_ref(spec)) {
                Ok(signals) => own.extend(signals.into_iter().map(|signal| signal.field)),
                Err(found) if found.iter().all(|finding| finding.code == Code::UnknownMetric) => {
                    lacking.push(spec.id.value.clone());
                }
                Err(found) => findings.extend(found),
            }
        }
        if findings.has_errors() { Err(findings) } else { Ok((own, lacking)) }
    }
}
