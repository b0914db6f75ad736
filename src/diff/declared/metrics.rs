//! Metrics that the manifests define: what a gate's words mean.

use std::collections::BTreeMap;

use super::readers::Readers;
use super::spelled;
use super::weighed::record;
use crate::diagnostic::Spanned;
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::{MetricSpec, fold};

/// One key of a definition and its effective value, as a manifest writes it.
type Key = (&'static str, fn(&MetricSpec) -> Option<String>);

/// Every key, in the order of the documentation.
static KEYS: &[Key] = &[
    ("evidence", |metric| metric.evidence.as_ref().map(|name| name.value.clone())),
    ("as", |metric| metric.kind.map(|kind| kind.value.to_string())),
    ("field", |metric| Some(metric.field.as_ref().unwrap_or(&metric.name).value.clone())),
    ("per", |metric| metric.per.as_ref().map(|field| field.value.clone())),
    ("scale", |metric| match metric.people.range {
        Some(range) => Some(format!("[{}, {}]", range.value.0, range.value.1)),
        None => Some(metric.scale.map_or(1.0, |scale| scale.value).to_string()),
    }),
    ("unit", |metric| metric.unit.map(|unit| unit.value.to_string())),
    ("direction", |metric| metric.direction.map(|way| way.value.to_string())),
    ("category", |metric| metric.category.map(|category| category.value.to_string())),
    ("bounds", |metric| metric.bounds.map(|bounds| format!("[{}, {}]", bounds.value.0, bounds.value.1))),
    ("cap", |metric| metric.cap.map(|cap| cap.value.to_string())),
    ("where", |metric| spelled::conditions(&metric.conditions)),
    ("reference", |metric| Some(metric.text.as_ref()?.reference.as_ref()?.spelled())),
    ("tokenize", |metric| option(metric, "tokenize")),
    ("smooth", |metric| option(metric, "smooth")),
    ("smooth_value", |metric| option(metric, "smooth_value")),
    ("lowercase", |metric| option(metric, "lowercase")),
    ("effective_order", |metric| option(metric, "effective_order")),
    ("max_order", |metric| option(metric, "max_order")),
    ("char_order", |metric| option(metric, "char_order")),
    ("word_order", |metric| option(metric, "word_order")),
    ("beta", |metric| option(metric, "beta")),
    ("whitespace", |metric| option(metric, "whitespace")),
    ("eps_smoothing", |metric| option(metric, "eps_smoothing")),
    ("normalize", |metric| option(metric, "normalize")),
    ("punctuation", |metric| option(metric, "punctuation")),
    ("asian", |metric| option(metric, "asian")),
    ("stem", |metric| option(metric, "stem")),
    ("score", |metric| option(metric, "score")),
    ("strict", |metric| option(metric, "strict")),
    ("empty", |metric| option(metric, "empty")),
    ("schema", |metric| Some(metric.text.as_ref()?.schema.as_ref()?.value.clone())),
    ("pattern", |metric| option(metric, "pattern")),
    ("count", |metric| option(metric, "count")),
    ("item", |metric| metric.people.item.as_ref().map(|field| field.value.clone())),
    ("rater", |metric| metric.people.rater.as_ref().map(|field| field.value.clone())),
    ("raters", |metric| names(&metric.people.raters)),
    ("statistic", |metric| metric.people.statistic.map(|statistic| statistic.value.to_string())),
    ("ties", |metric| metric.people.ties.map(|ties| ties.value.to_string())),
    ("sides", |metric| names(&metric.people.sides)),
    ("between", |metric| names(&metric.people.between)),
    ("judge", |metric| metric.judge.as_ref().map(|judge| spelled::judge(&judge.value))),
];

/// An option of a metric of texts.
fn option(metric: &MetricSpec, key: &str) -> Option<String> {
    metric.text.as_ref()?.metric.option(key)
}

/// A list of names as a manifest writes it; none where it is empty.
fn names(names: &[Spanned<String>]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
    (!names.is_empty()).then(|| format!("[{}]", names.join(", ")))
}

/// The changes of the definitions, matched by folded name.
pub(super) fn records(readers: &Readers<'_>, before: &[MetricSpec], after: &[MetricSpec]) -> Vec<Record> {
    let mut old = by_name(before);
    let mut records = Vec::new();
    for new in after {
        let name = fold(&new.name.value);
        let reader = readers.of_metric(&name);
        match old.remove(&name) {
            Some(old) => records.extend(pair(old, new, reader.1)),
            // A gate that was there before now reads this definition instead of what its words meant.
            None => records.push(one(new, true, reader)),
        }
    }
    records.extend(old.into_iter().map(|(name, old)| one(old, false, readers.of_metric(&name))));
    records
}

fn by_name(metrics: &[MetricSpec]) -> BTreeMap<String, &MetricSpec> {
    metrics.iter().map(|metric| (fold(&metric.name.value), metric)).collect()
}

/// A definition that only one manifest has.
fn one(metric: &MetricSpec, is_new: bool, (reader, stakes): (Option<&str>, Weight)) -> Record {
    let name = &metric.name.value;
    let what = if is_new { "is new" } else { "is gone" };
    let (way, effect) = match reader {
        Some(gate) => (Direction::Unknown, format!(", and gate {gate} may read something else for it")),
        None => (Direction::Neutral, String::new()),
    };
    let text = format!("metric {name}: its definition {what}{effect}");
    let parts: Vec<String> =
        KEYS.iter().filter_map(|(key, value)| value(metric).map(|value| format!("{key}: {value}"))).collect();
    let said = Some(format!("{{ {} }}", parts.join(", ")));
    let values = if is_new { (None, said) } else { (said, None) };
    record(ChangeRule::MetricDefinition, format!("metrics.{name}"), (way, stakes), &text, values)
}

/// What changed in one definition, one record a key.
fn pair(old: &MetricSpec, new: &MetricSpec, stakes: Weight) -> Vec<Record> {
    let name = &new.name.value;
    let mut records = Vec::new();
    for (key, value) in KEYS {
        let (was, is) = (value(old), value(new));
        if was == is {
            continue;
        }
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not stated".to_owned());
        let text = format!("metric {name}: {key} is {}; before: {}", said(&is), said(&was));
        let turned = *key == "direction" && was.is_some() && is.is_some();
        let path = format!("metrics.{name}.{key}");
        let told = record(ChangeRule::MetricDefinition, path, (Direction::Unknown, stakes), &text, (was, is));
        // What was good is bad now: no figure of before can be compared.
        records.push(if turned { told.weighs(Weight::Blocking) } else { told });
    }
    records
}

#[cfg(test)]
mod tests {
    use super::KEYS;
    use crate::manifest::fields::METRIC;

    #[test]
    fn every_key_of_a_definition_is_compared() {
        let told: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
        let table: Vec<&str> = METRIC.fields.iter().map(|field| field.name).collect();
        assert_eq!(told, table);
    }
}
