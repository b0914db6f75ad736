//! Files that list ids: a text with one a line, or rows with an `id`.

use std::collections::BTreeSet;
use std::io::Read as _;

use super::blocks::unreadable;
use super::detect;
use super::probe::{Declared, probe_as};
use super::runs::Depth;
use super::sample::{Id, Projection, Sample, Sink};
use super::source::Source;
use super::stream::stream;
use super::unpack::{self, compression, ending, read_full};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The largest list of ids in a text, in bytes.
const MOST: u64 = 64 << 20;
/// What is read as rows; anything else is a text.
const ROWS: [&str; 4] = ["jsonl", "ndjson", "json", "csv"];

/// The ids that a file lists, as they are written: the lines of a text, or the `id` of each row of a `.jsonl`, `.json` or `.csv`
/// file (under the name that `declared` says).
///
/// # Errors
/// The file cannot be read to its end, or lists none.
pub fn listed_ids(source: &dyn Source, declared: &Declared) -> Result<BTreeSet<String>, Diagnostics> {
    let rows = ending(source.name()).is_some_and(|own| ROWS.contains(&own.as_str()));
    let ids = if rows { of_rows(source, declared)? } else { of_lines(source)? };
    if ids.is_empty() { Err(detect::empty(source.name()).into()) } else { Ok(ids) }
}

fn of_lines(source: &dyn Source) -> Result<BTreeSet<String>, Diagnostic> {
    let text = whole_text(source, "this list of ids", MOST)?;
    Ok(text.lines().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect())
}

/// All of a text, which may be packed.
///
/// # Errors
/// It cannot be read to its end, is larger than `most` bytes, or not UTF-8; `what` says what it is.
pub fn whole_text(source: &dyn Source, what: &str, most: u64) -> Result<String, Diagnostic> {
    let failed = |error: std::io::Error| unreadable(source.name(), &error);
    let mut magic = [0; 6];
    let read = read_full(source, 0, &mut magic).map_err(failed)?;
    let packed = compression(magic.get(..read).unwrap_or_default());
    let mut bytes = Vec::new();
    unpack::open(source, packed).take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        let text = format!("{what} is larger than {} MiB", most >> 20);
        return Err(Diagnostic::error(Code::TooLarge, text)
            .in_file(source.name())
            .help("split it, or name another file"));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        let finding = Diagnostic::error(Code::NotUtf8, format!("{what} is not UTF-8 text"));
        finding.in_file(source.name()).help("write it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}

fn of_rows(source: &dyn Source, declared: &Declared) -> Result<BTreeSet<String>, Diagnostics> {
    let catalog = probe_as(
        source,
        Depth::Head,
        &Declared { format: None, paths: declared.paths.clone(), records: false },
    )?;
    let projection = Projection { fields: Vec::new(), records: false, paths: catalog.paths.clone() };
    let mut ids = Ids(BTreeSet::new());
    stream(source, catalog.format, catalog.compression, &projection, &mut ids)?;
    Ok(ids.0)
}

/// Collects the ids of rows.
struct Ids(BTreeSet<String>);

impl Sink for Ids {
    fn fork(&self) -> Self {
        Self(BTreeSet::new())
    }

    fn fold(&mut self, sample: &Sample<'_>) -> Result<(), Diagnostic> {
        self.0.insert(match &sample.id {
            Id::Text(text) => text.to_string(),
            Id::Integer(integer) => integer.to_string(),
        });
        Ok(())
    }

    fn absorb(&mut self, later: Self, _line_offset: u64) -> Result<(), Diagnostic> {
        self.0.extend(later.0);
        Ok(())
    }
}
