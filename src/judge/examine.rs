//! Opens the evidence of a manifest, binds its gates, streams what they need, and assesses each.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::compare::{self, BaselineRead, Baselines};
use super::opened::{Opened, labels_are_text};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::{Declared, Identity, ResultsFile};
use crate::gate;
use crate::manifest::{Condition, Digest, EvidenceSpec, GateSpec, Manifest, Reference};
use crate::metric::{self, Assessment, Bound, Data, Label, Measure, Measured, Offer, Plan, Settings, Table};

/// One evidence entry, read.
pub(crate) struct Read {
    /// Its name.
    pub(crate) name: String,
    /// How its files are written.
    pub(crate) format: &'static str,
    /// Its digest.
    pub sha256: Digest,
    /// What each of its files says about itself.
    pub(crate) identities: Vec<Identity>,
    /// The numbers of its samples, where it has some.
    pub(crate) table: Option<Table>,
}

/// Names given on the command line that no evidence entry has.
pub(crate) fn unknown_names(manifest: &Manifest, flag: &str, given: &[(String, String)]) -> Diagnostics {
    let known = || manifest.evidence.iter().map(|entry| entry.name.value.as_str());
    let mut findings = Diagnostics::new();
    for (name, _) in given.iter().filter(|(name, _)| !known().any(|known| known == name)) {
        findings.push(
            Diagnostic::error(
                Code::UnknownEvidence,
                format!("`{flag} {name}=...`: the manifest has no evidence of that name"),
            )
            .suggest(name, known())
            .note(format!("it has {}", crate::diagnostic::list(known(), 12))),
        );
    }
    findings
}

/// Opens every evidence entry where `find` finds its files.
///
/// # Errors
/// Every entry that is not there or that relgate does not understand.
pub(crate) fn open(
    manifest: &Manifest,
    find: &dyn Fn(&EvidenceSpec) -> Result<Vec<ResultsFile>, Diagnostic>,
) -> Result<Vec<Opened>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut opened = Vec::new();
    for entry in &manifest.evidence {
        let files = find(entry).map_err(Diagnostics::from);
        let declared = Declared::new(&entry.fields, entry.format);
        match files.and_then(|files| Opened::open(&entry.name.value, files, declared)) {
            Ok(entry) => opened.push(entry),
            Err(found) => findings.extend(found),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(opened) }
}

/// Binds the gates. Names that the first rows do not show are looked for in all rows before they are missed.
pub(crate) fn bind(manifest: &Manifest, opened: &mut [Opened]) -> Result<Vec<Bound>, Diagnostics> {
    let first = metric::bind(manifest, &offers(opened));
    let Err(findings) = first else { return first };
    let unseen = findings.iter().any(|finding| finding.code == Code::UnknownMetric);
    let partial = opened.iter().any(Opened::is_partial);
    if !(unseen && partial) {
        return Err(findings);
    }
    for entry in opened.iter_mut() {
        entry.look_at_all()?;
    }
    metric::bind(manifest, &offers(opened))
}

/// Binds gates whose names have been found before.
pub(crate) fn bind_known(manifest: &Manifest, opened: &[Opened]) -> Result<Vec<Bound>, Diagnostics> {
    metric::bind(manifest, &offers(opened))
}

fn offers(opened: &[Opened]) -> Vec<Offer> {
    let offer = |entry: &Opened| {
        let mut offer = Offer { evidence: entry.name.clone(), ..Offer::default() };
        for file in &entry.files {
            offer.fields.extend(file.catalog.fields.keys().cloned());
            offer.aggregates.extend(file.catalog.aggregates.keys().cloned());
        }
        offer.fields.sort();
        offer.fields.dedup();
        offer
    };
    opened.iter().map(offer).collect()
}

/// Reads every entry: digests and numbers in one go.
pub(crate) fn read(
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
    let (sha256, table) =
        rayon::join(|| entry.digest(), || table(entry, &spec.conditions, false, spec, &gates));
    let table = table?;
    let sha256 = sha256?;
    entry.check_lengths()?;
    if let Some(declared) = spec.sha256.as_ref().filter(|declared| declared.value != sha256) {
        return Err(Diagnostic::error(
            Code::EvidenceDigest,
            format!("evidence `{}` is not the declared one", entry.name),
        )
        .at(declared.span, "declared")
        .note(format!("its bytes have sha256 {}", sha256.hex()))
        .help("restore the results that were meant, or declare the new digest")
        .into());
    }
    let mut formats: Vec<&str> = entry.files.iter().map(|file| file.catalog.format.word()).collect();
    formats.dedup();
    Ok(Read {
        name: entry.name.clone(),
        format: if let [one] = formats.as_slice() { one } else { "mixed" },
        sha256,
        identities: entry.identities(),
        table,
    })
}

/// The numbers of an entry's samples; none where it has aggregates only.
pub(crate) fn table(
    entry: &Opened,
    conditions: &[Condition],
    bundled: bool,
    spec: &EvidenceSpec,
    gates: &[&Bound],
) -> Result<Option<Table>, Diagnostics> {
    let inputs = entry.samples();
    if inputs.is_empty() {
        return Ok(None);
    }
    let mut plan =
        Plan::new(conditions, spec.cluster.as_ref().map(|field| field.value.as_str()), bundled, gates);
    plan.labels_are_text = labels_are_text(&inputs);
    let table = metric::gather(&inputs, plan)?;
    Ok(Some(table))
}

/// A gate's whole and its slices, assessed.
pub(crate) struct Assessed {
    /// All of its samples.
    pub(crate) whole: Assessment,
    /// Each slice.
    pub(crate) slices: Vec<(Vec<Label>, Assessment)>,
}

/// Assesses every gate; results and findings in the order of the manifest.
pub(crate) fn assess(
    manifest: &Manifest,
    opened: &[Opened],
    read: &[Read],
    baselines: &Baselines,
    bound: &[(&Bound, bool)],
) -> Result<Vec<Assessed>, Diagnostics> {
    let tables: BTreeMap<&str, &Table> =
        read.iter().filter_map(|entry| Some((entry.name.as_str(), entry.table.as_ref()?))).collect();
    let gates: Vec<(&GateSpec, &Bound, bool)> =
        manifest.gates.iter().zip(bound).map(|(gate, (one, applies))| (gate, *one, *applies)).collect();
    let assess = |(gate, one, applies): &(&GateSpec, &Bound, bool)| {
        if !applies {
            return Ok(Assessed { whole: Assessment::not_measured(), slices: Vec::new() });
        }
        let settings = gate::settings(gate, &manifest.policy);
        let against = one.against().unwrap_or(Reference::Baseline);
        let baseline = baselines.get(&(against, one.evidence.clone()));
        let table = tables.get(one.evidence.as_str()).copied();
        assess_gate(gate, one, &settings, (opened, table), baseline)
    };
    let mut findings = Diagnostics::new();
    let mut assessed = Vec::new();
    // Clusters take long to resample, so their gates do it at the same time. The others are quick, and one after another they
    // need the memory of one.
    let slow = manifest.evidence.iter().any(|entry| entry.cluster.is_some());
    let results: Vec<_> =
        if slow { gates.par_iter().map(assess).collect() } else { gates.iter().map(assess).collect() };
    for result in results {
        match result {
            Ok(one) => assessed.push(one),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(assessed) }
}

/// Assesses one gate: its aggregate, or the samples of its table.
fn assess_gate(
    gate: &GateSpec,
    one: &Bound,
    settings: &Settings,
    (opened, table): (&[Opened], Option<&Table>),
    baseline: Option<&BaselineRead>,
) -> Result<Assessed, Diagnostic> {
    if let Measure::Aggregate { name, .. } = &one.measure {
        let entry = opened.iter().find(|entry| entry.name == one.evidence);
        let candidate = stated(entry, one, name)?;
        let whole = match one.change {
            None => metric::assess(one, &candidate, settings),
            Some(_) => {
                let baseline = stated(baseline.map(|read| &read.opened), one, name)?;
                metric::compare_stated(one, &candidate, &baseline, settings)
            }
        };
        return refuse_slices(gate, whole);
    }
    let Some(table) = table else {
        let text = format!("evidence `{}` has no samples", one.evidence);
        return Err(Diagnostic::error(Code::UnknownMetric, text));
    };
    match (one.change, baseline.and_then(|baseline| baseline.table.as_ref())) {
        (None, baseline) => sampled(gate, one, (table, baseline), settings),
        (Some(_), Some(baseline)) => compare::samples(gate, one, table, baseline, settings),
        (Some(_), None) => {
            let whose = one.against().unwrap_or_default().word();
            Err(Diagnostic::error(Code::NoBaselineEvidence, format!("the {whose} has no samples"))
                .at(gate.rule.subject_span(), format!("compared with the {whose}")))
        }
    }
}

fn sampled(
    gate: &GateSpec,
    bound: &Bound,
    (table, baseline): (&Table, Option<&Table>),
    settings: &Settings,
) -> Result<Assessed, Diagnostic> {
    let mut selection = metric::select(bound, table);
    if let Some(baseline) = baseline.filter(|_| !bound.by.is_empty()) {
        metric::add_slices_of(bound, baseline, &mut selection);
    }
    limit_slices(gate, selection.slices.len())?;
    let assess = |rows: &[u32]| metric::assess(bound, &metric::measure(bound, table, rows), settings);
    let slices = selection.slices.iter().map(|(key, rows)| (key.clone(), assess(rows))).collect();
    Ok(Assessed { whole: assess(&selection.whole), slices })
}

/// A cross product of slices has the same limit as a single field.
pub(crate) fn limit_slices(gate: &GateSpec, slices: usize) -> Result<(), Diagnostic> {
    match gate.by.first() {
        Some(field) if slices > metric::MOST_LABELS => Err(Diagnostic::error(
            Code::TooManySlices,
            format!("{slices} slices are more than {}", metric::MOST_LABELS),
        )
        .at(field.span, "judged by the cross product of these fields")
        .help("judge by fewer fields, or by fields with fewer values")),
        _ => Ok(()),
    }
}

/// An aggregate has no samples to slice.
fn refuse_slices(gate: &GateSpec, whole: Assessment) -> Result<Assessed, Diagnostic> {
    match gate.by.first() {
        None => Ok(Assessed { whole, slices: Vec::new() }),
        Some(field) => {
            Err(Diagnostic::error(Code::SlicesOfAnAggregate, "an aggregate cannot be judged by slices")
                .at(field.span, "asked for here")
                .help("give relgate the samples, or one aggregate with a gate of its own per slice"))
        }
    }
}

/// An aggregate, checked against what its metric can be.
pub(crate) fn stated(entry: Option<&Opened>, bound: &Bound, name: &str) -> Result<Measured, Diagnostic> {
    let found = entry.and_then(|entry| {
        entry.files.iter().find_map(|file| Some((file.source(), file.catalog.aggregates.get(name)?)))
    });
    let Some((file, aggregate)) = found else {
        return Err(Diagnostic::error(
            Code::UnknownMetric,
            format!("evidence `{}` has no `{name}`", bound.evidence),
        ));
    };
    metric::check_stated(bound, &aggregate.measured)
        .map_err(|finding| finding.at_line(file.name(), aggregate.line))?;
    Ok(Measured { rows: 0, selected: 0, missing: 0, data: Data::Stated(aggregate.measured.clone()) })
}
