//! `relgate diff`: what changed between two releases, how much it matters, and what got looser.

mod evidence;
mod failed;
mod figures;
mod operands;
mod side;

use std::io;
use std::path::PathBuf;

use self::operands::Operand;
use self::side::Home;
use super::console::{Console, tell_findings};
use super::overwrites;
use super::since_baseline::compared;
use crate::change::{self, Changes};
use crate::cli::{DiffArgs, FailOn};
use crate::commands::progress::watched;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Sources};
use crate::diff::{self, Record, Weight};
use crate::files::{StagedFiles, is_bundle, manifest_of};
use crate::release::Release;
use crate::report::diff::{ComparedRelease, Comparison};
use crate::report::v1::{ReportFinding, ReportTool};
use crate::report::{Exit, Screen};

/// Compares two releases.
pub(super) fn run(args: &DiffArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    let finished = watched(args.quiet, || compare(args, &mut sources)).and_then(|finished| {
        let mut staged = StagedFiles::default();
        for (format, path) in &args.report {
            staged.add_with_folder(path, (format.render)(&finished.0, Screen::default()).as_bytes())?;
        }
        staged.commit()?;
        Ok(finished)
    });
    let (comparison, findings) = match finished {
        Ok(finished) => finished,
        Err(findings) => {
            tell_findings(&findings, &sources, console)?;
            let releases: Vec<String> =
                args.releases.iter().map(|one| crate::diagnostic::printable(one)).collect();
            writeln!(console.err, "ERROR  {} could not be compared", releases.join(" and "))?;
            return Ok(Exit::Error);
        }
    };
    tell_findings(&findings, &sources, console)?;
    let text = (args.format.render)(&comparison, console.screen(args.quiet));
    console.print(args.format.kind, &text)?;
    Ok(if comparison.exit_code == Exit::Pass.code() { Exit::Pass } else { Exit::Fail })
}

/// From two operands to the finished view, and what is worth a look besides.
fn compare(args: &DiffArgs, sources: &mut Sources) -> Result<(Comparison, Diagnostics), Diagnostics> {
    let (before, after) = load(args, sources)?;
    overwrites::reports_of_diff([&before, &after], args.report.iter().map(|(_, path)| path.as_path()))?;
    let changes = change::between(Some(&changed(&before)), &changed(&after));
    let measured = if args.no_evidence {
        let notes = failed::unasked(&changes).into_iter().collect();
        figures::ReadFigures { notes, ..figures::ReadFigures::default() }
    } else {
        figures::measure(&before, &after, &changes).map_err(without_evidence)?
    };
    let records = diff::between(
        &compared(&before, &measured.failed.0),
        &compared(&after, &measured.failed.1),
        &changes,
    )?;
    let fails = args.fail_on.is_some_and(|level| records.iter().any(|record| counts(record, level)));
    let exit = if fails { Exit::Fail } else { Exit::Pass };
    let comparison = Comparison {
        tool: ReportTool::own(),
        warnings: warnings(&before, &after, &changes),
        before: told(&before),
        after: told(&after),
        records,
        figures: measured.figures,
        notes: measured.notes,
        missing: measured.missing,
        fail_on: args.fail_on.map(level),
        exit_code: exit.code(),
    };
    let mut findings = before.findings;
    findings.extend(after.findings);
    Ok((comparison, findings))
}

/// Both releases; the findings of both where one cannot be used.
fn load(args: &DiffArgs, sources: &mut Sources) -> Result<(Release, Release), Diagnostics> {
    let (old, new) = operands::read(args)?;
    // A revision without a path means the file that the other side is.
    let file = |operand: &Operand| match operand {
        Operand::Path(path) if !is_bundle(path) => Some(manifest_of(path)),
        _ => None,
    };
    let manifest: PathBuf = file(&new).or(file(&old)).unwrap_or_else(|| args.manifest.clone());
    let home = Home { manifest: &manifest, root: args.root.as_deref() };
    match (side::load(&old, &home, sources), side::load(&new, &home, sources)) {
        (Ok(before), Ok(after)) => {
            let before = before.as_checked_out(&after);
            let after = after.as_checked_out(&before);
            Ok((before, after))
        }
        (before, after) => {
            let mut findings = Diagnostics::new();
            for (which, operand, failed) in [("before", &old, before.err()), ("after", &new, after.err())] {
                for finding in failed.into_iter().flatten() {
                    findings.push(of_side(which, operand, finding));
                }
            }
            Err(findings)
        }
    }
}

/// A finding about a commit names no file that somebody could open, so it says which of the two releases it is about.
fn of_side(which: &str, operand: &Operand, finding: Diagnostic) -> Diagnostic {
    match operand {
        Operand::Git { rev, .. } if finding.place == Place::Nowhere => {
            finding.note(format!("it is about the release {which}, `git:{rev}`"))
        }
        _ => finding,
    }
}

/// Results that are there and cannot be used stop the comparison; whoever does not need them can say so.
fn without_evidence(findings: Diagnostics) -> Diagnostics {
    let mut told = Diagnostics::new();
    for finding in findings {
        told.push(finding.help("compare what is declared only: `--no-evidence`"));
    }
    told
}

fn changed(release: &Release) -> change::ComparedSide<'_> {
    change::ComparedSide { manifest: &release.manifest, pinned: &release.pinned }
}

fn told(side: &Release) -> ComparedRelease {
    ComparedRelease {
        name: side.manifest.name.value.clone(),
        version: side.manifest.version.value.clone(),
        release_type: side.manifest.release_type.value,
        source: side.source(),
        manifest_sha256: side.sha256.hex().to_owned(),
    }
}

/// What is worth a look besides the records: what `check` would refuse or say of the two.
fn warnings(before: &Release, after: &Release, changes: &Changes) -> Vec<ReportFinding> {
    let (old, new) = (&before.manifest, &after.manifest);
    let mut found = Vec::new();
    if old.name.value != new.name.value {
        let text = format!("these are releases of two things: `{}` and `{}`", old.name.value, new.name.value);
        found.push((Code::OtherRelease, text));
    }
    found.extend(change::release_type::too_small(new, changes).map(|one| {
        let what: Vec<&str> = one.others.iter().map(|(_, label)| label.as_str()).collect();
        let what = if what.is_empty() { String::new() } else { format!(" ({})", what.join("; ")) };
        (one.code, format!("{}{what}; `relgate check` refuses it", one.title))
    }));
    found.extend(change::undeclared_roles(new).map(|one| (one.code, one.title)));
    let told = |(code, text): (Code, String)| ReportFinding {
        code: code.word().to_owned(),
        text,
        file: Some(after.source()),
        line: None,
        column: None,
        help: Vec::new(),
    };
    found.into_iter().map(told).collect()
}

/// Whether a record is at or above the level.
fn counts(record: &Record, level: FailOn) -> bool {
    match level {
        FailOn::Looser => record.may_be_looser(),
        FailOn::Blocking => record.severity >= Weight::Blocking,
        FailOn::Review => record.severity >= Weight::Review,
        FailOn::Any => true,
    }
}

fn level(level: FailOn) -> &'static str {
    match level {
        FailOn::Looser => "looser",
        FailOn::Blocking => "blocking",
        FailOn::Review => "review",
        FailOn::Any => "any",
    }
}
