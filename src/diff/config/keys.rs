//! Two documents key by key.
//!
//! Lists of plain values are compared as a whole, lists of things that have a name by name, other lists by position.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::diff::document::Node;
use crate::diff::text::shorten;

/// Keys that name an entry of a list, the best first.
pub(in crate::diff) const NAMES: &[&str] = &["id", "rule_id", "name", "key", "category", "pattern"];

/// The most characters of a value that a sentence quotes where it stands alone.
const BRIEF: usize = 80;

/// One key whose value differs.
#[derive(Debug)]
pub(in crate::diff) struct KeyChange<'a> {
    /// The keys that lead to it, from the top.
    pub(in crate::diff) keys: Vec<String>,
    /// The value before; none where the key is new.
    pub(in crate::diff) before: Option<&'a Node>,
    /// The value after; none where the key is gone.
    pub(in crate::diff) after: Option<&'a Node>,
}

/// `generation.stop[1]` for the keys that lead to a value; a key with a dot or space in it stands in quotes.
pub(in crate::diff) fn path_of(keys: &[String]) -> String {
    let mut path = String::new();
    for key in keys {
        let key = &shorten(key, 80);
        let index = key.starts_with('[') && key.ends_with(']');
        let plain = index || key.chars().all(|letter| letter.is_alphanumeric() || "_-[]/".contains(letter));
        if !path.is_empty() && !index {
            path.push('.');
        }
        if plain && !key.is_empty() {
            path.push_str(key);
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(path, "{key:?}");
        }
    }
    if path.is_empty() { "the whole document".to_owned() } else { path }
}

/// Whether a sentence can quote a value.
pub(in crate::diff) fn brief(value: &str) -> bool {
    value.chars().count() <= BRIEF
}

impl<'a> KeyChange<'a> {
    /// The keys as one word.
    pub(in crate::diff) fn path(&self) -> String {
        path_of(&self.keys)
    }

    /// What came into and went out of a list of plain values; none where it is no such list.
    pub(in crate::diff) fn members(&self) -> Option<(Vec<&'a Node>, Vec<&'a Node>)> {
        let (Some(Node::List(before)), Some(Node::List(after))) = (self.before, self.after) else {
            return None;
        };
        let count = |nodes: &'a [Node]| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for node in nodes {
                *counts.entry(node.to_string()).or_default() += 1;
            }
            counts
        };
        let only = |here: &'a [Node], mut there: BTreeMap<String, usize>| -> Vec<&'a Node> {
            let kept = here.iter().filter(|node| match there.get_mut(&node.to_string()) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            });
            kept.collect()
        };
        Some((only(after, count(before)), only(before, count(after))))
    }
}

/// Every key whose value differs, in the order of the keys.
pub(in crate::diff) fn compare<'a>(before: &'a Node, after: &'a Node) -> Vec<KeyChange<'a>> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), Some(before), Some(after), &mut found);
    found
}

fn walk<'a>(
    keys: &mut Vec<String>,
    before: Option<&'a Node>,
    after: Option<&'a Node>,
    found: &mut Vec<KeyChange<'a>>,
) {
    if before == after {
        return;
    }
    let Some((old, new)) = children(before, after) else {
        found.push(KeyChange { keys: keys.clone(), before, after });
        return;
    };
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        keys.push(name.clone());
        walk(keys, old.get(name).copied(), new.get(name).copied(), found);
        keys.pop();
    }
}

/// The values below a node by what names them.
pub(in crate::diff) type Children<'a> = BTreeMap<String, &'a Node>;

/// What is in two values, where they are compared by that; none where they are compared as a whole.
pub(in crate::diff) fn children<'a>(
    before: Option<&'a Node>,
    after: Option<&'a Node>,
) -> Option<(Children<'a>, Children<'a>)> {
    match (before, after) {
        (Some(Node::Map(old)), Some(Node::Map(new))) => Some((by_key(old), by_key(new))),
        // A new group of keys is told key by key too: each may matter.
        (Some(Node::Map(old)), None) if !old.is_empty() => Some((by_key(old), Children::new())),
        (None, Some(Node::Map(new))) if !new.is_empty() => Some((Children::new(), by_key(new))),
        (Some(Node::List(old)), Some(Node::List(new)))
            if old.iter().chain(new).any(|item| !item.is_scalar()) =>
        {
            Some(
                NAMES
                    .iter()
                    .find_map(|name| Some((by_name(old, name)?, by_name(new, name)?)))
                    .unwrap_or_else(|| {
                        let index = |items: &'a [Node]| {
                            items.iter().enumerate().map(|(at, item)| (format!("[{at}]"), item)).collect()
                        };
                        (index(old), index(new))
                    }),
            )
        }
        _ => None,
    }
}

fn by_key(map: &BTreeMap<String, Node>) -> Children<'_> {
    map.iter().map(|(key, value)| (key.clone(), value)).collect()
}

/// The entries of a list by what this key says, where each has it and no two say the same.
pub(in crate::diff) fn by_name<'a>(items: &'a [Node], name: &str) -> Option<Children<'a>> {
    let mut all = Children::new();
    for item in items {
        let own = item.get(name)?.text()?;
        if all.insert(format!("[{own}]"), item).is_some() {
            return None;
        }
    }
    Some(all)
}
