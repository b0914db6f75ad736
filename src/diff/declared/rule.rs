//! What a gate or a signal asks: its words, its comparison and its threshold.

use super::weighed::{direction, record};
use crate::diagnostic::Spanned;
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::extends::{no_easier, subject, thresholds};
use crate::manifest::rule::Rule;
use crate::manifest::{Comparator, GateSpec};

/// How two rules of one gate differ; nothing where they mean the same.
pub(super) fn records(old: &GateSpec, new: &GateSpec, stakes: Weight) -> Vec<Record> {
    let id = &new.id.value;
    let whose = Whose {
        path: format!("gates.{id}"),
        name: format!("gate {id}"),
        rule: ChangeRule::GateRule,
        threshold: ChangeRule::GateThreshold,
        stakes,
    };
    let names = (old.metric.as_ref(), new.metric.as_ref());
    let mut records: Vec<Record> = exact_metric(&whose, names).into_iter().collect();
    records.extend(comparison(&whose, &old.rule, &new.rule));
    records
}

/// Whose rule it is.
pub(super) struct Whose {
    /// Where it stands: `gates.accuracy`.
    pub(super) path: String,
    /// What it is called: `gate accuracy`.
    pub(super) name: String,
    /// What a change of its rule is.
    pub(super) rule: ChangeRule,
    /// What a change of its threshold is.
    pub(super) threshold: ChangeRule,
    /// What it weighs when it gets looser.
    pub(super) stakes: Weight,
}

/// The exact name that settles which metric the words mean.
pub(super) fn exact_metric(
    whose: &Whose,
    (old, new): (Option<&Spanned<String>>, Option<&Spanned<String>>),
) -> Option<Record> {
    let name = |metric: Option<&Spanned<String>>| metric.map(|name| name.value.clone());
    let (was, is) = (name(old), name(new));
    if was == is {
        return None;
    }
    let read = |name: &Option<String>| match name {
        Some(name) => format!("the metric named exactly {name}"),
        None => "the metric that its words name".to_owned(),
    };
    let text = format!("{}: it reads {}; before: {}", whose.name, read(&is), read(&was));
    let went = (Direction::Unknown, whose.stakes);
    Some(record(whose.rule, format!("{}.metric", whose.path), went, &text, (was, is)))
}

/// How two rules compare; nothing where they ask the same.
pub(super) fn comparison(whose: &Whose, was: &Rule, is: &Rule) -> Option<Record> {
    let texts = (Some(was.text.clone()), Some(is.text.clone()));
    let told = |rule, part: &str, way, text: &str| {
        let text = format!("{}: {text}", whose.name);
        Some(record(rule, format!("{}.{part}", whose.path), (way, whose.stakes), &text, texts.clone()))
    };
    let both = format!("`{}` became `{}`", was.text, is.text);
    // Whatever the new rule shows, the old one is not asked any more.
    if subject(was) != subject(is) {
        let text = format!("it asks something else: {both}");
        return told(whose.rule, "rule", Direction::Unknown, &text);
    }
    // Taken literally: whether the words name a count, where `< 1` and `<= 0` are the same, only evidence tells.
    let (Some(no_looser), Some(was_no_looser)) = (no_easier(is, was), no_easier(was, is)) else {
        let text = format!("the limits are in units that cannot be compared: {both}");
        return told(whose.rule, "rule", Direction::Unknown, &text);
    };
    let way = direction(no_looser, was_no_looser)?;
    let order = thresholds(is, was)?;
    let (from, to) = (limit(was), limit(is));
    let (before, after) = (was.comparator.value, is.comparator.value);
    if way == Direction::Unknown && opposite(before, after) {
        let text = format!("it asks for the opposite: {both}");
        return told(whose.rule, "rule", Direction::Unknown, &text);
    }
    if !same_family(before, after) || order.is_eq() {
        let text = format!("it compares in another way: {from} became {to}");
        return told(whose.rule, "rule", way, &text);
    }
    let moved = if order.is_gt() { "rose" } else { "fell" };
    let text = format!("the limit {moved} from {from} to {to}");
    told(whose.threshold, "threshold", way, &text)
}

/// `< 1.5%`
fn limit(rule: &Rule) -> String {
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
