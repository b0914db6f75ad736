//! The entries of two safety policies: gone, new, another value.
//!
//! What is gone is looser; of everything else nobody can tell which way it goes, so it is unknown, and never tighter.
//! `compare` goes through documents, `word_list` through a word a line; what has neither keys nor entries is compared word
//! by word.

mod compare;
mod word_list;

use super::catalogue::{ChangeRule, Direction, Weight};
use super::config::keys::{brief, path_of};
use super::config::{self, masked};
use super::document::{Form, Node, parse};
use super::files::FilePair;
use super::pair::Pair;
use super::plain;
use super::record::{Detail, LISTED, Record};
use super::text::{Text, is_layout_only};
use crate::artifact::{PinnedArtifact, PinnedContent};
use crate::diagnostic::Diagnostics;
use crate::secret::{MASKED, secret_key};
use compare::{Became, PolicyChange, compare};

/// The most differences with a record of their own; the rest is counted in one.
const MOST: usize = 200;
/// Endings of files that people write in sentences; any other that has no keys is code of some engine.
const PROSE: &[&str] = &["txt", "md", "markdown", "rst", "adoc"];

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let is_values = |artifact: &PinnedArtifact| matches!(artifact.content, PinnedContent::Values { .. });
    if is_values(pair.before.1) || is_values(pair.after.1) {
        return Ok(match config::both(pair)? {
            Ok((before, after)) => worded(pair, "", &compare(&before, &after)),
            Err(record) => vec![record.weighs(Weight::Blocking)],
        });
    }
    let changed = pair.files();
    let several = changed.len() > 1;
    let mut records = Vec::new();
    let mut not_text = Vec::new();
    for file in &changed {
        records.extend(renamed(pair, file));
        if file.renamed_from.is_some() {
            continue;
        }
        let Some(texts) = plain::texts(pair, file)? else {
            not_text.push(plain::described(file));
            continue;
        };
        let prefix = if several { format!("{}: ", file.name) } else { String::new() };
        records.extend(read(pair, file, &prefix, &texts));
    }
    records.extend(plain::not_text(pair, &not_text).map(|record| record.weighs(Weight::Blocking)));
    Ok(records)
}

/// A file of rules that is called something else now, where its readers may no longer look for it.
fn renamed(pair: &Pair<'_>, file: &FilePair<'_>) -> Option<Record> {
    let (Some(before), Some(after)) = (file.before, file.after) else { return None };
    let weight = match (ending(&before.path) == ending(&after.path), &file.renamed_from) {
        (false, _) => Weight::Blocking,
        (true, Some(_)) => Weight::Review,
        (true, None) => return None,
    };
    let (was, is) = (&before.path, &after.path);
    let text = format!("{was} is now called {is}; nobody can tell whether it is still read");
    let record = pair.record(ChangeRule::ArtifactFiles, &text).weighs(weight).goes(Direction::Unknown);
    Some(record.from_to(Some(was.clone()), Some(is.clone())))
}

fn ending(path: &str) -> Option<String> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())
}

/// What changed in one file.
fn read(pair: &Pair<'_>, file: &FilePair<'_>, prefix: &str, texts: &(Text, Text)) -> Vec<Record> {
    let [old_name, new_name] =
        [file.before, file.after].map(|side| side.map_or(file.name.as_str(), |side| side.path.as_str()));
    let parsed = |text: &Text, own: &str, other: &str| {
        let by = |name: &str| parse(Form::of(name, &text.body), name, &text.body);
        // A document under a name of no form is still one.
        by(own).or_else(|| by(other))
    };
    match (parsed(&texts.0, old_name, new_name), parsed(&texts.1, new_name, old_name)) {
        (Some(Ok(before)), Some(Ok(after))) => {
            let found = worded(pair, prefix, &compare(&before, &after));
            if found.is_empty() { vec![config::only_written_otherwise(pair, prefix)] } else { found }
        }
        (Some(Err(why)), _) => unread(pair, file, texts, "before", &why),
        (_, Some(Err(why))) => unread(pair, file, texts, "after", &why),
        (Some(_), None) => unread(pair, file, texts, "after", "it has none"),
        (None, Some(_)) => unread(pair, file, texts, "before", "it has none"),
        (None, None) => word_list::entries(pair, &file.name, prefix, texts)
            .unwrap_or_else(|| in_words(pair, file, texts).into_iter().collect()),
    }
}

/// A file that should have keys and cannot be read: it may have lost any of its rules.
fn unread(pair: &Pair<'_>, file: &FilePair<'_>, texts: &(Text, Text), which: &str, why: &str) -> Vec<Record> {
    let why = format!("compared line by line, the file {which} cannot be read key by key: {why}");
    let record = plain::record(pair, &file.name, texts, &why);
    record.map(|record| record.weighs(Weight::Blocking)).into_iter().collect()
}

/// A policy in plain words, or in the code of some engine.
fn in_words(pair: &Pair<'_>, file: &FilePair<'_>, texts: &(Text, Text)) -> Option<Record> {
    let prose = ending(&file.name).is_none_or(|ending| PROSE.contains(&ending.as_str()));
    let why = if prose { "a policy in plain words" } else { "not in a form that relgate reads key by key" };
    let record = plain::record(pair, &file.name, texts, why)?;
    let [old, new] = [&texts.0.body, &texts.1.body].map(|text| !text.trim().is_empty());
    Some(match (old, new) {
        (true, false) => record.weighs(Weight::Blocking).goes(Direction::Looser),
        _ if !prose => record.weighs(Weight::Blocking),
        _ if is_layout_only(&texts.0, &texts.1) => record.weighs(Weight::Info).goes(Direction::Neutral),
        _ => record,
    })
}

/// One record a difference.
fn worded(pair: &Pair<'_>, prefix: &str, changes: &[PolicyChange<'_>]) -> Vec<Record> {
    let (gone, others): (Vec<_>, Vec<_>) = changes.iter().partition(|change| is_gone(change));
    // What is gone goes first, so that no number of other differences hides it.
    let ordered = gone.iter().chain(&others);
    let mut records: Vec<Record> = ordered.take(MOST).map(|change| one(pair, prefix, change)).collect();
    let more = changes.len() - records.len();
    if more > 0 {
        let gone = gone.len().saturating_sub(MOST);
        let text = format!("{prefix}and {more} more differences, {gone} of them what is gone");
        let rule = if gone > 0 { ChangeRule::SafetyRuleRemoved } else { ChangeRule::SafetyRuleChanged };
        records.push(pair.record(rule, &text));
    }
    records
}

fn is_gone(change: &PolicyChange<'_>) -> bool {
    matches!(change.became, Became::Gone(_) | Became::MembersGone(_))
}

fn one(pair: &Pair<'_>, prefix: &str, change: &PolicyChange<'_>) -> Record {
    let path = path_of(&change.keys);
    let hides = change.keys.iter().any(|key| secret_key(key));
    let key = change.keys.last().map_or("", String::as_str);
    let shown = |node: &Node| masked(key, node, hides);
    let record = |rule, text: String| {
        Record::on(rule, format!("{}.{path}", pair.path()), &pair.headline(), &format!("{prefix}{text}"))
            .of(pair.change.key())
    };
    let members = |rule, nodes: &[&Node], verb: &str| {
        let all: Vec<String> = nodes.iter().map(|node| shown(node)).collect();
        let is = if all.len() == 1 { "entry is" } else { "entries are" };
        let first = all.first().map_or("", String::as_str);
        record(rule, format!("{path}: {} {is} {verb}, such as {first}", all.len()))
            .showing(Detail::lines(all.clone(), LISTED))
    };
    let quoted =
        |value: &str, lead: &str| if brief(value) { format!("{lead}{value}") } else { String::new() };
    let made = match &change.became {
        Became::Gone(before) => {
            let before = shown(before);
            let text = format!("{path} is gone{}", quoted(&before, ", it was "));
            record(ChangeRule::SafetyRuleRemoved, text).from_to(Some(before), None)
        }
        Became::New(after) => {
            let after = shown(after);
            let text = format!("{path} is new{}", quoted(&after, ": "));
            record(ChangeRule::SafetyRuleAdded, text).from_to(None, Some(after))
        }
        Became::MembersGone(nodes) => members(ChangeRule::SafetyRuleRemoved, nodes, "gone"),
        Became::MembersNew(nodes) => members(ChangeRule::SafetyRuleAdded, nodes, "new"),
        Became::Changed(before, after) => {
            let (before, after) = (shown(before), shown(after));
            let text = if before == after {
                format!("{path} changed, its value is {MASKED}")
            } else {
                format!("{path} {before} -> {after}")
            };
            record(ChangeRule::SafetyRuleChanged, text).from_to(Some(before), Some(after))
        }
        Became::Reordered => record(
            ChangeRule::SafetyRuleChanged,
            format!(
                "{path}: the entries stand in another order, which matters where the first that fits decides"
            ),
        ),
    };
    made.weighs(change.became.weight())
}
