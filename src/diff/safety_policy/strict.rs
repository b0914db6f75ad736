//! How strict a value of a safety policy is by itself, and which names hold what is let through.
//!
//! The words are those that moderation services and policies use. Deliberately absent: which way a change goes.

use crate::diff::document::Node;
use crate::secret::words;

/// What a rule does, from letting everything through to stopping it.
const ACTIONS: &[(u32, &[&str])] = &[
    (0, &["none", "off", "allow", "allowed", "ignore", "pass", "disabled", "permit", "skip", "accept"]),
    (5, &["lenient", "permissive", "relaxed", "minimal"]),
    (10, &["log", "monitor", "audit", "observe", "record"]),
    (20, &["warn", "warning", "flag", "annotate", "notify"]),
    (30, &["review", "escalate", "handoff", "human", "hold"]),
    (40, &["mask", "redact", "sanitize", "rewrite", "replace"]),
    (50, &["refuse", "reject", "deny", "decline"]),
    (60, &["block", "forbid", "prohibit", "stop", "ban", "on", "enabled", "strict", "enforce"]),
];
/// How grave a rule takes what it finds.
const GRAVITY: &[(u32, &[&str])] = &[
    (10, &["info", "informational", "negligible"]),
    (20, &["low", "minor"]),
    (30, &["medium", "moderate"]),
    (40, &["high", "major"]),
    (50, &["critical", "severe"]),
];
/// Gemini's thresholds, whose words say the opposite of what they order: `block_only_high` lets more through.
const THRESHOLDS: &[(&str, u32)] = &[
    ("block_none", 0),
    ("block_only_high", 55),
    ("block_medium_and_above", 57),
    ("block_low_and_above", 59),
];
/// Words that turn an action around or bound it: `no block`, `block only if`.
const TURNS: &[&str] = &["no", "not", "never", "dont", "don", "without", "unless", "except", "only", "if"];
/// Keys of what a rule does.
const ACTION_KEYS: &[&str] = &[
    "action",
    "actions",
    "mode",
    "effect",
    "decision",
    "enforcement",
    "disposition",
    "behavior",
    "behaviour",
    "default",
    "fallback",
];
/// Words of what is let through, in the name of a list or a switch.
const EXEMPTIONS: &[&str] = &[
    "allow",
    "allows",
    "allowed",
    "allowlist",
    "whitelist",
    "exempt",
    "exemption",
    "exemptions",
    "except",
    "exception",
    "exceptions",
    "trusted",
    "bypass",
    "permit",
    "permits",
    "permitted",
];
/// The same where it may also be what is stopped: excluded topics, ignored terms.
const AMBIGUOUS: &[&str] = &[
    "exclude",
    "excluded",
    "excludes",
    "excluding",
    "exclusions",
    "ignore",
    "ignored",
    "skip",
    "skipped",
    "not",
];

/// What the names on the way to a value say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exemption {
    /// It is what is stopped, as far as anybody can tell.
    No,
    /// It is what is let through.
    Yes,
    /// It may be either.
    Either,
}

/// What a switch says: in YAML `yes` is a text to some readers and true to others.
pub(super) fn flag(node: &Node) -> Option<bool> {
    match node {
        Node::Bool(on) => Some(*on),
        Node::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "on" => Some(true),
            "false" | "no" | "n" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// How strict a value is by itself; none where its words say nothing about that.
pub(in crate::diff) fn strictness(node: &Node) -> Option<u32> {
    match node {
        _ if flag(node).is_some() => flag(node).map(|on| if on { 60 } else { 0 }),
        Node::Text(text) => {
            let text = text.to_ascii_lowercase();
            let known = THRESHOLDS.iter().find(|(name, _)| *name == text).map(|(_, rank)| *rank);
            known.or_else(|| ranked(&text, ACTIONS))
        }
        _ => None,
    }
}

/// The rank of the first word that has one: `block_and_log` blocks.
fn ranked(text: &str, ranks: &[(u32, &[&str])]) -> Option<u32> {
    if text.len() > 60 {
        return None;
    }
    let words = words(text);
    if words.iter().any(|word| TURNS.contains(&word.as_str())) {
        return None;
    }
    words.iter().find_map(|word| {
        ranks.iter().find(|(_, known)| known.contains(&word.as_str())).map(|(rank, _)| *rank)
    })
}

/// How grave a rule takes what it finds; none where the words say nothing about that.
pub(super) fn gravity(node: &Node) -> Option<u32> {
    match node {
        Node::Text(text) => ranked(text, GRAVITY),
        _ => None,
    }
}

/// Whether keys lead to what is let through.
pub(super) fn exempts(keys: &[String]) -> Exemption {
    let named = keys.iter().filter(|key| !key.starts_with('['));
    let words: Vec<String> = named.flat_map(|key| words(key)).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    match (has(EXEMPTIONS), has(AMBIGUOUS)) {
        (_, true) => Exemption::Either,
        (true, false) => Exemption::Yes,
        (false, false) => Exemption::No,
    }
}

/// Whether a key says what a rule does.
pub(super) fn acts(words: &[String]) -> bool {
    words.iter().any(|word| ACTION_KEYS.contains(&word.as_str()))
}

/// Whether a rule stops nothing: it is switched off, or its action is to let through.
pub(super) fn idle(rule: &Node) -> bool {
    let off = |key: &str| rule.get(key).and_then(strictness) == Some(0);
    let disabled = rule.get("disabled") == Some(&Node::Bool(true));
    disabled || ["enabled", "active"].into_iter().any(off) || lets_through(rule)
}

/// Whether what a rule does is to let through, so that less of it is stricter.
pub(super) fn lets_through(rule: &Node) -> bool {
    action(rule) == Some(0)
}

/// How strict the action of a rule is; none where it has none, or one that nobody knows.
pub(super) fn action(rule: &Node) -> Option<u32> {
    ["action", "mode", "effect", "decision", "enforcement", "threshold"]
        .into_iter()
        .find_map(|key| rule.get(key).and_then(strictness))
}
