//! Two policies that are documents, entry by entry: what is gone, what is new, which values differ.
//!
//! Only structure is compared. Whether a key that says `true` stops something or lets it through, nobody but the tool that
//! reads the policy knows.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::catalogue::Weight;
use crate::diff::config::keys::{Children, KeyChange, NAMES, by_name, children};
use crate::diff::document::Node;

/// One difference between two policies.
#[derive(Debug)]
pub(super) struct PolicyChange<'a> {
    /// The keys that lead to it, from the top.
    pub(super) keys: Vec<String>,
    /// What became of it.
    pub(super) became: Became<'a>,
}

/// What became of an entry, a value or a list.
#[derive(Debug)]
pub(super) enum Became<'a> {
    /// An entry, a rule or a group of them is gone.
    Gone(&'a Node),
    /// One is new.
    New(&'a Node),
    /// Members of a list of plain values are gone.
    MembersGone(Vec<&'a Node>),
    /// Members of such a list are new.
    MembersNew(Vec<&'a Node>),
    /// A value is another one.
    Changed(&'a Node, &'a Node),
    /// The same entries stand in another order.
    Reordered,
}

impl Became<'_> {
    /// What a change weighs whose direction nobody knows: a switch, a number or a single word decides something, a longer
    /// text describes.
    pub(super) fn weight(&self) -> Weight {
        let text = match self {
            Self::Gone(_) | Self::MembersGone(_) => false,
            Self::Reordered => true,
            Self::New(node) => is_longer_text(node),
            Self::MembersNew(nodes) => nodes.iter().all(|node| is_longer_text(node)),
            Self::Changed(before, after) => is_longer_text(before) && is_longer_text(after),
        };
        if text { Weight::Review } else { Weight::Blocking }
    }
}

/// Whether every value in it is text of several words, a comment behind it left aside.
fn is_longer_text(node: &Node) -> bool {
    match node {
        Node::Null | Node::Bool(_) | Node::Number(_) => false,
        Node::Text(text) => {
            let comment = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| text.find(mark)).min();
            let said = text.get(..comment.unwrap_or(text.len())).unwrap_or_default();
            said.split_whitespace().nth(1).is_some()
        }
        Node::List(items) => !items.is_empty() && items.iter().all(is_longer_text),
        Node::Map(map) => !map.is_empty() && map.values().all(is_longer_text),
    }
}

/// Every difference, in the order of the keys.
pub(super) fn compare<'a>(before: &'a Node, after: &'a Node) -> Vec<PolicyChange<'a>> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), Some(before), Some(after), &mut found);
    found
}

fn walk<'a>(
    keys: &mut Vec<String>,
    before: Option<&'a Node>,
    after: Option<&'a Node>,
    found: &mut Vec<PolicyChange<'a>>,
) {
    // Nothing where a group of rules was is none of them.
    let (before, after) = (something(before, after), something(after, before));
    if before == after {
        return;
    }
    let mut push = |became: Became<'a>| found.push(PolicyChange { keys: keys.clone(), became });
    if plain_lists(before, after) {
        return members(before, after, &mut push);
    }
    if let (Some(Node::List(old)), Some(Node::List(new))) = (before, after)
        && in_another_order(old, new)
    {
        push(Became::Reordered);
    }
    let parts = match (before, after) {
        // One entry is told as one, a group of them one by one.
        (Some(one), None) | (None, Some(one)) if !keys.is_empty() && !is_group(one) => None,
        _ => listed(before, after).or_else(|| children(before, after)),
    };
    match (parts, before, after) {
        (Some((old, new)), ..) => each(keys, &old, &new, found),
        (None, Some(old), Some(new)) => push(Became::Changed(old, new)),
        (None, Some(old), None) => push(Became::Gone(old)),
        (None, None, Some(new)) => push(Became::New(new)),
        (None, None, None) => {}
    }
}

/// Members of two plain lists, of which one may be missing.
fn members<'a>(before: Option<&'a Node>, after: Option<&'a Node>, push: &mut impl FnMut(Became<'a>)) {
    let (gone, new) = match (before, after) {
        (Some(Node::List(old)), None) => (old.iter().collect(), Vec::new()),
        (None, Some(Node::List(new))) => (Vec::new(), new.iter().collect()),
        _ => {
            let (new, gone) = KeyChange { keys: Vec::new(), before, after }.members().unwrap_or_default();
            (gone, new)
        }
    };
    let empty = gone.is_empty() && new.is_empty();
    match (before, after) {
        (Some(list), None) if empty => push(Became::Gone(list)),
        (None, Some(list)) if empty => push(Became::New(list)),
        _ if empty => push(Became::Reordered),
        _ => {}
    }
    if !gone.is_empty() {
        push(Became::MembersGone(gone));
    }
    if !new.is_empty() {
        push(Became::MembersNew(new));
    }
}

/// A node, or none where it says nothing and the other side holds several.
fn something<'a>(node: Option<&'a Node>, other: Option<&Node>) -> Option<&'a Node> {
    node.filter(|node| **node != Node::Null || other.is_none_or(Node::is_scalar))
}

/// Whether it holds entries rather than being one.
fn is_group(node: &Node) -> bool {
    match node {
        Node::List(items) => items.iter().any(|item| !item.is_scalar()),
        Node::Map(map) => !map.is_empty() && map.values().all(|value| !value.is_scalar()),
        _ => false,
    }
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

/// Whether what two lists have in common stands in another order.
pub(super) fn reordered<T: Ord>(old: &[T], new: &[T]) -> bool {
    let common = |here: &[T], there: &[T]| {
        let known: BTreeSet<&T> = there.iter().collect();
        here.iter().enumerate().filter(|(_, one)| known.contains(one)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let (olds, news) = (common(old, new), common(new, old));
    olds.iter().zip(&news).any(|(at, to)| old.get(*at) != new.get(*to))
}

fn each<'a>(
    keys: &mut Vec<String>,
    old: &Children<'a>,
    new: &Children<'a>,
    found: &mut Vec<PolicyChange<'a>>,
) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        keys.push(name.clone());
        walk(keys, old.get(name).copied(), new.get(name).copied(), found);
        keys.pop();
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
    Some((alone(old, new), alone(new, old)))
}

/// The entries of a list that another has not, each as often as it stands there more often.
fn alone<'a>(items: &'a [Node], others: &[Node]) -> Children<'a> {
    let mut others_left: BTreeMap<String, usize> = BTreeMap::new();
    for other in others {
        *others_left.entry(other.to_string()).or_default() += 1;
    }
    let mut entries = Children::new();
    for (at, item) in items.iter().enumerate() {
        if let Some(left) = others_left.get_mut(&item.to_string()).filter(|left| **left > 0) {
            *left -= 1;
            continue;
        }
        let name = NAMES.iter().find_map(|name| item.get(name).and_then(Node::text));
        let free = name.map(|name| format!("[{name}]")).filter(|name| !entries.contains_key(name));
        entries.insert(free.unwrap_or_else(|| format!("[{at}]")), item);
    }
    entries
}
