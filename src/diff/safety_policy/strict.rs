//! How strict a value of a safety policy is, and which way a change of it goes.
//!
//! The words are those that moderation services and policies use. Deliberately absent: numbers whose key does not say
//! which way is strict; nobody can tell.

use crate::diff::Direction;
use crate::diff::document::Node;
use crate::diff::mask::words;

/// What a rule does, from letting everything through to stopping it.
const ACTIONS: &[(u32, &[&str])] = &[
    (0, &["none", "off", "allow", "allowed", "ignore", "pass", "disabled", "permit", "skip", "accept"]),
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
const ACTION_KEYS: &[&str] = &[
    "action",
    "actions",
    "mode",
    "match",
    "behavior",
    "behaviour",
    "decision",
    "effect",
    "response",
    "enforcement",
    "threshold",
    "enabled",
    "active",
    "disposition",
    "verdict",
    "policy",
];
const GRAVITY_KEYS: &[&str] = &["severity", "gravity", "priority", "risk", "level"];
/// A number that may be reached before something happens.
const UPPER: &[&str] = &["max", "maximum", "above", "upper", "limit", "ceiling", "over", "exceeds"];
/// A number that must be reached.
const LOWER: &[&str] = &["min", "minimum", "below", "lower", "floor", "under", "least"];
/// Lists of what a rule does not apply to.
const EXEMPTIONS: &[&str] = &[
    "allow",
    "allowed",
    "allowlist",
    "whitelist",
    "exempt",
    "exemptions",
    "except",
    "exception",
    "exceptions",
    "exclude",
    "excluded",
    "excludes",
    "ignore",
    "ignored",
    "skip",
    "trusted",
    "bypass",
    "permitted",
];

/// How strict a value is by itself; none where its words say nothing about that.
pub(in crate::diff) fn strictness(node: &Node) -> Option<u32> {
    match node {
        Node::Bool(on) => Some(if *on { 60 } else { 0 }),
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
    words(text).iter().find_map(|word| {
        ranks.iter().find(|(_, known)| known.contains(&word.as_str())).map(|(rank, _)| *rank)
    })
}

/// Whether a key holds what a rule does not apply to, so that more of it is less strict.
pub(super) fn exempts(keys: &[String]) -> bool {
    let named = keys.iter().filter(|key| !key.starts_with('['));
    named.flat_map(|key| words(key)).any(|word| EXEMPTIONS.contains(&word.as_str()))
}

/// Which way a value of a key went.
pub(super) fn direction(keys: &[String], before: &Node, after: &Node) -> Direction {
    let words = keys.last().map(|key| words(key)).unwrap_or_default();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if let (Some(old), Some(new)) = (before.number(), after.number()) {
        return match (has(UPPER), has(LOWER)) {
            (true, false) => toward(new < old),
            (false, true) => toward(new > old),
            _ => Direction::Unknown,
        };
    }
    let gravity = |node: &Node| match node {
        Node::Text(text) if has(GRAVITY_KEYS) => ranked(text, GRAVITY),
        _ => None,
    };
    let rank = |node: &Node| gravity(node).or_else(|| if has(ACTION_KEYS) { strictness(node) } else { None });
    let turned = has(&["disabled", "disable", "off", "bypass"]) || exempts(keys);
    let on = |node: &Node| matches!(node, Node::Bool(_)).then(|| strictness(node)).flatten();
    match (rank(before).or_else(|| on(before)), rank(after).or_else(|| on(after))) {
        (Some(old), Some(new)) if old != new => toward((new > old) != turned),
        _ => Direction::Unknown,
    }
}

fn toward(tighter: bool) -> Direction {
    if tighter { Direction::Tighter } else { Direction::Looser }
}

/// Whether a rule stops nothing: it is switched off, or its action is to let through.
pub(super) fn idle(rule: &Node) -> bool {
    let off = |key: &str| rule.get(key).and_then(strictness) == Some(0);
    let disabled = rule.get("disabled") == Some(&Node::Bool(true));
    disabled || ["enabled", "active", "action", "mode", "effect"].into_iter().any(off)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(key: &str, [before, after]: [Node; 2]) -> Direction {
        direction(&[key.to_owned()], &before, &after)
    }

    #[test]
    fn which_way_a_value_goes() {
        let text = |text: &str| Node::Text(text.to_owned());
        let number = |number: &str| Node::Number(number.to_owned());
        assert_eq!(goes("action", [text("block"), text("warn")]), Direction::Looser);
        assert_eq!(goes("action", [text("log"), text("refuse")]), Direction::Tighter);
        assert_eq!(
            goes("threshold", [text("BLOCK_LOW_AND_ABOVE"), text("BLOCK_ONLY_HIGH")]),
            Direction::Looser
        );
        assert_eq!(goes("enabled", [Node::Bool(true), Node::Bool(false)]), Direction::Looser);
        assert_eq!(goes("disabled", [Node::Bool(true), Node::Bool(false)]), Direction::Tighter);
        assert_eq!(goes("severity", [text("high"), text("low")]), Direction::Looser);
        assert_eq!(goes("max_score", [number("0.5"), number("0.9")]), Direction::Looser);
        assert_eq!(goes("block_above", [number("0.9"), number("0.5")]), Direction::Tighter);
        assert_eq!(goes("min_confidence", [number("0.9"), number("0.5")]), Direction::Looser);
        assert_eq!(goes("threshold", [number("0.9"), number("0.5")]), Direction::Unknown);
        assert_eq!(goes("message", [text("block"), text("allow")]), Direction::Unknown);
    }
}
