//! What the records of an evaluation suite say: how many cases, such as which, and the fields that differ.

use std::collections::BTreeSet;

use super::differences::{Differences, NAMED, Shown};
use crate::diff::catalogue::{ChangeRule, Direction};
use crate::diff::config::keys::compare;
use crate::diff::config::masked;
use crate::diff::document::Node;
use crate::diff::pair::Pair;
use crate::diff::record::{Detail, Record};
use crate::diff::text::{plural, shorten};
use crate::secret::mask;

/// The records of the cases, those that failed first.
pub(super) fn worded(pair: &Pair<'_>, rows: [usize; 2], found: &Differences, shown: &Shown) -> Vec<Record> {
    let record = |rule, text: String| {
        let record = pair.record(rule, &format!("{text}{}", found.note));
        record.from_to(Some(cases_word(rows[0])), Some(cases_word(rows[1])))
    };
    let mut records = Vec::new();
    if !found.failing.is_empty() {
        let names: Vec<String> = found.failing.iter().map(|id| shorten(&mask(None, id), 80)).collect();
        let text = format!(
            "{} that failed before {} gone, {}",
            cases_word(names.len()),
            is(names.len()),
            such_as(&names, names.len())
        );
        records.push(record(ChangeRule::SuiteFailingCaseRemoved, text).showing(Detail::lines(names, NAMED)));
    }
    records.extend(failing_changed(found, shown, &record));
    if !found.removed.is_empty() {
        let count = found.removed.len();
        let text = format!("{} {} gone, {}", cases_word(count), is(count), such_as(&shown.removed, count));
        records.push(record(ChangeRule::SuiteCaseRemoved, text).showing(listed(&shown.removed, count)));
    }
    if found.fewer > 0 {
        let text =
            format!("{} of ids that stand more than once {} gone", rows_word(found.fewer), is(found.fewer));
        records.push(record(ChangeRule::SuiteCaseRemoved, text));
    }
    if !found.added.is_empty() {
        let count = found.added.len();
        let text = format!("{} {} new, {}", cases_word(count), is(count), such_as(&shown.added, count));
        let record = record(ChangeRule::SuiteCaseAdded, text).showing(listed(&shown.added, count));
        // A second row of a known id may take the place of the first.
        records.push(if found.twice { record.goes(Direction::Unknown) } else { record });
    }
    if !found.changed.is_empty() {
        let (text, details) = changed(shown, found.changed.len(), &|_| true);
        records.push(record(ChangeRule::SuiteCaseChanged, text).showing(details));
    }
    records
}

/// Failed cases that changed: whatever changed in them, they may pass now for it.
fn failing_changed(
    found: &Differences,
    shown: &Shown,
    record: &dyn Fn(ChangeRule, String) -> Record,
) -> Option<Record> {
    let count = found.failing_changed.len();
    if count == 0 {
        return None;
    }
    let (text, details) = changed(shown, count, &|hash| found.failing_changed.contains_key(hash));
    let text = text.replacen(" changed", " that failed before changed", 1);
    Some(record(ChangeRule::SuiteFailingCaseChanged, text).showing(details))
}

/// What a record says of changed cases, `count` in all, and what shows it.
fn changed(shown: &Shown, count: usize, wanted: &dyn Fn(&u128) -> bool) -> (String, Vec<Detail>) {
    let (names, fields, lines) = looked_at(shown, wanted);
    let looked = if count > names.len() { format!(" (of the first {})", names.len()) } else { String::new() };
    let fields: Vec<&str> = fields.iter().take(NAMED).map(String::as_str).collect();
    let what = if fields.is_empty() {
        "how often they stand there".to_owned()
    } else {
        format!("{}{looked}", fields.join(", "))
    };
    let text = format!("{} changed in {what}, {}", cases_word(count), such_as(&names, count));
    let mut details = Detail::lines(lines.into_iter().take(NAMED), NAMED);
    details.extend(more(count, NAMED));
    (text, details)
}

/// The names of the changed cases that were looked at, the fields that differ, and a line for each case.
fn looked_at(shown: &Shown, wanted: &dyn Fn(&u128) -> bool) -> (Vec<String>, BTreeSet<String>, Vec<String>) {
    let (mut names, mut fields, mut lines) = (Vec::new(), BTreeSet::new(), Vec::new());
    for hash in shown.order.iter().filter(|hash| wanted(hash)) {
        let Some((name, after)) = shown.after.get(hash) else { continue };
        names.push(name.clone());
        let Some(before) = shown.before.get(hash) else { continue };
        let said: Vec<String> = compare(before, after)
            .iter()
            .map(|change| {
                fields.insert(change.keys.first().map_or_else(|| change.path(), |key| shorten(key, 80)));
                let hides = change.keys.iter().any(|key| crate::secret::secret_key(key));
                let key = change.keys.last().map_or("", String::as_str);
                let value = |node: Option<&Node>| {
                    node.map_or_else(|| "nothing".to_owned(), |node| masked(key, node, hides))
                };
                format!("{} {} -> {}", change.path(), value(change.before), value(change.after))
            })
            .take(NAMED)
            .collect();
        if !said.is_empty() {
            lines.push(format!("{name}: {}", said.join("; ")));
        }
    }
    (names, fields, lines)
}

fn listed(names: &[String], count: usize) -> Vec<Detail> {
    let mut details = Detail::lines(names.iter().cloned(), NAMED);
    details.extend(more(count, names.len()));
    details
}

fn more(count: usize, shown: usize) -> Option<Detail> {
    (count > shown).then(|| Detail::Line(format!("and {} more", count - shown)))
}

fn cases_word(count: usize) -> String {
    plural(count, "case")
}

fn rows_word(count: usize) -> String {
    plural(count, "row")
}

fn is(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// `such as a, b, c`, or the names alone where they are all.
fn such_as(names: &[String], count: usize) -> String {
    let first: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
    let such = if count > first.len() { "such as " } else { "" };
    format!("{such}{}", first.join(", "))
}
