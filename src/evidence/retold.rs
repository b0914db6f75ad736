//! The rows of another tool's file, read on a thread of its own and worked on by every core.

use std::sync::mpsc::sync_channel;

use super::blocks::{Gather, Outcome, unreadable};
use super::feed::Block;
use super::foreign::{ForeignFile, Halt, Retell, Retelling, Retold, ToolFile, WAITING};
use super::formats::{Layout, Reading};
use super::runs::{self, Depth, Run, Seen};
use crate::diagnostic::{Diagnostics, Place};

/// Works through the rows of a file of another tool.
pub(super) fn read<T: Send>(
    file: ForeignFile<'_>,
    retell: Retell,
    work: &(impl Fn(&Block, &Reading<'_>, &mut T) -> Outcome + Sync),
    gather: &mut impl Gather<T>,
) -> Result<(Seen, ToolFile), Diagnostics> {
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
