//! The samples of a per-sample file, folded into a sink.

use std::borrow::Cow;

use super::blocks::Gather;
use super::formats::about;
use super::row::{Plan, RowBuffer};
use super::runs::{self, Depth, Run, layouts, no_samples, sample_header};
use super::sample::{Projection, RunSummary, Sink};
use super::source::{Compression, Source};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::Format;

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
    let paths = projection.paths.or(about(format).fields);
    let plan = Plan::new(projection, &paths);
    let mut gather = Folded(sink);
    let mut rows = 0;
    let header = |cells: Vec<Cow<'_, str>>| sample_header(cells, &paths);
    for layout in layouts(source, format, compression)? {
        let run = Run { layout, depth: Depth::Whole, header: &header };
        let seen = runs::of_source(
            source,
            compression,
            run,
            &|block, reading, sink| reading.read(block, &mut RowBuffer::new(&plan, sink)),
            &mut gather,
        )?;
        rows += seen.rows;
    }
    if rows == 0 {
        return Err(no_samples(source.name()).into());
    }
    Ok(RunSummary { rows })
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
