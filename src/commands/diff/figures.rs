//! What both releases measured, side by side: the gates of the release after, on the results of either.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::Results;
use super::failed;
use crate::change::Changes;
use crate::diagnostic::{Diagnostic, Diagnostics, list};
use crate::evidence::Measured as Stated;
use crate::gate;
use crate::judge::{EntryNumbers, stated};
use crate::manifest::{ChangeWord, Condition, Dimension, GateSpec, Reference, Unit};
use crate::metric::{self, Assessment, Bound, Change, Estimate, MeasureKind, Method, Overlap, Settings};
use crate::release::Release;
use crate::report::diff::{ComparedFigure, FigureDifference, Missing};

/// What the results of both sides show.
#[derive(Default)]
pub(super) struct ReadFigures {
    /// The figures, in the order of the gates.
    pub(super) figures: Vec<ComparedFigure>,
    /// Why some are missing.
    pub(super) notes: Vec<String>,
    /// Evidence without usable results.
    pub(super) missing: Missing,
    /// The ids of cases that failed, before and after; empty unless an evaluation suite changed.
    pub(super) failed: (BTreeSet<String>, BTreeSet<String>),
}

/// One quantity of the release after.
struct Quantity {
    gates: Vec<String>,
    bound: Bound,
    settings: Settings,
}

/// Measures on both sides what the gates of the release after are about.
///
/// # Errors
/// Results that are there and cannot be used.
pub(super) fn measure(
    before: &Release,
    after: &Release,
    changes: &Changes,
) -> Result<ReadFigures, Diagnostics> {
    let (mut old, mut new) = both((Results::open(before), Results::open(after)))?;
    let mut notes = Notes::default();
    notes.lacking("before", &old);
    notes.lacking("after", &new);
    let mut quantities = quantities(before, after, &mut old, &mut new, &mut notes)?;
    new.read_compared_with(quantities.iter_mut().map(|one| &mut one.bound))?;
    let bounds: Vec<&Bound> = quantities.iter().map(|one| &one.bound).collect();
    let (was, is) = both(rayon::join(|| old.read(&bounds), || new.read(&bounds)))?;
    let mut findings = Diagnostics::new();
    let mut figures = Vec::new();
    for one in &quantities {
        let name = &one.bound.evidence;
        let (Some(was), Some(is)) = (was.get(name), is.get(name)) else { continue };
        match figure(one, (was, &old), (is, &new)) {
            Ok(figure) => figures.push(figure),
            Err(finding) => findings.push(finding),
        }
    }
    if findings.has_errors() {
        return Err(findings);
    }
    let mut told = notes.told();
    let failed = failed::ids((before, &mut old), (after, &mut new), changes, &mut told)?;
    let names = |results: &Results<'_>| results.lacking.iter().map(|(name, _)| name.clone()).collect();
    let missing = Missing { before: names(&old), after: names(&new) };
    Ok(ReadFigures { figures, notes: told, missing, failed })
}

/// Both, or the findings of both.
fn both<A, B>(sides: (Result<A, Diagnostics>, Result<B, Diagnostics>)) -> Result<(A, B), Diagnostics> {
    match sides {
        (Ok(before), Ok(after)) => Ok((before, after)),
        (before, after) => {
            let mut findings = before.err().unwrap_or_default();
            findings.extend(after.err().unwrap_or_default());
            Err(findings)
        }
    }
}

/// What can be measured on both sides, each quantity once.
fn quantities(
    before: &Release,
    after: &Release,
    old: &mut Results<'_>,
    new: &mut Results<'_>,
    notes: &mut Notes,
) -> Result<Vec<Quantity>, Diagnostics> {
    let mut quantities: Vec<Quantity> = Vec::new();
    for gate in &after.manifest.gates {
        let Some(bound) = new.bind(gate) else {
            if new.lacking.is_empty() {
                notes.add("its metric is not in the results after", &gate.id.value);
            }
            continue;
        };
        // Counted case by case against the release's own baseline, which may be another one.
        if bound.measure.counts_regressions() {
            continue;
        }
        let bound = Bound { by: Vec::new(), ..bound };
        if let Some(known) = quantities.iter_mut().find(|known| same(&known.bound, &bound)) {
            known.gates.push(gate.id.value.clone());
            continue;
        }
        let name = &bound.evidence;
        if old.lacking.iter().any(|(lacking, _)| lacking == name) {
            continue;
        }
        if !before.manifest.evidence.iter().any(|entry| entry.name.value == *name) {
            notes.add("the release before has no evidence of that name", name);
            continue;
        }
        if let Some(field) = old.lacks(&bound)? {
            notes.add(&format!("the results before have no `{field}`"), &gate.id.value);
            continue;
        }
        quantities.push(quantity(gate, bound, after));
    }
    Ok(quantities)
}

fn quantity(gate: &GateSpec, bound: Bound, after: &Release) -> Quantity {
    let settings = gate::settings(gate, &after.manifest.policy);
    Quantity { gates: vec![gate.id.value.clone()], bound, settings }
}

/// Whether two gates are about the same numbers, whatever they ask of them.
fn same(a: &Bound, b: &Bound) -> bool {
    let same_condition =
        |(a, b): (&Condition, &Condition)| a.field.value == b.field.value && a.any_of == b.any_of;
    a.evidence == b.evidence
        && a.measure.is(b.measure.as_ref())
        && a.scale.to_bits() == b.scale.to_bits()
        && a.conditions.len() == b.conditions.len()
        && a.conditions.iter().zip(&b.conditions).all(same_condition)
}

/// A quantity on both sides.
fn figure(
    quantity: &Quantity,
    (was, old): (&EntryNumbers, &Results<'_>),
    (is, new): (&EntryNumbers, &Results<'_>),
) -> Result<ComparedFigure, Diagnostic> {
    let Quantity { gates, bound, settings } = quantity;
    let level = level(bound);
    let change = difference_of(bound, &level);
    let observed = bound.measure.is_observed();
    let same_bytes = was.sha256 == is.sha256;
    let told = |number: &Stated| metric::assess_stated(&level, number, settings).estimate;
    let of = |side: metric::Side<'_>| metric::assess(&level, side, settings).estimate;
    let (before, after, compared) = match (bound.measure.kind(), &was.table, &is.table) {
        (MeasureKind::Stated { name, .. }, _, _) => {
            let b = stated(old.entry(&bound.evidence), bound, name)?;
            let c = stated(new.entry(&bound.evidence), bound, name)?;
            let compared = metric::compare_stated(&change, &c, &b, settings);
            (told(&b), told(&c), Ok(compared))
        }
        (_, Some(b), Some(c)) => {
            let (theirs, ours) = (metric::select(&level, b).whole, metric::select(&level, c).whole);
            let base = metric::Side { table: b, rows: &theirs };
            let candidate = metric::Side { table: c, rows: &ours };
            let compare = |paired| metric::compare(&change, candidate, base, paired, settings);
            let compared = match metric::overlap(candidate, base) {
                _ if observed => Err("about the listed cases only"),
                Overlap::Paired => Ok(compare(true)),
                Overlap::Disjoint => Ok(compare(false)),
                Overlap::Partial { .. } => Err("less than half of the cases are the same"),
            };
            (of(base), of(candidate), compared)
        }
        _ => (
            Estimate::nothing(Method::Point),
            Estimate::nothing(Method::Point),
            Err("one side has samples, the other has not"),
        ),
    };
    let (difference, note) = match compared {
        _ if same_bytes => (None, Some("the same results on both sides".to_owned())),
        Err(why) => (None, Some(why.to_owned())),
        Ok(assessment) => difference(&change, assessment, (&before, &after)),
    };
    Ok(ComparedFigure {
        gates: gates.clone(),
        metric: bound.metric.clone(),
        evidence: bound.evidence.clone(),
        unit: level.unit,
        threshold: if bound.change.is_none() { bound.threshold } else { f64::NAN },
        before,
        after,
        difference,
        note,
    })
}

/// The quantity itself: for a level rule as `check` shows it.
fn level(bound: &Bound) -> Bound {
    match bound.change {
        None => bound.clone(),
        Some(change) => Bound { change: None, unit: change.level_unit, threshold: 0.5, ..bound.clone() },
    }
}

/// After minus before: a share where the rule asks for one, and of quantiles, which have no other method.
fn difference_of(bound: &Bound, level: &Bound) -> Bound {
    let quantile = matches!(bound.measure.kind(), MeasureKind::Quantile(_));
    let relative = quantile || bound.change.is_some_and(|change| change.relative);
    let unit = match level.unit.dimension {
        _ if relative => Unit::FRACTION,
        Dimension::Fraction => Unit::from_spelling("pp").unwrap_or(Unit::NUMBER),
        _ => level.unit,
    };
    let change =
        Change { word: ChangeWord::Increase, relative, level_unit: level.unit, against: Reference::Baseline };
    Bound { change: Some(change), unit, threshold: 0.0, ..bound.clone() }
}

fn difference(
    change: &Bound,
    assessment: Assessment,
    (before, after): (&Estimate, &Estimate),
) -> (Option<FigureDifference>, Option<String>) {
    let relative = change.change.is_some_and(|change| change.relative);
    let paired = assessment.levels.as_ref().is_some_and(|levels| levels.paired);
    let mut estimate = assessment.estimate;
    if estimate.value.is_none() {
        let plain = before
            .value
            .zip(after.value)
            .and_then(|(b, c)| if relative { (b > 0.0).then(|| c / b - 1.0) } else { Some(c - b) });
        estimate = Estimate { value: plain, n: estimate.n, ..Estimate::nothing(Method::Point) };
    }
    if estimate.value.is_none() {
        return (None, Some("no difference can be named".to_owned()));
    }
    let open = estimate.lower.is_none() && estimate.upper.is_none();
    // Values of all cases beside a difference of those in common would not add up.
    let common = estimate.n.filter(|n| paired && (before.n != Some(*n) || after.n != Some(*n)));
    let note = match common {
        _ if open => Some("no interval".to_owned()),
        Some(n) if before.clusters.is_none() && after.clusters.is_none() => {
            Some(format!("on the {n} cases that both have"))
        }
        _ => None,
    };
    (Some(FigureDifference { estimate, unit: change.unit, relative, paired }), note)
}

/// Why figures are missing: a reason, and what it is about.
#[derive(Default)]
struct Notes(BTreeMap<String, Vec<String>>);

impl Notes {
    fn add(&mut self, why: &str, what: &str) {
        let about = self.0.entry(why.to_owned()).or_default();
        if !about.iter().any(|known| known == what) {
            about.push(what.to_owned());
        }
    }

    fn lacking(&mut self, side: &str, results: &Results<'_>) {
        for (name, why) in &results.lacking {
            self.add(&format!("the results {side} {why}"), name);
        }
    }

    fn told(self) -> Vec<String> {
        let one = |(why, about): (String, Vec<String>)| {
            format!("no figures for {}: {why}", list(about.iter().map(String::as_str), 12))
        };
        self.0.into_iter().map(one).collect()
    }
}
