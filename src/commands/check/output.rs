//! What a judged release leaves behind: the report that is printed, the files below `--out`, the changelog entry.

use std::io;
use std::path::{Path, PathBuf};

use super::ended::Ended;
use super::finished::{Finished, out_folder};
use crate::cli::CheckArgs;
use crate::commands::bundle;
use crate::commands::console::{Console, tell_findings};
use crate::commands::ledger;
use crate::commands::{outside, report_paths};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, printable};
use crate::files::{Output, StagedFiles};
use crate::report::kinds;
use crate::report::{Exit, Screen};
use crate::verdict::Decision;

/// Writes a finished report; prints it where a person reads along.
pub(super) fn tell(finished: Finished, args: &CheckArgs, console: &mut Console<'_>) -> io::Result<Ended> {
    let (exit, counts) = told(&finished, args, console)?;
    Ok(Ended { exit, report: finished.report, counts })
}

/// How it ends, and whether the report counts.
fn told(finished: &Finished, args: &CheckArgs, console: &mut Console<'_>) -> io::Result<(Exit, bool)> {
    let report = &finished.report;
    let folder = out_folder(args, &finished.candidate.manifest.name.value);
    let written = if args.dry_run { Ok(Written::default()) } else { write(finished, args, &folder) };
    // A release whose report is not there must not read as one that may ship.
    let decision = report.decision.0;
    let counts = written.is_ok() || decision >= Decision::Error;
    let is_told = args.format.is_told();
    if counts && is_told {
        console.tell(&(args.format.report)(report, console.screen(args.quiet)))?;
    }
    match written {
        Ok(Written { mut paths, warnings }) => {
            let mut findings = Diagnostics::new();
            findings.extend(warnings);
            match recorded(finished) {
                Ok(event) => paths.extend(event.map(PathBuf::from)),
                Err(wrong) => findings.extend(wrong),
            }
            let behind = finished.changelog.as_ref().filter(|_| decision != Decision::Pass);
            findings.extend(behind.and_then(|target| target.behind(&finished.entry)));
            tell_findings(&findings, &Sources::new(), console)?;
            if !args.quiet && is_told && !paths.is_empty() {
                console.tell(&format!("\nwrote {}\n", printable(&by_folder(&paths))))?;
            }
            if let Some(ending) = args.format.ending.filter(|_| is_told) {
                console.tell(&ending(report, console.screen(args.quiet)))?;
            }
            let told = if findings.has_errors() { Decision::Error } else { Decision::Pass };
            Ok((decision.max(told).into(), counts))
        }
        Err(finding) => {
            tell_findings(&finding.into(), &Sources::new(), console)?;
            if !args.dry_run {
                withdraw(finished, args, &folder, console)?;
            }
            Ok((decision.max(Decision::Error).into(), counts))
        }
    }
}

/// The event of the judgement in the ledger, where it is to be written there.
fn recorded(finished: &Finished) -> Result<Option<String>, Diagnostics> {
    let Some(look) = finished.look.as_ref().filter(|look| look.is_recorded) else { return Ok(None) };
    let report = &finished.report;
    let json = kinds::JSON.whole(report, Screen::default());
    ledger::record(look, report, &json, report.generated_at).map(Some)
}

/// After a report that could not be written: no older one stands for this judgement, neither in the folder nor where one was asked for.
fn withdraw(
    finished: &Finished,
    args: &CheckArgs,
    folder: &Path,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let (report, decision) = (&finished.report, finished.report.decision.0);
    let gone = Output::withdraw(folder);
    let error = report.clone().uncounted();
    for (format, path) in asked(finished, args).filter(|(_, path)| path.exists()) {
        let mut staged = StagedFiles::default();
        let replaced =
            outside::stage(&mut staged, format, &error, &path).and_then(|()| staged.commit().map(drop));
        if let Err(finding) = replaced {
            tell_findings(&finding.into(), &Sources::new(), console)?;
        }
    }
    if decision < Decision::Error {
        let (release, word) = (&finished.candidate.manifest, decision.word());
        writeln!(
            console.err,
            "ERROR  {} {} was judged ({word}), which counts for nothing: its report could not be written{}",
            printable(&release.name.value),
            release.version.value,
            if gone { ", and an older one is gone" } else { "" }
        )?;
    }
    Ok(())
}

/// What a judgement left behind.
#[derive(Default)]
struct Written {
    paths: Vec<PathBuf>,
    /// What is worth a look about the changelog.
    warnings: Vec<Diagnostic>,
}

/// The reports that were asked for at paths of their own.
fn asked<'a>(
    finished: &'a Finished,
    args: &'a CheckArgs,
) -> impl Iterator<Item = (&'static kinds::Kind, PathBuf)> + 'a {
    let name = &finished.candidate.manifest.name.value;
    args.report
        .iter()
        .filter_map(move |(kind, path)| Some((*kind, report_paths::of_release(path.as_deref()?, name))))
}

/// `report.md, report.json in OUT; CHANGELOG.md`: what stands in a folder behind one another.
fn by_folder(paths: &[PathBuf]) -> String {
    let folder = |path: &PathBuf| path.parent().map(Path::to_path_buf).unwrap_or_default();
    let told = paths.chunk_by(|one, other| folder(one) == folder(other)).map(|same| {
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names = same.iter().map(name).collect::<Vec<_>>().join(", ");
        match same.first().map(folder).filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => format!("{names} in {}", folder.display()),
            None => names,
        }
    });
    told.collect::<Vec<_>>().join("; ")
}

/// Writes everything, or nothing: what goes elsewhere is on the disk before the set is put into its folder.
fn write(finished: &Finished, args: &CheckArgs, folder: &Path) -> Result<Written, Diagnostic> {
    let report = &finished.report;
    let mut output = Output::begin(folder)?;
    let text = |kind: &kinds::Kind| kind.whole(report, Screen::default()).into_bytes();
    for kind in kinds::KINDS.iter().filter(|kind| kind.always) {
        output.add(kind.file, &text(kind))?;
    }
    let draft = crate::changelog::render(&finished.entry);
    output.add("changelog.md", draft.as_bytes())?;
    for (format, _) in args.report.iter().filter(|(_, path)| path.is_none()) {
        output.add(format.file, &text(format))?;
    }
    let Finished { candidate, text: manifest, entries, .. } = finished;
    bundle::add(&mut output, candidate, manifest, entries, report.decision.0)?;
    let mut elsewhere = StagedFiles::default();
    for (format, path) in asked(finished, args) {
        outside::stage(&mut elsewhere, format, report, &path)?;
    }
    let target = finished.changelog.as_ref().filter(|_| report.decision.0 == Decision::Pass);
    let not_written =
        |finding: Diagnostic| finding.note("the release passed, and its changelog was not written");
    let entry = target.map(|target| target.prepare(&finished.entry)).transpose().map_err(not_written)?;
    let written = output.finish(&bundle::index(), "report.json")?;
    let mut paths = bundle::as_one(written, folder.join(bundle::FOLDER));
    elsewhere.commit()?;
    paths.extend(asked(finished, args).map(|(_, path)| path));
    let mut warnings = Vec::new();
    if let Some(mut entry) = entry {
        warnings = std::mem::take(&mut entry.warnings);
        paths.extend(entry.finish().map_err(not_written)?.map(PathBuf::from));
    }
    Ok(Written { paths, warnings })
}
