//! Slice keys: the labels of a field, each kept once, and which row has which.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::column::reorder;
use crate::diagnostic::LONGEST_NAME;
use crate::evidence::Value;

/// More values than this are not slices but identifiers.
pub const MOST_LABELS: usize = 10_000;

/// A label's value. Labels that are written alike are equal: a slice may be a number on one side and text on the other.
#[derive(Debug, Clone)]
pub enum Label {
    /// The row has no such field, or null.
    None,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// Text.
    Text(String),
}

impl Label {
    /// The label as evidence writes it.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::None => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            // `1.10` is not `1.1`, which is all that a JSON number could say of it.
            Self::Number(text) => match text.parse::<f64>() {
                Ok(number) if number.to_string() == *text => number.into(),
                _ => text.as_str().into(),
            },
            Self::Text(text) => text.as_str().into(),
        }
    }

    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Absent | Value::Null | Value::Texts(_) => Self::None,
            Value::Bool(value) | Value::Truth(_, value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::Written(number) => Self::Number((*number).to_owned()),
            Value::Text(text) => Self::Text(text.to_string()),
        }
    }

    /// Whether it is the label of a value; only ever asked within one run, where a field keeps its type.
    fn is(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::None, Value::Absent | Value::Null) => true,
            (Self::Bool(own), Value::Bool(value) | Value::Truth(_, value)) => own == value,
            (Self::Text(own) | Self::Number(own), Value::Text(text)) => own == text,
            (Self::Text(own) | Self::Number(own), Value::Written(number)) => own == number,
            _ => false,
        }
    }

    /// As it is written; none where there is no label.
    fn written(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Bool(value) => Some(if *value { "true" } else { "false" }),
            Self::Number(text) | Self::Text(text) => Some(text),
        }
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.written() == other.written()
    }
}

impl Eq for Label {}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        self.written().cmp(&other.written())
    }
}

impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.written().hash(state);
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.written().unwrap_or("(none)"))
    }
}

/// These are no slices: there are more than [`MOST_LABELS`], or one is no name but a whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoLabels;

/// The labels of one field, row by row.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels {
    names: Vec<Label>,
    index: HashMap<Label, u32>,
    rows: Vec<u32>,
    /// Whether [`NoLabels`] was told; once is enough.
    told: bool,
}

impl Labels {
    /// Adds a row.
    pub(super) fn push(&mut self, value: &Value<'_>) -> Result<(), NoLabels> {
        // Few labels are the rule, and comparing them costs no allocation.
        let near = self.names.iter().take(16).position(|label| label.is(value));
        let code = match near {
            Some(code) => u32::try_from(code).unwrap_or(u32::MAX),
            None => self.code(Label::of(value))?,
        };
        self.rows.push(code);
        Ok(())
    }

    /// Appends the rows of a later block.
    pub(super) fn append(&mut self, later: Self) -> Result<(), NoLabels> {
        self.told |= later.told;
        let mut codes = Vec::with_capacity(later.names.len());
        for name in later.names {
            codes.push(self.code(name)?);
        }
        self.rows.extend(later.rows.iter().filter_map(|code| codes.get(*code as usize)));
        Ok(())
    }

    /// Puts the rows in another order.
    pub(super) fn reorder(&mut self, order: &[u32]) {
        reorder(&mut self.rows, order);
    }

    fn code(&mut self, label: Label) -> Result<u32, NoLabels> {
        if let Some(code) = self.index.get(&label) {
            return Ok(*code);
        }
        let long = label.written().is_some_and(|text| text.chars().nth(LONGEST_NAME).is_some());
        if long || self.names.len() >= MOST_LABELS {
            return if std::mem::replace(&mut self.told, true) { Ok(0) } else { Err(NoLabels) };
        }
        let code = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(label.clone());
        self.index.insert(label, code);
        Ok(code)
    }

    /// Which of the labels a row has, in the order in which they were first seen.
    pub(super) fn at(&self, row: usize) -> Option<usize> {
        Some(*self.rows.get(row)? as usize)
    }

    /// The different labels, in the order in which they were first seen.
    pub(super) fn names(&self) -> &[Label] {
        &self.names
    }

    /// The label of a row.
    pub(super) fn get(&self, row: usize) -> Option<&Label> {
        self.names.get(*self.rows.get(row)? as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_label_through_blocks() {
        let mut labels = Labels::default();
        let text = |text: &'static str| Value::Text(text.into());
        for value in [text("de"), text("en"), Value::Absent, text("de")] {
            labels.push(&value).unwrap();
        }
        let mut later = Labels::default();
        for value in [text("fr"), text("de"), Value::Null, Value::Number(1.0), text("1")] {
            later.push(&value).unwrap();
        }
        labels.append(later).unwrap();
        let read: Vec<String> = (0..9).filter_map(|row| labels.get(row)).map(ToString::to_string).collect();
        assert_eq!(read, ["de", "en", "(none)", "de", "fr", "de", "(none)", "1", "1"]);
        assert_eq!(labels.get(7), labels.get(8), "one slice, however it is spelled");
        assert_eq!(labels.get(9), None);
    }

    #[test]
    fn identifiers_are_refused() {
        let mut labels = Labels::default();
        let push = |labels: &mut Labels, i: usize| labels.push(&Value::Text(format!("user-{i}").into()));
        for i in 0..MOST_LABELS {
            push(&mut labels, i).unwrap();
        }
        assert_eq!(push(&mut labels, 3), Ok(()));
        assert_eq!(push(&mut labels, MOST_LABELS), Err(NoLabels));
        assert_eq!(push(&mut labels, MOST_LABELS + 1), Ok(()), "told once");
    }
}
