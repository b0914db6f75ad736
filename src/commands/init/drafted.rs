//! Gates for the results that were found, each tried out before it is proposed.

use std::collections::BTreeMap;
use std::path::Path;

use super::found::{LeftOut, Results};
use crate::commands::measured::levels;
use crate::diagnostic::Diagnostics;
use crate::document::scalar;
use crate::evidence::{Catalog, Declared, Paths, ResultsFile};
use crate::files::EvidenceFile;
use crate::judge::{Level, Opened};
use crate::metric::Offer;
use crate::propose::{
    self, DraftBaseline, DraftEntry, DraftField, Holding, ManifestDraft, Pair, Proposals, ProposedGate,
    Unjudged, name_of,
};
use crate::report::MeasuredValue;

/// An evidence entry with its gates.
pub(super) struct Part {
    pub(super) entry: DraftEntry,
    pub(super) gates: Vec<ProposedGate>,
    pub(super) unjudged: Vec<Unjudged>,
    /// Rows that were looked at; none of aggregates.
    pub(super) rows: u64,
}

/// An evidence entry for every file of results that is not one from before.
pub(super) fn parts(folder: &Path, results: &[Results], left: &mut Vec<LeftOut>) -> Vec<Part> {
    let paths: Vec<&str> = results.iter().map(|one| one.path.as_str()).collect();
    let named = |path: &str| results.iter().find(|one| one.path == path);
    let mut pairs: Vec<(Pair, String)> = Vec::new();
    for pair in propose::pairs(&paths) {
        let name = free_name(&pair.new, &pairs);
        pairs.push((pair, name));
    }
    let offers: Vec<Offer> =
        pairs.iter().filter_map(|(pair, name)| Some(offer(name, named(&pair.new)?))).collect();
    for older in paths.iter().filter(|path| !pairs.iter().any(|(pair, _)| pair.names(path))) {
        left.push(LeftOut {
            path: (*older).to_owned(),
            why: "older than what it could be the baseline of".to_owned(),
        });
    }
    let mut parts = Vec::new();
    for (pair, name) in &pairs {
        let (new, old) = (named(&pair.new), pair.old.as_deref().and_then(named));
        let Some(new) = new else { continue };
        match part(folder, name, new, old, &offers) {
            Ok(part) => parts.push(part),
            Err(findings) => left.push(LeftOut { path: pair.new.clone(), why: first(&findings) }),
        }
    }
    parts
}

/// The first thing that findings say.
pub(super) fn first(findings: &Diagnostics) -> String {
    findings.iter().next().map_or_else(String::new, |first| first.title.clone())
}

/// A name that no other entry has: of the file, else with its folder.
fn free_name(path: &str, taken: &[(Pair, String)]) -> String {
    let free = |name: &String| !taken.iter().any(|(_, other)| other == name);
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    let whole = path.replace('/', "-");
    let names = [name_of(file), name_of(&whole)].into_iter();
    let numbered = (2..).map(|number| format!("{}-{number}", name_of(file)));
    names.chain(numbered).find(free).unwrap_or_default()
}

fn offer(name: &str, results: &Results) -> Offer {
    Offer {
        evidence: name.to_owned(),
        fields: results.catalog.fields.keys().cloned().collect(),
        aggregates: results.catalog.aggregates.keys().cloned().collect(),
        scores: results.catalog.told.scores.clone(),
        high_is_good: results.catalog.told.high_is_good.clone(),
        asides: Vec::new(),
    }
}

/// What picks the rows of each run of a file that holds several; empty where it holds one.
fn runs(catalog: &Catalog) -> Vec<Vec<DraftField>> {
    let mut selects: Vec<&BTreeMap<String, String>> = Vec::new();
    for run in catalog.told.runs.iter().filter(|run| run.rows > 0) {
        if !selects.contains(&&run.select) {
            selects.push(&run.select);
        }
    }
    if selects.len() < 2 {
        return Vec::new();
    }
    let field = |(key, value): (&String, &String)| DraftField {
        key: key.clone(),
        values: vec![propose::condition(key, value, [catalog])],
    };
    selects.into_iter().map(|select| select.iter().map(field).collect()).collect()
}

/// Says which of the runs of a file is judged against which; these are guesses.
fn choose(entry: &mut DraftEntry, runs: &[Vec<DraftField>], has_old: bool) {
    let (Some(first), Some(last)) = (runs.first(), runs.last().filter(|_| runs.len() > 1)) else { return };
    let count = runs.len();
    entry.conditions.clone_from(last);
    if !has_old {
        entry.baseline = Some(DraftBaseline { path: entry.path.clone(), conditions: first.clone() });
    }
    entry.comments.push(format!(
        "PROPOSAL: the file holds {count} runs; the last is judged here. Which one is to be released, and which runs today?"
    ));
}

fn part(
    folder: &Path,
    name: &str,
    new: &Results,
    old: Option<&Results>,
    offers: &[Offer],
) -> Result<Part, Diagnostics> {
    let (holding, opened) = look(folder, new, name)?;
    let mut entry = DraftEntry {
        name: name.to_owned(),
        path: new.path.clone(),
        fields: new.fields.iter().map(as_yaml).collect(),
        ..DraftEntry::default()
    };
    let rows = new.catalog.rows;
    choose(&mut entry, &runs(&new.catalog), old.is_some());
    if entry.baseline.is_some() {
        let Proposals { gates, unjudged } = propose::against(name, &holding, &holding, offers);
        return Ok(Part { entry, gates, unjudged, rows });
    }
    if let Some(old) = old {
        let (before, _) = look(folder, old, name)?;
        entry.comments.push("PROPOSAL: `baseline` was found by its name; is it what runs today?".to_owned());
        entry.baseline = Some(DraftBaseline { path: old.path.clone(), conditions: Vec::new() });
        let Proposals { gates, unjudged } = propose::against(name, &holding, &before, offers);
        return Ok(Part { entry, gates, unjudged, rows });
    }
    let Proposals { gates, mut unjudged } = propose::measurable(name, &holding, offers);
    let (gates, open): (Vec<_>, Vec<_>) = gates.into_iter().partition(|gate| gate.direction.is_some());
    unjudged.extend(open.into_iter().map(|gate| Unjudged {
        field: gate.field,
        why: "nothing says whether high or low values are good".to_owned(),
        rules: Vec::new(),
        label: false,
    }));
    let measured: Vec<String> = gates.iter().map(|gate| gate.field.clone()).collect();
    let gates = with_limits(&entry, gates, opened)?;
    let without = measured.into_iter().filter(|field| gates.iter().all(|gate| gate.field != *field));
    unjudged.extend(without.map(|field| Unjudged {
        field,
        why: "no limit can be made of what was measured".to_owned(),
        rules: Vec::new(),
        label: false,
    }));
    Ok(Part { entry, gates, unjudged, rows })
}

/// The gates with limits a little worse than what was measured, which is said of each.
fn with_limits(
    entry: &DraftEntry,
    gates: Vec<ProposedGate>,
    opened: Opened,
) -> Result<Vec<ProposedGate>, Diagnostics> {
    if gates.is_empty() {
        return Ok(gates);
    }
    let draft =
        ManifestDraft { evidence: vec![entry.clone()], gates: gates.clone(), ..ManifestDraft::empty() };
    let measured = levels(&draft, &mut [opened])?;
    let limited = |(gate, level): (&ProposedGate, &Level)| {
        let value = level.estimate.value?;
        let limited = gate.level(value, level.unit)?;
        let measured =
            MeasuredValue { name: gate.field.clone(), estimate: level.estimate.clone(), unit: level.unit };
        let why = format!("PROPOSAL made of these very results ({}): write what users need", measured.cell());
        Some(ProposedGate { why, ..limited })
    };
    Ok(gates.iter().zip(&measured).filter_map(limited).collect())
}

fn look(folder: &Path, results: &Results, name: &str) -> Result<(Holding, Opened), Diagnostics> {
    let source = EvidenceFile::open(&folder.join(&results.path), &results.path)?;
    let mut paths = Paths::default();
    for field in &results.fields {
        paths.add(&field.key, field.values.clone());
    }
    let file = ResultsFile { source: Box::new(source), member: results.path.clone() };
    let mut opened = Opened::open(name, vec![file], Declared { format: None, paths, records: false })?;
    opened.look_at_all()?;
    let mut holding = Holding::of(opened.files.iter().map(|file| &file.catalog));
    for file in &opened.files {
        propose::look(&mut holding, file.source(), &file.catalog)?;
    }
    Ok((holding, opened))
}

fn as_yaml(field: &DraftField) -> DraftField {
    DraftField { key: field.key.clone(), values: field.values.iter().map(|value| scalar(value)).collect() }
}
