//! Gates: which are gone, new or renamed, and what each of the others asks, where, and how strictly.

use super::pairs::Pairs;
use super::weighed::{direction, record};
use super::{rule, spelled};
use crate::diff::{ChangeRule, Direction, Record, Weight};
use crate::manifest::extends::{covers, left_out};
use crate::manifest::{Confidence, Enforcement, GateSpec, Manifest, Policy};

/// The changes of the gates.
pub(super) fn records(pairs: &Pairs<'_>, before: &Manifest, after: &Manifest) -> Vec<Record> {
    let mut records: Vec<Record> = pairs.gone.iter().map(|gate| gone(gate)).collect();
    records.extend(pairs.new.iter().map(|gate| new(gate)));
    for (old, new) in &pairs.both {
        records.extend(pair(old, new, (&before.policy, &after.policy)));
        records.extend(evidence((old, before), (new, after), stakes(old)));
    }
    records
}

/// What it weighs when a gate gets looser: one that only warns never stopped a release.
pub(super) fn stakes(gate: &GateSpec) -> Weight {
    match gate.enforcement {
        Enforcement::Block => Weight::Blocking,
        Enforcement::Warn => Weight::Review,
    }
}

fn gone(gate: &GateSpec) -> Record {
    let id = &gate.id.value;
    let only = if gate.enforcement == Enforcement::Warn { "; it only warned" } else { "" };
    let text = format!("gate {id} is gone: nothing asks for `{}` any more{only}", gate.rule.text);
    let went = (Direction::Looser, stakes(gate));
    record(ChangeRule::GateRemoved, format!("gates.{id}"), went, &text, (Some(gate.rule.text.clone()), None))
}

fn new(gate: &GateSpec) -> Record {
    let id = &gate.id.value;
    let only = if gate.enforcement == Enforcement::Warn { "; it only warns" } else { "" };
    let text = format!("gate {id} is new: it asks for `{}`{only}", gate.rule.text);
    let went = (Direction::Tighter, Weight::Info);
    record(ChangeRule::GateAdded, format!("gates.{id}"), went, &text, (None, Some(gate.rule.text.clone())))
}

/// What changed in one gate. The parts are named one by one, so that a new one does not compile without its line here.
fn pair(old: &GateSpec, new: &GateSpec, policies: (&Policy, &Policy)) -> Vec<Record> {
    let GateSpec {
        id: _,
        rule: _,
        metric: _,
        // Needs to know which entries there are.
        evidence: _,
        by: _,
        when: _,
        when_is_shared: _,
        shared: _,
        enforcement: _,
        enforcement_at: _,
        confidence: _,
        min_samples: _,
        rationale: _,
        // Follows from `anchor:`, which is a change of its own.
        against: _,
    } = new;
    let stakes = stakes(old);
    let mut records: Vec<Record> = renamed(old, new).into_iter().collect();
    records.extend(rule::records(old, new, stakes));
    records.extend(enforcement(old, new, stakes));
    records.extend(confidence(old, new, policies, stakes));
    records.extend(min_samples(old, new, stakes));
    records.extend(slices(old, new, stakes));
    records.extend(when(old, new, policies, stakes));
    records
}

fn path(gate: &GateSpec, part: &str) -> String {
    format!("gates.{}.{part}", gate.id.value)
}

fn renamed(old: &GateSpec, new: &GateSpec) -> Option<Record> {
    let (was, is) = (&old.id.value, &new.id.value);
    if was == is {
        return None;
    }
    let text = format!("gate {was} is now called {is}; it asks the same");
    let values = (Some(was.clone()), Some(is.clone()));
    Some(record(ChangeRule::GateRenamed, path(new, "id"), (Direction::Neutral, Weight::Info), &text, values))
}

fn enforcement(old: &GateSpec, new: &GateSpec, stakes: Weight) -> Option<Record> {
    let (was, is) = (old.enforcement, new.enforcement);
    let way = direction(
        is == Enforcement::Block || was == Enforcement::Warn,
        was == Enforcement::Block || is == Enforcement::Warn,
    )?;
    let does = match is {
        Enforcement::Block => "it blocks the release; before, it only warned",
        Enforcement::Warn => "it only warns; before, it blocked the release",
    };
    let text = format!("gate {}: {does}", new.id.value);
    let values = (Some(was.to_string()), Some(is.to_string()));
    Some(record(ChangeRule::GateEnforcement, path(new, "enforcement"), (way, stakes), &text, values))
}

/// The confidence that the gate is judged with; a change of the policy's alone is told once, with the policy.
fn confidence(
    old: &GateSpec,
    new: &GateSpec,
    (before, after): (&Policy, &Policy),
    stakes: Weight,
) -> Option<Record> {
    if old.confidence.is_none() && new.confidence.is_none() {
        return None;
    }
    let judged_with = |gate: &GateSpec, policy: &Policy| -> Confidence {
        gate.confidence.as_ref().map_or(policy.confidence, |own| own.value)
    };
    let (was, is) = (judged_with(old, before), judged_with(new, after));
    let way = direction(is >= was, was >= is)?;
    let text = format!("gate {}: a pass needs {is} confidence; before: {was}", new.id.value);
    let values = (Some(was.to_string()), Some(is.to_string()));
    Some(record(ChangeRule::GateConfidence, path(new, "confidence"), (way, stakes), &text, values))
}

fn min_samples(old: &GateSpec, new: &GateSpec, stakes: Weight) -> Option<Record> {
    let least = |gate: &GateSpec| gate.min_samples.map(|least| least.value);
    let (was, is) = (least(old), least(new));
    let way = direction(is >= was, was >= is)?;
    let said = |least: Option<u64>| match least {
        Some(least) => format!("at least {least} samples"),
        None => "any number of samples".to_owned(),
    };
    let text = format!("gate {}: a pass takes {}; before: {}", new.id.value, said(is), said(was));
    let values = (was.map(|n| n.to_string()), is.map(|n| n.to_string()));
    Some(record(ChangeRule::GateMinSamples, path(new, "min_samples"), (way, stakes), &text, values))
}

fn slices(old: &GateSpec, new: &GateSpec, stakes: Weight) -> Option<Record> {
    let (dropped, added) = (left_out(&old.by, &new.by), left_out(&new.by, &old.by));
    let way = direction(dropped.is_empty(), added.is_empty())?;
    let (lost, got) = (dropped.join(", "), added.join(", "));
    let what = match way {
        Direction::Looser => format!("it is no longer judged by {lost} on its own"),
        Direction::Tighter => format!("it is also judged by {got} on its own"),
        _ => format!("it is judged by {got} and no longer by {lost}"),
    };
    let text = format!("gate {}: {what}", new.id.value);
    let spelled = |gate: &GateSpec| {
        let fields: Vec<&str> = gate.by.iter().map(|field| field.value.as_str()).collect();
        (!fields.is_empty()).then(|| format!("[{}]", fields.join(", ")))
    };
    Some(record(ChangeRule::GateSlices, path(new, "by"), (way, stakes), &text, (spelled(old), spelled(new))))
}

fn when(old: &GateSpec, new: &GateSpec, policies: (&Policy, &Policy), stakes: Weight) -> Option<Record> {
    let (was, is) = (old.when.as_ref().map(|when| &when.value), new.when.as_ref().map(|when| &when.value));
    let values = (was.map(spelled::when), is.map(spelled::when));
    let id = &new.id.value;
    if let Some(way) = direction(covers(is, was), covers(was, is)) {
        let (now, then) = (spelled::when_in_words(is), spelled::when_in_words(was));
        let text = format!("gate {id}: it applies {now}; before: {then}");
        return Some(record(ChangeRule::GateWhen, path(new, "when"), (way, stakes), &text, values));
    }
    // Where the shared policy says when a gate applies, the gate stands for its category even while it does not.
    let asked = [policies.0, policies.1].iter().any(|policy| !policy.require.is_empty());
    let way =
        direction(old.when_is_shared || !new.when_is_shared, new.when_is_shared || !old.when_is_shared)?;
    let text = if new.when_is_shared {
        format!(
            "gate {id}: it now stands for its category where it does not apply, too, as the shared policy says when"
        )
    } else {
        format!("gate {id}: it no longer stands for its category where it does not apply")
    };
    asked.then(|| record(ChangeRule::GateWhen, path(new, "when"), (way, stakes), &text, values))
}

/// Another entry that the gate reads, weighing `stakes` unless it is the only one there is on both sides.
fn evidence(
    (old, before): (&GateSpec, &Manifest),
    (new, after): (&GateSpec, &Manifest),
    stakes: Weight,
) -> Option<Record> {
    let name = |gate: &GateSpec| gate.evidence.as_ref().map(|name| name.value.clone());
    let (was, is) = (name(old), name(new));
    if was == is {
        return None;
    }
    let read = |name: &Option<String>, manifest: &Manifest| match (name, manifest.evidence.as_slice()) {
        (None, [only]) => Some(only.name.value.clone()),
        _ => name.clone(),
    };
    let is_same = read(&was, before) == read(&is, after);
    let said = |name: &Option<String>| name.clone().unwrap_or_else(|| "whichever has its metric".to_owned());
    let text =
        format!("gate {}: it reads other evidence: {}; before: {}", new.id.value, said(&is), said(&was));
    let went = (Direction::Unknown, if is_same { Weight::Review } else { stakes });
    Some(record(ChangeRule::GateEvidence, path(new, "evidence"), went, &text, (was, is)))
}
