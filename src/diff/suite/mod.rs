//! The cases of two evaluation suites: gone, new, changed, and which of those that are gone had failed.
//!
//! `cases` reads them. Of a case only two hashes are kept; a second pass fetches the few that are shown. Deliberately
//! absent: results; which cases failed is told from outside.

mod cases;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128, SipHasher13};

use super::artifacts::Pair;
use super::config::keys::compare;
use super::config::{self, masked};
use super::document::Node;
use super::files::{self, FilePair};
use super::mask::mask;
use super::text::{plural, shorten};
use super::{Detail, Direction, Record, Release, Rule, Severity, plain, prompt};
use crate::artifact::{PinnedArtifact, PinnedFile};
use crate::diagnostic::Diagnostics;
use cases::{Case, Form};

/// Cases that a record names; the rest is counted.
const NAMED: usize = 10;
/// Changed cases of which the fields are looked at.
const LOOKED_AT: usize = 50;

/// The cases of one side.
#[derive(Default)]
struct Side {
    /// What each says, by the hash of what names it: sums, so that cases of one name count together.
    cases: HashMap<u128, (u128, u32)>,
    rows: usize,
    broken: usize,
}

/// The files that hold cases, as they are read.
struct Pool<'a> {
    streamed: Vec<(&'a FilePair<'a>, Form)>,
    /// The cases of documents, before and after.
    documents: [Vec<Case>; 2],
}

/// Which cases differ, by hash.
struct Differences {
    removed: HashSet<u128>,
    added: HashSet<u128>,
    changed: HashSet<u128>,
    failing: Vec<String>,
    note: String,
    twice: bool,
}

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let changed = files::changed(pair);
    let mut records = Vec::new();
    let mut pool = Pool { streamed: Vec::new(), documents: [Vec::new(), Vec::new()] };
    let mut not_text = Vec::new();
    for file in changed.iter().filter(|file| file.renamed_from.is_none()) {
        match Form::of(&file.name) {
            form @ (Form::JsonLines | Form::Table(_)) => pool.streamed.push((file, form)),
            form => match plain::texts(pair, file)? {
                None => not_text.push(prompt::described(file)),
                Some(texts) if form == Form::Document => {
                    let read = |text: &str| cases::document(&file.name, text);
                    match (read(&texts.0.body), read(&texts.1.body)) {
                        (Ok((old, old_rest)), Ok((new, new_rest))) => {
                            let [before, after] = &mut pool.documents;
                            before.extend(old);
                            after.extend(new);
                            records.extend(config::worded(pair, "", &compare(&old_rest, &new_rest)));
                        }
                        (Err(why), _) | (_, Err(why)) => {
                            let why = format!("not read case by case: {why}");
                            records.extend(plain::record(pair, &file.name, &texts, &why));
                        }
                    }
                }
                Some(texts) => records.extend(plain::record(pair, &file.name, &texts, "")),
            },
        }
    }
    records.extend(prompt::not_text(pair, &not_text));
    let before = pool.side(pair, 0)?;
    let after = pool.side(pair, 1)?;
    let found = differences(pair, &before, &after);
    let shown = pool.shown(pair, &found)?;
    records.extend(worded(pair, (before.rows, after.rows), &found, &shown));
    if records.is_empty() && !changed.iter().all(|file| file.renamed_from.is_some()) {
        records.push(
            pair.record(
                Rule::ArtifactText,
                "the same cases, only their order or the way they are written differs",
            )
            .weighs(Severity::Info)
            .goes(Direction::Neutral),
        );
    }
    Ok(records)
}

impl Pool<'_> {
    /// Every case of one side (0 before, 1 after), in the order of the files.
    fn each(&self, pair: &Pair<'_>, at: usize, take: &mut dyn FnMut(&Case)) -> Result<(), Diagnostics> {
        let side: (&Release<'_>, &PinnedArtifact) = if at == 0 { pair.before } else { pair.after };
        for (file, form) in &self.streamed {
            let own: Option<&PinnedFile> = if at == 0 { file.before } else { file.after };
            if let Some(own) = own {
                cases::stream(side, own, *form, &mut |case| take(&case))?;
            }
        }
        for case in self.documents.get(at).into_iter().flatten() {
            take(case);
        }
        Ok(())
    }

    fn side(&self, pair: &Pair<'_>, at: usize) -> Result<Side, Diagnostics> {
        let mut side = Side::default();
        self.each(pair, at, &mut |case| {
            let (content, count) = side.cases.entry(name(case)).or_default();
            *content = content.wrapping_add(said(&case.node));
            *count = count.saturating_add(1);
            side.rows += 1;
            side.broken += usize::from(case.broken);
        })?;
        Ok(side)
    }

    /// The cases that are shown: the first of each sort, in the order of the files.
    fn shown(&self, pair: &Pair<'_>, found: &Differences) -> Result<Shown, Diagnostics> {
        let mut shown = Shown::default();
        if found.removed.is_empty() && found.added.is_empty() && found.changed.is_empty() {
            return Ok(shown);
        }
        self.each(pair, 1, &mut |case| {
            let hash = name(case);
            if found.added.contains(&hash) && shown.added.len() < NAMED {
                shown.added.push(called(case));
            }
            let room = shown.order.len() < LOOKED_AT && found.changed.contains(&hash);
            if room && !shown.after.contains_key(&hash) {
                shown.after.insert(hash, (called(case), case.node.clone()));
                shown.order.push(hash);
            }
        })?;
        self.each(pair, 0, &mut |case| {
            let hash = name(case);
            if found.removed.contains(&hash) && shown.removed.len() < NAMED {
                shown.removed.push(called(case));
            }
            if shown.after.contains_key(&hash) {
                shown.before.entry(hash).or_insert_with(|| case.node.clone());
            }
        })?;
        Ok(shown)
    }
}

/// Cases by name that records show.
#[derive(Default)]
struct Shown {
    removed: Vec<String>,
    added: Vec<String>,
    order: Vec<u128>,
    before: BTreeMap<u128, Node>,
    after: BTreeMap<u128, (String, Node)>,
}

fn differences(pair: &Pair<'_>, before: &Side, after: &Side) -> Differences {
    let only = |here: &Side, there: &Side| {
        here.cases.keys().filter(|hash| !there.cases.contains_key(*hash)).copied().collect::<HashSet<u128>>()
    };
    let changed =
        before.cases.iter().filter(|(hash, said)| after.cases.get(*hash).is_some_and(|now| now != *said));
    let removed = only(before, after);
    let failed = pair.before.0.failed.iter();
    let failing = failed.filter(|id| removed.contains(&named(id))).cloned().collect();
    let twice = [before, after].map(|side| side.cases.values().filter(|(_, count)| *count > 1).count());
    let broken = before.broken.max(after.broken);
    let mut notes = Vec::new();
    if twice != [0, 0] {
        notes.push(format!(
            "case ids that stand more than once: {}",
            twice.into_iter().max().unwrap_or_default()
        ));
    }
    if broken > 0 {
        notes.push(format!("rows that cannot be read and count by their bytes: {broken}"));
    }
    let note = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    Differences {
        added: only(after, before),
        changed: changed.map(|(hash, _)| *hash).collect(),
        removed,
        failing,
        note,
        twice: twice != [0, 0],
    }
}

fn worded(pair: &Pair<'_>, rows: (usize, usize), found: &Differences, shown: &Shown) -> Vec<Record> {
    let record = |rule, text: String| {
        let record = pair.record(rule, &format!("{text}{}", found.note));
        record.from_to(Some(cases_word(rows.0)), Some(cases_word(rows.1)))
    };
    let unsure = |record: Record| if found.twice { record.goes(Direction::Unknown) } else { record };
    let mut records = Vec::new();
    if !found.failing.is_empty() {
        let names: Vec<String> = found.failing.iter().map(|id| shorten(&mask(None, id), 80)).collect();
        let text = format!(
            "{} that failed before {} gone, {}",
            cases_word(names.len()),
            is(names.len()),
            such_as(&names, names.len())
        );
        records.push(record(Rule::SuiteFailingCaseRemoved, text).showing(Detail::lines(names, NAMED)));
    }
    if !found.removed.is_empty() {
        let count = found.removed.len();
        let text = format!("{} {} gone, {}", cases_word(count), is(count), such_as(&shown.removed, count));
        records.push(unsure(record(Rule::SuiteCaseRemoved, text)).showing(listed(&shown.removed, count)));
    }
    if !found.added.is_empty() {
        let count = found.added.len();
        let text = format!("{} {} new, {}", cases_word(count), is(count), such_as(&shown.added, count));
        records.push(unsure(record(Rule::SuiteCaseAdded, text)).showing(listed(&shown.added, count)));
    }
    if !found.changed.is_empty() {
        let (names, fields, lines) = changed(shown);
        let count = found.changed.len();
        let looked =
            if count > shown.after.len() { format!(" (of the first {LOOKED_AT})") } else { String::new() };
        let fields: Vec<&str> = fields.iter().take(NAMED).map(String::as_str).collect();
        let what = if fields.is_empty() {
            "how often they stand there".to_owned()
        } else {
            format!("{}{looked}", fields.join(", "))
        };
        let text = format!("{} changed in {what}, {}", cases_word(count), such_as(&names, count));
        let mut details = Detail::lines(lines.into_iter().take(NAMED), NAMED);
        details.extend(more(count, NAMED));
        records.push(record(Rule::SuiteCaseChanged, text).showing(details));
    }
    records
}

/// The names of the changed cases that were looked at, the fields that differ, and a line for each case.
fn changed(shown: &Shown) -> (Vec<String>, BTreeSet<String>, Vec<String>) {
    let (mut names, mut fields, mut lines) = (Vec::new(), BTreeSet::new(), Vec::new());
    for hash in &shown.order {
        let Some((name, after)) = shown.after.get(hash) else { continue };
        names.push(name.clone());
        let Some(before) = shown.before.get(hash) else { continue };
        let said: Vec<String> = compare(before, after)
            .iter()
            .map(|change| {
                fields.insert(change.keys.first().map_or_else(|| change.path(), |key| shorten(key, 80)));
                let hides = change.keys.iter().any(|key| super::mask::secret_key(key));
                let key = change.keys.last().map_or("", String::as_str);
                let value = |node: Option<&Node>| {
                    node.map_or_else(|| "nothing".to_owned(), |node| masked(key, node, hides))
                };
                format!("{} {} -> {}", change.path(), value(change.before), value(change.after))
            })
            .take(NAMED)
            .collect();
        lines.push(format!("{name}: {}", said.join("; ")));
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

fn is(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// `such as a, b, c`, or the names alone where they are all.
fn such_as(names: &[String], count: usize) -> String {
    let first: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
    let such = if count > first.len() { "such as " } else { "" };
    format!("{such}{}", first.join(", "))
}

/// What a case is called in outputs: its name, else how it begins.
fn called(case: &Case) -> String {
    match &case.id {
        Some(id) => shorten(&mask(None, id), 80),
        None => format!("(without an id) {}", shorten(&masked("", &case.node, false), 60)),
    }
}

/// The hash of what names a case: its id, else all that it says.
fn name(case: &Case) -> u128 {
    case.id.as_deref().map_or_else(|| said(&case.node), named)
}

fn named(id: &str) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write_u8(0);
    hasher.write(id.as_bytes());
    hasher.finish128().as_u128()
}

fn said(node: &Node) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write_u8(1);
    feed(node, &mut hasher);
    hasher.finish128().as_u128()
}

/// Lengths go before texts, so that no two values read the same.
fn feed(node: &Node, hasher: &mut SipHasher13) {
    let mut text = |tag: u8, text: &str| {
        hasher.write_u8(tag);
        hasher.write_u64(text.len() as u64);
        hasher.write(text.as_bytes());
    };
    match node {
        Node::Null => hasher.write_u8(0),
        Node::Bool(on) => hasher.write_u8(1 + u8::from(*on)),
        Node::Number(number) => text(3, number),
        Node::Text(words) => text(4, words),
        Node::List(items) => {
            hasher.write_u8(5);
            hasher.write_u64(items.len() as u64);
            for item in items {
                feed(item, hasher);
            }
        }
        Node::Map(map) => {
            hasher.write_u8(6);
            hasher.write_u64(map.len() as u64);
            for (key, value) in map {
                hasher.write_u64(key.len() as u64);
                hasher.write(key.as_bytes());
                feed(value, hasher);
            }
        }
    }
}
