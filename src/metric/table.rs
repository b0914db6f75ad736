//! The sink of per-sample evidence: a key and the gated numbers of each selected row, nothing else.
//!
//! Eight bytes of key a row and one or eight of each score; text, labels and ids are looked at and let go.
//! Rows are read out in the order of their keys, so that results do not depend on the order of the file.

use std::collections::BTreeSet;
use std::hash::Hasher;
use std::sync::Arc;

use rayon::slice::ParallelSliceMut as _;
use siphasher::sip::SipHasher13;

use super::column::Column;
use super::plan::{Check, Plan, Score, Test};
use crate::diagnostic::{Diagnostic, printable};
use crate::evidence::{Id, Sample, Sink, Value};
use crate::manifest::Literal;

/// The gated numbers of one evidence entry.
#[derive(Debug, Clone)]
pub struct Table {
    plan: Arc<Plan>,
    file: String,
    /// Rows read.
    pub rows: u64,
    /// Selected rows that carry an error.
    pub errored: u64,
    /// Whether a selected row carries an epoch.
    pub has_epochs: bool,
    keys: Vec<u64>,
    order: Vec<u32>,
    columns: Vec<Column>,
    masks: Vec<Vec<bool>>,
    kinds: Vec<Option<(Kind, u64)>>,
}

/// What a field's values are; a field that changes it cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Number,
    Text,
}

impl Kind {
    fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Absent | Value::Null => None,
            Value::Bool(_) => Some(Self::Bool),
            Value::Number(_) => Some(Self::Number),
            Value::Text(_) => Some(Self::Text),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Bool => "true/false",
            Self::Number => "a number",
            Self::Text => "text",
        }
    }
}

impl Table {
    /// An empty table for a plan.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            columns: vec![Column::default(); plan.scores.len()],
            masks: vec![Vec::new(); plan.masks.len()],
            kinds: vec![None; plan.projection.fields.len()],
            plan,
            file: String::new(),
            rows: 0,
            errored: 0,
            has_epochs: false,
            keys: Vec::new(),
            order: Vec::new(),
        }
    }

    /// Names the file whose rows come next.
    pub fn begin(&mut self, file: &str) {
        file.clone_into(&mut self.file);
        // Lines start anew, so a field's first line would point into the wrong file.
        for (_, line) in self.kinds.iter_mut().flatten() {
            *line = 0;
        }
    }

    /// The plan it was filled by.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Rows that the evidence's `where:` keeps.
    #[must_use]
    pub fn selected(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Selected rows in which every kept score is there.
    #[must_use]
    pub fn scored(&self) -> u64 {
        let complete = |row: &usize| self.columns.iter().all(|column| column.get(*row).is_some());
        (0..self.keys.len()).filter(complete).count() as u64
    }

    /// Puts the rows in the order of their keys, and tells which keys stand more than once.
    pub(super) fn seal(&mut self) -> BTreeSet<u64> {
        let mut pairs: Vec<(u64, u32)> = self.keys.iter().copied().zip(0..).collect();
        pairs.par_sort_unstable();
        let repeated =
            pairs.array_windows().filter(|[(a, _), (b, _)]| a == b).map(|[(key, _), _]| *key).collect();
        self.order = pairs.into_iter().map(|(_, row)| row).collect();
        repeated
    }

    /// Row numbers in the order of their keys.
    #[must_use]
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// The numbers of a score.
    #[must_use]
    pub fn column(&self, field: &str) -> Option<&Column> {
        let at = self.plan.scores.iter().position(|score| score.field == field)?;
        self.columns.get(at)
    }

    /// Whether a row counts for the metrics with this mask.
    #[must_use]
    pub fn in_mask(&self, mask: Option<usize>, row: usize) -> bool {
        match mask.and_then(|mask| self.masks.get(mask)) {
            Some(mask) => mask.get(row).copied().unwrap_or(false),
            None => true,
        }
    }

    fn check_kinds(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        for ((value, known), field) in
            sample.values.iter().zip(&mut self.kinds).zip(&self.plan.projection.fields)
        {
            match (Kind::of(value), &known) {
                (Some(kind), None) => *known = Some((kind, sample.line)),
                (Some(kind), Some((before, _))) if kind != *before => {
                    return Err(type_changed(&field.name, *before, kind));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Sink for Table {
    fn fork(&self) -> Self {
        Self { file: self.file.clone(), ..Self::new(Arc::clone(&self.plan)) }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        self.rows += 1;
        if !selects(&self.plan, &self.plan.selection, sample) {
            return Ok(());
        }
        self.check_kinds(sample)?;
        let plan = Arc::clone(&self.plan);
        for (score, column) in plan.scores.iter().zip(&mut self.columns) {
            let value = sample.values.get(score.at).unwrap_or(&Value::Absent);
            let number = number(score, value)?;
            column.push(number.filter(|_| !sample.errored));
        }
        for (tests, mask) in plan.masks.iter().zip(&mut self.masks) {
            mask.push(selects(&plan, tests, sample));
        }
        self.keys.push(key(&sample.id, sample.epoch));
        self.errored += u64::from(sample.errored);
        self.has_epochs |= sample.epoch.is_some();
        Ok(())
    }

    fn absorb(&mut self, later: Self, line_offset: u64) -> Result<(), Diagnostic> {
        for ((own, other), field) in self.kinds.iter_mut().zip(later.kinds).zip(&self.plan.projection.fields)
        {
            match (&own, other) {
                (None, Some((kind, line))) => *own = Some((kind, line + line_offset)),
                (Some((before, _)), Some((kind, line))) if *before != kind => {
                    return Err(
                        type_changed(&field.name, *before, kind).at_line(&self.file, line + line_offset)
                    );
                }
                _ => {}
            }
        }
        self.rows += later.rows;
        self.errored += later.errored;
        self.has_epochs |= later.has_epochs;
        self.keys.extend(later.keys);
        for (own, other) in self.columns.iter_mut().zip(later.columns) {
            own.append(other);
        }
        for (own, other) in self.masks.iter_mut().zip(later.masks) {
            own.extend(other);
        }
        Ok(())
    }
}

fn type_changed(field: &str, before: Kind, now: Kind) -> Diagnostic {
    Diagnostic::error(
        "field-changes-type",
        format!("`{}` is {} here and {} in earlier rows", printable(field), now.word(), before.word()),
    )
    .help("write the field the same way in every row; a missing score is `null`")
}

/// The number of a score: finite and within its bounds, or none where the row has no usable one.
fn number(score: &Score, value: &Value<'_>) -> Result<Option<f64>, Diagnostic> {
    let number = match value {
        Value::Absent | Value::Null => return Ok(None),
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Number(number) => *number,
        Value::Text(text) => {
            return Err(Diagnostic::error(
                "not-a-number",
                format!(
                    "`{}` is text ({:?}) where a number or true/false belongs",
                    printable(&score.field),
                    printable(text)
                ),
            ));
        }
    };
    if !number.is_finite() {
        return Err(Diagnostic::error(
            "not-finite",
            format!("`{}` is not a finite number", printable(&score.field)),
        )
        .help("a missing score is `null`"));
    }
    for check in &score.checks {
        check_number(&score.field, number, check)?;
    }
    Ok(Some(number))
}

#[allow(clippy::float_cmp, reason = "0 and 1 are exact")]
fn check_number(field: &str, number: f64, check: &Check) -> Result<(), Diagnostic> {
    let field = printable(field);
    if check.binary && number != 0.0 && number != 1.0 {
        return Err(Diagnostic::error(
            "not-binary",
            format!("`{field}` is {number}, and the rate `{}` is made of true/false or 0/1", check.metric),
        )
        .help(format!("for the mean of a score: `metrics: {{ {}: {{ as: mean }} }}`", check.metric)));
    }
    let scaled = number * check.scale;
    let below = check.lower.filter(|lower| scaled < *lower).map(|lower| format!("below {lower}"));
    let above = check.upper.filter(|upper| scaled > *upper).map(|upper| format!("above {upper}"));
    match below.or(above) {
        Some(side) => Err(Diagnostic::error(
            "out-of-bounds",
            format!("`{field}` is {number}, {side}, which `{}` cannot be", check.metric),
        )
        .help("mend the evidence; or declare what is right: `metrics: { NAME: { field: ..., bounds: [0, 5] } }`")),
        None => Ok(()),
    }
}

/// Whether a sample meets every condition.
#[must_use]
pub(super) fn selects(plan: &Plan, tests: &[Test], sample: &Sample<'_>) -> bool {
    tests.iter().all(|test| {
        let value = sample.values.get(test.at).unwrap_or(&Value::Absent);
        test.any_of.iter().any(|literal| equals(literal, value, plan.labels_are_text))
    })
}

/// Whether a field has a value; `1` is not `"1"`, except in CSV, where everything is text.
#[allow(clippy::float_cmp, reason = "a label is compared with the number its author wrote")]
fn equals(literal: &Literal, value: &Value<'_>, labels_are_text: bool) -> bool {
    match (literal, value) {
        (Literal::Bool(wanted), Value::Text(text)) if labels_are_text => {
            text.eq_ignore_ascii_case(if *wanted { "true" } else { "false" })
        }
        (Literal::Number(wanted), Value::Text(text)) if labels_are_text => {
            text.parse::<f64>().is_ok_and(|number| number == *wanted)
        }
        (Literal::Bool(wanted), Value::Bool(value)) => wanted == value,
        (Literal::Number(wanted), Value::Number(value)) => wanted == value,
        (Literal::Text(wanted), Value::Text(value)) => wanted == value,
        _ => false,
    }
}

/// The key of a sample: a hash with a fixed key, the same on every machine and in every release.
#[must_use]
pub(super) fn key(id: &Id<'_>, epoch: Option<i64>) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0x7265_6c67_6174_6531, 0x7361_6d70_6c65_6b31);
    match id {
        Id::Text(text) => {
            hasher.write(b"t");
            hasher.write(text.as_bytes());
        }
        Id::Integer(integer) => {
            hasher.write(b"i");
            hasher.write(&integer.to_le_bytes());
        }
    }
    if let Some(epoch) = epoch {
        hasher.write(b"\xffe");
        hasher.write(&epoch.to_le_bytes());
    }
    hasher.finish()
}
