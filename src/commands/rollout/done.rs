//! What an act came to, and how it is told.

use std::io;

use crate::cli::RolloutFormat;
use crate::commands::console::{Console, tell_findings};
use crate::diagnostic::{Diagnostics, Sources};
use crate::report::Exit;
use crate::report::rollout::RolloutReport;

/// What an act came to.
pub(super) struct Done {
    pub(super) report: RolloutReport,
    pub(super) exit: Exit,
    pub(super) warnings: Diagnostics,
}

impl Done {
    pub(super) fn new(report: RolloutReport, exit: Exit) -> Self {
        Self { report, exit, warnings: Diagnostics::new() }
    }

    pub(super) fn warns(self, warnings: Diagnostics) -> Self {
        Self { warnings, ..self }
    }
}

/// Prints it.
pub(super) fn tell(
    done: Result<Done, Diagnostics>,
    sources: &Sources,
    (format, quiet): (RolloutFormat, bool),
    console: &mut Console<'_>,
) -> io::Result<Exit> {
    match done {
        Ok(done) => {
            tell_findings(&done.warnings, sources, console)?;
            match format {
                RolloutFormat::Terminal => console.tell(&done.report.text(console.screen(quiet)))?,
                RolloutFormat::Json => console.out.write_all(done.report.json().as_bytes())?,
            }
            Ok(done.exit)
        }
        Err(findings) => {
            tell_findings(&findings, sources, console)?;
            writeln!(
                console.err,
                "ERROR  nothing was changed, except what an earlier run meant and this one finished"
            )?;
            Ok(Exit::Error)
        }
    }
}
