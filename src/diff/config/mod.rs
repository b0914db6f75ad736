//! The keys of two inference configurations, each with its unit.
//!
//! `keys` compares two documents, this file words what came out.

pub(super) mod keys;
mod units;

use super::catalogue::{ChangeRule, Direction, Weight};
use super::document::{Form, Node, parse};
use super::pair::Pair;
use super::record::{Detail, LISTED, Record};
use super::side::ReleaseSide;
use super::text::words::passages;
use super::text::{decode, plural, shorten};
use super::{files, plain};
use crate::artifact::{PinnedArtifact, PinnedContent};
use crate::diagnostic::Diagnostics;
use crate::secret::{MASKED, mask, secret_key};
use keys::{KeyChange, brief, compare};

/// The most keys with a record of their own; the rest is counted in one.
const MOST: usize = 200;
/// The most characters of a value that are shown.
const SHOWN: usize = 200;
/// Texts from this length on are compared word by word.
const LONG: usize = 80;
/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let is_values = |artifact: &PinnedArtifact| matches!(artifact.content, PinnedContent::Values { .. });
    if is_values(pair.before.1) || is_values(pair.after.1) {
        return Ok(match both(pair)? {
            Ok((before, after)) => worded(pair, "", &compare(&before, &after)),
            Err(record) => vec![*record],
        });
    }
    let changed = pair.files();
    let several = changed.len() > 1;
    let mut records = Vec::new();
    let mut not_text = Vec::new();
    for file in changed.iter().filter(|file| file.renamed_from.is_none()) {
        let Some(texts) = plain::texts(pair, file)? else {
            not_text.push(plain::described(file));
            continue;
        };
        let prefix = if several { format!("{}: ", file.name) } else { String::new() };
        match documents(&file.name, &texts.0.body, &texts.1.body) {
            Ok((before, after)) => {
                let found = worded(pair, &prefix, &compare(&before, &after));
                if found.is_empty() {
                    records.push(only_written_otherwise(pair, &prefix));
                }
                records.extend(found);
            }
            Err(why) => records.extend(plain::record(pair, &file.name, &texts, &why)),
        }
    }
    records.extend(plain::not_text(pair, &not_text));
    Ok(records)
}

/// Both sides of a file as documents, or why they are none.
fn documents(name: &str, before: &str, after: &str) -> Result<(Node, Node), String> {
    let read = |text: &str, other: &str, which: &str| {
        // What is not there is in the form of the other side, and has no keys.
        let form = Form::of(name, if text.is_empty() { other } else { text });
        match parse(form, name, text) {
            None => Err("compared line by line, it is in no form that is read key by key".to_owned()),
            Some(Err(why)) => Err(format!("compared line by line, {which} cannot be read key by key: {why}")),
            Some(Ok(Node::Null)) => Ok(Node::Map(std::collections::BTreeMap::new())),
            Some(Ok(node)) => Ok(node),
        }
    };
    Ok((read(before, after, "the file before")?, read(after, before, "the file after")?))
}

/// The bytes differ and no key does.
pub(super) fn only_written_otherwise(pair: &Pair<'_>, prefix: &str) -> Record {
    let text = format!("{prefix}no key differs, only the way it is written");
    pair.record(ChangeRule::ArtifactText, &text).weighs(Weight::Info).goes(Direction::Neutral)
}

/// Values that stand in a manifest itself, on one side or both; a record where a side is no document.
pub(super) fn both(pair: &Pair<'_>) -> Result<Result<(Node, Node), Box<Record>>, Diagnostics> {
    Ok(match (side(pair.before)?, side(pair.after)?) {
        (Ok(before), Ok(after)) => Ok((before, after)),
        (Err(why), _) | (_, Err(why)) => Err(Box::new(pair.record(
            ChangeRule::ArtifactUnknown,
            &format!("its values stand in one manifest and in files of the other release, {why}"),
        ))),
    })
}

/// One side as a document, or why it is none.
fn side(
    (release, artifact): (&ReleaseSide<'_>, &PinnedArtifact),
) -> Result<Result<Node, String>, Diagnostics> {
    if let [file] = artifact.files() {
        let text = files::whole((release, artifact), file)?.and_then(decode);
        let parsed = text.and_then(|text| parse(Form::of(&file.path, &text.body), &file.path, &text.body));
        return Ok(parsed.unwrap_or_else(|| Err("which have no keys".to_owned())));
    }
    let declared = release.manifest.artifacts.iter().find(|declared| declared.key() == artifact.key());
    let values = declared.and_then(|declared| declared.values.as_ref());
    Ok(values.map(|values| Node::from(&values.value)).ok_or_else(|| "which are several".to_owned()))
}

/// One record a key. Nobody but the engine that reads it knows which way a value goes.
pub(super) fn worded(pair: &Pair<'_>, prefix: &str, changes: &[KeyChange<'_>]) -> Vec<Record> {
    let mut records: Vec<Record> =
        changes.iter().take(MOST).map(|change| one(pair, prefix, change)).collect();
    let more = changes.len() - records.len();
    if more > 0 {
        records.push(pair.record(ChangeRule::ConfigKey, &format!("{prefix}and {more} more keys changed")));
    }
    records
}

fn one(pair: &Pair<'_>, prefix: &str, change: &KeyChange<'_>) -> Record {
    let path = change.path();
    let hides = change.keys.iter().any(|key| secret_key(key));
    let shown = |node: Option<&Node>| node.map(|node| value(change, node, hides));
    let (before, after) = (shown(change.before), shown(change.after));
    let typed = match (change.before, change.after) {
        (Some(before), Some(after)) if before.kind() != after.kind() => {
            format!(" (was {}, is {})", before.kind(), after.kind())
        }
        _ => String::new(),
    };
    let mut details = Vec::new();
    let text = match (&before, &after) {
        (Some(before), Some(after)) if before == after => format!("{path} changed, its value is {MASKED}"),
        (Some(before), Some(after)) => match long_texts(change, hides) {
            Some((old, new)) => {
                let found = passages(old, new, 5);
                let text = format!("{path}: {}", found.words());
                details = found.details();
                text
            }
            None => match change.members() {
                Some((added, removed)) => {
                    let (told, listed) = members(&added, &removed, &change.keys);
                    details = listed;
                    format!("{path}: {told}")
                }
                None => format!("{path} {before} -> {after}{typed}"),
            },
        },
        (None, Some(after)) if brief(after) => format!("{path} is new: {after}"),
        (None, Some(_)) => format!("{path} is new"),
        (Some(before), None) if brief(before) => format!("{path} is gone, it was {before}"),
        (Some(_), None) => format!("{path} is gone"),
        (None, None) => path.clone(),
    };
    Record::on(
        ChangeRule::ConfigKey,
        format!("{}.{path}", pair.path()),
        &pair.headline(),
        &format!("{prefix}{text}"),
    )
    .of(pair.change.key())
    .from_to(before, after)
    .showing(details)
}

/// A value with its unit, masked and not too long.
fn value(change: &KeyChange<'_>, node: &Node, hides: bool) -> String {
    let key = change.keys.last().map_or("", String::as_str);
    if let Node::Number(number) = node
        && !hides
    {
        return format!("{number}{}", units::of(key));
    }
    masked(key, node, hides)
}

/// A value in which everything that looks like a secret is hidden.
pub(super) fn masked(key: &str, node: &Node, hides: bool) -> String {
    let shown = match node {
        Node::Text(text) if hides => format!("\"{}\"", mask(Some("secret"), text)),
        Node::Text(text) => format!("\"{}\"", mask(Some(key), text)),
        Node::Number(_) if hides => MASKED.to_owned(),
        Node::List(items) => {
            let items: Vec<String> = items.iter().take(50).map(|item| masked(key, item, hides)).collect();
            format!("[{}]", items.join(", "))
        }
        Node::Map(map) => {
            let entry = |(key, value): (&String, &Node)| {
                format!("{key}: {}", masked(key, value, hides || secret_key(key)))
            };
            let entries: Vec<String> = map.iter().take(50).map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    };
    shorten(&shown, SHOWN)
}

/// What came into and went out of a list: in a sentence where that is short, else counted there and listed below.
fn members(added: &[&Node], removed: &[&Node], keys: &[String]) -> (String, Vec<Detail>) {
    let key = keys.last().map_or("", String::as_str);
    let hides = keys.iter().any(|key| secret_key(key));
    let shown =
        |nodes: &[&Node]| -> Vec<String> { nodes.iter().map(|node| masked(key, node, hides)).collect() };
    let (came, went) = (shown(added), shown(removed));
    let told = |came: &str, went: &str| match (added.is_empty(), removed.is_empty()) {
        (false, false) => format!("{came} added, {went} removed"),
        (false, true) => format!("{came} added"),
        (true, false) => format!("{went} removed"),
        (true, true) => "in another order".to_owned(),
    };
    let sentence = told(&came.join(", "), &went.join(", "));
    if brief(&sentence) {
        return (sentence, Vec::new());
    }
    let lines = came.iter().map(|one| format!("added: {one}"));
    let lines = lines.chain(went.iter().map(|one| format!("removed: {one}")));
    (told(&plural(came.len(), "value"), &plural(went.len(), "value")), Detail::lines(lines, LISTED))
}

/// Both values, where they are texts that are better compared word by word.
fn long_texts<'a>(change: &KeyChange<'a>, hides: bool) -> Option<(&'a str, &'a str)> {
    match (change.before, change.after) {
        (Some(Node::Text(old)), Some(Node::Text(new))) if !hides && old.len().max(new.len()) > LONG => {
            Some((old, new))
        }
        _ => None,
    }
}
