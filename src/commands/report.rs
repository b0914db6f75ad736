//! `relgate report`: saved reports in another form, one by one or over the versions of a release.

use std::io;
use std::path::{Path, PathBuf};

use super::aside;
use super::console::{Console, tell_findings};
use super::ledger;
use super::outside;
use super::overwrites;
use super::report_paths::of_release;
use crate::cli::ReportArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::files::{StagedFiles, read_text};
use crate::report::history::{History, NoHistory};
use crate::report::kinds::{KINDS, Kind};
use crate::report::v1::{self, Report};
use crate::report::{Exit, Screen};
use crate::verdict::Decision;

/// Tells the report or the history; ends as the judgement that it tells, of a history as its newest.
pub(super) fn run(args: &ReportArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let screen = console.screen(args.quiet);
    let told = match &args.file {
        Some(file) => one(file, args, screen),
        None => several(args, screen),
    };
    match told {
        Ok(Told { text, decision, reports, drifted }) => {
            if !drifted.is_empty() {
                let mut findings = Diagnostics::new();
                findings.extend(drifted);
                tell_findings(&findings, &Sources::new(), console)?;
                return Ok(Exit::Fail);
            }
            if args.check {
                console.tell("every report stands as this one says\n")?;
                return Ok(Exit::Pass);
            }
            console.print(args.format, &text)?;
            if !reports.is_empty() {
                aside::append(args.format, &reports, console)?;
            }
            Ok(decision.into())
        }
        Err(finding) => {
            tell_findings(&finding, &Sources::new(), console)?;
            let what = args
                .file
                .as_ref()
                .map_or_else(|| "the history".to_owned(), |file| printable(&file.to_string_lossy()));
            writeln!(console.err, "ERROR  {what} could not be told")?;
            Ok(Exit::Error)
        }
    }
}

/// What is printed.
struct Told {
    text: String,
    decision: Decision,
    /// The report that it tells; none for a history.
    reports: Vec<Report>,
    /// What stands otherwise than this report says, where that was asked.
    drifted: Vec<Diagnostic>,
}

fn one(file: &Path, args: &ReportArgs, screen: Screen) -> Result<Told, Diagnostics> {
    let mut report = load(file)?;
    if args.report.iter().map(|(kind, _)| *kind).chain([args.format]).any(outside::asks_ledger) {
        outside::remember(&mut report, &ledger::folder(&args.ledger)?)?;
    }
    let source = document(file);
    let place = |kind: &Kind, path: &Option<PathBuf>| match path {
        Some(path) => of_release(path, report.name()),
        None => source.with_file_name(kind.file),
    };
    let paths: Vec<(&Kind, PathBuf)> =
        args.report.iter().map(|(kind, path)| (*kind, place(kind, path))).collect();
    overwrites::reports_of_report(&paths, &source)?;
    let decision = report.decision.0;
    if args.check {
        let drifted = paths.iter().map(|(kind, path)| outside::drifted(kind, &report, path));
        let drifted: Vec<Vec<Diagnostic>> = drifted.collect::<Result<_, _>>()?;
        return Ok(Told { text: String::new(), decision, reports: Vec::new(), drifted: drifted.concat() });
    }
    let mut staged = StagedFiles::default();
    for (kind, path) in &paths {
        outside::stage(&mut staged, kind, &report, path)?;
    }
    staged.commit()?;
    let text = args.format.whole(&report, screen);
    Ok(Told { text, decision, reports: vec![report], drifted: Vec::new() })
}

fn several(args: &ReportArgs, screen: Screen) -> Result<Told, Diagnostics> {
    let reports = args.history.iter().map(|file| load(file)).collect::<Result<Vec<Report>, Diagnostic>>()?;
    let history = History::of(&reports).map_err(|why| no_history(&why, &args.history))?;
    let text = telling(args.format)?(&history, screen);
    let sources: Vec<PathBuf> = args.history.iter().map(|file| document(file)).collect();
    let paths = args.report.iter().filter_map(|(_, path)| path.as_deref());
    overwrites::reports_of_history(&sources, paths)?;
    let mut staged = StagedFiles::default();
    for (kind, path) in &args.report {
        let render = telling(kind)?;
        let path = path.as_ref().ok_or_else(|| {
            let title = format!("`--report {}` of a history does not say where to", kind.name);
            Diagnostic::error(Code::HistoryKind, title).help(format!("write `--report {}=PATH`", kind.name))
        })?;
        staged.add_with_folder(path, render(&history, Screen::default()).as_bytes())?;
    }
    staged.commit()?;
    let newest = history.releases.last().map_or(Decision::Error, |release| release.decision);
    Ok(Told { text, decision: newest, reports: Vec::new(), drifted: Vec::new() })
}

/// How a kind tells a history.
fn telling(kind: &'static Kind) -> Result<fn(&History, Screen) -> String, Diagnostic> {
    kind.history.ok_or_else(|| {
        let able: Vec<&str> =
            KINDS.iter().filter(|kind| kind.history.is_some()).map(|kind| kind.name).collect();
        Diagnostic::error(Code::HistoryKind, format!("the kind `{}` does not tell a history", kind.name))
            .help(format!("one of {}", able.join(", ")))
    })
}

fn no_history(why: &NoHistory, files: &[PathBuf]) -> Diagnostic {
    match why {
        NoHistory::Mixed(one, other) => {
            let title =
                format!("these are reports of two releases, `{}` and `{}`", printable(one), printable(other));
            Diagnostic::error(Code::MixedHistory, title).help("name the reports of one release")
        }
        NoHistory::Unread(place) => {
            let file = files
                .get(*place)
                .map_or_else(String::new, |file| document(file).to_string_lossy().into_owned());
            let title = "a release whose manifest could not be read has no version to stand at";
            Diagnostic::error(Code::MixedHistory, title).in_file(file).help("leave this report out")
        }
    }
}

/// The file itself, where its folder is named.
fn document(file: &Path) -> PathBuf {
    if file.is_dir() { file.join("report.json") } else { file.to_path_buf() }
}

/// A saved report, by its file or its folder.
pub(super) fn load(file: &Path) -> Result<Report, Diagnostic> {
    let path = document(file);
    let name = path.to_string_lossy().into_owned();
    let text = read_text(&path, &name)?.ok_or_else(|| {
        Diagnostic::error(Code::NotAReport, format!("there is no report `{name}`"))
            .in_file(&name)
            .help("name the `report.json` that `relgate check` wrote, or its folder")
    })?;
    v1::read(&name, &text)
}
