//! Which way a single value of a safety policy goes: actions, switches, numbers, patterns.
//!
//! Deliberately absent: what is a good value.

use std::collections::BTreeSet;

use super::strict::{Exemption, acts, exempts, flag, gravity, strictness};
use super::way::{Inside, PATTERNS, REFUSING, SCOPES, Way, has, last};
use crate::diff::document::Node;

/// Switches that are on for more safety.
const ON: &[&str] = &["enabled", "enable", "active", "enforced", "on"];
/// Words of a switch that is on for less.
const OFF: &[&str] = &[
    "disabled",
    "disable",
    "off",
    "dry",
    "shadow",
    "test",
    "simulate",
    "simulation",
    "lenient",
    "permissive",
    "optional",
    "only",
    "open",
    "unsafe",
    "unfiltered",
    "uncensored",
];
/// Words of what guards something.
const GUARDS: &[&str] = &[
    "block",
    "blocks",
    "refuse",
    "refuses",
    "deny",
    "reject",
    "redact",
    "mask",
    "filter",
    "check",
    "scan",
    "moderate",
    "moderation",
    "strict",
    "enforce",
    "require",
    "forbid",
    "prohibit",
    "ban",
];
/// Numbers that may be reached before something happens.
const UPPER: &[&str] = &["max", "maximum", "ceiling"];
/// What there may be at most of, and less is better.
const HARM: &[&str] = &[
    "score",
    "scores",
    "toxicity",
    "probability",
    "risk",
    "harm",
    "hate",
    "violation",
    "violations",
    "hits",
];
/// The same behind a word of what then happens: `block_above`.
const ABOVE: &[&str] = &["above", "over", "exceeds"];
/// Words of numbers that stop nothing.
const HARMLESS: &[&str] =
    &["version", "revision", "updated", "date", "created", "year", "timestamp", "order"];
/// Words that an action may be told by, with more to it than that.
const ANSWERS: &[&str] =
    &["match", "response", "threshold", "verdict", "policy", "violation", "failure", "fail", "error"];
const GRAVITY_KEYS: &[&str] =
    &["severity", "gravity", "priority", "risk", "level", "sensitivity", "strictness", "threshold"];
/// Words of a gravity from which on something happens.
const BOUNDS: &[&str] = &["threshold", "min", "minimum", "max", "maximum", "cutoff", "above", "below"];

/// Which way a value went that is no list and no group of keys on both sides.
pub(super) fn value(keys: &[String], inside: Inside, before: Option<&Node>, after: Option<&Node>) -> Way {
    let words = last(keys);
    let way = alone(keys, &words, before, after);
    // What makes such a rule stricter may let more through.
    if way == Way::TIGHTER && inside.lets_through && !acts(&words) { Way::DOUBT } else { way }
}

fn alone(keys: &[String], words: &[String], before: Option<&Node>, after: Option<&Node>) -> Way {
    let scalar = |node: Option<&Node>| node.is_none_or(Node::is_scalar);
    if !scalar(before) || !scalar(after) {
        return Way::DOUBT;
    }
    let number = |node: Option<&Node>| node.and_then(Node::number);
    if number(before).is_some() || number(after).is_some() {
        return numbers(keys, words, number(before), number(after));
    }
    let switched = |node: Option<&Node>| node.and_then(flag).is_some();
    let word_of_action =
        acts(words) && ![before, after].iter().any(|node| matches!(node, Some(Node::Bool(_))));
    if (switched(before) || switched(after)) && !word_of_action {
        return switch(keys, words, before, after);
    }
    if let (Some(old), Some(new)) = (before.and_then(gravity), after.and_then(gravity))
        && has(words, GRAVITY_KEYS)
        && before.and_then(strictness).is_none()
    {
        return match () {
            // From this gravity on, or this grave.
            () if has(words, BOUNDS) => Way::DOUBT,
            () if new < old => Way::LOOSER,
            () if words == ["severity"] => Way::UNKNOWN,
            () => Way::DOUBT,
        };
    }
    if acts(words) || has(words, ANSWERS) {
        return acted(keys, words, before, after);
    }
    if has(words, PATTERNS) {
        return pattern(before, after);
    }
    // A name with an action behind it: `weapons: block`.
    let word = |node: Option<&Node>| {
        node.filter(
            |node| matches!(node, Node::Text(text) if text.bytes().all(|byte| byte.is_ascii_alphanumeric())),
        )
        .and_then(strictness)
    };
    match (word(before), word(after)) {
        (Some(old), Some(new)) if new < old => return Way::LOOSER,
        (Some(old), None) if old > 0 => return Way::DOUBT,
        (_, Some(0)) => return Way::DOUBT,
        _ => {}
    }
    match (before, after) {
        (None, Some(_)) if has(words, SCOPES) => Way::LOOSER,
        (Some(_), Some(_)) if has(words, SCOPES) => Way::DOUBT,
        _ => Way::UNKNOWN,
    }
}

fn numbers(keys: &[String], words: &[String], before: Option<f64>, after: Option<f64>) -> Way {
    if has(words, HARMLESS) {
        return Way::UNKNOWN;
    }
    let upper = (has(words, UPPER) && has(words, HARM) && !has(words, GUARDS)) || has(words, ABOVE);
    match (before, after) {
        (Some(old), Some(new)) if upper && exempts(keys) == Exemption::No => Way::toward(new < old),
        _ => Way::DOUBT,
    }
}

/// A switch: `enabled`, `block_medical`, `dry_run`.
fn switch(keys: &[String], words: &[String], before: Option<&Node>, after: Option<&Node>) -> Way {
    let exempt = exempts(keys);
    let off = has(words, OFF) || exempt == Exemption::Yes;
    let guards = has(words, ON) || has(words, GUARDS);
    if exempt == Exemption::Either || (off && has(words, GUARDS)) {
        return Way::DOUBT;
    }
    let on = |node: Option<&Node>| node.and_then(flag);
    match (before, on(before), after, on(after)) {
        (_, Some(true), _, Some(false)) => Way::toward(off),
        (_, Some(false), _, Some(true)) if off => Way::LOOSER,
        (_, Some(false), _, Some(true)) => {
            if guards {
                Way::TIGHTER
            } else {
                Way::UNKNOWN
            }
        }
        (None, _, _, Some(true)) if off => Way::LOOSER,
        (None, _, _, Some(false)) if has(words, ON) => Way::LOOSER,
        // A guard that is not named is one that nobody asked for.
        (_, Some(true), None | Some(Node::Null), _) if has(words, GUARDS) => Way::LOOSER,
        (_, Some(false), None | Some(Node::Null), _) if off => Way::UNKNOWN,
        (_, _, Some(Node::Text(_) | Node::Null), _) => Way::DOUBT,
        _ => Way::UNKNOWN,
    }
}

/// What a rule does.
fn acted(keys: &[String], words: &[String], before: Option<&Node>, after: Option<&Node>) -> Way {
    if exempts(keys) != Exemption::No {
        return Way::DOUBT;
    }
    let certain = acts(words);
    match (before, before.and_then(strictness), after, after.and_then(strictness)) {
        (_, Some(old), _, Some(new)) if old != new => Way::toward(new > old),
        (_, Some(_), _, Some(_)) => Way::UNKNOWN,
        // Gone, nothing, or a word that nobody knows.
        (_, Some(old), ..) if old > 0 => {
            if certain {
                Way::LOOSER
            } else {
                Way::DOUBT
            }
        }
        (_, _, _, Some(0)) => Way::LOOSER,
        (_, _, _, Some(new)) => {
            if new < REFUSING {
                Way::DOUBT
            } else {
                Way::UNKNOWN
            }
        }
        _ => {
            if certain {
                Way::DOUBT
            } else {
                Way::UNKNOWN
            }
        }
    }
}

/// What a rule looks for: one that still has every alternative is worth a look, any other may find less.
fn pattern(before: Option<&Node>, after: Option<&Node>) -> Way {
    match (before, after) {
        (Some(Node::Text(old)), Some(Node::Text(new))) => {
            let new: BTreeSet<&str> = new.split('|').collect();
            if old.split('|').all(|one| new.contains(one)) { Way::UNKNOWN } else { Way::DOUBT }
        }
        _ => Way::DOUBT,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unnecessary_wraps, reason = "a table of values that may be missing")]

    use super::*;

    fn goes(key: &str, before: Option<&Node>, after: Option<&Node>) -> Way {
        value(&[key.to_owned()], Inside::default(), before, after)
    }

    fn text(text: &str) -> Option<Node> {
        Some(Node::Text(text.to_owned()))
    }

    fn number(number: &str) -> Option<Node> {
        Some(Node::Number(number.to_owned()))
    }

    #[test]
    fn which_way_an_action_goes() {
        for (key, before, after, way) in [
            ("action", text("block"), text("warn"), Way::LOOSER),
            ("action", text("log"), text("refuse"), Way::TIGHTER),
            ("threshold", text("BLOCK_LOW_AND_ABOVE"), text("BLOCK_ONLY_HIGH"), Way::LOOSER),
            ("threshold", text("BLOCK_MEDIUM_AND_ABOVE"), text("BLOCK_LOW_AND_ABOVE"), Way::TIGHTER),
            ("action", text("block"), None, Way::LOOSER),
            ("action", text("block"), Some(Node::Null), Way::LOOSER),
            ("action", text("block"), text("noop"), Way::LOOSER),
            ("action", text("block"), text("no block"), Way::LOOSER),
            ("action", text("block"), text("block_never"), Way::LOOSER),
            ("action", text("noop"), text("blok"), Way::DOUBT),
            ("action", None, text("allow"), Way::LOOSER),
            ("action", None, text("log"), Way::DOUBT),
            ("default", text("deny"), text("allow"), Way::LOOSER),
            ("on_match", text("refuse"), text("log"), Way::LOOSER),
            ("severity", text("high"), text("low"), Way::LOOSER),
            ("severity", text("low"), text("high"), Way::UNKNOWN),
            ("min_severity", text("low"), text("high"), Way::DOUBT),
            ("message", text("we block this"), text("we allow this"), Way::UNKNOWN),
            ("weapons", text("block"), text("warn"), Way::LOOSER),
            ("weapons", None, text("allow"), Way::DOUBT),
            ("weapons", text("block"), None, Way::DOUBT),
            ("sensitivity", text("high"), text("low"), Way::LOOSER),
            ("severity_threshold", text("low"), text("high"), Way::DOUBT),
        ] {
            assert_eq!(goes(key, before.as_ref(), after.as_ref()), way, "{key}: {before:?} -> {after:?}");
        }
    }

    #[test]
    fn which_way_a_switch_goes() {
        let [on, off] = [true, false].map(|on| Some(Node::Bool(on)));
        for (key, before, after, way) in [
            ("enabled", &on, &off, Way::LOOSER),
            ("enabled", &off, &on, Way::TIGHTER),
            ("enabled", &None, &off, Way::LOOSER),
            ("enabled", &None, &on, Way::UNKNOWN),
            ("disabled", &None, &on, Way::LOOSER),
            ("disabled", &on, &off, Way::TIGHTER),
            ("dry_run", &off, &on, Way::LOOSER),
            ("fail_open", &off, &on, Way::LOOSER),
            ("allow_medical", &None, &on, Way::LOOSER),
            ("block_medical", &on, &None, Way::LOOSER),
            ("block_medical", &on, &off, Way::LOOSER),
            ("beta", &off, &on, Way::UNKNOWN),
        ] {
            assert_eq!(goes(key, before.as_ref(), after.as_ref()), way, "{key}: {before:?} -> {after:?}");
        }
        // YAML 1.2 reads these as texts.
        for (was, is) in [("yes", "no"), ("true", "False"), ("y", "n"), ("on", "off")] {
            assert_eq!(goes("enabled", text(was).as_ref(), text(is).as_ref()), Way::LOOSER, "{was} -> {is}");
            assert_eq!(goes("enabled", text(is).as_ref(), text(was).as_ref()), Way::TIGHTER, "{is} -> {was}");
        }
    }

    #[test]
    fn which_way_a_number_or_pattern_goes() {
        for (key, before, after, way) in [
            ("max_score", number("0.5"), number("0.9"), Way::LOOSER),
            ("max_score", number("0.9"), number("0.5"), Way::TIGHTER),
            ("block_above", number("0.9"), number("0.5"), Way::TIGHTER),
            ("max_refusals", number("5"), number("2"), Way::DOUBT),
            ("min_confidence", number("0.9"), number("0.5"), Way::DOUBT),
            ("toxicity_threshold", number("0.9"), number("0.5"), Way::DOUBT),
            ("sample_rate", None, number("0.01"), Way::DOUBT),
            ("version", number("3"), number("4"), Way::UNKNOWN),
            ("pattern", text("bomb|gun"), text("zzz"), Way::DOUBT),
            ("if", text("score > 0.5"), text("false"), Way::DOUBT),
            ("pattern", text("bomb|gun"), text("bomb|gun|knife"), Way::UNKNOWN),
            ("only_for", None, text("staging"), Way::LOOSER),
        ] {
            assert_eq!(goes(key, before.as_ref(), after.as_ref()), way, "{key}: {before:?} -> {after:?}");
        }
    }
}
