//! The rules of two policies that are documents: which are new, gone, or say something else.
//!
//! A rule is an entry of a list that has a name, a group of keys with an action or threshold, or a member of a plain list
//! (blocked words). Deliberately absent: wording; findings are facts.

use std::collections::{BTreeMap, BTreeSet};

use super::lists;
use super::strict::lets_through;
use super::values::value;
use super::way::{self, Inside, Way, reordered};
use crate::diff::config::keys::{Children, KeyChange, NAMES, by_name, children};
use crate::diff::document::Node;

/// Keys that make a rule of the group in which they stand.
const RULE_KEYS: &[&str] = &[
    "action",
    "threshold",
    "severity",
    "enabled",
    "mode",
    "pattern",
    "patterns",
    "effect",
    "level",
    "block_above",
    "max_score",
    "min_score",
    "when",
    "keywords",
];

/// Keys that tell what a rule is about, whatever its name.
const TELLING: &[&str] = &[
    "pattern",
    "patterns",
    "regex",
    "keywords",
    "words",
    "terms",
    "description",
    "text",
    "prompt",
    "examples",
];

/// One difference between two policies.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    /// What became of what.
    pub(super) kind: Kind,
    /// Where, and the values.
    pub(super) change: KeyChange<'a>,
    /// Which way it goes, and how much that weighs.
    pub(super) way: Way,
}

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is gone.
    Removed,
    /// It is new.
    Added,
    /// It has another name and says the same.
    Renamed(String),
    /// A value of it, or of the whole policy, differs.
    Value,
    /// Members of a plain list inside a rule or of an exemption differ.
    Members,
    /// The same rules stand in another order.
    Order,
}

/// Every difference, in the order of the keys.
pub(super) fn compare<'a>(before: &'a Node, after: &'a Node) -> Vec<Finding<'a>> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), Inside::default(), Some(before), Some(after), &mut found);
    found
}

fn walk<'a>(
    keys: &mut Vec<String>,
    inside: Inside,
    before: Option<&'a Node>,
    after: Option<&'a Node>,
    found: &mut Vec<Finding<'a>>,
) {
    // Nothing where a group of rules was is none of them.
    let (before, after) = (something(before, after), something(after, before));
    if before == after {
        return;
    }
    let here =
        |kind: Kind, way: Way| Finding { kind, change: KeyChange { keys: keys.clone(), before, after }, way };
    if let Some(rule) = before.xor(after)
        && !inside.rule
        && is_rule(keys, rule)
    {
        let gone = before.is_some();
        let kind = if gone { Kind::Removed } else { Kind::Added };
        found.push(here(kind, way::rule(keys, gone, rule)));
        return;
    }
    if plain_lists(before, after) {
        found.push(here(Kind::Members, lists::list(keys, inside, before, after)));
        return;
    }
    if let (Some(Node::List(old)), Some(Node::List(new))) = (before, after)
        && in_another_order(old, new)
    {
        found.push(here(Kind::Order, Way::UNKNOWN));
    }
    if let Some((old, new)) = listed(before, after) {
        each(keys, inside, &old, &new, found);
        return;
    }
    match children(before, after) {
        Some((old, new)) => {
            let both = || [before, after].into_iter().flatten();
            let inside = Inside {
                rule: inside.rule || (!keys.is_empty() && both().any(|node| is_rule(keys, node))),
                lets_through: inside.lets_through || both().any(lets_through),
            };
            each(keys, inside, &old, &new, found);
        }
        None => found.push(here(Kind::Value, value(keys, inside, before, after))),
    }
}

/// A node, or none where it says nothing and the other side holds several.
fn something<'a>(node: Option<&'a Node>, other: Option<&Node>) -> Option<&'a Node> {
    node.filter(|node| **node != Node::Null || other.is_none_or(Node::is_scalar))
}

/// Whether the entries that two lists have in common stand in another order; by their names where all have one.
fn in_another_order(old: &[Node], new: &[Node]) -> bool {
    let names = |items: &[Node], name: &str| -> Option<Vec<String>> {
        by_name(items, name)?;
        items.iter().map(|item| item.get(name).and_then(Node::text)).collect()
    };
    let named = NAMES.iter().find_map(|name| Some((names(old, name)?, names(new, name)?)));
    let said = |items: &[Node]| items.iter().map(ToString::to_string).collect::<Vec<String>>();
    let (old, new) = named.unwrap_or_else(|| (said(old), said(new)));
    reordered(&old, &new)
}

fn each<'a>(
    keys: &mut Vec<String>,
    inside: Inside,
    old: &Children<'a>,
    new: &Children<'a>,
    found: &mut Vec<Finding<'a>>,
) {
    let renamed = if inside.rule { BTreeMap::new() } else { renames(old, new) };
    let was: BTreeSet<&str> = renamed.values().copied().collect();
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names.into_iter().filter(|name| !was.contains(name.as_str())) {
        keys.push(name.clone());
        let (before, after) = (old.get(name).copied(), new.get(name).copied());
        match renamed.get(name.as_str()) {
            Some(was) => found.push(Finding {
                kind: Kind::Renamed((*was).to_owned()),
                change: KeyChange { keys: keys.clone(), before: old.get(*was).copied(), after },
                way: Way::NEUTRAL,
            }),
            None => walk(keys, inside, before, after, found),
        }
        keys.pop();
    }
}

/// New names of rules that say the same as one that is gone: new name -> old name.
fn renames<'a>(old: &'a Children<'_>, new: &'a Children<'_>) -> BTreeMap<&'a str, &'a str> {
    let mut gone: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, rule) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        if let Some(body) = nameless(rule) {
            gone.entry(body).or_default().push(name);
        }
    }
    let fresh = new.iter().filter(|(name, _)| !old.contains_key(*name));
    fresh.filter_map(|(name, rule)| Some((name.as_str(), gone.get_mut(&nameless(rule)?)?.pop()?))).collect()
}

/// What a rule says besides its name; none where only the name tells what it is about: `{ id: weapons, action: block }`.
fn nameless(rule: &Node) -> Option<String> {
    let Node::Map(map) = rule else { return None };
    let body = map.iter().filter(|(key, _)| !matches!(key.as_str(), "id" | "rule_id" | "name"));
    let body: Vec<String> = body.map(|(key, value)| format!("{key}: {value}")).collect();
    let telling = map.keys().any(|key| TELLING.contains(&key.as_str()));
    telling.then(|| body.join("\n"))
}

/// Whether a node is a rule by where it stands or by what it has.
fn is_rule(keys: &[String], node: &Node) -> bool {
    let entry = keys.last().is_some_and(|key| key.starts_with('['));
    match node {
        Node::Map(map) => {
            !keys.is_empty() && (entry || map.keys().any(|key| RULE_KEYS.contains(&key.as_str())))
        }
        _ => entry,
    }
}

/// Whether both sides are plain lists, or one is and the other is missing.
fn plain_lists(before: Option<&Node>, after: Option<&Node>) -> bool {
    let plain = |node: Option<&Node>| match node {
        Some(Node::List(items)) => items.iter().all(Node::is_scalar),
        Some(_) => false,
        None => true,
    };
    plain(before) && plain(after) && before.or(after).is_some()
}

/// The entries of lists that `children` does not take apart: those that only one side has, and those without names on
/// both, which are the same where they say the same.
fn listed<'a>(before: Option<&'a Node>, after: Option<&'a Node>) -> Option<(Children<'a>, Children<'a>)> {
    let items = |node: Option<&'a Node>| match node {
        Some(Node::List(items)) => Some(items.as_slice()),
        Some(_) => None,
        None => Some(&[][..]),
    };
    let (old, new) = (items(before)?, items(after)?);
    let named = NAMES.iter().any(|name| by_name(old, name).is_some() && by_name(new, name).is_some());
    if before.is_some() && after.is_some() && named {
        return None;
    }
    let alone = |items: &'a [Node], others: &[Node]| {
        let others: BTreeSet<String> = others.iter().map(ToString::to_string).collect();
        let mut entries = Children::new();
        for (at, item) in items.iter().enumerate().filter(|(_, item)| !others.contains(&item.to_string())) {
            let name = NAMES.iter().find_map(|name| item.get(name).and_then(Node::text));
            let free = name.map(|name| format!("[{name}]")).filter(|name| !entries.contains_key(name));
            entries.insert(free.unwrap_or_else(|| format!("[{at}]")), item);
        }
        entries
    };
    Some((alone(old, new), alone(new, old)))
}
