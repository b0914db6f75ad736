//! Results that other tools wrote, retold as rows of ours.
//!
//! A reader (a file each in `formats`) walks through a file once and hands over rows in our words and what the file says
//! besides them. It runs on a thread of its own; the rows go through the same projection, checks and sinks as those of our
//! own formats, so that nothing about a value is decided twice.

mod bounded;
mod cells;
mod halt;
mod json;
mod outline;
mod retelling;
mod row;
mod told;
mod zip;

use std::io::Read;
use std::sync::mpsc::sync_channel;

use super::blocks::{Gather, Outcome, unreadable};
use super::detect::{self, text_of};
use super::feed::Block;
use super::formats::{Layout, Reading};
use super::runs::{self, Depth, Run, Seen};
use super::source::{Compression, Source};
use super::unpack;
use crate::diagnostic::{Diagnostics, Place};

pub(super) use bounded::Bounded;
pub(super) use cells::{Cells as ForeignCells, rows as rows_of_cells};
pub(super) use halt::Halt;
pub(super) use json::Json;
pub(super) use outline::{Part, Way, parts};
pub(super) use retelling::{Retelling, Select};
pub(super) use row::Row;
pub use told::{ScoreType, Told, ToldRun};
pub(super) use zip::Archive;

use retelling::{Retold, WAITING};

/// Reads a file of another tool.
pub(super) type Retell = fn(&ForeignFile<'_>, &mut Retelling) -> Result<(), Halt>;

/// A file of another tool.
#[derive(Clone, Copy)]
pub(super) struct ForeignFile<'s> {
    /// Its bytes.
    pub(super) source: &'s dyn Source,
    /// How it is packed.
    pub(super) compression: Compression,
}

impl<'s> ForeignFile<'s> {
    /// What messages call it.
    pub(super) fn name(&self) -> &'s str {
        self.source.name()
    }

    /// Its first bytes, for [`Head`](super::formats::Head).
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn first_bytes(&self) -> Result<Vec<u8>, Halt> {
        Ok(text_of(&detect::first_bytes(self.source, self.compression)?).to_vec())
    }

    /// Its text from the front.
    pub(super) fn text(&self) -> Box<dyn Read + Send + 's> {
        unpack::open(self.source, self.compression)
    }
}

/// Works through the rows of a file of another tool.
pub(super) fn read<T: Send>(
    file: ForeignFile<'_>,
    retell: Retell,
    work: &(impl Fn(&Block, &Reading<'_>, &mut T) -> Outcome + Sync),
    gather: &mut impl Gather<T>,
) -> Result<(Seen, Told), Diagnostics> {
    let (sender, receiver) = sync_channel(WAITING);
    let name = file.name();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut retelling = Retelling::new(name, sender);
            retell(&file, &mut retelling)?;
            retelling.finish()
        });
        let no_header = |_: Vec<std::borrow::Cow<'_, str>>| Ok(Vec::new());
        let run = Run { layout: Layout::Lines { header: false }, depth: Depth::Whole, header: &no_header };
        let seen = runs::of_stream(name, Retold::new(receiver), run, work, gather).map_err(rows_of);
        match reader.join() {
            Ok(Ok(told)) => seen.map(|seen| (seen, told)),
            Ok(Err(Halt::Finding(finding))) => Err((*finding).into()),
            // Nobody took the rows any more: that has a reason of its own.
            Ok(Err(Halt::Closed)) => match seen {
                Err(findings) => Err(findings),
                Ok(_) => Err(unreadable(name, &std::io::ErrorKind::UnexpectedEof.into()).into()),
            },
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Counts what was retold as rows: the lines of the file are others.
fn rows_of(findings: Diagnostics) -> Diagnostics {
    let mut reworded = Diagnostics::new();
    for mut finding in findings {
        if let Place::Line { file, line } = &finding.place {
            let note = format!("it is row {line} of those in the file");
            finding.title = finding.title.replace("this line", "this row");
            finding.place = Place::File(file.clone());
            finding = finding.note(note);
        }
        reworded.push(finding);
    }
    reworded
}
