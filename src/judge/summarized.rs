//! Files of an evidence entry as one part: their rows as numbers, and the header that says what they are of.

use std::io::Write;

use super::compared_with::{digests_against, read_compared_with_part};
use super::copied::measured_fields;
use super::entry;
use super::opened::{Opened, OpenedFile};
use super::people;
use crate::artifact::{DigestWriter, Tree};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::{
    self, Declared, MadeFor, NumbersPart, PartHeader, PartSource, Projected, ResultsFile, Role, part_line,
};
use crate::manifest::{EvidenceSpec, Manifest};
use crate::metric::{self, Bound, Stripping};

/// What a part is made of, and for.
pub struct Shard<'a> {
    /// What the release declares.
    pub manifest: &'a Manifest,
    /// Its entry.
    pub spec: &'a EvidenceSpec,
    /// Where the files are that texts are compared with.
    pub tree: &'a dyn Tree,
    /// What its numbers are made for.
    pub made_for: MadeFor,
    /// Which part it is, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
}

/// A part whose rows are written.
pub struct Summarized {
    /// The line of its header.
    pub header: String,
    /// Its rows.
    pub rows: u64,
    /// The files that they are of.
    pub files: usize,
}

/// Reads files of an entry and writes their rows as numbers to `out`.
///
/// # Errors
/// Damaged results, aggregates without rows, values that no gate takes, or of `out`.
pub fn summarize(
    shard: Shard<'_>,
    mut files: Vec<ResultsFile>,
    out: &mut (dyn Write + Send),
) -> Result<Summarized, Diagnostics> {
    let Shard { manifest, spec, tree, made_for, number, of } = shard;
    files.iter().try_for_each(refuse_part)?;
    files.sort_by(|a, b| a.member.as_bytes().cmp(b.member.as_bytes()));
    let declared = Declared::new(&spec.fields, spec.format).with_raters(spec.row_key.as_ref());
    let mut opened = Opened::open(&spec.name.value, files, declared)?;
    refuse_aggregates(&opened)?;
    let mut bounds = bounds(manifest, spec, &mut opened)?;
    if bounds.is_empty() {
        let text = format!("no gate of the release is about evidence `{}`", spec.name.value);
        let finding = Diagnostic::error(Code::UnknownMetric, text).in_file(opened.first_file());
        return Err(finding.help("name the evidence that gates are about: `--evidence NAME`").into());
    }
    read_compared_with_part(&mut bounds, &opened, manifest, tree, of == 1)?;
    let against = digests_against(&bounds.iter().collect::<Vec<_>>(), manifest, tree)?;
    let plan = entry::plan(&opened, &spec.conditions, false, spec, &bounds.iter().collect::<Vec<_>>());
    let further = further(manifest, &opened, &bounds)?;
    let rated = opened.files.iter().any(|file| file.catalog.paths.tells_raters());
    let stripping = Stripping::new(plan, bounds, &further, rated);
    let mut out = DigestWriter::new(out);
    let sources = sources(&opened, &stripping, &mut out)?;
    opened.check_unchanged()?;
    let rows = sources.iter().map(|source| source.rows).sum();
    let files = sources.len();
    let header = PartHeader {
        number,
        of,
        evidence: Some(spec.name.value.clone()),
        made_for,
        against,
        sources,
        sha256: String::new(),
    };
    Ok(Summarized { header: part_line(stripping.columns(), rows, &out.finish().1, header), rows, files })
}

/// A part is made of results.
fn refuse_part(file: &ResultsFile) -> Result<(), Diagnostic> {
    if NumbersPart::of(file.source.as_ref())?.is_none() {
        return Ok(());
    }
    Err(Diagnostic::error(Code::NumbersParts, "this is a part already")
        .in_file(file.source.name())
        .help("name the results themselves"))
}

/// What is no rows that numbers could be made of.
fn refuse_aggregates(opened: &Opened) -> Result<(), Diagnostic> {
    let is_stated = |file: &&OpenedFile| !file.catalog.has_samples() && !file.catalog.aggregates.is_empty();
    let Some(stated) = opened.files.iter().find(is_stated) else { return Ok(()) };
    Err(Diagnostic::error(Code::NoSamples, "this file holds aggregates, and no rows to make numbers of")
        .in_file(stated.source().name())
        .help("it is small: make an evidence entry of its own of it, which `relgate check` reads as it is"))
}

/// The gates that are about these files. Names that the first rows do not show are looked for in all rows.
fn bounds(manifest: &Manifest, spec: &EvidenceSpec, opened: &mut Opened) -> Result<Vec<Bound>, Diagnostics> {
    let bind = |opened: &Opened| {
        let mut bounds = metric::bind_those(manifest, &[opened.offer()]);
        bounds.retain(|bound| bound.evidence == spec.name.value);
        bounds
    };
    let bounds = bind(opened);
    let elsewhere = |gate: &crate::manifest::GateSpec| {
        gate.evidence.as_ref().is_some_and(|evidence| evidence.value != spec.name.value)
    };
    let asked = manifest.gates.iter().filter(|gate| !elsewhere(gate)).count();
    let selecting = spec.conditions.iter().map(|condition| condition.field.value.as_str());
    let cluster = spec.cluster.iter().map(|field| field.value.as_str());
    let of_gates = bounds.iter().flat_map(Bound::names);
    let unseen = selecting.chain(cluster).chain(of_gates).any(|name| !opened.has(name));
    if (bounds.len() < asked || unseen) && opened.is_partial() {
        opened.look_at_all()?;
        return Ok(bind(opened));
    }
    Ok(bounds)
}

/// What is looked at besides what the gates are about: times and prices that tell copied results, and where people labelled
/// rows for a judge, what could show that these are no random part.
fn further(manifest: &Manifest, opened: &Opened, bounds: &[Bound]) -> Result<Vec<Projected>, Diagnostics> {
    let of = |name: &str, role: Role| Projected { name: name.to_owned(), role };
    let mut further = Vec::new();
    if manifest.baseline.is_some() {
        further.extend(measured_fields(opened).into_iter().map(|name| of(name, Role::Score)));
    }
    let labelled: Vec<&Bound> = bounds.iter().filter(|bound| people::labels(bound).is_some()).collect();
    for bound in &labelled {
        let own = people::labels(bound).into_iter().chain(bound.measure.case_field());
        further.extend(own.map(|name| of(name, Role::Label)));
    }
    for file in opened.files.iter().filter(|file| !labelled.is_empty() && file.catalog.has_samples()) {
        for run in evidence::census(file.source(), &file.catalog)? {
            further.extend(run.labels.keys().map(|name| of(name, Role::Label)));
        }
    }
    further.sort();
    further.dedup();
    Ok(further)
}

fn sources(
    opened: &Opened,
    stripping: &Stripping,
    out: &mut (dyn Write + Send),
) -> Result<Vec<PartSource>, Diagnostics> {
    let inputs = opened.samples();
    let mut sampled = inputs.iter();
    let mut sources = Vec::new();
    for file in &opened.files {
        let input = if file.catalog.has_samples() { sampled.next() } else { None };
        let (rows, sha256) = match input {
            Some(input) => {
                let read = metric::strip(input, stripping, out)?;
                (read.rows, read.sha256)
            }
            None => (0, None),
        };
        let sha256 = sha256.map_or_else(|| evidence::digest_source(file.source()), Ok)?;
        sources.push(PartSource {
            name: file.source().name().to_owned(),
            member: file.results.member.clone(),
            bytes: file.source().len(),
            sha256: sha256.hex().to_owned(),
            rows,
            torn: 0,
            began: None,
            catalog: file.catalog.clone(),
        });
    }
    Ok(sources)
}
