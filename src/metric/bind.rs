//! Gates to what they measure: names resolved, units compared, thresholds converted.
//!
//! Everything that can be wrong between a rule and the evidence's *shape* is found here, with the rule
//! underlined.

use super::bound::Bound;
use super::cap;
use super::catalog::split_unit;
use super::demand;
use super::meaning::Meaning;
use super::meant;
use super::measure::{MeasureKind, Truth};
use super::measures;
use super::names::{self, Match, Offer, Origin};
use super::threshold::{self, Asked};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature};
use crate::evidence::ScoreType;
use crate::manifest::{Dimension, EvidenceSpec, GateSpec, Manifest, People, TextMetric, Unit, fold};

/// Binds every gate of a manifest.
///
/// # Errors
/// Every gate whose name or unit does not fit the evidence.
pub fn bind(manifest: &Manifest, offers: &[Offer]) -> Result<Vec<Bound>, Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut bound = Vec::new();
    for (index, gate) in manifest.gates.iter().enumerate() {
        match bind_one(index, gate, manifest, offers) {
            Ok(one) => bound.push(one),
            Err(finding) => findings.push(finding),
        }
    }
    check_fields(manifest, offers, &bound, &mut findings);
    for one in &bound {
        findings.extend(selected_by_outcome(manifest, one));
        findings.extend(cap::without_tail(manifest, one, &bound));
    }
    if findings.has_errors() { Err(findings) } else { Ok(bound) }
}

/// Binds the gates of a manifest that fit this evidence: others may be about evidence that is not here.
#[must_use]
pub fn bind_those(manifest: &Manifest, offers: &[Offer]) -> Vec<Bound> {
    let gates = manifest.gates.iter().enumerate();
    gates.filter_map(|(index, gate)| bind_as_written(index, gate, manifest, offers).ok()).collect()
}

/// Binds a gate; where nothing answers to its words, the finding says what was meant, if that could be bound.
fn bind_one(
    index: usize,
    gate: &GateSpec,
    manifest: &Manifest,
    offers: &[Offer],
) -> Result<Bound, Diagnostic> {
    bind_as_written(index, gate, manifest, offers).map_err(|finding| {
        if finding.nature != Nature::Unseen || gate.metric.is_some() {
            return finding;
        }
        let meant = meant::rules(gate, &manifest.metrics, offers).into_iter().find(|meant| {
            let gate = GateSpec { rule: meant.rule.clone(), ..gate.clone() };
            bind_as_written(index, &gate, manifest, offers).is_ok()
        });
        match meant {
            Some(meant) => {
                let mut finding = finding.nature(Nature::Misspelt);
                finding.help.insert(0, meant.help);
                finding
            }
            // A rule that says something else wrong as well still has a name that was misspelt.
            None => match meant::name(gate, offers) {
                Some(name) => finding.help(format!("did you mean `{name}`?")),
                None => finding,
            },
        }
    })
}

fn bind_as_written(
    index: usize,
    gate: &GateSpec,
    manifest: &Manifest,
    offers: &[Offer],
) -> Result<Bound, Diagnostic> {
    let found = names::find(gate, &manifest.metrics, offers)?;
    super::redefined::check(gate, &found, offers)?;
    let unit_of_name = split_unit(&fold(found.origin.name())).1;
    let declared = found.spec.and_then(|spec| spec.unit).map(|unit| unit.value);
    // Time is counted in seconds by half of the tools and in milliseconds by the others; the name alone says neither.
    let standard_unit = found.standard.map(|standard| standard.unit);
    let unstated = standard_unit.map(|unit| unit.dimension).filter(|dimension| *dimension == Dimension::Time);
    let mut meaning = Meaning { gate, found: &found, offers, column: None };
    let column = measures::column(&meaning)?;
    meaning.column = column;
    let text = meaning.text().map(|text| &text.metric);
    // So many events of so many are a proportion, whatever they are called; and so is a score from 0 to 1.
    let proportion = match meaning.told() {
        Some(ScoreType::Rate) => matches!(found.origin, Origin::Aggregate(_)),
        Some(ScoreType::Between(low, high)) => low == 0.0 && high.to_bits() == 1.0_f64.to_bits(),
        _ => false,
    };
    let unit_of_text = text.map(|text| match text {
        TextMetric::Bleu(_) | TextMetric::Chrf(_) | TextMetric::Ter(_) | TextMetric::Length(_) => {
            Unit::NUMBER
        }
        _ => Unit::FRACTION,
    });
    let known = unit_of_text
        .or(declared)
        .or(unit_of_name)
        .or(standard_unit.filter(|_| unstated.is_none()))
        .or((proportion || meaning.is_share()).then_some(Unit::FRACTION));
    let measure = measures::of(&meaning)?;
    let own_range = measure.own_range();
    let told_direction = meaning.told_direction();
    let told = match meaning.told() {
        Some(ScoreType::Between(low, high)) if measure.own_range().is_none() => (Some(low), Some(high)),
        _ => (None, None),
    };
    let asked = Asked {
        rule: &gate.rule,
        word: found.reading.change,
        against: gate.against,
        name: found.origin.name(),
        measure: measure.as_ref(),
        known,
        unstated,
    };
    let threshold::Threshold { unit, value: threshold, change } = threshold::of(&asked)?;
    let level_unit = change.map_or(unit, |change| change.level_unit);
    let proportion = level_unit.dimension == Dimension::Fraction && !measure.is_observed();
    let bounds =
        found.spec.and_then(|spec| spec.bounds.or(spec.people.range.filter(|_| own_range.is_none())));
    let bounds = bounds.map(|bounds| bounds.value);
    // What has a range of its own does not inherit the catalogue's bounds of its field.
    let own = own_range;
    let standard = found.standard.filter(|_| own.is_none());
    // Times, costs and tokens are not negative, unless the definition says so.
    let positive = matches!(level_unit.dimension, Dimension::Time | Dimension::Money | Dimension::Tokens);
    let zero = own.and_then(|own| own.0).or((proportion || positive).then_some(0.0));
    let one = own.and_then(|own| own.1).or(proportion.then_some(1.0));
    let lower = bounds.map(|b| b.0).or(standard.and_then(|s| s.lower)).or(told.0).or(zero);
    let upper = bounds.map(|b| b.1).or(standard.and_then(|s| s.upper)).or(told.1).or(one);
    let declared_cap =
        found.spec.and_then(|spec| spec.cap).filter(|_| measure.kind() == MeasureKind::Estimated);
    if let Some(cap) = declared_cap.filter(|_| lower.is_none_or(|lower| lower < 0.0) || upper.is_some()) {
        return Err(cap::misplaced(cap.span));
    }
    let cap = declared_cap.map(|cap| cap.value);
    let bound = Bound {
        gate: index,
        metric: found.spec.map_or_else(|| metric_name(&found), |spec| fold(&spec.name.value)),
        category: found
            .spec
            .and_then(|s| s.category)
            .map(|c| c.value)
            .or(text.and_then(TextMetric::category))
            .or(found.standard.map(|s| s.category)),
        direction: found
            .spec
            .and_then(|s| s.direction)
            .map(|d| d.value)
            .or(text.and_then(TextMetric::direction))
            .or(told_direction)
            .or(found.standard.map(|s| s.direction))
            .or(measure.own_direction()),
        evidence: found.evidence.clone(),
        // A time that is 0 in every row is no rate.
        is_typed: measure.truth() != Truth::IfSaid || found.standard.is_some() || unit_of_name.is_some(),
        measure,
        conditions: found.spec.map(|spec| spec.conditions.clone()).unwrap_or_default(),
        scale: found.spec.and_then(|spec| spec.scale).map_or(1.0, |scale| scale.value),
        unit,
        known_unit: known,
        unstated,
        lower,
        upper: upper.or(cap),
        cap,
        rule: gate.rule.clone(),
        comparator: gate.rule.comparator.value,
        threshold,
        change,
        by: gate.by.iter().map(|field| field.value.clone()).collect(),
        people: found.spec.map(|spec| spec.people.clone()).unwrap_or_default(),
        judge: found.spec.and_then(|spec| Some(spec.judge.as_ref()?.value.clone())),
    };
    demand::check(gate, &bound)?;
    Ok(bound)
}

/// The name that reports show: the one of the rule, which the evidence may spell differently.
fn metric_name(found: &Match<'_>) -> String {
    found.reading.metric.clone()
}

/// A `where:` on what a gate judges, which would keep the rows that pass it and drop the others.
///
/// Two names are one field where `fields:` says so; and `error` decides which rows have a score.
fn selected_by_outcome(manifest: &Manifest, bound: &Bound) -> Option<Diagnostic> {
    let entry = manifest.evidence.iter().find(|entry| entry.name.value == bound.evidence)?;
    let judged = bound.judged_fields();
    if judged.is_empty() {
        return None;
    }
    let of_baseline = entry.baseline.iter().filter(|_| bound.change.is_some());
    let of_baseline = of_baseline.flat_map(|baseline| {
        let fields = baseline.fields.as_ref().unwrap_or(&entry.fields);
        baseline.conditions.iter().flatten().map(move |condition| (condition, fields))
    });
    let own = entry.conditions.iter().chain(&bound.conditions).map(|condition| (condition, &entry.fields));
    let (condition, field) = own.chain(of_baseline).find_map(|(condition, fields)| {
        let paths = |name: &str| {
            let source = fields.iter().find(|source| source.name.value == name);
            source.map_or_else(
                || vec![name.to_owned()],
                |source| source.paths.iter().map(|path| path.value.clone()).collect(),
            )
        };
        let selecting = paths(&condition.field.value);
        let same = |name: &&str| paths(name).iter().any(|path| selecting.contains(path));
        judged.iter().copied().chain(["error"]).find(same).map(|field| (condition, field))
    })?;
    let gate = manifest.gates.get(bound.gate)?;
    Some(
        Diagnostic::error(
            Code::SelectedByOutcome,
            if field == "error" {
                "a `where:` selects rows by their `error`".to_owned()
            } else {
                format!("a `where:` selects rows by `{field}`, which gate `{}` judges", gate.id.value)
            },
        )
        .at(condition.field.span, "the rows that are left say what was asked of them")
        .also(gate.rule.subject_span(), "judged here")
        .help("select by something that was known before the evaluation, such as a language or a kind of question"),
    )
}

/// Fields of `where:`, `cluster:` and `by:` must exist; a misspelt one would select nothing, or everything.
fn check_fields(manifest: &Manifest, offers: &[Offer], bound: &[Bound], findings: &mut Diagnostics) {
    let of_evidence = manifest.evidence.iter().flat_map(|entry: &EvidenceSpec| {
        entry.conditions.iter().map(|condition| (entry.name.value.as_str(), condition))
    });
    let of_metrics = bound
        .iter()
        .flat_map(|one| one.conditions.iter().map(|condition| (one.evidence.as_str(), condition)));
    let conditions = of_evidence.chain(of_metrics).map(|(evidence, condition)| (evidence, &condition.field));
    let clusters = manifest
        .evidence
        .iter()
        .filter_map(|entry| Some((entry.name.value.as_str(), entry.cluster.as_ref()?)));
    let slices = bound
        .iter()
        .filter(|one| !matches!(one.measure.kind(), MeasureKind::Stated { .. }))
        .flat_map(|one| {
            let fields = manifest.gates.get(one.gate).map(|gate| gate.by.as_slice()).unwrap_or_default();
            fields.iter().map(|field| (one.evidence.as_str(), field))
        });
    let people = bound.iter().flat_map(|one| {
        let People { rater, raters, sides, .. } = &one.people;
        let labels = one.judge.iter().filter_map(|judge| judge.labels.as_ref());
        let named = rater.iter().chain(raters).chain(sides).chain(labels);
        named.map(|field| (one.evidence.as_str(), field))
    });
    let mut seen = Vec::new();
    for (evidence, field) in conditions.chain(clusters).chain(slices).chain(people) {
        let Some(offer) = offers.iter().find(|offer| offer.evidence == evidence) else { continue };
        if offer.fields.contains(&field.value) || offer.fields.is_empty() || seen.contains(&field.span) {
            continue;
        }
        seen.push(field.span);
        findings.push(
            Diagnostic::error(
                Code::UnknownMetric,
                format!("evidence `{evidence}` has no field `{}`", field.value),
            )
            .nature(Nature::Unseen)
            .at(field.span, "asked for here")
            .suggest(&field.value, offer.fields.iter().map(String::as_str)),
        );
    }
}
