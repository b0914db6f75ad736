//! Reports for people outside: what the ledger adds to them, the block in a card, the folder for an auditor.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::ledger;
use crate::artifact::digest_bytes;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::files::{Ledger, StagedFiles, lock_of, names_in, read_text};
use crate::report::Screen;
use crate::report::kinds::{self, AUDIT, CARD, Kind};
use crate::report::v1::Report;

/// Whether a kind tells what the ledger says.
pub(super) fn asks_ledger(kind: &Kind) -> bool {
    kind == CARD || kind == AUDIT
}

/// What a report for people outside needs besides the judgement, where a ledger stands at `at`.
///
/// # Errors
/// The ledger is there and cannot be trusted.
pub(super) fn remember(report: &mut Report, at: &Path) -> Result<(), Diagnostics> {
    if at.exists() {
        report.remembered = Some(ledger::told_outside(&Ledger::read_sound(at)?, at));
    }
    Ok(())
}

/// Makes a report ready at its place: a card around what people wrote, an audit as a folder, everything else as a file.
///
/// # Errors
/// It cannot be written, a card was changed between its marks, or the folder holds something else.
pub(super) fn stage(
    staged: &mut StagedFiles,
    kind: &Kind,
    report: &Report,
    path: &Path,
) -> Result<(), Diagnostic> {
    if kind == AUDIT {
        return pack(report, path)?
            .iter()
            .try_for_each(|(name, text)| staged.add_with_folder(&path.join(name), text.as_bytes()));
    }
    staged.add_with_folder(path, text(kind, report, path)?.as_bytes())
}

/// A report as it stands in its file.
fn text(kind: &Kind, report: &Report, path: &Path) -> Result<String, Diagnostic> {
    if kind != CARD {
        return Ok(kind.whole(report, Screen::default()));
    }
    let name = path.to_string_lossy();
    let existing = read_text(path, &name)?.unwrap_or_default();
    kinds::card(&name, &existing, report)
}

/// The files that stand otherwise than this report would write them: what each is, and why.
///
/// # Errors
/// One of them cannot be read.
pub(super) fn drifted(kind: &Kind, report: &Report, path: &Path) -> Result<Vec<Diagnostic>, Diagnostic> {
    let mut found = Vec::new();
    let expected: Vec<(PathBuf, String)> = if kind == AUDIT {
        pack(report, path)?.into_iter().map(|(name, text)| (path.join(name), text)).collect()
    } else {
        match text(kind, report, path) {
            Ok(text) => vec![(path.to_path_buf(), text)],
            Err(finding) if matches!(finding.code, Code::CardEdited | Code::CardDamaged) => {
                return Ok(vec![finding]);
            }
            Err(finding) => return Err(finding),
        }
    };
    for (path, expected) in expected {
        let name = path.to_string_lossy().into_owned();
        let help =
            format!("`relgate report ... --report {}=PATH` without `--check` writes it anew", kind.name);
        match read_text(&path, &name)? {
            Some(text) if text == expected => {}
            Some(text) => {
                let line =
                    text.lines().zip(expected.lines()).take_while(|(own, other)| own == other).count() + 1;
                let title = format!("`{name}` says something else than the report");
                found.push(
                    Diagnostic::error(Code::ReportDrifted, title).at_line(&name, line as u64).help(help),
                );
            }
            None => {
                let title = format!("there is no `{name}`");
                found.push(Diagnostic::error(Code::ReportDrifted, title).in_file(&name).help(help));
            }
        }
    }
    Ok(found)
}

/// The files of the folder for an auditor by their names, the index first: it has the digest of each.
///
/// # Errors
/// The folder holds something that no earlier run wrote.
fn pack(report: &Report, folder: &Path) -> Result<Vec<(String, String)>, Diagnostic> {
    foreign(folder)?;
    let of = |kind: &Kind| (kind.file.to_owned(), kind.whole(report, Screen::default()));
    let wanted = ["json", "markdown", "html", "risks", "bom", "card"];
    let mut files: Vec<(String, String)> =
        wanted.iter().filter_map(|name| kinds::named(name)).map(of).collect();
    files.extend(copies(report, folder));
    if let Some(remembered) = &report.remembered {
        files.push(("ledger.json".to_owned(), remembered.json.clone()));
    }
    let mut index = AUDIT.whole(report, Screen::default());
    index.push_str("## Files of this folder\n\n| file | sha256 |\n|---|---|\n");
    for (name, text) in &files {
        let _ = writeln!(index, "| {name} | {} |", digest_bytes(text.as_bytes()).hex());
    }
    files.insert(0, (AUDIT.file.to_owned(), index));
    Ok(files)
}

/// The manifest and its lock, where they still are what was judged, or an earlier run copied them.
fn copies(report: &Report, folder: &Path) -> Vec<(String, String)> {
    let (Some(release), Some(manifest)) = (&report.release, &report.manifest) else { return Vec::new() };
    let manifest = PathBuf::from(manifest);
    let lock = lock_of(&manifest).ok();
    let wanted = [
        ("release.yaml", Some(manifest), Some(&release.manifest_sha256)),
        ("release.lock", lock, release.lock_sha256.as_ref()),
    ];
    let copy = |(name, path, hex): (&str, Option<PathBuf>, Option<&String>)| {
        let places = [path?, folder.join(name)];
        let texts = places.iter().filter_map(|place| read_text(place, name).ok().flatten());
        let is_judged = |text: &String| hex.is_some_and(|hex| digest_bytes(text.as_bytes()).hex() == hex);
        Some((name.to_owned(), texts.into_iter().find(is_judged)?))
    };
    wanted.into_iter().filter_map(copy).collect()
}

/// # Errors
/// The folder is there, is not empty, and has no index of an earlier run.
fn foreign(folder: &Path) -> Result<(), Diagnostic> {
    let name = folder.to_string_lossy().into_owned();
    let over = |what: &str| {
        Diagnostic::error(Code::OutputIsTaken, format!("`{name}` {what}"))
            .in_file(&name)
            .help("name a folder that is new or empty: `--report audit=DIR`")
    };
    if folder.exists() && !folder.is_dir() {
        return Err(over("is a file, and the audit is a folder"));
    }
    let is_empty = !folder.exists() || names_in(folder)?.is_empty();
    let index = read_text(&folder.join(AUDIT.file), AUDIT.file)?;
    if is_empty || index.is_some_and(|text| (AUDIT.is_own)(&text)) {
        return Ok(());
    }
    Err(over("holds files that no earlier audit wrote"))
}
