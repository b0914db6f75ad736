//! The cases of two evaluation suites: gone, new, changed, and which of those that are gone had failed.
//!
//! `cases` reads them. Of a case only two hashes are kept; a second pass fetches the few that are shown. Deliberately
//! absent: results; which cases failed is told from outside.

mod cases;
mod ease;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128, SipHasher13};

use super::artifacts::Pair;
use super::config;
use super::config::keys::compare;
use super::document::Node;
use super::files::{self, FilePair};
use super::{Direction, Record, ReleaseSide, Rule, Severity, plain, prompt};
use crate::artifact::{PinnedArtifact, PinnedFile};
use crate::diagnostic::Diagnostics;
use cases::{Case, Form};
use words::{called, worded};

/// Cases that a record names; the rest is counted.
const NAMED: usize = 10;
/// Changed cases of which the fields are looked at, and as many again of those that failed or ask for less.
const LOOKED_AT: usize = 50;

/// The cases of one side.
#[derive(Default)]
struct Side {
    /// By the hash of what names a case.
    cases: HashMap<u128, Kept>,
    rows: usize,
    broken: usize,
}

/// What is kept of the cases of one name: sums, so that they count together.
#[derive(Default, PartialEq, Eq)]
struct Kept {
    said: u128,
    rows: u32,
    /// Rows that are run.
    run: u32,
    /// Expectations and criteria.
    expects: u32,
}

impl Kept {
    /// Whether as many rows surely ask for less than before.
    fn is_eased_from(&self, before: &Self) -> bool {
        self.rows >= before.rows && (self.run < before.run || self.expects < before.expects)
    }
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
    /// Changed cases that surely ask for less.
    eased: HashSet<u128>,
    /// Failed cases that are gone.
    failing: Vec<String>,
    /// Failed cases that changed, or of which rows are gone.
    failing_changed: BTreeMap<u128, String>,
    /// Rows that are gone of names that are still there.
    fewer: usize,
    note: String,
    twice: bool,
}

/// What changed.
pub(super) fn records(pair: &Pair<'_>) -> Result<Vec<Record>, Diagnostics> {
    let changed = files::changed(pair);
    let mut records = Vec::new();
    let mut pool = Pool { streamed: Vec::new(), documents: [Vec::new(), Vec::new()] };
    let mut not_text = Vec::new();
    records.extend(changed.iter().filter_map(|file| unread(pair, file)));
    for file in changed.iter().filter(|file| file.renamed_from.is_none()) {
        match Form::of(&file.name) {
            form @ (Form::JsonLines | Form::Table(_)) => pool.streamed.push((file, form)),
            form => {
                match plain::texts(pair, file)? {
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
                            (old, new) => {
                                // What could be read case by case and no longer can be may have lost any of them.
                                let lost = old.is_ok();
                                let why = old.err().or(new.err()).unwrap_or_default();
                                let why = format!("not read case by case: {why}");
                                let told = plain::record(pair, &file.name, &texts, &why);
                                records.extend(told.map(|record| {
                                    if lost { record.weighs(Severity::Blocking) } else { record }
                                }));
                            }
                        }
                    }
                    Some(texts) => records.extend(plain::record(pair, &file.name, &texts, "")),
                }
            }
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
        let side: (&ReleaseSide<'_>, &PinnedArtifact) = if at == 0 { pair.before } else { pair.after };
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
            let asked = ease::asked(&case.node);
            let kept = side.cases.entry(name(case)).or_default();
            kept.said = kept.said.wrapping_add(said(&case.node));
            kept.rows = kept.rows.saturating_add(1);
            kept.run = kept.run.saturating_add(u32::from(asked.runs));
            kept.expects = kept.expects.saturating_add(asked.expects);
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
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        self.each(pair, 1, &mut |case| {
            let hash = name(case);
            if found.added.contains(&hash) && shown.added.len() < NAMED {
                shown.added.push(called(case));
            }
            let matters = found.eased.contains(&hash) || found.failing_changed.contains_key(&hash);
            let order = if matters { &mut first } else { &mut rest };
            let room = order.len() < LOOKED_AT && found.changed.contains(&hash);
            if room && !shown.after.contains_key(&hash) {
                shown.after.insert(hash, (called(case), case.node.clone()));
                order.push(hash);
            }
        })?;
        first.extend(rest);
        shown.order = first;
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
    let (mut changed, mut eased, mut fewer) = (HashSet::new(), HashSet::new(), 0);
    for (hash, was) in &before.cases {
        let Some(is) = after.cases.get(hash).filter(|is| *is != was) else { continue };
        changed.insert(*hash);
        fewer += was.rows.saturating_sub(is.rows) as usize;
        if is.is_eased_from(was) {
            eased.insert(*hash);
        }
    }
    let removed = only(before, after);
    let (mut failing, mut failing_changed) = (Vec::new(), BTreeMap::new());
    for id in pair.before.0.failed {
        let hash = named(id);
        if removed.contains(&hash) {
            failing.push(id.clone());
        } else if changed.contains(&hash) {
            failing_changed.insert(hash, id.clone());
        }
    }
    let twice = [before, after].map(|side| side.cases.values().filter(|kept| kept.rows > 1).count());
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
        changed,
        eased,
        removed,
        failing,
        failing_changed,
        fewer,
        note,
        twice: twice != [0, 0],
    }
}

/// A file that is still there under a name by which nobody may read it.
fn unread(pair: &Pair<'_>, file: &FilePair<'_>) -> Option<Record> {
    let from = file.renamed_from.as_deref()?;
    let lost = Form::of(from) != Form::of(&file.name);
    let text = format!("{from} is now called {}, and its cases may no longer be read", file.name);
    lost.then(|| pair.record(Rule::ArtifactText, &text).weighs(Severity::Blocking))
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
