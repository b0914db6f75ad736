//! Where a command tells what it found.

use std::io::{self, Write};
use std::path::Path;

use crate::diagnostic::{Diagnostics, Sources, ascii, printable, render};
use crate::report::{Kind, Screen};

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
    /// Whether what is told to people is spelled in ASCII.
    pub ascii: bool,
}

impl Console<'_> {
    /// What results are shown on.
    #[must_use]
    pub fn screen(&self, quiet: bool) -> Screen {
        Screen { width: self.width, color: self.color_out, quiet, ascii: self.ascii }
    }

    /// Prints what a person reads.
    ///
    /// # Errors
    /// It cannot be printed.
    pub fn tell(&mut self, text: &str) -> io::Result<()> {
        if self.ascii {
            self.out.write_all(ascii(text).as_bytes())
        } else {
            self.out.write_all(text.as_bytes())
        }
    }

    /// Prints a text of a kind, letter by letter where it is for programs.
    ///
    /// # Errors
    /// It cannot be printed.
    pub fn print(&mut self, kind: &Kind, text: &str) -> io::Result<()> {
        if kind.is_told() { self.tell(text) } else { self.out.write_all(text.as_bytes()) }
    }
}

/// Prints findings.
pub(super) fn tell_findings(
    findings: &Diagnostics,
    sources: &Sources,
    console: &mut Console<'_>,
) -> io::Result<()> {
    for finding in findings {
        writeln!(console.err, "{}\n", render(finding, sources, console.color_err))?;
    }
    Ok(())
}

/// The last line of a run that could not do (`done`) its work, and what that means for its output.
pub(super) fn tell_unjudged(
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
