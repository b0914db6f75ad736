//! The samples of a per-sample file, folded into a sink.

use std::borrow::Cow;

use super::blocks::Gather;
use super::feed::Block;
use super::foreign::Logged;
use super::formats::{Holding, Reading, about};
use super::part::NumbersPart;
use super::retold;
use super::row::{Plan, RowBuffer};
use super::runs::{self, Depth, Run, layouts, no_samples, sample_header};
use super::sample::{Projection, RunSummary, Sink};
use super::source::{Compression, Digesting, Source, digest_source};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
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
    read(source, (format, compression, Depth::Whole), projection, None, sink)
}

/// The same; the digest is that of the bytes which were read, not of what stands there by then, or that of an earlier run where
/// nobody wrote to the file since.
///
/// # Errors
/// As [`stream`].
pub fn stream_and_digest<S: Sink>(
    source: &dyn Source,
    format: Format,
    compression: Compression,
    projection: &Projection,
    sink: &mut S,
) -> Result<RunSummary, Diagnostics> {
    let whole = (format, compression, Depth::Whole);
    if let Some(known) = source.known_digest() {
        let summary = read(source, whole, projection, None, sink)?;
        return Ok(RunSummary { sha256: Some(known), ..summary });
    }
    let mut digest = Digesting::default();
    let summary = read(source, whole, projection, Some(&mut digest), sink)?;
    // A reader that did not need every byte leaves the rest to be read for its own sake.
    let sha256 = if digest.length() == source.len() {
        let sha256 = digest.finish();
        source.learned_digest(&sha256);
        sha256
    } else {
        digest_source(source)?
    };
    Ok(RunSummary { sha256: Some(sha256), ..summary })
}

/// The samples at the front of `source`, and no more: those of the first MiB of text or so.
///
/// # Errors
/// As [`stream`].
pub fn stream_front<S: Sink>(
    source: &dyn Source,
    format: Format,
    compression: Compression,
    projection: &Projection,
    sink: &mut S,
) -> Result<RunSummary, Diagnostics> {
    read(source, (format, compression, Depth::Head), projection, None, sink)
}

fn read<S: Sink>(
    source: &dyn Source,
    (format, compression, depth): (Format, Compression, Depth),
    projection: &Projection,
    mut digest: Option<&mut Digesting>,
    sink: &mut S,
) -> Result<RunSummary, Diagnostics> {
    let paths = projection.paths.or(about(format).fields);
    if format == Format::Numbers {
        let part = NumbersPart::of(source)?;
        if part.is_some() != paths.in_numbers() {
            return Err(other_numbers(source.name()).into());
        }
        part.map_or(Ok(()), |part| part.check(source.name(), &projection.fields))?;
    }
    let plan = Plan::new(projection, &paths);
    let mut gather = Folded(sink);
    let work = |block: &Block, reading: &Reading<'_>, sink: &mut S| {
        reading.read(block, &mut RowBuffer::new(&plan, sink))
    };
    let mut rows = 0;
    if let Holding::Foreign(retell) = about(format).content {
        let logged = projection.records.then(|| match depth {
            Depth::Whole => Logged::whole(),
            Depth::Head => Logged::front(),
        });
        let (seen, _) = retold::read(source, compression, (retell, logged), &work, &mut gather)?;
        return Ok(RunSummary { rows: seen.rows, sha256: None });
    }
    let header = |cells: Vec<Cow<'_, str>>| sample_header(cells, &paths);
    for layout in layouts(source, format, compression)? {
        let run = Run { layout, depth, header: &header };
        rows += runs::of_source(source, compression, run, digest.take(), &work, &mut gather)?.rows;
    }
    // A file of a log in which nothing stands yet makes a part of no rows, and says so.
    let is_empty_part = format == Format::Numbers && projection.records;
    if rows == 0 && !is_empty_part {
        return Err(no_samples(source.name()).into());
    }
    Ok(RunSummary { rows, sha256: None })
}

/// A part where a bundle's file was meant, or the other way round: each calls its columns otherwise.
fn other_numbers(file: &str) -> Diagnostic {
    Diagnostic::error(Code::UnknownFormat, "this numbers file is not one that can be read here")
        .in_file(file)
        .help("parts that `relgate summarize` wrote are judged by `relgate check --evidence NAME='parts/*'`")
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
