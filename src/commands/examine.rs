//! Opens the evidence of a manifest, binds its gates, streams what they need, and assesses each.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::evidence::{self, Catalog, Depth, Format, Identity, Source};
use crate::files::{EvidenceFile, Located, Root, digest_all, expand_given};
use crate::gate;
use crate::manifest::{Digest, EvidenceSpec, Manifest};
use crate::metric::{self, Assessment, Bound, Data, Input, Measure, Measured, Offer, Plan, Table};

/// One evidence entry, opened.
pub(super) struct Opened {
    name: String,
    located: Vec<Located>,
    files: Vec<(EvidenceFile, Catalog)>,
}

/// One evidence entry, read.
pub(super) struct Read {
    /// Its name.
    pub(super) name: String,
    /// How its files are written.
    pub(super) format: &'static str,
    /// Its digest.
    pub(super) sha256: Digest,
    /// What it says about itself; only what all of its files say alike.
    pub(super) identity: Identity,
    /// The numbers of its samples, where it has some.
    pub(super) table: Option<Table>,
}

/// Opens every evidence entry; `given` overrides where an entry is.
pub(super) fn open(
    manifest: &Manifest,
    root: &Root,
    given: &[(String, String)],
) -> Result<Vec<Opened>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut opened = Vec::new();
    for (name, _) in given {
        if !manifest.evidence.iter().any(|entry| entry.name.value == *name) {
            let known = manifest.evidence.iter().map(|entry| entry.name.value.as_str());
            findings.push(
                Diagnostic::error(
                    "unknown-evidence",
                    format!("`--evidence {name}=...`: the manifest has no evidence of that name"),
                )
                .suggest(name, known.clone())
                .note(format!("it has {}", crate::diagnostic::list(known, 12))),
            );
        }
    }
    for entry in &manifest.evidence {
        let given = given.iter().rev().find(|(name, _)| *name == entry.name.value);
        let located = match given {
            Some((_, path)) => expand_given(path),
            None => root.expand(&entry.path),
        };
        match located.map_err(Diagnostics::from).and_then(|located| open_entry(entry, located, Depth::Head)) {
            Ok(entry) => opened.push(entry),
            Err(found) => findings.extend(found),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(opened) }
}

fn open_entry(entry: &EvidenceSpec, located: Vec<Located>, depth: Depth) -> Result<Opened, Diagnostics> {
    let mut files = Vec::new();
    for one in &located {
        let file = one.open()?;
        let catalog = evidence::probe(&file, depth)?;
        files.push((file, catalog));
    }
    Ok(Opened { name: entry.name.value.clone(), located, files })
}

/// Binds the gates. Names that the first rows do not show are looked for in all rows before they are missed.
pub(super) fn bind(manifest: &Manifest, opened: &mut [Opened]) -> Result<Vec<Bound>, Diagnostics> {
    let first = metric::bind(manifest, &offers(opened));
    let Err(findings) = first else { return first };
    let unseen = findings.iter().any(|finding| finding.code == "unknown-metric");
    let partial = opened.iter().any(|entry| entry.files.iter().any(|(_, catalog)| !catalog.whole));
    if !(unseen && partial) {
        return Err(findings);
    }
    for entry in opened.iter_mut() {
        for (file, catalog) in &mut entry.files {
            *catalog = evidence::probe(file, Depth::Whole)?;
        }
    }
    metric::bind(manifest, &offers(opened))
}

fn offers(opened: &[Opened]) -> Vec<Offer> {
    let offer = |entry: &Opened| {
        let mut offer = Offer { evidence: entry.name.clone(), ..Offer::default() };
        for (_, catalog) in &entry.files {
            offer.fields.extend(catalog.fields.keys().cloned());
            offer.aggregates.extend(catalog.aggregates.keys().cloned());
        }
        offer.fields.sort();
        offer.fields.dedup();
        offer
    };
    opened.iter().map(offer).collect()
}

/// Reads every entry: digests and numbers in one go.
pub(super) fn read(
    manifest: &Manifest,
    opened: &[Opened],
    bound: &[Bound],
) -> Result<Vec<Read>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut entries = Vec::new();
    for (entry, spec) in opened.iter().zip(&manifest.evidence) {
        match read_entry(entry, spec, bound) {
            Ok(read) => entries.push(read),
            Err(found) => findings.extend(found),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(entries) }
}

fn read_entry(entry: &Opened, spec: &EvidenceSpec, bound: &[Bound]) -> Result<Read, Diagnostics> {
    let gates: Vec<&Bound> = bound.iter().filter(|one| one.evidence == entry.name).collect();
    let (sha256, table) = rayon::join(|| digest_all(&entry.located), || table(entry, spec, &gates));
    let table = table?;
    let sha256 = sha256?;
    for (file, _) in &entry.files {
        file.check_length()?;
    }
    if let Some(declared) = spec.sha256.as_ref().filter(|declared| declared.value != sha256) {
        return Err(Diagnostic::error(
            "evidence-digest",
            format!("evidence `{}` is not the declared one", entry.name),
        )
        .at(declared.span, "declared")
        .note(format!("its bytes have sha256 {}", sha256.hex()))
        .help("restore the results that were meant, or declare the new digest")
        .into());
    }
    let mut formats: Vec<&str> = entry.files.iter().map(|(_, catalog)| catalog.format.word()).collect();
    formats.dedup();
    Ok(Read {
        name: entry.name.clone(),
        format: if let [one] = formats.as_slice() { one } else { "mixed" },
        sha256,
        identity: identity(entry),
        table,
    })
}

/// The numbers of an entry's samples; none where it has aggregates only.
fn table(entry: &Opened, spec: &EvidenceSpec, gates: &[&Bound]) -> Result<Option<Table>, Diagnostics> {
    let sampled: Vec<_> =
        entry.files.iter().filter(|(_, catalog)| catalog.format != Format::Metrics).collect();
    if sampled.is_empty() {
        return Ok(None);
    }
    let mut plan = Plan::new(&spec.conditions, gates);
    plan.labels_are_text = sampled.iter().any(|(_, catalog)| catalog.format == Format::Csv);
    let inputs: Vec<Input<'_>> = sampled
        .iter()
        .map(|(file, catalog)| Input {
            source: file,
            format: catalog.format,
            compression: catalog.compression,
        })
        .collect();
    let table = metric::gather(&inputs, plan)?;
    if table.has_epochs {
        return Err(Diagnostic::error(
            "not-applied-yet",
            "epochs of one question are not judged yet by this relgate",
        )
        .in_file(inputs.first().map_or("", |input| input.source.name()))
        .note("samples of one question are not independent; judging them as such would be wrong")
        .help("give one sample a question, without `epoch`")
        .into());
    }
    Ok(Some(table))
}

/// What all files of an entry say alike: the oldest time, and the artifacts that every file names the same way.
fn identity(entry: &Opened) -> Identity {
    let mut files = entry.files.iter().map(|(_, catalog)| &catalog.identity);
    let Some(first) = files.next() else { return Identity::default() };
    let mut common = first.clone();
    for other in files {
        common.created = common.created.zip(other.created).map(|(a, b)| a.min(b));
        common.artifacts.retain(|key, value| other.artifacts.get(key) == Some(value));
    }
    common
}

/// Assesses every gate.
pub(super) fn assess(
    manifest: &Manifest,
    opened: &[Opened],
    read: &[Read],
    bound: &[Bound],
) -> Result<Vec<Assessment>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut assessments = Vec::new();
    let tables: BTreeMap<&str, &Table> =
        read.iter().filter_map(|entry| Some((entry.name.as_str(), entry.table.as_ref()?))).collect();
    for one in bound {
        let measured = match &one.measure {
            Measure::Aggregate { name, .. } => stated(opened, one, name),
            _ => match tables.get(one.evidence.as_str()) {
                Some(table) => Ok(metric::measure(one, table)),
                None => Err(Diagnostic::error(
                    "unknown-metric",
                    format!("evidence `{}` has no samples", one.evidence),
                )),
            },
        };
        match (measured, manifest.gates.get(one.gate)) {
            (Ok(measured), Some(gate)) => {
                assessments.push(metric::assess(one, &measured, &gate::settings(gate, &manifest.policy)));
            }
            (Err(finding), _) => findings.push(finding),
            (Ok(_), None) => {}
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(assessments) }
}

/// An aggregate, checked against what its metric can be.
fn stated(opened: &[Opened], bound: &Bound, name: &str) -> Result<Measured, Diagnostic> {
    let entry = opened.iter().find(|entry| entry.name == bound.evidence);
    let found = entry.and_then(|entry| {
        entry.files.iter().find_map(|(file, catalog)| Some((file, catalog.aggregates.get(name)?)))
    });
    let Some((file, aggregate)) = found else {
        return Err(Diagnostic::error(
            "unknown-metric",
            format!("evidence `{}` has no `{name}`", bound.evidence),
        ));
    };
    metric::check_stated(bound, &aggregate.measured)
        .map_err(|finding| finding.at_line(file.name(), aggregate.line))?;
    Ok(Measured { rows: 0, selected: 0, missing: 0, data: Data::Stated(aggregate.measured.clone()) })
}
