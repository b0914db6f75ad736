//! Which fields the rows of a dataset have, of which types, and how often each of a few values.

use std::collections::BTreeMap;

use crate::evidence::table::RowValue;

/// More fields than this are counted but not looked at.
pub(super) const MOST_FIELDS: usize = 1000;
/// A field with more values than this is no label.
pub(super) const MOST_LABELS: usize = 50;
/// A value with more bytes than this is no label.
const LONGEST_LABEL: usize = 100;

/// The types of values, in the order in which messages list them.
pub(super) const KINDS: [&str; 7] = ["text", "bool", "int", "float", "list", "object", "null"];

/// The fields of many rows.
#[derive(Default)]
pub(super) struct Fields {
    /// By name.
    pub(super) known: BTreeMap<String, Field>,
    /// Rows that were looked at.
    pub(super) rows: u64,
    /// Whether there were more than [`MOST_FIELDS`].
    pub(super) more: bool,
}

/// One field.
#[derive(Clone)]
pub(super) struct Field {
    /// Rows by the type of the value, as in [`KINDS`].
    pub(super) kinds: [u64; 7],
    /// Rows by value; none where there are too many values.
    pub(super) labels: Option<Vec<Label>>,
}

/// A value and how many rows have it.
#[derive(Debug, Clone)]
pub(super) struct Label {
    kind: usize,
    /// As meant.
    pub(super) value: Box<str>,
    /// Rows.
    pub(super) rows: u64,
}

impl Default for Field {
    fn default() -> Self {
        Self { kinds: [0; 7], labels: Some(Vec::new()) }
    }
}

impl Fields {
    /// Adds a field of other rows.
    pub(super) fn merge(&mut self, name: &str, field: Field) {
        if let Some(known) = self.known.get_mut(name) {
            known.merge(field);
        } else if self.known.len() < MOST_FIELDS {
            self.known.insert(name.to_owned(), field);
        } else {
            self.more = true;
        }
    }

    /// Whether every row has this field, and its value can tell rows apart.
    pub(super) fn is_key(&self, name: &str) -> bool {
        self.known.get(name).is_some_and(|field| {
            let [text, _, int, ..] = field.kinds;
            text + int == self.rows
        })
    }
}

impl Field {
    /// Counts a value.
    pub(super) fn note(&mut self, value: &RowValue<'_>) {
        let (kind, label) = match value {
            RowValue::Text(text) => (0, Some(text.as_ref())),
            RowValue::Bool(true) => (1, Some("true")),
            RowValue::Bool(false) => (1, Some("false")),
            RowValue::Integer(text) => (2, Some(*text)),
            RowValue::Decimal(_) => (3, None),
            RowValue::List(_) => (4, None),
            RowValue::Object(_) => (5, None),
            RowValue::Null => (6, None),
        };
        if let Some(count) = self.kinds.get_mut(kind) {
            *count += 1;
        }
        if let Some(label) = label {
            self.label(kind, label, 1);
        }
    }

    fn label(&mut self, kind: usize, value: &str, rows: u64) {
        let Some(labels) = &mut self.labels else { return };
        let room = labels.len() < MOST_LABELS && value.len() <= LONGEST_LABEL;
        match labels.iter_mut().find(|label| label.kind == kind && *label.value == *value) {
            Some(label) => label.rows += rows,
            None if room => {
                labels.push(Label { kind, value: value.into(), rows });
            }
            None => self.labels = None,
        }
    }

    fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.kinds.iter_mut().zip(other.kinds) {
            *mine += theirs;
        }
        match other.labels {
            Some(labels) => labels.iter().for_each(|label| self.label(label.kind, &label.value, label.rows)),
            None => self.labels = None,
        }
    }

    /// Rows that have it.
    pub(super) fn rows(&self) -> u64 {
        self.kinds.iter().sum()
    }

    /// Rows in which its value could be a label.
    pub(super) fn labelled(&self) -> u64 {
        let [text, bool, int, ..] = self.kinds;
        text + bool + int
    }

    /// Rows with this label.
    pub(super) fn count(&self, like: &Label) -> u64 {
        let same = |label: &&Label| label.kind == like.kind && label.value == like.value;
        self.labels.iter().flatten().find(same).map_or(0, |label| label.rows)
    }
}

/// Every label of either, once.
pub(super) fn both<'a>(one: &'a Field, other: &'a Field) -> Vec<&'a Label> {
    let mut all: Vec<&Label> = one.labels.iter().chain(&other.labels).flatten().collect();
    all.sort_by(|a, b| (a.kind, &a.value).cmp(&(b.kind, &b.value)));
    all.dedup_by(|a, b| (a.kind, &a.value) == (b.kind, &b.value));
    all
}
