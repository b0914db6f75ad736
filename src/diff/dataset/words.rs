//! How rows and numbers of a dataset read in a record.

use std::borrow::Cow;

use super::set::{Fetched, Held};
use crate::secret::{MASKED, mask};

/// Characters of a value that are shown.
const MOST: usize = 80;
/// Characters that are shown before the first difference.
const BEFORE: usize = 20;
/// Fields of a row that are shown where it has no key, and changed fields of a row.
const MOST_FIELDS: usize = 3;

/// `1 row`, `12 rows`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A share in percent: `3.5 %`.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let share = if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 };
    // What is there never reads as nothing, and what is missing never as all.
    match share {
        _ if part > 0 && share < 0.05 => "under 0.1 %".to_owned(),
        _ if part < whole && share >= 99.95 => "over 99.9 %".to_owned(),
        _ => format!("{share:.1} %"),
    }
}

/// A value of a field as it may be shown, without secrets: the one place through which every value of a row goes.
pub(super) fn open<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    mask(Some(name), value)
}

/// A value in a few characters, text in quotes.
pub(super) fn value(name: &str, held: &Held) -> String {
    from(&open(name, &held.value), held.text, 0)
}

/// A value from the character number `start` on.
fn from(value: &str, text: bool, start: usize) -> String {
    let mut shown: String = value.chars().skip(start).take(MOST).collect();
    let more = value.chars().nth(start + MOST).is_some();
    if text {
        shown = format!("\"{shown}\"");
    }
    format!("{}{shown}{}", if start > 0 { "…" } else { "" }, if more { "…" } else { "" })
}

/// Two values of a field, from shortly before their first difference where that is far in.
fn change(name: &str, before: Option<&Held>, after: Option<&Held>) -> String {
    let open = |held: &Held| open(name, &held.value).into_owned();
    let start = match (before.map(open), after.map(open)) {
        // What differs is what is hidden.
        (Some(old), Some(new)) if old == new && before != after && old.contains(MASKED) => {
            return format!(
                "changed, its value is {}",
                after.map_or(MASKED.to_owned(), |held| value(name, held))
            );
        }
        (Some(old), Some(new)) => {
            let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
            if same + BEFORE < MOST { 0 } else { same - BEFORE }
        }
        _ => 0,
    };
    let shown = |held: Option<&Held>| {
        held.map_or_else(|| "absent".to_owned(), |held| from(&open(held), held.text, start))
    };
    format!("{} -> {}", shown(before), shown(after))
}

/// A row: by its key, else by its first fields.
pub(super) fn row(row: &Fetched, key: Option<&str>) -> String {
    let found = key.and_then(|key| row.fields.iter().find(|(name, _)| name == key));
    if let Some((name, held)) = found {
        return format!("{name} {} ({})", value(name, held), row.place);
    }
    let fields: Vec<String> = row
        .fields
        .iter()
        .take(MOST_FIELDS)
        .map(|(name, held)| format!("{name}: {}", value(name, held)))
        .collect();
    format!("{} ({})", row.place, fields.join(", "))
}

/// What differs between two states of a row.
pub(super) fn differences(before: &Fetched, after: &Fetched) -> String {
    let get = |row: &'_ Fetched, name: &str| row.fields.iter().position(|(known, _)| known == name);
    let mut lines = Vec::new();
    for (name, new) in &after.fields {
        let old = get(before, name).and_then(|at| before.fields.get(at)).map(|(_, held)| held);
        if old != Some(new) && !(old.is_some_and(|old| same_nested(old, new))) {
            lines.push(format!("{name}: {}", change(name, old, Some(new))));
        }
    }
    for (name, old) in &before.fields {
        if get(after, name).is_none() {
            lines.push(format!("{name}: {}", change(name, Some(old), None)));
        }
    }
    let more = lines.len().saturating_sub(MOST_FIELDS);
    lines.truncate(MOST_FIELDS);
    let rest = if more > 0 { format!("; {}", count(more as u64, "more field")) } else { String::new() };
    format!("{}{rest}", lines.join("; "))
}

/// Whether two lists or objects differ in their spelling only.
fn same_nested(old: &Held, new: &Held) -> bool {
    !old.text && !new.text && old.number() == new.number()
}
