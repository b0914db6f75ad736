//! The files of a dataset that hold rows, and every way in which their rows are read: all, or a few again.
//!
//! Rows are numbered from 0 through all files of the dataset.

use std::collections::{BTreeMap, BTreeSet};

use super::canonical;
use crate::artifact::{PinnedArtifact, PinnedContent, Tree, Trouble, join};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::files;
use crate::diff::side::ReleaseSide;
use crate::evidence::table::{self, ReadBlock, RowValue, Shape, Taker};
use crate::manifest::Digest;

/// The bytes of one dataset.
pub(super) struct Set<'a> {
    contents: &'a dyn Tree,
    files: Vec<RowFile>,
    /// Files that are not read row by row: the path in the dataset, the digest, and what they are.
    pub(super) others: Vec<Other<'a>>,
}

/// A file that holds rows.
struct RowFile {
    /// Relative to the root.
    path: String,
    bytes: u64,
    shape: Shape,
}

/// A file that is not read row by row.
pub(super) struct Other<'a> {
    pub(super) path: &'a str,
    pub(super) digest: &'a Digest,
    /// What it is, in a word or a few.
    pub(super) what: String,
}

/// Endings of files that say something about a dataset and hold none of it. Pictures, plain text and loading
/// scripts may be its data, so they are not among them.
const ABOUT: [&str; 9] = ["md", "rst", "adoc", "html", "pdf", "bib", "cff", "gitattributes", "gitignore"];
/// The first words of such files, whatever their ending.
const ABOUT_NAMES: [&str; 7] =
    ["readme", "license", "licence", "notice", "changelog", "citation", "contributing"];

impl Other<'_> {
    /// Whether it says something about the dataset, as a README does, and holds no part of it.
    pub(super) fn is_about(&self) -> bool {
        let name = self.path.rsplit_once('/').map_or(self.path, |(_, name)| name).to_ascii_lowercase();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let first = name.split('.').next().unwrap_or_default();
        // A readme.parquet would be an odd readme.
        let text = ["", "md", "txt", "rst", "adoc", "html"].contains(&ending);
        ABOUT.contains(&ending) || (text && ABOUT_NAMES.contains(&first))
    }
}

/// How many rows and lines each block of each file has, so that a row is found again without reading all.
#[derive(Default)]
pub(super) struct Index {
    files: Vec<Vec<(u64, u64)>>,
    /// All rows.
    pub(super) rows: u64,
}

/// A row that was read again.
pub(super) struct Fetched {
    /// Where it stands: "line 12", with the file where there are several.
    pub(super) place: String,
    /// Its fields in the order of the file.
    pub(super) fields: Vec<(String, Held)>,
}

/// A value that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    /// Whether it is text.
    pub(super) text: bool,
    /// As meant where it is text, else as written.
    pub(super) value: String,
}

impl<'a> Set<'a> {
    /// The files of an artifact; none where its bytes are not at hand.
    pub(super) fn open(
        release: &ReleaseSide<'a>,
        artifact: &'a PinnedArtifact,
    ) -> Result<Option<Self>, Diagnostics> {
        let folder = match (&artifact.content, &artifact.path) {
            (PinnedContent::File(_), _) => "",
            (PinnedContent::Folder { .. }, Some(path)) => path,
            _ => return Ok(None),
        };
        let Some(contents) = release.contents else { return Ok(None) };
        let mut set = Self { contents, files: Vec::new(), others: Vec::new() };
        for file in artifact.files() {
            let path = join(folder, &file.path);
            if let Some(why) = contents.missing(&path) {
                set.others.push(Other { path: &file.path, digest: &file.digest, what: why.to_owned() });
                continue;
            }
            match table::recognise(&path, files::stream(contents, &path, file.bytes)?)? {
                Ok(shape) => set.files.push(RowFile { path, bytes: file.bytes, shape }),
                Err(what) => set.others.push(Other { path: &file.path, digest: &file.digest, what }),
            }
        }
        Ok(Some(set))
    }

    /// Whether a file of it holds rows.
    pub(super) fn has_rows(&self) -> bool {
        !self.files.is_empty()
    }

    /// Hands every row to takers made by `fork`; `absorb` gets each back in order, with the number of its first row.
    pub(super) fn pass<T: Taker>(
        &self,
        fork: impl Fn() -> T,
        mut absorb: impl FnMut(T, u64),
    ) -> Result<Index, Diagnostics> {
        let mut index = Index::default();
        for file in &self.files {
            let mut blocks = Vec::new();
            let stream = files::stream(self.contents, &file.path, file.bytes)?;
            table::read(
                stream,
                &file.path,
                file.shape,
                |_| Some(fork()),
                |part: ReadBlock<T>| {
                    if let Some(taker) = part.taker {
                        absorb(taker, index.rows);
                    }
                    blocks.push((part.rows, part.lines));
                    index.rows += part.rows;
                },
            )?;
            index.files.push(blocks);
        }
        if index.rows > u64::from(u32::MAX) {
            return Err(Diagnostic::error(
                Code::TooManyRows,
                format!("a dataset of {} rows; relgate compares up to {}", index.rows, u32::MAX),
            )
            .in_file(self.files.first().map_or("", |file| &file.path))
            .help("split the dataset into several artifacts")
            .into());
        }
        Ok(index)
    }

    /// Reads these rows again.
    pub(super) fn fetch(
        &self,
        index: &Index,
        wanted: &BTreeSet<u32>,
    ) -> Result<BTreeMap<u32, Fetched>, Diagnostics> {
        let mut found = BTreeMap::new();
        let mut first_row = 0;
        for (file, blocks) in self.files.iter().zip(&index.files) {
            let plan = Plan::new(blocks, first_row, wanted);
            first_row = plan.end;
            if plan.blocks.iter().all(Option::is_none) {
                continue;
            }
            let stream = files::stream(self.contents, &file.path, file.bytes)?;
            let fork = |number: usize| plan.blocks.get(number).cloned().flatten();
            table::read(stream, &file.path, file.shape, fork, |part: ReadBlock<Few>| {
                for Found { row, line, fields } in part.taker.into_iter().flat_map(|few| few.found) {
                    found.insert(row, Fetched { place: self.place(file, line), fields });
                }
            })?;
        }
        if found.len() != wanted.len() {
            let path = self.files.first().map_or("", |file| &file.path);
            return Err(Trouble::Changed.finding(path).in_file(path).into());
        }
        Ok(found)
    }

    fn place(&self, file: &RowFile, line: u64) -> String {
        let place = format!("{} {line}", file.shape.counted_by());
        if self.files.len() == 1 { place } else { format!("{} {place}", file.path) }
    }
}

/// Which rows of which blocks of a file are wanted.
struct Plan {
    blocks: Vec<Option<Few>>,
    /// The number of the first row behind the file.
    end: u64,
}

impl Plan {
    fn new(blocks: &[(u64, u64)], first_row: u64, wanted: &BTreeSet<u32>) -> Self {
        let mut plan = Self { blocks: Vec::with_capacity(blocks.len()), end: first_row };
        let mut lines = 0;
        for (rows, block_lines) in blocks {
            let number = |row: u64| u32::try_from(row).unwrap_or(u32::MAX);
            let within: BTreeSet<u32> =
                wanted.range(number(plan.end)..number(plan.end + rows)).copied().collect();
            let few = Few { wanted: within, next: number(plan.end), lines, found: Vec::new() };
            plan.blocks.push((!few.wanted.is_empty()).then_some(few));
            plan.end += rows;
            lines += block_lines;
        }
        plan
    }
}

/// Keeps a few rows.
#[derive(Clone)]
struct Few {
    wanted: BTreeSet<u32>,
    next: u32,
    /// Lines before the block.
    lines: u64,
    found: Vec<Found>,
}

/// A row that was wanted.
#[derive(Clone)]
struct Found {
    row: u32,
    line: u64,
    fields: Vec<(String, Held)>,
}

impl Taker for Few {
    fn row(&mut self, names: &[String], fields: &[(u32, RowValue<'_>)], line: u64) {
        if self.wanted.contains(&self.next) {
            let fields = fields
                .iter()
                .map(|(slot, value)| (names.get(*slot as usize).cloned().unwrap_or_default(), held(value)))
                .collect();
            self.found.push(Found { row: self.next, line: self.lines + line, fields });
        }
        self.next = self.next.saturating_add(1);
    }
}

impl Held {
    /// What it says, whatever its spelling; for lists and objects.
    pub(super) fn number(&self) -> u128 {
        canonical::of_value(&RowValue::Object(&self.value))
    }
}

fn held(value: &RowValue<'_>) -> Held {
    let (text, value) = match value {
        RowValue::Null => (false, "null".to_owned()),
        RowValue::Bool(value) => (false, value.to_string()),
        RowValue::Integer(text) | RowValue::Decimal(text) | RowValue::List(text) | RowValue::Object(text) => {
            (false, (*text).to_owned())
        }
        RowValue::Text(text) => (true, text.clone().into_owned()),
    };
    Held { text, value }
}
