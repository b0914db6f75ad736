//! Whether the rows that people labelled are a random part of all: which values of other fields they have, and which the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::gather::{Input, rows_as};
use super::plan::Plan;
use super::row::selects;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::evidence::{Projected, Role, Sample, Sink, Value};
use crate::manifest::Condition;
use crate::stats::beta::UnitNumber;
use crate::stats::binomial::binomial_split;

/// A field with more values than this divides nothing.
const MOST_VALUES: usize = 30;
/// A longer text is an answer and no label.
const LONGEST: usize = 60;
/// A chance below this is no chance; it is shared by all values that are looked at.
const UNLIKELY: f64 = 1e-4;

/// A value that labelled rows have far more often than all rows do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uneven {
    /// The field.
    pub field: String,
    /// Its value.
    pub value: String,
    /// Labelled rows that have it.
    pub labelled: u64,
    /// Labelled rows.
    pub labels: u64,
    /// Rows that have it.
    pub with: u64,
    /// Rows.
    pub rows: u64,
}

/// The most uneven value of the `fields` of selected rows, where rows labelled at random would hardly ever be that uneven.
///
/// # Errors
/// What a reader found wrong.
pub fn uneven(
    inputs: &[Input<'_>],
    selection: &[Condition],
    (labels_are_text, label, fields): (bool, &str, &[String]),
) -> Result<Option<Uneven>, Diagnostics> {
    let mut plan = Plan::new(selection, None, rows_as(inputs), &[]);
    plan.labels_are_text = labels_are_text;
    let mut project = |name: &str| {
        plan.projection.fields.push(Projected { name: name.to_owned(), role: Role::Label });
        plan.projection.fields.len() - 1
    };
    let label = project(label);
    let at = fields.iter().map(|field| (project(field), Some(BTreeMap::new()))).collect();
    let plan = Arc::new(plan);
    let mut seen = Seen { plan: Arc::clone(&plan), label, rows: 0, labels: 0, fields: at };
    for input in inputs {
        input.stream(&plan, &mut seen)?;
    }
    Ok(seen.most_uneven(fields))
}

/// How many rows have a value, and how many of those a label; none once there are too many values.
type Counts = Option<BTreeMap<String, (u64, u64)>>;

struct Seen {
    plan: Arc<Plan>,
    label: usize,
    rows: u64,
    labels: u64,
    /// By the place of a field.
    fields: Vec<(usize, Counts)>,
}

fn written(value: Option<&Value<'_>>) -> Option<String> {
    match value? {
        Value::Text(text) => Some(text.to_string()),
        Value::Bool(value) | Value::Truth(_, value) => Some(value.to_string()),
        Value::Written(text) => Some((*text).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Absent | Value::Null | Value::Texts(_) => None,
    }
}

impl Seen {
    fn most_uneven(&self, names: &[String]) -> Option<Uneven> {
        let values: usize = self.fields.iter().filter_map(|(_, counts)| Some(counts.as_ref()?.len())).sum();
        let mut found: Option<(f64, Uneven)> = None;
        for (field, (_, counts)) in names.iter().zip(&self.fields) {
            for (value, (with, labelled)) in counts.iter().flatten() {
                let share = UnitNumber::new(*with as f64 / self.rows as f64)?;
                let tail = binomial_split(*labelled as f64 - 1.0, self.labels as f64, share);
                let chance = if *labelled == 0 { 1.0 } else { tail.map_or(1.0, |split| split.upper) };
                let least = found.as_ref().map_or(UNLIKELY / values.max(1) as f64, |(least, _)| *least);
                if chance < least {
                    let uneven = Uneven {
                        field: field.clone(),
                        value: value.clone(),
                        labelled: *labelled,
                        labels: self.labels,
                        with: *with,
                        rows: self.rows,
                    };
                    found = Some((chance, uneven));
                }
            }
        }
        found.map(|(_, uneven)| uneven)
    }

    fn limit(counts: &mut Counts) {
        if counts.as_ref().is_some_and(|counts| counts.len() > MOST_VALUES) {
            *counts = None;
        }
    }
}

impl Sink for Seen {
    fn fork(&self) -> Self {
        let fields = self.fields.iter().map(|(at, _)| (*at, Some(BTreeMap::new()))).collect();
        Self { plan: Arc::clone(&self.plan), label: self.label, rows: 0, labels: 0, fields }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        if sample.error.is_some() || !selects(&self.plan, &self.plan.selection, sample) {
            return Ok(());
        }
        let labelled = u64::from(written(sample.values.get(self.label)).is_some());
        self.rows += 1;
        self.labels += labelled;
        for (at, counts) in &mut self.fields {
            let value = written(sample.values.get(*at)).unwrap_or_else(|| "(none)".to_owned());
            if value.chars().nth(LONGEST).is_some() {
                *counts = None;
            }
            if let Some(of) = counts.as_mut().map(|counts| counts.entry(value).or_default()) {
                of.0 += 1;
                of.1 += labelled;
            }
            Self::limit(counts);
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, _: u64) -> Result<(), Diagnostic> {
        self.rows += later.rows;
        self.labels += later.labels;
        for ((_, own), (_, other)) in self.fields.iter_mut().zip(later.fields) {
            let (Some(counts), Some(other)) = (own.as_mut(), other) else {
                *own = None;
                continue;
            };
            for (value, (with, labelled)) in other {
                let of = counts.entry(value).or_default();
                of.0 += with;
                of.1 += labelled;
            }
            Self::limit(own);
        }
        Ok(())
    }
}
