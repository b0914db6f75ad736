//! Gates bound to evidence that is not there yet: the fields that it will have to have.

use crate::diagnostic::{Diagnostics, Nature};
use crate::gate::Gate;
use crate::judge::opened::Opened;
use crate::manifest::{Condition, Dimension, EvidenceSpec, GateSpec, Manifest, MetricSpec, ReferenceSpec};
use crate::metric::{Offer, catalog};

/// A gate, and whether its evidence was there to be looked at.
pub struct ForeseenGate {
    /// The gate, bound.
    pub gate: Gate,
    /// Whether the results that it will be judged on are only foreseen.
    pub foreseen: bool,
}

/// Binds the gates of a manifest to the evidence that is open, and to what the other entries will have to offer.
///
/// # Errors
/// Every gate that fits neither.
pub fn foresee(manifest: &Manifest, opened: &mut [Opened]) -> Result<Vec<ForeseenGate>, Diagnostics> {
    let bound = bind(manifest, opened);
    let unseen = |found: &Diagnostics| {
        found.iter().any(|finding| matches!(finding.nature, Nature::Unseen | Nature::Misspelt))
    };
    match bound {
        Err(found) if unseen(&found) && opened.iter().any(Opened::is_partial) => {
            for entry in opened.iter_mut() {
                entry.look_at_all()?;
            }
            bind(manifest, opened)
        }
        bound => bound,
    }
}

fn bind(manifest: &Manifest, opened: &[Opened]) -> Result<Vec<ForeseenGate>, Diagnostics> {
    let mut offers: Vec<Offer> = opened.iter().map(Opened::offer).collect();
    let is_open = |name: &str| opened.iter().any(|entry| entry.name == name);
    let absent: Vec<&EvidenceSpec> =
        manifest.evidence.iter().filter(|entry| !is_open(&entry.name.value)).collect();
    for (place, entry) in absent.iter().enumerate() {
        let named = manifest.metrics.iter().filter(|metric| match &metric.evidence {
            Some(evidence) => evidence.value == entry.name.value,
            // What a metric is defined of stands in one place.
            None => place == 0 && !offers.iter().any(|offer| has_field_of(offer, metric)),
        });
        let fields = declared_fields(entry, named);
        offers.push(Offer { evidence: entry.name.value.clone(), fields, ..Offer::default() });
    }
    let mut alone = Manifest { gates: Vec::new(), ..manifest.clone() };
    // Regressions are counted of what another gate may ask for.
    let (regressions, others): (Vec<&GateSpec>, Vec<_>) =
        manifest.gates.iter().partition(|gate| regressions_of(gate).is_some());
    for gate in others.into_iter().chain(regressions) {
        alone.gates = vec![gate.clone()];
        if Gate::bind(&alone, &offers).is_err() {
            add_fields(gate, &alone, &absent, &mut offers);
        }
    }
    let gates = Gate::bind(manifest, &offers)?;
    let foreseen = |gate: Gate| ForeseenGate { foreseen: !is_open(&gate.bound.evidence), gate };
    Ok(gates.into_iter().map(foreseen).collect())
}

fn has_field_of(offer: &Offer, metric: &MetricSpec) -> bool {
    let field = metric.field.as_ref().map_or(&metric.name.value, |field| &field.value);
    offer.fields.contains(field) || offer.aggregates.contains(field)
}

/// The fields that an entry has to have by what the manifest says of it.
fn declared_fields<'m>(entry: &EvidenceSpec, metrics: impl Iterator<Item = &'m MetricSpec>) -> Vec<String> {
    let of = |conditions: &[Condition]| {
        conditions.iter().map(|condition| condition.field.value.clone()).collect::<Vec<_>>()
    };
    let mut fields = of(&entry.conditions);
    fields.extend(entry.cluster.iter().map(|field| field.value.clone()));
    let sources = entry.fields.iter().map(|source| source.name.value.clone());
    fields.extend(sources.filter(|name| !matches!(name.as_str(), "id" | "epoch" | "error")));
    for metric in metrics {
        fields.push(metric.field.as_ref().map_or(&metric.name.value, |field| &field.value).clone());
        fields.extend(metric.per.iter().map(|per| per.value.clone()));
        if let Some(ReferenceSpec::Field(field)) =
            metric.text.as_ref().and_then(|text| text.reference.as_ref())
        {
            fields.push(field.value.clone());
        }
        fields.extend(of(&metric.conditions));
    }
    fields.sort();
    fields.dedup();
    fields
}

/// Adds what a gate asks for to the first of the absent entries that it then fits.
fn add_fields(gate: &GateSpec, alone: &Manifest, absent: &[&EvidenceSpec], offers: &mut [Offer]) {
    let meant = |entry: &&&EvidenceSpec| {
        gate.evidence.as_ref().is_none_or(|evidence| evidence.value == entry.name.value)
    };
    let names = names(gate);
    for entry in absent.iter().filter(meant) {
        let Some(at) = offers.iter().position(|offer| offer.evidence == entry.name.value) else { continue };
        let slices = gate.by.iter().map(|field| field.value.clone());
        let Some(before) = offers.get(at).map(|offer| offer.fields.clone()) else { continue };
        for name in &names {
            let mut fields = before.clone();
            fields.extend(slices.clone().chain([name.clone()]).filter(|field| !before.contains(field)));
            if let Some(offer) = offers.get_mut(at) {
                offer.fields = fields;
            }
            if Gate::bind(alone, offers).is_ok() {
                return;
            }
        }
        if let Some(offer) = offers.get_mut(at) {
            offer.fields = before;
        }
    }
}

/// What a rule counts the regressions of; empty where it does not say, none where it counts none.
fn regressions_of(gate: &GateSpec) -> Option<String> {
    let whole = gate.rule.readings().into_iter().next()?;
    Some(whole.metric.strip_suffix("regressions")?.trim_end_matches('_').to_owned())
}

/// The names that a field may have for a gate, the likeliest first: the standard one with the unit of the limit in it.
fn names(gate: &GateSpec) -> Vec<String> {
    if let Some(metric) = &gate.metric {
        return vec![metric.value.clone()];
    }
    if let Some(field) = regressions_of(gate) {
        return vec![if field.is_empty() { "accuracy".to_owned() } else { field }];
    }
    let unit = gate.rule.threshold.value.unit;
    let endings = match unit.dimension {
        Dimension::Time => ["_ms", ""],
        Dimension::Money => ["_usd", ""],
        _ => ["", "_ms"],
    };
    let mut names = Vec::new();
    // The longest reading is a metric of that name only where somebody has defined one.
    for reading in gate.rule.readings().iter().rev() {
        let known = catalog::standard(&reading.metric).map(|standard| standard.name);
        for stem in known.into_iter().chain([reading.metric.as_str()]) {
            names.extend(endings.iter().map(|ending| format!("{stem}{ending}")));
        }
    }
    names
}
