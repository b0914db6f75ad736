//! Rows of a log as rows of `relgate/numbers/v1`: what signals need of each, and no text.
//!
//! A row that is read back counts as the row itself would: an id and a unit are hashes, and what is worked out of a response
//! stands in a column of its own.

use std::io::{self, Write};
use std::sync::Arc;

use super::log::{FIXED, LogField, LogPlan, RELEASE, RESPONSE, TIME, UNIT, id_key, unit_key};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::evidence::{self, Compression, Paths, Projected, Role, Sample, Sink, Source, Value};
use crate::manifest::{Condition, Digest, Format};
use crate::metric::write_cell;

/// What the column is called of a field that is worked out of responses: rows may have one of that name too.
#[must_use]
pub fn derived_column(name: &str) -> String {
    format!("derived {name}")
}

/// How the rows of a log are stripped.
#[derive(Debug, Clone)]
pub struct LogStripping {
    plan: LogPlan,
    columns: Vec<String>,
}

impl LogStripping {
    /// Keeps these fields of the rows, these of their responses, and what these conditions look at.
    #[must_use]
    pub fn new(own: Vec<String>, derived: Vec<(String, LogField)>, conditions: Vec<Condition>) -> Self {
        let column = |name: String, role| Projected { name, role }.column();
        let fixed = [("time", Role::Time), ("release", Role::Label), ("unit", Role::Unit)];
        let mut columns = vec!["id".to_owned(), "error".to_owned()];
        columns.extend(fixed.map(|(name, role)| column(name.to_owned(), role)));
        columns.extend(own.iter().map(|name| column(name.clone(), Role::Score)));
        columns.extend(derived.iter().map(|(name, _)| column(derived_column(name), Role::Score)));
        columns.extend(conditions.iter().map(|condition| column(condition.field.value.clone(), Role::Label)));
        let own = own.into_iter().map(LogField::Own);
        let fields = own.chain(derived.into_iter().map(|(_, field)| field)).collect();
        Self { plan: LogPlan { fields, conditions, ..LogPlan::default() }, columns }
    }

    /// The names of the columns, in the order of the cells of a row.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.columns.clone()
    }

    fn row(&self, sample: &Sample<'_>, text: &mut Vec<u8>) -> io::Result<()> {
        text.push(b'[');
        serde_json::to_writer(&mut *text, &id_key(&sample.id).cast_signed())?;
        text.extend_from_slice(if sample.error.is_some() { b",true," } else { b",null," });
        write_cell(sample.values.get(TIME), text)?;
        text.push(b',');
        write_cell(sample.values.get(RELEASE), text)?;
        match unit_key(sample.values.get(UNIT)) {
            0 => text.extend_from_slice(b",null"),
            unit => write!(text, ",\"{unit:016x}\"")?,
        }
        let mut rest = sample.values.iter().skip(FIXED);
        for field in &self.plan.fields {
            text.push(b',');
            match (field, sample.values.get(RESPONSE)) {
                (LogField::Derived(of), Some(Value::Text(response))) => {
                    write_cell(Some(&Value::Number(of(response))), text)?;
                }
                (LogField::Own(_), _) => write_cell(rest.next(), text)?,
                (LogField::Derived(_) | LogField::Error, _) => text.extend_from_slice(b"null"),
            }
        }
        for value in rest {
            text.push(b',');
            write_cell(Some(value), text)?;
        }
        text.extend_from_slice(b"]\n");
        Ok(())
    }
}

/// What was stripped of a file.
#[derive(Debug)]
pub struct StrippedLog {
    /// Its rows.
    pub rows: u64,
    /// Rows that could not be read.
    pub torn: u64,
    /// The digest of its bytes.
    pub sha256: Option<Digest>,
}

/// Reads a file of records and writes its rows to `out`, a block at a time.
///
/// # Errors
/// What the reader found wrong, or of `out`.
pub fn strip_log(
    source: &dyn Source,
    (format, compression, paths): (Format, Compression, &Paths),
    stripping: &Arc<LogStripping>,
    out: &mut (dyn Write + Send),
) -> Result<StrippedLog, Diagnostics> {
    let projection = stripping.plan.projection(paths);
    let mut sink = Lines { out: Some(out), ..Lines::of(stripping) };
    let read = evidence::stream_and_digest(source, format, compression, &projection, &mut sink)?;
    Ok(StrippedLog { rows: sink.rows, torn: sink.torn, sha256: read.sha256 })
}

/// The rows of a block on their way out.
struct Lines<'o> {
    stripping: Arc<LogStripping>,
    text: Vec<u8>,
    rows: u64,
    torn: u64,
    /// Only of the first, which takes the others in.
    out: Option<&'o mut (dyn Write + Send)>,
}

impl Lines<'_> {
    fn of(stripping: &Arc<LogStripping>) -> Self {
        Self { stripping: Arc::clone(stripping), text: Vec::new(), rows: 0, torn: 0, out: None }
    }
}

impl Sink for Lines<'_> {
    fn fork(&self) -> Self {
        Self::of(&self.stripping)
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        self.rows += 1;
        // Writing into memory does not fail.
        let _ = self.stripping.row(sample, &mut self.text);
        Ok(())
    }

    fn torn(&mut self) {
        self.torn += 1;
    }

    fn absorb(&mut self, later: Self, _: u64) -> Result<(), Diagnostic> {
        (self.rows, self.torn) = (self.rows + later.rows, self.torn + later.torn);
        let Some(out) = &mut self.out else {
            self.text.extend(later.text);
            return Ok(());
        };
        out.write_all(&later.text).map_err(|error| {
            Diagnostic::error(Code::CannotWrite, format!("the numbers cannot be written: {error}"))
                .help("make room where `-o` and the temporary files stand")
        })
    }
}
