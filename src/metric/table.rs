//! The sink of per-sample evidence: a key and the gated numbers of each selected row, nothing else.
//!
//! Eight bytes of key a row and one or eight of each score; text, labels and ids are looked at and let go.
//! Sealed, its rows stand in the order of their ids and keys: results do not depend on the order of the file, two tables
//! are joined by walking along both, and memory is read from front to back.

use std::sync::Arc;

use rayon::prelude::*;

use super::column::{Column, reorder};
use super::counts::{Counts, Texts};
use super::estimate::LargestCluster;
use super::hashed;
use super::label::{Label, Labels, MOST_LABELS, NoLabels};
use super::plan::{Counted, Plan, RowsAs, Untyped};
use super::reasons::Reasons;
use super::repeats::Repeats;
use super::row::{key, key_in, lacks_field, number, score, selects, too_long, turn};
use super::value_kind::{ValueKind, type_changed};
use crate::diagnostic::{Code, Diagnostic, LONGEST_NAME, list, printable};
use crate::evidence::{Id, MeasuredWith, Sample, Sink, Value};

/// More names on the sides of comparisons than this are those of something else.
const MOST_VERSIONS: usize = 200;

/// The gated numbers of one evidence entry.
#[derive(Debug, Clone)]
pub struct Table {
    plan: Arc<Plan>,
    file: String,
    /// Rows read.
    pub rows: u64,
    /// Selected rows that carry an error.
    pub errored: u64,
    /// What those errors say.
    pub reasons: Reasons,
    /// Rows that do not count because they lack a field by which the evidence selects.
    pub unlabelled: u64,
    /// Whether a selected row carries an epoch.
    pub has_epochs: bool,
    /// What they were measured with, for whoever keeps its numbers.
    pub measured_with: MeasuredWith,
    keys: Vec<u64>,
    columns: Vec<Column>,
    counts: Vec<Counts>,
    masks: Vec<Vec<bool>>,
    kinds: Vec<Option<(ValueKind, u64)>>,
    labels: Vec<Labels>,
    /// The cluster of each row, where the evidence names a field for it.
    clusters: Vec<u64>,
    /// The id of each row without its epoch, from the first epoch on.
    ids: Vec<u64>,
    /// Whether an id stands with several epochs.
    repeats_ids: bool,
    /// The clusters of rows that do not count: a conversation is as long as it is, whatever is selected of it.
    unselected: Vec<u64>,
    /// Rows of the largest cluster.
    largest: u64,
    /// The ids of the rows that the plan leaves out.
    left_out: Vec<u64>,
}

impl Table {
    /// An empty table for a plan.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            columns: vec![Column::default(); plan.scores.len()],
            counts: plan.counted.iter().map(|counted| Counts::new(counted.texts.counter.width())).collect(),
            masks: vec![Vec::new(); plan.masks.len()],
            kinds: vec![None; plan.projection.fields.len()],
            labels: vec![Labels::default(); plan.labels.len()],
            plan,
            file: String::new(),
            rows: 0,
            errored: 0,
            reasons: Reasons::default(),
            unlabelled: 0,
            has_epochs: false,
            measured_with: MeasuredWith::default(),
            keys: Vec::new(),
            clusters: Vec::new(),
            ids: Vec::new(),
            repeats_ids: false,
            unselected: Vec::new(),
            largest: 1,
            left_out: Vec::new(),
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

    /// The file that was read last.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// The plan it was filled by.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The ids of the rows that the plan leaves out, in ascending order, each once.
    #[must_use]
    pub fn left_out(&self) -> Vec<u64> {
        let mut ids = self.left_out.clone();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Rows that the evidence's `where:` keeps.
    #[must_use]
    pub fn selected(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Selected rows in which every kept score is there.
    #[must_use]
    pub fn scored(&self) -> u64 {
        let gaps: Vec<&Column> = self.columns.iter().filter(|column| column.missing() > 0).collect();
        let complete = |row: &usize| gaps.iter().all(|column| column.get(*row).is_some());
        (0..self.keys.len()).filter(complete).count() as u64
    }

    /// The fields of the kept scores.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.all_scores().map(|(name, _)| name)
    }

    /// The kept scores, by the names that a bundle has for them.
    pub(super) fn all_columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.plan.scores.iter().map(|score| score.column.as_str()).zip(&self.columns)
    }

    /// The kept scores, by the names of their fields.
    pub(super) fn all_scores(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.plan.scores.iter().map(|score| score.field.as_str()).zip(&self.columns)
    }

    /// The labels that some gate is judged by, by the names of their fields.
    pub(super) fn all_labels(&self) -> impl Iterator<Item = (&str, &Labels)> {
        self.plan.labels.iter().map(|(name, _)| name.as_str()).zip(&self.labels)
    }

    /// The selections of single metrics, by the names that a bundle's columns have.
    pub(super) fn all_masks(&self) -> impl Iterator<Item = (String, &[bool])> {
        self.plan.mask_names().into_iter().zip(self.masks.iter().map(Vec::as_slice))
    }

    /// Puts the rows in the order of their ids and keys, and tells which of them stand more than once.
    pub(super) fn seal(&mut self) -> Repeats {
        let mut repeats = Repeats::default();
        let rows = 0..self.keys.len() as u32;
        let key = |row: u32| self.key(row as usize);
        let order = if self.ids.is_empty() {
            hashed::order(rows, key, key)
        } else {
            let id = |row: u32| self.id(row as usize);
            hashed::order(rows, id, |row| (id(row), key(row)))
        };
        reorder(&mut self.keys, &order);
        reorder(&mut self.ids, &order);
        if self.ids.is_empty() {
            for ([key, next], row) in self.keys.array_windows().zip(order.iter().skip(1)) {
                if key == next {
                    repeats.add(*row, *key);
                }
            }
        } else {
            let each = self.ids.iter().zip(&self.keys).zip(&order);
            let rows: Vec<(u64, u64, u32)> = each.map(|((id, key), row)| (*id, *key, *row)).collect();
            for rows in rows.chunk_by(|(a, ..), (b, ..)| a == b) {
                self.repeats_ids |= rows.len() > 1;
                repeats.among(rows);
            }
        }
        self.reorder(&order);
        self.largest = if self.plan.cluster.is_some() {
            let mut clusters = std::mem::take(&mut self.unselected);
            clusters.extend(&self.clusters);
            clusters.par_sort_unstable();
            longest_run(&clusters)
        } else {
            longest_run(&self.ids)
        };
        repeats
    }

    /// Puts what is kept of each row in this order.
    fn reorder(&mut self, order: &[u32]) {
        self.columns.iter_mut().for_each(|column| column.reorder(order));
        self.counts.iter_mut().for_each(|counts| counts.reorder(order));
        self.masks.iter_mut().for_each(|mask| reorder(mask, order));
        self.labels.iter_mut().for_each(|labels| labels.reorder(order));
        reorder(&mut self.clusters, order);
    }

    /// The hash of an id whose epochs lie in different clusters, which makes both meaningless; none where there is none.
    pub(super) fn torn_id(&self) -> Option<u64> {
        if !(self.repeats_ids && self.plan.cluster.is_some()) {
            return None;
        }
        let torn = |[a, b]: &&[u32; 2]| {
            let (a, b) = (*a as usize, *b as usize);
            self.id(a) == self.id(b) && self.clusters.get(a) != self.clusters.get(b)
        };
        self.all_rows().array_windows().find(torn).map(|[row, _]| self.id(*row as usize))
    }

    /// The numbers of the rows, in the order of their ids and keys.
    #[must_use]
    pub fn all_rows(&self) -> Vec<u32> {
        (0..self.keys.len() as u32).collect()
    }

    /// The label of a row in a field that some gate is judged by.
    #[must_use]
    pub fn label(&self, field: &str, row: usize) -> &Label {
        self.labels(field).and_then(|labels| labels.get(row)).unwrap_or(&Label::None)
    }

    /// The labels of such a field.
    pub(super) fn labels(&self, field: &str) -> Option<&Labels> {
        self.labels.get(self.plan.labels.iter().position(|(name, _)| name == field)?)
    }

    /// The id of a row, whatever its epoch.
    #[must_use]
    pub fn id(&self, row: usize) -> u64 {
        self.ids.get(row).or_else(|| self.keys.get(row)).copied().unwrap_or(0)
    }

    /// What a row is known by: its id and epoch.
    #[must_use]
    pub fn key(&self, row: usize) -> u64 {
        self.keys.get(row).copied().unwrap_or(0)
    }

    /// The row of a sample, by the hash of its id and by its key; none where it is not here.
    pub(super) fn find(&self, id: u64, key: u64) -> Option<usize> {
        if self.ids.is_empty() {
            return self.keys.binary_search(&key).ok();
        }
        let first = self.ids.partition_point(|other| *other < id);
        (first..self.ids.len()).take_while(|row| self.id(*row) == id).find(|row| self.key(*row) == key)
    }

    /// The cluster of a row: the declared one, else its id where ids have several epochs; none where samples are
    /// independent.
    #[must_use]
    pub fn cluster(&self, row: usize) -> Option<u64> {
        if self.plan.cluster.is_some() {
            return self.clusters.get(row).copied();
        }
        self.repeats_ids.then(|| self.id(row))
    }

    /// Rows that a cluster has at most: the declared number, else those of the largest, counted over all rows of the evidence;
    /// of the id with the most epochs where nothing says what is not independent; 1 where samples are independent.
    #[must_use]
    pub fn largest_cluster(&self) -> u64 {
        self.plan.cluster_at_most.unwrap_or(0).max(self.largest)
    }

    /// The largest cluster that was seen, where the evidence names the clusters and not how large they can be.
    pub(super) fn assumed_largest(&self) -> Option<LargestCluster> {
        let field =
            self.plan.cluster_name().filter(|field| self.plan.cluster_at_most.is_none() && field != "id")?;
        Some(LargestCluster { field, samples: self.largest })
    }

    /// Whether a field says true or false; in a bundle, 0 or 1.
    pub(super) fn is_rate(&self, field: &str) -> bool {
        matches!(self.kind_of(field), Some(ValueKind::Bool | ValueKind::Words(_)))
            || self.plan.rows_as == RowsAs::Bundled && self.column(field).is_some_and(Column::is_binary)
    }

    /// What the values of a score are.
    fn kind_of(&self, field: &str) -> Option<ValueKind> {
        let at = self.plan.scores.iter().find(|score| score.field == field)?.at;
        Some((*self.kinds.get(at)?)?.0)
    }

    /// A score whose numbers happen to be 0 and 1, asked for by a rule that does not say whether that is a rate or a mean.
    pub(super) fn untyped(&self) -> Option<&Untyped> {
        self.plan.scores.iter().filter(|_| self.plan.rows_as != RowsAs::Bundled).find_map(|score| {
            let asked = score.untyped.as_ref()?;
            let column = self.column(&score.field)?;
            let numbers = self.kind_of(&score.field) == Some(ValueKind::Number);
            (numbers && column.is_binary()).then_some(asked)
        })
    }

    /// The finding that a version is asked for that no row compares.
    pub(super) fn unknown_version(&self) -> Option<Diagnostic> {
        self.plan.duels.iter().find_map(|(duel, _)| {
            let versions = duel.sides.iter().filter_map(|side| self.labels(side));
            let known: Vec<String> = versions
                .flat_map(Labels::names)
                .filter(|name| **name != Label::None)
                .map(Label::to_string)
                .collect();
            let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
            names.sort_unstable();
            names.dedup();
            if names.len() > MOST_VERSIONS {
                let text = format!(
                    "{} versions are compared, and more than {MOST_VERSIONS} are no versions",
                    names.len()
                );
                return Some(
                    Diagnostic::error(Code::UnknownPreference, text)
                        .in_file(&self.file)
                        .help("`sides:` names the fields that hold the versions' names"),
                );
            }
            let unknown = duel.between.iter().find(|version| !known.contains(version))?;
            let text = format!("no comparison has {:?} on one of its sides", printable(unknown));
            Some(
                Diagnostic::error(Code::UnknownPreference, text)
                    .in_file(&self.file)
                    .suggest(unknown, names.iter().copied())
                    .note(format!("compared are {}", list(names.iter().copied(), 12))),
            )
        })
    }

    /// Whether an id stands with several epochs.
    #[must_use]
    pub fn repeats_ids(&self) -> bool {
        self.repeats_ids
    }

    /// Whether samples are not independent.
    #[must_use]
    pub fn is_clustered(&self) -> bool {
        self.plan.cluster.is_some() || self.repeats_ids
    }

    /// The numbers of a score.
    #[must_use]
    pub fn column(&self, field: &str) -> Option<&Column> {
        let at = self.plan.scores.iter().position(|score| score.field == field)?;
        self.columns.get(at)
    }

    /// The counts of the texts of that name.
    pub(super) fn counts(&self, name: &str) -> Option<&Counts> {
        let at = self.plan.counted.iter().position(|counted| counted.texts.name() == name)?;
        self.counts.get(at)
    }

    /// The counts that are kept, by the texts that they are of.
    pub(super) fn all_counts(&self) -> impl Iterator<Item = (&Texts, &Counts)> {
        self.plan.counted.iter().map(|counted| &counted.texts).zip(&self.counts)
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
            match (ValueKind::of(value), &known) {
                (Some(kind), None) => *known = Some((kind, sample.line)),
                (Some(kind), Some((before, _))) if kind != *before => {
                    return Err(type_changed(&field.name, *before, kind, Some(value)));
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
        // Before anything is left out: a row must not leave by writing a field in another way.
        self.check_kinds(sample)?;
        let left_out = !self.plan.left_out.is_empty() && {
            let id = key_in(&self.plan, &sample.id, None);
            let found = self.plan.left_out.binary_search(&id).is_ok();
            self.left_out.extend(found.then_some(id));
            found
        };
        if left_out || !selects(&self.plan, &self.plan.selection, sample) {
            self.unlabelled += u64::from(!left_out && lacks_field(&self.plan.selection, sample));
            let value = self.plan.cluster.and_then(|at| sample.values.get(at));
            self.unselected.extend(value.and_then(|value| cluster(&self.plan, value)));
            return Ok(());
        }
        // Borrowed, not counted: both cores would count at the same place for every row.
        let plan: &Plan = &self.plan;
        for (duel, at) in &plan.duels {
            duel.check(*at, sample)?;
        }
        for [label, verdict] in &plan.judged {
            let lacks = |at: usize| matches!(sample.values.get(at), None | Some(Value::Absent | Value::Null));
            if sample.error.is_none() && !lacks(*label) && lacks(*verdict) {
                return Err(without_verdict(plan, *label, *verdict));
            }
        }
        for (score, column) in plan.scores.iter().zip(&mut self.columns) {
            let number = match &score.made {
                None => number(score, sample.values.get(score.at).unwrap_or(&Value::Absent))?,
                Some(made) => match self::score(made, sample, key_in(plan, &sample.id, None))? {
                    Some(value) => number(score, &Value::Number(value))?,
                    None => None,
                },
            };
            column.push(number.filter(|_| sample.error.is_none()));
        }
        for (counted, counts) in plan.counted.iter().zip(&mut self.counts) {
            count(counted, plan, sample, counts)?;
        }
        for (tests, mask) in plan.masks.iter().zip(&mut self.masks) {
            mask.push(selects(plan, tests, sample));
        }
        for (labels, (name, at)) in self.labels.iter_mut().zip(&plan.labels) {
            let is_lost = sample.error.is_some() && plan.measured_labels.contains(name);
            let value = sample.values.get(*at).filter(|_| !is_lost).unwrap_or(&Value::Absent);
            labels.push(value).map_err(|_: NoLabels| no_labels(name))?;
        }
        if let Some(at) = plan.cluster {
            let value = sample.values.get(at).unwrap_or(&Value::Absent);
            self.clusters.push(cluster(plan, value).ok_or_else(|| no_cluster(plan, at))?);
        }
        let turn = turn(sample);
        if turn.is_some() && !self.has_epochs {
            // Until now every key was that of an id alone.
            self.ids.clone_from(&self.keys);
            self.has_epochs = true;
        }
        if self.has_epochs {
            self.ids.push(key_in(plan, &sample.id, None));
        }
        self.keys.push(key_in(plan, &sample.id, turn));
        if let Some(text) = &sample.error {
            self.errored += 1;
            self.reasons.add(text);
        }
        Ok(())
    }

    fn absorb(&mut self, later: Self, line_offset: u64) -> Result<(), Diagnostic> {
        for ((own, other), field) in self.kinds.iter_mut().zip(later.kinds).zip(&self.plan.projection.fields)
        {
            match (&own, other) {
                (None, Some((kind, line))) => *own = Some((kind, line + line_offset)),
                (Some((before, _)), Some((kind, line))) if *before != kind => {
                    return Err(type_changed(&field.name, *before, kind, None)
                        .at_line(&self.file, line + line_offset));
                }
                _ => {}
            }
        }
        self.rows += later.rows;
        self.errored += later.errored;
        self.reasons.append(later.reasons);
        self.unlabelled += later.unlabelled;
        if self.has_epochs || later.has_epochs {
            let own = if self.has_epochs { std::mem::take(&mut self.ids) } else { self.keys.clone() };
            self.ids = own;
            self.ids.extend(if later.has_epochs { &later.ids } else { &later.keys });
            self.has_epochs = true;
        }
        self.keys.extend(later.keys);
        self.clusters.extend(later.clusters);
        self.unselected.extend(later.unselected);
        self.left_out.extend(later.left_out);
        for ((own, other), (name, _)) in self.labels.iter_mut().zip(later.labels).zip(&self.plan.labels) {
            own.append(other).map_err(|_: NoLabels| no_labels(name).in_file(&self.file))?;
        }
        for (own, other) in self.columns.iter_mut().zip(later.columns) {
            own.append(other);
        }
        for (own, other) in self.counts.iter_mut().zip(&later.counts) {
            own.append(other);
        }
        for (own, other) in self.masks.iter_mut().zip(later.masks) {
            own.extend(other);
        }
        Ok(())
    }
}

/// Counts the texts of a row; in a bundle and in parts they were counted before.
fn count(counted: &Counted, plan: &Plan, sample: &Sample<'_>, counts: &mut Counts) -> Result<(), Diagnostic> {
    let whole = sample.error.is_none();
    if plan.rows_as != RowsAs::Written {
        let values = counted.at.iter().map(|at| sample.values.get(*at).filter(|_| whole));
        counts.push(values.map(|value| match value {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }));
        return Ok(());
    }
    let Texts { fields, counter } = &counted.texts;
    let id = key_in(plan, &sample.id, None);
    let texts = fields.of(sample.values, &counted.at, id).filter(|_| whole);
    counts.count(counter.as_ref(), texts.as_deref()).map_err(|long| too_long(fields, long))
}

fn longest_run(sorted: &[u64]) -> u64 {
    sorted.chunk_by(|a, b| a == b).map(|run| run.len() as u64).max().unwrap_or(1)
}

fn no_labels(field: &str) -> Diagnostic {
    Diagnostic::error(
        Code::TooManySlices,
        format!(
            "`{}` has more than {MOST_LABELS} values, or one of more than {LONGEST_NAME} characters",
            printable(field)
        ),
    )
    .help("`by:` takes fields with few values, such as a language; this looks like an identifier")
}

fn without_verdict(plan: &Plan, label: usize, verdict: usize) -> Diagnostic {
    let name =
        |at: usize| plan.projection.fields.get(at).map_or_else(String::new, |field| printable(&field.name));
    let text =
        format!("this row has a label (`{}`) and no verdict of the judge (`{}`)", name(label), name(verdict));
    Diagnostic::error(Code::LabelWithoutVerdict, text)
        .help("let the judge look at every row that people labelled: labels say how often it errs")
}

fn no_cluster(plan: &Plan, at: usize) -> Diagnostic {
    let field = plan.projection.fields.get(at).map_or("", |field| &field.name);
    Diagnostic::error(
        Code::NoCluster,
        format!("this row has no `{}`, and samples are clustered by it", printable(field)),
    )
    .help("every row needs it, or its samples would count as independent")
}

/// The cluster that a label names; none where there is no label. Parts keep its hash.
pub(super) fn cluster(plan: &Plan, value: &Value<'_>) -> Option<u64> {
    if let (RowsAs::Stripped, Value::Text(hash)) = (plan.rows_as, value) {
        return u64::from_str_radix(hash, 16).ok();
    }
    let id = match value {
        Value::Absent | Value::Null | Value::Texts(_) => return None,
        Value::Text(text) => Id::Text(text.as_ref().into()),
        Value::Bool(value) | Value::Truth(_, value) => Id::Integer(i64::from(*value)),
        Value::Number(number) => Id::Text(number.to_string().into()),
        Value::Written(number) => Id::Text((*number).into()),
    };
    Some(key(&id, None))
}
