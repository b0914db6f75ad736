//! What a gate asks: its words, its comparison and its threshold.

use super::weighed::{direction, record};
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::extends::{no_easier, subject, thresholds};
use crate::manifest::{Comparator, GateSpec, rule};

/// How two rules of one gate differ; nothing where they mean the same.
pub(super) fn records(old: &GateSpec, new: &GateSpec, stakes: Weight) -> Vec<Record> {
    let mut records: Vec<Record> = exact_metric(old, new, stakes).into_iter().collect();
    records.extend(comparison(old, new, stakes));
    records
}

/// The exact name that settles which metric the words mean.
fn exact_metric(old: &GateSpec, new: &GateSpec, stakes: Weight) -> Option<Record> {
    let name = |gate: &GateSpec| gate.metric.as_ref().map(|name| name.value.clone());
    let (was, is) = (name(old), name(new));
    if was == is {
        return None;
    }
    let id = &new.id.value;
    let read = |name: &Option<String>| match name {
        Some(name) => format!("the metric named exactly {name}"),
        None => "the metric that its words name".to_owned(),
    };
    let text = format!("gate {id}: it reads {}; before: {}", read(&is), read(&was));
    let went = (Direction::Unknown, stakes);
    Some(record(ChangeRule::GateRule, format!("gates.{id}.metric"), went, &text, (was, is)))
}

fn comparison(old: &GateSpec, new: &GateSpec, stakes: Weight) -> Option<Record> {
    let id = &new.id.value;
    let texts = (Some(old.rule.text.clone()), Some(new.rule.text.clone()));
    let told = |rule, part: &str, went, text: &str| {
        let text = format!("gate {id}: {text}");
        Some(record(rule, format!("gates.{id}.{part}"), went, &text, texts.clone()))
    };
    let both = format!("`{}` became `{}`", old.rule.text, new.rule.text);
    let unknown = (Direction::Unknown, stakes);
    // Whatever the new rule shows, the old one is not asked any more.
    if subject(&old.rule) != subject(&new.rule) {
        let text = format!("it asks something else: {both}");
        return told(ChangeRule::GateRule, "rule", unknown, &text);
    }
    // Taken literally: whether the words name a count, where `< 1` and `<= 0` are the same, only evidence tells.
    let (was, is) = (&old.rule, &new.rule);
    let (Some(no_looser), Some(was_no_looser)) = (no_easier(is, was), no_easier(was, is)) else {
        let text = format!("the limits are in units that cannot be compared: {both}");
        return told(ChangeRule::GateRule, "rule", unknown, &text);
    };
    let way = direction(no_looser, was_no_looser)?;
    let order = thresholds(&new.rule, &old.rule)?;
    let (from, to) = (limit(&old.rule), limit(&new.rule));
    let (before, after) = (old.rule.comparator.value, new.rule.comparator.value);
    if way == Direction::Unknown && opposite(before, after) {
        let text = format!("it asks for the opposite: {both}");
        return told(ChangeRule::GateRule, "rule", unknown, &text);
    }
    if !same_family(before, after) || order.is_eq() {
        let text = format!("it compares in another way: {from} became {to}");
        return told(ChangeRule::GateRule, "rule", (way, stakes), &text);
    }
    let moved = if order.is_gt() { "rose" } else { "fell" };
    let text = format!("the limit {moved} from {from} to {to}");
    told(ChangeRule::GateThreshold, "threshold", (way, stakes), &text)
}

/// `< 1.5%`
fn limit(rule: &rule::Rule) -> String {
    format!("{} {}", rule.comparator.value.symbol(), rule.threshold.value)
}

fn wants_high(comparator: Comparator) -> bool {
    matches!(comparator, Comparator::Greater | Comparator::AtLeast)
}

/// Whether one wants low values and the other high ones.
fn opposite(a: Comparator, b: Comparator) -> bool {
    a.wants_low() && wants_high(b) || wants_high(a) && b.wants_low()
}

/// Whether two comparisons of one quantity are for low values, for high ones, or the same.
pub(super) fn same_family(a: Comparator, b: Comparator) -> bool {
    a == b || a.wants_low() && b.wants_low() || wants_high(a) && wants_high(b)
}
