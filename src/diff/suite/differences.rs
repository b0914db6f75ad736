//! Which cases of two suites differ, and the few of them that are shown.

use std::collections::{BTreeMap, HashSet};

use super::cases::named;
use super::pool::{Pool, Side};
use crate::diagnostic::Diagnostics;
use crate::diff::document::Node;
use crate::diff::pair::Pair;

/// Cases that a record names; the rest is counted.
pub(super) const NAMED: usize = 10;
/// Changed cases of which the fields are looked at, and as many again of those that failed.
pub(super) const LOOKED_AT: usize = 50;

/// Which cases differ, by hash.
pub(super) struct Differences {
    pub(super) removed: HashSet<u128>,
    pub(super) added: HashSet<u128>,
    pub(super) changed: HashSet<u128>,
    /// Failed cases that are gone.
    pub(super) failing: Vec<String>,
    /// Failed cases that changed, or of which rows are gone.
    pub(super) failing_changed: BTreeMap<u128, String>,
    /// Rows that are gone of names that are still there.
    pub(super) fewer: usize,
    pub(super) note: String,
    pub(super) twice: bool,
}

/// Cases by name that records show.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) removed: Vec<String>,
    pub(super) added: Vec<String>,
    pub(super) order: Vec<u128>,
    pub(super) before: BTreeMap<u128, Node>,
    pub(super) after: BTreeMap<u128, (String, Node)>,
}

impl Differences {
    /// Those of two sides.
    pub(super) fn of(pair: &Pair<'_>, [before, after]: &[Side; 2]) -> Self {
        let only = |here: &Side, there: &Side| {
            here.cases
                .keys()
                .filter(|hash| !there.cases.contains_key(*hash))
                .copied()
                .collect::<HashSet<u128>>()
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
        Self {
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

    /// The cases that are shown: the first of each sort, in the order of the files.
    pub(super) fn shown(&self, pair: &Pair<'_>, pool: &Pool<'_>) -> Result<Shown, Diagnostics> {
        let mut shown = Shown::default();
        if self.removed.is_empty() && self.added.is_empty() && self.changed.is_empty() {
            return Ok(shown);
        }
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        pool.each(pair, 1, &mut |case| {
            let hash = case.name();
            if self.added.contains(&hash) && shown.added.len() < NAMED {
                shown.added.push(case.called());
            }
            let order = if self.failing_changed.contains_key(&hash) { &mut first } else { &mut rest };
            let room = order.len() < LOOKED_AT && self.changed.contains(&hash);
            if room && !shown.after.contains_key(&hash) {
                shown.after.insert(hash, (case.called(), case.node.clone()));
                order.push(hash);
            }
        })?;
        first.extend(rest);
        shown.order = first;
        pool.each(pair, 0, &mut |case| {
            let hash = case.name();
            if self.removed.contains(&hash) && shown.removed.len() < NAMED {
                shown.removed.push(case.called());
            }
            if shown.after.contains_key(&hash) {
                shown.before.entry(hash).or_insert_with(|| case.node.clone());
            }
        })?;
        Ok(shown)
    }
}
