//! Keys about the time after `check` (`deployment`, `monitoring`, `rollback`): limits that are looser or tighter, and the
//! rest, of which a person has to say.

use std::collections::{BTreeMap, BTreeSet};

use super::weighed::{direction, record};
use crate::diagnostic::Spanned;
use crate::diff::config::keys::{KeyChange, compare};
use crate::diff::config::masked;
use crate::diff::document::Node;
use crate::diff::{ChangeRule, Detail, Direction, Record, Weight};
use crate::manifest::extends::left_out;
use crate::manifest::{
    ApprovalsSpec, DeploymentSpec, Lasting, Manifest, MonitoringSpec, RollbackSpec, TrafficWeight, tree,
};
use crate::secret::secret_key;

/// Keys within one of them that a record shows; the rest is counted.
const SHOWN: usize = 20;

/// Keys of a table.
type ToldKeys = (&'static str, &'static [&'static str]);

/// Keys whose changes have records of their own, here or in `signals`.
const TOLD: &[ToldKeys] = &[
    ("deployment", &["approvals"]),
    ("monitoring", &["signals", "missing", "silence", "public", "canary_tokens"]),
    ("rollback", &["cooldown", "most"]),
];

/// The changes: values with a direction, then one record a key of the top level for what is left.
pub(super) fn records(before: &Manifest, after: &Manifest) -> Vec<Record> {
    let mut records = Vec::new();
    if let (Some(old), Some(new)) = (&before.monitoring, &after.monitoring) {
        records.extend(monitoring(old, new));
    }
    let mut told = TOLD.to_vec();
    if let (Some(old), Some(new)) = (&before.deployment, &after.deployment)
        && weights(old) == weights(new)
    {
        records.extend(bake(old, new));
        told.push(("deployment", &["bake"]));
    }
    let asked = |manifest: &Manifest| manifest.deployment.as_ref().and_then(|one| one.approvals.clone());
    records.extend(approvals(asked(before).as_ref(), asked(after).as_ref()));
    records.extend(rollback(&before.rollback, &after.rollback));
    let (old, new) = (by_key(&before.beyond_check), by_key(&after.beyond_check));
    let keys: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    // The register of risks has records of its own.
    let keys = keys.into_iter().filter(|key| *key != "risks");
    records.extend(keys.filter_map(|key| rest(key, (old.get(key), new.get(key)), &told)));
    records
}

/// One value that lets more or less through.
struct Value<'a> {
    path: &'a str,
    /// What it says, in front of the value.
    says: &'a str,
    was: String,
    is: String,
    way: Option<Direction>,
    stakes: Weight,
}

impl Value<'_> {
    fn record(self) -> Option<Record> {
        let text = format!("release: {} {}; before: {}", self.says, self.is, self.was);
        let went = (self.way?, self.stakes);
        let values = (Some(self.was), Some(self.is));
        Some(record(ChangeRule::LifecycleValue, self.path.to_owned(), went, &text, values))
    }
}

fn monitoring(old: &MonitoringSpec, new: &MonitoringSpec) -> Vec<Record> {
    let share = |share: f64| super::spelled::percent(share);
    let mut records: Vec<Record> = [
        Value {
            path: "monitoring.missing",
            says: "records may lack a signal's field up to a share of",
            was: share(old.missing),
            is: share(new.missing),
            way: direction(new.missing <= old.missing, old.missing <= new.missing),
            stakes: Weight::Review,
        },
        Value {
            path: "monitoring.silence",
            says: "a log without a record is told of after",
            was: old.silence.to_string(),
            is: new.silence.to_string(),
            way: direction(new.silence <= old.silence, old.silence <= new.silence),
            stakes: Weight::Review,
        },
    ]
    .into_iter()
    .filter_map(Value::record)
    .collect();
    records.extend(texts(
        ("monitoring.public", "answers may repeat"),
        (&old.public, &new.public),
        (Direction::Tighter, Direction::Looser),
    ));
    records.extend(texts(
        ("monitoring.canary_tokens", "answers are searched for the canary token"),
        (&old.canary_tokens, &new.canary_tokens),
        (Direction::Looser, Direction::Tighter),
    ));
    records
}

/// Entries of a list of texts that are gone or new.
fn texts(
    (path, says): (&str, &str),
    (old, new): (&[Spanned<String>], &[Spanned<String>]),
    (gone, added): (Direction, Direction),
) -> Vec<Record> {
    let one = |text: &str, way: Direction, is_new: bool| {
        let shown = masked(path, &Node::Text(text.to_owned()), false);
        let when = if is_new { "from now on" } else { "no more" };
        let values = if is_new { (None, Some(shown.clone())) } else { (Some(shown.clone()), None) };
        let text = format!("release: {says} {shown} {when}");
        record(ChangeRule::LifecycleValue, path.to_owned(), (way, Weight::Review), &text, values)
    };
    let mut records: Vec<Record> =
        left_out(old, new).into_iter().map(|text| one(text, gone, false)).collect();
    records.extend(left_out(new, old).into_iter().map(|text| one(text, added, true)));
    records
}

fn weights(deployment: &DeploymentSpec) -> Vec<TrafficWeight> {
    deployment.steps.iter().map(|step| step.weight.value).collect()
}

/// The least time of each step, of steps that are the same.
fn bake(old: &DeploymentSpec, new: &DeploymentSpec) -> Option<Record> {
    let times = |one: &DeploymentSpec| one.steps.iter().map(|step| step.bake).collect::<Vec<Lasting>>();
    let (was, is) = (times(old), times(new));
    let no_less = |one: &[Lasting], other: &[Lasting]| one.iter().zip(other).all(|(a, b)| a >= b);
    let said = |times: &[Lasting]| {
        let mut said: Vec<String> = times.iter().map(ToString::to_string).collect();
        said.dedup();
        said.join(", ")
    };
    Value {
        path: "deployment.bake",
        says: "a step takes at least",
        was: said(&was),
        is: said(&is),
        way: direction(no_less(&is, &was), no_less(&was, &is)),
        stakes: Weight::Review,
    }
    .record()
}

/// Who has to approve: fewer people, other people, or without signatures.
fn approvals(old: Option<&ApprovalsSpec>, new: Option<&ApprovalsSpec>) -> Option<Record> {
    let no_less = |one: Option<&ApprovalsSpec>, other: Option<&ApprovalsSpec>| {
        let Some(other) = other else { return true };
        let Some(one) = one else { return other.start == 0 && other.full == 0 };
        let only_these =
            other.from.is_empty() || !one.from.is_empty() && left_out(&one.from, &other.from).is_empty();
        let signed = match (&one.signers, &other.signers) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(one), Some(other)) => one.value == other.value,
        };
        one.start >= other.start && one.full >= other.full && only_these && signed
    };
    let said = |approvals: Option<&ApprovalsSpec>| {
        let Some(one) = approvals else { return "none".to_owned() };
        let names: Vec<&str> = one.from.iter().map(|name| name.value.as_str()).collect();
        let from = if names.is_empty() { "anyone".to_owned() } else { names.join(", ") };
        let signed = one.signers.as_ref().map(|file| format!(", signed by keys of {}", file.value));
        format!(
            "{} before the start and {} before all traffic, of {from}{}",
            one.start,
            one.full,
            signed.unwrap_or_default()
        )
    };
    Value {
        path: "deployment.approvals",
        says: "it asks for approvals:",
        was: said(old),
        is: said(new),
        way: direction(no_less(new, old), no_less(old, new)),
        stakes: Weight::Blocking,
    }
    .record()
}

fn rollback(old: &RollbackSpec, new: &RollbackSpec) -> Vec<Record> {
    let rate = |spec: &RollbackSpec| f64::from(spec.most.count) / f64::from(spec.most.per.seconds);
    let values = [
        Value {
            path: "rollback.cooldown",
            says: "after a way back nothing starts for",
            was: old.cooldown.to_string(),
            is: new.cooldown.to_string(),
            way: direction(new.cooldown >= old.cooldown, old.cooldown >= new.cooldown),
            stakes: Weight::Review,
        },
        Value {
            path: "rollback.most",
            says: "it goes back by itself at most",
            was: old.most.to_string(),
            is: new.most.to_string(),
            way: (old.most != new.most)
                .then(|| direction(rate(new) <= rate(old), rate(old) <= rate(new)))
                .map(|way| way.unwrap_or(Direction::Unknown)),
            stakes: Weight::Review,
        },
    ];
    values.into_iter().filter_map(Value::record).collect()
}

fn by_key(keys: &[(String, tree::Node)]) -> BTreeMap<&str, Node> {
    keys.iter().map(|(key, node)| (key.as_str(), Node::from(node))).collect()
}

/// What nobody can tell the direction of.
fn rest(key: &str, (before, after): (Option<&Node>, Option<&Node>), told: &[ToldKeys]) -> Option<Record> {
    let told: Vec<&str> =
        told.iter().filter(|(top, _)| *top == key).flat_map(|(_, keys)| *keys).copied().collect();
    let empty = Node::Null;
    let open = |change: &KeyChange<'_>| !change.keys.first().is_some_and(|key| told.contains(&key.as_str()));
    let changes: Vec<KeyChange<'_>> = compare(before.unwrap_or(&empty), after.unwrap_or(&empty));
    let both = before.is_some() && after.is_some();
    let changes: Vec<KeyChange<'_>> = changes.into_iter().filter(|change| !both || open(change)).collect();
    if changes.is_empty() {
        return None;
    }
    let shown = |node: Option<&Node>| node.map(|node| masked(key, node, false));
    let what = match (before, after) {
        (None, _) => "is new",
        (_, None) => "is gone",
        _ => "changed",
    };
    let text =
        format!("release: {key} {what}; it decides what is seen after the release, so have a person look");
    let lines = changes.iter().filter(|_| both).map(|change| {
        let hides = change.keys.iter().any(|key| secret_key(key));
        let last = change.keys.last().map_or("", String::as_str);
        let value =
            |node: Option<&Node>| node.map_or_else(|| "nothing".to_owned(), |node| masked(last, node, hides));
        format!("{} {} -> {}", change.path(), value(change.before), value(change.after))
    });
    let details = Detail::lines(lines, SHOWN);
    Some(
        Record::new(ChangeRule::ReleaseLifecycle, key, text)
            .from_to(shown(before), shown(after))
            .showing(details),
    )
}
