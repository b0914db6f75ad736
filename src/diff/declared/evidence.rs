//! Evidence: which results are read, which of their rows count, and which of those are not independent.

use std::collections::{BTreeMap, BTreeSet};

use super::readers::Readers;
use super::spelled;
use super::weighed::{FromTo, record};
use crate::artifact::{Replaced, ResultsFile, Tree, replaced};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Spanned};
use crate::diff::{ChangeRule, Direction, Record, ReleaseSide, Weight};
use crate::evidence::{Declared, listed_ids};
use crate::manifest::{BaselineEvidence, Condition, EvidenceSpec, FieldSource, Format};

/// Good to know, and nothing else.
const KNOWN: (Direction, Weight) = (Direction::Neutral, Weight::Info);
/// Nobody can tell which way it goes, and somebody should look.
const UNKNOWN: (Direction, Weight) = (Direction::Unknown, Weight::Review);

/// What it weighs to read something else.
#[derive(Clone, Copy)]
struct Weights {
    /// Other rows, or other samples that belong together.
    stakes: Weight,
    /// Other files: what a new version has, and odd within one.
    files: (Direction, Weight),
}

/// The changes of the entries, matched by name.
pub(super) fn records(readers: &Readers<'_>, old: &ReleaseSide<'_>, new: &ReleaseSide<'_>) -> Vec<Record> {
    let (before, after) = (old.manifest, new.manifest);
    let instead = |name: &str| in_place_of(old, new, name);
    let files = if before.version.value == after.version.value { UNKNOWN } else { KNOWN };
    let weights = |name: &str| Weights { stakes: readers.of_evidence(name), files };
    let mut gone: BTreeMap<&str, &EvidenceSpec> =
        before.evidence.iter().map(|entry| (entry.name.value.as_str(), entry)).collect();
    let mut records = Vec::new();
    for entry in &after.evidence {
        let name = entry.name.value.as_str();
        match gone.remove(name) {
            Some(was) => {
                records.extend(pair(was, entry, instead(name).as_ref(), weights(name)));
                records.extend(retired((old, was), (new, entry)));
            }
            // A gate that leaves open what it reads may find its metric there.
            None => records.push(one(entry, true, weights(name).stakes)),
        }
    }
    records.extend(gone.into_iter().map(|(name, old)| one(old, false, weights(name).stakes)));
    records
}

/// The own results of the release before, where the one after names others in their place.
fn in_place_of(old: &ReleaseSide<'_>, new: &ReleaseSide<'_>, name: &str) -> Option<Replaced> {
    let entry = new.manifest.evidence.iter().find(|entry| entry.name.value == name)?;
    let declared = &entry.baseline.as_ref()?.path;
    // Where no files are compared, nobody asks what is in them.
    let tree = old.contents?;
    let not_here = || Diagnostic::error(Code::NoResults, "its bytes are not at hand");
    // A bundle keeps no results of the release before.
    let whole = |tree: &&dyn Tree| tree.remembered(new.manifest).is_ok_and(|kept| kept.is_none());
    let named = new.contents.filter(whole).ok_or_else(not_here).and_then(|tree| tree.expand(name, declared));
    let files = named.as_ref().map(|named| named.iter().collect::<Vec<&ResultsFile>>());
    replaced(tree, old.manifest, name, files.as_deref().map_err(|found| *found))
}

/// An entry that only one manifest has. Nobody can tell which way that goes: a metric may be found elsewhere.
fn one(entry: &EvidenceSpec, is_new: bool, stakes: Weight) -> Record {
    let name = &entry.name.value;
    let path = Some(entry.path.value.clone());
    let (what, values) = if is_new { ("is new", (None, path)) } else { ("is gone", (path, None)) };
    let text = format!("evidence {name} {what}: {}", entry.path.value);
    let went = (Direction::Unknown, stakes);
    record(ChangeRule::EvidenceSelection, format!("evidence.{name}"), went, &text, values)
}

/// One part that changed: which, which way, in words, and what was and is.
type Part = (&'static str, (Direction, Weight), String, FromTo);

/// What changed in one entry. The parts are named one by one, so that a new one does not compile without its line here.
fn pair(
    old: &EvidenceSpec,
    new: &EvidenceSpec,
    replaced: Option<&Replaced>,
    weights: Weights,
) -> Vec<Record> {
    let EvidenceSpec {
        name,
        path,
        conditions,
        sha256: _,
        baseline: _,
        cluster: _,
        cluster_at_most: _,
        unpaired: _,
        retired: _,
        fields,
        format,
        // Of the metrics, whose records say it.
        row_key: _,
    } = new;
    let mut parts: Vec<Part> = Vec::new();
    if old.path.value != path.value {
        let (was, is) = (old.path.value.clone(), path.value.clone());
        let text = format!("it is read from {is}; before: {was}");
        parts.push(("path", weights.files, text, (Some(was), Some(is))));
    }
    parts.extend(selection(&old.conditions, conditions, weights));
    parts.extend(digest(old, new));
    parts.extend(cluster(old, new, weights));
    parts.extend(largest_cluster(old, new));
    parts.extend(unpaired(old, new));
    parts.extend(sources("fields", Some(&old.fields), Some(fields), weights));
    parts.extend(written("format", old.format, *format, weights));
    parts.extend(results_of_baseline(old.baseline.as_ref(), new.baseline.as_ref(), replaced, weights));
    parts.extend(baseline(old.baseline.as_ref(), new.baseline.as_ref(), weights));
    parts
        .into_iter()
        .map(|(part, went, text, values)| {
            let path = format!("evidence.{}.{part}", name.value);
            let text = format!("evidence {}: {text}", name.value);
            record(ChangeRule::EvidenceSelection, path, went, &text, values)
        })
        .collect()
}

/// Other rows that count.
fn selection(old: &[Condition], new: &[Condition], weights: Weights) -> Option<Part> {
    let (was, is) = (spelled::conditions(old), spelled::conditions(new));
    if was == is {
        return None;
    }
    let rows = |conditions: &Option<String>| match conditions {
        Some(conditions) => format!("those where {conditions}"),
        None => "all".to_owned(),
    };
    let text = format!("other rows count: {}; before: {}", rows(&is), rows(&was));
    Some(("where", (Direction::Unknown, weights.stakes), text, (was, is)))
}

/// The pin of its bytes.
fn digest(old: &EvidenceSpec, new: &EvidenceSpec) -> Option<Part> {
    let pin = |entry: &EvidenceSpec| entry.sha256.as_ref().map(|digest| digest.value.hex().to_owned());
    let (was, is) = (pin(old), pin(new));
    let (went, text) = match (&was, &is) {
        (Some(_), None) => {
            ((Direction::Looser, Weight::Review), "any bytes count; before, its digest was pinned")
        }
        (None, Some(_)) => ((Direction::Tighter, Weight::Info), "its digest is pinned"),
        (Some(was), Some(is)) if was != is => (KNOWN, "its digest is pinned to other bytes"),
        _ => return None,
    };
    Some(("sha256", went, text.to_owned(), (was, is)))
}

/// Which samples are not independent: without it, many samples of one conversation count as many.
fn cluster(old: &EvidenceSpec, new: &EvidenceSpec, weights: Weights) -> Option<Part> {
    // Samples of one id belong together anyway, so naming the id says nothing.
    let field = |entry: &EvidenceSpec| {
        entry.cluster.as_ref().map(|field| field.value.clone()).filter(|field| field != "id")
    };
    let (was, is) = (field(old), field(new));
    let (went, text) = match (&was, &is) {
        (Some(was), None) => (
            (Direction::Looser, Weight::Blocking),
            format!("samples of one {was} are treated as independent now"),
        ),
        (None, Some(is)) => (
            (Direction::Tighter, Weight::Info),
            format!("samples of one {is} are no longer treated as independent"),
        ),
        (Some(was), Some(is)) if was != is => {
            let text = format!("samples of one {is} belong together; before: those of one {was}");
            ((Direction::Unknown, weights.stakes), text)
        }
        _ => return None,
    };
    Some(("cluster", went, text, (was, is)))
}

/// How large a cluster can be: the larger, the more a limit reckons with; without it, only with the largest that is seen.
fn largest_cluster(old: &EvidenceSpec, new: &EvidenceSpec) -> Option<Part> {
    let most = |entry: &EvidenceSpec| entry.cluster_at_most.as_ref().map(|most| most.value);
    let (was, is) = (most(old), most(new));
    let looser = (Direction::Looser, Weight::Review);
    let tighter = (Direction::Tighter, Weight::Info);
    let (went, text) = match (was, is) {
        (Some(was), None) => {
            (looser, format!("nothing says any more how large a cluster can be; before: {was}"))
        }
        (None, Some(is)) => {
            (tighter, format!("a cluster has at most {is} samples, and a larger one is an error"))
        }
        (Some(was), Some(is)) if is < was => {
            (looser, format!("a cluster has at most {is} samples; before: {was}"))
        }
        (Some(was), Some(is)) if is > was => {
            (tighter, format!("a cluster has at most {is} samples; before: {was}"))
        }
        _ => return None,
    };
    Some(("cluster.at_most", went, text, (was.map(|most| most.to_string()), is.map(|most| most.to_string()))))
}

/// Whether other questions may be compared: side by side, lost cases go unnoticed.
fn unpaired(old: &EvidenceSpec, new: &EvidenceSpec) -> Option<Part> {
    let (went, text) = match (old.unpaired, new.unpaired) {
        (false, true) => (
            (Direction::Looser, Weight::Blocking),
            "candidate and baseline may have been asked other questions",
        ),
        (true, false) => (
            (Direction::Tighter, Weight::Info),
            "candidate and baseline must have been asked the same questions",
        ),
        _ => return None,
    };
    let said = |entry: &EvidenceSpec| Some(entry.unpaired.to_string());
    Some(("unpaired", went, text.to_owned(), (said(old), said(new))))
}

/// The ids that a list retires; none where there is no list.
fn retired_ids(side: &ReleaseSide<'_>, entry: &EvidenceSpec) -> Option<Result<BTreeSet<String>, String>> {
    let declared = entry.retired.as_ref()?;
    // A bundle keeps no such list.
    let whole = |tree: &&dyn Tree| tree.remembered(side.manifest).is_ok_and(|kept| kept.is_none());
    let Some(tree) = side.contents.filter(whole) else { return Some(Err("it is not at hand".to_owned())) };
    let how = Declared::new(&entry.fields, None);
    let read = tree.expand(&entry.name.value, declared).map_err(Diagnostics::from).and_then(|files| {
        let mut ids = BTreeSet::new();
        for file in &files {
            ids.extend(listed_ids(file.source.as_ref(), &how)?);
        }
        Ok(ids)
    });
    Some(read.map_err(|found| found.iter().next().map_or_else(String::new, |first| first.title.clone())))
}

fn ids(count: usize, more: &str) -> String {
    if count == 1 { format!("1 {more}id is") } else { format!("{count} {more}ids are") }
}

/// Which cases nobody misses any more: each that is dropped could have been one that failed.
fn retired(
    (old, was): (&ReleaseSide<'_>, &EvidenceSpec),
    (new, is): (&ReleaseSide<'_>, &EvidenceSpec),
) -> Option<Record> {
    let (before, after) = (retired_ids(old, was), retired_ids(new, is));
    let paths = [was, is].map(|entry| entry.retired.as_ref().map(|path| path.value.clone()));
    let looser = (Direction::Looser, Weight::Review);
    let none = BTreeSet::new();
    let (went, text) = match (&before, &after) {
        (None, None) => return None,
        (Some(_), None) => {
            ((Direction::Tighter, Weight::Info), "no ids are dropped on purpose any more".to_owned())
        }
        (None | Some(Ok(_)), Some(Ok(after))) => {
            let before = before.as_ref().and_then(|ids| ids.as_ref().ok()).unwrap_or(&none);
            let (added, gone) = (after.difference(before).count(), before.difference(after).count());
            match (added, gone) {
                (0, 0) if paths[0] == paths[1] => return None,
                (0, 0) => (KNOWN, "the same ids are dropped on purpose, by another list".to_owned()),
                (0, gone) => (
                    (Direction::Tighter, Weight::Info),
                    format!("{} no longer dropped on purpose", ids(gone, "")),
                ),
                (added, _) => (looser, format!("{} dropped on purpose", ids(added, "more "))),
            }
        }
        (_, Some(Err(why))) => (looser, format!("ids are dropped on purpose, nobody can tell which: {why}")),
        (Some(Err(why)), Some(Ok(after))) => {
            let text = format!(
                "{} ids are dropped on purpose; nobody can tell which were before: {why}",
                after.len()
            );
            (looser, text)
        }
    };
    let text = format!("evidence {}: {text}", is.name.value);
    let [was, now] = paths;
    Some(record(
        ChangeRule::EvidenceSelection,
        format!("evidence.{}.retired", is.name.value),
        went,
        &text,
        (was, now),
    ))
}

/// Other fields under the same names: other numbers may be judged.
fn sources(
    part: &'static str,
    old: Option<&Vec<FieldSource>>,
    new: Option<&Vec<FieldSource>>,
    weights: Weights,
) -> Option<Part> {
    let (was, is) = (old.and_then(|old| spelled::fields(old)), new.and_then(|new| spelled::fields(new)));
    if was == is {
        return None;
    }
    let said = |fields: &Option<String>| fields.clone().unwrap_or_else(|| "under their own names".to_owned());
    let text = format!("fields are read from other places: {}; before: {}", said(&is), said(&was));
    Some((part, (Direction::Unknown, weights.stakes), text, (was, is)))
}

/// Read as another format.
fn written(
    part: &'static str,
    old: Option<Spanned<Format>>,
    new: Option<Spanned<Format>>,
    weights: Weights,
) -> Option<Part> {
    let word = |format: Option<Spanned<Format>>| format.map(|format| format.value.word().to_owned());
    let (was, is) = (word(old), word(new));
    if was == is {
        return None;
    }
    let said = |word: &Option<String>| word.clone().unwrap_or_else(|| "what its content shows".to_owned());
    let text = format!("it is read as {}; before: as {}", said(&is), said(&was));
    Some((part, weights.files, text, (was, is)))
}

/// The baseline's results: other files than before are what every release has; others than the baseline itself declares make
/// any candidate look good.
fn results_of_baseline(
    old: Option<&BaselineEvidence>,
    new: Option<&BaselineEvidence>,
    replaced: Option<&Replaced>,
    weights: Weights,
) -> Option<Part> {
    let path = |side: Option<&BaselineEvidence>| side.map(|side| side.path.value.clone());
    let (was, is) = (path(old), path(new));
    let said = |path: &Option<String>| path.clone().unwrap_or_else(|| "where the baseline says".to_owned());
    if let Some(instead) = replaced {
        let text = format!("the baseline's results are {} {}", said(&is), instead.words());
        return Some(("baseline.path", (Direction::Looser, Weight::Blocking), text, (was, is)));
    }
    let text = format!("the baseline's results are {}; before: {}", said(&is), said(&was));
    let differs = was != is;
    differs.then_some(("baseline.path", weights.files, text, (was, is)))
}

/// How the baseline's results are read: other rows of it may make it look worse.
fn baseline(old: Option<&BaselineEvidence>, new: Option<&BaselineEvidence>, weights: Weights) -> Vec<Part> {
    let rows = |side: Option<&BaselineEvidence>| {
        side.and_then(|side| side.conditions.as_deref())
            .map(|own| spelled::conditions(own).unwrap_or_default())
    };
    let mut parts = Vec::new();
    let (was, is) = (rows(old), rows(new));
    if was != is {
        let said = |rows: &Option<String>| match rows.as_deref() {
            None => "not stated".to_owned(),
            Some("") => "all".to_owned(),
            Some(rows) => format!("those where {rows}"),
        };
        let text = format!("other rows of the baseline count: {}; before: {}", said(&is), said(&was));
        parts.push(("baseline.where", (Direction::Unknown, weights.stakes), text, (was, is)));
    }
    let fields = |side: Option<&'_ BaselineEvidence>| side.and_then(|side| side.fields.clone());
    parts.extend(sources("baseline.fields", fields(old).as_ref(), fields(new).as_ref(), weights));
    let format = |side: Option<&BaselineEvidence>| side.and_then(|side| side.format);
    parts.extend(written("baseline.format", format(old), format(new), weights));
    parts
}
