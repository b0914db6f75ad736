//! The cases of two evaluation suites: gone, new, changed, and which of those that are gone had failed.
//!
//! `cases` reads them. Of a case only two hashes are kept; a second pass fetches the few that are shown. Whether a case that
//! changed asks for less, nobody can tell from its keys. Deliberately absent: results; which cases failed is told from outside.

mod cases;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128, SipHasher13};

use super::catalogue::{Direction, Rule, Severity};
use super::config;
use super::config::keys::compare;
use super::document::{Form, Node};
use super::files::FilePair;
use super::pair::Pair;
use super::plain;
use super::record::Record;
use crate::artifact::PinnedFile;
use crate::diagnostic::{Code, Diagnostics};
use crate::evidence::table::Shape;
use cases::SuiteCase;
use words::{called, worded};

/// Cases that a record names; the rest is counted.
const NAMED: usize = 10;
/// Changed cases of which the fields are looked at, and as many again of those that failed.
const LOOKED_AT: usize = 50;

/// The cases of one side.
#[derive(Default)]
struct Side {
    /// By the hash of what names a case.
    cases: HashMap<u128, Kept>,
    rows: usize,
}

/// What is kept of the cases of one name: sums, so that they count together.
#[derive(Default, PartialEq, Eq)]
struct Kept {
    said: u128,
    rows: u32,
}

impl Side {
    fn take(&mut self, case: &SuiteCase) {
        let kept = self.cases.entry(name(case)).or_default();
        kept.said = kept.said.wrapping_add(said(&case.node));
        kept.rows = kept.rows.saturating_add(1);
        self.rows += 1;
    }

    fn merge(&mut self, other: Self) {
        for (hash, own) in other.cases {
            let kept = self.cases.entry(hash).or_default();
            kept.said = kept.said.wrapping_add(own.said);
            kept.rows = kept.rows.saturating_add(own.rows);
        }
        self.rows += other.rows;
    }
}

/// A file of rows on one side.
type Rows<'a> = Option<(&'a PinnedFile, Shape)>;

/// The files that hold cases, as they are read.
#[derive(Default)]
struct Pool<'a> {
    /// Files of rows, before and after.
    streamed: Vec<[Rows<'a>; 2]>,
    /// The cases of documents, before and after.
    documents: [Vec<SuiteCase>; 2],
    /// What was read of all of them.
    sides: [Side; 2],
    /// What is known of files that are not read case by case.
    records: Vec<Record>,
    not_text: Vec<String>,
}

/// Which cases differ, by hash.
struct Differences {
    removed: HashSet<u128>,
    added: HashSet<u128>,
    changed: HashSet<u128>,
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
    let changed = pair.files();
    let mut pool = Pool::default();
    pool.records.extend(changed.iter().filter_map(|file| unread(pair, file)));
    for file in changed.iter().filter(|file| file.renamed_from.is_none()) {
        pool.file(pair, file)?;
    }
    let mut records = std::mem::take(&mut pool.records);
    records.extend(plain::not_text(pair, &pool.not_text));
    for (side, cases) in pool.sides.iter_mut().zip(&pool.documents) {
        for case in cases {
            side.take(case);
        }
    }
    let found = differences(pair, &pool.sides);
    let shown = pool.shown(pair, &found)?;
    let [before, after] = &pool.sides;
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

impl<'a> Pool<'a> {
    /// Takes in a file: by its rows, as a document, or as text where it holds no cases that can be read.
    fn file(&mut self, pair: &Pair<'a>, file: &FilePair<'a>) -> Result<(), Diagnostics> {
        let mut rows: [Rows<'a>; 2] = [None, None];
        for ((rows, side), own) in
            rows.iter_mut().zip([pair.before, pair.after]).zip([file.before, file.after])
        {
            if let Some(own) = own {
                *rows = cases::shape(side, own)?.map(|shape| (own, shape));
            }
        }
        let all =
            rows.iter().zip([file.before, file.after]).all(|(rows, own)| rows.is_some() == own.is_some());
        if !all {
            return self.document(pair, file);
        }
        match sides(pair, &rows) {
            Ok(sides) => {
                for (all, own) in self.sides.iter_mut().zip(sides) {
                    all.merge(own);
                }
                self.streamed.push(rows);
                Ok(())
            }
            Err(found)
                if found.iter().any(|one| matches!(one.code, Code::SuiteCutOff | Code::Unreadable)) =>
            {
                Err(found)
            }
            Err(found) => {
                let why = found.iter().next().map_or_else(String::new, |first| match first.line() {
                    Some(line) => format!("{} at line {line}", first.title),
                    None => first.title.clone(),
                });
                self.as_text(pair, file, Some(&why))
            }
        }
    }

    /// Takes in a file that is read as a whole.
    fn document(&mut self, pair: &Pair<'_>, file: &FilePair<'_>) -> Result<(), Diagnostics> {
        let path =
            |side: Option<&PinnedFile>| side.map_or_else(|| file.name.clone(), |side| side.path.clone());
        let (old, new) = (path(file.before), path(file.after));
        let Some(texts) = plain::texts(pair, file)? else {
            self.not_text.push(plain::described(file));
            return Ok(());
        };
        if ![&old, &new].iter().any(|path| matches!(Form::of(path, ""), Form::Json | Form::Yaml)) {
            return self.as_text(pair, file, None);
        }
        match (cases::document(&old, &texts.0.body), cases::document(&new, &texts.1.body)) {
            (Ok((old, old_rest)), Ok((new, new_rest))) => {
                let [before, after] = &mut self.documents;
                before.extend(old);
                after.extend(new);
                self.records.extend(config::worded(pair, "", &compare(&old_rest, &new_rest)));
                Ok(())
            }
            (old, new) => {
                let lost = old.is_ok();
                let why = old.err().or(new.err()).unwrap_or_default();
                let told = plain::record(pair, &file.name, &texts, &format!("not read case by case: {why}"));
                // What could be read case by case and no longer can be may have lost any of them.
                self.records
                    .extend(told.map(|told| if lost { told.weighs(Severity::Blocking) } else { told }));
                Ok(())
            }
        }
    }

    /// Takes in a file that is compared as text; `why` says what keeps its cases from being read, and then it may have lost
    /// any of them.
    fn as_text(
        &mut self,
        pair: &Pair<'_>,
        file: &FilePair<'_>,
        why: Option<&str>,
    ) -> Result<(), Diagnostics> {
        let Some(texts) = plain::texts(pair, file)? else {
            self.not_text.push(plain::described(file));
            return Ok(());
        };
        let told = match why {
            Some(why) => plain::record(pair, &file.name, &texts, &format!("not read case by case: {why}"))
                .map(|record| record.weighs(Severity::Blocking)),
            None => plain::record(pair, &file.name, &texts, ""),
        };
        self.records.extend(told);
        Ok(())
    }

    /// Every case of one side (0 before, 1 after), in the order of the files.
    fn each(&self, pair: &Pair<'_>, at: usize, take: &mut dyn FnMut(&SuiteCase)) -> Result<(), Diagnostics> {
        let side = if at == 0 { pair.before } else { pair.after };
        for (file, shape) in self.streamed.iter().filter_map(|rows| *rows.get(at)?) {
            cases::stream(side, file, shape, &mut |case| take(&case))?;
        }
        self.documents.get(at).into_iter().flatten().for_each(take);
        Ok(())
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
            let order = if found.failing_changed.contains_key(&hash) { &mut first } else { &mut rest };
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

/// What the rows of one file hold on both sides.
fn sides(pair: &Pair<'_>, rows: &[Rows<'_>; 2]) -> Result<[Side; 2], Diagnostics> {
    let mut sides = [Side::default(), Side::default()];
    let mut refused = Diagnostics::new();
    for ((found, side), rows) in sides.iter_mut().zip([pair.before, pair.after]).zip(rows) {
        if let Some((file, shape)) = *rows {
            let read = cases::stream(side, file, shape, &mut |case| found.take(&case));
            if let Err(found) = read {
                refused.extend(found);
            }
        }
    }
    if refused.is_empty() { Ok(sides) } else { Err(refused) }
}

fn differences(pair: &Pair<'_>, [before, after]: &[Side; 2]) -> Differences {
    let only = |here: &Side, there: &Side| {
        here.cases.keys().filter(|hash| !there.cases.contains_key(*hash)).copied().collect::<HashSet<u128>>()
    };
    let (mut changed, mut fewer) = (HashSet::new(), 0);
    for (hash, was) in &before.cases {
        let Some(is) = after.cases.get(hash).filter(|is| *is != was) else { continue };
        changed.insert(*hash);
        fewer += was.rows.saturating_sub(is.rows) as usize;
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
    let most = twice.into_iter().max().unwrap_or_default();
    let note =
        if most > 0 { format!(" (case ids that stand more than once: {most})") } else { String::new() };
    Differences {
        added: only(after, before),
        changed,
        removed,
        failing,
        failing_changed,
        fewer,
        note,
        twice: most > 0,
    }
}

/// A file that is still there under a name by which nobody may read it.
fn unread(pair: &Pair<'_>, file: &FilePair<'_>) -> Option<Record> {
    let from = file.renamed_from.as_deref()?;
    let form = |path: &str| (Form::of(path, ""), path.rsplit_once('.').map(|(_, ending)| ending.to_owned()));
    let lost = form(from) != form(&file.name);
    let text = format!("{from} is now called {}, and its cases may no longer be read", file.name);
    lost.then(|| pair.record(Rule::ArtifactText, &text).weighs(Severity::Blocking))
}

/// The hash of what names a case: its id, else all that it says.
fn name(case: &SuiteCase) -> u128 {
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
