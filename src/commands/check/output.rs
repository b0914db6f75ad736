//! What a judged release leaves behind: the report that is printed, the files below `--out`, the changelog entry.

use std::io;
use std::path::{Path, PathBuf};

use super::ended::Ended;
use super::finished::{Finished, out_folder};
use crate::cli::CheckArgs;
use crate::commands::bundle;
use crate::commands::console::{Console, tell_findings};
use crate::commands::report_paths;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, printable};
use crate::files::{Output, replace_file};
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
    let written = if args.dry_run { Ok(Vec::new()) } else { write(finished, args, &folder) };
    // A release whose report is not there must not read as one that may ship.
    let decision = report.decision.0;
    let counts = written.is_ok() || decision >= Decision::Error;
    let is_told = args.format.is_told();
    if counts && is_told {
        let text = (args.format.report)(report, console.screen(args.quiet));
        console.out.write_all(text.as_bytes())?;
    }
    match written {
        Ok(mut paths) => {
            let told = tell_changelog(finished, args, &mut paths, console)?;
            if !args.quiet && is_told && !paths.is_empty() {
                writeln!(console.out, "\nwrote {}", printable(&by_folder(&paths)))?;
            }
            if let Some(ending) = args.format.ending.filter(|_| is_told) {
                console.out.write_all(ending(report, console.screen(args.quiet)).as_bytes())?;
            }
            Ok((decision.max(told).into(), counts))
        }
        Err(finding) => {
            tell_findings(&finding.into(), &Sources::new(), console)?;
            // An older report must not stand for this judgement.
            let gone = !args.dry_run && Output::withdraw(&folder);
            if !counts {
                let (release, word) = (&finished.candidate.manifest, decision.word());
                let name = printable(&release.name.value);
                writeln!(
                    console.err,
                    "ERROR  {name} {} was judged ({word}), which counts for nothing: its report could not be written{}",
                    release.version.value,
                    if gone { ", and an older one is gone" } else { "" }
                )?;
            }
            Ok((decision.max(Decision::Error).into(), counts))
        }
    }
}

/// Brings the entry into the changelog, or tells that one stands there which no longer holds; an error where the entry
/// could not be written, a pass otherwise.
fn tell_changelog(
    finished: &Finished,
    args: &CheckArgs,
    paths: &mut Vec<PathBuf>,
    console: &mut Console<'_>,
) -> io::Result<Decision> {
    let Some(target) = &finished.changelog else { return Ok(Decision::Pass) };
    let entry = &finished.entry;
    let mut findings = Diagnostics::new();
    if finished.report.decision.0 != Decision::Pass {
        findings.extend(target.behind(entry));
    } else if !args.dry_run {
        match target.write(entry) {
            Ok(written) => {
                paths.extend(written.name.map(PathBuf::from));
                findings.extend(written.warnings);
            }
            Err(finding) => {
                findings.push(finding.note("the release passed, and its changelog was not written"));
            }
        }
    }
    let failed = findings.has_errors();
    tell_findings(&findings, &Sources::new(), console)?;
    Ok(if failed { Decision::Error } else { Decision::Pass })
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

fn write(finished: &Finished, args: &CheckArgs, folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
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
    let written = output.finish(&bundle::index(), "report.json")?;
    let mut written = bundle::as_one(written, folder.join(bundle::FOLDER));
    for (format, path) in &args.report {
        if let Some(path) = path {
            let path = report_paths::of_release(path, &finished.candidate.manifest.name.value);
            replace_file(&path, &text(format))?;
            written.push(path);
        }
    }
    Ok(written)
}
