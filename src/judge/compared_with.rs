//! The files that metrics of texts need besides the results: references, and JSON Schemas.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::opened::Opened;
use crate::artifact::{ResultsFile, Tree, digest_bytes, digest_files};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Spanned};
use crate::evidence::{self, Declared, Depth, Projected, Projection, Role, whole_text};
use crate::manifest::{EvidenceSpec, FieldSource, Manifest, MetricSpec, ReferenceFile, fold};
use crate::metric::{Bound, LoadedFile, ReferenceRows, References, references_by_id, references_by_line};
use crate::text::json_schema::AnswerSchema;

/// The largest file of references of lines, in bytes.
const MOST_REFERENCES: u64 = 256 << 20;
/// The largest JSON Schema, in bytes.
const MOST_SCHEMA: u64 = 4 << 20;

/// Reads the files that these measure against, each once, and hands them to their measures.
///
/// # Errors
/// A file that is not there or cannot be read, or has other rows than the results.
pub fn read_compared_with<'b>(
    bounds: impl Iterator<Item = &'b mut Bound>,
    opened: &[Opened],
    manifest: &Manifest,
    tree: &dyn Tree,
) -> Result<(), Diagnostics> {
    let bounds: Vec<&mut Bound> = bounds.collect();
    for entry in opened.iter().filter(|entry| entry.is_parts()) {
        let own: Vec<&Bound> =
            bounds.iter().map(|bound| &**bound).filter(|bound| bound.evidence == entry.name).collect();
        entry.check_against(&digests_against(&own, manifest, tree)?)?;
    }
    read(bounds.into_iter(), opened, true, (manifest, tree))
}

/// The same for the gates of an entry of which one part is here, or all of it.
///
/// # Errors
/// A file that is not there or cannot be read, or lacks rows of the results; one of lines, where not all rows are here.
pub(super) fn read_compared_with_part(
    bounds: &mut [Bound],
    opened: &Opened,
    manifest: &Manifest,
    tree: &dyn Tree,
    is_whole: bool,
) -> Result<(), Diagnostics> {
    read(bounds.iter_mut(), std::slice::from_ref(opened), is_whole, (manifest, tree))
}

/// The digests of the files that these measure against, by path.
///
/// # Errors
/// A file that is not there or cannot be read.
pub(super) fn digests_against(
    bounds: &[&Bound],
    manifest: &Manifest,
    tree: &dyn Tree,
) -> Result<BTreeMap<String, String>, Diagnostic> {
    let mut digests = BTreeMap::new();
    for bound in bounds {
        let named = |metric: &&MetricSpec| fold(&metric.name.value) == bound.metric;
        let Some(metric) = manifest.metrics.iter().find(named) else { continue };
        for needed in needed(bound, metric) {
            let path = needed.path();
            let files = tree.expand(&metric.name.value, path)?;
            let digest = digest_files(&files.iter().collect::<Vec<_>>())?;
            digests.insert(path.value.clone(), digest.hex().to_owned());
        }
    }
    Ok(digests)
}

fn read<'b>(
    bounds: impl Iterator<Item = &'b mut Bound>,
    opened: &[Opened],
    is_whole: bool,
    (manifest, tree): (&Manifest, &dyn Tree),
) -> Result<(), Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut known: BTreeMap<String, LoadedFile> = BTreeMap::new();
    for bound in bounds {
        let named = |metric: &&MetricSpec| fold(&metric.name.value) == bound.metric;
        let Some(metric) = manifest.metrics.iter().find(named) else { continue };
        for needed in needed(bound, metric) {
            let key = needed.key(&bound.evidence);
            let loaded = match known.get(&key) {
                Some(loaded) => loaded.clone(),
                None => match needed.load(metric, &bound.evidence, is_whole, (opened, manifest, tree)) {
                    Ok(loaded) => known.entry(key).or_insert(loaded).clone(),
                    Err(found) => {
                        findings.extend(found);
                        continue;
                    }
                },
            };
            if let Some(measure) = bound.measure.with_file(&loaded) {
                bound.measure = measure;
            }
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(()) }
}

/// A file that a metric needs.
enum Needed {
    References(ReferenceFile),
    Schema(Spanned<String>),
}

fn needed(bound: &Bound, metric: &MetricSpec) -> Vec<Needed> {
    let references = bound.measure.reference_file().cloned().map(Needed::References);
    let schema = metric.text.as_ref().and_then(|text| text.schema.clone()).map(Needed::Schema);
    references.into_iter().chain(schema).collect()
}

impl Needed {
    fn path(&self) -> &Spanned<String> {
        match self {
            Self::References(file) => &file.path,
            Self::Schema(path) => path,
        }
    }

    /// The same file for the same results is read once.
    fn key(&self, evidence: &str) -> String {
        match self {
            Self::References(file) => format!("{evidence} {file:?}"),
            Self::Schema(path) => path.value.clone(),
        }
    }

    fn load(
        &self,
        metric: &MetricSpec,
        evidence: &str,
        is_whole: bool,
        (opened, manifest, tree): (&[Opened], &Manifest, &dyn Tree),
    ) -> Result<LoadedFile, Diagnostics> {
        let name = &metric.name.value;
        match self {
            Self::References(file) => {
                let files = tree.expand(name, &file.path)?;
                let entry = opened.iter().find(|entry| entry.name == evidence);
                let spec = manifest.evidence.iter().find(|spec| spec.name.value == evidence);
                let (Some(entry), Some(spec)) = (entry, spec) else {
                    return Ok(LoadedFile::References(Arc::default()));
                };
                let references = references(file, &files, entry, spec, is_whole)?;
                Ok(LoadedFile::References(Arc::new(references)))
            }
            Self::Schema(path) => Ok(LoadedFile::Schema(Arc::new(schema(&tree.expand(name, path)?, path)?))),
        }
    }
}

fn references(
    file: &ReferenceFile,
    files: &[ResultsFile],
    entry: &Opened,
    spec: &EvidenceSpec,
    is_whole: bool,
) -> Result<References, Diagnostics> {
    let name = files.first().map_or("", |file| file.source.name()).to_owned();
    if file.by_line && !is_whole {
        let text = "references are found line by line, and one part holds not every row";
        return Err(Diagnostic::error(Code::ReferencesUnmatched, text)
            .at(file.path.span, "a line for every row")
            .help("let them be found by id: a file of rows with `id` and `reference`; or make one part of all results")
            .into());
    }
    if file.by_line {
        let mut lines = Vec::new();
        for file in files {
            let text = whole_text(file.source.as_ref(), "this file of references", MOST_REFERENCES)?;
            let text = text.strip_suffix('\n').unwrap_or(&text);
            lines.extend(text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned()));
        }
        return references_by_line(lines, &entry.samples(), &name);
    }
    let own = file
        .id
        .as_ref()
        .map(|id| FieldSource { name: Spanned::new("id".to_owned(), id.span), paths: vec![id.clone()] });
    let of_evidence = spec.fields.iter().find(|source| source.name.value == "id").cloned();
    let declared = Declared::new(&Vec::from_iter(own.or(of_evidence)), None);
    let field = file.field.as_ref().map_or("reference", |field| &field.value);
    let mut rows = ReferenceRows::default();
    for file in files {
        let catalog = evidence::probe_as(file.source.as_ref(), Depth::Head, &declared)?;
        let projection = Projection {
            fields: vec![Projected { name: field.to_owned(), role: Role::Texts }],
            records: false,
            paths: catalog.paths.clone(),
        };
        evidence::stream(file.source.as_ref(), catalog.format, catalog.compression, &projection, &mut rows)?;
    }
    files.iter().try_for_each(|file| file.source.check_unchanged())?;
    references_by_id(rows.rows, &entry.samples(), &name, is_whole)
}

fn schema(files: &[ResultsFile], path: &Spanned<String>) -> Result<AnswerSchema, Diagnostic> {
    let [file] = files else {
        return Err(Diagnostic::error(Code::BadSchema, "a JSON Schema is one file")
            .at(path.span, "names several")
            .help("name the schema that an answer has to meet"));
    };
    let text = whole_text(file.source.as_ref(), "this JSON Schema", MOST_SCHEMA)?;
    let digest = digest_bytes(text.as_bytes());
    let digest = digest.hex().get(..16).unwrap_or_default().to_owned();
    AnswerSchema::new(&text, digest).map_err(|why| {
        Diagnostic::error(Code::BadSchema, format!("`{}` is no JSON Schema: {why}", path.value))
            .at(path.span, "cannot be read")
            .help("mend it; what it refers to has to stand in it, since nothing is fetched")
    })
}
