//! A release that could not be judged: an error report in the place of an older one, which would still read as a verdict.

use std::io;
use std::path::{Path, PathBuf};

use super::ended::Ended;
use super::finished::{Question, out_folder};
use crate::artifact::digest_bytes;
use crate::cli::CheckArgs;
use crate::commands::changelog::Target;
use crate::commands::clock::Clock;
use crate::commands::console::{Console, tell_findings, tell_unjudged};
use crate::commands::outside;
use crate::commands::overwrites;
use crate::commands::places::Places;
use crate::commands::report_paths;
use crate::diagnostic::{Diagnostics, Severity, Sources};
use crate::files::{Named, Output, StagedFiles, Worktree, names_in, read_text};
use crate::manifest::{self, Manifest, Reference};
use crate::report::v1::{Report, ReportFinding, ReportRelease, Word};
use crate::report::{Exit, Screen, kinds};

/// Prints why, and writes the error report.
pub(super) fn tell(
    question: &Question<'_>,
    args: &CheckArgs,
    findings: &Diagnostics,
    sources: &Sources,
    console: &mut Console<'_>,
) -> io::Result<Ended> {
    tell_findings(findings, sources, console)?;
    let root = question.tree(args).ok();
    let declared = root.as_ref().and_then(declared);
    let places = Places::new(root.as_ref(), sources);
    let manifest = match &root {
        Some(_) => places.manifest(),
        None => question.path.to_string_lossy().into_owned(),
    };
    let declared_release = declared.as_ref().map(|(manifest, hex)| release(manifest, hex));
    let report = report(args, manifest, declared_release, findings, &places);
    let written = match (&declared, args.dry_run) {
        (_, true) => Written::Nothing,
        // Its folder is that of its name, which nobody knows: an older report there says whose it is.
        (None, false) if args.manifests.len() > 1 => {
            let mut written = Written::Nothing;
            for folder in older(&report, args) {
                written = replace(&report, args, &folder, console)?;
            }
            written
        }
        (Some((manifest, _)), false)
            if root.as_ref().is_none_or(|root| compares_with_out(manifest, root, args)) =>
        {
            Written::Nothing
        }
        (declared, false) => {
            let name = declared.as_ref().map_or("", |(manifest, _)| manifest.name.value.as_str());
            replace(&report, args, &out_folder(args, name), console)?
        }
    };
    let read = declared.as_ref().map(|(manifest, _)| manifest).zip(root.as_ref());
    let asked = !args.dry_run && asked(&report, question, args, read, console)?;
    let written = if asked && matches!(written, Written::Nothing) { Written::Asked } else { written };
    tell_unjudged(question.path, findings, "judged", written.told(), console)?;
    Ok(Ended { exit: Exit::Error, report, counts: true })
}

/// The manifest and the digest of its bytes, where at least that can be read.
pub(super) fn declared(root: &Worktree) -> Option<(Manifest, String)> {
    use crate::artifact::Tree as _;

    let text = root.text(root.manifest()).ok()?.text;
    let hex = digest_bytes(text.as_bytes()).hex().to_owned();
    let mut sources = Sources::new();
    let file = sources.add("", text);
    manifest::parse(&sources, file).ok().map(|manifest| (manifest, hex))
}

fn release(manifest: &Manifest, hex: &str) -> ReportRelease {
    ReportRelease {
        name: manifest.name.value.clone(),
        version: manifest.version.value.clone(),
        release_type: Word(manifest.release_type.value),
        summary: manifest.summary.as_ref().map(|summary| summary.value.clone()),
        manifest_sha256: hex.to_owned(),
        lock_sha256: None,
        criteria_sha256: None,
    }
}

fn report(
    args: &CheckArgs,
    manifest: String,
    release: Option<ReportRelease>,
    findings: &Diagnostics,
    places: &Places<'_>,
) -> Report {
    // What cannot be read of the environment is among the findings.
    let clock = Clock::read(args.as_of).unwrap_or_else(|_| Clock::now(args.as_of));
    let of = |severity: Severity| {
        let own = findings.iter().filter(move |finding| finding.severity == severity);
        own.map(|finding| places.finding(finding)).collect::<Vec<ReportFinding>>()
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    Report::unjudged(Some(manifest), release, clock.generated_at, clock.as_of, errors, warnings)
}

/// Whether the release is compared with what stands in its output folder: then nothing is touched there.
fn compares_with_out(manifest: &Manifest, root: &Worktree, args: &CheckArgs) -> bool {
    let out = out_folder(args, &manifest.name.value);
    let both = [(Reference::Baseline, &args.baseline), (Reference::Anchor, &args.anchor)];
    both.into_iter()
        .filter_map(|(reference, given)| Named::of(reference, given.as_deref(), manifest, root))
        .any(|named| named.reaches(&out))
}

/// Those of the folders that a run of several releases makes whose report is of the same manifest; its release may have had
/// other names.
fn older(report: &Report, args: &CheckArgs) -> Vec<PathBuf> {
    let folders = names_in(&args.out).unwrap_or_default().into_iter().map(|name| args.out.join(name));
    let mut ours: Vec<PathBuf> = folders
        .filter(|folder| Output::made_in(folder))
        .filter(|folder| manifest_of_report(folder).is_some_and(|of| Some(of) == report.manifest))
        .collect();
    ours.sort();
    ours
}

/// The manifest that the report in a folder is of, also where another version of relgate wrote it.
fn manifest_of_report(folder: &Path) -> Option<String> {
    let text = read_text(&folder.join("report.json"), "").ok()??;
    let report: serde_json::Value = serde_json::from_str(&text).ok()?;
    report.get("manifest")?.as_str().map(str::to_owned)
}

/// Puts the report in the place of an older set; where that cannot be, the older set goes all the same.
fn replace(
    report: &Report,
    args: &CheckArgs,
    folder: &Path,
    console: &mut Console<'_>,
) -> io::Result<Written> {
    let is_asked = args.report.iter().any(|(_, path)| path.is_none());
    if !Output::made_in(folder) && !is_asked {
        return Ok(Written::Nothing);
    }
    let write = || {
        let mut output = Output::begin(folder)?;
        let further = args.report.iter().filter(|(_, path)| path.is_none()).map(|(kind, _)| kind);
        for kind in kinds::KINDS.iter().filter(|kind| kind.always).chain(further.copied()) {
            output.add(kind.file, kind.whole(report, Screen::default()).as_bytes())?;
        }
        output.finish("", "report.json")
    };
    match write() {
        Ok(_) => Ok(Written::ErrorReport),
        Err(finding) => {
            tell_findings(&finding.into(), &Sources::new(), console)?;
            Ok(if Output::withdraw(folder) { Written::Withdrawn } else { Written::Nothing })
        }
    }
}

/// Writes the reports that were asked for at paths of their own, where nothing of somebody else stands; whether one was.
fn asked(
    report: &Report,
    question: &Question<'_>,
    args: &CheckArgs,
    read: Option<(&Manifest, &Worktree)>,
    console: &mut Console<'_>,
) -> io::Result<bool> {
    let name = read.map(|(manifest, _)| manifest.name.value.as_str());
    let place = |path: &Path| match name {
        Some(name) => Some(report_paths::of_release(path, name)),
        // Whose report it would be nobody knows.
        None => (!report_paths::needs_name(path)).then(|| path.to_path_buf()),
    };
    let asked = args.report.iter().filter_map(|(kind, path)| Some((*kind, place(path.as_deref()?)?)));
    let asked: Vec<(&kinds::Kind, PathBuf)> = asked.collect();
    let out = out_folder(args, name.unwrap_or_default());
    let changelog =
        read.and_then(|(manifest, root)| Target::new(manifest.changelog.as_ref()?, root, args.adopt).ok());
    let changelog = changelog.as_ref().map(Target::path);
    let mut any = false;
    for one in &asked {
        let (kind, path) = one;
        let written = overwrites::error_report(one, &asked, question.path, &out, changelog).and_then(|()| {
            let mut staged = StagedFiles::default();
            outside::stage(&mut staged, kind, report, path)?;
            staged.commit()
        });
        match written {
            Ok(()) => any = true,
            Err(finding) => tell_findings(&finding.into(), &Sources::new(), console)?,
        }
    }
    Ok(any)
}

/// What became of an older report.
enum Written {
    /// The error report stands in its place.
    ErrorReport,
    /// None stood there, and those that were asked for say it.
    Asked,
    /// It is gone.
    Withdrawn,
    /// Nothing was touched.
    Nothing,
}

impl Written {
    fn told(&self) -> &'static str {
        match self {
            Self::ErrorReport => "the report says so, and the older one is gone",
            Self::Asked => "the report that was asked for says so",
            Self::Withdrawn => "no report was written, and an older one is gone",
            Self::Nothing => "no report was written",
        }
    }
}
