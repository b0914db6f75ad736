//! The rules of two safety policies: gone, new, looser, tighter.
//!
//! `rules` compares documents and `strict` knows which way a value goes; a policy in plain words is compared by the
//! sentences that forbid or demand, a list of words by its entries. Deliberately absent: whether a policy is enough.

mod entries;
mod lists;
mod rules;
mod strict;
mod values;
mod way;

pub(super) use strict::strictness;

use super::artifacts::Pair;
use super::config::masked;
use super::document::{self, Node};
use super::files::{self, FilePair};
use super::text::sentences::Sentences;
use super::text::{Text, differing, shorten};
use super::{Detail, Direction, Record, Rule, Severity, config, plain, prompt};
use crate::artifact::{Content, PinnedArtifact};
use crate::diagnostic::Diagnostics;
use crate::secret::{MASKED, secret_key};
use entries::entries;
use rules::{Finding, Kind};
use strict::{Exemption, exempts, idle};
use way::Way;

/// The most rules with a record of their own; the rest is counted in one.
const MOST: usize = 200;
/// Members and entries that a record lists; the rest is counted.
const LISTED: usize = 20;

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let is_values = |artifact: &PinnedArtifact| matches!(artifact.content, Content::Values { .. });
    if is_values(pair.before.1) || is_values(pair.after.1) {
        return Ok(match config::both(pair)? {
            Ok((before, after)) => worded(pair, "", &rules::compare(&before, &after)),
            Err(record) => vec![record.weighs(Severity::Blocking)],
        });
    }
    let changed = files::changed(pair);
    let several = changed.len() > 1;
    let mut records = Vec::new();
    let mut not_text = Vec::new();
    for file in &changed {
        records.extend(renamed(pair, file));
        if file.renamed_from.is_some() {
            continue;
        }
        let Some(texts) = plain::texts(pair, file)? else {
            not_text.push(prompt::described(file));
            continue;
        };
        let prefix = if several { format!("{}: ", file.name) } else { String::new() };
        records.extend(read(pair, file, &prefix, &texts));
    }
    records.extend(prompt::not_text(pair, &not_text).map(|record| record.weighs(Severity::Blocking)));
    Ok(records)
}

/// A file of rules that is called something else now, where its readers may no longer look for it.
fn renamed(pair: &Pair<'_>, file: &FilePair<'_>) -> Option<Record> {
    let (Some(before), Some(after)) = (file.before, file.after) else { return None };
    let extension = |path: &str| path.rsplit('/').next()?.rsplit_once('.').map(|(_, end)| end.to_owned());
    let way = match (extension(&before.path) == extension(&after.path), &file.renamed_from) {
        (false, _) => Way::DOUBT,
        (true, Some(_)) => Way::UNKNOWN,
        (true, None) => return None,
    };
    let (was, is) = (&before.path, &after.path);
    let text = format!("{was} is now called {is}; nobody can tell whether it is still read");
    Some(moved(pair.record(Rule::ArtifactFiles, &text), way).from_to(Some(was.clone()), Some(is.clone())))
}

/// What changed in one file.
fn read(pair: &Pair<'_>, file: &FilePair<'_>, prefix: &str, texts: &(Text, Text)) -> Vec<Record> {
    let [old_name, new_name] =
        [file.before, file.after].map(|side| side.map_or(file.name.as_str(), |side| side.path.as_str()));
    let parsed = |text: &Text, own: &str, other: &str| {
        if text.body.is_empty() {
            return Some(Ok(Node::Null));
        }
        // A document under a name of no form is still one.
        document::parse(own, &text.body).or_else(|| document::parse(other, &text.body))
    };
    let sides = (parsed(&texts.0, old_name, new_name), parsed(&texts.1, new_name, old_name));
    let emptied = texts.1.body.trim().is_empty() && !texts.0.body.trim().is_empty();
    let weight = |record: Record| if emptied { moved(record, Way::LOOSER) } else { record };
    match sides {
        (Some(Ok(before)), Some(Ok(after))) => {
            let found = worded(pair, prefix, &rules::compare(&before, &after));
            if found.is_empty() {
                return vec![config::only_written_otherwise(pair, prefix)];
            }
            let grave = found.iter().any(|record| record.severity == Severity::Blocking);
            let nothing = empty(&after) && !empty(&before) && !grave;
            let text = format!("{prefix}nothing stands in it any more");
            let gone = nothing.then(|| pair.record(Rule::SafetyRuleRemoved, &text));
            gone.into_iter().chain(found).collect()
        }
        (Some(Err(why)), _) => {
            let why = format!("compared line by line, the file before cannot be read key by key: {why}");
            let unread = |record: Record| {
                let text = record.rule == Rule::ArtifactText;
                if text { record.weighs(Severity::Blocking) } else { record }
            };
            in_words(pair, &file.name, texts, &why).into_iter().map(unread).map(weight).collect()
        }
        // It could be read before.
        (before, Some(Err(why))) => {
            let why = format!("compared line by line, the file after cannot be read key by key: {why}");
            let broken = |record: Record| {
                let text = record.rule == Rule::ArtifactText && before.is_some();
                if text { record.weighs(Severity::Blocking) } else { record }
            };
            in_words(pair, &file.name, texts, &why).into_iter().map(broken).collect()
        }
        _ => entries(pair, &file.name, texts)
            .unwrap_or_else(|| in_words(pair, &file.name, texts, "").into_iter().map(weight).collect()),
    }
}

/// Whether a document says nothing.
fn empty(node: &Node) -> bool {
    match node {
        Node::Null => true,
        Node::List(items) => items.is_empty(),
        Node::Map(map) => map.is_empty(),
        _ => false,
    }
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
    let why = if why.is_empty() { "a policy in plain words" } else { why };
    records.extend(plain::record(pair, name, texts, why));
    records
}

/// One record a finding.
fn worded(pair: &Pair<'_>, prefix: &str, findings: &[Finding<'_>]) -> Vec<Record> {
    let mut records: Vec<Record> =
        findings.iter().take(MOST).map(|finding| one(pair, prefix, finding)).collect();
    let rest = findings.get(records.len()..).unwrap_or_default();
    if !rest.is_empty() {
        let count = |wanted: Direction| rest.iter().filter(|one| one.way.direction == wanted).count();
        let looser = count(Direction::Looser);
        let text =
            format!("{prefix}and {} more differences, {looser} of them to the looser side", rest.len());
        let way = match (looser, count(Direction::Unknown)) {
            (0, 0) => Way::UNKNOWN,
            (0, _) => Way::DOUBT,
            _ => Way::LOOSER,
        };
        records.push(moved(pair.record(Rule::SafetyRuleMoved, &text), way));
    }
    records
}

fn moved(record: Record, way: Way) -> Record {
    record.goes(way.direction).weighs(way.severity)
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
    let way = match finding.way {
        Way::LOOSER => ", which is looser",
        Way::TIGHTER => ", which is tighter",
        Way::DOUBT => ", which may be looser",
        _ => "",
    };
    match &finding.kind {
        Kind::Removed => {
            let stopped = !change.before.is_some_and(idle);
            let tail = if stopped { "" } else { " (it stopped nothing)" };
            moved(record(Rule::SafetyRuleRemoved, format!("rule {path} is gone{tail}")), finding.way)
        }
        Kind::Added => {
            let tail = match finding.way {
                Way::TIGHTER => "",
                Way::UNKNOWN | Way::DOUBT if change.after.is_some_and(idle) => {
                    " and stops nothing: it is off or lets through"
                }
                Way::UNKNOWN => "; nobody can tell whether less gets through",
                _ => way,
            };
            moved(record(Rule::SafetyRuleAdded, format!("rule {path} is new{tail}")), finding.way)
        }
        Kind::Order => {
            let text =
                format!("{path} stand in another order, which matters where the first that fits decides");
            moved(record(Rule::SafetyRuleChanged, text), finding.way)
        }
        Kind::Renamed(was) => moved(
            record(
                Rule::SafetyRuleChanged,
                format!("rule {path} was called {} and says the same", shorten(was, 80)),
            ),
            finding.way,
        ),
        Kind::Members => members(finding, &path, key, hides, record),
        Kind::Value => {
            let text = match (&before, &after) {
                (Some(before), Some(after)) if before == after => {
                    format!("{path} changed, its value is {MASKED}")
                }
                (Some(before), Some(after)) => format!("{path} {before} -> {after}{way}"),
                (None, _) => format!("{path} is new: {}{way}", says(&after)),
                (_, None) => format!("{path} is gone, it was {}{way}", says(&before)),
            };
            let known = finding.way.direction != Direction::Unknown;
            let rule = if known { Rule::SafetyRuleMoved } else { Rule::SafetyRuleChanged };
            moved(record(rule, text), finding.way)
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
    let exempt = exempts(&finding.change.keys);
    let lines = |nodes: &[&Node], word: &str| {
        nodes.iter().map(|node| format!("{word}: {}", masked(key, node, hides))).collect::<Vec<String>>()
    };
    let mut shown = lines(&removed, "gone");
    shown.extend(lines(&added, "new"));
    let count = |count: usize, word: &str| (count > 0).then(|| format!("{count} {word}"));
    let said: Vec<String> =
        [count(removed.len(), "gone"), count(added.len(), "new")].into_iter().flatten().collect();
    let said = if said.is_empty() { "in another order".to_owned() } else { said.join(", ") };
    let means = match exempt {
        Exemption::No => "",
        Exemption::Yes => " (what is let through)",
        Exemption::Either => " (what is let through, or what is stopped)",
    };
    let first = shown.first().map(|line| format!(" ({line})")).unwrap_or_default();
    let tail = match finding.way {
        Way::DOUBT => "; nobody can tell which way that goes",
        Way::LOOSER if exempt == Exemption::No && removed.is_empty() => "; it applies to less than before",
        _ => "",
    };
    let rule = match (exempt, finding.way.direction, removed.is_empty()) {
        (_, Direction::Unknown, _) => Rule::SafetyRuleChanged,
        (Exemption::No, Direction::Looser, false) => Rule::SafetyRuleRemoved,
        (Exemption::No, Direction::Tighter, true) => Rule::SafetyRuleAdded,
        _ => Rule::SafetyRuleMoved,
    };
    moved(record(rule, format!("{path}{means}: {said}{first}{tail}")), finding.way)
        .showing(Detail::lines(shown, LISTED))
}
