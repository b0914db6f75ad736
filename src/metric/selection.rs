//! Which rows of a table a gate looks at, and which slice each of them belongs to.

use std::collections::{BTreeMap, HashMap};

use super::bound::Bound;
use super::label::{Label, Labels};
use super::table::Table;

/// The rows of a table that a gate looks at, in ascending order.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// All of them.
    pub whole: Vec<u32>,
    /// Those of each slice; empty where the gate has no `by:`.
    pub slices: BTreeMap<Vec<Label>, Vec<u32>>,
}

/// Selects the rows of a gate.
#[must_use]
pub fn select(bound: &Bound, table: &Table) -> Selection {
    let mask = table.plan().mask(&bound.conditions);
    let whole: Vec<u32> =
        table.all_rows().into_iter().filter(|row| table.in_mask(mask, *row as usize)).collect();
    let slices = if bound.by.is_empty() { BTreeMap::new() } else { slices(bound, table, &whole) };
    Selection { whole, slices }
}

/// Selects the rows of a paired baseline: an id belongs to the slice that the candidate puts it into, else to its
/// own; slices of its own that lose every id that way stay, without rows.
#[must_use]
pub fn select_like(bound: &Bound, table: &Table, candidate: &Table) -> Selection {
    let mut selection = select(bound, table);
    if bound.by.is_empty() {
        return selection;
    }
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
    for row in &selection.whole {
        match place(row) {
            Some(other) => of_candidate.put(other, *row),
            None => of_its_own.put(*row, *row),
        }
    }
    // A slice that the candidate has no more is empty, and says so; a baseline may lack the field altogether.
    let named = |key: &Vec<Label>| !key.contains(&Label::None);
    let known: Vec<Vec<Label>> = selection.slices.into_keys().filter(named).collect();
    selection.slices = of_candidate.finish();
    for (key, rows) in of_its_own.finish() {
        let slice = selection.slices.entry(key).or_default();
        slice.extend(rows);
        slice.sort_unstable();
    }
    for key in known {
        selection.slices.entry(key).or_default();
    }
    selection
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

/// The rows of each slice.
fn slices(bound: &Bound, table: &Table, rows: &[u32]) -> BTreeMap<Vec<Label>, Vec<u32>> {
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
#[derive(Clone, Default)]
struct Numbers {
    /// By label, where what came before has the number 0: of the first field always.
    first: Vec<Option<usize>>,
    others: HashMap<(usize, usize), usize>,
    count: usize,
}

impl Numbers {
    /// `label` is a row's label by its number in the table; none where the table has no such field.
    fn of(&mut self, before: usize, label: Option<usize>) -> usize {
        let label = label.map_or(0, |label| label + 1);
        let next = self.count;
        let known = if before == 0 {
            if self.first.len() <= label {
                self.first.resize(label + 1, None);
            }
            self.first.get_mut(label).map_or(next, |known| *known.get_or_insert(next))
        } else {
            *self.others.entry((before, label)).or_insert(next)
        };
        self.count += usize::from(known == next);
        known
    }
}

impl<'a> Slicer<'a> {
    fn new(bound: &'a Bound, table: &'a Table) -> Self {
        let labels: Vec<_> = bound.by.iter().map(|field| table.labels(field)).collect();
        let numbers = vec![Numbers::default(); labels.len()];
        Self { table, bound, labels, numbers, slices: Vec::new() }
    }

    /// Puts a row into the slice that the row `like` of the table belongs to.
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
