//! `relgate report`: a saved report in another form.

use std::io;
use std::path::{Path, PathBuf};

use super::console::{Console, tell_findings};
use super::overwrites;
use crate::cli::ReportArgs;
use crate::diagnostic::{Code, Diagnostic, Sources, printable};
use crate::files::{read_text, replace_file};
use crate::report::v1::{self, Report};
use crate::report::{Exit, Screen};

/// Tells the report; ends as the judgement that it tells.
pub(super) fn run(args: &ReportArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    match load(&args.file).and_then(|report| write(&report, args).map(|()| report)) {
        Ok(report) => {
            let text = args.format.whole(&report, console.screen(args.quiet));
            console.out.write_all(text.as_bytes())?;
            Ok(report.decision.0.into())
        }
        Err(finding) => {
            tell_findings(&finding.into(), &Sources::new(), console)?;
            writeln!(console.err, "ERROR  {} could not be told", printable(&args.file.to_string_lossy()))?;
            Ok(Exit::Error)
        }
    }
}

/// The file itself, where its folder is named.
fn file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("report.json") } else { path.to_path_buf() }
}

/// A saved report, by its file or its folder.
pub(super) fn load(path: &Path) -> Result<Report, Diagnostic> {
    let path = file(path);
    let name = path.to_string_lossy().into_owned();
    let text = read_text(&path, &name)?.ok_or_else(|| {
        Diagnostic::error(Code::NotAReport, format!("there is no report `{name}`"))
            .in_file(&name)
            .help("name the `report.json` that `relgate check` wrote, or its folder")
    })?;
    v1::read(&name, &text)
}

/// Writes the further reports.
fn write(report: &Report, args: &ReportArgs) -> Result<(), Diagnostic> {
    let source = file(&args.file);
    for (kind, path) in &args.report {
        let path = path.clone().unwrap_or_else(|| source.with_file_name(kind.file));
        overwrites::report_of_report(&path, &source)?;
        replace_file(&path, kind.whole(report, Screen::default()).as_bytes())?;
    }
    Ok(())
}
