//! Which rows of a table a gate looks at, and which slice each of them belongs to.

use std::collections::{BTreeMap, HashMap};

use super::bound::Bound;
use super::label::{Label, Labels};
use super::pairs;
use super::side::Side;
use super::table::Table;

/// The rows of a table that a gate looks at, in ascending order.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// All of them.
    pub whole: Vec<u32>,
    /// Those of each slice; empty where the gate has no `by:`.
    pub slices: BTreeMap<Vec<Label>, Vec<u32>>,
}

/// All rows of a gate, in ascending order.
#[must_use]
pub fn select_whole(bound: &Bound, table: &Table) -> Vec<u32> {
    let mut rows = table.all_rows();
    if let Some(mask) = table.plan().mask(&bound.conditions) {
        rows.retain(|row| table.in_mask(Some(mask), *row as usize));
    }
    rows
}

/// Selects the rows of a gate.
#[must_use]
pub fn select(bound: &Bound, table: &Table) -> Selection {
    let whole = select_whole(bound, table);
    Selection { slices: slices(bound, table, &whole), whole }
}

/// What is `selected` of a paired baseline, in the slices of the candidate: an id belongs to the slice that the candidate puts it
/// into, else to its own; slices of its own that lose every id that way stay, without rows. `like` is what is selected of the
/// candidate.
#[must_use]
pub fn select_like(
    bound: &Bound,
    (table, selected): (&Table, Selection),
    (candidate, like): (&Table, &Selection),
) -> Selection {
    if bound.by.is_empty() {
        return selected;
    }
    let Selection { whole, slices: own } = selected;
    // A slice that the candidate has no more is empty, and says so; a baseline may lack the field altogether.
    let named = |key: &Vec<Label>| !key.contains(&Label::None);
    let mut slices = if are_alike((table, &whole), (candidate, &like.whole)) {
        like.slices.clone()
    } else {
        slices_like(bound, (table, &whole), candidate)
    };
    for key in own.into_keys().filter(named) {
        slices.entry(key).or_default();
    }
    Selection { whole, slices }
}

/// Whether the same rows have the same ids on both sides, each once.
fn are_alike((table, rows): (&Table, &[u32]), (candidate, like): (&Table, &[u32])) -> bool {
    rows == like && pairs::are_side_by_side(Side { table: candidate, rows: like }, Side { table, rows })
}

/// The rows of a paired baseline by the slice that the candidate puts their ids into, else by their own.
fn slices_like(
    bound: &Bound,
    (table, rows): (&Table, &[u32]),
    candidate: &Table,
) -> BTreeMap<Vec<Label>, Vec<u32>> {
    let candidates = candidate.all_rows();
    let mut rest = candidates.as_slice();
    // Both stand in the order of their ids. Of several epochs the last says it.
    let mut place = |row: &u32| {
        let id = table.id(*row as usize);
        while let Some((first, later)) = rest.split_first() {
            if candidate.id(*first as usize) >= id {
                break;
            }
            rest = later;
        }
        let epochs = rest.iter().take_while(|other| candidate.id(**other as usize) == id);
        epochs.last().copied()
    };
    let mut of_candidate = Slicer::new(bound, candidate);
    let mut of_its_own = Slicer::new(bound, table);
    for row in rows {
        match place(row) {
            Some(other) => of_candidate.put(other, *row),
            None => of_its_own.put(*row, *row),
        }
    }
    let mut slices = of_candidate.finish();
    for (key, rows) in of_its_own.finish() {
        let slice = slices.entry(key).or_default();
        slice.extend(rows);
        slice.sort_unstable();
    }
    slices
}

/// Adds the slices that only the earlier run has, without rows: nothing shows that they are as good as the rest.
///
/// A run that was read without the fields of the slices adds none.
pub fn add_slices_of(bound: &Bound, earlier: &Table, selection: &mut Selection) {
    let named = |key: &Vec<Label>| !key.contains(&Label::None);
    for key in select(bound, earlier).slices.into_keys().filter(named) {
        selection.slices.entry(key).or_default();
    }
}

/// The rows of each slice; none where a gate has no `by:`.
fn slices(bound: &Bound, table: &Table, rows: &[u32]) -> BTreeMap<Vec<Label>, Vec<u32>> {
    if bound.by.is_empty() {
        return BTreeMap::new();
    }
    let mut slicer = Slicer::new(bound, table);
    for row in rows {
        slicer.put(*row, *row);
    }
    slicer.finish()
}

/// Sorts rows into the slices of a table by the numbers of their labels; the labels themselves are looked at once a slice.
struct Slicer<'a> {
    table: &'a Table,
    bound: &'a Bound,
    labels: Vec<Option<&'a Labels>>,
    /// Field after field.
    numbers: Vec<Numbers>,
    /// By the number of all labels together: a row of the slice, and its rows.
    slices: Vec<(u32, Vec<u32>)>,
}

/// Numbers for what came before a field together with its label, from 0 in the order in which they come.
struct Numbers {
    /// By label, where what came before has the number 0: of the first field always. A number that no row has is none yet.
    first: Vec<usize>,
    others: HashMap<(usize, usize), usize>,
    count: usize,
}

impl Numbers {
    fn for_field(labels: Option<&Labels>) -> Self {
        let first = vec![usize::MAX; labels.map_or(0, |labels| labels.names().len()) + 1];
        Self { first, others: HashMap::new(), count: 0 }
    }

    /// `label` is a row's label by its number in the table; none where the table has no such field.
    #[inline]
    fn of(&mut self, before: usize, label: Option<usize>) -> usize {
        let label = label.map_or(0, |label| label + 1);
        let place = match self.first.get_mut(label) {
            Some(place) if before == 0 => place,
            _ => self.others.entry((before, label)).or_insert(usize::MAX),
        };
        if *place == usize::MAX {
            *place = self.count;
            self.count += 1;
        }
        *place
    }
}

impl<'a> Slicer<'a> {
    fn new(bound: &'a Bound, table: &'a Table) -> Self {
        let labels: Vec<_> = bound.by.iter().map(|field| table.labels(field)).collect();
        let numbers = labels.iter().map(|labels| Numbers::for_field(*labels)).collect();
        Self { table, bound, labels, numbers, slices: Vec::new() }
    }

    /// Puts a row into the slice that the row `like` of the table belongs to.
    #[inline]
    fn put(&mut self, like: u32, row: u32) {
        let mut number = 0;
        for (labels, numbers) in self.labels.iter().zip(&mut self.numbers) {
            number = numbers.of(number, labels.and_then(|labels| labels.at(like as usize)));
        }
        match self.slices.get_mut(number) {
            Some((_, rows)) => rows.push(row),
            // Numbers come one after the other.
            None => self.slices.push((like, vec![row])),
        }
    }

    fn finish(self) -> BTreeMap<Vec<Label>, Vec<u32>> {
        let key = |like: u32| -> Vec<Label> {
            self.bound.by.iter().map(|field| self.table.label(field, like as usize).clone()).collect()
        };
        self.slices.into_iter().map(|(like, rows)| (key(like), rows)).collect()
    }
}
