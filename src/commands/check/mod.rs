//! `relgate check`: the main job, in the order of the story.

mod finished;
mod output;
mod unjudged;

use std::io;
use std::path::{Path, PathBuf};

use self::finished::{Finished, out_folder};
use super::clock::Clock;
use super::console::{Console, tell_findings};
use super::earlier::{Releases, named_results};
use super::hashing::{Switches, hashing};
use super::overwrites::{self, Files};
use super::since_baseline;
use super::view::View;
use crate::cli::CheckArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, list, printable};
use crate::diff;
use crate::files::Worktree;
use crate::judge::{self, Case, Looser, Opened};
use crate::manifest::Manifest;
use crate::release::{self, Release, SharedPolicy};
use crate::report::Exit;
use crate::report::kinds::Several;
use crate::verdict::Decision;

/// Judges every manifest; the worst decision wins.
pub(super) fn run(args: &CheckArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    if let Some(finding) = shared_report(args) {
        tell_findings(&finding.into(), &Sources::new(), console)?;
        writeln!(console.err, "ERROR  nothing was judged: 1 error; no report was written")?;
        return Ok(Exit::Error);
    }
    let mut worst = Exit::Pass;
    let mut names: Vec<String> = Vec::new();
    // Documents one after another are no JSON.
    let array = args.format.several == Several::Array && args.manifests.len() > 1;
    let mut lead = "";
    if array {
        console.out.write_all(b"[\n")?;
    }
    for path in &args.manifests {
        let mut sources = Sources::new();
        let judged = Clock::read(args.as_of).map_err(Diagnostics::from).and_then(|clock| {
            let finished = judge(path, args, clock, &mut sources)?;
            let name = &finished.candidate.manifest.name.value;
            if names.contains(name) && args.manifests.len() > 1 {
                return Err(same_name(path, name).into());
            }
            Ok(finished)
        });
        let exit = match judged {
            Ok(finished) => {
                names.push(finished.candidate.manifest.name.value.clone());
                tell_findings(&finished.warnings, &sources, console)?;
                let (exit, shown) = output::tell(&finished, args, lead, console)?;
                if array && shown {
                    lead = ",\n";
                }
                exit
            }
            Err(findings) => {
                if unjudged::tell(path, args, &findings, &sources, lead, console)? && array {
                    lead = ",\n";
                }
                Exit::Error
            }
        };
        worst = worst.max(exit);
    }
    if array {
        console.out.write_all(b"]\n")?;
    }
    Ok(worst)
}

/// From the manifest to the finished view.
fn judge(
    path: &Path,
    args: &CheckArgs,
    clock: Clock,
    sources: &mut Sources,
) -> Result<Finished, Diagnostics> {
    let root = Worktree::find(path, args.root.as_deref())?;
    let declared = release::declare(&root, SharedPolicy::Whole, sources)?;
    let switches = Switches { no_cache: args.no_cache, quiet: args.quiet };
    let held = hashing(&root, switches, |tree| declared.hold(tree));
    let mut candidate = declared.release(held, Box::new(root.clone()));
    let mut warnings = std::mem::take(&mut candidate.findings);
    // Evidence is opened even where artifacts are wrong: all findings in one go.
    let opened = open(&candidate, &args.evidence);
    if warnings.has_errors() {
        warnings.extend(opened.err().unwrap_or_default());
        return Err(warnings);
    }
    let mut opened = opened?;
    let manifest = &candidate.manifest;
    let gates = judge::ask(manifest, &mut opened)?;
    let misspelt = unknown_names(manifest, "--baseline-evidence", &args.baseline_evidence);
    if misspelt.has_errors() {
        return Err(misspelt);
    }
    let releases = Releases::load(&candidate, &root, args, sources)?;
    let files = Files {
        candidate: &candidate,
        root: &root,
        opened: &opened,
        earlier: &releases,
        args,
        out: out_folder(args, &manifest.name.value),
    };
    let changelog = overwrites::outputs(&files)?;
    let (changes, mut odd) = releases.changes(&candidate, args.anchor.is_some()).map_err(|wrong| {
        warnings.extend(wrong);
        std::mem::take(&mut warnings)
    })?;
    let given = named_results(&args.baseline_evidence);
    let earlier = releases.beside(&root, &given);
    let (records, untold) = since_baseline::records(&earlier, &candidate, &gates, &changes);
    odd.extend(untold);
    let looser = records
        .as_deref()
        .map(|records| Looser { blocking: diff::blocking(records), all: records.len() as u64 });
    let case = Case { candidate: &candidate, earlier, changes: &changes, looser, as_of: clock.as_of };
    let mut judgement = case.judge(opened, gates)?;
    odd.append(&mut judgement.warnings);
    judgement.warnings = odd;
    let view = View {
        release: &candidate,
        sources,
        baseline: releases.baseline.as_ref().map(|base| &base.manifest),
        changes: &changes,
        records: records.as_deref(),
        judgement: &judgement,
    };
    let report = view.report(clock);
    let entry = crate::changelog::entry(&report, manifest);
    if let Some(target) = changelog.as_ref().filter(|_| report.decision.0 == Decision::Pass) {
        target.try_out(&entry)?;
    }
    let text = sources.text(manifest.file).to_owned();
    Ok(Finished { report, warnings, entry, changelog, text, entries: judgement.entries, candidate })
}

/// Opens the evidence; `given` overrides where an entry is.
fn open(candidate: &Release, given: &[(String, String)]) -> Result<Vec<Opened>, Diagnostics> {
    let mut findings = unknown_names(&candidate.manifest, "--evidence", given);
    match judge::open(&candidate.manifest, candidate.tree.as_ref(), &named_results(given)) {
        Ok(opened) if !findings.has_errors() => return Ok(opened),
        Ok(_) => {}
        Err(found) => findings.extend(found),
    }
    Err(findings)
}

/// Names given on the command line that no evidence entry has.
fn unknown_names(manifest: &Manifest, flag: &str, given: &[(String, String)]) -> Diagnostics {
    let known = || manifest.evidence.iter().map(|entry| entry.name.value.as_str());
    let unknown = given.iter().filter(|(name, _)| !known().any(|known| known == name));
    unknown
        .map(|(name, _)| {
            Diagnostic::error(
                Code::UnknownEvidence,
                format!("`{flag} {name}=...`: the manifest has no evidence of that name"),
            )
            .suggest(name, known())
            .note(format!("it has {}", list(known(), 12)))
        })
        .collect()
}

/// A path that more than one report would be written to, so that the last would stand for all of them.
fn shared_report(args: &CheckArgs) -> Option<Diagnostic> {
    let paths = || args.report.iter().filter_map(|(_, path)| path.as_ref());
    let shared =
        |path: &&PathBuf| args.manifests.len() > 1 || paths().filter(|other| other == path).count() > 1;
    let path = printable(&paths().find(shared)?.to_string_lossy());
    let finding = Diagnostic::error(
        Code::SharedReport,
        format!(
            "`--report` names `{path}` for more than one report, and each would overwrite the one before"
        ),
    );
    Some(if args.manifests.len() > 1 {
        finding
            .note(format!("{} manifests are checked, each with a report of its own", args.manifests.len()))
            .help("write `--report KIND` without a path: each report then goes to `OUT/<name>/`; or check them one by one")
    } else {
        finding.help("give every report a path of its own")
    })
}

fn same_name(path: &Path, name: &str) -> Diagnostic {
    Diagnostic::error(Code::SameName, format!("two of the manifests release `{}`", printable(name)))
        .in_file(path.to_string_lossy())
        .help("their reports would overwrite each other; check them one by one with `--out`")
}
