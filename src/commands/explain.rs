//! `relgate explain`: a gate, the standard metrics, the rule language, or a finding's code, for people.

use std::io;
use std::path::{Path, PathBuf};

use super::check::{self, Question};
use super::clock::Clock;
use super::console::{Console, tell_findings};
use super::report::load;
use crate::cli::{CheckArgs, ExplainArgs};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, list};
use crate::manifest::fold;
use crate::metric::catalog::{Standard, standard_metrics};
use crate::report::Exit;
use crate::report::explain;
use crate::report::kinds;
use crate::report::v1::Report;

/// Explains, or says what there is to explain.
pub(super) fn run(args: &ExplainArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    match explained(args, console, &mut sources) {
        Ok(text) => {
            console.tell(&text)?;
            Ok(Exit::Pass)
        }
        Err(findings) => {
            tell_findings(&findings, &sources, console)?;
            Ok(Exit::Error)
        }
    }
}

fn explained(
    args: &ExplainArgs,
    console: &Console<'_>,
    sources: &mut Sources,
) -> Result<String, Diagnostics> {
    let screen = console.screen(false);
    let of_release = args.report.is_some() || args.manifest.is_some();
    let Some(topic) = &args.topic else { return Ok(explain::topics(screen)) };
    match topic.as_str() {
        "metrics" if !of_release => {
            let word = args.word.as_deref();
            return explain::metrics(word, screen).ok_or_else(|| no_metric(word.unwrap_or("")).into());
        }
        "rules" if !of_release => return Ok(explain::rules(screen)),
        _ => {}
    }
    // A code that is somebody's gate, too, is the gate where a release is named.
    if let Some(code) = Code::from_word(topic).filter(|_| !of_release) {
        return Ok(explain::code(code, screen));
    }
    // A gate of that name would be told by its release.
    if let Some(text) = explain::word(topic, screen).filter(|_| !of_release) {
        return Ok(text);
    }
    let report = judged(args, sources).map_err(|findings| unless_misspelt(topic, of_release, findings))?;
    match report.gates.iter().find(|gate| gate.id == *topic) {
        Some(gate) => Ok(explain::gate(&report, gate, screen)),
        None => Err(unknown(topic, Some(&report)).into()),
    }
}

/// The saved report, or the manifest judged now.
fn judged(args: &ExplainArgs, sources: &mut Sources) -> Result<Report, Diagnostics> {
    if let Some(file) = &args.report {
        return Ok(load(file)?);
    }
    let path = args.manifest.clone().unwrap_or_else(|| PathBuf::from("release.yaml"));
    let clock = Clock::read(None)?;
    let args = dry(path.clone());
    let finished = check::judge(&Question::of_file(&path, &args), &args, clock, sources)?;
    Ok(finished.report)
}

/// As `relgate check --dry-run` would judge it.
pub(super) fn dry(manifest: PathBuf) -> CheckArgs {
    CheckArgs {
        manifests: vec![manifest],
        out: PathBuf::from("relgate-report"),
        dry_run: true,
        record: false,
        no_changelog: true,
        adopt: false,
        format: kinds::TERMINAL,
        report: Vec::new(),
        evidence: Vec::new(),
        baseline: None,
        anchor: None,
        baseline_evidence: Vec::new(),
        root: None,
        protected_ref: None,
        as_of: None,
        no_cache: false,
        quiet: true,
    }
}

/// Where there is no release to judge, the topic was meant to be something else.
fn unless_misspelt(topic: &str, of_release: bool, findings: Diagnostics) -> Diagnostics {
    let no_manifest = findings.iter().any(|finding| finding.code == Code::NoManifest);
    if no_manifest && !of_release { unknown(topic, None).into() } else { findings }
}

fn unknown(topic: &str, report: Option<&Report>) -> Diagnostic {
    let gates: Vec<&str> =
        report.into_iter().flat_map(|report| report.gates.iter().map(|gate| gate.id.as_str())).collect();
    let known = gates.iter().copied().chain(["metrics", "rules"]);
    let known = known
        .chain(explain::words().map(|word| word as &str))
        .chain(Code::ALL.iter().map(|code| code.word()));
    let finding =
        Diagnostic::error(Code::UnknownGate, format!("there is nothing to explain of the name `{topic}`"))
            .suggest(topic, known);
    let finding = match report {
        Some(_) => finding.note(format!("the gates are {}", list(gates.iter().copied(), 24))),
        None => {
            let saved = ["report.json", "relgate-report/report.json"]
                .into_iter()
                .find(|file| Path::new(file).exists());
            let finding = finding.note("there is no release.yaml here whose gates could be explained");
            match saved {
                Some(file) => finding.help(format!(
                    "for a gate of the saved report: `relgate explain {topic} --report {file}`"
                )),
                None => finding,
            }
        }
    };
    finding.help("`relgate explain` without a word says what there is")
}

fn no_metric(word: &str) -> Diagnostic {
    let names = standard_metrics().iter().flat_map(Standard::names);
    Diagnostic::error(Code::UnknownMetric, format!("no standard metric has `{word}` in its names"))
        .suggest(&fold(word), names)
        .help("a metric of your own needs a line in `metrics:`, or a rule that says what it is: 'rate follows_style >= 90%'")
}
