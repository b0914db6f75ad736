//! From a manifest to a judged release on its way to its outputs.

use std::path::{Path, PathBuf};

use crate::changelog::{self, ChangelogEntry};
use crate::cli::CheckArgs;
use crate::commands::changelog::Target;
use crate::commands::clock::Clock;
use crate::commands::earlier::{Releases, named_results};
use crate::commands::hashing::{Switches, hashing};
use crate::commands::overwrites::{self, Files};
use crate::commands::since_baseline;
use crate::commands::view::View;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, list};
use crate::diff;
use crate::files::Worktree;
use crate::judge::{self, Case, Looser, Opened};
use crate::manifest::Manifest;
use crate::release::{self, Release, SharedPolicy};
use crate::report::v1::Report;
use crate::verdict::Decision;

/// A judgement with everything that is needed to tell it.
pub(in crate::commands) struct Finished {
    pub(in crate::commands) report: Report,
    pub(super) warnings: Diagnostics,
    /// What the changelog is told.
    pub(super) entry: ChangelogEntry,
    pub(super) changelog: Option<Target>,
    /// The manifest as it stands on the disk.
    pub(super) text: String,
    pub(super) candidate: Release,
    pub(super) entries: Vec<judge::Entry>,
}

/// Where the reports of a release go.
pub(super) fn out_folder(args: &CheckArgs, name: &str) -> PathBuf {
    if args.manifests.len() > 1 { args.out.join(name) } else { args.out.clone() }
}

/// The manifest of one judgement.
pub(in crate::commands) struct Question<'a> {
    /// Where it stands, as it was named; what messages call a draft.
    pub(in crate::commands) path: &'a Path,
    /// Its text, where it stands in no file.
    pub(in crate::commands) draft: Option<&'a str>,
    /// What is known to be odd about it before it is read, told before the warnings of its report.
    pub(in crate::commands) odd: Vec<Diagnostic>,
    /// What it is not about, so that nobody is warned of it.
    pub(in crate::commands) untold: &'static [Code],
}

impl<'a> Question<'a> {
    /// The manifest in a file.
    pub(in crate::commands) fn of_file(path: &'a Path) -> Self {
        Self { path, draft: None, odd: Vec::new(), untold: &[] }
    }

    /// The tree that it stands on.
    pub(super) fn tree(&self, args: &CheckArgs) -> Result<Worktree, Diagnostic> {
        let root = Worktree::find(self.path, args.root.as_deref())?;
        Ok(match self.draft {
            Some(text) => root.drafted(text),
            None => root,
        })
    }
}

/// From the manifest to the finished view.
pub(in crate::commands) fn judge(
    question: &Question<'_>,
    args: &CheckArgs,
    clock: Clock,
    sources: &mut Sources,
) -> Result<Finished, Diagnostics> {
    let root = question.tree(args)?;
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
    let target = overwrites::outputs(&files)?;
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
    odd.retain(|finding| !question.untold.contains(&finding.code));
    odd.splice(0..0, question.odd.iter().cloned());
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
    let entry = changelog::entry(&report, manifest);
    if let Some(target) = target.as_ref().filter(|_| report.decision.0 == Decision::Pass) {
        target.try_out(&entry)?;
    }
    let text = sources.text(manifest.file).to_owned();
    Ok(Finished { report, warnings, entry, changelog: target, text, entries: judgement.entries, candidate })
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
