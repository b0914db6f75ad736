//! Going back: the candidate's share goes down, whatever else is under way.

use std::io;

use super::context::Context;
use super::done::{Done, tell};
use super::engines::Meant;
use crate::cli::{EngineArgs, RollbackArgs, RolloutFormat};
use crate::commands::console::Console;
use crate::commands::ledger::PATIENCE;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::files::{Ledger, engine_text};
use crate::ledger::{
    AppliedData, EventRelease, Happening, RollbackCause, RolledBackData, RolloutState, history,
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
    let way = Way {
        weight: 0,
        action: "roll-back",
        to: context.good(&ledger, &state),
        cause: RollbackCause { signal: None, category: None, text: args.person.reason.clone() },
        by: Some(args.person.by.clone()),
    };
    if args.engine.dry_run {
        let why =
            format!("would go back to {}", way.to.as_ref().map_or("weight 0", |to| to.version.as_str()));
        return Ok(Done::new(context.view(Some(&state), "roll-back", &why, None), Exit::Pass));
    }
    let read_back = context.go_back(&mut ledger, &state, &way, &args.engine)?;
    let state = context.rollout(&ledger)?;
    let why = format!("{}: {}", args.person.by, args.person.reason);
    let exit = if read_back { Exit::Pass } else { Exit::Fail };
    Ok(Done::new(context.view(Some(&state), "roll-back", &why, None), exit))
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

    /// Says it, writes it, reads it back; whether the engines serve it.
    pub(super) fn go_back(
        &self,
        ledger: &mut Ledger,
        state: &RolloutState,
        way: &Way,
        engine: &EngineArgs,
    ) -> Result<bool, Diagnostics> {
        let data = RolledBackData {
            from: state.weight,
            weight: u32::from(way.weight),
            to: way.to.clone(),
            action: way.action.to_owned(),
            cause: way.cause.clone(),
            by: way.by.clone(),
        };
        self.append(ledger, &state.candidate, Happening::RolledBack(data))?;
        self.apply(ledger, state, (state.step, way.weight, way.to.as_ref()), engine)
    }

    /// Writes a weight, reads it back, and writes down that it is served.
    pub(super) fn apply(
        &self,
        ledger: &mut Ledger,
        state: &RolloutState,
        (step, weight, to): (u32, u16, Option<&EventRelease>),
        engine: &EngineArgs,
    ) -> Result<bool, Diagnostics> {
        if let Some(finding) = self.lacks_commands(engine) {
            return Err(finding.into());
        }
        let stable = to.or(state.plan.stable.as_ref()).map(|stable| stable.version.as_str());
        let cohort = state.plan.steps.get(step as usize).and_then(|step| step.cohort.as_deref());
        let meant = Meant { candidate: &state.candidate.version, stable, per_10000: weight, cohort };
        let targets = self.tell(&meant, engine)?;
        let served = self.served(engine)?;
        if served != Some(weight) {
            return Ok(false);
        }
        let data = AppliedData { step, weight: u32::from(weight), targets, read_back: true };
        self.append(ledger, &state.candidate, Happening::Applied(data))?;
        Ok(true)
    }
}
