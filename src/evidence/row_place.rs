//! Where a row stands in a file of results, for people.

use std::collections::BTreeSet;

use super::formats::{Holding, about};
use super::part::NumbersPart;
use super::retold::lines_of;
use super::source::{Compression, Source};
use crate::diagnostic::{Diagnostic, printable};
use crate::manifest::Format;

/// Where a row stands, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowPlace {
    /// On this line of its file, from 1.
    Line(u64),
    /// Nobody can say where; it is the sample of this number, from 1.
    Sample(u64),
    /// It is the sample of this number, from 1, of a file of which only numbers are here.
    Of(String, u64),
}

impl RowPlace {
    /// Where the row of this number stands in a file of results; another tool's file is read again to see it.
    #[must_use]
    pub fn of(source: &dyn Source, format: Format, compression: Compression, row: u64) -> Self {
        match about(format).content {
            Holding::Foreign(retell) => lines_of((source, compression), retell, None, BTreeSet::from([row]))
                .get(&row)
                .map_or(Self::Sample(row), |line| Self::Line(*line)),
            _ if format == Format::JsonList => Self::Sample(row),
            _ if format == Format::Numbers => NumbersPart::of(source)
                .ok()
                .flatten()
                .and_then(|part| part.source_of(row))
                .map_or(Self::Line(row), |(name, number)| Self::Of(name, number)),
            _ => Self::Line(row),
        }
    }

    /// It in words: `a.jsonl:3`, or `sample 3 of a.eval`.
    #[must_use]
    pub fn words(&self, file: &str) -> String {
        match self {
            Self::Line(line) => format!("{file}:{line}"),
            Self::Sample(number) => format!("sample {number} of {file}"),
            Self::Of(name, number) => format!("sample {number} of {}", printable(name)),
        }
    }

    /// Puts a finding there.
    #[must_use]
    pub fn put(&self, finding: Diagnostic, file: &str) -> Diagnostic {
        match self {
            Self::Line(line) => finding.at_line(file, *line),
            Self::Sample(number) => finding.in_file(file).note(format!("it is sample {number} of the file")),
            Self::Of(name, number) => {
                finding.in_file(file).note(format!("it is sample {number} of {}", printable(name)))
            }
        }
    }
}
