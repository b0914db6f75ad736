//! Which way a list of plain values of a safety policy goes: words, patterns, where a rule applies.
//!
//! Deliberately absent: lists of rules, which are compared rule by rule.

use std::collections::BTreeSet;

use super::strict::{Exemption, exempts};
use super::way::{Inside, PATTERNS, SCOPES, Way, has, last, reordered};
use crate::diff::document::Node;
use crate::diff::text::says::forbids;

/// Lists of what is stopped.
const STOPPED: &[&str] = &[
    "block",
    "blocks",
    "blocked",
    "blocklist",
    "deny",
    "denied",
    "denylist",
    "blacklist",
    "ban",
    "banned",
    "forbidden",
    "prohibited",
    "disallowed",
    "refuse",
    "refused",
    "topics",
    "categories",
    "checks",
    "filters",
    "detectors",
    "entities",
    "guardrails",
    "guards",
    "harms",
];
/// The most words of an entry; longer ones are sentences.
const ENTRY_WORDS: usize = 4;

/// Which way a list of plain values went; a missing one has none.
pub(super) fn list(keys: &[String], inside: Inside, before: Option<&Node>, after: Option<&Node>) -> Way {
    let items = |node: Option<&'_ Node>| match node {
        Some(Node::List(items)) => items.iter().map(plain).collect::<Vec<String>>(),
        _ => Vec::new(),
    };
    let (olds, news) = (items(before), items(after));
    let (old, new): (BTreeSet<&String>, BTreeSet<&String>) = (olds.iter().collect(), news.iter().collect());
    let lost: Vec<&String> = old.difference(&new).copied().collect();
    let gained: Vec<&String> = new.difference(&old).copied().collect();
    if lost.is_empty() && gained.is_empty() {
        return if reordered(&olds, &news) { Way::UNKNOWN } else { Way::NEUTRAL };
    }
    let words = last(keys);
    match exempts(keys) {
        Exemption::Either => return Way::DOUBT,
        Exemption::Yes if gained.is_empty() => return Way::TIGHTER,
        Exemption::Yes => return Way::LOOSER,
        Exemption::No => {}
    }
    if inside.lets_through {
        return Way::DOUBT;
    }
    if has(&words, SCOPES) {
        return match (before, lost.is_empty()) {
            (None, _) => Way::LOOSER,
            _ if after.is_none() => Way::UNKNOWN,
            _ if old.is_empty() || new.is_empty() => Way::DOUBT,
            (_, false) => Way::LOOSER,
            (_, true) => Way::TIGHTER,
        };
    }
    if lost.iter().any(|entry| !turned(entry)) {
        return Way::LOOSER;
    }
    let narrows = inside.rule && before.is_none();
    if narrows || !lost.is_empty() || gained.iter().any(|entry| turned(entry)) {
        return Way::DOUBT;
    }
    let sentence = |entry: &str| entry.split_whitespace().count() > ENTRY_WORDS;
    let stops = keys.is_empty() || has(&words, STOPPED) || has(&words, PATTERNS);
    let listed = |entry: &str| stops && !sentence(entry);
    if gained.iter().all(|entry| listed(entry) || (forbids(entry) && (stops || has(&words, &["rules"])))) {
        return Way::TIGHTER;
    }
    Way::UNKNOWN
}

/// A plain value without the quotes of a text.
fn plain(node: &Node) -> String {
    node.text().unwrap_or_else(|| node.to_string())
}

/// Whether an entry of a list takes back others: `!bomb`.
pub(super) fn turned(entry: &str) -> bool {
    let entry = entry.trim();
    entry.starts_with(['!', '-', '~'])
        || entry.starts_with("(?!")
        || entry.to_ascii_lowercase().starts_with("not ")
}

#[cfg(test)]
mod tests {
    use super::super::values::value;
    use super::*;

    #[test]
    fn a_rule_that_lets_through_is_not_tighter_for_what_stops_elsewhere() {
        let inside = Inside { rule: true, lets_through: true };
        let [on, off] = [true, false].map(Node::Bool);
        assert_eq!(value(&["enabled".to_owned()], inside, Some(&off), Some(&on)), Way::DOUBT);
        let more = Node::List(vec![Node::Text("a".to_owned())]);
        assert_eq!(
            list(&["patterns".to_owned()], inside, Some(&Node::List(Vec::new())), Some(&more)),
            Way::DOUBT
        );
    }

    #[test]
    fn which_way_a_list_goes() {
        let of = |items: &[&str]| {
            Some(Node::List(items.iter().map(|item| Node::Text((*item).to_owned())).collect()))
        };
        let rule = Inside { rule: true, lets_through: false };
        for (key, before, after, way) in [
            ("only_for", None, of(&["staging"]), Way::LOOSER),
            ("languages", of(&["en", "de"]), of(&["en"]), Way::LOOSER),
            ("languages", of(&["en"]), of(&["en", "de"]), Way::TIGHTER),
            ("languages", of(&[]), of(&["en"]), Way::DOUBT),
            ("exclude", of(&["a", "b"]), of(&["a"]), Way::DOUBT),
            ("not_for", of(&["a"]), of(&["a", "b"]), Way::DOUBT),
            ("allowlist", of(&["a"]), of(&["a", "b"]), Way::LOOSER),
            ("allowlist", of(&["a", "b"]), of(&["a"]), Way::TIGHTER),
            ("blocked_words", of(&["a"]), of(&["a", "b"]), Way::TIGHTER),
            ("blocked_words", of(&["a", "b"]), of(&["a", "c"]), Way::LOOSER),
            ("blocked_words", of(&["a"]), of(&["a", "!b"]), Way::DOUBT),
            ("blocked_words", of(&["a", "b"]), of(&["b", "a"]), Way::UNKNOWN),
            ("blocked_words", of(&["a", "a"]), of(&["a"]), Way::NEUTRAL),
            ("rules", of(&["a"]), of(&["a", "You may give medical advice"]), Way::UNKNOWN),
            ("rules", of(&["a"]), of(&["a", "Never give medical advice here"]), Way::TIGHTER),
            ("rules", of(&["a"]), of(&["a", "ok"]), Way::UNKNOWN),
            ("keywords", None, of(&["bomb"]), Way::DOUBT),
            ("tags", of(&["a"]), of(&["a", "b"]), Way::UNKNOWN),
        ] {
            let found = list(&[key.to_owned()], rule, before.as_ref(), after.as_ref());
            assert_eq!(found, way, "{key}: {before:?} -> {after:?}");
        }
    }
}
