//! Where a rollout stands, and what `next` would do.

use chrono::SecondsFormat;

use super::context::Context;
use super::done::Done;
use crate::cli::{EngineArgs, RolloutOf};
use crate::commands::frozen;
use crate::commands::monitor::{Look, Looked, Subject, look};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::files::Ledger;
use crate::ledger::{Chain, RolloutState, RolloutStatus};
use crate::manifest::{Strategy, TrafficWeight, fold};
use crate::report::Exit;
use crate::report::rollout::RolloutReport;
use crate::rollout::{NextMove, RolloutStanding, StepApproval, decide};

/// Says it; does nothing.
pub(super) fn told(of: &RolloutOf, sources: &mut Sources) -> Result<Done, Diagnostics> {
    let context = Context::of(of, sources)?;
    if !context.has_ledger() {
        return Ok(Done::new(context.view(None, "none", "no rollout was started", None), Exit::Pass));
    }
    let chain = Ledger::read_sound(&context.folder)?;
    let Some(state) = chain.state(context.name()) else {
        return Ok(Done::new(context.view(None, "none", "no rollout was started", None), Exit::Pass));
    };
    if let Some(finding) = context.of_another(&state) {
        return Err(finding.into());
    }
    let changed = context.changed(&state, sources);
    if changed.has_errors() {
        return Err(changed);
    }
    let engine = EngineArgs { run: Vec::new(), read_back: None, dry_run: true };
    let looked = match context.look(of, Subject::Live, sources) {
        Ok(looked) => looked,
        Err(findings) => return context.unwatched(&state, findings),
    };
    // What only a command can read back is taken as it was written: nobody typed one.
    let written = state.applied.as_ref().and_then(|applied| u16::try_from(applied.weight).ok());
    let served = context.served(&engine)?.or(written.filter(|_| context.is_by_command()));
    let step = context.step(&chain, &state, &looked, served, false)?;
    let (did, why, exit) = words(&step);
    let mut report = context.view(Some(&state), did, &context.of_live(&state, &looked, &why), Some(&looked));
    report.did = format!("would {did}");
    report.lines.extend(context.not_begun(&state));
    Ok(Done { report, exit, warnings: looked.warnings })
}

/// What a move is called, why, and how a command that made it ends.
pub(super) fn words(next: &NextMove) -> (&'static str, String, Exit) {
    match next {
        NextMove::Apply(..) => ("apply", "a weight that was meant is written again".to_owned(), Exit::Pass),
        NextMove::Act(signal) => ("act", format!("`{signal}` fails"), Exit::Fail),
        NextMove::Tell(signal) => (
            "tell",
            format!("`{signal}` fails, and nothing goes back further by itself: a person decides"),
            Exit::Fail,
        ),
        NextMove::Hold(_, why) => ("hold", why.clone(), Exit::Inconclusive),
        NextMove::Stay("blind", why) => ("stay", why.clone(), Exit::Error),
        NextMove::Stay(_, why) => ("stay", why.clone(), Exit::Inconclusive),
        NextMove::Wait(why, _) => ("wait", why.clone(), Exit::Pass),
        NextMove::Ask(why) => ("ask", why.clone(), Exit::Inconclusive),
        NextMove::Advance(_, share, why) => {
            let share = TrafficWeight { per_10000: *share };
            ("advance", format!("{why}: to {share}"), Exit::Pass)
        }
        NextMove::Promote => ("promote", "the last step has seen enough".to_owned(), Exit::Pass),
        NextMove::Conclude(why) => ("conclude", why.clone(), Exit::Pass),
        NextMove::Done(why) => ("rest", (*why).to_owned(), Exit::Pass),
    }
}

impl Context {
    /// Looks at production.
    pub(super) fn look(
        &self,
        of: &RolloutOf,
        subject: Subject,
        sources: &mut Sources,
    ) -> Result<Looked, Diagnostics> {
        let asked = Look {
            root: &self.root,
            subject,
            log: &of.log,
            now: self.now,
            weight: None,
            stable: None,
            ledger: Some(&self.folder),
            cases: false,
            no_cache: of.no_cache,
        };
        look(&asked, sources)
    }

    /// Where it stands, where nobody watches what everybody has: that is told, and ends as an error.
    ///
    /// # Errors
    /// The findings, where they are of something else.
    pub(super) fn unwatched(&self, state: &RolloutState, findings: Diagnostics) -> Result<Done, Diagnostics> {
        let Some(finding) = findings.iter().find(|finding| finding.code == Code::NobodyWatches) else {
            return Err(findings);
        };
        let mut report = self.view(Some(state), "unwatched", &finding.title, None);
        report.lines.clone_from(&finding.notes);
        report.next = Some(finding.help.join("; "));
        Ok(Done::new(report, Exit::Error))
    }

    /// The next step.
    pub(super) fn step(
        &self,
        chain: &Chain,
        state: &RolloutState,
        looked: &Looked,
        served: Option<u16>,
        anyway: bool,
    ) -> Result<NextMove, Diagnostic> {
        let strategy = self.deployment.strategy.value;
        let goal = self.deployment.goal.as_ref().map(|goal| fold(&goal.value).replace('_', "-"));
        let under_way = matches!(state.status, RolloutStatus::Running | RolloutStatus::Held);
        if let (Some(goal), Some(declared)) = (&goal, &self.deployment.goal)
            && under_way
            && !looked.readings.signals.iter().any(|signal| signal.id == *goal)
        {
            let ids = looked.readings.signals.iter().map(|signal| signal.id.as_str());
            return Err(Diagnostic::error(Code::RolloutPlan, "no signal is the goal")
                .at(declared.span, "not among `monitoring: signals:`")
                .suggest(goal, ids)
                .help("name it there too, as a bare name"));
        }
        Ok(decide(&RolloutStanding {
            state,
            readings: &looked.readings,
            served,
            now: self.now.timestamp() as f64,
            promotes: matches!(strategy, Strategy::Canary | Strategy::BlueGreen | Strategy::Flag),
            goal: goal.as_deref(),
            approval: self.approval(chain, state),
            anyway,
        }))
    }

    /// Why, of what everybody has, where that is another release than the rollout was of.
    pub(super) fn of_live(&self, state: &RolloutState, looked: &Looked, why: &str) -> String {
        match &looked.of {
            Some(of) if *of != state.candidate => format!(
                "{} {} was taken back, and everybody has {} again: {why}",
                self.name(),
                state.candidate.version,
                of.version
            ),
            _ => why.to_owned(),
        }
    }

    /// That the manifest is of a version that was never rolled out, in a sentence.
    pub(super) fn not_begun(&self, state: &RolloutState) -> Option<String> {
        (state.candidate.version != self.version()).then(|| {
            format!("the manifest is of {}: `relgate rollout start` begins its rollout", self.version())
        })
    }

    /// What the manifest says otherwise than when the rollout under way began: errors where it goes on by nothing that was said then,
    /// else warnings.
    pub(super) fn changed(&self, state: &RolloutState, sources: &Sources) -> Diagnostics {
        let manifest = &self.release.manifest;
        if state.candidate.version != self.version() {
            return Diagnostics::new();
        }
        if state.plan.plan == self.plan || state.status != RolloutStatus::Running {
            return frozen::warnings(manifest, state, sources);
        }
        let text = "`deployment`, `monitoring` or `rollback` changed since the rollout began";
        let finding = Diagnostic::error(Code::RolloutPlan, text).in_file(sources.name(manifest.file));
        let changed = frozen::changed(manifest, &state.plan);
        let finding = changed.iter().fold(finding, |finding, key| finding.note(key.words()));
        let only_spelling = changed.is_empty() && !state.plan.declared.is_empty();
        finding
            .note(if only_spelling {
                "no value changed: a comment, or how one is written"
            } else {
                "criteria that are changed while results come in show nothing"
            })
            .help("put them back; or `relgate rollout hold`, then `relgate rollout start`, which resumes by the new criteria, with the steps and the stable release that it began with, and says so for ever")
            .into()
    }

    /// What is missing before the step to come.
    fn approval(&self, chain: &Chain, state: &RolloutState) -> StepApproval {
        let next = state.plan.steps.get(state.step as usize + 1);
        let asked = self.deployment.approvals.as_ref().map_or(0, |approvals| approvals.full);
        if asked == 0 || next.is_none_or(|step| step.weight != 10_000) {
            return StepApproval::Given;
        }
        // Where nobody can tell who may sign none counts, and going back is not kept from happening.
        let have = self.approvals(chain, "full").unwrap_or_default();
        if have >= asked { StepApproval::Given } else { StepApproval::Missing(have, asked) }
    }

    /// The view of a state.
    pub(super) fn view(
        &self,
        state: Option<&RolloutState>,
        did: &str,
        why: &str,
        looked: Option<&Looked>,
    ) -> RolloutReport {
        let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        RolloutReport {
            schema: RolloutReport::SCHEMA,
            name: self.name().to_owned(),
            release: state.map_or_else(|| self.version(), |state| state.candidate.version.clone()),
            stable: state.and_then(|state| state.plan.stable.as_ref()).map(|stable| stable.version.clone()),
            strategy: self.deployment.strategy.value.word().to_owned(),
            step: state.map(|state| state.step),
            weight: state.map_or(0.0, |state| f64::from(state.weight) / 10_000.0),
            since: state.map(|state| time(state.since)),
            status: state.map_or("not started", |state| state.status.word()).to_owned(),
            did: did.to_owned(),
            why: why.to_owned(),
            next: self.advice(did),
            lines: Vec::new(),
            hotfix: self.waiting_hotfix(state),
            seen: looked.map(|looked| looked.report.clone()),
        }
    }

    /// What a person does.
    fn advice(&self, did: &str) -> Option<String> {
        let _ = self;
        let text = match did {
            "none" => "`relgate rollout plan` says what its steps can see, `relgate rollout start` begins",
            "hold" | "stay" => {
                "`relgate rollout start` resumes, `relgate rollout next --anyway --as NAME --reason TEXT` overrules what only waits, `relgate rollback` goes back"
            }
            "ask" => "`relgate rollout approve --as NAME --reason TEXT`",
            "wait" | "advance" | "apply" | "start" => {
                "run `relgate rollout next` again and again: a line in cron"
            }
            "promote" => "keep `relgate rollout next` in cron: it watches the release alone from now on",
            "tell" => {
                "`relgate rollout start` rolls out a release that passes; what was good before is brought back by whoever deploys it"
            }
            "roll-back" => "find the cause: `relgate monitor --cases FILE` writes the ids of failing records",
            _ => return None,
        };
        Some(text.to_owned())
    }
}
