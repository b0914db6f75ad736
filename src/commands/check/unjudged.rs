//! A release that could not be judged: an error report in the place of an older one, which would still read as a verdict.

use std::io;

use super::finished::{Question, out_folder};
use crate::artifact::digest_bytes;
use crate::cli::CheckArgs;
use crate::commands::clock::Clock;
use crate::commands::console::{Console, tell_findings, tell_unjudged};
use crate::diagnostic::{Diagnostics, Severity, Sources};
use crate::files::{self, Named, Output, Worktree, inside};
use crate::manifest::{self, Manifest, Reference};
use crate::report::v1::{Report, ReportFinding, ReportRelease, Word};
use crate::report::{Screen, kinds};

/// Prints why, writes the error report, and prints it where the output is for programs; whether it was printed.
pub(super) fn tell(
    question: &Question<'_>,
    args: &CheckArgs,
    findings: &Diagnostics,
    sources: &Sources,
    lead: &str,
    console: &mut Console<'_>,
) -> io::Result<bool> {
    tell_findings(findings, sources, console)?;
    let root = question.tree(args).ok();
    let declared = root.as_ref().and_then(declared);
    let report =
        report(args, declared.as_ref().map(|(manifest, hex)| release(manifest, hex)), findings, sources);
    let written = match (&declared, args.dry_run) {
        (_, true) => Written::Nothing,
        // Its folder is that of its name, which nobody knows.
        (None, false) if args.manifests.len() > 1 => Written::Nothing,
        (Some((manifest, _)), false)
            if root.as_ref().is_none_or(|root| compares_with_out(manifest, root, args)) =>
        {
            Written::Nothing
        }
        (declared, false) => {
            let name = declared.as_ref().map_or("", |(manifest, _)| manifest.name.value.as_str());
            replace(&report, args, name, console)?
        }
    };
    tell_unjudged(question.path, findings, "judged", written.told(), console)?;
    let shown = args.format.several != kinds::Several::Told;
    if shown {
        let text = args.format.whole(&report, console.screen(args.quiet));
        console.out.write_all((lead.to_owned() + &text).as_bytes())?;
    }
    Ok(shown)
}

/// The manifest and the digest of its bytes, where at least that can be read.
fn declared(root: &Worktree) -> Option<(Manifest, String)> {
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
    }
}

fn report(
    args: &CheckArgs,
    release: Option<ReportRelease>,
    findings: &Diagnostics,
    sources: &Sources,
) -> Report {
    // What cannot be read of the environment is among the findings.
    let clock = Clock::read(args.as_of).unwrap_or_else(|_| Clock::now(args.as_of));
    let of = |severity: Severity| {
        let own = findings.iter().filter(move |finding| finding.severity == severity);
        own.map(|finding| ReportFinding::of(finding, sources)).collect()
    };
    Report::unjudged(release, clock.generated_at, clock.as_of, of(Severity::Error), of(Severity::Warning))
}

/// Whether the release is compared with what stands in its output folder: then nothing is touched there.
fn compares_with_out(manifest: &Manifest, root: &Worktree, args: &CheckArgs) -> bool {
    let out = out_folder(args, &manifest.name.value);
    let both = [(Reference::Baseline, &args.baseline), (Reference::Anchor, &args.anchor)];
    both.into_iter()
        .filter_map(|(reference, given)| Named::of(reference, given.as_deref(), manifest, root))
        .any(|named| {
            let folder = files::find(&named).ok().and_then(|tree| tree.on_disk(""));
            // What cannot be found may still be there.
            folder.is_none_or(|folder| inside(&folder, &out) || inside(&out, &folder))
                && !named.text.starts_with("git:")
        })
}

/// Puts the report in the place of an older set; where that cannot be, the older set goes all the same.
fn replace(report: &Report, args: &CheckArgs, name: &str, console: &mut Console<'_>) -> io::Result<Written> {
    let folder = out_folder(args, name);
    if !Output::made_in(&folder) {
        return Ok(Written::Nothing);
    }
    let write = || {
        let mut output = Output::begin(&folder)?;
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
            Ok(if Output::withdraw(&folder) { Written::Withdrawn } else { Written::Nothing })
        }
    }
}

/// What became of an older report.
enum Written {
    /// The error report stands in its place.
    ErrorReport,
    /// It is gone.
    Withdrawn,
    /// Nothing was touched.
    Nothing,
}

impl Written {
    fn told(&self) -> &'static str {
        match self {
            Self::ErrorReport => "the report says so, and the older one is gone",
            Self::Withdrawn => "no report was written, and an older one is gone",
            Self::Nothing => "no report was written",
        }
    }
}
