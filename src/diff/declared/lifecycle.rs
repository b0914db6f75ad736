//! Keys about the time after `check` (`deployment`, `monitoring`, `rollback`): whether a change in them is looser is for a person to say.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::config::keys::compare;
use crate::diff::config::masked;
use crate::diff::document::Node;
use crate::diff::{ChangeRule, Detail, Record};
use crate::manifest::tree;
use crate::secret::secret_key;

/// Keys within one of them that a record shows; the rest is counted.
const SHOWN: usize = 20;

/// The changes, one record a key of the top level.
pub(super) fn records(before: &[(String, tree::Node)], after: &[(String, tree::Node)]) -> Vec<Record> {
    let (old, new) = (by_key(before), by_key(after));
    let keys: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    // The register of risks has records of its own.
    keys.into_iter()
        .filter(|key| *key != "risks")
        .filter_map(|key| one(key, old.get(key), new.get(key)))
        .collect()
}

fn by_key(keys: &[(String, tree::Node)]) -> BTreeMap<&str, Node> {
    keys.iter().map(|(key, node)| (key.as_str(), Node::from(node))).collect()
}

fn one(key: &str, before: Option<&Node>, after: Option<&Node>) -> Option<Record> {
    if before == after {
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
    let empty = Node::Null;
    let changes = compare(before.unwrap_or(&empty), after.unwrap_or(&empty));
    let lines = changes.iter().filter(|_| before.is_some() && after.is_some()).map(|change| {
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
