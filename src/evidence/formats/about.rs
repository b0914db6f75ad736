//! What every format says of itself.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::stated::Metrics;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Step, steps};
use crate::evidence::foreign::Retell;
use crate::evidence::source::{Compression, Source};

/// What a format says of itself.
pub(in crate::evidence) struct About {
    /// The endings that its files usually have.
    pub(in crate::evidence) endings: &'static [&'static str],
    /// Whether the first bytes of a file show it.
    pub(in crate::evidence) shows: fn(&Head<'_>) -> bool,
    /// What is in its files.
    pub(in crate::evidence) content: Holding,
    /// Whether every label is text, so that `true` and `"true"` are one.
    pub(in crate::evidence) text_labels: bool,
    /// What its tool calls the fields: our name, and where the value stands; several are joined.
    pub(in crate::evidence) fields: &'static [(&'static str, &'static [&'static str])],
}

/// What the files of a format hold.
pub(in crate::evidence) enum Holding {
    /// Samples: the runs of a file, and how the rows of each are written.
    Samples(fn(&Head<'_>) -> Result<Vec<Layout>, Diagnostic>),
    /// What another tool writes: samples, numbers that it computed, or both.
    Foreign(Retell),
    /// Numbers that somebody computed.
    Aggregates(fn(&dyn Source, Compression) -> Result<Metrics, Diagnostics>),
}

/// How the rows of a run are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// An object a line.
    Lines {
        /// Whether the first may be a header of ours.
        header: bool,
    },
    /// One JSON list of objects.
    List,
    /// A header row, then a row of cells each.
    Table(Cells),
    /// A header that names the columns, then a JSON array a line.
    Arrays,
}

/// The first bytes of a file, unpacked.
pub(in crate::evidence) struct Head<'a> {
    /// What messages call the file.
    pub(in crate::evidence) name: &'a str,
    /// The text, without a byte order mark and white space before it; never empty.
    pub(in crate::evidence) text: &'a [u8],
    /// The ending of its name in lower case, without that of its packing.
    pub(in crate::evidence) ending: Option<&'a str>,
    keys: OnceCell<BTreeSet<String>>,
    columns: OnceCell<Vec<String>>,
}

/// Keys deeper than this tell no format.
const DEPTH: usize = 3;

impl<'a> Head<'a> {
    /// What is known of a file from its first bytes and its name.
    pub(in crate::evidence) fn new(name: &'a str, text: &'a [u8], ending: Option<&'a str>) -> Self {
        Self { name, text, ending, keys: OnceCell::new(), columns: OnceCell::new() }
    }

    /// Whether its first document of JSON has a value at this way, as far as it is there: keys joined by points, `*` for the
    /// first element of a list.
    pub(in crate::evidence) fn has(&self, way: &str) -> bool {
        self.keys.get_or_init(|| keys(self.text)).contains(way)
    }

    /// Whether its first row of cells, between commas, holds this one.
    pub(in crate::evidence) fn column(&self, name: &str) -> bool {
        self.columns().iter().any(|own| own == name)
    }

    /// Its first row of cells, between commas.
    pub(in crate::evidence) fn columns(&self) -> &[String] {
        self.columns.get_or_init(|| {
            let mut rows = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(self.text);
            let first = rows.records().next().and_then(Result::ok).unwrap_or_default();
            first.iter().map(str::to_owned).collect()
        })
    }
}

/// The ways to the values of the first document, as far as they are there.
fn keys(text: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return found;
    }
    let valid = std::str::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len);
    let text = text.get(..valid).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
    // Of every open list and object: the length of the way to it, and how many values a list has so far.
    let mut open: Vec<(usize, Option<u64>)> = Vec::new();
    let mut way = String::new();
    // The text breaks off somewhere, which is no fault of it.
    let _ = steps(text, |step| {
        if let (Step::List | Step::Object | Step::Leaf(_) | Step::Word(_), Some((length, Some(values)))) =
            (step, open.last_mut())
        {
            *values += 1;
            way.truncate(*length);
            if *values == 1 {
                extend(&mut way, "*");
                found.insert(way.clone());
            } else {
                // Further elements say nothing new.
                extend(&mut way, "-");
            }
        }
        match step {
            Step::List => open.push((way.len(), Some(0))),
            Step::Object => open.push((way.len(), None)),
            Step::End => drop(open.pop()),
            Step::Key(key) => {
                way.truncate(open.last().map_or(0, |(length, _)| *length));
                extend(&mut way, &key.decode()?);
                if open.len() <= DEPTH && found.len() < 1000 {
                    found.insert(way.clone());
                }
            }
            Step::Leaf(_) | Step::Word(_) => {}
        }
        Ok(())
    });
    found
}

fn extend(way: &mut String, key: &str) {
    if !way.is_empty() {
        way.push('.');
    }
    way.push_str(key);
}

/// How the cells of a row are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cells {
    /// Commas between them, and double quotes around some.
    Commas,
    /// Semicolons between them, and double quotes around some.
    Semicolons,
    /// Tabs between them, and double quotes around some.
    Tabs,
    /// Tabs between them, and double quotes that mean themselves.
    BareTabs,
}
