//! The first step: of what was judged, is not quarantined, and has something to go back to.

use chrono::TimeDelta;

use super::context::Context;
use super::done::Done;
use super::status::words;
use crate::cli::{AttestationArgs, EngineArgs, RolloutOf};
use crate::commands::attest::{Relied, relied_on};
use crate::commands::check::{self, Question};
use crate::commands::clock::Clock;
use crate::commands::explain::dry;
use crate::commands::frozen;
use crate::commands::hashing::{Switches, hashing};
use crate::commands::ledger::PATIENCE;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, printable};
use crate::files::{self, Ledger, Named};
use crate::ledger::{
    Chain, EventRelease, Happening, RolloutState, RolloutStatus, SignalPlan, StartedData, StepData, StepPlan,
    history,
};
use crate::manifest::{self, Digest, Manifest, Reference, SignalAsked, SignalSpec, Strategy};
use crate::release::{self, ReadLock, SharedPolicy};
use crate::report::Exit;
use crate::report::pinning::VerifiedAttestation;
use crate::rollout::NextMove;
use crate::verdict::Decision;

/// Judges the release again, and takes the first step or resumes a held one.
pub(super) fn start(
    of: &RolloutOf,
    engine: &EngineArgs,
    attestation: &AttestationArgs,
    again: Option<&str>,
    sources: &mut Sources,
) -> Result<Done, Diagnostics> {
    let context = Context::of(of, sources)?;
    let refuse = |why: String| {
        let mut view = context.view(None, "refuse", &why, None);
        view.next = Some("nothing was changed".to_owned());
        Ok(Done::new(view, Exit::Fail))
    };
    let Judged { release, against, attestation } = match attestation.attestation {
        Some(_) => attested(&context, of, attestation, sources)?,
        None => judged(of, sources)?,
    };
    if let Some(why) = against {
        return refuse(why);
    }
    context.expressible()?;
    if engine.dry_run {
        let chain =
            if context.has_ledger() { Ledger::read_sound(&context.folder)? } else { Chain::default() };
        return Ok(match context.stands_against(&chain, (&release, again), engine)? {
            Some((did, why, exit)) => Done::new(context.view(None, did, &why, None), exit),
            None => {
                Done::new(context.view(None, "start", "it passed, and would be started", None), Exit::Pass)
            }
        });
    }
    if let Some(finding) = context.lacks_commands(engine) {
        return Err(finding.into());
    }
    Ledger::create(&context.folder)?;
    let mut ledger = Ledger::open(&context.folder, PATIENCE)?;
    let state = ledger.chain().state(context.name());
    match context.stands_against(ledger.chain(), (&release, again), engine)? {
        Some(("refuse", why, _)) => return refuse(why),
        Some((did, why, exit)) => return Ok(Done::new(context.view(None, did, &why, None), exit)),
        None => {}
    }
    if let Some(state) = state.filter(|state| state.candidate == release) {
        let done = match state.status {
            RolloutStatus::Running => {
                let done = caught_up(&context, &mut ledger, &state, engine)?;
                Some(done.unwrap_or_else(|| already(&context, &state)))
            }
            RolloutStatus::Held => Some(resume(&context, &mut ledger, &state, attestation.clone(), engine)?),
            RolloutStatus::RolledBack | RolloutStatus::Promoted => None,
        };
        if let Some(done) = done {
            let state = context.rollout(&ledger)?;
            return Ok(done.warns(frozen::warnings(&context.release.manifest, &state, sources)));
        }
    }
    let stable = stable(&context, ledger.chain());
    let no_way_back = stable.is_none();
    let plan = StartedData { attestation, ..plan_of(&context, stable, again) };
    context.append(&mut ledger, &release, Happening::Started(plan))?;
    let mut done = first_step(&context, &mut ledger, engine)?;
    if no_way_back {
        done.report.lines.push(
            "there is nothing to go back to: going back means that nobody gets the candidate".to_owned(),
        );
    }
    Ok(done)
}

impl Context {
    /// What speaks against a start of what passed: what is done instead, why, and how that ends; none where nothing does.
    fn stands_against(
        &self,
        chain: &Chain,
        (release, again): (&EventRelease, Option<&str>),
        engine: &EngineArgs,
    ) -> Result<Option<(&'static str, String, Exit)>, Diagnostics> {
        let refuse = |why: String| Ok(Some(("refuse", why, Exit::Fail)));
        let state = chain.state(self.name());
        if history::is_yanked(chain, self.name(), &self.version()) {
            return refuse("this version was yanked".to_owned());
        }
        if history::is_quarantined(chain, release) && again.is_none() {
            return refuse("this release was taken back: `--again --reason TEXT` tries it again".to_owned());
        }
        if let Some(why) = cooling(self, state.as_ref()) {
            return refuse(why);
        }
        if let Some(state) = &state {
            let same = state.candidate == *release;
            match state.status {
                RolloutStatus::Running | RolloutStatus::Held if !same => {
                    return refuse(format!(
                        "the rollout of {} is {} at {}%: one at a time",
                        state.candidate.version,
                        state.status.word(),
                        f64::from(state.weight) / 100.0
                    ));
                }
                RolloutStatus::Held if state.plan.strategy != self.deployment.strategy.value.word() => {
                    return refuse(format!(
                        "a rollout keeps its strategy, and this one began as `{}`: put it back, or `relgate rollback` and start anew",
                        state.plan.strategy
                    ));
                }
                RolloutStatus::Running | RolloutStatus::Held => return Ok(None),
                RolloutStatus::Promoted if same => {
                    return refuse("everybody has this release already".to_owned());
                }
                RolloutStatus::Promoted | RolloutStatus::RolledBack => {}
            }
        }
        let asked = self.deployment.approvals.as_ref().map_or(0, |approvals| approvals.start);
        let have = if asked == 0 { 0 } else { self.approvals(chain, "start")? };
        if have < asked {
            let why = format!(
                "{have} of {asked} approvals are there: `relgate rollout approve --as NAME --reason TEXT`"
            );
            return Ok(Some(("ask", why, Exit::Inconclusive)));
        }
        let stable = stable(self, chain);
        if let Some(why) = nothing_beside(self, stable.as_ref()) {
            return refuse(why);
        }
        if stable.is_some_and(|stable| stable.version == release.version) {
            return refuse(format!("{} is the stable release itself", release.version));
        }
        if let Some(share) = self.served(engine)?.filter(|share| *share != 0 && *share != 10_000) {
            let percent = f64::from(share) / 100.0;
            return refuse(format!(
                "the engine gives a candidate {percent}% already, and no rollout says so: set it to 0% by hand"
            ));
        }
        Ok(None)
    }
}

/// A release that may be started, or may not.
struct Judged {
    release: EventRelease,
    /// Why it may not; none where it may.
    against: Option<String>,
    /// The digest of the file that says so; none where it was judged here.
    attestation: Option<Digest>,
}

/// The release as `check` judges it.
fn judged(of: &RolloutOf, sources: &mut Sources) -> Result<Judged, Diagnostics> {
    let mut args = dry(of.manifest.clone());
    args.root.clone_from(&of.root);
    args.protected_ref.clone_from(&of.protected_ref);
    let finished = check::judge(&Question::of_file(&of.manifest, &args), &args, Clock::read(None)?, sources)?;
    let decision = finished.report.decision.0;
    let against = format!("`relgate check` says {}: what did not pass is never deployed", decision.word());
    Ok(Judged {
        release: named(&finished.candidate.manifest, finished.candidate.lock.clone()),
        against: (decision != Decision::Pass).then_some(against),
        attestation: None,
    })
}

/// The release as somebody else judged it, where its artifacts are as its lock says.
fn attested(
    context: &Context,
    of: &RolloutOf,
    asked: &AttestationArgs,
    sources: &mut Sources,
) -> Result<Judged, Diagnostics> {
    let declared = release::declare(&context.root, SharedPolicy::Whole, sources)?;
    let switches = Switches { no_cache: false, quiet: of.quiet };
    let held = hashing(&context.root, switches, |tree| declared.hold(tree));
    if held.findings.has_errors() {
        return Err(held.findings);
    }
    let manifest = &context.release.manifest;
    let Some(ReadLock { lock, digest, .. }) = release::read_lock(manifest, &context.root)? else {
        return Err(Diagnostic::error(Code::NoLock, "a statement is about the lock, and there is none")
            .help("`relgate lock`, then check and attest where the evidence is")
            .into());
    };
    let relied = Relied { manifest, lock: &lock, digest: &digest, now: context.now };
    let told = relied_on(asked, &relied)?;
    let refused = |told: &VerifiedAttestation| {
        let mismatch = told.mismatches.first()?;
        Some(format!(
            "the attestation is refused: {}: {}",
            printable(&mismatch.field),
            printable(&mismatch.text)
        ))
    };
    Ok(Judged {
        against: told.as_ref().and_then(refused),
        attestation: told.map(|told| told.sha256),
        release: named(manifest, Some(digest)),
    })
}

fn named(manifest: &Manifest, lock: Option<Digest>) -> EventRelease {
    EventRelease { name: manifest.name.value.clone(), version: manifest.version.value.to_string(), lock }
}

/// The release that the ledger knows of this version, from its newest judgement.
pub(super) fn judged_release(context: &Context, chain: &Chain) -> Result<EventRelease, Diagnostic> {
    let own =
        |release: &&EventRelease| release.name == context.name() && release.version == context.version();
    let known = chain.links().iter().rev().map(|link| &link.event.release).find(own).cloned();
    known.ok_or_else(|| {
        let text = format!("the ledger knows nothing of {} {}", context.name(), context.version());
        Diagnostic::error(Code::RolloutPlan, text)
            .help("`relgate check --record` writes its judgement there first")
    })
}

fn cooling(context: &Context, state: Option<&RolloutState>) -> Option<String> {
    let state = state.filter(|state| state.status == RolloutStatus::RolledBack)?;
    let cooldown = context.release.manifest.rollback.cooldown;
    let until = state.ended? + TimeDelta::seconds(i64::from(cooldown.seconds));
    (context.now < until).then(|| {
        format!(
            "a release was taken back less than {cooldown} ago (`rollback: cooldown:`): wait until {until}"
        )
    })
}

fn already(context: &Context, state: &RolloutState) -> Done {
    Done::new(context.view(Some(state), "wait", "this rollout goes on already", None), Exit::Pass)
}

/// The release that serves the rest: as declared, the live one by the ledger, else the baseline.
pub(super) fn stable(context: &Context, chain: &Chain) -> Option<EventRelease> {
    let manifest = &context.release.manifest;
    let declared = context.deployment.stable.as_ref().map(|stable| stable.value.as_str());
    let live = history::last_good(chain, Some(context.name()));
    let live = live.last().map(|link| link.event.release.clone());
    if let (None, Some(live)) = (declared, live) {
        return Some(live);
    }
    let named = Named::of(Reference::Baseline, declared, manifest, &context.root)?;
    let tree = files::find(&named).ok()?;
    let mut sources = Sources::new();
    let text = tree.text(tree.manifest()).ok()?;
    let file = sources.add("", text.text);
    let older = manifest::sketch(&sources, file).manifest?;
    Some(EventRelease {
        name: older.name.value.clone(),
        version: older.version.value.to_string(),
        lock: None,
    })
}

/// That signals compare and nothing is known to compare with, in a sentence.
pub(super) fn nothing_beside(context: &Context, stable: Option<&EventRelease>) -> Option<String> {
    let signal = comparing(context).filter(|_| stable.is_none())?;
    Some(format!(
        "no stable release is known, and `{signal}` compares with it, so that no step could ever end: name what serves the rest, \
         `deployment: stable: releases/2.3.0`"
    ))
}

/// The first signal that compares with the stable release where traffic is split between both; none where each is a level.
fn comparing(context: &Context) -> Option<String> {
    let strategy = context.deployment.strategy.value;
    let monitoring = context.release.manifest.monitoring.as_ref()?;
    if !matches!(strategy, Strategy::Canary | Strategy::Ab | Strategy::Shadow) {
        return None;
    }
    let compares = |signal: &&SignalSpec| !matches!(signal.asked, SignalAsked::Rule(_));
    let declared = monitoring.signals.iter().find(compares).map(|signal| signal.id.value.clone());
    // Where none are declared the usual ones are watched, and these all compare.
    declared.or_else(|| monitoring.signals.is_empty().then(|| monitoring.signal_ids().into_iter().next())?)
}

fn plan_of(context: &Context, stable: Option<EventRelease>, again: Option<&str>) -> StartedData {
    let deployment = &context.deployment;
    let monitoring = context.release.manifest.monitoring.as_ref();
    // What the ledger knows has a lock, or would have had one.
    let by_baseline =
        stable.as_ref().is_some_and(|stable| stable.lock.is_none()) && deployment.stable.is_none();
    let signals = monitoring.into_iter().flat_map(|monitoring| &monitoring.signals);
    let signals = signals.map(|signal| SignalPlan {
        id: signal.id.value.clone(),
        rule: match &signal.asked {
            SignalAsked::Rule(rule) => rule.text.clone(),
            SignalAsked::Drift(rule) => format!("drift of {}", rule.text),
            SignalAsked::NotWorse(name) => name.value.clone(),
        },
        category: None,
        detect: signal.detect.as_ref().map(|detect| detect.value.unit.to_base(detect.value.value)),
        cap: signal.cap.as_ref().map(|cap| cap.value),
    });
    let steps = deployment.steps.iter().map(|step| StepPlan {
        weight: u32::from(step.weight.value.per_10000),
        bake_s: u64::from(step.bake.seconds),
        cohort: step.cohort.as_ref().map(|cohort| cohort.value.clone()),
    });
    StartedData {
        plan: context.plan.clone(),
        strategy: deployment.strategy.value.word().to_owned(),
        stable,
        steps: steps.collect(),
        give_up_s: u64::from(deployment.give_up.seconds),
        signals: signals.collect(),
        resumes: false,
        again: again.map(str::to_owned),
        attestation: None,
        declared: frozen::declared(&context.release.manifest, by_baseline),
    }
}

fn first_step(context: &Context, ledger: &mut Ledger, engine: &EngineArgs) -> Result<Done, Diagnostics> {
    let state = context.rollout(ledger)?;
    let weight = state.plan.steps.first().map_or(0, |step| step.weight);
    step_to(
        context,
        ledger,
        &state,
        (0, u16::try_from(weight).unwrap_or(0)),
        "it passed, and the rollout begins",
        engine,
        None,
    )
}

/// Finishes what a run left that was ended before the engines had it: a weight that was meant, or the first one, which was not even that.
/// None where nothing is left.
pub(super) fn caught_up(
    context: &Context,
    ledger: &mut Ledger,
    state: &RolloutState,
    engine: &EngineArgs,
) -> Result<Option<Done>, Diagnostics> {
    let share = |weight: u32| u16::try_from(weight).unwrap_or(0);
    let applied = state.applied.as_ref().map(|applied| applied.weight);
    let (step, weight) = match &state.intent {
        Some(intent) => (intent.step, share(intent.weight)),
        None if state.status == RolloutStatus::Running && applied.is_none() => {
            return first_step(context, ledger, engine).map(Some);
        }
        None if state.status == RolloutStatus::RolledBack && applied != Some(state.weight) => {
            (state.step, share(state.weight))
        }
        None => return Ok(None),
    };
    let why = "an earlier run was ended before the engine had it";
    finish(context, ledger, (step, weight), why, engine).map(Some)
}

/// Means a weight, writes it, reads it back.
pub(super) fn step_to(
    context: &Context,
    ledger: &mut Ledger,
    state: &RolloutState,
    (step, weight): (u32, u16),
    why: &str,
    engine: &EngineArgs,
    overruled: Option<(&str, &str)>,
) -> Result<Done, Diagnostics> {
    let cohort = state.plan.steps.get(step as usize).and_then(|step| step.cohort.clone());
    let overruled = overruled
        .map(|(by, reason)| crate::ledger::Overruled { by: by.to_owned(), reason: reason.to_owned() });
    let data = StepData { step, weight: u32::from(weight), cohort, why: why.to_owned(), overruled };
    context.append(ledger, &state.candidate, Happening::Step(data))?;
    finish(context, ledger, (step, weight), why, engine)
}

/// Writes a weight that is meant; what could not be read back is tried again by the next run.
fn finish(
    context: &Context,
    ledger: &mut Ledger,
    (step, weight): (u32, u16),
    why: &str,
    engine: &EngineArgs,
) -> Result<Done, Diagnostics> {
    let state = context.rollout(ledger)?;
    // What was meant then, and not what is good by now.
    let to = state.went_back_to.clone().filter(|_| state.status == RolloutStatus::RolledBack);
    let served = context.apply(ledger, &state, (step, weight, to.as_ref()), engine)?;
    let state = context.rollout(ledger)?;
    if let Some(hotfix) = served {
        let (did, _, _) = words(&NextMove::Advance(step, weight, String::new()));
        let did = if step == 0 { "start" } else { did };
        let mut report = context.view(Some(&state), did, why, None);
        hotfix.tell(&mut report);
        return Ok(Done::new(report, Exit::Pass).warns(hotfix.trouble));
    }
    Err(Diagnostic::error(Code::EngineDiffers, "the engine does not serve what was written")
        .note(format!("{}% was meant", f64::from(weight) / 100.0))
        .help("find out why; the next run of `relgate rollout next` writes it again")
        .into())
}

fn resume(
    context: &Context,
    ledger: &mut Ledger,
    state: &RolloutState,
    attestation: Option<Digest>,
    engine: &EngineArgs,
) -> Result<Done, Diagnostics> {
    let declared = frozen::resumed(&state.plan, &context.release.manifest);
    let plan = StartedData {
        resumes: true,
        plan: context.plan.clone(),
        attestation,
        declared,
        ..state.plan.clone()
    };
    context.append(ledger, &state.candidate, Happening::Started(plan))?;
    let weight = u16::try_from(state.weight).unwrap_or(0);
    step_to(context, ledger, state, (state.step, weight), "a person resumed it", engine, None)
}
