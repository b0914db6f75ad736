//! `relgate plan`: what to expect of an evaluation before it is paid for.

mod costs;

use std::io;

use super::clock::Clock;
use super::console::{Console, tell_findings, tell_unjudged};
use super::earlier::{named_results, unknown_names};
use super::overwrites;
use super::progress::watched;
use crate::artifact::Pinned;
use crate::cli::{PlanArgs, PlanFormat};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, list};
use crate::files::{self, Named, StagedFiles, Worktree};
use crate::judge::plan::{self, ForeseenGate, GateOutlook, Pilot, PlanAsked};
use crate::judge::{self, Earlier, Opening};
use crate::manifest::rule::{Locator, parse_quantity};
use crate::manifest::{Enforcement, Manifest, Reference};
use crate::release::{self, Held, Outline, Release, SharedPolicy};
use crate::report::kinds;
use crate::report::plan::{PlanFacts, PlanReport, never_passes};
use crate::report::v1::ReportFinding;
use crate::report::{Exit, Screen};

/// Plans, prints, and says whether every blocking gate can pass.
pub(super) fn run(args: &PlanArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    match watched(args.quiet, || planned(args, &mut sources)) {
        Ok((report, warnings)) => {
            tell_findings(&warnings, &sources, console)?;
            let text = told(&report, args.format, console.screen(args.quiet));
            match args.format {
                PlanFormat::Terminal => console.tell(&text)?,
                PlanFormat::Json | PlanFormat::Html => console.out.write_all(text.as_bytes())?,
            }
            Ok(report.exit())
        }
        Err(findings) => {
            tell_findings(&findings, &sources, console)?;
            tell_unjudged(&args.manifest, &findings, "planned", "nothing was written", console)?;
            Ok(Exit::Error)
        }
    }
}

/// The plan in a form.
fn told(report: &PlanReport, format: PlanFormat, screen: Screen) -> String {
    match format {
        PlanFormat::Terminal => report.text(screen),
        PlanFormat::Json => report.json(),
        PlanFormat::Html => kinds::plan_page(report),
    }
}

fn planned(args: &PlanArgs, sources: &mut Sources) -> Result<(PlanReport, Diagnostics), Diagnostics> {
    let root = Worktree::find(&args.manifest, args.root.as_deref())?;
    let release = declared(&root, sources)?;
    let manifest = &release.manifest;
    let mut opened = opened(&release, args)?;
    overwrites::reports_of_plan(&release, &opened, &args.report.iter().map(|(_, path)| path.as_path()))?;
    let mut gates = plan::foresee(manifest, &mut opened)?;
    let asked = asked(args, manifest, &gates, sources)?;
    let mut warnings = Diagnostics::new();
    let given = args.baseline.as_deref();
    let baseline = baseline(Named::of(Reference::Baseline, given, manifest, &root), sources, &mut warnings);
    let nothing = |_: &str| None;
    let earlier = Earlier { baseline: baseline.as_ref(), anchor: None, tree: &root, given: &nothing };
    let as_of = Clock::now(None).as_of;
    let pilot = Pilot { release: &release, earlier: Some(earlier), as_of };
    warnings.extend(plan::pilot(&pilot, opened, &mut gates)?);
    let outlooks = plan::outlooks(gates, &manifest.policy, &asked);
    warnings.extend(outlooks.iter().filter_map(never));
    let facts = PlanFacts {
        manifest,
        outlooks: &outlooks,
        joint: &plan::joint(&outlooks),
        power: asked.power,
        costs: &|name| costs::of(name, args, &outlooks),
        parallel: args.parallel,
        blocks: manifest.policy.on_inconclusive == Enforcement::Block,
        warnings: warnings.iter().map(|finding| ReportFinding::of(finding, sources)).collect(),
    };
    let report = PlanReport::of(facts);
    let mut staged = StagedFiles::default();
    for (format, path) in &args.report {
        staged.add_with_folder(path, told(&report, *format, Screen::default()).as_bytes())?;
    }
    staged.commit()?;
    Ok((report, warnings))
}

/// The release with nothing pinned: artifacts are no matter of a plan.
fn declared(root: &Worktree, sources: &mut Sources) -> Result<Release, Diagnostics> {
    let Outline { declaration, findings } = release::outline(root, SharedPolicy::Whole, sources);
    let Some(declaration) = declaration.filter(|_| !findings.has_errors()) else { return Err(findings) };
    let held = Held { pinned: Pinned::default(), lock: None, findings: Diagnostics::new() };
    Ok(declaration.release(held, Box::new(root.clone())))
}

/// The evidence that is there.
fn opened(release: &Release, args: &PlanArgs) -> Result<Vec<judge::Opened>, Diagnostics> {
    let Opening { opened, findings } =
        judge::open(&release.manifest, release.tree.as_ref(), &named_results(&args.evidence));
    let named = |finding: &Diagnostic| !finding.nature.is_absence() || !args.evidence.is_empty();
    let mut wrong: Diagnostics = findings.into_iter().filter(named).collect();
    wrong.extend(unknown_names(&release.manifest, "--evidence", &args.evidence));
    wrong.extend(opened.iter().filter_map(|entry| entry.check_made_for(release).err()));
    if wrong.has_errors() { Err(wrong) } else { Ok(opened) }
}

/// The release before, where it can be read.
fn baseline(named: Option<Named<'_>>, sources: &mut Sources, warnings: &mut Diagnostics) -> Option<Release> {
    let named = named?;
    let found = files::find(&named).and_then(|tree| release::load(tree, SharedPolicy::OrOwn, sources));
    found
        .map_err(|wrong| {
            let why = wrong.iter().next().map_or("", |first| first.title.as_str());
            let text = format!("gates on a change are planned without a pilot: {why}");
            let finding = Diagnostic::warning(Code::NoBaseline, text);
            warnings.push(match named.span {
                Some(span) => finding.at(span, "the baseline"),
                None => finding,
            });
        })
        .ok()
}

fn asked(
    args: &PlanArgs,
    manifest: &Manifest,
    gates: &[ForeseenGate],
    sources: &mut Sources,
) -> Result<PlanAsked, Diagnostics> {
    let mut asked = PlanAsked { power: args.power, ..PlanAsked::default() };
    let mut findings = Diagnostics::new();
    let entries = || manifest.evidence.iter().map(|entry| entry.name.value.as_str());
    for (name, n) in &args.n {
        match name {
            None => asked.n = Some(*n),
            Some(name) if entries().any(|known| known == name) => {
                asked.n_of.insert(name.clone(), *n);
            }
            Some(name) => findings.push(
                Diagnostic::error(
                    Code::UnknownEvidence,
                    format!("`--n {name}=...`: the manifest has no evidence of that name"),
                )
                .suggest(name, entries())
                .note(format!("it has {}", list(entries(), 12))),
            ),
        }
    }
    let ids = || gates.iter().map(|gate| gate.gate.spec.id.value.as_str());
    for (id, written) in &args.truths {
        let Some(gate) = gates.iter().find(|gate| gate.gate.spec.id.value == *id) else {
            findings.push(
                Diagnostic::error(
                    Code::UnknownGate,
                    format!("`--true {id}=...`: the manifest has no gate of that name"),
                )
                .suggest(id, ids())
                .note(format!("it has {}", list(ids(), 24))),
            );
            continue;
        };
        let file = sources.add("--true", written.clone());
        let value = parse_quantity(written, Locator::whole_file(file, written))
            .and_then(|quantity| plan::true_value(&gate.gate, &quantity));
        match value {
            Ok(value) => {
                asked.truths.insert(id.clone(), value);
            }
            Err(finding) => findings.push(finding),
        }
    }
    if findings.has_errors() { Err(findings) } else { Ok(asked) }
}

/// A gate that can never pass, or never fail.
fn never(outlook: &GateOutlook) -> Option<Diagnostic> {
    let spec = &outlook.gate.spec;
    let (code, text) = match never_passes(outlook) {
        Some(why) => (Code::NeverPasses, format!("`{}` {why}", spec.id.value)),
        None if outlook.never_fails() => (
            Code::NeverFails,
            format!("`{}` can never fail at the planned size, whatever is true", spec.id.value),
        ),
        None => return None,
    };
    Some(Diagnostic::warning(code, text).at(spec.rule.subject_span(), "this gate"))
}
