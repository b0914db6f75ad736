//! What is in one file: its runs, their counts, and what can be measured in each.

use std::collections::BTreeMap;

use super::proposed::{self, MeasuredRun};
use crate::commands::measured::levels;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, Spanned, printable};
use crate::evidence::{self, Catalog, Census, Declared, ResultsFile, ToolRun};
use crate::judge::{Level, LevelKind, Opened, check_cases};
use crate::manifest::{Condition, Literal};
use crate::propose::{self, DraftEntry, DraftField, Holding, ManifestDraft, ProposedGate};
use crate::report::v1::ReportFinding;
use crate::report::{MeasuredValue, UnderstoodFile, UnderstoodMetric, UnderstoodRun};

/// The entry that results are opened as.
pub(super) const ENTRY: &str = "results";

/// A file that was looked at.
pub(super) struct Looked {
    pub(super) told: UnderstoodFile,
    /// The lines of a manifest that fit it.
    pub(super) lines: Option<String>,
    /// What is wrong with it.
    pub(super) findings: Diagnostics,
    /// That it holds no results, where a tool writes it beside those.
    beside: Option<Diagnostic>,
}

/// Looks at the files that one path stands for; some of them must hold results.
pub(super) fn look_at(files: Vec<ResultsFile>) -> Vec<Looked> {
    let mut looked: Vec<Looked> = files.into_iter().map(look).collect();
    if looked.iter().all(|one| one.beside.is_some()) {
        looked.iter_mut().for_each(Looked::refuse);
    }
    looked
}

impl Looked {
    fn refuse(&mut self) {
        if let Some(finding) = self.beside.take() {
            self.told.problems.push(ReportFinding::of(&finding, &Sources::new()));
            self.findings.push(finding);
        }
    }
}

/// Looks at a file.
fn look(file: ResultsFile) -> Looked {
    let path = file.source.name().to_owned();
    let mut told = UnderstoodFile {
        path: path.clone(),
        format: None,
        tool: None,
        runs: Vec::new(),
        problems: Vec::new(),
    };
    let mut beside = None;
    let (runs, findings) = match opened(file) {
        Ok(opened) => {
            if let Some(file) = opened.files.first() {
                told.format = Some(file.catalog.format.word().to_owned());
                told.tool.clone_from(&file.catalog.told.tool);
            }
            beside = opened.nothing_but_beside_results();
            of_runs(opened)
        }
        Err(findings) => (Vec::new(), findings),
    };
    let lines = (!runs.is_empty()).then(|| proposed::lines(&path, &runs));
    told.runs = runs.into_iter().map(|run| run.told).collect();
    let sources = Sources::new();
    told.problems = findings.iter().map(|finding| ReportFinding::of(finding, &sources)).collect();
    Looked { told, lines, findings, beside }
}

fn opened(file: ResultsFile) -> Result<Opened, Diagnostics> {
    let mut opened = Opened::look_at(ENTRY, vec![file], Declared::default())?;
    opened.look_at_all()?;
    Ok(opened)
}

fn of_runs(mut opened: Opened) -> (Vec<MeasuredRun>, Diagnostics) {
    let mut findings = Diagnostics::new();
    let Some(file) = opened.files.first() else { return (Vec::new(), findings) };
    findings.extend(file.catalog.told.problems.iter().cloned());
    let mut holding = Holding::of([&file.catalog]);
    if let Err(found) = propose::look(&mut holding, file.source(), &file.catalog) {
        findings.extend(found);
        return (Vec::new(), findings);
    }
    let counted = if file.catalog.has_samples() {
        evidence::census(file.source(), &file.catalog)
    } else {
        Ok(vec![Census::default()])
    };
    let counted = match counted {
        Ok(counted) => counted,
        Err(found) => {
            findings.extend(found);
            return (Vec::new(), findings);
        }
    };
    let proposals = propose::measurable(ENTRY, &holding, &[opened.offer()]);
    // A score that cannot be one is worth a word; a label is none.
    findings.extend(proposals.unjudged.iter().filter(|left| !left.label).map(|left| {
        let text = format!("`{}` cannot be measured: {}", printable(&left.field), left.why);
        Diagnostic::warning(Code::FieldNotJudged, text)
    }));
    let selected: Vec<_> =
        counted.into_iter().map(|census| (conditions(&census.select, &file.catalog), census)).collect();
    let mut runs = Vec::new();
    for (conditions, census) in selected {
        let (measured, found) = match check_cases(&opened, &picking(&census.select)) {
            Ok(()) => measure(&mut opened, &conditions, &proposals.gates),
            Err(found) => (Vec::new(), found.into_iter().collect()),
        };
        findings.extend(found);
        let told = told(census, &opened, &measured);
        runs.push(MeasuredRun { told, conditions, measured });
    }
    (runs, findings)
}

/// What a `where:` has to say to pick the rows of a run.
fn conditions(select: &BTreeMap<String, String>, catalog: &Catalog) -> Vec<DraftField> {
    let field = |(key, value): (&String, &String)| DraftField {
        key: key.clone(),
        values: vec![propose::condition(key, value, [catalog])],
    };
    select.iter().map(field).collect()
}

/// The same as it is read.
fn picking(select: &BTreeMap<String, String>) -> Vec<Condition> {
    let nowhere = Span::new(Sources::new().add("", String::new()), 0, 0);
    let condition = |(key, value): (&String, &String)| Condition {
        field: Spanned::new(key.clone(), nowhere),
        any_of: vec![Literal::Text(value.clone())],
    };
    select.iter().map(condition).collect()
}

/// Measures everything at once; one by one where something cannot be measured, so that the rest is.
fn measure(
    opened: &mut Opened,
    conditions: &[DraftField],
    gates: &[ProposedGate],
) -> (Vec<(ProposedGate, Level)>, Vec<Diagnostic>) {
    let entry = DraftEntry {
        name: ENTRY.to_owned(),
        path: "results".to_owned(),
        conditions: conditions.to_vec(),
        ..DraftEntry::default()
    };
    let mut of = |gates: &[ProposedGate]| {
        let draft =
            ManifestDraft { evidence: vec![entry.clone()], gates: gates.to_vec(), ..ManifestDraft::empty() };
        let levels = levels(&draft, std::slice::from_mut(opened))?;
        Ok::<_, Diagnostics>(gates.iter().cloned().zip(levels).collect::<Vec<_>>())
    };
    if gates.is_empty() {
        return (Vec::new(), Vec::new());
    }
    if let Ok(measured) = of(gates) {
        return (measured, Vec::new());
    }
    let (mut measured, mut findings) = (Vec::new(), Vec::new());
    for gate in gates {
        match of(std::slice::from_ref(gate)) {
            Ok(one) => measured.extend(one),
            // The places are those of lines that nobody wrote.
            Err(found) => findings.extend(found.into_iter().take(1).map(|one| {
                Diagnostic::warning(one.code, format!("`{}` cannot be measured: {}", gate.field, one.title))
            })),
        }
    }
    (measured, findings)
}

fn told(census: Census, opened: &Opened, measured: &[(ProposedGate, Level)]) -> UnderstoodRun {
    let Census { select, rows, cases, epochs, errored, labels } = census;
    let runs =
        || opened.files.iter().flat_map(|file| &file.catalog.told.runs).filter(|run| run.select == select);
    let sum = |count: fn(&ToolRun) -> Option<u64>| runs().filter_map(count).reduce(|a, b| a + b);
    let models: Vec<&str> =
        runs().flat_map(|run| &run.models).filter_map(|names| names.first()).map(String::as_str).collect();
    let own = opened.files.first().and_then(|file| file.catalog.identity.created);
    let created = runs().filter_map(|run| run.created).min().or(own);
    UnderstoodRun {
        model: (!models.is_empty()).then(|| models.join(", ")),
        dataset: runs().find_map(|run| run.dataset.clone()),
        created: created.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        attempts: sum(|run| run.attempts).or((rows > 0).then_some(rows)),
        cases,
        epochs,
        errored,
        unlisted: runs().map(|run| run.unlisted).sum(),
        refused: sum(|run| run.refused),
        filtered: sum(|run| run.filtered),
        limited: sum(|run| run.limited),
        metrics: measured.iter().map(|(gate, level)| (gate.field.clone(), metric(level))).collect(),
        labels,
        select,
    }
}

fn metric(level: &Level) -> UnderstoodMetric {
    let estimate = &level.estimate;
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let shown = MeasuredValue { name: level.metric.clone(), estimate: estimate.clone(), unit: level.unit };
    UnderstoodMetric {
        kind: match level.kind {
            LevelKind::Stated => "stated",
            LevelKind::Rate => "rate",
            LevelKind::Mean => "mean",
        },
        n: estimate.n,
        value: finite(estimate.value),
        missing: estimate.missing,
        unit: level.unit.to_string(),
        lower: finite(estimate.lower),
        upper: finite(estimate.upper),
        shown: shown.cell(),
    }
}
