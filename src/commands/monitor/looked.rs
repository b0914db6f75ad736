//! One look at production, for every command that takes one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};

use super::log_files::Log;
use super::log_rows::Rows;
use super::recalled::{Depends, Memory};
use super::stable;
use super::times::Known;
use super::watched::{Subject, Watched, watched};
use crate::artifact::{Pinned, Source};
use crate::commands::frozen;
use crate::commands::ledger::folder_of;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, Spanned};
use crate::evidence::{self, FieldKind};
use crate::files::{self, Ledger, LogFile, Worktree};
use crate::ledger::{Chain, EventRelease};
use crate::manifest::{Category, Manifest, MonitoringSpec, RollbackSpec, SignalSpec, Strategy};
use crate::monitor::{
    Asked, Bindings, LogPlan, LogSink, Phase, Readings, Routing, Signal, StepTimes, Watch, WatchPlan, bind,
    usual_signals,
};
use crate::release::{self, Held, Outline, Release, SharedPolicy};
use crate::report::monitor::{MonitorFacts, MonitorReport};

/// What is asked of a look.
pub(in crate::commands) struct Look<'a> {
    pub(in crate::commands) root: &'a Worktree,
    /// Which release.
    pub(in crate::commands) subject: Subject,
    /// Files instead of those of the manifest.
    pub(in crate::commands) log: &'a [String],
    pub(in crate::commands) now: DateTime<Utc>,
    pub(in crate::commands) weight: Option<f64>,
    pub(in crate::commands) stable: Option<&'a str>,
    pub(in crate::commands) ledger: Option<&'a Path>,
    /// Whether ids of failing records are wanted.
    pub(in crate::commands) cases: bool,
    /// Whether nothing of an earlier look may be taken.
    pub(in crate::commands) no_cache: bool,
}

/// What was seen.
pub(in crate::commands) struct Looked {
    /// The release that was looked at, as the ledger knows it; none without a rollout.
    pub(in crate::commands) of: Option<EventRelease>,
    /// What its manifest says of going back.
    pub(in crate::commands) rollback: RollbackSpec,
    pub(in crate::commands) signals: Vec<Signal>,
    pub(in crate::commands) readings: Readings,
    pub(in crate::commands) watch: Watch,
    pub(in crate::commands) report: MonitorReport,
    pub(in crate::commands) cases: Vec<String>,
    pub(in crate::commands) warnings: Diagnostics,
    /// The files that were read: the log, and the manifest.
    pub(in crate::commands) read: Vec<PathBuf>,
}

/// Reads the log once and says what it shows.
///
/// # Errors
/// A manifest or ledger that cannot be used, no log, and signals that do not fit it.
pub(in crate::commands) fn look(asked: &Look<'_>, sources: &mut Sources) -> Result<Looked, Diagnostics> {
    let own = declared(asked.root, sources)?;
    let folder = folder_of(asked.ledger, Some(&own.manifest), asked.root)?;
    let chain = if Ledger::is_at(&folder) { Ledger::read_sound(&folder)? } else { Chain::default() };
    let warnings = chain
        .state(&own.manifest.name.value)
        .filter(|state| state.candidate.version == own.manifest.version.value.to_string())
        .map_or_else(Diagnostics::new, |state| frozen::warnings(&own.manifest, &state, sources));
    let asked_for = (asked.subject, asked.weight.is_some());
    let watched = watched(asked_for, &chain, (asked.root, own), sources)?;
    let Watched { release, of, known, stable: by_ledger, note } = watched;
    let manifest = &release.manifest;
    let Some(monitoring) = manifest.monitoring.clone() else {
        return Err(no_monitoring(&release, sources).into());
    };
    let version = manifest.version.value.to_string();
    let stable = stable_version(asked, manifest, by_ledger);
    let files = logs(asked, &monitoring)?;
    let log = Log::of(&files, &release, &monitoring)?;
    if log.files.is_empty() && log.counts.rows.is_empty() {
        return Err(no_record(&monitoring).into());
    }
    if let (Some(rows), true, true) = (log.files.first(), log.stripped.is_some(), asked.cases) {
        return Err(no_ids(rows.file).into());
    }
    let specs = specs(&monitoring, &log.logged())?;
    let bindings = Bindings { manifest, monitoring: &monitoring, fields: &log.fields, counted: &log.counted };
    let signals = bind(&bindings, &specs)?;
    let known = known.unwrap_or_else(|| without_rollout(asked.weight));
    let plan = LogPlan {
        versions: (version.clone(), stable.clone()),
        fields: signals.iter().map(|signal| log.field(&signal.field)).collect(),
        conditions: monitoring.conditions.clone(),
        by_signal: specs.iter().map(|spec| spec.conditions.clone()).collect(),
        by_request: manifest.deployment.as_ref().is_some_and(|deployment| deployment.unit.is_none()),
        by_release: routing(manifest) == Routing::Both,
        cases: asked
            .cases
            .then(|| signals.iter().map(|signal| (signal.asked.event(), signal.scale)).collect()),
        stripped: log.stripped.is_some(),
    };
    let watch_plan = WatchPlan {
        now: asked.now.timestamp() as f64,
        ..watch_plan(manifest, &monitoring, &signals, &known)
    };
    let comparable = known.weight.is_some()
        || routing(manifest) == Routing::Both
        || !signals.iter().any(|signal| signal.asked.compares());
    let versions = plan.versions.clone();
    let plain = log.counts.rows.is_empty() && !asked.cases;
    let depends =
        Depends { root: asked.root, release: &release, files: &files, log: &plan, watch: &watch_plan };
    let memory = if plain { Memory::of(depends, asked.no_cache) } else { None };
    let (mut watch, cases) = match memory.as_ref().and_then(Memory::recall) {
        Some(watch) => (watch, Vec::new()),
        None => {
            let Some(watch) = Watch::new(watch_plan.clone()) else { return Err(Diagnostics::new()) };
            let read = read(&log, plan.clone(), watch)?;
            if let Some(memory) = memory {
                memory.keep(&read.0);
            }
            read
        }
    };
    if !log.counts.rows.is_empty() {
        watch.take_counts(&log.counts, &versions);
    }
    let mut readings = watch.finish();
    readings.notes.extend(note);
    if !comparable {
        readings.notes.push(
            "nobody says which share of the traffic is the candidate's, so that comparisons see nothing: give `--weight 10%`"
                .to_owned(),
        );
    }
    let report = MonitorReport::of(&MonitorFacts {
        name: &manifest.name.value,
        release: &version,
        stable: stable.as_deref(),
        phase: if matches!(known.phase, Phase::Beside) { "beside" } else { "alone" },
        weight: known.weight,
        now: asked.now.to_rfc3339_opts(SecondsFormat::Secs, true),
        readings: &readings,
        action: &|id, category| action(manifest, &signals, (id, category), known.weight == Some(1.0)),
    });
    let rollback = manifest.rollback.clone();
    let manifest = asked.root.absolute(asked.root.manifest_path());
    let read = files.iter().filter_map(LogFile::path).map(Path::to_path_buf).chain([manifest]).collect();
    Ok(Looked { of, rollback, signals, readings, watch, report, cases, warnings, read })
}

/// The release of a manifest, as it stands.
pub(in crate::commands) fn declared(root: &Worktree, sources: &mut Sources) -> Result<Release, Diagnostics> {
    let Outline { declaration, findings } = release::outline(root, SharedPolicy::Whole, sources);
    let Some(declaration) = declaration.filter(|_| !findings.has_errors()) else { return Err(findings) };
    let held = Held { pinned: Pinned::default(), lock: None, findings: Diagnostics::new() };
    Ok(declaration.release(held, Box::new(root.clone())))
}

fn no_record(monitoring: &MonitoringSpec) -> Diagnostic {
    let span = monitoring.log.first().map_or(monitoring.span, |log| log.span);
    Diagnostic::error(Code::NoSamples, "the log holds no record yet")
        .at(span, "nothing is written here")
        .help("wait until the service has logged something: nothing is decided before; a last line counts with its line feed")
}

fn no_ids(part: &LogFile) -> Diagnostic {
    Diagnostic::error(Code::NumbersLackField, "parts keep no ids, so that none can be named")
        .in_file(part.name())
        .help("leave `--cases` out, or give the records themselves with `--log`")
}

/// The finding that nothing is watched.
pub(super) fn no_monitoring(release: &Release, sources: &Sources) -> Diagnostic {
    Diagnostic::error(Code::SignalSpec, "this manifest has no `monitoring`")
        .in_file(sources.name(release.manifest.file))
        .note(format!("`{}` says nothing of production", release.tree.manifest()))
        .help("add `monitoring: { log: ['/var/log/assistant/*.jsonl'] }`; the usual signals are watched where it names none")
}

fn stable_version(asked: &Look<'_>, manifest: &Manifest, by_ledger: Option<String>) -> Option<String> {
    let given = asked.stable.map(str::to_owned);
    given.or(by_ledger).or_else(|| stable::version(manifest, asked.root))
}

/// One step that was always there; of an unknown share comparisons see nothing.
fn without_rollout(weight: Option<f64>) -> Known {
    let times = StepTimes::always(weight.unwrap_or(1.0));
    Known { phase: Phase::Beside, times, weight, caps: BTreeMap::new() }
}

fn specs(
    monitoring: &MonitoringSpec,
    fields: &BTreeMap<String, FieldKind>,
) -> Result<Vec<SignalSpec>, Diagnostic> {
    if !monitoring.signals.is_empty() {
        return Ok(monitoring.signals.clone());
    }
    let usual = usual_signals(fields, monitoring.span);
    if usual.is_empty() {
        return Err(Diagnostic::error(Code::SignalSpec, "the log has none of the usual fields")
            .at(monitoring.span, "no signals are named")
            .help("name what is to be watched under `signals:`, or what the log calls it under `fields:`"));
    }
    Ok(usual)
}

fn watch_plan(
    manifest: &Manifest,
    monitoring: &MonitoringSpec,
    signals: &[Signal],
    known: &Known,
) -> WatchPlan {
    let frozen = |signal: &Signal| {
        let mut signal = signal.clone();
        if let (Asked::Change { cap: cap @ None, .. }, Some(known)) =
            (&mut signal.asked, known.caps.get(&signal.id))
        {
            *cap = Some(*known);
        }
        signal
    };
    let routing = routing(manifest);
    WatchPlan {
        signals: signals.iter().map(frozen).collect(),
        now: f64::INFINITY,
        phase: known.phase.clone(),
        times: if routing == Routing::Both { known.times.halved() } else { known.times.clone() },
        routing,
        alpha: manifest.policy.fail_confidence.alpha(),
        pass_alpha: manifest.policy.confidence.alpha(),
        missing: monitoring.missing,
        silence: monitoring.silence,
        mature: monitoring.mature,
        false_alarms: monitoring.false_alarms,
    }
}

/// How units come to a release, by the strategy.
fn routing(manifest: &Manifest) -> Routing {
    match manifest.deployment.as_ref().map(|deployment| deployment.strategy.value) {
        Some(Strategy::Shadow) => Routing::Both,
        Some(Strategy::Flag | Strategy::BlueGreen) => Routing::Chosen,
        Some(Strategy::Canary | Strategy::Ab) | None => Routing::Random,
    }
}

/// What is done when a signal fails, in words.
fn action(
    manifest: &Manifest,
    signals: &[Signal],
    (id, category): (&str, Category),
    at_full: bool,
) -> String {
    let own = signals.iter().find(|signal| signal.id == id).and_then(|signal| signal.action.as_ref());
    crate::rollout::action(&manifest.rollback, own, category, at_full).words()
}

fn logs(asked: &Look<'_>, monitoring: &MonitoringSpec) -> Result<Vec<LogFile>, Diagnostics> {
    if asked.log.is_empty() {
        let folder = asked.root.absolute(asked.root.base());
        let shown = PathBuf::from(asked.root.from_here(asked.root.base()));
        return files::logs((&folder, &shown), &monitoring.log);
    }
    let span = Span { end: monitoring.span.start, ..monitoring.span };
    let given: Vec<Spanned<String>> = asked.log.iter().map(|path| Spanned::new(path.clone(), span)).collect();
    files::logs((Path::new(""), Path::new("")), &given)
}

/// Feeds all rows, file by file.
fn read(log: &Log<'_>, plan: LogPlan, watch: Watch) -> Result<(Watch, Vec<String>), Diagnostics> {
    let plan = Arc::new(plan);
    let mut sink = LogSink::new(Arc::clone(&plan), watch);
    for Rows { file, format, compression, paths } in &log.files {
        let projection = plan.projection(paths);
        let source: &dyn Source = *file;
        evidence::stream(source, *format, *compression, &projection, &mut sink)?;
    }
    sink.beside_torn(log.stripped.unwrap_or(0));
    sink.into_watched().ok_or_else(Diagnostics::new)
}
