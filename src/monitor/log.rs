//! What is taken of each row of a log.

use std::fmt;
use std::hash::Hasher as _;
use std::sync::Arc;

use siphasher::sip::SipHasher13;

use super::answers::twin;
use super::row::{LogRow, Said};
use super::signal::RecordEvent;
use super::watch::Watch;
use crate::diagnostic::Diagnostic;
use crate::evidence::{Id, Paths, Projected, Projection, Role, Sample, Sink, Value};
use crate::manifest::{Condition, Literal};

/// Where the value of a signal's field comes from.
#[derive(Clone)]
pub enum LogField {
    /// The row's field of this name.
    Own(String),
    /// Whether the row has an error.
    Error,
    /// Worked out of the row's `response`.
    Derived(Arc<dyn Fn(&str) -> f64 + Send + Sync>),
}

impl fmt::Debug for LogField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(name) => write!(f, "Own({name:?})"),
            Self::Error => f.write_str("Error"),
            Self::Derived(_) => f.write_str("Derived"),
        }
    }
}

/// What a log is read for.
#[derive(Debug, Clone, Default)]
pub struct LogPlan {
    /// The candidate's version, and the stable release's where there is one.
    pub versions: (String, Option<String>),
    /// One a column.
    pub fields: Vec<LogField>,
    /// Rows that count.
    pub conditions: Vec<Condition>,
    /// Rows that count for each signal.
    pub by_signal: Vec<Vec<Condition>>,
    /// Whether a record is a unit of its own.
    pub by_request: bool,
    /// Whether both releases answer every request, so that an id has a record of each.
    pub by_release: bool,
    /// The event of each signal that has one, and the factor on its values, where ids of records with one are wanted.
    pub cases: Option<Vec<(Option<RecordEvent>, f64)>>,
    /// Whether rows are those of parts that were stripped: ids and units are hashes already, and what would be worked out of a
    /// response has been.
    pub stripped: bool,
}

/// More ids of failing records are not kept.
const MOST_CASES: usize = 100_000;

pub(super) const TIME: usize = 0;
pub(super) const RELEASE: usize = 1;
pub(super) const UNIT: usize = 2;
pub(super) const RESPONSE: usize = 3;
pub(super) const FIXED: usize = 4;

impl LogPlan {
    /// What a reader has to deliver.
    #[must_use]
    pub fn projection(&self, paths: &Paths) -> Projection {
        let field = |name: &str, role| Projected { name: name.to_owned(), role };
        let mut fields = vec![
            field("time", Role::Time),
            field("release", Role::Label),
            field("unit", if self.stripped { Role::Unit } else { Role::Label }),
            // Texts that nobody asks of are not even read; something has to stand in the place.
            if self.derives() { field("response", Role::Text) } else { field("release", Role::Label) },
        ];
        fields.extend(self.fields.iter().filter_map(|one| match one {
            LogField::Own(name) => Some(field(name, Role::Score)),
            _ => None,
        }));
        fields.extend(self.tests().map(|condition| field(&condition.field.value, Role::Label)));
        Projection { fields, records: true, paths: paths.clone() }
    }

    fn derives(&self) -> bool {
        self.fields.iter().any(|field| matches!(field, LogField::Derived(_)))
    }

    fn tests(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().chain(self.by_signal.iter().flatten())
    }
}

/// Folds the rows of a block, and at its top feeds them to what watches.
pub struct LogSink {
    plan: Arc<LogPlan>,
    rows: Vec<LogRow>,
    values: Vec<f64>,
    left_out: u64,
    torn: u64,
    /// Ids of rows with an event, each with the place of its row.
    cases: Vec<(usize, String)>,
    /// Those of the candidate's records, once it is known whose they are.
    of_candidate: Vec<String>,
    watch: Option<Box<Watch>>,
}

impl LogSink {
    /// The top of all.
    #[must_use]
    pub fn new(plan: Arc<LogPlan>, watch: Watch) -> Self {
        Self { watch: Some(Box::new(watch)), ..Self::empty(plan) }
    }

    fn empty(plan: Arc<LogPlan>) -> Self {
        Self {
            plan,
            rows: Vec::new(),
            values: Vec::new(),
            left_out: 0,
            torn: 0,
            cases: Vec::new(),
            of_candidate: Vec::new(),
            watch: None,
        }
    }

    /// Adds rows that could not be read, when parts were made of them.
    pub fn beside_torn(&mut self, torn: u64) {
        if let Some(watch) = &mut self.watch {
            watch.beside(0, torn);
        }
    }

    /// What watched, and the ids of records with an event, where they were wanted.
    #[must_use]
    pub fn into_watched(self) -> Option<(Watch, Vec<String>)> {
        self.watch.map(|watch| (*watch, self.of_candidate))
    }

    /// Keeps the id of a row of the candidate, or of one that adds to some record, where one of the values that `mask` has is an event.
    fn note_case(&mut self, id: &Id<'_>, (release, mask): (Said, u32), numbers: usize) {
        let Some(events) = &self.plan.cases else { return };
        if !matches!(release, Said::Candidate | Said::Nothing) || self.cases.len() >= MOST_CASES {
            return;
        }
        // What adds to a record need not have the fields that select it.
        let counts = |at: usize| release == Said::Nothing || mask & 1 << at != 0;
        let values = self.values.iter().skip(numbers);
        let bad = |(at, ((event, scale), value)): (usize, (&(Option<RecordEvent>, f64), &f64))| {
            counts(at) && !value.is_nan() && event.is_some_and(|event| event.is(value * scale))
        };
        if events.iter().zip(values).enumerate().any(bad) {
            let id = match id {
                Id::Text(text) => text.to_string(),
                Id::Integer(id) => id.to_string(),
            };
            self.cases.push((self.rows.len(), id));
        }
    }

    fn release(&self, value: Option<&Value<'_>>) -> Said {
        let text = match value {
            Some(Value::Text(text)) => text.as_ref(),
            Some(Value::Written(text)) => text,
            _ => return Said::Nothing,
        };
        let (candidate, stable) = &self.plan.versions;
        match text {
            text if text == candidate => Said::Candidate,
            text if Some(text) == stable.as_deref() => Said::Stable,
            _ => Said::Other,
        }
    }
}

impl Sink for LogSink {
    fn fork(&self) -> Self {
        Self::empty(Arc::clone(&self.plan))
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        let plan = Arc::clone(&self.plan);
        let mut rest = sample.values.iter().skip(FIXED);
        let numbers = self.values.len();
        for field in &plan.fields {
            let value = match field {
                LogField::Own(_) => rest.next().map_or(f64::NAN, number),
                LogField::Error => f64::from(u8::from(sample.error.is_some())),
                LogField::Derived(of) => match sample.values.get(RESPONSE) {
                    Some(Value::Text(text)) => of(text),
                    _ => f64::NAN,
                },
            };
            self.values.push(value);
        }
        let mut meets = |conditions: &[Condition]| {
            // All are read, so that the next ones stand at their places.
            let unmet = conditions.iter().filter(|one| !rest.next().is_some_and(|value| is_met(one, value)));
            unmet.count() == 0
        };
        let counts = meets(&plan.conditions);
        let mask =
            plan.by_signal.iter().enumerate().fold(0, |mask, (at, own)| mask | u32::from(meets(own)) << at);
        if !counts {
            self.left_out += 1;
            self.values.truncate(numbers);
            return Ok(());
        }
        let time = match sample.values.get(TIME) {
            Some(Value::Number(time)) => *time,
            _ => f64::NAN,
        };
        let id = match &sample.id {
            Id::Integer(id) if plan.stripped => id.cast_unsigned(),
            id => id_key(id),
        };
        let unit = match sample.values.get(UNIT) {
            _ if plan.by_request => 0,
            Some(Value::Text(hex)) if plan.stripped => u64::from_str_radix(hex, 16).unwrap_or(0),
            unit => unit_key(unit),
        };
        let release = self.release(sample.values.get(RELEASE));
        // What is added without a release is about the answer that people saw.
        let of_candidate = plan.by_release && release == Said::Candidate && id != 0;
        let apart = |key: u64| if of_candidate { twin(key) } else { key };
        let (id, unit) = (apart(id), apart(unit));
        self.note_case(&sample.id, (release, mask), numbers);
        self.rows.push(LogRow { id, time, release, unit, mask });
        Ok(())
    }

    fn torn(&mut self) {
        self.torn += 1;
    }

    fn absorb(&mut self, later: Self, _lines: u64) -> Result<(), Diagnostic> {
        let width = self.plan.fields.len().max(1);
        match &mut self.watch {
            Some(watch) => {
                let mut values = later.values.chunks(width);
                let mut cases = later.cases.into_iter().peekable();
                for (place, row) in later.rows.iter().enumerate() {
                    watch.feed(row, values.next().unwrap_or(&[]));
                    let case = cases.next_if(|(of, _)| *of == place).filter(|_| watch.is_candidates(row));
                    self.of_candidate.extend(case.map(|(_, id)| id));
                }
                watch.beside(later.left_out, later.torn);
                self.of_candidate.truncate(MOST_CASES);
            }
            None => {
                let before = self.rows.len();
                self.cases.extend(later.cases.into_iter().map(|(place, id)| (before + place, id)));
                self.rows.extend(later.rows);
                self.values.extend(later.values);
                self.left_out += later.left_out;
                self.torn += later.torn;
            }
        }
        Ok(())
    }
}

fn number(value: &Value<'_>) -> f64 {
    match value {
        Value::Number(value) => *value,
        Value::Bool(value) | Value::Truth(_, value) => f64::from(u8::from(*value)),
        _ => f64::NAN,
    }
}

/// Whether a row's label is one of those that a condition asks for; `1` is not `"1"`, but in CSV everything is text.
fn is_met(condition: &Condition, value: &Value<'_>) -> bool {
    condition.any_of.iter().any(|literal| match (literal, value) {
        (Literal::Text(wanted) | Literal::Number(wanted), Value::Text(own)) => wanted == own,
        (Literal::Number(wanted), Value::Written(own)) => wanted == own,
        (Literal::Bool(wanted), Value::Bool(own)) => wanted == own,
        (Literal::Bool(wanted), Value::Text(own)) => own == if *wanted { "true" } else { "false" },
        _ => false,
    })
}

/// The key of an id; 0 where there is none.
pub(super) fn id_key(id: &Id<'_>) -> u64 {
    match id {
        Id::Text(text) if text.is_empty() => 0,
        Id::Text(text) => hash(b't', text.as_bytes()),
        Id::Integer(id) => hash(b'i', &id.to_le_bytes()),
    }
}

/// The key of a unit; 0 where there is none.
pub(super) fn unit_key(unit: Option<&Value<'_>>) -> u64 {
    match unit {
        Some(Value::Text(text)) if !text.is_empty() => hash(b'u', text.as_bytes()),
        Some(Value::Written(text)) => hash(b'u', text.as_bytes()),
        _ => 0,
    }
}

/// Never 0, which stands for nothing.
fn hash(kind: u8, bytes: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0x7265_6c67_6174_652f, 0x6d6f_6e69_746f_7231);
    hasher.write_u8(kind);
    hasher.write(bytes);
    hasher.finish().max(1)
}
