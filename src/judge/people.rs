//! What is odd about people and judges behind the gates, and a judge that is not the one of the release compared with.

use super::entry::Entry;
use crate::artifact::Pinned;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list, printable, shortened};
use crate::evidence::{FieldKind, Projected, Role};
use crate::gate::Gate;
use crate::manifest::{JudgeSpec, Reference, fold};
use crate::metric::{Bound, MeasureKind, uneven};
use crate::release::Release;

/// With fewer ratings nobody wonders that they are all the same.
const FEW: u64 = 10;

/// A single rater, raters who say one thing only, labels that are no random part.
///
/// # Errors
/// Results that changed since they were read.
pub(super) fn doubts(gates: &[Gate], entries: &[Entry]) -> Result<Vec<Diagnostic>, Diagnostics> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for gate in gates.iter().filter(|gate| gate.applies) {
        for doubt in of_raters(gate) {
            // Several gates on one study have the same raters.
            if !found.iter().any(|known| known.title == doubt.title) {
                found.push(doubt);
            }
        }
        let entry = entries.iter().find(|entry| entry.is(&gate.bound.evidence));
        if let (Some(labels), Some(entry)) = (labels(&gate.bound), entry) {
            let doubt = of_labels(gate, labels, entry)?;
            found.extend(doubt.filter(|doubt| !found.iter().any(|known| known.title == doubt.title)));
        }
    }
    Ok(found)
}

fn of_raters(gate: &Gate) -> Vec<Diagnostic> {
    let Some(assessed) = &gate.assessed else { return Vec::new() };
    let (raters, evidence) = (&assessed.whole.beside.raters, &gate.bound.evidence);
    let span = gate.spec.rule.subject_span();
    let mut found = Vec::new();
    if let [one] = raters.as_slice() {
        let name = printable(shortened(&one.name));
        let text = format!(
            "all ratings of evidence `{evidence}` come from {name}: nothing says how another would rate"
        );
        found.push(
            Diagnostic::warning(Code::OneRater, text)
                .at(span, "one person's judgement")
                .help("let a second person rate a part of the same items, and gate how far both agree"),
        );
    }
    let constant: Vec<&str> = raters
        .iter()
        .filter(|rater| rater.constant && rater.ratings >= FEW)
        .map(|rater| rater.name.as_str())
        .collect();
    if !constant.is_empty() {
        let (who, rates) =
            (list(constant.iter().copied(), 6), if constant.len() == 1 { "gives" } else { "give" });
        let text = format!(
            "{who} {rates} one rating to every item of evidence `{evidence}`, which says nothing of the items"
        );
        found.push(
            Diagnostic::warning(Code::ConstantRater, text)
                .at(span, "rated so")
                .help("find out whether they looked at the items; their ratings count as they are"),
        );
    }
    found
}

/// The field that holds what people said of a judge's cases.
pub(super) fn labels(bound: &Bound) -> Option<&str> {
    let judge = bound.judge.as_ref().filter(|_| bound.measure.kind() == MeasureKind::Judged)?;
    judge.labels.as_ref().map(|labels| labels.value.as_str())
}

/// Labelled rows that have some value far more often than all rows do.
fn of_labels(gate: &Gate, label: &str, entry: &Entry) -> Result<Option<Diagnostic>, Diagnostics> {
    let bound = &gate.bound;
    let own: Vec<&str> = bound.measure.fields();
    let mut fields: Vec<String> = Vec::new();
    for file in &entry.opened.files {
        let told = file.catalog.fields.iter().filter(|(name, kind)| {
            matches!(kind, FieldKind::Text | FieldKind::Bool) && !own.contains(&name.as_str())
        });
        fields.extend(told.map(|(name, _)| name.clone()));
    }
    fields.sort();
    fields.dedup();
    fields.truncate(60);
    fields.retain(|name| entry.opened.keeps(&Projected { name: name.clone(), role: Role::Label }));
    // What the judge says is looked at too: a random part holds as much of it as the whole.
    fields.extend(bound.measure.case_field().map(str::to_owned));
    let how = (entry.opened.labels_are_text(), label, fields.as_slice());
    let Some(found) = uneven(&entry.opened.samples(), &entry.spec.conditions, how)? else { return Ok(None) };
    let percent = |part: u64, of: u64| format!("{:.0} %", 100.0 * part as f64 / of.max(1) as f64);
    let text = format!(
        "labels are no random part of evidence `{}`: {} of {} labelled rows ({}) have {} = {}, of all rows {}",
        bound.evidence,
        found.labelled,
        found.labels,
        percent(found.labelled, found.labels),
        printable(&found.field),
        printable(shortened(&found.value)),
        percent(found.with, found.rows)
    );
    Ok(Some(
        Diagnostic::warning(Code::LabelsNotRandom, text)
            .at(gate.spec.rule.subject_span(), "corrected by these labels")
            .note("what the judge gets wrong among them says little of what it gets wrong elsewhere")
            .help("draw the rows that people label at random from all rows that the judge looked at"),
    ))
}

/// A metric that is compared with an earlier release must have been judged by the same judge there: the same model and prompt.
/// Silence is no difference.
///
/// # Errors
/// Both releases declare a judge, and not the same.
pub(super) fn same_judges<'a>(
    gates: &[Gate],
    candidate: &Release,
    earlier: impl Fn(Reference) -> Option<&'a Release>,
) -> Result<(), Diagnostics> {
    let mut findings = Diagnostics::new();
    for gate in gates.iter().filter(|gate| gate.applies) {
        let (Some(judge), Some(reference)) = (&gate.bound.judge, gate.bound.against()) else { continue };
        let Some(release) = earlier(reference) else { continue };
        let other =
            release.manifest.metrics.iter().find(|metric| fold(&metric.name.value) == gate.bound.metric);
        let Some(other) = other.and_then(|metric| metric.judge.as_ref()) else { continue };
        let ours = identity(judge, &candidate.pinned);
        let theirs = identity(&other.value, &release.pinned);
        if ours == theirs {
            continue;
        }
        let (metric, whose) = (&gate.bound.metric, reference.word());
        let text = format!("`{metric}` is judged by {ours}, and the {whose}'s by {theirs}");
        findings.push(
            Diagnostic::error(Code::OtherJudge, text)
                .at(judge.model.span, "another judge")
                .note("a change of the judge cannot be told from a change of the release")
                .help(format!(
                    "judge the answers of both by the same model and prompt, the {whose}'s anew if need be"
                )),
        );
    }
    if findings.has_errors() { Err(findings) } else { Ok(()) }
}

/// A judge as a person names it: model and prompt, of artifacts with their versions and digests.
fn identity(judge: &JudgeSpec, pinned: &Pinned) -> String {
    let told = |name: &str| match pinned.get(name) {
        Some(artifact) => {
            let digest = artifact.digest().map_or_else(String::new, |digest| {
                format!(" ({})", digest.hex().get(..12).unwrap_or_default())
            });
            format!("{} {}{digest}", artifact.key(), artifact.version)
        }
        None => printable(shortened(name)),
    };
    let prompt =
        judge.prompt.as_ref().map_or_else(String::new, |prompt| format!(" with {}", told(&prompt.value)));
    format!("{}{prompt}", told(&judge.model.value))
}
