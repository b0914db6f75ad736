//! Waivers: accepted exceptions that are new, gone, longer, wider, or answered for by somebody else.
//!
//! They ask for a review and never more: a waiver is a decision that somebody signed. The day on which it is read
//! does not count, so an expired one is told like any other.

use std::collections::BTreeMap;

use super::pairs::Pairs;
use super::rule::same_family;
use super::weighed::{direction, record};
use crate::diagnostic::Spanned;
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::extends::{no_easier, subject};
use crate::manifest::{GateSpec, Quantity, WaiverSpec};

/// The changes of the waivers, matched by gate and then by slice.
pub(super) fn records(pairs: &Pairs<'_>, before: &[WaiverSpec], after: &[WaiverSpec]) -> Vec<Record> {
    let (renamed, gates) = (pairs.renamed(), pairs.by_id_after());
    let mut old: Vec<&WaiverSpec> = before.iter().collect();
    let mut new: Vec<&WaiverSpec> = after.iter().collect();
    let mut records = Vec::new();
    // What is the same in every part goes first, so that the order of the lines is no change.
    for closest in [Closeness::Same, Closeness::SameSlice, Closeness::SameGate] {
        new.retain(|new| {
            let place = old.iter().position(|old| {
                let gate = old.gate.value.as_str();
                *renamed.get(gate).unwrap_or(&gate) == new.gate.value
                    && closeness(old, new).is_some_and(|close| close <= closest)
            });
            if let Some(place) = place {
                let gates = gates.get(new.gate.value.as_str()).copied();
                records.extend(pair(gates, old.remove(place), new));
            }
            place.is_none()
        });
    }
    records.extend(old.iter().map(|waiver| gone(waiver)));
    records.extend(new.iter().map(|waiver| added(waiver)));
    records
}

/// How much two waivers of one gate have in common; nothing where neither slice is within the other: then what was
/// accepted is not any more, and something else is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Same,
    SameSlice,
    SameGate,
}

fn closeness(old: &WaiverSpec, new: &WaiverSpec) -> Option<Closeness> {
    let limit = |waiver: &WaiverSpec| waiver.limit.as_ref().map(|limit| limit.value.clone());
    Some(if !within(old, new) && !within(new, old) {
        return None;
    } else if slice(old) != slice(new) {
        Closeness::SameGate
    } else if old.expires.value == new.expires.value
        && old.reason.value == new.reason.value
        && old.owner.value == new.owner.value
        && old.approver.value == new.approver.value
        && limit(old) == limit(new)
    {
        Closeness::Same
    } else {
        Closeness::SameSlice
    })
}

/// A gate before and after.
type Gates<'a> = Option<(&'a GateSpec, &'a GateSpec)>;

/// What changed in one waiver. The parts are named one by one, so that a new one does not compile without its line here.
fn pair(gates: Gates<'_>, old: &WaiverSpec, new: &WaiverSpec) -> Vec<Record> {
    let WaiverSpec {
        gate: _,
        reason,
        owner,
        approver,
        expires: _,
        limit: _,
        slice: _,
        signature: _,
        span: _,
    } = new;
    let mut records: Vec<Record> = expiry(old, new).into_iter().collect();
    records.extend(limit(gates, old, new));
    records.extend(scope(old, new));
    for (key, was, is) in [
        ("reason", &old.reason.value, &reason.value),
        ("owner", &old.owner.value, &owner.value),
        ("approver", &old.approver.value, &approver.value),
    ] {
        if was != is {
            let text = format!("{}: its {key} is {is}; before: {was}", name(new));
            let values = (Some(was.clone()), Some(is.clone()));
            let went = (Direction::Neutral, Weight::Review);
            let told = record(ChangeRule::WaiverTerms, path(new, key), went, &text, values);
            records.push(told.weighs(ChangeRule::WaiverTerms.severity()));
        }
    }
    records
}

fn slice(waiver: &WaiverSpec) -> Option<&BTreeMap<String, String>> {
    waiver.slice.as_ref().map(|slice| &slice.value)
}

/// `lang=de, tier=free`
fn labels(slice: &BTreeMap<String, String>) -> String {
    slice.iter().map(|(field, label)| format!("{field}={label}")).collect::<Vec<_>>().join(", ")
}

/// `waiver for gate p95-latency (lang=de)`
fn name(waiver: &WaiverSpec) -> String {
    let place = slice(waiver).map(|slice| format!(" ({})", labels(slice))).unwrap_or_default();
    format!("waiver for gate {}{place}", waiver.gate.value)
}

fn path(waiver: &WaiverSpec, part: &str) -> String {
    format!("waivers.{}.{part}", waiver.gate.value)
}

/// What it accepts and for how long, in one clause.
fn terms(waiver: &WaiverSpec) -> String {
    let limit =
        waiver.limit.as_ref().map_or("any value".to_owned(), |limit| format!("at worst {}", limit.value));
    format!(
        "{limit} until {}, approved by {}: {}",
        waiver.expires.value, waiver.approver.value, waiver.reason.value
    )
}

fn added(waiver: &WaiverSpec) -> Record {
    let text = format!("{} is new: it accepts {}", name(waiver), terms(waiver));
    let went = (Direction::Looser, Weight::Review);
    let path = format!("waivers.{}", waiver.gate.value);
    record(ChangeRule::WaiverAdded, path, went, &text, (None, Some(terms(waiver))))
}

fn gone(waiver: &WaiverSpec) -> Record {
    let text = format!("{} is gone: it accepted {}", name(waiver), terms(waiver));
    let went = (Direction::Tighter, Weight::Info);
    let path = format!("waivers.{}", waiver.gate.value);
    record(ChangeRule::WaiverRemoved, path, went, &text, (Some(terms(waiver)), None))
}

fn expiry(old: &WaiverSpec, new: &WaiverSpec) -> Option<Record> {
    let (was, is) = (old.expires.value, new.expires.value);
    let way = direction(is <= was, was <= is)?;
    let text = format!("{}: it holds until {is}; before: {was}", name(new));
    let values = (Some(was.to_string()), Some(is.to_string()));
    Some(record(ChangeRule::WaiverExpiry, path(new, "expires"), (way, Weight::Review), &text, values))
}

/// The worst value that is accepted; without one, any is.
fn limit(gates: Gates<'_>, old: &WaiverSpec, new: &WaiverSpec) -> Option<Record> {
    let accepts_no_more = |own: &WaiverSpec, base: &WaiverSpec| match (&own.limit, &base.limit) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(own), Some(base)) => {
            own.value == base.value || gates.is_some_and(|gates| no_worse(gates, own, base))
        }
    };
    let way = direction(accepts_no_more(new, old), accepts_no_more(old, new))?;
    let said = |waiver: &WaiverSpec| waiver.limit.as_ref().map(|limit| limit.value.to_string());
    let (was, is) = (said(old), said(new));
    let accepts =
        |limit: &Option<String>| limit.as_ref().map_or("any value".to_owned(), |l| format!("at worst {l}"));
    let text = format!("{}: it accepts {}; before: {}", name(new), accepts(&is), accepts(&was));
    Some(record(ChangeRule::WaiverScope, path(new, "limit"), (way, Weight::Review), &text, (was, is)))
}

/// Whether the gate asks as much with the own limit in place of its threshold; not where it asks something else now.
fn no_worse(
    (before, after): (&GateSpec, &GateSpec),
    own: &Spanned<Quantity>,
    base: &Spanned<Quantity>,
) -> bool {
    let with = |limit: &Spanned<Quantity>| {
        let mut rule = after.rule.clone();
        rule.threshold = limit.clone();
        rule
    };
    let comparator = |gate: &GateSpec| gate.rule.comparator.value;
    subject(&before.rule) == subject(&after.rule)
        && same_family(comparator(before), comparator(after))
        && no_easier(&with(own), &with(base)) == Some(true)
}

/// Whether everything that one waiver covers is covered by the other, too.
fn within(own: &WaiverSpec, base: &WaiverSpec) -> bool {
    match (slice(own), slice(base)) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(own), Some(base)) => base.iter().all(|(field, label)| own.get(field) == Some(label)),
    }
}

/// The slice it is limited to; without one, the whole gate is waived.
fn scope(old: &WaiverSpec, new: &WaiverSpec) -> Option<Record> {
    let way = direction(within(new, old), within(old, new))?;
    let said = |waiver: &WaiverSpec| slice(waiver).map(labels);
    let (was, is) = (said(old), said(new));
    let covers = |slice: &Option<String>| slice.clone().unwrap_or_else(|| "the whole gate".to_owned());
    let gate = &new.gate.value;
    let text = format!("waiver for gate {gate}: it covers {}; before: {}", covers(&is), covers(&was));
    Some(record(ChangeRule::WaiverScope, path(new, "slice"), (way, Weight::Review), &text, (was, is)))
}
