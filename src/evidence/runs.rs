//! Reads the rows of a run, however they are written and packed.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;

use memchr::memchr;

use super::blocks::{self, Gather, Outcome, unreadable};
use super::detect;
use super::feed::{Block, Feed, Rows as RowEnds};
use super::formats::{
    Columns, Elements, Head, Holding, Layout, NameCheck, Numbers, Reading, about, header, header_of,
};
use super::paths::Paths;
use super::source::{Compression, Digesting, Source};
use super::unpack::{self, ending, first_bytes, text_of};
use super::wrong_value::missing_id;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, printable};
use crate::document::Fault;
use crate::manifest::{Digest, Format};

/// How much of a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The rows of the first MiB of text.
    Head,
    /// All of it.
    Whole,
}

/// What is read, and how.
#[derive(Clone, Copy)]
pub(super) struct Run<'h> {
    /// How its rows are written.
    pub(super) layout: Layout,
    /// How much of it is read.
    pub(super) depth: Depth,
    /// Checks the names of columns, where there are some.
    pub(super) header: NameCheck<'h>,
}

/// What was seen of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Rows.
    pub(super) rows: u64,
    /// Whether those were all.
    pub(super) whole: bool,
}

/// Works through a run of `source`, every core on its own part where that can be; its bytes go into `digest` as they are
/// read.
pub(super) fn of_source<T: Send>(
    source: &dyn Source,
    compression: Compression,
    run: Run<'_>,
    digest: Option<&mut Digesting>,
    work: &(dyn Fn(&Block, &Reading<'_>, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
) -> Result<Seen, Diagnostics> {
    match (run.layout, compression, run.depth) {
        (Layout::Lines { header }, Compression::None, Depth::Whole) => {
            let reading = Reading::Lines { header };
            let rows = blocks::run(source, digest, &|block, state| work(block, &reading, state), gather)?;
            Ok(Seen { rows, whole: true })
        }
        _ => {
            let stream = unpack::open_and_digest(source, compression, digest);
            of_stream(source.name(), stream, run, work, gather)
        }
    }
}

/// Works through a run that can only be read from its front, unpacked.
pub(super) fn of_stream<T: Send>(
    name: &str,
    // Not one copy of all that follows for each kind of stream: it is asked for a block at a time.
    stream: Box<dyn Read + '_>,
    run: Run<'_>,
    work: &(dyn Fn(&Block, &Reading<'_>, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
) -> Result<Seen, Diagnostics> {
    let Run { depth, .. } = run;
    match run.layout {
        Layout::Lines { header } => {
            let reading = Reading::Lines { header };
            feed(
                name,
                Feed::new(stream, RowEnds::Lines),
                depth,
                &|block, state| work(block, &reading, state),
                gather,
            )
        }
        Layout::List => {
            let reading = Reading::Lines { header: false };
            let elements: Box<dyn Read + '_> = Box::new(Elements::new(stream));
            let elements = Feed::new(elements, RowEnds::Lines);
            feed(name, elements, depth, &|block, state| work(block, &reading, state), gather)
                .map_err(elements_of)
        }
        Layout::Arrays => {
            let digest = RowsDigest::default();
            let stream: Box<dyn Read + '_> = Box::new(BehindHeader { stream, digest: digest.clone() });
            let mut rows = Feed::new(stream, RowEnds::Lines);
            let mut first = Block::default();
            if !rows.next(&mut first).map_err(|error| unreadable(name, &error))? {
                return Ok(Seen { rows: 0, whole: true });
            }
            let header = Numbers::read(&first, name)?;
            rows.give_back(first);
            let reading = Reading::Arrays(&header.columns);
            let seen = feed(name, rows, depth, &|block, state| work(block, &reading, state), gather)?;
            if seen.whole {
                header.check(seen.rows, &digest.finish(), name)?;
            }
            Ok(seen)
        }
        Layout::Table(cells) => {
            let mut rows = Feed::new(stream, cells.rows());
            let mut first = Block::default();
            if !rows.next(&mut first).map_err(|error| unreadable(name, &error))? {
                return Ok(Seen { rows: 0, whole: true });
            }
            let columns: Columns = header_of(&first, name, cells, run.header)?;
            rows.give_back(first);
            let reading = Reading::Cells(&columns);
            feed(name, rows, depth, &|block, state| work(block, &reading, state), gather)
        }
    }
}

fn feed<T: Send>(
    name: &str,
    feed: Feed<Box<dyn Read + '_>>,
    depth: Depth,
    work: &(dyn Fn(&Block, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
) -> Result<Seen, Diagnostics> {
    match depth {
        Depth::Head => {
            let (rows, whole) = blocks::run_first(name, feed, work, gather)?;
            Ok(Seen { rows, whole })
        }
        Depth::Whole => Ok(Seen { rows: blocks::run_feed(name, feed, work, gather)?, whole: true }),
    }
}

/// The digest of what stands behind the first line of a file.
#[derive(Clone, Default)]
struct RowsDigest(Rc<RefCell<(bool, Digesting)>>);

impl RowsDigest {
    fn update(&self, bytes: &[u8]) {
        let mut own = self.0.borrow_mut();
        let (began, digest) = &mut *own;
        let from = if *began { Some(0) } else { memchr(b'\n', bytes).map(|end| end + 1) };
        if let Some(rest) = from.and_then(|from| bytes.get(from..)) {
            *began = true;
            digest.update(rest);
        }
    }

    fn finish(&self) -> Digest {
        std::mem::take(&mut self.0.borrow_mut().1).finish()
    }
}

/// A stream whose lines behind the first are digested as they are read.
struct BehindHeader<'a> {
    stream: Box<dyn Read + 'a>,
    digest: RowsDigest,
}

impl Read for BehindHeader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let read = self.stream.read(buf)?;
        self.digest.update(buf.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Counts the elements of a list as such.
fn elements_of(findings: Diagnostics) -> Diagnostics {
    let mut reworded = Diagnostics::new();
    for mut finding in findings {
        if let Place::Line { file, line } = &finding.place {
            let note = format!("it is element {line} of the list");
            finding.title = finding.title.replace("this line", "this element");
            finding.place = Place::File(file.clone());
            finding = finding.note(note);
        }
        reworded.push(finding);
    }
    reworded
}

/// How the rows of each run of a file are written.
pub(super) fn layouts(
    source: &dyn Source,
    format: Format,
    compression: Compression,
) -> Result<Vec<Layout>, Diagnostic> {
    let Holding::Samples(runs) = about(format).content else {
        let title = "this is a metrics file: it holds aggregates, not samples";
        return Err(Diagnostic::error(Code::NoSamples, title)
            .in_file(source.name())
            .help("name a .jsonl or .csv file with a row a sample"));
    };
    let bytes = first_bytes(source, compression).map_err(|error| unreadable(source.name(), &error))?;
    runs(&Head::new(source.name(), text_of(&bytes), ending(source.name()).as_deref()))
}

/// Checks the names of the header row of samples.
pub(super) fn sample_header(cells: Vec<Cow<'_, str>>, paths: &Paths) -> Result<Vec<String>, Fault> {
    if cells.is_empty() {
        return Err(Diagnostic::error(Code::EmptyEvidence, "this file holds no header row and no samples")
            .help("find out why the evaluation wrote none; nothing can be judged from it")
            .into());
    }
    let missing = paths.of("id").into_iter().find(|id| !cells.iter().any(|name| name == id));
    if let Some(id) = missing {
        let title = format!("the header row names no column `{}`", printable(id));
        return Err(Diagnostic { title, ..missing_id() }.into());
    }
    header(cells)
}

/// The finding that a per-sample file holds no sample.
pub(super) fn no_samples(file: &str) -> Diagnostic {
    Diagnostic { title: "this file holds no samples".to_owned(), ..detect::empty(file) }
}
