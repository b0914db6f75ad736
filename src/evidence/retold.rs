//! The rows of another tool's file, read on a thread of its own and worked on by every core.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::sync_channel;

use super::blocks::{Gather, Outcome, unreadable};
use super::feed::Block;
use super::foreign::{ForeignFile, Halt, Retell, Retelling, Retold, Standing, ToolFile, WAITING};
use super::formats::{Holding, Layout, Reading, about};
use super::runs::{self, Depth, Run, Seen};
use super::source::{Compression, Source};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::manifest::Format;

/// Works through the rows of a file of another tool.
pub(super) fn read<T: Send>(
    source: &dyn Source,
    compression: Compression,
    retell: Retell,
    work: &(dyn Fn(&Block, &Reading<'_>, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
) -> Result<(Seen, ToolFile), Diagnostics> {
    let (sender, receiver) = sync_channel(WAITING);
    let name = source.name();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let file = ForeignFile { source, compression, standing: Standing::default() };
            let mut retelling = Retelling::new(name, &file.standing, sender);
            retell(&file, &mut retelling)?;
            retelling.finish()
        });
        let no_header = |_: Vec<std::borrow::Cow<'_, str>>| Ok(Vec::new());
        let run = Run { layout: Layout::Lines { header: false }, depth: Depth::Whole, header: &no_header };
        let seen = runs::of_stream(name, Box::new(Retold::new(receiver)), run, work, gather);
        let joined = reader.join();
        let seen = seen.map_err(|findings| placed(findings, source, compression, retell));
        match joined {
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

/// Puts findings about rows where these stand in the file: the lines of what was retold are others.
fn placed(
    findings: Diagnostics,
    source: &dyn Source,
    compression: Compression,
    retell: Retell,
) -> Diagnostics {
    let row_of = |finding: &Diagnostic| match &finding.place {
        Place::Line { line, .. } => Some(*line),
        _ => None,
    };
    let rows: BTreeSet<u64> = findings.iter().filter_map(row_of).collect();
    let lines = lines_of(source, compression, retell, rows);
    let mut placed = Diagnostics::new();
    for mut finding in findings {
        if let Some(row) = row_of(&finding) {
            let place = lines.get(&row).map_or(RowPlace::Sample(row), |line| RowPlace::Line(*line));
            finding.title = finding.title.replace("this line", "this row");
            finding = place.put(finding, source.name());
        }
        placed.push(finding);
    }
    placed
}

/// The lines on which rows of another tool's file start, by their numbers; one that has none of its own is not there.
fn lines_of(
    source: &dyn Source,
    compression: Compression,
    retell: Retell,
    rows: BTreeSet<u64>,
) -> BTreeMap<u64, u64> {
    if rows.is_empty() {
        return BTreeMap::new();
    }
    let file = ForeignFile { source, compression, standing: Standing::default() };
    let mut search = Retelling::searching(file.name(), &file.standing, rows);
    // It stops where it knows enough, or where the reading did before.
    let _ = retell(&file, &mut search);
    search.lines()
}

/// Where a row stands, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowPlace {
    /// On this line of its file, from 1.
    Line(u64),
    /// Nobody can say where; it is the sample of this number, from 1.
    Sample(u64),
}

impl RowPlace {
    /// Where the row of this number stands in a file of results; another tool's file is read again to see it.
    #[must_use]
    pub fn of(source: &dyn Source, format: Format, compression: Compression, row: u64) -> Self {
        match about(format).content {
            Holding::Foreign(retell) => lines_of(source, compression, retell, BTreeSet::from([row]))
                .get(&row)
                .map_or(Self::Sample(row), |line| Self::Line(*line)),
            _ if format == Format::JsonList => Self::Sample(row),
            _ => Self::Line(row),
        }
    }

    /// It in words: `a.jsonl:3`, or `sample 3 of a.eval`.
    #[must_use]
    pub fn words(self, file: &str) -> String {
        match self {
            Self::Line(line) => format!("{file}:{line}"),
            Self::Sample(number) => format!("sample {number} of {file}"),
        }
    }

    /// Puts a finding there.
    #[must_use]
    pub fn put(self, finding: Diagnostic, file: &str) -> Diagnostic {
        match self {
            Self::Line(line) => finding.at_line(file, line),
            Self::Sample(number) => finding.in_file(file).note(format!("it is sample {number} of the file")),
        }
    }
}
