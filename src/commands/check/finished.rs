//! From a manifest to a judged release on its way to its outputs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::signed;
use crate::changelog::{self, ChangelogEntry};
use crate::cli::CheckArgs;
use crate::commands::changelog::Target;
use crate::commands::clock::Clock;
use crate::commands::command_line;
use crate::commands::earlier::{Releases, named_results, unknown_names};
use crate::commands::hashing::{hashing_with, stat_cache};
use crate::commands::ledger;
use crate::commands::ledger::Look;
use crate::commands::outside;
use crate::commands::overwrites::{self, Files};
use crate::commands::places::Places;
use crate::commands::since_baseline;
use crate::commands::view::View;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Nature, Sources};
use crate::diff;
use crate::files::{Hashing, Ledger, StatCache, Worktree, stat_cached};
use crate::judge::{self, Case, Looser, Opened, OpenedFile, Opening};
use crate::manifest::WaiverSpec;
use crate::release::{self, Outline, Release, SharedPolicy};
use crate::report::kinds;
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
    pub(in crate::commands) candidate: Release,
    pub(super) entries: Vec<judge::Entry>,
    /// What the ledger says of it; none where there is none.
    pub(super) look: Option<Look>,
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
    /// The command that asks it, without the day of the judgement.
    pub(in crate::commands) command: String,
    /// What it is not about, so that nobody is warned of it.
    pub(in crate::commands) untold: &'static [Code],
}

impl<'a> Question<'a> {
    /// The manifest in a file.
    pub(in crate::commands) fn of_file(path: &'a Path, args: &CheckArgs) -> Self {
        Self {
            path,
            draft: None,
            odd: Vec::new(),
            command: command_line::check(path, args, &[]),
            untold: &[],
        }
    }

    /// The command that asks it again: parts of numbers stand for the results that they were made of.
    fn again(&self, args: &CheckArgs, opened: &[Opened]) -> String {
        let parts: Vec<String> =
            opened.iter().filter(|entry| entry.is_parts()).map(|entry| entry.name.clone()).collect();
        if self.draft.is_none() && !parts.is_empty() {
            command_line::check(self.path, args, &parts)
        } else {
            self.command.clone()
        }
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

/// From the manifest to the finished view; what was hashed on the way is known to the next run.
pub(in crate::commands) fn judge(
    question: &Question<'_>,
    args: &CheckArgs,
    clock: Clock,
    sources: &mut Sources,
) -> Result<Finished, Diagnostics> {
    let cache = stat_cache(args.no_cache);
    let finished = judge_with(cache.as_ref(), question, args, clock, sources);
    if let Some(cache) = cache {
        cache.save();
    }
    finished
}

fn judge_with(
    cache: Option<&Arc<StatCache>>,
    question: &Question<'_>,
    args: &CheckArgs,
    clock: Clock,
    sources: &mut Sources,
) -> Result<Finished, Diagnostics> {
    let root = question.tree(args)?;
    // Whatever is wrong, what else there is to find is found in the same run.
    let Outline { declaration, findings: mut found } = release::outline(&root, SharedPolicy::Whole, sources);
    let Some(declared) = declaration else { return Err(found) };
    let is_declared = !found.has_errors();
    // A part of a manifest is no match for a lock of the whole.
    let hold = |tree: &Hashing<'_>| if is_declared { declared.hold(tree) } else { declared.pin(tree) };
    let held = hashing_with(cache.cloned(), &root, args.quiet, hold);
    let mut candidate = declared.release(held, Box::new(root.clone()));
    found.extend(std::mem::take(&mut candidate.findings));
    let is_pinned = !found.has_errors();
    let opening = open(&candidate, &args.evidence, cache);
    let is_complete = is_declared && !opening.findings.has_errors();
    found.extend(opening.findings);
    let mut opened = opening.opened;
    let manifest = &candidate.manifest;
    let gates = judge::ask(manifest, &mut opened);
    let gates = gates.map_err(|wrong| found.extend(certain(wrong, is_complete)));
    found.extend(unknown_names(manifest, "--baseline-evidence", &args.baseline_evidence));
    let releases = Releases::load(&candidate, &root, args, sources).map_err(|wrong| found.extend(wrong));
    let changes = releases.as_ref().ok().filter(|_| is_pinned);
    let changes = changes.map(|releases| releases.changes(&candidate, args.anchor.is_some())).transpose();
    let changes = changes.map_err(|wrong| found.extend(wrong));
    let (false, Ok(gates), Ok(releases), Ok(Some((changes, mut odd)))) =
        (found.has_errors(), gates, releases, changes)
    else {
        return Err(found);
    };
    let command = question.again(args, &opened);
    let files = Files {
        candidate: &candidate,
        root: &root,
        opened: &opened,
        earlier: &releases,
        args,
        out: out_folder(args, &manifest.name.value),
    };
    let target = overwrites::outputs(&files)?;
    let given = named_results(&args.baseline_evidence);
    let earlier = releases.beside(&root, &given);
    let (records, untold) = since_baseline::records(&earlier, &candidate, &gates, &changes);
    odd.extend(untold);
    let looser = records
        .as_deref()
        .map(|records| Looser { blocking: diff::blocking(records), all: records.len() as u64 });
    let signers = signed::signers(&candidate, &root, args.protected_ref.as_deref(), sources)?;
    odd.extend(signers.as_ref().and_then(|list| list.odd.clone()));
    let unsigned =
        |waiver: &WaiverSpec| signers.as_ref().and_then(|list| signed::why_not(waiver, &candidate, list));
    let case = Case {
        candidate: &candidate,
        earlier,
        changes: &changes,
        looser,
        as_of: clock.as_of,
        unsigned: &unsigned,
        digested: tells_digests(&candidate, &root, args)?,
    };
    let mut judgement = case.judge(opened, gates)?;
    odd.append(&mut judgement.warnings);
    odd.retain(|finding| !question.untold.contains(&finding.code));
    odd.splice(0..0, question.odd.iter().cloned());
    let text = sources.text(candidate.manifest.file).to_owned();
    let look = match question.draft {
        Some(_) => None,
        None => {
            let asked = if args.dry_run { Some(false) } else { args.record.then_some(true) };
            let (look, told) = Look::at(&candidate, &text, &judgement.entries, &root, asked)?;
            odd.extend(told);
            look
        }
    };
    judgement.warnings = odd;
    let view = View {
        release: &candidate,
        places: &Places::new(Some(&root), sources),
        baseline: releases.baseline.as_ref(),
        changes: &changes,
        records: records.as_deref(),
        judgement: &judgement,
        criteria: judge::criteria(&text, &candidate.inherited),
        is_draft: question.draft.is_some(),
        command: &format!("{command} --as-of {}", clock.as_of),
    };
    let mut report = view.report(clock);
    if args.report.iter().any(|(kind, _)| outside::asks_ledger(kind)) {
        outside::remember(&mut report, &ledger::folder_of(None, Some(manifest), &root)?)?;
    }
    let entry = changelog::entry(&report, manifest);
    if let Some(target) = target.as_ref().filter(|_| report.decision.0 == Decision::Pass) {
        target.try_out(&entry)?;
    }
    Ok(Finished {
        report,
        warnings: found,
        entry,
        changelog: target,
        text,
        entries: judgement.entries,
        candidate,
        look,
    })
}

/// Whether anybody is told the digests of the results: not by what a dry run shows on a terminal, where no ledger counts the looks.
fn tells_digests(candidate: &Release, root: &Worktree, args: &CheckArgs) -> Result<bool, Diagnostics> {
    let shows_none = args.dry_run && args.report.is_empty() && args.format.name == kinds::TERMINAL.name;
    Ok(!shows_none || Ledger::is_at(&ledger::folder_of(None, Some(&candidate.manifest), root)?))
}

/// Opens the evidence; `given` overrides where an entry is. What `cache` knows is not hashed again.
fn open(candidate: &Release, given: &[(String, String)], cache: Option<&Arc<StatCache>>) -> Opening {
    let mut findings = unknown_names(&candidate.manifest, "--evidence", given);
    let mut opening = judge::open(&candidate.manifest, candidate.tree.as_ref(), &named_results(given));
    findings.extend(opening.findings);
    if let Some(cache) = cache {
        for entry in &mut opening.opened {
            let files = std::mem::take(&mut entry.files).into_iter();
            let cached = |file: OpenedFile| OpenedFile { results: stat_cached(file.results, cache), ..file };
            entry.files = files.map(cached).collect();
        }
    }
    Opening { opened: opening.opened, findings }
}

/// What is wrong with gates for certain: a name that nothing has may stand in the evidence that was not read, unless another
/// is clearly meant.
fn certain(findings: Diagnostics, is_complete: bool) -> Diagnostics {
    findings.into_iter().filter(|finding| is_complete || finding.nature != Nature::Unseen).collect()
}
