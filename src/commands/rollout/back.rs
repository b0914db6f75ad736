//! Going back: the candidate's share goes down, whatever else is under way.

use std::io;

use super::context::Context;
use super::done::{Done, tell};
use super::engines::Meant;
use super::hotfix::HotfixTold;
use crate::cli::{EngineArgs, RollbackArgs, RolloutFormat};
use crate::commands::console::Console;
use crate::commands::ledger::PATIENCE;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::files::{Ledger, engine_text};
use crate::ledger::{
    AppliedData, EventRelease, Happening, HotfixData, RollbackCause, RolledBackData, RolloutState,
    RolloutStatus, history,
};
use crate::report::Exit;

/// Goes back now.
pub(in crate::commands) fn run(args: &RollbackArgs, console: &mut Console<'_>) -> io::Result<Exit> {
    let mut sources = Sources::new();
    let done = back(args, &mut sources);
    tell(done, &sources, (RolloutFormat::Terminal, args.of.quiet), console)
}

fn back(args: &RollbackArgs, sources: &mut Sources) -> Result<Done, Diagnostics> {
    let context = Context::of(&args.of, sources)?;
    if let Some(alert) = &args.alert
        && !is_firing(alert)?
    {
        let view = context.view(None, "rest", "the alert is not firing", None);
        return Ok(Done::new(view, Exit::Pass));
    }
    let mut ledger = Ledger::open(&context.folder, PATIENCE)?;
    let state = context.rollout(&ledger)?;
    let kinds = &args.restore;
    let way = Way {
        weight: 0,
        action: if kinds.is_empty() { "roll-back" } else { "restore" },
        to: context.good(&ledger, &state),
        cause: RollbackCause { signal: None, category: None, text: args.person.reason.clone() },
        by: Some(args.person.by.clone()),
        hotfix: None,
    };
    let way = if kinds.is_empty() {
        way
    } else {
        let cause = format!("{} went back ({})", printable(&args.person.by), printable(&args.person.reason));
        context.restoring(ledger.chain(), &state.candidate, way, (kinds, &cause))
    };
    if args.engine.dry_run {
        let why =
            format!("would go back to {}", way.to.as_ref().map_or("weight 0", |to| to.version.as_str()));
        return Ok(Done::new(context.view(Some(&state), "roll-back", &why, None), Exit::Pass));
    }
    let served = context.go_back(&mut ledger, &state, &way, &args.engine)?;
    let state = context.rollout(&ledger)?;
    let why = format!("{}: {}", args.person.by, args.person.reason);
    let exit = if served.is_some() { Exit::Pass } else { Exit::Fail };
    let mut report = context.view(Some(&state), "roll-back", &why, None);
    report.lines.extend(way.needs_none(&state.candidate));
    let hotfix = served.unwrap_or_default();
    hotfix.tell(&mut report);
    Ok(Done::new(report, exit).warns(hotfix.trouble))
}

/// Whether Alertmanager's JSON says that something fires.
fn is_firing(path: &std::path::Path) -> Result<bool, Diagnostic> {
    let wrong = |text: String| {
        Diagnostic::error(Code::EngineFailed, text)
            .in_file(path.display().to_string())
            .help("give the body that Alertmanager posts to a webhook: it has `status`")
    };
    let text = engine_text(path)?.ok_or_else(|| wrong("there is no such alert".to_owned()))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| wrong(format!("the alert is not JSON: {error}")))?;
    match value.get("status").and_then(serde_json::Value::as_str) {
        Some("firing") => Ok(true),
        Some("resolved") => Ok(false),
        _ => Err(wrong("the alert has no `status` of `firing` or `resolved`".to_owned())),
    }
}

/// A way back.
pub(super) struct Way {
    /// The candidate's share after it, of 10,000.
    pub(super) weight: u16,
    pub(super) action: &'static str,
    /// What serves everybody else.
    pub(super) to: Option<EventRelease>,
    pub(super) cause: RollbackCause,
    pub(super) by: Option<String>,
    /// What is meant to follow.
    pub(super) hotfix: Option<HotfixData>,
}

impl Context {
    /// What there is to go back to.
    pub(super) fn good(&self, ledger: &Ledger, state: &RolloutState) -> Option<EventRelease> {
        let stated = self.release.manifest.rollback.to.as_ref();
        let chain = ledger.chain();
        if let Some(version) = stated {
            return history::releases(chain)
                .into_iter()
                .find(|release| release.name == self.name() && release.version == version.value)
                .cloned();
        }
        let last = history::last_good(chain, Some(self.name()));
        let last = last.into_iter().map(|link| link.event.release.clone());
        state.plan.stable.clone().or_else(|| last.into_iter().find(|release| *release != state.candidate))
    }

    /// Says it, writes it, reads it back; what became of the hotfix that is meant to follow, none where the engines do not serve it.
    pub(super) fn go_back(
        &self,
        ledger: &mut Ledger,
        state: &RolloutState,
        way: &Way,
        engine: &EngineArgs,
    ) -> Result<Option<HotfixTold>, Diagnostics> {
        let data = RolledBackData {
            from: state.weight,
            weight: u32::from(way.weight),
            to: way.to.clone(),
            action: way.action.to_owned(),
            cause: way.cause.clone(),
            by: way.by.clone(),
            hotfix: way.hotfix.clone(),
        };
        // Who types it again, after a run that was killed, says nothing new.
        let last = ledger.chain().links().iter().rev().find_map(|link| match &link.event.happening {
            Happening::RolledBack(last) if link.event.release == state.candidate => Some(last),
            _ => None,
        });
        let is_said = state.status == RolloutStatus::RolledBack
            && last.is_some_and(|last| RolledBackData { from: last.from, ..data.clone() } == *last);
        if !is_said {
            self.append(ledger, &state.candidate, Happening::RolledBack(data))?;
        }
        self.apply(ledger, state, (state.step, way.weight, way.to.as_ref()), engine)
    }

    /// Writes a weight, reads it back, and writes down that it is served; none where it is not.
    pub(super) fn apply(
        &self,
        ledger: &mut Ledger,
        state: &RolloutState,
        (step, weight, to): (u32, u16, Option<&EventRelease>),
        engine: &EngineArgs,
    ) -> Result<Option<HotfixTold>, Diagnostics> {
        if let Some(finding) = self.lacks_commands(engine) {
            return Err(finding.into());
        }
        let stable = to.or(state.plan.stable.as_ref()).map(|stable| stable.version.as_str());
        let cohort = state.plan.steps.get(step as usize).and_then(|step| step.cohort.as_deref());
        let meant = Meant { candidate: &state.candidate.version, stable, per_10000: weight, cohort };
        let targets = self.tell(&meant, engine)?;
        let served = self.served(engine)?;
        if served != Some(weight) {
            return Ok(None);
        }
        // Everybody has what is good. Before that is written down, so that a run which is killed here begins again with it.
        let back = self.rollout(ledger)?;
        let hotfix = match back.status {
            RolloutStatus::RolledBack => self.write_hotfix(ledger.chain(), &back),
            _ => HotfixTold::default(),
        };
        let data = AppliedData { step, weight: u32::from(weight), targets, read_back: true };
        self.append(ledger, &state.candidate, Happening::Applied(data))?;
        Ok(Some(hotfix))
    }
}
