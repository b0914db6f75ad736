//! The evidence of the baseline and the anchor, read for the gates that compare, and put beside the candidate's.

use std::collections::{BTreeMap, BTreeSet};

use super::examine::{Assessed, Read, limit_slices, table};
use super::opened::Opened;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::gate::Judged;
use crate::manifest::{Condition, EvidenceSpec, GateSpec, Manifest, Reference};
use crate::metric::{self, Bound, Label, Measure, Overlap, Settings, Side, Table};

/// An earlier release's side of one evidence entry, read.
pub(crate) struct BaselineRead {
    /// Its files.
    pub(crate) opened: Opened,
    /// The numbers of its samples, where it has some.
    pub(crate) table: Option<Table>,
}

/// An earlier release's results for an entry.
pub(crate) struct BaselineSource {
    /// Its files.
    pub(crate) opened: Opened,
    /// Which of their rows count.
    pub(crate) conditions: Vec<Condition>,
    /// Whether they are those of a bundle.
    pub(crate) bundled: bool,
    /// The digest of the results that a bundle was made of, where the same rows of them counted as count now.
    pub(crate) bundled_from: Option<String>,
}

/// Opens an earlier release's results for an entry, and says which of their rows count.
pub(crate) type OpenBaseline<'a> =
    &'a dyn Fn(Reference, &EvidenceSpec) -> Result<BaselineSource, Diagnostics>;

/// What was read of the earlier releases, by release and evidence entry.
pub(crate) type Baselines = BTreeMap<(Reference, String), BaselineRead>;

/// Reads the earlier releases' results of every entry that a comparison needs.
pub(crate) fn read_baselines(
    manifest: &Manifest,
    read: &[Read],
    bound: &[(&Bound, bool)],
    open: OpenBaseline<'_>,
) -> Result<Baselines, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut baselines = BTreeMap::new();
    let entries = manifest.evidence.iter().zip(read);
    let both = [Reference::Baseline, Reference::Anchor];
    for (reference, (spec, candidate)) in
        both.into_iter().flat_map(|one| entries.clone().map(move |entry| (one, entry)))
    {
        let name = &spec.name.value;
        let gates: Vec<&Bound> = bound
            .iter()
            .filter(|(one, applies)| *applies && one.evidence == *name && one.against() == Some(reference))
            .map(|(one, _)| *one)
            .collect();
        if gates.is_empty() {
            continue;
        }
        // Their slices are those of the baseline too: one that the candidate lost must not go unjudged.
        let sliced = |one: &Bound| one.against().is_none() && !one.by.is_empty() && one.evidence == *name;
        let sliced: Vec<&Bound> = bound
            .iter()
            .filter(|(one, applies)| *applies && reference == Reference::Baseline && sliced(one))
            .map(|(one, _)| *one)
            .collect();
        match open(reference, spec)
            .and_then(|source| read_baseline(spec, candidate, source, (reference, &gates, &sliced)))
        {
            Ok(read) => {
                baselines.insert((reference, name.clone()), read);
            }
            Err(found) => findings.extend(found),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(baselines) }
}

fn read_baseline(
    spec: &EvidenceSpec,
    candidate: &Read,
    source: BaselineSource,
    (reference, gates, sliced): (Reference, &[&Bound], &[&Bound]),
) -> Result<BaselineRead, Diagnostics> {
    let BaselineSource { mut opened, conditions, bundled, bundled_from } = source;
    let (name, whose) = (&spec.name.value, reference.word());
    let of_masks = |name: &&str| {
        bundled
            && gates.iter().any(|gate| {
                gate.conditions.iter().any(|c| c.field.value == **name)
                    || gate.by.iter().any(|field| field == *name)
            })
    };
    let wanted: BTreeSet<&str> =
        gates.iter().flat_map(|gate| gate.names()).filter(|name| !of_masks(name)).collect();
    let lacks = |opened: &Opened| wanted.iter().find(|name| !opened.has(name)).copied();
    if lacks(&opened).is_some() {
        opened.look_at_all()?;
    }
    if let Some(field) = lacks(&opened) {
        return Err(Diagnostic::error(
            Code::BaselineLacksField,
            format!("the {whose}'s `{name}` has no `{field}`"),
        )
        .in_file(opened.first_file())
        .help(if bundled {
            format!("a bundle keeps what its release had gates on: name the {whose} itself, or its results for this entry")
        } else {
            format!("evaluate the {whose} with the same suite, so that both can be compared")
        })
        .into());
    }
    let same = bundled_from.is_some_and(|hex| hex == candidate.sha256.hex());
    if same || (same_conditions(&conditions, &spec.conditions) && opened.digest()? == candidate.sha256) {
        return Err(Diagnostic::error(
            Code::BaselineIsCandidate,
            format!("evidence `{name}` is the {whose}'s own, byte for byte"),
        )
        .at(spec.path.span, "the same results on both sides")
        .help("evaluate the candidate; a release compared with itself shows nothing")
        .into());
    }
    let known = |gate: &&Bound| gate.names().iter().all(|name| of_masks(name) || opened.has(name));
    let gates: Vec<&Bound> = gates.iter().copied().chain(sliced.iter().copied().filter(known)).collect();
    let table = table(&opened, &conditions, bundled, spec, &gates)?;
    opened.check_lengths()?;
    Ok(BaselineRead { opened, table })
}

/// Whether the same rows count.
pub(crate) fn same_conditions(one: &[Condition], other: &[Condition]) -> bool {
    let same = |(a, b): (&Condition, &Condition)| a.field.value == b.field.value && a.any_of == b.any_of;
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// A warning for every evidence entry that shares no id with the earlier release's results: other cases were meant, or the
/// ids are written in another way and the pairs are lost.
pub(crate) fn side_by_side(
    manifest: &Manifest,
    asked: &[(&Bound, bool)],
    judged: &[Judged],
) -> Vec<Diagnostic> {
    let unpaired = |judged: &&Judged| {
        let levels = judged.parts.first().and_then(|whole| whole.assessment.levels.as_ref());
        levels.is_some_and(|levels| !levels.paired)
    };
    let compared = asked.iter().zip(judged).filter(|((bound, applies), judged)| {
        *applies && !matches!(bound.measure, Measure::Aggregate { .. }) && unpaired(judged)
    });
    let pairs: BTreeSet<(Reference, &str)> =
        compared.filter_map(|((bound, _), _)| Some((bound.against()?, bound.evidence.as_str()))).collect();
    let warning = |(against, name): (Reference, &str)| {
        let spec = manifest.evidence.iter().find(|entry| entry.name.value == name)?;
        let text = format!(
            "evidence `{name}` and the {}'s share no id: they are compared side by side, which shows less than pairs do; cases \
             that are the same need the same ids",
            against.word()
        );
        Some(Diagnostic::warning(Code::Unpaired, text).at(spec.name.span, "other ids on both sides"))
    };
    pairs.into_iter().filter_map(warning).collect()
}

/// The whole and every slice that either side has.
pub(crate) fn samples(
    gate: &GateSpec,
    bound: &Bound,
    candidate: &Table,
    baseline: &Table,
    settings: &Settings,
) -> Result<Assessed, Diagnostic> {
    let whose = bound.against().unwrap_or_default().word();
    let (ours, mut theirs) = (metric::select(bound, candidate), metric::select(bound, baseline));
    let whole = (Side { table: candidate, rows: &ours.whole }, Side { table: baseline, rows: &theirs.whole });
    let paired = match metric::overlap(whole.0, whole.1) {
        Overlap::Paired => {
            theirs = metric::select_like(bound, baseline, candidate);
            true
        }
        Overlap::Disjoint if matches!(bound.measure, Measure::Regressions { .. }) => {
            return Err(Diagnostic::error(
                Code::OtherCaseSets,
                "regressions are counted case by case, and no id is on both sides",
            )
            .at(gate.rule.subject_span(), format!("compared with the {whose}"))
            .help("evaluate both on the same cases, under the same ids"));
        }
        Overlap::Disjoint => false,
        Overlap::Partial { common, all } => {
            return Err(Diagnostic::error(
                Code::OtherCaseSets,
                format!("the candidate and the {whose} share {common} of {all} ids, which is less than half"),
            )
            .at(gate.rule.subject_span(), format!("compared with the {whose}"))
            .help("evaluate both on the same cases; or give other cases other ids"));
        }
    };
    let compare = |ours: &[u32], theirs: &[u32]| {
        metric::compare(
            bound,
            (Side { table: candidate, rows: ours }, &metric::measure(bound, candidate, ours)),
            (Side { table: baseline, rows: theirs }, &metric::measure(bound, baseline, theirs)),
            paired,
            settings,
        )
    };
    let keys: BTreeSet<&Vec<Label>> = ours.slices.keys().chain(theirs.slices.keys()).collect();
    limit_slices(gate, keys.len())?;
    let rows = |slices: &BTreeMap<Vec<Label>, Vec<u32>>, key: &Vec<Label>| {
        slices.get(key).cloned().unwrap_or_default()
    };
    let slices = keys
        .into_iter()
        .map(|key| (key.clone(), compare(&rows(&ours.slices, key), &rows(&theirs.slices, key))));
    Ok(Assessed { slices: slices.collect(), whole: compare(&ours.whole, &theirs.whole) })
}
