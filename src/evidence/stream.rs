//! The samples of a per-sample file, folded into a sink.

use super::blocks::{self, Gather, Outcome};
use super::feed::{Block, Rows as RowEnds};
use super::probe::no_samples;
use super::row::{Plan, RowBuffer};
use super::sample::{Projection, RunSummary, Sink};
use super::source::{Compression, Format, Source};
use super::{csv, jsonl};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Folds every sample of `source` into `sink`, with the projected fields only.
///
/// Memory does not grow with the file, and neither the result nor the findings depend on the number of
/// threads.
///
/// # Errors
/// The first few findings of the first part of the file that has any. What the sink holds then is worthless.
pub fn stream<S: Sink>(
    source: &dyn Source,
    format: Format,
    compression: Compression,
    projection: &Projection,
    sink: &mut S,
) -> Result<RunSummary, Diagnostics> {
    let plan = Plan::new(projection);
    let mut gather = Folded(sink);
    let rows = match format {
        Format::Jsonl => {
            let read = |block: &Block, sink: &mut S| jsonl::read(block, &mut RowBuffer::new(&plan, sink));
            blocks::run(source, compression, RowEnds::Lines, &read, &mut gather)?
        }
        Format::Csv => {
            let columns = csv::columns(source, compression)?;
            let read = |block: &Block, sink: &mut S| -> Outcome {
                csv::read(block, &columns, &mut RowBuffer::new(&plan, sink))
            };
            blocks::run(source, compression, RowEnds::Quoted, &read, &mut gather)?
        }
        Format::Metrics => return Err(no_rows(source.name()).into()),
    };
    if rows == 0 {
        return Err(no_samples(source.name()).into());
    }
    Ok(RunSummary { rows })
}

fn no_rows(file: &str) -> Diagnostic {
    Diagnostic::error(Code::NoSamples, "this is a metrics file: it holds aggregates, not samples")
        .in_file(file)
        .help("name a .jsonl or .csv file with a row a sample")
}

/// The sink, as the blocks see it.
struct Folded<'s, S>(&'s mut S);

impl<S: Sink> Gather<S> for Folded<'_, S> {
    fn fork(&self) -> S {
        self.0.fork()
    }

    fn absorb(&mut self, later: S, lines: u64) -> Result<(), Diagnostic> {
        self.0.absorb(later, lines)
    }
}
