//! The numbers of one gate: of an aggregate or of samples, alone or beside an earlier release's.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::entry::Entry;
use super::ids::Relation;
use super::opened::stated;
use crate::diagnostic::{Code, Diagnostic};
use crate::gate::{Assessed, Gate};
use crate::metric::{self, Assessment, Label, MeasureKind, Settings, Side, Table};

/// Assesses a gate on the entry that it is about.
pub(super) fn gate(gate: &Gate, entry: Option<&Entry>, settings: &Settings) -> Result<Assessed, Diagnostic> {
    let bound = &gate.bound;
    let against = bound.against().unwrap_or_default();
    let past = entry.and_then(|entry| entry.past(against));
    if let MeasureKind::Stated { name, .. } = bound.measure.kind() {
        let candidate = stated(entry.map(|entry| &entry.opened), bound, name)?;
        let whole = match bound.change {
            None => metric::assess_stated(bound, &candidate, settings),
            Some(_) => {
                let baseline = stated(past.map(|past| &past.opened), bound, name)?;
                metric::compare_stated(bound, &candidate, &baseline, settings)
            }
        };
        return refuse_slices(gate, whole);
    }
    let Some(table) = entry.and_then(|entry| entry.table.as_ref()) else {
        let text = format!("evidence `{}` has no samples", bound.evidence);
        return Err(Diagnostic::error(Code::UnknownMetric, text));
    };
    match (bound.change, past.and_then(|past| past.table.as_ref())) {
        (None, baseline) => level(gate, table, baseline, settings),
        (Some(_), Some(baseline)) => {
            let unpaired = entry.is_some_and(|entry| entry.spec.unpaired);
            change(gate, (table, baseline), unpaired, settings)
        }
        (Some(_), None) => {
            let whose = against.word();
            Err(Diagnostic::error(Code::NoBaselineEvidence, format!("the {whose} has no samples"))
                .at(gate.spec.rule.subject_span(), format!("compared with the {whose}")))
        }
    }
}

/// A level: the whole and every slice that either release has.
fn level(
    gate: &Gate,
    table: &Table,
    baseline: Option<&Table>,
    settings: &Settings,
) -> Result<Assessed, Diagnostic> {
    let bound = &gate.bound;
    let mut selection = metric::select(bound, table);
    if let Some(baseline) = baseline.filter(|_| !bound.by.is_empty()) {
        metric::add_slices_of(bound, baseline, &mut selection);
    }
    limit_slices(gate, selection.slices.len())?;
    let assess = |rows: &[u32]| metric::assess(bound, Side { table, rows }, settings);
    let slices = selection.slices.par_iter().map(|(key, rows)| (key.clone(), assess(rows))).collect();
    Ok(Assessed { whole: assess(&selection.whole), slices })
}

/// A change: the whole and every slice that either side has.
fn change(
    gate: &Gate,
    (candidate, baseline): (&Table, &Table),
    unpaired: bool,
    settings: &Settings,
) -> Result<Assessed, Diagnostic> {
    let bound = &gate.bound;
    let (ours, theirs) = rayon::join(|| metric::select(bound, candidate), || metric::select(bound, baseline));
    let relation = Relation::of(
        Side { table: candidate, rows: &ours.whole },
        Side { table: baseline, rows: &theirs.whole },
    );
    let paired = paired(gate, &relation, unpaired)?;
    let theirs =
        if paired { metric::select_like(bound, (baseline, theirs), (candidate, &ours)) } else { theirs };
    let compare = |ours: &[u32], theirs: &[u32]| {
        // A new case has nothing that it could be compared with.
        let ours = if paired { &relation.shared(candidate, ours) } else { ours };
        metric::compare(
            bound,
            Side { table: candidate, rows: ours },
            Side { table: baseline, rows: theirs },
            paired,
            settings,
        )
    };
    let keys: BTreeSet<&Vec<Label>> = ours.slices.keys().chain(theirs.slices.keys()).collect();
    limit_slices(gate, keys.len())?;
    let slices = keys
        .into_par_iter()
        .map(|key| (key.clone(), compare(rows(&ours.slices, key), rows(&theirs.slices, key))));
    let (whole, slices) = rayon::join(|| compare(&ours.whole, &theirs.whole), || slices.collect());
    Ok(Assessed { whole, slices })
}

/// The rows of a slice; none where a side has no such slice.
fn rows<'a>(slices: &'a BTreeMap<Vec<Label>, Vec<u32>>, key: &Vec<Label>) -> &'a [u32] {
    slices.get(key).map_or(&[], Vec::as_slice)
}

/// Whether the runs are compared case by case; `unpaired` says that other questions are meant.
fn paired(gate: &Gate, relation: &Relation, unpaired: bool) -> Result<bool, Diagnostic> {
    let whose = gate.bound.against().unwrap_or_default().word();
    let refuse = |text: String| {
        Diagnostic::error(Code::OtherCaseSets, text)
            .at(gate.spec.rule.subject_span(), format!("compared with the {whose}"))
    };
    if relation.is_paired() {
        return Ok(true);
    }
    if gate.bound.measure.counts_regressions() && relation.common == 0 {
        return Err(refuse("regressions are counted case by case, and no id is on both sides".to_owned())
            .help("evaluate both on the same cases, under the same ids"));
    }
    // Too few samples pass nothing, whatever they are compared with, and that is what has to be mended first.
    let short = gate.spec.min_samples.is_some_and(|min| relation.ours() < min.value);
    if unpaired || short {
        return Ok(false);
    }
    let (entry, common, all) = (&gate.bound.evidence, relation.common, relation.with_retired());
    let refused = refuse(format!(
        "of the {whose}'s {all} ids, the candidate's `{entry}` has {common}: that is less than half"
    ))
    .help("evaluate both on the same cases, under the same ids");
    // Where some are the same, the others are lost, and no key makes that good.
    let other = "if other questions are meant, say so: `unpaired: true` in the evidence entry; that shows less than pairs do";
    Err(if common == 0 { refused.help(other) } else { refused })
}

/// A cross product of slices has the same limit as a single field.
fn limit_slices(gate: &Gate, slices: usize) -> Result<(), Diagnostic> {
    match gate.spec.by.first() {
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
fn refuse_slices(gate: &Gate, whole: Assessment) -> Result<Assessed, Diagnostic> {
    match gate.spec.by.first() {
        None => Ok(Assessed { whole, slices: Vec::new() }),
        Some(field) => {
            Err(Diagnostic::error(Code::SlicesOfAnAggregate, "an aggregate cannot be judged by slices")
                .at(field.span, "asked for here")
                .help("give relgate the samples, or one aggregate with a gate of its own per slice"))
        }
    }
}
