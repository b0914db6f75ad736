//! JOINED: one file per subcommand, the only place where the stages meet.
//!
//! Here, and only here, are the clock and the environment read.

mod bundle;
mod changelog;
mod check;
mod clock;
mod diff;
mod earlier;
mod hashing;
mod lock;
mod locked;
mod overwrites;
mod report;
mod since_baseline;
mod verify;
mod view;

use std::io::{self, Write};
use std::path::Path;

use crate::cli::{Cli, Color, Command};
use crate::diagnostic::{Diagnostics, Sources, printable, render};
use crate::report::{Exit, Screen};

/// Where results and findings go.
pub struct Console<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Findings.
    pub err: &'a mut dyn Write,
    /// Whether results may be coloured.
    pub color_out: bool,
    /// Whether findings may be coloured.
    pub color_err: bool,
    /// Columns of the terminal that results go to.
    pub width: Option<usize>,
}

impl Console<'_> {
    /// What results are shown on.
    #[must_use]
    pub fn screen(&self, quiet: bool) -> Screen {
        Screen { width: self.width, color: self.color_out, quiet }
    }
}

/// Runs a command.
///
/// # Errors
/// Only what prevents results from being printed.
pub fn run(cli: &Cli, console: &mut Console<'_>) -> io::Result<Exit> {
    match cli.color {
        Color::Auto => {}
        Color::Always => (console.color_out, console.color_err) = (true, true),
        Color::Never => (console.color_out, console.color_err) = (false, false),
    }
    match &cli.command {
        Command::Check(args) => check::run(args, console),
        Command::Lock(args) => lock::run(args, console),
        Command::Verify(args) => verify::run(args, console),
        Command::Diff(args) => diff::run(args, console),
        Command::Report(args) => report::run(args, console),
    }
}

/// Prints findings.
fn tell_findings(findings: &Diagnostics, sources: &Sources, console: &mut Console<'_>) -> io::Result<()> {
    for finding in findings {
        writeln!(console.err, "{}\n", render(finding, sources, console.color_err))?;
    }
    Ok(())
}

/// The last line of a run that could not do (`done`) its work, and what that means for its output.
fn tell_unjudged(
    path: &Path,
    findings: &Diagnostics,
    done: &str,
    instead: &str,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let count = findings.errors();
    let errors = if count == 1 { "1 error".to_owned() } else { format!("{count} errors") };
    let name = printable(&path.to_string_lossy());
    writeln!(console.err, "ERROR  {name} could not be {done}: {errors}; {instead}")
}
