//! The record on fields that are new, gone or of other types.

use super::fields::{Field, Fields, KINDS, MOST_FIELDS};
use super::rows::Compared;
use super::words::{count, percent};
use crate::diff::{ChangeRule, Detail, Record};

/// Fields that are listed.
const LISTED: usize = 20;

/// What is different about the fields; none where nothing is, or one side has no rows.
pub(super) fn record(set: &Compared<'_>, before: &Fields, after: &Fields) -> Option<Record> {
    if before.rows == 0 || after.rows == 0 {
        return None;
    }
    let mut lines = Vec::new();
    let (mut added, mut removed, mut typed) = (Vec::new(), Vec::new(), Vec::new());
    for (name, field) in &before.known {
        match after.known.get(name) {
            None if after.more => {}
            None => {
                removed.push(name.as_str());
                lines.push(format!("removed: {name} ({})", types(field, before.rows)));
            }
            Some(new) if kinds(field, before.rows) != kinds(new, after.rows) => {
                typed.push(name.as_str());
                lines.push(format!(
                    "type: {name}: {} -> {}",
                    types(field, before.rows),
                    types(new, after.rows)
                ));
            }
            Some(_) => {}
        }
    }
    for (name, field) in
        after.known.iter().filter(|(name, _)| !before.known.contains_key(*name) && !before.more)
    {
        added.push(name.as_str());
        lines.push(format!("added: {name} ({})", types(field, after.rows)));
    }
    let many = before.more || after.more;
    if many {
        lines.push(format!(
            "there are more than {MOST_FIELDS} different fields: only the first were compared"
        ));
    }
    if lines.is_empty() {
        return None;
    }
    let mut parts = Vec::new();
    for (names, word) in [(&added, "added"), (&removed, "removed"), (&typed, "of another type")] {
        if !names.is_empty() {
            parts.push(format!("{} {word} ({})", count(names.len() as u64, "field"), some(names)));
        }
    }
    if many {
        parts.push(format!("more than {MOST_FIELDS} fields, not all compared"));
    }
    let more = lines.len().saturating_sub(LISTED);
    lines.truncate(LISTED);
    if more > 0 {
        lines.push(format!("{more} more"));
    }
    let text = format!("{}: {}", set.title, parts.join(", "));
    Some(set.record(ChangeRule::DatasetSchema, text).showing(lines.into_iter().map(Detail::Line)))
}

/// A few names.
fn some(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| name.chars().take(40).collect()).collect();
    let more = names.len() - shown.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}

/// Which types there are, and whether rows are without it. Whole numbers among others are no type of their own.
fn kinds(field: &Field, rows: u64) -> [bool; 8] {
    let [text, bool, int, float, list, object, null] = field.kinds.map(|rows| rows > 0);
    [text, bool, int && !float, float, list, object, null, field.rows() < rows]
}

/// "text 97.0 %, absent 3.0 %".
fn types(field: &Field, rows: u64) -> String {
    let absent = ("absent", rows.saturating_sub(field.rows()));
    let shares: Vec<String> = KINDS
        .into_iter()
        .zip(field.kinds)
        .chain([absent])
        .filter(|(_, number)| *number > 0)
        .map(
            |(kind, number)| {
                if number == rows { kind.to_owned() } else { format!("{kind} {}", percent(number, rows)) }
            },
        )
        .collect();
    shares.join(", ")
}
