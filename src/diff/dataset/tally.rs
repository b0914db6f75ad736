//! The rows of one dataset as numbers: 24 bytes a row, and what its fields are.

use super::canonical::{of_member, of_members, of_name, of_value};
use super::fields::{Field, Fields, MOST_FIELDS};
use super::set::{Index, Set};
use crate::diagnostic::Diagnostics;
use crate::evidence::table::{RowValue, Taker};

/// The names under which datasets have a key, in the order in which they are looked for.
pub(super) const KEYS: [&str; 6] = ["id", "key", "uuid", "case_id", "question_id", "sample_id"];

/// One row. Two rows with equal numbers count as equal: among a million, one chance in ten million for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    /// Of its key; of its content where rows have none.
    pub(super) key: u64,
    content: u64,
    more: u32,
    /// Which row it is.
    pub(super) at: u32,
}

impl Row {
    /// What all its fields say.
    pub(super) fn content(&self) -> (u64, u32) {
        (self.content, self.more)
    }
}

/// What is known of a dataset.
pub(super) struct Tally {
    pub(super) rows: Vec<Row>,
    pub(super) fields: Fields,
    pub(super) index: Index,
}

/// Both sides of a dataset, by one key.
pub(super) struct Tallies {
    /// The field that tells rows apart; none where no field of [`KEYS`] stands in every row.
    pub(super) key: Option<&'static str>,
    pub(super) before: Tally,
    pub(super) after: Tally,
}

/// Reads both sides.
pub(super) fn both(before: &Set<'_>, after: &Set<'_>) -> Result<Tallies, Diagnostics> {
    // Nearly always it is `id`, and which it is shows only at the end.
    let mut key = KEYS.first().copied();
    loop {
        let tallies = Tallies { key, before: tally(before, key)?, after: tally(after, key)? };
        let fitting = KEYS.into_iter().find(|key| {
            let fits = |tally: &Tally| tally.fields.rows == 0 || tally.fields.is_key(key);
            fits(&tallies.before) && fits(&tallies.after)
        });
        if fitting == key {
            return Ok(tallies);
        }
        key = fitting;
    }
}

fn tally(set: &Set<'_>, key: Option<&'static str>) -> Result<Tally, Diagnostics> {
    let mut rows = Vec::new();
    let mut fields = Fields::default();
    let index = set.pass(
        || ReadBlock { key, ..ReadBlock::default() },
        |part: ReadBlock, first| {
            let first = u32::try_from(first).unwrap_or(u32::MAX);
            rows.extend(part.rows.iter().map(|row| Row { at: first.saturating_add(row.at), ..*row }));
            fields.rows += part.rows.len() as u64;
            fields.more |= part.names.len() > MOST_FIELDS;
            for (name, field) in part.names.iter().zip(part.fields) {
                fields.merge(name, field);
            }
        },
    )?;
    Ok(Tally { rows, fields, index })
}

/// The rows of one block.
#[derive(Default)]
struct ReadBlock {
    key: Option<&'static str>,
    rows: Vec<Row>,
    names: Vec<String>,
    fields: Vec<Field>,
    /// The numbers of the names.
    numbers: Vec<u128>,
    members: Vec<u128>,
}

impl Taker for ReadBlock {
    fn row(&mut self, names: &[String], fields: &[(u32, RowValue<'_>)], _: u64) {
        for name in names.iter().skip(self.numbers.len()) {
            self.numbers.push(of_name(name));
            if self.fields.len() < MOST_FIELDS {
                self.fields.push(Field::default());
            }
            if self.names.len() <= MOST_FIELDS {
                self.names.push(name.clone());
            }
        }
        self.members.clear();
        let mut key = None;
        for (slot, value) in fields {
            let slot = *slot as usize;
            let number = of_value(value);
            if let Some(field) = self.fields.get_mut(slot) {
                field.note(value);
            }
            if self.key.is_some() && names.get(slot).map(String::as_str) == self.key {
                key = Some(number as u64);
            }
            self.members.push(of_member(self.numbers.get(slot).copied().unwrap_or_default(), number));
        }
        let content = of_members(&mut self.members);
        self.rows.push(Row {
            key: key.unwrap_or(content as u64),
            content: content as u64,
            more: (content >> 64) as u32,
            at: u32::try_from(self.rows.len()).unwrap_or(u32::MAX),
        });
    }
}
