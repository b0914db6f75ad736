//! `relgate rollout next`: looks, then waits, advances, holds or goes back.

use chrono::TimeDelta;

use super::back::Way;
use super::context::Context;
use super::done::Done;
use super::start::{caught_up, step_to};
use super::status::words;
use crate::cli::{EngineArgs, RolloutOf};
use crate::commands::ledger::PATIENCE;
use crate::commands::monitor::{Looked, Subject};
use crate::diagnostic::{Diagnostics, Sources, printable};
use crate::files::Ledger;
use crate::ledger::{
    Happening, HeldData, PromotedData, PromotedReference, RollbackCause, RolloutState, RolloutStatus,
    SignalCounts, SignalData, history,
};
use crate::manifest::ActionSpec;
use crate::monitor::{ArmReading, SignalOutcome, SignalReading};
use crate::report::Exit;
use crate::rollout::{NextMove, PlannedAction, action, throttled};

/// One step, if it is time for one.
pub(super) fn next(
    of: &RolloutOf,
    engine: &EngineArgs,
    overruled: Option<(&str, &str)>,
    sources: &mut Sources,
) -> Result<Done, Diagnostics> {
    let context = Context::of(of, sources)?;
    let mut ledger = Ledger::open(&context.folder, PATIENCE)?;
    // An intent is finished before anything else, whatever the log or the manifest say, also where that is of another version.
    let state = context.rollout(&ledger)?;
    if !engine.dry_run
        && let Some(done) = caught_up(&context, &mut ledger, &state, engine)?
    {
        return Ok(done);
    }
    if let Some(finding) = context.of_another(&state) {
        return Err(finding.into());
    }
    let changed = context.changed(&state, sources);
    if changed.has_errors() {
        return Err(changed);
    }
    if let Some(finding) = context.lacks_commands(engine).filter(|_| !engine.dry_run) {
        return Err(finding.into());
    }
    let looked = match context.look(of, Subject::Live, sources) {
        Ok(looked) => looked,
        Err(findings) => return context.unwatched(&state, findings),
    };
    let step = context.step(ledger.chain(), &state, &looked, context.served(engine)?, overruled.is_some())?;
    if engine.dry_run {
        let (did, why, exit) = words(&step);
        let why = context.of_live(&state, &looked, &why);
        return Ok(Done::new(context.view(Some(&state), did, &why, Some(&looked)), exit).warns(changed));
    }
    remember(&context, &mut ledger, &state, &looked)?;
    let mut done = make(&context, &mut ledger, (&state, &looked, &step), engine, overruled)?;
    done.report.lines.extend(context.not_begun(&state));
    done.report.seen = Some(looked.report);
    done.warnings.extend(changed);
    Ok(done)
}

fn make(
    context: &Context,
    ledger: &mut Ledger,
    (state, looked, step): (&RolloutState, &Looked, &NextMove),
    engine: &EngineArgs,
    overruled: Option<(&str, &str)>,
) -> Result<Done, Diagnostics> {
    let (did, why, exit) = words(step);
    match step {
        NextMove::Act(_) => return act(context, ledger, (state, looked), engine),
        NextMove::Advance(step, weight, why) => {
            return step_to(context, ledger, state, (*step, *weight), why, engine, overruled);
        }
        NextMove::Hold(code, reason) => {
            let data = HeldData { code: (*code).to_owned(), reason: reason.clone(), by: None };
            context.append(ledger, &state.candidate, Happening::Held(data))?;
        }
        NextMove::Promote => {
            context.append(ledger, &state.candidate, Happening::Promoted(promoted(state, looked)))?;
        }
        NextMove::Conclude(reason) => {
            let data = HeldData { code: "concluded".to_owned(), reason: reason.clone(), by: None };
            context.append(ledger, &state.candidate, Happening::Held(data))?;
        }
        NextMove::Apply(..)
        | NextMove::Stay(..)
        | NextMove::Tell(_)
        | NextMove::Wait(..)
        | NextMove::Ask(_)
        | NextMove::Done(_) => {}
    }
    let state = context.rollout(ledger)?;
    Ok(Done::new(context.view(Some(&state), did, &context.of_live(&state, looked, &why), None), exit))
}

/// What is known of the candidate, for the time when it is alone.
fn promoted(state: &RolloutState, looked: &Looked) -> PromotedData {
    let frozen = looked.watch.freeze();
    let mut references: std::collections::BTreeMap<String, PromotedReference> =
        std::collections::BTreeMap::new();
    for (id, limit) in frozen.limits {
        references.entry(id).or_default().upper = Some(limit);
    }
    for (id, cap) in frozen.caps {
        references.entry(id).or_default().cap = Some(cap);
    }
    for (id, edges) in frozen.edges {
        references.entry(id).or_default().edges = edges;
    }
    PromotedData { from: state.plan.stable.clone(), requests: frozen.requests, references }
}

/// The failing signal whose action takes most of the candidate's share away at once, the first of several, and that action.
fn pressing<'l>(state: &RolloutState, looked: &'l Looked) -> Option<(&'l SignalReading, PlannedAction)> {
    let share = state.weight.min(10_000) as u16;
    let at_full = state.status == RolloutStatus::Promoted || state.weight == 10_000;
    let planned = |signal: &'l SignalReading| {
        let own = looked.signals.iter().find(|own| own.id == signal.id).and_then(|own| own.action.as_ref());
        (signal, action(&looked.rollback, own, signal.category, at_full))
    };
    let failing = looked.readings.signals.iter().filter(|signal| signal.outcome == SignalOutcome::Fail);
    failing.map(planned).min_by_key(|(_, planned)| match &planned.action {
        ActionSpec::Throttle(weight) if planned.automatic => weight.per_10000.min(share),
        ActionSpec::Hold | ActionSpec::Throttle(_) => share,
        _ if planned.automatic => 0,
        _ => share,
    })
}

/// Does what the failing signals ask for.
fn act(
    context: &Context,
    ledger: &mut Ledger,
    (state, looked): (&RolloutState, &Looked),
    engine: &EngineArgs,
) -> Result<Done, Diagnostics> {
    let share = state.weight.min(10_000) as u16;
    let Some((signal, planned)) = pressing(state, looked) else { return Err(Diagnostics::new()) };
    let id = signal.id.as_str();
    let why = format!("`{id}` fails: {}", signal.reason);
    let view = |did: &str, state: &RolloutState, why: &str| context.view(Some(state), did, why, None);
    if !planned.automatic && planned.action != ActionSpec::Hold {
        let mut report = view("command", state, &why);
        report.next = Some(format!("{}: `{}`", planned.words(), command(&planned.action, id)));
        return Ok(Done::new(report, Exit::Fail));
    }
    if let Some(too_often) = too_often(context, ledger) {
        return hold(context, ledger, state, ("most", too_often));
    }
    let PlannedAction { action, .. } = planned;
    let way = |weight: u16, action: &'static str| Way {
        weight: weight.min(share),
        action,
        to: context.good(ledger, state),
        cause: RollbackCause {
            signal: Some(id.to_owned()),
            category: Some(signal.category.word().to_owned()),
            text: why.clone(),
        },
        by: None,
        hotfix: None,
    };
    let way = match &action {
        ActionSpec::Hold => return hold(context, ledger, state, ("signal", why)),
        ActionSpec::RollBack => way(0, "roll-back"),
        ActionSpec::Throttle(weight) => way(weight.per_10000, "throttle"),
        ActionSpec::Restore(kinds) => {
            let cause = format!("`{}` failed", printable(id));
            context.restoring(ledger.chain(), &state.candidate, way(0, "restore"), (kinds, &cause))
        }
        ActionSpec::Switch(version) => {
            let known = history::releases(ledger.chain()).into_iter().find(|release| {
                release.name == context.name() && release.version == *version && was_judged(ledger, release)
            });
            let Some(known) = known.cloned() else {
                return hold(
                    context,
                    ledger,
                    state,
                    ("switch", format!("{why}; {version} was never judged, so nothing switches to it")),
                );
            };
            Way { to: Some(known), ..way(0, "switch") }
        }
    };
    if state.status == RolloutStatus::RolledBack && way.weight >= share {
        // It leaves the candidate what it has already: nothing is done twice.
        let stay = NextMove::Stay("throttled", throttled(state));
        let (did, why, exit) = words(&stay);
        return Ok(Done::new(view(did, state, &why), exit));
    }
    let served = context.go_back(ledger, state, &way, engine)?;
    let after = context.rollout(ledger)?;
    let mut report = view("roll-back", &after, &why);
    report.lines.extend(way.needs_none(&state.candidate));
    let Some(hotfix) = served else {
        report.lines.push("an engine does not serve it yet: the next run writes it again".to_owned());
        return Ok(Done::new(report, Exit::Fail));
    };
    hotfix.tell(&mut report);
    Ok(Done::new(report, Exit::Fail).warns(hotfix.trouble))
}

/// What a person types to do it.
fn command(action: &ActionSpec, signal: &str) -> String {
    let restore = match action {
        ActionSpec::Restore(kinds) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
            format!(" --restore {}", kinds.join(","))
        }
        _ => String::new(),
    };
    format!("relgate rollback --as NAME --reason '{signal}'{restore}")
}

fn was_judged(ledger: &Ledger, release: &crate::ledger::EventRelease) -> bool {
    ledger.chain().links().iter().any(|link| {
        link.event.release == *release
            && matches!(&link.event.happening, Happening::Checked(data) if data.decision == "pass")
    })
}

fn hold(
    context: &Context,
    ledger: &mut Ledger,
    state: &RolloutState,
    (code, reason): (&str, String),
) -> Result<Done, Diagnostics> {
    if state.status == RolloutStatus::RolledBack {
        // Held would be less than taken back.
        return Ok(Done::new(context.view(Some(state), "stay", &reason, None), Exit::Inconclusive));
    }
    let data = HeldData { code: code.to_owned(), reason: reason.clone(), by: None };
    context.append(ledger, &state.candidate, Happening::Held(data))?;
    let state = context.rollout(ledger)?;
    Ok(Done::new(context.view(Some(&state), "hold", &reason, None), Exit::Inconclusive))
}

/// More ways back than `most` allows.
fn too_often(context: &Context, ledger: &Ledger) -> Option<String> {
    let most = context.release.manifest.rollback.most;
    let since = context.now - TimeDelta::seconds(i64::from(most.per.seconds));
    let back = ledger.chain().links().iter().filter(|link| {
        link.event.release.name == context.name()
            && link.event.time > since
            && matches!(&link.event.happening, Happening::RolledBack(data) if data.by.is_none())
    });
    (back.count() as u64 >= u64::from(most.count))
        .then(|| format!("releases were taken back {most} already (`rollback: most:`): a person has to look"))
}

/// Writes down outcomes that changed.
fn remember(
    context: &Context,
    ledger: &mut Ledger,
    state: &RolloutState,
    looked: &Looked,
) -> Result<(), Diagnostics> {
    let of = looked.of.as_ref().unwrap_or(&state.candidate);
    for signal in &looked.readings.signals {
        let last = ledger.chain().links().iter().rev().find_map(|link| match &link.event.happening {
            Happening::Signal(data) if link.event.release == *of && data.id == signal.id => {
                Some(data.outcome.clone())
            }
            _ => None,
        });
        let outcome = signal.outcome.word();
        // The split is as it is meant until it is not.
        let before = if signal.method == "split" { "pass" } else { "inconclusive" };
        if last.as_deref().unwrap_or(before) == outcome {
            continue;
        }
        let data = told(signal);
        context.append(ledger, of, Happening::Signal(data))?;
    }
    Ok(())
}

fn told(signal: &SignalReading) -> SignalData {
    let counts = |arm: &ArmReading| SignalCounts {
        n: arm.n,
        events: arm.events,
        units: Some(arm.units),
        missing: arm.missing,
    };
    SignalData {
        id: signal.id.clone(),
        outcome: signal.outcome.word().to_owned(),
        reason: signal.reason.clone(),
        candidate: counts(&signal.candidate),
        stable: (signal.stable.n > 0).then(|| counts(&signal.stable)),
    }
}
