//! `relgate check`: the main job, in the order of the story.

use std::io;
use std::path::{Path, PathBuf};

use super::clock::Clock;
use super::earlier::Earlier;
use super::hashing::{Switches, hashing};
use super::overwrites::{self, Files};
use super::view::View;
use super::{Console, bundle, changelog, whats_new};
use crate::artifact::Tree as _;
use crate::change::{self, Changes, KEPT_PHRASES, KeptPhrases, LOOSER_CHANGES, Required, SILENT_CHANGE};
use crate::cli::CheckArgs;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Sources, printable, render};
use crate::diff::{self, Record};
use crate::evidence::ResultsFile;
use crate::files::{Output, Worktree, expand_given, replace_file};
use crate::gate::{self, EvidenceState, Judged, Outcome, Reason};
use crate::judge::examine::Assessed;
use crate::judge::opened::Opened;
use crate::judge::{anchor, compare, examine, waivers};
use crate::manifest::{EvidenceSpec, GateSpec, LooserChanges, Manifest};
use crate::metric::Bound;
use crate::release::bundle::FOLDERS;
use crate::release::{self, SharedPolicy};
use crate::report::kinds::{self, Several};
use crate::report::v1::Report;
use crate::report::{Exit, Screen};
use crate::verdict::{self, Decision, Verdict};

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
            let name = &finished.report.release.name;
            if names.contains(name) && args.manifests.len() > 1 {
                return Err(same_name(path, name).into());
            }
            Ok(finished)
        });
        let exit = match judged {
            Ok(finished) => {
                names.push(finished.report.release.name.clone());
                tell_findings(&finished.warnings, &sources, console)?;
                let (exit, shown) = tell(&finished, args, lead, console)?;
                if array && shown {
                    lead = ",\n";
                }
                exit
            }
            Err(findings) => {
                tell_findings(&findings, &sources, console)?;
                tell_unjudged(path, &findings, "judged", "no report was written", console)?;
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

/// A judgement with everything that is needed to tell it.
struct Finished {
    report: Report,
    warnings: Diagnostics,
    changelog: Option<changelog::Target>,
    bundle: Vec<(String, Vec<u8>)>,
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
    let manifest = candidate.manifest.clone();
    // Evidence is opened even where artifacts are wrong: all findings in one go.
    let opened = open(&manifest, &root, &args.evidence);
    if warnings.has_errors() {
        if let Err(findings) = opened {
            warnings.extend(findings);
        }
        return Err(warnings);
    }
    let mut opened = opened?;
    let bound = examine::bind(&manifest, &mut opened)?;
    let misspelt = examine::unknown_names(&manifest, "--baseline-evidence", &args.baseline_evidence);
    if misspelt.has_errors() {
        return Err(misspelt);
    }
    let earlier = Earlier::load(&manifest, &root, args, sources)?;
    let out = out_folder(args, &manifest.name.value);
    let files = Files {
        manifest: path,
        root: &root,
        pinned: &candidate.pinned,
        opened: &opened,
        earlier: &earlier,
        out,
    };
    let changelog = overwrites::outputs(&manifest, args, &files)?;
    let (changes, mut odd) = earlier.changes(&candidate).map_err(|wrong| {
        warnings.extend(wrong);
        std::mem::take(&mut warnings)
    })?;
    let (records, untold) = match &earlier.baseline {
        Some(base) => whats_new::records((base, &earlier), &candidate, &bound, &changes),
        None => (None, None),
    };
    odd.extend(untold);
    let (manifest, bound) = match &earlier.anchor {
        Some(_) => anchor::twins(manifest, &bound, &opened)?,
        None => (manifest, bound),
    };
    let asked = asked(&manifest, &bound, &changes);
    odd.extend(anchor::drift(&manifest, &asked));
    let read = examine::read(&manifest, &opened, &bound)?;
    let open = |reference, entry: &_| earlier.evidence(reference, entry);
    let baselines = compare::read_baselines(&manifest, &read, &asked, &open)?;
    let assessments = examine::assess(&manifest, &opened, &read, &baselines, &asked)?;
    let state = |entry: &examine::Read| {
        (
            entry.name.clone(),
            gate::check_identity(&entry.identities, &manifest, &candidate.pinned, clock.as_of),
        )
    };
    let states: Vec<(String, EvidenceState)> = read.iter().map(state).collect();
    let mut judged = judge_gates(&manifest, &asked, assessments, &states);
    odd.extend(compare::side_by_side(&manifest, &asked, &judged));
    let case = waivers::Case {
        manifest: &manifest,
        opened: &opened,
        read: &read,
        baselines: &baselines,
        asked: &asked,
        judged: &judged,
        as_of: clock.as_of,
    };
    let accepted = waivers::acceptances(&case)?;
    let base = earlier.baseline.as_ref().map(|base| &base.manifest);
    let kept = change::kept_phrases(base, &manifest, &candidate.pinned, &root);
    judged.extend(built_in(&manifest, base.map(|_| &changes), &kept, records.as_deref()));
    let required = change::requirements(&manifest.policy, manifest.release_type);
    let verdict = verdict::decide(judged, &manifest.policy, &required, &accepted);
    odd.extend(promised(&manifest, &required, &verdict));
    let view = View {
        manifest: &manifest,
        sources,
        bound: &bound,
        read: &read,
        pinned: &candidate.pinned,
        lock: candidate.lock.as_ref(),
        states: &states,
        changes: &changes,
        kept: &kept,
        records: records.as_deref(),
        accepted: &accepted,
        required: &required,
        odd: &odd,
    };
    let report = view.report(&verdict, clock, &candidate.sha256);
    if let Some(target) = changelog.as_ref().filter(|_| report.decision.0 == Decision::Pass) {
        target.try_out(&crate::changelog::entry(&report))?;
    }
    let bundle = if args.dry_run {
        Vec::new()
    } else {
        bundle::files(&candidate, sources.text(manifest.file), &opened, &read)?
    };
    Ok(Finished { report, warnings, changelog, bundle })
}

/// The gates of relgate's own: the first and the last where there is a baseline to compare with (`changes`).
fn built_in(
    manifest: &Manifest,
    changes: Option<&Changes>,
    kept: &KeptPhrases,
    records: Option<&[Record]>,
) -> Vec<Judged> {
    let mut judged = Vec::new();
    if let Some(changes) = changes {
        let silent = changes.silent().count() as u64;
        judged.push(gate::silent_change(SILENT_CHANGE, silent, changes.artifacts.len() as u64));
    }
    if kept.asked > 0 {
        judged.push(gate::kept_phrases(KEPT_PHRASES, kept.lost.len() as u64, kept.asked));
    }
    if changes.is_some() && manifest.policy.looser_changes == LooserChanges::Block {
        // What cannot be told may be anything.
        let found = records.map(|found| (diff::blocking(found), found.len() as u64));
        let (blocking, all) = found.unwrap_or((1, 1));
        judged.push(gate::looser_changes(LOOSER_CHANGES, blocking, all));
    }
    judged
}

/// Opens the evidence; `given` overrides where an entry is.
fn open(
    manifest: &Manifest,
    root: &Worktree,
    given: &[(String, String)],
) -> Result<Vec<Opened>, Diagnostics> {
    let mut findings = examine::unknown_names(manifest, "--evidence", given);
    match examine::open(manifest, &|entry| results(entry, root, given)) {
        Ok(opened) if !findings.has_errors() => return Ok(opened),
        Ok(_) => {}
        Err(found) => findings.extend(found),
    }
    Err(findings)
}

/// The files of an evidence entry: where the command line says they are, else where the manifest does.
fn results(
    entry: &EvidenceSpec,
    root: &Worktree,
    given: &[(String, String)],
) -> Result<Vec<ResultsFile>, Diagnostic> {
    let given = given.iter().rev().find(|(name, _)| *name == entry.name.value);
    match given {
        Some((_, path)) => expand_given(path),
        None => root.expand(&entry.name.value, &entry.path),
    }
}

/// Every gate, and whether it applies to what changed.
fn asked<'a>(manifest: &Manifest, bound: &'a [Bound], changes: &Changes) -> Vec<(&'a Bound, bool)> {
    let applies = |gate: &GateSpec| {
        gate.when.as_ref().is_none_or(|when| changes.applies(&when.value, manifest.release_type.value))
    };
    bound.iter().zip(&manifest.gates).map(|(bound, gate)| (bound, applies(gate))).collect()
}

/// Where the release shows less than its type promises.
fn promised(manifest: &Manifest, required: &Required, verdict: &Verdict) -> Vec<Diagnostic> {
    let kind = manifest.release_type.value;
    let loose: Vec<&GateSpec> =
        verdict.held_loosely.iter().filter_map(|place| manifest.gates.get(*place)).collect();
    let narrowed = change::narrowed(required, kind, verdict.quality_holds);
    narrowed.into_iter().chain(change::held_loosely(kind, &loose)).collect()
}

/// Every gate of the manifest against what was measured for it.
fn judge_gates(
    manifest: &Manifest,
    asked: &[(&Bound, bool)],
    assessments: Vec<Assessed>,
    states: &[(String, EvidenceState)],
) -> Vec<Judged> {
    let gates = manifest.gates.iter().zip(asked).zip(assessments);
    let judge = |((gate, (bound, applies)), assessed): ((&GateSpec, &(&Bound, bool)), Assessed)| {
        let judged = gate::judge(gate, bound, &manifest.policy, assessed.whole, assessed.slices);
        bar(judged, bound, states, *applies)
    };
    gates.map(judge).collect()
}

/// A gate that does not apply is not judged; one on evidence that is not of this release, or too old, is an error
/// whatever its numbers say.
fn bar(mut judged: Judged, bound: &Bound, states: &[(String, EvidenceState)], applies: bool) -> Judged {
    let state = states.iter().find(|(name, _)| *name == bound.evidence);
    if !applies {
        judged.barred = Some((Outcome::NotApplicable, Reason::SwitchedOff));
    } else if let Some(reason) = state.and_then(|(_, state)| state.blocked) {
        judged.barred = Some((Outcome::Error, reason));
    }
    judged
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

/// Where the reports of a release go.
fn out_folder(args: &CheckArgs, name: &str) -> PathBuf {
    if args.manifests.len() > 1 { args.out.join(name) } else { args.out.clone() }
}

/// Writes and prints a finished report, behind `lead`; how it ends, and whether the report was printed.
fn tell(
    finished: &Finished,
    args: &CheckArgs,
    lead: &str,
    console: &mut Console<'_>,
) -> io::Result<(Exit, bool)> {
    let report = &finished.report;
    let folder = out_folder(args, &report.release.name);
    let written = if args.dry_run { Ok(Vec::new()) } else { write(finished, args, &folder) };
    // A release whose report is not there must not read as one that may ship.
    let decision = report.decision.0;
    let counts = written.is_ok() || decision >= Decision::Error;
    if counts {
        let text = (args.format.report)(report, console.screen(args.quiet));
        console.out.write_all((lead.to_owned() + &text).as_bytes())?;
    }
    match written {
        Ok(mut paths) => {
            let told = tell_changelog(finished, args, &mut paths, console)?;
            if !args.quiet && args.format.several == Several::Told && !paths.is_empty() {
                let shown: Vec<String> =
                    paths.iter().map(|path| printable(&path.to_string_lossy())).collect();
                writeln!(console.out, "\nwrote {}", shown.join(", "))?;
            }
            Ok((decision.max(told).into(), counts))
        }
        Err(finding) => {
            tell_findings(&finding.into(), &Sources::new(), console)?;
            if !counts {
                let (release, word) = (&report.release, decision.word());
                let name = printable(&release.name);
                writeln!(
                    console.err,
                    "ERROR  {name} {} was judged ({word}), which counts for nothing: its report could not be written",
                    release.version
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
    let entry = crate::changelog::entry(&finished.report);
    let mut findings = Diagnostics::new();
    if finished.report.decision.0 != Decision::Pass {
        findings.extend(target.behind(&entry).into_iter().collect());
    } else if !args.dry_run {
        match target.write(&entry) {
            Ok(written) => {
                paths.extend(written.name.map(PathBuf::from));
                findings.extend(written.warnings.into_iter().collect());
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

fn write(finished: &Finished, args: &CheckArgs, folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let report = &finished.report;
    let mut output = Output::new(folder);
    for (path, bytes) in &finished.bundle {
        output.add(format!("bundle/{path}"), bytes.clone());
    }
    for own in FOLDERS {
        output.own(format!("bundle/{own}"));
    }
    let text = |kind: &kinds::Kind| (kind.report)(report, Screen::default()).into_bytes();
    for kind in kinds::KINDS.iter().filter(|kind| kind.always) {
        output.add(kind.file, text(kind));
    }
    let draft = crate::changelog::render(&crate::changelog::entry(report));
    output.add("changelog.md", draft.into_bytes());
    for (format, _) in args.report.iter().filter(|(_, path)| path.is_none()) {
        output.add(format.file, text(format));
    }
    // It carries the verdict.
    output.last("report.json");
    let mut written = output.write()?;
    // The bundle is told as one.
    let index = folder.join("bundle");
    written.retain(|path| !path.starts_with(&index));
    written.push(index);
    for (format, path) in &args.report {
        if let Some(path) = path {
            replace_file(path, &text(format))?;
            written.push(path.clone());
        }
    }
    Ok(written)
}

pub(super) fn tell_findings(
    findings: &Diagnostics,
    sources: &Sources,
    console: &mut Console<'_>,
) -> io::Result<()> {
    for finding in findings {
        writeln!(console.err, "{}\n", render(finding, sources, console.color_err))?;
    }
    Ok(())
}

/// The last line of a run that could not do (`done`) its work, and what that means for its output.
pub(super) fn tell_unjudged(
    path: &Path,
    findings: &Diagnostics,
    done: &str,
    instead: &str,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let count = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let errors = if count == 1 { "1 error".to_owned() } else { format!("{count} errors") };
    let name = printable(&path.to_string_lossy());
    writeln!(console.err, "ERROR  {name} could not be {done}: {errors}; {instead}")
}
