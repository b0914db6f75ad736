//! Files of rows that are no samples: datasets, where any field may stand in any row.
//!
//! Read with the readers of evidence and as strictly: a row that cannot be read is an error that names its line,
//! never a row less.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};

use super::blocks::{self, Gather, Outcome};
use super::feed::Block;
use super::formats::{Cells, Head, Layout, Reading, header, recognise as format_of};
use super::row::Rows;
use super::runs::{self, Depth, Run};
use super::source::Compression;
use super::unpack::{self, Unpacked, text_of};
use crate::diagnostic::{Diagnostic, Diagnostics, Nature};
use crate::document::{Fault, Fields, Step, Token, steps};
use crate::manifest::Format;

/// How to read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How its rows are written.
    pub(crate) layout: Layout,
    compression: Compression,
}

impl Shape {
    /// What rows are counted by.
    pub(crate) fn counted_by(self) -> &'static str {
        match self.layout {
            Layout::List => "element",
            Layout::Lines { .. } | Layout::Table(_) | Layout::Arrays => "line",
        }
    }
}

/// One value as it stands in a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RowValue<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without point and exponent, as written.
    Integer(&'a str),
    /// Another number, as written.
    Decimal(&'a str),
    /// Text, as meant.
    Text(Cow<'a, str>),
    /// A list, as written; [`walk`] goes through it.
    List(&'a str),
    /// An object, as written; [`walk`] goes through it.
    Object(&'a str),
}

impl<'a> RowValue<'a> {
    /// A value that holds no others.
    fn leaf(token: Token<'a>) -> Result<Self, Fault> {
        Ok(match token {
            Token::Null => Self::Null,
            Token::Bool(value) => Self::Bool(value),
            Token::Number(number) if number.whole => Self::Integer(number.text),
            Token::Number(number) => Self::Decimal(number.text),
            Token::Text(text) => Self::Text(text.decode()?),
            Token::List { text, .. } => Self::List(text),
            Token::Map { text, .. } => Self::Object(text),
        })
    }
}

/// A piece of a list or an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece<'a> {
    /// A list starts.
    List,
    /// An object starts.
    Object,
    /// The innermost list or object ends.
    End,
    /// The key of the value that comes next.
    Key(Cow<'a, str>),
    /// A value that holds no others.
    Leaf(RowValue<'a>),
}

/// Hands the pieces of `text`, a list or an object in sound JSON, to `take` in order.
pub(crate) fn walk<'a>(text: &'a str, mut take: impl FnMut(Piece<'a>)) {
    // The row was checked when it was read, so nothing here can fail.
    let _ = steps(text, |step| {
        take(match step {
            Step::List => Piece::List,
            Step::Object => Piece::Object,
            Step::End => Piece::End,
            Step::Key(key) => Piece::Key(key.decode()?),
            Step::Leaf(leaf) => Piece::Leaf(RowValue::leaf(leaf)?),
            Step::Word(word) => Piece::Leaf(RowValue::Text(word.into())),
        });
        Ok(())
    });
}

/// Checks what the scanner leaves to whoever needs the text: escapes that stand for half a character.
fn checked(text: &str) -> Result<&str, Fault> {
    if text.contains("\\u") {
        steps(text, |step| match step {
            Step::Key(text) | Step::Leaf(Token::Text(text)) => text.decode().map(drop),
            _ => Ok(()),
        })?;
    }
    Ok(text)
}

/// What takes the rows of one block.
pub(crate) trait Taker: Send {
    /// Takes a row: its fields in the order of the file, each with the index of its name in `names`, which stays the
    /// same within the block; `line` counts from 1 within the block.
    fn row(&mut self, names: &[String], fields: &[(u32, RowValue<'_>)], line: u64);
}

/// One block that was read.
#[derive(Debug)]
pub(crate) struct ReadBlock<T> {
    /// What took its rows; none where they were passed over.
    pub(crate) taker: Option<T>,
    /// Its rows; 0 where they were passed over.
    pub(crate) rows: u64,
    /// Its lines, or elements of a list; 0 where they were passed over.
    pub(crate) lines: u64,
}

/// Rows of a dataset have no header of ours.
const LINES: Layout = Layout::Lines { header: false };

/// Unpacked bytes that are looked at to tell what a file is.
const HEAD: u64 = 1 << 20;

/// How to read the file `name`, or in a few words what it is instead of a file of rows.
///
/// # Errors
/// The medium or the packing failed.
pub(crate) fn recognise(name: &str, mut stream: impl Read) -> Result<Result<Shape, String>, Diagnostic> {
    let broken = |error: io::Error| unreadable(name, &error);
    let mut magic = Vec::new();
    stream.by_ref().take(6).read_to_end(&mut magic).map_err(broken)?;
    if let Some(what) = unpack::foreign(&magic) {
        return Ok(Err(what.to_owned()));
    }
    let compression = unpack::compression(&magic);
    let ending = unpack::ending(name);
    let shape = |layout| Ok(Ok(Shape { layout, compression }));
    if let Some("jsonl" | "ndjson") = ending.as_deref() {
        return shape(LINES);
    }
    let mut head = Vec::new();
    Unpacked::new(Cursor::new(magic).chain(stream), compression)
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(broken)?;
    let text = text_of(&head);
    let lines = || {
        let head = Head::new(name, text, ending.as_deref());
        format_of(&head) == Some(Format::Jsonl)
    };
    match ending.as_deref() {
        Some("csv") => shape(Layout::Table(Cells::of(text))),
        Some("tsv") => shape(Layout::Table(Cells::of_tabs(text))),
        None | Some("json") if text.starts_with(b"[") => shape(Layout::List),
        None | Some("json") if lines() => shape(LINES),
        Some("json") => Ok(Err("a JSON document that is no list of rows".to_owned())),
        Some(ending) => Ok(Err(ending.chars().take(20).collect())),
        None => Ok(Err("unknown".to_owned())),
    }
}

/// Reads the whole of a file; each block's taker comes from `fork` (by the number of the block, none to pass over its
/// rows) and goes to `absorb`, both in the order of the file.
///
/// # Errors
/// A row that cannot be read, by its line, and a file that is damaged.
pub(crate) fn read<T: Taker>(
    stream: impl Read,
    name: &str,
    shape: Shape,
    fork: impl Fn(usize) -> Option<T>,
    absorb: impl FnMut(ReadBlock<T>),
) -> Result<(), Diagnostics> {
    let unpacked = Unpacked::new(stream, shape.compression);
    let mut blocks = Blocks { fork, absorb, next: std::cell::Cell::new(0) };
    let run = Run { layout: shape.layout, depth: Depth::Whole, header: &named };
    let result = runs::of_stream(name, Box::new(unpacked), run, &work, &mut blocks);
    result.map(drop).map_err(reword)
}

/// Gives a name to columns that have none (the row numbers that pandas writes).
fn named(mut cells: Vec<Cow<'_, str>>) -> Result<Vec<String>, Fault> {
    for (number, cell) in (1..).zip(&mut cells) {
        if cell.trim().is_empty() {
            *cell = Cow::Owned(format!("column {number}"));
        }
    }
    header(cells)
}

/// Reads a block, unless its rows are to be passed over.
fn work<T: Taker>(block: &Block, reading: &Reading<'_>, part: &mut ReadBlock<T>) -> Outcome {
    let Some(taker) = part.taker.as_mut() else { return Outcome::default() };
    let outcome = reading.read(block, &mut Builder { names: Vec::new(), fields: Vec::new(), taker });
    (part.rows, part.lines) = (outcome.rows, outcome.lines);
    outcome
}

/// Forks and absorbs in the order of the file.
struct Blocks<F, A> {
    fork: F,
    absorb: A,
    next: std::cell::Cell<usize>,
}

impl<T, F: Fn(usize) -> Option<T>, A: FnMut(ReadBlock<T>)> Gather<ReadBlock<T>> for Blocks<F, A> {
    fn fork(&self) -> ReadBlock<T> {
        let number = self.next.replace(self.next.get() + 1);
        ReadBlock { taker: (self.fork)(number), rows: 0, lines: 0 }
    }

    fn absorb(&mut self, state: ReadBlock<T>, _: u64) -> Result<(), Diagnostic> {
        (self.absorb)(state);
        Ok(())
    }
}

/// Collects the fields of a row.
struct Builder<'a, 't, T> {
    names: Vec<String>,
    fields: Vec<(u32, RowValue<'a>)>,
    taker: &'t mut T,
}

impl<'a, T: Taker> Fields<'a> for Builder<'a, '_, T> {
    fn slot(&mut self, name: &str) -> Option<u32> {
        self.names.push(name.to_owned());
        u32::try_from(self.names.len() - 1).ok()
    }

    fn take(&mut self, slot: u32, token: Token<'a>) -> Result<(), Fault> {
        let value = match token {
            Token::List { text, .. } => RowValue::List(checked(text)?),
            Token::Map { text, .. } => RowValue::Object(checked(text)?),
            leaf => RowValue::leaf(leaf)?,
        };
        self.fields.push((slot, value));
        Ok(())
    }
}

impl<'a, T: Taker> Rows<'a> for Builder<'a, '_, T> {
    fn begin(&mut self) {
        self.fields.clear();
    }

    fn cell(&mut self, slot: u32, cell: Cow<'a, str>) -> Result<(), Fault> {
        self.fields.push((slot, RowValue::Text(cell)));
        Ok(())
    }

    fn takes_hollow(&self) -> bool {
        true
    }

    fn end(&mut self, line: u64) -> Result<(), Fault> {
        self.taker.row(&self.names, &self.fields, line);
        Ok(())
    }
}

/// The medium or the packing failed.
fn unreadable(name: &str, error: &io::Error) -> Diagnostic {
    dataset_words(blocks::unreadable(name, error))
}

/// Says what to do about a dataset instead of about evidence.
fn reword(findings: Diagnostics) -> Diagnostics {
    let mut reworded = Diagnostics::new();
    for finding in findings {
        reworded.push(dataset_words(finding));
    }
    reworded
}

fn dataset_words(mut finding: Diagnostic) -> Diagnostic {
    if matches!(finding.nature, Nature::Damaged | Nature::CutOff | Nature::Malformed) {
        finding.help = vec![
            "repair the file or write it again; a dataset that cannot be read to its end is not compared"
                .to_owned(),
        ];
    }
    finding
}
