//! Rows of results as rows of `relgate/numbers/v1`, one by one as they are read: what a plan needs of them, and no text.
//!
//! A row that is read back gives the same numbers as the row itself: [`RowsAs::Stripped`]. What is made of texts is worked out here;
//! an id is a hash, but of a row that a report may have to name; a cluster always is.

use std::io::{self, Write};
use std::sync::Arc;

use super::bound::Bound;
use super::cases::may_be_named;
use super::counts::Counts;
use super::gather::Input;
use super::numbers;
use super::plan::{Plan, Score};
use super::reasons::kept_reason;
use super::row::{key, key_in, number, score, selects, too_long};
use super::table::cluster;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::{self, Id, Projected, Role, Sample, Sink, Value};
use crate::manifest::Digest;

/// How the rows of one evidence entry are stripped.
#[derive(Debug, Clone)]
pub struct Stripping {
    plan: Plan,
    bounds: Vec<Bound>,
    cells: Vec<StrippedCells>,
    rated: bool,
}

/// One column.
#[derive(Debug, Clone)]
struct StrippedCells {
    name: String,
    from: From,
}

/// Where the cells of a column come from.
#[derive(Debug, Clone, Copy)]
enum From {
    /// A value of the projection.
    Value(usize),
    /// The same, hashed.
    Cluster(usize),
    /// The number that is made of texts for the score at this place.
    Made(usize),
    /// One of the counts of the texts at this place.
    Count(usize, usize),
}

impl Stripping {
    /// For the gates of an entry, by the plan that reads its rows as they are written. `further` are fields whose values are kept
    /// besides; `rated` says whether rows have raters.
    #[must_use]
    pub fn new(mut plan: Plan, bounds: Vec<Bound>, further: &[Projected], rated: bool) -> Self {
        for field in further {
            if !plan.projection.fields.contains(field) {
                plan.projection.fields.push(field.clone());
            }
        }
        let mut cells = Vec::new();
        let mut column = |name: String, from: From| cells.push(StrippedCells { name, from });
        let fields = &plan.projection.fields;
        for (at, field) in fields.iter().enumerate() {
            // A cluster that is nothing else needs no name.
            let only_cluster = plan.cluster == Some(at) && !is_asked(&plan, at, further);
            if !matches!(field.role, Role::Text | Role::Texts) && !only_cluster {
                column(field.column(), From::Value(at));
            }
        }
        if let Some((at, field)) = plan.cluster.and_then(|at| Some((at, fields.get(at)?))) {
            let unit = Projected { name: field.name.clone(), role: Role::Unit };
            column(unit.column(), From::Cluster(at));
        }
        let numbers = |name: String| Projected { name, role: Role::Score }.column();
        for (place, Score { column: name, .. }) in
            plan.scores.iter().enumerate().filter(|(_, score)| score.made.is_some())
        {
            column(numbers(name.clone()), From::Made(place));
        }
        for (place, counted) in plan.counted.iter().enumerate() {
            for (number, name) in counted.texts.columns().enumerate() {
                column(numbers(name), From::Count(place, number));
            }
        }
        Self { plan, bounds, cells, rated }
    }

    /// The names of the columns, in the order of the cells of a row.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let own = ["id", "epoch", "error"].into_iter().chain(self.rated.then_some("rater"));
        own.map(str::to_owned).chain(self.cells.iter().map(|cells| cells.name.clone())).collect()
    }

    /// Writes the cells of a row.
    fn row(&self, sample: &Sample<'_>, text: &mut Vec<u8>) -> Result<(), Diagnostic> {
        let id = key_in(&self.plan, &sample.id, None);
        let mut made = vec![None; self.plan.scores.len()];
        let mut named = false;
        let counts_at_all = selects(&self.plan, &self.plan.selection, sample);
        for (place, own) in self.plan.scores.iter().enumerate().filter(|_| counts_at_all) {
            let value = match &own.made {
                None => number(own, sample.values.get(own.at).unwrap_or(&Value::Absent))?,
                Some(of) => score(of, sample, id)?,
            };
            let value = value.filter(|_| sample.error.is_none());
            if let Some(slot) = made.get_mut(place) {
                *slot = value;
            }
            let of =
                self.bounds.iter().filter(|bound| bound.measure.case_field() == Some(own.field.as_str()));
            named |= of.into_iter().any(|bound| may_be_named(bound, value));
        }
        let counts = self.counts(sample, id, counts_at_all)?;
        // Writing into memory does not fail.
        let _ = self.write(sample, &Worked { made, counts, named }, text);
        Ok(())
    }

    /// The counts of the texts of a row.
    fn counts(&self, sample: &Sample<'_>, id: u64, counts_at_all: bool) -> Result<Vec<Counts>, Diagnostic> {
        let whole = counts_at_all && sample.error.is_none();
        let of = |counted: &super::plan::Counted| {
            let mut counts = Counts::new(counted.texts.counter.width());
            let texts = counted.texts.fields.of(sample.values, &counted.at, id).filter(|_| whole);
            let long = counts.count(counted.texts.counter.as_ref(), texts.as_deref());
            long.map(|()| counts).map_err(|long| too_long(&counted.texts.fields, long))
        };
        self.plan.counted.iter().map(of).collect()
    }

    fn write(&self, sample: &Sample<'_>, worked: &Worked, text: &mut Vec<u8>) -> io::Result<()> {
        text.push(b'[');
        match &sample.id {
            _ if !worked.named => serde_json::to_writer(&mut *text, &key(&sample.id, None).cast_signed())?,
            Id::Text(id) => serde_json::to_writer(&mut *text, id)?,
            Id::Integer(id) => serde_json::to_writer(&mut *text, &id.to_string())?,
        }
        text.push(b',');
        serde_json::to_writer(&mut *text, &sample.epoch)?;
        text.push(b',');
        serde_json::to_writer(&mut *text, &sample.error.as_deref().map(kept_reason))?;
        if self.rated {
            text.push(b',');
            serde_json::to_writer(&mut *text, &sample.rater)?;
        }
        for cells in &self.cells {
            text.push(b',');
            match cells.from {
                From::Value(at) => write_cell(sample.values.get(at), text)?,
                From::Cluster(at) => {
                    let unit = sample.values.get(at).and_then(|value| cluster(&self.plan, value));
                    serde_json::to_writer(&mut *text, &unit.map(|unit| format!("{unit:016x}")))?;
                }
                From::Made(place) => numbers::score(worked.made.get(place).copied().flatten(), text)?,
                From::Count(place, of) => {
                    numbers::score(worked.counts.get(place).and_then(|counts| counts.at(0, of)), text)?;
                }
            }
        }
        text.extend_from_slice(b"]\n");
        Ok(())
    }
}

/// What was worked out of a row.
struct Worked {
    /// By the place of the score.
    made: Vec<Option<f64>>,
    counts: Vec<Counts>,
    /// Whether a report may have to name it.
    named: bool,
}

/// Whether something else than the cluster stands at a place of the projection.
fn is_asked(plan: &Plan, at: usize, further: &[Projected]) -> bool {
    let tests = plan.selection.iter().chain(plan.masks.iter().flatten());
    let in_duels = plan.duels.iter().any(|(_, places)| places.contains(&at));
    let in_unfolding = plan.unfolding.as_ref().is_some_and(|unfolding| {
        unfolding.fields.iter().any(|(own, of)| *own == at || of.contains(&at)) || unfolding.rater_at == at
    });
    tests.into_iter().any(|test| test.at == at)
        || plan.labels.iter().any(|(_, own)| *own == at)
        || plan.scores.iter().any(|score| score.at == at)
        || in_duels
        || in_unfolding
        || plan.projection.fields.get(at).is_some_and(|field| further.contains(field))
}

/// Writes a value as a cell, so that its role reads the same of it.
///
/// # Errors
/// None: memory takes whatever is written.
pub(crate) fn write_cell(value: Option<&Value<'_>>, text: &mut Vec<u8>) -> io::Result<()> {
    match value {
        None | Some(Value::Absent | Value::Null | Value::Texts(_)) => text.extend_from_slice(b"null"),
        Some(Value::Bool(value)) => serde_json::to_writer(text, value)?,
        Some(Value::Number(number)) => numbers::score(Some(*number), text)?,
        Some(Value::Written(number)) => text.extend_from_slice(number.as_bytes()),
        Some(Value::Text(label)) => serde_json::to_writer(text, label)?,
        Some(Value::Truth(words, value)) => {
            let (yes, no) = words.pair();
            write!(text, "\"{}\"", if *value { yes } else { no })?;
        }
    }
    Ok(())
}

/// What was stripped of a file.
#[derive(Debug)]
pub struct StrippedFile {
    /// Its rows.
    pub rows: u64,
    /// The digest of its bytes.
    pub sha256: Option<Digest>,
}

/// Reads a file and writes its rows to `out`, a block at a time.
///
/// # Errors
/// What the reader found wrong, values that no gate takes, or of `out`.
pub fn strip(
    input: &Input<'_>,
    stripping: &Stripping,
    out: &mut (dyn Write + Send),
) -> Result<StrippedFile, Diagnostics> {
    let projection = input.projection(&stripping.plan);
    let mut sink = Rows { stripping: Arc::new(stripping.clone()), text: Vec::new(), out: Some(out) };
    let read =
        evidence::stream_and_digest(input.source, input.format, input.compression, &projection, &mut sink)?;
    Ok(StrippedFile { rows: read.rows, sha256: read.sha256 })
}

/// The rows of a block on their way out.
struct Rows<'o> {
    stripping: Arc<Stripping>,
    text: Vec<u8>,
    /// Only of the first, which takes the others in.
    out: Option<&'o mut (dyn Write + Send)>,
}

impl Sink for Rows<'_> {
    fn fork(&self) -> Self {
        Self { stripping: Arc::clone(&self.stripping), text: Vec::new(), out: None }
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        self.stripping.row(sample, &mut self.text)
    }

    fn absorb(&mut self, later: Self, _: u64) -> Result<(), Diagnostic> {
        let Some(out) = &mut self.out else { return Ok(()) };
        out.write_all(&later.text).map_err(|error| {
            Diagnostic::error(Code::CannotWrite, format!("the numbers cannot be written: {error}"))
                .help("make room where `-o` and the temporary files stand")
        })
    }
}
