//! Which way a change of a safety policy goes, and how much it weighs; and what whole rules mean that came or went.
//!
//! Tighter is said only where nothing else can be meant; a change that may let more through and may not is unknown, and
//! blocks. Deliberately absent: single values and lists, which have their modules.

use std::collections::BTreeSet;

use super::strict::{Exemption, action, exempts, idle, lets_through};
use crate::diff::document::Node;
use crate::diff::{Direction, Severity};
use crate::secret::words;

/// A direction and its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) direction: Direction,
    pub(super) severity: Severity,
}

impl Way {
    /// It lets more through; a loosened rule weighs as much as one that is gone.
    pub(super) const LOOSER: Self = Self { direction: Direction::Looser, severity: Severity::Blocking };
    /// It lets less through.
    pub(super) const TIGHTER: Self = Self { direction: Direction::Tighter, severity: Severity::Info };
    /// It lets as much through.
    pub(super) const NEUTRAL: Self = Self { direction: Direction::Neutral, severity: Severity::Info };
    /// Nobody can tell.
    pub(super) const UNKNOWN: Self = Self { direction: Direction::Unknown, severity: Severity::Review };
    /// Nobody can tell, and it may well let more through.
    pub(super) const DOUBT: Self = Self { direction: Direction::Unknown, severity: Severity::Blocking };

    /// Tighter or looser.
    pub(super) fn toward(tighter: bool) -> Self {
        if tighter { Self::TIGHTER } else { Self::LOOSER }
    }
}

/// What a change stands in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Inside {
    /// A rule.
    pub(super) rule: bool,
    /// A rule whose action is to let through.
    pub(super) lets_through: bool,
}

/// Which way it goes that a whole rule is gone or new.
pub(super) fn rule(keys: &[String], gone: bool, rule: &Node) -> Way {
    match (exempts(keys), gone) {
        (Exemption::Either, _) => return Way::DOUBT,
        (Exemption::Yes, true) => return Way::TIGHTER,
        (Exemption::Yes, false) => return Way::LOOSER,
        (Exemption::No, _) => {}
    }
    match (gone, idle(rule)) {
        (true, false) => Way::LOOSER,
        (true, true) => Way::NEUTRAL,
        // It comes before others that stop what it lets through.
        (false, true) => {
            if lets_through(rule) {
                Way::DOUBT
            } else {
                Way::UNKNOWN
            }
        }
        (false, false) if action(rule).is_some_and(|rank| rank >= REFUSING) => Way::TIGHTER,
        (false, false) => Way::UNKNOWN,
    }
}

/// The strictness from which on an action stops what it finds.
pub(super) const REFUSING: u32 = 50;

/// Where a rule applies: less of it is less strict, and naming it where nothing was named is too.
pub(super) const SCOPES: &[&str] = &[
    "for",
    "scope",
    "scopes",
    "languages",
    "language",
    "langs",
    "lang",
    "locales",
    "locale",
    "regions",
    "region",
    "countries",
    "markets",
    "users",
    "roles",
    "groups",
    "tenants",
    "customers",
    "channels",
    "channel",
    "environments",
    "environment",
    "env",
    "envs",
    "stages",
    "stage",
    "models",
    "applies",
    "apply",
    "only",
    "when",
    "paths",
    "endpoints",
    "surfaces",
    "segments",
    "audience",
    "platforms",
    "products",
    "include",
    "includes",
];
/// What a rule looks for.
pub(super) const PATTERNS: &[&str] = &[
    "pattern",
    "patterns",
    "regex",
    "regexp",
    "regexes",
    "expression",
    "keyword",
    "keywords",
    "words",
    "terms",
    "phrases",
    "match",
    "if",
    "when",
    "unless",
    "condition",
    "conditions",
    "expr",
    "instruction",
    "instructions",
];

/// The words of the last key.
pub(super) fn last(keys: &[String]) -> Vec<String> {
    keys.last().map(|key| words(key)).unwrap_or_default()
}

/// Whether one of these words is among them.
pub(super) fn has(words: &[String], wanted: &[&str]) -> bool {
    words.iter().any(|word| wanted.contains(&word.as_str()))
}

/// Whether what both lists have stands in another order.
pub(super) fn reordered<T: Ord>(old: &[T], new: &[T]) -> bool {
    let both = |here: &'_ [T], there: &[T]| {
        let there: BTreeSet<&T> = there.iter().collect();
        let mut seen = BTreeSet::new();
        let order: Vec<usize> = (0..here.len())
            .filter(|at| here.get(*at).is_some_and(|one| there.contains(one) && seen.insert(one)))
            .collect();
        order
    };
    let (olds, news) = (both(old, new), both(new, old));
    olds.iter().zip(&news).any(|(a, b)| old.get(*a) != new.get(*b))
}
