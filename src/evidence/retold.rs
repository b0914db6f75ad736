//! The rows of another tool's file, read on a thread of its own and worked on by every core.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::sync_channel;

use super::blocks::{Gather, Outcome, unreadable};
use super::feed::Block;
use super::foreign::{ForeignFile, Halt, Logged, Retell, Retelling, Retold, Standing, ToolFile, WAITING};
use super::formats::{Layout, Reading};
use super::runs::{self, Depth, Run, Seen};
use super::source::{Compression, Source};
use crate::diagnostic::{Diagnostic, Diagnostics, Nature, Place};

/// Works through the rows of a file of another tool.
pub(super) fn read<T: Send>(
    source: &dyn Source,
    compression: Compression,
    (retell, logged): (Retell, Option<Logged>),
    work: &(dyn Fn(&Block, &Reading<'_>, &mut T) -> Outcome + Sync),
    gather: &mut dyn Gather<T>,
) -> Result<(Seen, ToolFile), Diagnostics> {
    let (sender, receiver) = sync_channel(WAITING);
    let name = source.name();
    std::thread::scope(|scope| {
        let log = logged.clone();
        let reader = scope.spawn(move || {
            let file =
                ForeignFile { source, compression, standing: Standing::default(), logged: log.clone() };
            let of = if log.is_some() { Retelling::of_log } else { Retelling::new };
            let mut retelling = of(name, &file.standing, sender);
            retell(&file, &mut retelling)?;
            retelling.torn(log.map_or(0, |log| log.torn()))?;
            retelling.finish()
        });
        let no_header = |_: Vec<std::borrow::Cow<'_, str>>| Ok(Vec::new());
        let run = Run { layout: Layout::Lines { header: false }, depth: Depth::Whole, header: &no_header };
        let seen = runs::of_stream(name, Box::new(Retold::new(receiver)), run, work, gather);
        let joined = reader.join();
        let seen = seen.map_err(|findings| placed(findings, (source, compression), retell, logged.as_ref()));
        // Of a front nobody expects that its last document ends.
        let is_cut = logged.is_some_and(|logged| logged.is_cut());
        match joined {
            Ok(Err(Halt::Finding(finding))) if is_cut && finding.nature == Nature::CutOff => {
                seen.map(|seen| (seen, ToolFile::default()))
            }
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
    (source, compression): (&dyn Source, Compression),
    retell: Retell,
    logged: Option<&Logged>,
) -> Diagnostics {
    let row_of = |finding: &Diagnostic| match &finding.place {
        Place::Line { line, .. } => Some(*line),
        _ => None,
    };
    let rows: BTreeSet<u64> = findings.iter().filter_map(row_of).collect();
    let log = logged.map(Logged::again);
    let lines = lines_of((source, compression), retell, log, rows);
    let mut placed = Diagnostics::new();
    for mut finding in findings {
        if let Some(row) = row_of(&finding) {
            finding.title = finding.title.replace("this line", "this row");
            finding = match lines.get(&row) {
                Some(line) => finding.at_line(source.name(), *line),
                None => finding.in_file(source.name()).note(format!("it is sample {row} of the file")),
            };
        }
        placed.push(finding);
    }
    placed
}

/// The lines on which rows of another tool's file start, by their numbers; one that has none of its own is not there.
pub(super) fn lines_of(
    (source, compression): (&dyn Source, Compression),
    retell: Retell,
    logged: Option<Logged>,
    rows: BTreeSet<u64>,
) -> BTreeMap<u64, u64> {
    if rows.is_empty() {
        return BTreeMap::new();
    }
    let file = ForeignFile { source, compression, standing: Standing::default(), logged };
    let mut search = Retelling::searching(file.name(), &file.standing, rows);
    // It stops where it knows enough, or where the reading did before.
    let _ = retell(&file, &mut search);
    search.lines()
}
