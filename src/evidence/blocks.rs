//! Runs blocks over every core and puts what they found back into the order of the file.
//!
//! A window of blocks is worked on at a time, so memory stays the same however long the file is, and the
//! result and the first finding stay the same however many threads there are.

use std::io::{self, Read};

use rayon::prelude::*;

use super::feed::{self, Block, Feed, LONGEST, PART};
use super::source::{Digesting, Source};
use super::unpack::WideWindow;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature, Place};

/// Findings that are reported of the first block with any.
pub(super) const MOST_FINDINGS: usize = 5;

/// What was seen in one block.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Rows that hold a sample.
    pub(super) rows: u64,
    /// Lines, blank ones too.
    pub(super) lines: u64,
    /// What is wrong, by line within the block (from 1).
    pub(super) findings: Vec<(u64, Diagnostic)>,
    /// The first of the lines at its end that hold separators only: nothing, if no row follows them.
    pub(super) hollow: Option<u64>,
}

impl Outcome {
    /// Notes a finding; says whether enough were found.
    pub(super) fn push(&mut self, line: u64, finding: Diagnostic) -> bool {
        self.findings.push((line, finding));
        self.findings.len() >= MOST_FINDINGS
    }
}

/// Makes the state of a block and takes it back, in file order.
pub(super) trait Gather<T> {
    /// An empty state.
    fn fork(&self) -> T;

    /// Takes a block's state; `lines` came before it.
    fn absorb(&mut self, state: T, lines: u64) -> Result<(), Diagnostic>;
}

struct Slot<T> {
    block: Block,
    work: Work<T>,
}

/// What was made of the blocks of a window.
fn works<T>(slots: &mut [Slot<T>]) -> Vec<Work<T>> {
    slots.iter_mut().map(|slot| std::mem::take(&mut slot.work)).collect()
}

/// What becomes of a block.
struct Work<T> {
    state: Option<T>,
    outcome: Outcome,
    failed: Option<io::Error>,
}

impl<T> Default for Work<T> {
    fn default() -> Self {
        Self { state: None, outcome: Outcome::default(), failed: None }
    }
}

impl<T> Work<T> {
    fn run(&mut self, block: &Block, work: &(dyn Fn(&Block, &mut T) -> Outcome + Sync)) {
        if self.failed.is_none()
            && let Some(state) = self.state.as_mut()
        {
            self.outcome = work(block, state);
            if block.too_long && self.outcome.findings.len() < MOST_FINDINGS {
                self.outcome.findings.push((self.outcome.lines + 1, too_long()));
            }
        }
    }
}

/// Works through the lines of a plain `source`, every core on its own blocks; the number of rows. Its bytes go into
/// `digest`.
pub(super) fn run<T: Send>(
    source: &dyn Source,
    digest: Option<&mut Digesting>,
    work: &(dyn Fn(&Block, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
) -> Result<u64, Diagnostics> {
    let mut total = Total::of(source.name());
    by_position(source, digest, work, gather, &mut total)?;
    Ok(total.rows)
}

/// Works through a stream that only this thread may read; the number of rows.
pub(super) fn run_feed<T: Send>(
    name: &str,
    feed: Feed<Box<dyn Read + '_>>,
    work: &(dyn Fn(&Block, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
) -> Result<u64, Diagnostics> {
    let mut total = Total::of(name);
    in_sequence(feed, work, gather, &mut total)?;
    Ok(total.rows)
}

/// Works on the first block alone; the number of rows, and whether those were all.
pub(super) fn run_first<T: Send>(
    name: &str,
    mut feed: Feed<Box<dyn Read + '_>>,
    work: &(dyn Fn(&Block, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
) -> Result<(u64, bool), Diagnostics> {
    let mut total = Total::of(name);
    let mut slots = window::<T>(2);
    let used = fill(&mut feed, slots.get_mut(..1).unwrap_or_default());
    let active = slots.get_mut(..used).unwrap_or_default();
    for slot in active.iter_mut() {
        slot.work.state = Some(gather.fork());
        slot.work.run(&slot.block, work);
    }
    total.take(works(active), gather)?;
    Ok((total.rows, feed.ended()))
}

/// So many slots for each core.
fn window<T>(each: usize) -> Vec<Slot<T>> {
    let slots = each * rayon::current_num_threads();
    (0..slots).map(|_| Slot { block: Block::default(), work: Work::default() }).collect()
}

/// Every core reads its own blocks and works on them while they are near. Beside it one core digests the bytes of the window
/// before, and this thread gathers what was made of it.
fn by_position<T: Send>(
    source: &dyn Source,
    mut digest: Option<&mut Digesting>,
    work: &(dyn Fn(&Block, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
    total: &mut Total<'_>,
) -> Result<(), Diagnostics> {
    let blocks = source.len().div_ceil(PART as u64);
    // Small blocks, and so many that no core waits long for another at the end of a window.
    let (mut before, mut coming) = (window::<T>(4), window::<T>(4));
    let (mut next, mut read) = (0, 0);
    loop {
        let used = usize::try_from(blocks - next).unwrap_or(usize::MAX).min(coming.len());
        if read + used == 0 {
            return Ok(());
        }
        let done = before.get_mut(..read).unwrap_or_default();
        let made = works(done);
        let active = coming.get_mut(..used).unwrap_or_default();
        for slot in active.iter_mut() {
            slot.work.state = Some(gather.fork());
        }
        let digest = digest.as_deref_mut();
        rayon::in_place_scope(|scope| {
            if let Some(digest) = digest {
                scope.spawn(move |_| done.iter().for_each(|slot| digest.update(slot.block.own())));
            }
            for (number, Slot { block, work: own }) in (next..).zip(active) {
                scope.spawn(move |_| match feed::read_lines(source, number, block) {
                    Ok(()) => own.run(block, work),
                    Err(error) => own.failed = Some(error),
                });
            }
            total.take(made, gather)
        })?;
        std::mem::swap(&mut before, &mut coming);
        next += used as u64;
        read = used;
    }
}

/// This thread unpacks the next window while the cores work on this one.
fn in_sequence<T: Send>(
    mut feed: Feed<Box<dyn Read + '_>>,
    work: &(dyn Fn(&Block, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
    total: &mut Total<'_>,
) -> Result<(), Diagnostics> {
    let (mut current, mut coming) = (window::<T>(2), window::<T>(2));
    let mut used = fill(&mut feed, &mut current);
    while used > 0 {
        let active = current.get_mut(..used).unwrap_or_default();
        for slot in active.iter_mut() {
            slot.work.state = Some(gather.fork());
        }
        let mut filled = 0;
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| active.par_iter_mut().for_each(|slot| slot.work.run(&slot.block, work)));
            filled = fill(&mut feed, &mut coming);
        });
        total.take(works(active), gather)?;
        std::mem::swap(&mut current, &mut coming);
        used = filled;
    }
    Ok(())
}

/// Fills slots until the stream ends or fails; how many were used.
fn fill<T>(feed: &mut Feed<Box<dyn Read + '_>>, slots: &mut [Slot<T>]) -> usize {
    let mut used = 0;
    for slot in slots {
        match feed.next(&mut slot.block) {
            Ok(true) => used += 1,
            Ok(false) => break,
            Err(error) => {
                slot.work.failed = Some(error);
                return used + 1;
            }
        }
    }
    used
}

/// What was seen of the file so far.
struct Total<'a> {
    name: &'a str,
    rows: u64,
    lines: u64,
    /// The first of the lines without a value that were read last.
    hollow: Option<u64>,
}

impl<'a> Total<'a> {
    fn of(name: &'a str) -> Self {
        Self { name, rows: 0, lines: 0, hollow: None }
    }

    /// Takes the blocks of a window in order; stops at the first with a finding.
    fn take<T>(&mut self, works: Vec<Work<T>>, gather: &mut dyn Gather<T>) -> Result<(), Diagnostics> {
        for Work { state, outcome, failed } in works {
            if let Some(error) = failed {
                return Err(unreadable(self.name, &error).into());
            }
            if let Some(line) = self.hollow.filter(|_| outcome.rows > 0) {
                return Err(hollow_row().at_line(self.name, line).into());
            }
            self.hollow = self.hollow.or(outcome.hollow.map(|line| self.lines + line));
            if !outcome.findings.is_empty() {
                let mut all = Diagnostics::new();
                for (line, finding) in outcome.findings {
                    all.push(place(finding, self.name, self.lines + line));
                }
                return Err(all);
            }
            if let Some(state) = state {
                gather.absorb(state, self.lines).map_err(|finding| adopt(finding, self.name))?;
            }
            self.rows += outcome.rows;
            self.lines += outcome.lines;
        }
        Ok(())
    }
}

/// Puts a finding at a line, unless it knows its place.
fn place(finding: Diagnostic, file: &str, line: u64) -> Diagnostic {
    if finding.place == Place::Nowhere { finding.at_line(file, line) } else { finding }
}

/// Completes the place of a finding of a sink, which knows lines but no file.
fn adopt(mut finding: Diagnostic, file: &str) -> Diagnostic {
    match &mut finding.place {
        Place::Nowhere => finding.place = Place::File(file.to_owned()),
        Place::Line { file: name, .. } if name.is_empty() => file.clone_into(name),
        _ => {}
    }
    finding
}

/// A row of separators only, with rows behind it: a sample that got lost, and no end that a spreadsheet left.
pub(super) fn hollow_row() -> Diagnostic {
    Diagnostic::error(Code::MissingId, "this row holds nothing, and others follow it")
        .note("a sample that was lost would go unseen")
        .help("find out why the evaluation wrote nothing here; remove the row if it stands for no sample")
}

/// The medium or the packing failed.
pub(super) fn unreadable(file: &str, error: &io::Error) -> Diagnostic {
    if let Some(wide) = error.get_ref().and_then(|inner| inner.downcast_ref::<WideWindow>()) {
        return Diagnostic::error(Code::Unreadable, format!("this file is packed with a window of {wide}"))
            .nature(Nature::Damaged)
            .in_file(file)
            .note("relgate unpacks windows of up to 128 MiB")
            .help("pack it without `--long`");
    }
    let what = match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            "this file is damaged or cut off"
        }
        _ => "this file cannot be read",
    };
    Diagnostic::error(Code::Unreadable, what)
        .nature(Nature::Damaged)
        .in_file(file)
        .note(crate::diagnostic::printable(&error.to_string()))
        .help("write or copy the file again; evidence that is not whole is never judged")
}

fn too_long() -> Diagnostic {
    Diagnostic::error(Code::LineTooLong, format!("this line is longer than {} MiB", LONGEST >> 20))
        .nature(Nature::Malformed)
        .help("write one sample a line, ended by a line feed")
}
