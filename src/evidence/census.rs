//! Who stands in a file: cases, epochs, errors and labels, run by run.

use std::collections::{BTreeMap, HashMap};

use siphasher::sip::SipHasher13;

use super::probe::{Catalog, FieldKind};
use super::sample::{Id, Projected, Projection, Role, Sample, Sink, Value};
use super::source::Source;
use super::stream::stream;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::secret::hide_secrets;

/// Labels with more values than this divide nothing.
const MOST_VALUES: usize = 30;
/// A longer text is an answer and no label.
const LONGEST_VALUE: usize = 60;
/// Fields that are looked at as labels.
const MOST_LABELS: usize = 60;

/// What stands in one run of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// The labels and values that tell its rows from those of other runs.
    pub select: BTreeMap<String, String>,
    /// Rows.
    pub rows: u64,
    /// Different ids.
    pub cases: u64,
    /// The most rows of one id.
    pub epochs: u64,
    /// Rows that ended in an error.
    pub errored: u64,
    /// The rows of every value of each label that has few of them; what looks like a secret is masked.
    pub labels: BTreeMap<String, BTreeMap<String, u64>>,
}

/// Counts the rows of the runs of a file, in the order in which `catalog` tells them.
///
/// # Errors
/// A file that cannot be read to its end.
pub fn census(source: &dyn Source, catalog: &Catalog) -> Result<Vec<Census>, Diagnostics> {
    let mut selects: Vec<BTreeMap<String, String>> = Vec::new();
    for run in catalog.told.runs.iter().filter(|run| run.tried() > 0) {
        if !selects.contains(&run.select) {
            selects.push(run.select.clone());
        }
    }
    if selects.is_empty() {
        selects.push(BTreeMap::new());
    }
    let of_runs: Vec<&String> = selects.iter().flat_map(BTreeMap::keys).collect();
    let is_label = |(name, kind): &(&String, &FieldKind)| {
        matches!(kind, FieldKind::Text | FieldKind::Bool | FieldKind::Mixed) && !of_runs.contains(name)
    };
    let labels = catalog.fields.iter().filter(is_label).map(|(name, _)| name.clone()).take(MOST_LABELS);
    let mut names: Vec<String> = of_runs.iter().map(|name| (*name).clone()).collect();
    names.sort();
    names.dedup();
    let keys = names.len();
    names.extend(labels);
    let projected = |name: &String| Projected { name: name.clone(), role: Role::Label };
    let projection = Projection {
        fields: names.iter().map(projected).collect(),
        records: false,
        paths: catalog.paths.clone(),
    };
    let mut counts = Counts { keys, runs: Vec::new() };
    stream(source, catalog.format, catalog.compression, &projection, &mut counts)?;
    let empty = Census::default();
    let of = |select: &BTreeMap<String, String>| {
        let wanted: Vec<Option<String>> =
            names.iter().take(keys).map(|name| select.get(name).cloned()).collect();
        let found =
            counts.runs.iter().find(|(own, _)| *own == wanted).map(|(_, count)| count.told(&names, keys));
        Census { select: select.clone(), ..found.unwrap_or_else(|| empty.clone()) }
    };
    Ok(selects.iter().map(of).collect())
}

/// The runs of the rows so far, by the values of the labels that tell them apart.
struct Counts {
    /// How many of the projected fields those labels are.
    keys: usize,
    runs: Vec<(Vec<Option<String>>, Count)>,
}

#[derive(Default)]
struct Count {
    rows: u64,
    errored: u64,
    ids: HashMap<u64, u64>,
    /// Of each label; none once it has too many values.
    labels: Vec<Option<BTreeMap<String, u64>>>,
}

impl Count {
    fn told(&self, names: &[String], keys: usize) -> Census {
        let labels = names.iter().skip(keys).zip(&self.labels);
        let few = |(name, values): (&String, &Option<BTreeMap<String, u64>>)| {
            // What is another in nearly every row divides nothing.
            let divides = |values: &&BTreeMap<String, u64>| {
                !values.is_empty() && 2 * values.len() as u64 <= values.values().sum::<u64>()
            };
            let values = values.as_ref().filter(divides)?;
            let mut told = BTreeMap::new();
            for (value, rows) in values {
                *told.entry(hide_secrets(value).into_owned()).or_default() += rows;
            }
            Some((name.clone(), told))
        };
        Census {
            select: BTreeMap::new(),
            rows: self.rows,
            cases: self.ids.len() as u64,
            epochs: self.ids.values().copied().max().unwrap_or(0),
            errored: self.errored,
            labels: labels.filter_map(few).collect(),
        }
    }

    fn add(&mut self, later: Self) {
        self.rows += later.rows;
        self.errored += later.errored;
        for (id, rows) in later.ids {
            *self.ids.entry(id).or_default() += rows;
        }
        if self.labels.is_empty() {
            self.labels = later.labels;
            return;
        }
        for (own, later) in self.labels.iter_mut().zip(later.labels) {
            *own = own.take().zip(later).and_then(|(mut own, later)| {
                for (value, rows) in later {
                    *own.entry(value).or_default() += rows;
                }
                (own.len() <= MOST_VALUES).then_some(own)
            });
        }
    }
}

impl Sink for Counts {
    fn fork(&self) -> Self {
        Self { keys: self.keys, runs: Vec::new() }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let (keys, labels) = sample.values.split_at_checked(self.keys).unwrap_or((sample.values, &[]));
        let key: Vec<Option<String>> = keys.iter().map(written).collect();
        // Rows of a run mostly follow one another.
        let at = match self.runs.iter().rposition(|(own, _)| *own == key) {
            Some(at) => at,
            None => {
                let count = Count { labels: vec![Some(BTreeMap::new()); labels.len()], ..Count::default() };
                self.runs.push((key, count));
                self.runs.len() - 1
            }
        };
        let Some((_, run)) = self.runs.get_mut(at) else { return Ok(()) };
        run.rows += 1;
        run.errored += u64::from(sample.error.is_some());
        *run.ids.entry(hash(&sample.id)).or_default() += 1;
        for (values, value) in run.labels.iter_mut().zip(labels) {
            let Some(text) = written(value) else { continue };
            let no_label = text.len() > LONGEST_VALUE
                || values.as_mut().is_some_and(|values| {
                    *values.entry(text).or_default() += 1;
                    values.len() > MOST_VALUES
                });
            if no_label {
                *values = None;
            }
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, _: u64) -> Result<(), Diagnostic> {
        for (key, count) in later.runs {
            match self.runs.iter_mut().find(|(own, _)| *own == key) {
                Some((_, own)) => own.add(count),
                None => self.runs.push((key, count)),
            }
        }
        Ok(())
    }
}

/// A label as it is written; none where there is none.
fn written(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Absent | Value::Null | Value::Texts(_) => None,
        Value::Bool(value) | Value::Truth(_, value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Written(text) => Some((*text).to_owned()),
        Value::Text(text) => Some(text.to_string()),
    }
}

fn hash(id: &Id<'_>) -> u64 {
    let hasher = SipHasher13::new();
    match id {
        Id::Text(text) => hasher.hash(text.as_bytes()),
        Id::Integer(number) => hasher.hash(number.to_string().as_bytes()),
    }
}
