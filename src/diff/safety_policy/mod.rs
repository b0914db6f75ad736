//! The rules of two safety policies: gone, new, looser, tighter.
//!
//! `rules` compares documents and `strict` knows which way a value goes; a policy in plain words is compared by the
//! sentences that forbid or demand, a list of words by its entries. Deliberately absent: whether a policy is enough.

mod rules;
mod strict;

pub(super) use strict::strictness;

use std::collections::BTreeSet;

use super::artifacts::Pair;
use super::config::{documents, masked};
use super::document::Node;
use super::files;
use super::mask::{MASKED, mask, secret_key};
use super::text::sentences::Sentences;
use super::text::{Text, differing, shorten};
use super::{Detail, Direction, Record, Rule, Severity, config, plain, prompt};
use crate::artifact::{Content, PinnedArtifact};
use crate::diagnostic::Diagnostics;
use rules::{Finding, Kind};

/// The most rules with a record of their own; the rest is counted in one.
const MOST: usize = 200;
/// Members and entries that a record lists; the rest is counted.
const LISTED: usize = 20;
/// The most words of an entry of a word list; longer lines are sentences.
const ENTRY_WORDS: usize = 4;

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let is_values = |artifact: &PinnedArtifact| matches!(artifact.content, Content::Values { .. });
    if is_values(pair.before.1) || is_values(pair.after.1) {
        return Ok(match config::both(pair)? {
            Ok((before, after)) => worded(pair, "", &rules::compare(&before, &after)),
            Err(record) => vec![*record],
        });
    }
    let changed = files::changed(pair);
    let several = changed.len() > 1;
    let mut records = Vec::new();
    let mut not_text = Vec::new();
    for file in changed.iter().filter(|file| file.renamed_from.is_none()) {
        let Some(texts) = plain::texts(pair, file)? else {
            not_text.push(prompt::described(file));
            continue;
        };
        let prefix = if several { format!("{}: ", file.name) } else { String::new() };
        match documents(&file.name, &texts.0.body, &texts.1.body) {
            Ok((before, after)) => {
                let found = worded(pair, &prefix, &rules::compare(&before, &after));
                if found.is_empty() {
                    records.push(config::only_written_otherwise(pair, &prefix));
                }
                records.extend(found);
            }
            Err(why) => match entries(pair, &file.name, &texts) {
                Some(found) => records.extend(found),
                None => records.extend(in_words(pair, &file.name, &texts, &why)),
            },
        }
    }
    records.extend(prompt::not_text(pair, &not_text).map(|record| record.weighs(Severity::Blocking)));
    Ok(records)
}

/// A policy in plain words: the sentences that forbid or demand, and every word.
fn in_words(pair: &Pair<'_>, name: &str, texts: &(Text, Text), why: &str) -> Vec<Record> {
    let (old, new) = differing(&texts.0.body, &texts.1.body);
    let sides = [old, new].map(|text: String| {
        let mut sentences = Sentences::default();
        sentences.text(&text);
        sentences
    });
    let rules = prompt::DemandRules {
        removed: Rule::SafetyRuleRemoved,
        added: Rule::SafetyRuleAdded,
        changed: Rule::SafetyRuleChanged,
        permission: Rule::SafetyRuleChanged,
    };
    let mut records = prompt::demand_records(pair, &sides, rules);
    let why = if why.contains("cannot be read") { why } else { "a policy in plain words" };
    records.extend(plain::record(pair, name, texts, why));
    records
}

/// A list of words, one a line: what is gone and what is new; none where a side is no such list.
fn entries(pair: &Pair<'_>, name: &str, (before, after): &(Text, Text)) -> Option<Vec<Record>> {
    let (old, new) = (list(&before.body)?, list(&after.body)?);
    if old.is_empty() && new.is_empty() {
        return None;
    }
    let lets_through = strict::exempts(&[name.rsplit('/').next().unwrap_or(name).to_owned()]);
    let of = |rule, lines: Vec<&&str>, verb: &str, looser: bool| {
        let first = lines.first()?;
        let plural =
            if lines.len() == 1 { "1 entry is".to_owned() } else { format!("{} entries are", lines.len()) };
        let text = format!("{plural} {verb}, such as \"{}\"", mask(None, first));
        let record = pair.record(rule, &text);
        let shown = lines.iter().map(|line| mask(None, line).into_owned());
        let record = record.showing(Detail::lines(shown, LISTED));
        Some(match (lets_through, looser) {
            (false, _) => record,
            (true, true) => record.weighs(Severity::Blocking).goes(Direction::Looser),
            (true, false) => record.weighs(Severity::Info).goes(Direction::Tighter),
        })
    };
    let removed = of(Rule::SafetyRuleRemoved, old.difference(&new).collect(), "gone", false);
    let added = of(Rule::SafetyRuleAdded, new.difference(&old).collect(), "new", true);
    let mut records: Vec<Record> = removed.into_iter().chain(added).collect();
    if records.is_empty() {
        let text = format!("{name}: the same entries, only comments, order or spaces differ");
        records.push(pair.record(Rule::ArtifactText, &text).weighs(Severity::Info).goes(Direction::Neutral));
    }
    Some(records)
}

/// The entries of a list of words; none where a line is more than that.
fn list(text: &str) -> Option<BTreeSet<&str>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entry = |line: &str| {
        line.split_whitespace().count() <= ENTRY_WORDS
            && !line.ends_with(['.', ':', ';', '!', '?'])
            && !line.starts_with("- ")
    };
    lines.map(|line| entry(line).then_some(line)).collect()
}

/// One record a finding.
fn worded(pair: &Pair<'_>, prefix: &str, findings: &[Finding<'_>]) -> Vec<Record> {
    let mut records: Vec<Record> =
        findings.iter().take(MOST).map(|finding| one(pair, prefix, finding)).collect();
    let rest = findings.get(records.len()..).unwrap_or_default();
    if !rest.is_empty() {
        let looser = rest.iter().filter(|finding| finding.direction == Direction::Looser).count();
        let text =
            format!("{prefix}and {} more differences, {looser} of them to the looser side", rest.len());
        let record = pair.record(Rule::SafetyRuleMoved, &text);
        records.push(if looser > 0 { moved(record, Direction::Looser) } else { record });
    }
    records
}

/// A loosened rule weighs as much as one that is gone.
fn moved(record: Record, direction: Direction) -> Record {
    let severity = match direction {
        Direction::Looser => Severity::Blocking,
        Direction::Unknown => Severity::Review,
        Direction::Neutral | Direction::Tighter => Severity::Info,
    };
    record.goes(direction).weighs(severity)
}

fn one(pair: &Pair<'_>, prefix: &str, finding: &Finding<'_>) -> Record {
    let change = &finding.change;
    let path = change.path();
    let hides = change.keys.iter().any(|key| secret_key(key));
    let key = change.keys.last().map_or("", String::as_str);
    let shown = |node: Option<&Node>| node.map(|node| masked(key, node, hides));
    let (before, after) = (shown(change.before), shown(change.after));
    let record = |rule, text: String| {
        Record::on(rule, format!("{}.{path}", pair.path()), &pair.headline(), &format!("{prefix}{text}"))
            .of(pair.change.key())
            .from_to(before.clone(), after.clone())
    };
    let says = |node: &Option<String>| node.clone().unwrap_or_default();
    let way = match finding.direction {
        Direction::Looser => ", which is looser",
        Direction::Tighter => ", which is tighter",
        Direction::Neutral | Direction::Unknown => "",
    };
    match &finding.kind {
        Kind::Removed => {
            let idle = if finding.direction == Direction::Neutral { " (it stopped nothing)" } else { "" };
            let record = record(Rule::SafetyRuleRemoved, format!("rule {path} is gone{idle}"));
            if idle.is_empty() { record } else { moved(record, Direction::Neutral) }
        }
        Kind::Added if finding.direction == Direction::Unknown => moved(
            record(
                Rule::SafetyRuleAdded,
                format!("rule {path} is new and stops nothing: it is off or lets through"),
            ),
            Direction::Unknown,
        ),
        Kind::Added => record(Rule::SafetyRuleAdded, format!("rule {path} is new")),
        Kind::Renamed(was) => moved(
            record(
                Rule::SafetyRuleChanged,
                format!("rule {path} was called {} and says the same", shorten(was, 80)),
            ),
            Direction::Neutral,
        ),
        Kind::Members => members(finding, &path, key, hides, record),
        Kind::Value => {
            let text = match (&before, &after) {
                (Some(before), Some(after)) if before == after => {
                    format!("{path} changed, its value is {MASKED}")
                }
                (Some(before), Some(after)) => format!("{path} {before} -> {after}{way}"),
                (None, _) => format!("{path} is new: {}", says(&after)),
                (_, None) => format!("{path} is gone, it was {}", says(&before)),
            };
            let known = finding.direction != Direction::Unknown;
            let rule = if known { Rule::SafetyRuleMoved } else { Rule::SafetyRuleChanged };
            moved(record(rule, text), finding.direction)
        }
    }
}

/// Members of a plain list: blocked words, patterns, what a rule applies to.
fn members(
    finding: &Finding<'_>,
    path: &str,
    key: &str,
    hides: bool,
    record: impl Fn(Rule, String) -> Record,
) -> Record {
    let empty = Node::List(Vec::new());
    let both = config::keys::KeyChange {
        keys: Vec::new(),
        before: Some(finding.change.before.unwrap_or(&empty)),
        after: Some(finding.change.after.unwrap_or(&empty)),
    };
    let (added, removed) = both.members().unwrap_or_default();
    let exempts = strict::exempts(&finding.change.keys);
    let lines = |nodes: &[&Node], word: &str| {
        nodes.iter().map(|node| format!("{word}: {}", masked(key, node, hides))).collect::<Vec<String>>()
    };
    let mut shown = lines(&removed, "gone");
    shown.extend(lines(&added, "new"));
    let count = |count: usize, word: &str| (count > 0).then(|| format!("{count} {word}"));
    let said: Vec<String> =
        [count(removed.len(), "gone"), count(added.len(), "new")].into_iter().flatten().collect();
    let said = if said.is_empty() { "in another order".to_owned() } else { said.join(", ") };
    let means = if exempts { " (what is let through)" } else { "" };
    let first = shown.first().map(|line| format!(" ({line})")).unwrap_or_default();
    let rule = match (exempts, removed.is_empty(), added.is_empty()) {
        (false, false, _) => Rule::SafetyRuleRemoved,
        (false, true, false) => Rule::SafetyRuleAdded,
        (false, true, true) => Rule::SafetyRuleChanged,
        (true, ..) => Rule::SafetyRuleMoved,
    };
    moved(record(rule, format!("{path}{means}: {said}{first}")), finding.direction)
        .showing(Detail::lines(shown, LISTED))
}
